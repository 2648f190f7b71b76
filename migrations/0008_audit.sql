-- Who did what, when and from where; and seals over it and over the ledger.

-- One line for each row that was changed, looked at or refused. Names of people
-- are looked up, not referred to: a person who was recorded by mistake can go,
-- and what was said of them here stays.
create table audit_entry (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    -- Nobody for a command, for the program itself and for strangers.
    by bigint,
    -- The address that the request came from.
    client text,
    act text not null,
    -- The table and the key of the row; what was looked at or refused has none.
    about text,
    row_key text,
    person_id bigint,
    unit_id bigint,
    class_id bigint,
    -- Only the columns that differ, without secrets and files.
    before jsonb,
    after jsonb,
    -- Of the transaction: entries are sealed once it has ended.
    xid xid8 not null
);
create index on audit_entry (at, id);
create index on audit_entry (act, at, id);
create index on audit_entry (by, at, id) where by is not null;
create index on audit_entry (person_id, at, id) where person_id is not null;
create index on audit_entry (unit_id, at, id) where unit_id is not null;
create index on audit_entry (class_id, at, id) where class_id is not null;

-- The members of one that the other has not, or has otherwise.
create function differing(one jsonb, other jsonb) returns jsonb
language sql immutable parallel safe
return (select jsonb_object_agg(key, value) from jsonb_each(one)
        where not other ? key or value <> other -> key);

create function audit_key(line jsonb, keys text[]) returns text
language sql immutable parallel safe
return (select string_agg(line ->> key, '/' order by place) from unnest(keys) with ordinality k (key, place));

-- What the transaction says of itself; see the program's `act`. Whoever changes
-- tables by other means says nothing, and is noted under the name they connected with.
create function audit_said() returns jsonb language sql stable
return coalesce(nullif(current_setting('smartclass.act', true), '')::jsonb,
    jsonb_build_object('act', 'di luar program', 'from', session_user));

-- What one statement did to a table, in one insert. Arguments: the columns that
-- tell a row from others, and those that are left out. The transaction's number is
-- asked for before an entry gets its own: see the program's `seal`.
create function audit_statement() returns trigger language plpgsql as $$
declare
    said constant jsonb := audit_said();
    this constant xid8 := pg_current_xact_id();
    keys constant text[] := tg_argv[0];
    hidden constant text[] := tg_argv[1];
    -- Columns that say which person, unit and class it is about.
    person constant text := case tg_table_name when 'person' then 'id' else 'person_id' end;
    unit constant text := case tg_table_name when 'unit' then 'id' else 'unit_id' end;
    class constant text := case tg_table_name when 'class' then 'id' else 'class_id' end;
begin
    if tg_op = 'INSERT' then
        insert into audit_entry (at, by, client, act, about, row_key, person_id, unit_id, class_id, after, xid)
        select coalesce((said ->> 'at')::timestamptz, now()), (said ->> 'by')::bigint, said ->> 'from', said ->> 'act',
            tg_table_name, audit_key(line, keys), (line ->> person)::bigint, (line ->> unit)::bigint,
            (line ->> class)::bigint, jsonb_strip_nulls(line - hidden), this
        from (select to_jsonb(n) as line from new_rows n) n;
    elsif tg_op = 'DELETE' then
        insert into audit_entry (at, by, client, act, about, row_key, person_id, unit_id, class_id, before, xid)
        select coalesce((said ->> 'at')::timestamptz, now()), (said ->> 'by')::bigint, said ->> 'from', said ->> 'act',
            tg_table_name, audit_key(line, keys), (line ->> person)::bigint, (line ->> unit)::bigint,
            (line ->> class)::bigint, jsonb_strip_nulls(line - hidden), this
        from (select to_jsonb(o) as line from old_rows o) o;
    elsif tg_op = 'UPDATE' then
        -- A full join is never done row by row against all rows, however the plan was made.
        insert into audit_entry (at, by, client, act, about, row_key, person_id, unit_id, class_id, before, after, xid)
        select coalesce((said ->> 'at')::timestamptz, now()), (said ->> 'by')::bigint, said ->> 'from', said ->> 'act',
            tg_table_name, key, (line ->> person)::bigint, (line ->> unit)::bigint, (line ->> class)::bigint,
            differing(was - hidden, line - hidden), differing(line - hidden, was - hidden), this
        from (
            select key, coalesce(o.line, '{}') as was, coalesce(n.line, o.line) as line
            from (select audit_key(to_jsonb(o), keys) as key, to_jsonb(o) as line from old_rows o) o
            full join (select audit_key(to_jsonb(n), keys) as key, to_jsonb(n) as line from new_rows n) n using (key)
        ) both_rows
        where was - hidden <> line - hidden;
    else
        insert into audit_entry (at, by, client, act, about, row_key, xid)
        values (coalesce((said ->> 'at')::timestamptz, now()), (said ->> 'by')::bigint, said ->> 'from', said ->> 'act',
            tg_table_name, '*', this);
    end if;
    return null;
end $$;

-- The same for one class, whose counters change all the time and must not cost a look.
create function audit_row() returns trigger language plpgsql as $$
declare
    said constant jsonb := audit_said();
    this constant xid8 := pg_current_xact_id();
    hidden constant text[] := tg_argv[1];
    was constant jsonb := to_jsonb(old) - hidden;
    line constant jsonb := to_jsonb(new) - hidden;
