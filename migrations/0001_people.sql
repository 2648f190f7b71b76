-- Who there is: units, people, how they sign in, what they may do.

create extension if not exists unaccent;
create extension if not exists pg_trgm;

-- For tables that keep a history: rows are added, and stay as they are.
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% only ever grows', tg_table_name using errcode = 'insufficient_privilege';
end $$;

-- The province's units as a tree under one root. A unit that is closed keeps
-- its row: reports and certificates of its time still name it. Whoever changes
-- the tree holds the root's row, so that no two changes make a ring together.
create table unit (
    id bigint generated always as identity primary key,
    parent_id bigint references unit check (parent_id <> id),
    code text check (code <> ''),
    name text not null check (length(name) between 1 and 200),
    valid_from date not null,
    -- The first day on which it is no more. On its first day: it never was.
    valid_until date check (valid_until >= valid_from),
    -- The unit that took over its people and sub-units when it was closed.
    merged_into bigint references unit check (merged_into <> id),
    -- Counts changes, so that nobody overwrites what they have not seen.
    version int not null default 1,
    -- Of the form that made it: sent twice, it makes one unit.
    form_key text unique,
    check (merged_into is null or valid_until is not null),
    check (parent_id is not null or valid_until is null)
);
create unique index unit_has_one_root on unit ((parent_id is null)) where parent_id is null;
create index on unit (parent_id);
-- A unit that is closed leaves its code to whichever comes after it.
create unique index unit_code on unit (code) where valid_until is null;

create type employment as enum ('pns', 'pppk');
create type position_kind as enum ('leading', 'administrator', 'supervisor', 'functional', 'executive');
create type standing as enum ('active', 'leave', 'retired', 'moved', 'dismissed', 'died');

-- A name as searches compare it: without capitals and accents.
create function comparable(words text) returns text
language sql immutable parallel safe strict
return lower(public.unaccent('public.unaccent', words));

-- A staff list that was uploaded, and what became of it. The person columns
-- are bound below, since people come from lists.
create table staff_import (
    id bigint generated always as identity primary key,
    file_name text not null,
    sha256 bytea not null,
    -- Until it is confirmed or discarded.
    file bytea,
    uploaded_at timestamptz not null,
    uploaded_by bigint not null,
    -- What each column holds, by its place from 0, where the names of the columns do not decide.
    columns jsonb check (jsonb_typeof(columns) = 'object'),
    -- The units that were chosen for names that mean none or several.
    units jsonb check (jsonb_typeof(units) = 'object'),
    confirmed_at timestamptz,
    confirmed_by bigint,
    -- What was recorded: new, changed, wrong.
    added int,
    changed int,
    skipped int,
    discarded_at timestamptz,
    discarded_by bigint,
    undone_at timestamptz,
    undone_by bigint,
    check (confirmed_at is null or discarded_at is null),
    check (undone_at is null or confirmed_at is not null),
    check ((file is not null) = (confirmed_at is null and discarded_at is null))
);

create table person (
    id bigint generated always as identity primary key,
    -- With titles, as it stands on certificates.
    name text not null check (length(name) between 1 and 120),
    email text,
    employment employment not null,
    unit_id bigint not null references unit,
    position text,
    position_kind position_kind,
    rank text,
    phone text check (phone ~ '^\+[1-9][0-9]{8,14}$'),
    -- First and last day of the employment.
    employed_from date,
    employed_until date check (employed_until >= employed_from),
    standing standing not null default 'active',
    standing_since date,
    added_at timestamptz not null,
    added_by bigint references person,
    -- The record as which this one reads: one human being was recorded twice. No row moves.
    merged_into bigint references person check (merged_into <> id),
    -- Counts changes, so that nobody overwrites what they have not seen.
    version int not null default 1,
    -- The list that brought them.
    staff_import_id bigint references staff_import,
    comparable_name text not null generated always as (comparable(name)) stored
);
create index on person (staff_import_id) where staff_import_id is not null;
create index on person (name, id) where merged_into is null;
create index on person using gin (comparable_name gin_trgm_ops);

-- Whose each record is: its own person's, or of the record that it was merged into.
create view person_record as
    select id as record_id, coalesce(merged_into, id) as person_id from person;
create index on person (coalesce(merged_into, id));

alter table staff_import
    add foreign key (uploaded_by) references person,
    add foreign key (confirmed_by) references person,
    add foreign key (discarded_by) references person,
    add foreign key (undone_by) references person;
create unique index person_email on person (lower(email));
create index on person (unit_id);

-- A NIP can change (PPPK changing agency, CPNS to PNS); a NIP never moves to
-- somebody else, so it is unique for ever.
create table person_nip (
    nip text primary key check (nip ~ '^[0-9]{18}$'),
    person_id bigint not null references person,
    recorded_at timestamptz not null,
    recorded_by bigint references person,
    ended_at timestamptz
);
create unique index person_has_one_nip on person_nip (person_id) where ended_at is null;
create index on person_nip (nip text_pattern_ops);

