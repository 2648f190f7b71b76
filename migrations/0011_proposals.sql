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

do $$ begin
    execute 'create or replace view person_in_use as ' || rtrim(pg_get_viewdef('person_in_use'), ';')
        || ' union select person_id from proposal';
end $$;

call audit('proposal');
