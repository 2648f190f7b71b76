-- Certificates: numbered without gaps, frozen as issued, kept for ever.

-- The last number given in a year. Locked by the transaction that issues.
create table certificate_counter (
    year int primary key,
    last int not null check (last >= 0)
);

create type certificate_kind as enum ('participant', 'speaker', 'moderator');

-- The agency's logo, every version kept; a row without an image takes it away.
create table logo (
    id bigint generated always as identity primary key,
    image bytea,
    changed_at timestamptz not null,
    changed_by bigint references person
);

create table certificate (
    id bigint generated always as identity primary key,
    class_id bigint not null references class,
    person_id bigint not null references person,
    kind certificate_kind not null,
    year int not null,
    number int not null,
    -- The number as printed.
    label text not null unique,
    -- 16 characters of Crockford's base 32: 80 random bits, unrelated to the number.
    code text not null unique check (code ~ '^[0-9A-HJKMNP-TV-Z]{16}$'),
    -- Everything that the paper says, as it was on the day of issue.
    paper jsonb not null,
    logo_id bigint references logo,
    issued_at timestamptz not null,
    issued_by bigint not null references person,
    revoked_at timestamptz,
    revoked_by bigint references person,
    revoked_because text,
    unique (year, number),
    check ((revoked_at is null) = (revoked_because is null)),
    check ((revoked_at is null) = (revoked_by is null))
);
create unique index certificate_live_once on certificate (class_id, person_id, kind) where revoked_at is null;
create index on certificate (person_id);

-- Each form of the PDF that was ever handed out, by its SHA-256: a later
-- version of the program may draw the same certificate in other bytes.
create table certificate_file (
    certificate_id bigint not null references certificate,
    sha256 bytea not null,
    first_drawn_at timestamptz not null,
    primary key (certificate_id, sha256)
);
create index on certificate_file (sha256);

-- A certificate says for ever what it said when it was issued. It may be
-- revoked, once.
create function refuse_all_but_revoking() returns trigger language plpgsql as $$
declare
    revoking constant text[] := array['revoked_at', 'revoked_by', 'revoked_because'];
begin
    if old.revoked_at is not null or to_jsonb(new) - revoking <> to_jsonb(old) - revoking then
        raise exception 'a certificate is frozen as issued' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

create trigger frozen before update on certificate
    for each row execute function refuse_all_but_revoking();
create trigger kept before delete on certificate
    for each row execute function refuse_change();
create trigger kept_truncate before truncate on certificate
    for each statement execute function refuse_change();

-- What was decided, done and handed out before: only ever added to.
do $$
declare
    history text;
begin
    foreach history in array array[
        'setting', 'target_version', 'logo', 'class_event', 'enrolment_event', 'certificate_file'
    ] loop
        execute format('create trigger append_only before update or delete on %I
            for each row execute function refuse_change()', history);
        execute format('create trigger append_only_truncate before truncate on %I
            for each statement execute function refuse_change()', history);
    end loop;
end $$;