create type person_field as enum (
    'name', 'nip', 'employment', 'email', 'unit', 'position', 'rank', 'phone', 'position_kind', 'employed_from',
    'employed_until', 'standing', 'standing_since', 'merged');

-- Each change of a record, field by field, as it read at the time.
create table person_change (
    id bigint generated always as identity primary key,
    person_id bigint not null references person,
    field person_field not null,
    before text,
    after text,
    at timestamptz not null,
    -- Nobody when it was a command.
    by bigint references person,
    -- The list that brought it, and the unit itself that it moved somebody from: names repeat.
    staff_import_id bigint references staff_import,
    before_unit bigint references unit
);
create index on person_change (person_id);
create index on person_change (staff_import_id) where staff_import_id is not null;

create type unit_field as enum ('added', 'name', 'code', 'parent', 'closed', 'merged');

-- Each change of a unit, as it read at the time: its old names stay, with the
-- moment until which they held.
create table unit_change (
    id bigint generated always as identity primary key,
    unit_id bigint not null references unit,
    field unit_field not null,
    before text,
    after text,
    at timestamptz not null,
    by bigint not null references person
);
create index on unit_change (unit_id);
create trigger append_only before update or delete on unit_change
    for each row execute function refuse_change();
create trigger append_only_truncate before truncate on unit_change
    for each statement execute function refuse_change();

create table password (
    person_id bigint primary key references person,
    hash text not null,
    set_at timestamptz not null,
    -- Who else may know the link with which it was set; nobody when it came from the
    -- command line.
    link_by bigint references person
);

-- A link that an administrator was shown, one that was mailed for an administrator or for
-- the person who asked, a code on paper, a link in return for such a code.
create type activation_way as enum ('shown', 'mailed', 'asked', 'slip', 'typed');

