-- What is taught, when, and who has a seat.

create text search configuration id (copy = pg_catalog.indonesian);
alter text search configuration id
    alter mapping for asciiword, asciihword, hword_asciipart, word, hword, hword_part
    with unaccent, indonesian_stem;

-- The same words as they are written: the stemmer takes half a word for
-- another one ("digit" loses a "di-" that "digital" keeps).
create text search configuration plain (copy = pg_catalog.simple);
alter text search configuration plain
    alter mapping for asciiword, asciihword, hword_asciipart, word, hword, hword_part
    with unaccent, simple;

-- PostgreSQL ships no Indonesian stop words.
create function stop_words() returns text
language sql immutable parallel safe
return 'ada adalah agar akan antara atau bagi bahwa dalam dan dapat dari dengan di hal ini itu juga '
    'ke kepada lebih melalui oleh pada para saat sebagai secara serta sebuah suatu telah tentang '
    'terhadap tidak untuk yang';

-- Each word as a stem and as it is written, without the stop words.
create function searchable(words text) returns tsvector
language sql immutable parallel safe strict
return ts_delete(to_tsvector('public.id', words), tsvector_to_array(to_tsvector('public.id', stop_words())))
    || ts_delete(to_tsvector('public.plain', words), tsvector_to_array(to_tsvector('public.plain', stop_words())));

-- A lexeme as the text of a query has it.
create function quoted(lexeme text) returns text
language sql immutable parallel safe strict
return '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''';

-- All the words, each as the beginning of a stem or of a written word; null
-- when nothing is left to look for.
create function sought(words text) returns tsquery
language sql stable parallel safe strict
return (
    select string_agg(format('(%s:* | %s:*)', quoted(stem.lexeme), quoted(word.lexeme)), ' & ')::tsquery
    from unnest(to_tsvector('public.plain', words)) as word,
         unnest(word.positions) as place,
         unnest(to_tsvector('public.id', words)) as stem
    where place = any (stem.positions)
      and word.lexeme <> all (tsvector_to_array(to_tsvector('public.plain', stop_words()))));

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
    -- From the beginning of the first part to the end of the last: for lists.
    -- The trigger `times_agree` holds them together.
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
create index on class_speaker using gin (searchable(name || ' ' || office));

-- The parts of other classes that are taught at the same time as a part of a
-- class, and whom and what both would need.
create view clash as
select a.class_id, b.class_id as other_id, b.starts, b.ends,
    (select s.name from class_speaker s join class_speaker o
        on o.person_id = s.person_id or lower(o.name) = lower(s.name)
     where s.class_id = a.class_id and o.class_id = b.class_id order by s.position limit 1) as speaker,
    coalesce(c.zoom_meeting_id = d.zoom_meeting_id, false) as same_link
from class_part a
join class_part b on b.starts < a.ends and a.starts < b.ends and b.class_id <> a.class_id
join class c on c.id = a.class_id
join class d on d.id = b.class_id
where c.state <> 'cancelled' and d.state <> 'cancelled';

-- What a class says of its time is what its parts say; looked at when the
-- transaction ends.
create function times_agree() returns trigger language plpgsql as $$
declare
    this bigint;
begin
    if tg_table_name = 'class' then
        this := new.id;
    else
        this := coalesce(new.class_id, old.class_id);
    end if;
    if exists (
        select from class c left join class_part p on p.class_id = c.id where c.id = this
        group by c.id having (c.starts, c.ends) is distinct from (min(p.starts), max(p.ends))
    ) then
        raise exception 'class % does not begin and end with its parts', this;
    end if;
    return null;
end $$;
create constraint trigger times_agree after insert or update of starts, ends on class
    deferrable initially deferred for each row execute function times_agree();
create constraint trigger times_agree after insert or update or delete on class_part
    deferrable initially deferred for each row execute function times_agree();

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
