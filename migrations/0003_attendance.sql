-- Evidence of presence, apart from the decision on it, apart from the hours.

-- One report of a class, from its upload to its withdrawal.
create table import (
    id bigint generated always as identity primary key,
    class_id bigint not null references class,
    file_name text not null,
    -- Emptied long after the report was discarded or undone.
    file bytea not null,
    -- Of the file's bytes, and of what was read: the same report saved in
    -- another encoding is the same report.
    file_sha256 bytea not null,
    content_sha256 bytea not null,
    format text not null,
    date_order text,
    date_order_why text not null,
    zone text not null,
    zone_why text not null,
    skipped jsonb not null,
    uploaded_at timestamptz not null,
    uploaded_by bigint not null references person,
    confirmed_at timestamptz,
    confirmed_by bigint references person,
    discarded_at timestamptz,
    discarded_by bigint references person,
    -- From the first time that somebody took it back: silence in it tells
    -- nothing any more, though evidence behind live certificates still stands.
    undo_asked_at timestamptz,
    -- Set when all of its evidence is withdrawn, and all that followed.
    undone_at timestamptz,
    undone_by bigint references person,
    -- Another way to count presence than the class's: proposed in the preview,
    -- the class's own once it is confirmed. The share in percent, and for each
    -- part when it really took place, null where that is as planned. It is of
    -- that version of the class, and void once the class has changed.
    percent int check (percent between 1 and 100),
    really_started timestamptz[],
    really_ended timestamptz[],
    of_version int,
    check (num_nulls(percent, really_started, really_ended, of_version) in (0, 4)),
    check (confirmed_at is null or discarded_at is null)
);
create unique index import_once on import (class_id, content_sha256) where discarded_at is null and undone_at is null;
create index on import (class_id);

create type match_kind as enum ('registrant', 'email', 'nip', 'name', 'none', 'ambiguous');

-- One participant of a report, and the person it stands for.
create table import_row (
    id bigint generated always as identity primary key,
    import_id bigint not null references import,
    name text not null,
    original_name text,
    email text,
    registrant_id text,
    -- Joined and left, in pairs; merged, not yet cut to the class's time.
    joined timestamptz[] not null,
    departed timestamptz[] not null,
    -- Only for reports that carry a total and no times.
    total_seconds int,
    matched match_kind not null,
    -- Set by a match that may be trusted, or by a choice.
    person_id bigint references person,
    candidates bigint[] not null default '{}',
    ignored boolean not null default false,
    -- Credited though without a seat, outside the quota.
    walk_in boolean not null default false,
    chosen_at timestamptz,
    chosen_by bigint references person,
    check (cardinality(joined) = cardinality(departed))
);
create index on import_row (import_id);

create type evidence_kind as enum ('zoom_report', 'by_hand');

-- Something that says a person was, or was not, in a class. It stands until
-- it is withdrawn; it is never changed.
create table evidence (
    id bigint generated always as identity primary key,
    class_id bigint not null references class,
    person_id bigint not null references person,
    lane lane not null,
    kind evidence_kind not null,
    import_row_id bigint references import_row,
    joined timestamptz[] not null default '{}',
    departed timestamptz[] not null default '{}',
    total_seconds int,
    -- By hand: the verdict and why.
    present boolean,
    reason text,
    recorded_at timestamptz not null,
    recorded_by bigint not null references person,
    withdrawn_at timestamptz,
    withdrawn_by bigint references person,
    check ((kind = 'by_hand') = (present is not null and reason is not null)),
    check ((kind = 'zoom_report') = (import_row_id is not null)),
    -- Nobody decides on their own attendance.
    check (kind <> 'by_hand' or recorded_by <> person_id)
);
create index on evidence (class_id, person_id) where withdrawn_at is null;
create index on evidence (import_row_id);

create type outcome as enum ('undecided', 'present', 'partial', 'absent');

-- What was concluded from the evidence that stood. The highest revision holds.
create table decision (
    id bigint generated always as identity primary key,
    class_id bigint not null references class,
    person_id bigint not null references person,
    revision int not null,
    outcome outcome not null,
    -- Seconds present, seconds needed, seconds the class took.
    seconds int not null,
    needed int not null,
    class_seconds int not null,
    jp int not null check (jp >= 0),
    -- Says why, in the reader's words.
    sentence text not null,
    evidence_ids bigint[] not null,
    decided_at timestamptz not null,
    decided_by bigint not null references person,
    unique (class_id, person_id, revision),
    check (outcome = 'present' or jp = 0),
    -- Nobody decides on their own attendance.
    check (decided_by <> person_id)
);
create index on decision (person_id);

-- Whether attendance was decided, and not all of it taken back since.
create function attended(class bigint) returns boolean
language sql stable parallel safe
return exists (select from decision d where class_id = class and outcome <> 'undecided'
    and not exists (select from decision later where later.class_id = class
        and later.person_id = d.person_id and later.revision > d.revision));

-- Learning hours. Rows are only ever added: a correction is a reversal and,
-- where something is still due, a new row.
create table ledger_entry (
    person_id bigint not null references person,
    -- 1, 2, 3 … for each person.
    number int not null,
    -- Of the class's own date in Asia/Makassar.
    year int not null,
    happened_on date not null,
    jp int not null check (jp <> 0),
    class_id bigint references class,
    decision_id bigint references decision,
    -- The number of the entry that this one takes back.
    reverses int,
    note text not null,
    recorded_at timestamptz not null,
    recorded_by bigint not null references person,
    -- SHA-256 over this row and the hash before it.
    hash bytea not null,
    primary key (person_id, number),
    check ((jp < 0) = (reverses is not null)),
    foreign key (person_id, reverses) references ledger_entry
);
create unique index ledger_entry_reversed_once on ledger_entry (person_id, reverses);
create unique index ledger_entry_credited_once on ledger_entry (decision_id, (jp > 0));
create index on ledger_entry (person_id, year);
create index on ledger_entry (class_id);

-- The end of each person's chain, so that a tail cut off shows.
create table ledger_head (
    person_id bigint primary key references person,
    number int not null,
    hash bytea not null,
    -- The number up to which it is under a seal.
    sealed int not null default 0
);
create index ledger_head_unsealed on ledger_head (person_id) where number > sealed;

-- By person, of all their records.
create view learning_hours as
    select r.person_id, e.year, sum(e.jp)::int as jp
    from ledger_entry e join person_record r on r.record_id = e.person_id group by r.person_id, e.year;

create trigger append_only before update or delete on ledger_entry
    for each row execute function refuse_change();
create trigger append_only_truncate before truncate on ledger_entry
    for each statement execute function refuse_change();
create trigger append_only before update or delete on decision
    for each row execute function refuse_change();
create trigger append_only_truncate before truncate on decision
    for each statement execute function refuse_change();