-- Tokens are stored as SHA-256, codes more slowly: a copy of the database signs nobody in.
create table activation (
    id bigint generated always as identity unique,
    token_hash bytea primary key,
    person_id bigint not null references person,
    way activation_way not null,
    made_at timestamptz not null,
    -- Nobody at the command line, or when the person asked.
    made_by bigint references person,
    -- Who may know it beside the person: whoever was shown it, or for a mailed one whoever
    -- set the address.
    known_to bigint references person,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index on activation (person_id);

create table sign_in (
    token_hash bytea primary key,
    person_id bigint not null references person,
    started_at timestamptz not null,
    seen_at timestamptz not null,
    -- When they last proved who they are: dangerous acts ask for it anew.
    proved_at timestamptz not null,
    -- Whether the person said that the device is their own: it stays signed in longer.
    own_device boolean not null,
    ended_at timestamptz
);
create index on sign_in (person_id) where ended_at is null;

-- Tries by NIP as typed, known or not, so that a guesser is slowed down without
-- a word on whether the NIP exists. Counted before the password is looked at; a
-- success forgets them. Those from a device on which the holder of the NIP signed
-- in before are counted apart: strangers, to whom a NIP is no secret, cannot lock
-- its holder out there.
create table sign_in_try (
    nip text not null,
    at timestamptz not null,
    device bytea
);
create index on sign_in_try (nip, at);
create index on sign_in_try (at);

-- Where a person signed in before, by a cookie that opens nothing.
create table known_device (
    token_hash bytea primary key,
    person_id bigint not null references person,
    seen_at timestamptz not null
);
create index on known_device (person_id);

create type role as enum ('unit_operator', 'organiser', 'leader', 'auditor', 'administrator');

-- A role holds for a unit and what lies below it. Every person is a learner.
create table role_grant (
    id bigint generated always as identity primary key,
    person_id bigint not null references person,
    role role not null,
    unit_id bigint not null references unit,
    granted_at timestamptz not null,
    granted_by bigint references person,
    revoked_at timestamptz,
    revoked_by bigint references person
);
create unique index role_grant_stands_once on role_grant (person_id, role, unit_id) where revoked_at is null;

-- What the agency decides for itself: one JSON value a topic, every version kept.
create table setting (
    id bigint generated always as identity primary key,
    topic text not null,
    value jsonb not null,
    changed_at timestamptz not null,
    changed_by bigint references person
);
create index on setting (topic, id desc);

-- The minimum of learning hours (JP) for a calendar year, and the number from
-- which a notice is shown: every version kept, the last one holds.
create table target_version (
    id bigint generated always as identity primary key,
    year int not null,
    employment employment not null,
    minimum int not null check (minimum >= 0),
    notice_above int check (notice_above >= minimum),
    changed_at timestamptz not null,
    changed_by bigint references person
);
create index on target_version (year, employment, id desc);
insert into target_version (year, employment, minimum, notice_above, changed_at)
select year, kind::employment, 20, case kind when 'pppk' then 24 end, now()
from generate_series(2020, 2040) year, unnest(array['pns', 'pppk']) kind;

create view target as
    select distinct on (year, employment) year, employment, minimum, notice_above
    from target_version order by year, employment, id desc;

-- Whether this is the demo world, whose one password is public.
create table installation (
    only_row boolean primary key default true check (only_row),
    demo boolean not null
);

-- The province and its OPD (perangkat daerah); the codes are the government's own.
insert into unit (parent_id, code, name, valid_from)
values (null, null, 'Pemerintah Provinsi Sulawesi Tengah', '1964-04-13');
insert into unit (parent_id, code, name, valid_from)
select root.id, opd.code, opd.name, '2017-01-01'
from unit root, (values
    ('4.01.0.00.0.00.01.0000', 'Sekretariat Daerah'),
    ('4.02.0.00.0.00.01.0000', 'Sekretariat DPRD'),
    ('6.01.0.00.0.00.01.0000', 'Inspektorat Daerah'),
    ('5.01.0.00.0.00.01.0000', 'Badan Perencanaan Pembangunan Daerah'),
    ('5.02.0.00.0.00.01.0000', 'Badan Pendapatan Daerah'),
    ('5.02.0.00.0.00.02.0000', 'Badan Pengelolaan Keuangan dan Aset Daerah'),
    ('5.03.0.00.0.00.01.0000', 'Badan Kepegawaian Daerah'),
    ('5.04.0.00.0.00.01.0000', 'Badan Pengembangan Sumber Daya Manusia Daerah'),
    ('5.05.0.00.0.00.01.0000', 'Badan Riset dan Inovasi Daerah'),
    ('5.07.0.00.0.00.01.0000', 'Badan Penghubung'),
    ('8.01.0.00.0.00.01.0000', 'Badan Kesatuan Bangsa dan Politik Daerah'),
    ('1.05.0.00.0.00.01.0000', 'Satuan Polisi Pamong Praja'),
    ('1.05.0.00.0.00.02.0000', 'Badan Penanggulangan Bencana Daerah'),
    ('1.01.0.00.0.00.01.0000', 'Dinas Pendidikan Daerah'),
    ('1.02.0.00.0.00.01.0000', 'Dinas Kesehatan'),
    ('1.03.0.00.0.00.01.0000', 'Dinas Bina Marga dan Penataan Ruang'),
    ('1.03.0.00.0.00.02.0000', 'Dinas Cipta Karya dan Sumberdaya Air'),
    ('1.04.2.10.0.00.01.0000', 'Dinas Perumahan, Kawasan Permukiman dan Pertanahan'),
    ('1.06.0.00.0.00.01.0000', 'Dinas Sosial'),
    ('2.07.3.32.0.00.01.0000', 'Dinas Tenaga Kerja dan Transmigrasi'),
    ('2.08.0.00.0.00.01.0000', 'Dinas Pemberdayaan Perempuan dan Perlindungan Anak'),
    ('2.09.0.00.0.00.01.0000', 'Dinas Pangan'),
    ('2.11.0.00.0.00.01.0000', 'Dinas Lingkungan Hidup'),
    ('2.12.0.00.0.00.01.0000', 'Dinas Kependudukan dan Pencatatan Sipil'),
    ('2.13.0.00.0.00.01.0000', 'Dinas Pemberdayaan Masyarakat dan Desa'),
    ('2.14.0.00.0.00.01.0000', 'Dinas Pengendalian Penduduk dan Keluarga Berencana'),
    ('2.15.0.00.0.00.01.0000', 'Dinas Perhubungan'),
    ('2.16.2.21.2.20.01.0000', 'Dinas Komunikasi, Informatika, Persandian dan Statistik'),
    ('2.17.0.00.0.00.01.0000', 'Dinas Koperasi, Usaha Kecil dan Menengah'),
    ('2.18.0.00.0.00.01.0000', 'Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu'),
    ('2.19.0.00.0.00.01.0000', 'Dinas Pemuda dan Olah Raga'),
    ('2.22.0.00.0.00.01.0000', 'Dinas Kebudayaan Daerah'),
    ('2.23.2.24.0.00.01.0000', 'Dinas Perpustakaan dan Kearsipan'),
    ('3.25.0.00.0.00.01.0000', 'Dinas Kelautan dan Perikanan'),
    ('3.26.0.00.0.00.01.0000', 'Dinas Pariwisata'),
    ('3.27.0.00.0.00.01.0000', 'Dinas Tanaman Pangan dan Hortikultura'),
    ('3.27.0.00.0.00.02.0000', 'Dinas Perkebunan dan Peternakan'),
    ('3.28.0.00.0.00.01.0000', 'Dinas Kehutanan'),
    ('3.29.0.00.0.00.01.0000', 'Dinas Energi dan Sumber Daya Mineral'),
    ('3.31.3.30.0.00.01.0000', 'Dinas Perindustrian dan Perdagangan')
) opd (code, name)
where root.parent_id is null;
