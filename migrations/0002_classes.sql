-- What is taught, when, and who has a seat.

create text search configuration id (copy = pg_catalog.indonesian);
alter text search configuration id
    alter mapping for asciiword, asciihword, hword_asciipart, word, hword, hword_part
    with unaccent, indonesian_stem;

-- PostgreSQL ships no Indonesian stop words, so they are taken out here, as
-- the stemmer leaves them.
create function searchable(words text) returns tsvector
language sql immutable parallel safe strict
return ts_delete(to_tsvector('public.id', words), tsvector_to_array(to_tsvector('public.id',
    'ada adalah agar akan antara atau bagi bahwa dalam dan dapat dari dengan di hal ini itu juga '
    'ke kepada lebih melalui oleh pada para saat sebagai secara serta sebuah suatu telah tentang '
    'terhadap tidak untuk yang')));

-- All the words, each as a beginning; null when nothing is left to look for.
create function sought(words text) returns tsquery
language sql stable parallel safe strict
return (select string_agg(quote_literal(lexeme) || ':*', ' & ')::tsquery from unnest(searchable(words)));

create type class_state as enum ('draft', 'published', 'cancelled');

create table class (
    id bigint generated always as identity primary key,
    -- Fixed when the class is first published.
    slug text unique,
    title text not null check (length(title) between 1 and 280),
    summary text not null,
    description text not null,
    audience text not null,
    -- Learning hours (JP) that attendance earns.
    jp int not null check (jp between 1 and 99),
    quota int not null check (quota > 0),
    -- Seats taken. Kept here so that one conditional update admits.
    taken int not null default 0,
    -- People in the queue. While somebody waits, no seat is free.
    waiting int not null default 0 check (waiting >= 0),
    -- The next place in the queue.
    queue_next bigint not null default 1,
    enrolment_opens timestamptz,
    enrolment_closes timestamptz not null,
    withdrawal_until timestamptz not null,
    -- The share of the class's time that counts as present, in percent.
    presence_percent int not null default 80 check (presence_percent between 1 and 100),
    -- From the beginning of the first part to the end of the last: for lists,
    -- written together with the parts.
    starts timestamptz not null,
    ends timestamptz not null check (starts < ends),
    zoom_meeting_id text check (zoom_meeting_id ~ '^[0-9]{9,12}$'),
    state class_state not null default 'draft',
    -- Counts changes: a form that was opened before the last one is stale.
    version int not null default 1,
    -- Of the form that made it: sent twice, it makes one class.
    form_key text unique,
    search tsvector generated always as (
        setweight(searchable(title), 'A') || setweight(searchable(summary), 'B')
        || setweight(searchable(description), 'C')) stored,
    constraint never_overbooked check (taken between 0 and quota),
    check (slug is not null or state <> 'published')
) with (fillfactor = 50); -- each seat rewrites the row; with room on its page that stays cheap
create index on class using gin (search);
create index on class (ends);

-- A class is one part, or several on several days.
create table class_part (
    id bigint generated always as identity primary key,
    class_id bigint not null references class,
    position int not null,
    starts timestamptz not null,
    ends timestamptz not null,
    -- When it really began and ended, once somebody has said so.
    really_started timestamptz,
    really_ended timestamptz,
    unique (class_id, position),
    check (starts < ends),
    check (really_started < really_ended),
    check ((really_started is null) = (really_ended is null))
);
create index on class_part (starts);

create type lane as enum ('zoom', 'stream', 'room');

-- The ways to follow a class: a link, or the address of a room.
create table class_lane (
    class_id bigint not null references class,
    lane lane not null,
    address text not null,
    primary key (class_id, lane)
);

create type speaking as enum ('speaker', 'moderator');

create table class_speaker (
    class_id bigint not null references class,
    position int not null,
    speaking speaking not null,
    person_id bigint references person,
    -- With titles, as announced.
    name text not null,
    office text not null,
    primary key (class_id, position)
);

create type class_act as enum ('created', 'changed', 'published', 'cancelled');

create table class_event (
    id bigint generated always as identity primary key,
    class_id bigint not null references class,
    act class_act not null,
    detail text,
    at timestamptz not null,
    by bigint references person
);
create index on class_event (class_id);

create type enrolment_state as enum ('active', 'waiting', 'withdrawn');

create table enrolment (
    id bigint generated always as identity primary key,
    class_id bigint not null references class,
    person_id bigint not null references person,
    state enrolment_state not null,
    -- The place in the queue, kept after a seat was won.
    queue_place bigint,
    check (state <> 'waiting' or queue_place is not null)
);
create unique index enrolment_once on enrolment (class_id, person_id) where state <> 'withdrawn';
create index enrolment_queue on enrolment (class_id, queue_place) where state = 'waiting';
create index on enrolment (person_id, class_id);

create table enrolment_event (
    id bigint generated always as identity primary key,
    enrolment_id bigint not null references enrolment,
    state enrolment_state not null,
    at timestamptz not null,
    -- Who did it; nobody when a seat fell to the first in the queue.
    by bigint references person,
    reason text
);
create index on enrolment_event (enrolment_id);
