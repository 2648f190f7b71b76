-- Who signs in with an account of another provider (OpenID Connect).

-- A provider knows its accounts by subject: that stays where names and NIPs change.
create table sso_link (
    id bigint generated always as identity primary key,
    issuer text not null,
    subject text not null,
    person_id bigint not null references person,
    linked_at timestamptz not null,
    ended_at timestamptz
);
-- One account is one person's, and the reverse.
create unique index sso_link_account on sso_link (issuer, subject) where ended_at is null;
create unique index sso_link_person on sso_link (person_id, issuer) where ended_at is null;

-- Sign-ins that were sent to the provider and have not come back; each comes back once.
create table sso_attempt (
    -- Of what the provider brings back, and of the cookie of the browser that set out:
    -- both as SHA-256.
    state_hash bytea primary key,
    browser_hash bytea not null,
    -- What the provider's answer must fit.
    nonce text not null,
    verifier text not null,
    -- Where the visitor wanted to go.
    wanted text not null,
    expires_at timestamptz not null
);
create index on sso_attempt (expires_at);

-- Whoever was linked is in use: the view as it stands, and one branch more.
do $$ begin
    execute 'create or replace view person_in_use as ' || rtrim(pg_get_viewdef('person_in_use'), ';')
        || ' union select person_id from sso_link';
end $$;

call audit('sso_link', hidden => '{subject}');
