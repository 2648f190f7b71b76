-- What people prove themselves with beside a password: an authenticator app, recovery codes, passkeys.

-- The secret is kept as it is: see docs/decisions/0008-second-factor.md.
create table authenticator (
    person_id bigint primary key references person,
    secret bytea not null check (length(secret) = 20),
    made_at timestamptz not null,
    -- Until a code was typed from it, it is no factor.
    confirmed_at timestamptz,
    -- The 30-second step of the last code that was accepted: each is accepted once.
    last_step bigint not null default 0,
    -- Who made the link for the password that it was added with, and so may hold it.
    link_by bigint references person
);

create table passkey (
    credential_id bytea primary key,
    person_id bigint not null references person,
    name text not null check (length(name) between 1 and 60),
    -- Its public key and its counter.
    credential jsonb not null,
    added_at timestamptz not null,
    used_at timestamptz,
    link_by bigint references person
);
create index on passkey (person_id);

-- What a passkey knows a person by: says nothing of them, and is the same on all their devices.
create table passkey_holder (
    person_id bigint primary key references person,
    handle bytea not null unique check (length(handle) = 16)
);

-- Whoever has one of these has a second factor.
create view second_factor as
    select person_id from authenticator where confirmed_at is not null
    union all
    select person_id from passkey;

-- 80 random bits each, so that their SHA-256 gives nothing away.
create table recovery_code (
    code_hash bytea primary key,
    person_id bigint not null references person,
    made_at timestamptz not null,
    used_at timestamptz
);
create index on recovery_code (person_id);

-- A password was right, and the second factor is still to come.
create table pending_sign_in (
    token_hash bytea primary key,
    person_id bigint not null references person,
    own_device boolean not null,
    expires_at timestamptz not null
);
create index on pending_sign_in (person_id);
create index on pending_sign_in (expires_at);

-- Codes of an authenticator that were tried, counted before they are looked at; a right one forgets them.
create table code_try (
    person_id bigint not null references person,
    at timestamptz not null
);
create index on code_try (person_id, at);

-- What a passkey has to sign, once: to be added by that person, or to sign somebody in.
create table passkey_challenge (
    token_hash bytea primary key,
    person_id bigint references person,
    state jsonb not null,
    expires_at timestamptz not null
);
create index on passkey_challenge (expires_at);
