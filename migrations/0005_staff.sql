-- What an operator would have an administrator change in a record: the NIP, the unit, the standing.
create table proposal (
    id bigint generated always as identity primary key,
    person_id bigint not null references person,
    nip text not null check (nip ~ '^[0-9]{18}$'),
    -- The earlier NIP was never the person's.
    nip_was_wrong boolean not null,
    unit_id bigint not null references unit,
    standing standing not null,
    standing_since date,
    proposed_at timestamptz not null,
    proposed_by bigint not null references person,
    decided_at timestamptz,
    decided_by bigint references person,
    accepted boolean,
    check ((decided_at is null) = (accepted is null)),
    -- Nobody decides what they propose, unless they take it back.
    check (not accepted or decided_by <> proposed_by)
);
create unique index proposal_stands_alone on proposal (person_id) where decided_at is null;
create index on proposal (person_id);

-- What taking back a staff list needs to know.

-- People of whom more is known than their record. Whoever acts at all was
-- invited first.
create view person_in_use as
    select person_id from activation
    union select person_id from password
    union select person_id from role_grant
    union select person_id from person_change
    union select person_id from class_speaker where person_id is not null
    union select person_id from enrolment
    union select person_id from import_row where person_id is not null
    union select person_id from evidence
    union select person_id from decision
    union select person_id from ledger_head
    union select person_id from certificate
    union select person_id from proposal;

-- What a list changed, and whether it still stands and can be taken back: where `within` names the
-- units that somebody administers, of their people alone who hold no role beyond.
create function staff_import_change(import bigint, within bigint[])
    returns table (
        person_id bigint, field person_field, before text, after text, before_unit bigint,
        -- Who had set the address that stood before.
        before_by bigint, stands boolean)
    language sql stable
begin atomic
    select c.person_id, c.field, c.before, c.after, c.before_unit,
        case when c.field = 'email' then case when w.id is null then p.added_by else w.by end end,
        c.after is not distinct from case c.field
            when 'name' then p.name
            when 'email' then p.email
            when 'position' then p.position
            when 'rank' then p.rank
            when 'phone' then p.phone
            when 'position_kind' then p.position_kind::text
            when 'standing' then p.standing::text
            when 'standing_since' then p.standing_since::text
            when 'unit' then u.name
        end
        and b.valid_until is null
        -- Somebody else has that address by now.
        and not (c.field = 'email' and exists (
            select from person o where o.id <> c.person_id and lower(o.email) = lower(c.before)))
        and (within is null
            or p.unit_id = any(within) and coalesce(b.id, p.unit_id) = any(within)
            and not exists (
                select from role_grant g
                where g.person_id = p.id and g.revoked_at is null and g.unit_id <> all(within)))
    from person_change c
    join person p on p.id = c.person_id
    join unit u on u.id = p.unit_id
    left join unit b on b.id = c.before_unit
    left join lateral (
        select e.id, e.by from person_change e
        where e.person_id = c.person_id and e.field = 'email' and e.id < c.id
        order by e.id desc limit 1) w on c.field = 'email'
    where c.staff_import_id = import;
end;

-- The classes in which both records have a place or hours: as one, they would have them twice.
create function shared_class(one bigint, other bigint) returns table (title text)
    language sql stable
begin atomic
    with held as (
        select person_id, class_id from enrolment where state <> 'withdrawn'
        union
        select person_id, class_id from ledger_entry where class_id is not null
            group by person_id, class_id having sum(jp) > 0)
    select c.title from held a join held b on b.class_id = a.class_id join class c on c.id = a.class_id
    where a.person_id = one and b.person_id = other order by c.starts;
end;