begin
    if was <> line then
        insert into audit_entry (at, by, client, act, about, row_key, class_id, before, after, xid)
        values (coalesce((said ->> 'at')::timestamptz, now()), (said ->> 'by')::bigint, said ->> 'from', said ->> 'act',
            tg_table_name, audit_key(line, tg_argv[0]::text[]), (line ->> 'id')::bigint,
            differing(was, line), differing(line, was), this);
    end if;
    return null;
end $$;

-- Something that leaves no row behind: a sign-in, a look, a refusal. It says itself
-- who does what, since a page that only reads begins no transaction.
create function audit_note(said jsonb, person bigint, class bigint, detail jsonb) returns void
language plpgsql as $$
declare
    this constant xid8 := pg_current_xact_id();
begin
    insert into audit_entry (at, by, client, act, person_id, class_id, after, xid)
    values ((said ->> 'at')::timestamptz, (said ->> 'by')::bigint, said ->> 'from', said ->> 'act',
        person, class, detail, this);
end $$;

-- Notes what happens to a table from now on.
create procedure audit(named text, keys text[] default '{id}', hidden text[] default '{}',
                       events text[] default '{insert,update,delete}')
language plpgsql as $$
declare
    event text;
    rows text;
begin
    foreach event in array events loop
        rows := case event when 'insert' then 'new table as new_rows' when 'delete' then 'old table as old_rows'
            else 'old table as old_rows new table as new_rows' end;
        execute format('create trigger audit_%s after %s on %I referencing %s
            for each statement execute function audit_statement(%L, %L)', event, event, named, rows, keys, hidden);
    end loop;
    execute format('create trigger audit_truncate after truncate on %I
        for each statement execute function audit_statement(%L, %L)', named, keys, hidden);
end $$;

call audit('unit', hidden => '{version,form_key}');
call audit('person', hidden => '{version,comparable_name}');
call audit('person_nip', '{nip}');
call audit('password', '{person_id}', '{hash}');
call audit('activation', '{person_id,made_at}', '{token_hash}');
call audit('role_grant');
call audit('proposal');
call audit('authenticator', '{person_id}', '{secret,last_step}');
call audit('passkey', '{person_id,added_at}', '{credential_id,credential,used_at}');
call audit('recovery_code', '{person_id,made_at}', '{code_hash}');
call audit('staff_import', hidden => '{file,sha256}');
call audit('setting');
call audit('target_version');
call audit('logo', hidden => '{image}');
call audit('class', hidden => '{taken,waiting,queue_next,search,version,form_key}', events => '{insert,delete}');
call audit('class_part');
call audit('class_lane', '{class_id,lane}');
call audit('class_speaker', '{class_id,position}');
call audit('enrolment', hidden => '{queue_place}');
call audit('import', hidden => '{file,file_sha256,content_sha256,skipped}');
-- The rows of a report are in its file; what somebody chose for one is theirs.
call audit('import_row', hidden => '{joined,departed,candidates}', events => '{update}');
call audit('evidence', hidden => '{joined,departed}');
call audit('decision', hidden => '{sentence,evidence_ids}');
call audit('certificate', hidden => '{paper,code}');

-- Each seat rewrites counters of its class; that costs no look.
create trigger audit_update after update of slug, title, summary, description, audience, jp, quota, enrolment_opens,
    enrolment_closes, withdrawal_until, presence_percent, starts, ends, zoom_meeting_id, state on class
    for each row execute function audit_row('{id}', '{taken,waiting,queue_next,search,version,form_key}');

-- The public halves of the keys that seal: old seals are checked with the key of their time.
create table seal_key (
    id int generated always as identity primary key,
    public bytea not null unique,
    made_at timestamptz not null
);

create type seal_chain as enum ('audit', 'ledger');

-- A signature over what came to a chain since the seal before.
create table seal (
    chain seal_chain not null,
    -- 1, 2, 3 …
    number int not null,
    made_at timestamptz not null,
    -- How much it seals.
    items int not null check (items > 0),
    -- SHA-256 over the hash before, this row and what it seals.
    hash bytea not null,
    key_id int not null references seal_key,
    signature bytea not null,
    primary key (chain, number)
);

-- Which seal an entry is under, with its SHA-256. What is not here is not sealed.
create table audit_sealed (
    entry_id bigint primary key,
    seal int not null,
    digest bytea not null
);
create index on audit_sealed (seal, entry_id);

-- The ends of books as they were sealed.
create table ledger_sealed (
    seal int not null,
    person_id bigint not null,
    number int not null,
    hash bytea not null,
    primary key (seal, person_id)
);
create index on ledger_sealed (person_id);

do $$
declare
    history text;
begin
    foreach history in array array['audit_entry', 'audit_sealed', 'ledger_sealed', 'seal', 'seal_key'] loop
        execute format('create trigger append_only before update or delete on %I
            for each row execute function refuse_change()', history);
        execute format('create trigger append_only_truncate before truncate on %I
            for each statement execute function refuse_change()', history);
    end loop;
end $$;
