-- What is to be mailed, and what became of it.

create type mail_kind as enum (
    'activation', 'forgotten', 'password_set', 'email_changed', 'request_answered', 'account_erased');
create type mail_state as enum ('queued', 'sending', 'sent', 'failed');

-- Written in the transaction of what it tells of; a worker hands it over.
create table mail (
    id bigint generated always as identity primary key,
    kind mail_kind not null,
    -- What it tells of, in the table of its kind; with that it is one mail and no second.
    subject_id bigint not null,
    person_id bigint not null references person,
    recipient text not null,
    title text not null,
    -- Emptied once it has ended: it may hold a link.
    body text not null,
    made_at timestamptz not null,
    -- From then on it is of no use, as a link that has expired.
    useless_at timestamptz,
    state mail_state not null default 'queued',
    attempts int not null default 0,
    -- Leases and pauses go by this server's clock, the one that all workers share.
    next_try timestamptz not null default now(),
    -- Until then a worker is at it.
    lease_until timestamptz,
    ended_at timestamptz,
    -- What the mail server said at the last attempt that failed.
    reason text,
    unique (kind, subject_id),
    check ((state = 'sending') = (lease_until is not null)),
    check ((state in ('sent', 'failed')) = (ended_at is not null)),
    check (ended_at is null or body = '')
);
create index on mail (next_try) where state in ('queued', 'sending');
create index on mail (person_id, id desc);

-- Who asked for a link by NIP as typed, known or not: the page writes the same row for
-- everybody, and a worker finds out whom it is about.
create table link_request (
    nip text primary key,
    at timestamptz not null
);

-- Whoever has had mail is in use: the view as it stands, and one branch more.
do $$ begin
    execute 'create or replace view person_in_use as ' || rtrim(pg_get_viewdef('person_in_use'), ';')
        || ' union select person_id from mail';
end $$;
