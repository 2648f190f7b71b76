//! A report of a class, from its upload to its withdrawal.

use super::{
    Match,
    case::{self, Case, Changed, spans},
    decide::Known,
    matching::{Candidate, match_all, nips_in},
    read::{Upload, expected},
    report::{self, Hints, Report, ReportError},
};
use crate::{
    assets::hex,
    class::{self, Lane},
    ids::{ClassId, ImportId, ImportRowId, PersonId},
};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Why a report was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error("Laporan dapat diunggah setelah kelas dimulai.")]
    NotYet,
    #[error("Kelas ini tidak terbit, jadi tidak menerima laporan.")]
    NotPublished,
    #[error("Isi laporan ini sudah diimpor.")]
    Same(ImportId),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Stores what was read as a preview; nothing is decided yet.
pub async fn upload(
    db: &mut PgConnection,
    class: ClassId,
    upload: &Upload,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<ImportId, ImportError> {
    case::lock(db, class).await?;
    let facts = class::find(db, class).await?;
    if facts.state != class::State::Published {
        return Err(ImportError::NotPublished);
    }
    if facts.starts() > now {
        return Err(ImportError::NotYet);
    }
    let content = upload.content_sha256();
    let same = sqlx::query_scalar!(
        "select id from import where class_id = $1 and content_sha256 = $2 and discarded_at is null and undone_at is null",
        class.0,
        content
    )
    .fetch_optional(&mut *db)
    .await?;
    if let Some(import) = same {
        return Err(ImportError::Same(import));
    }
    let report = &upload.report;
    let import = sqlx::query_scalar!(
        "insert into import (class_id, file_name, file, file_sha256, content_sha256, format, date_order, date_order_why,
           zone, zone_why, skipped, uploaded_at, uploaded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning id",
        class.0,
        upload.file_name,
        upload.bytes,
        upload.file_sha256(),
        content,
        format!("{:?}", report.format),
        report.date_order.map(report::DateOrder::describe),
        report.order_reason.describe(),
        report.zone.name(),
        report.zone_reason.describe(),
        serde_json::to_value(&report.skipped).unwrap_or_default(),
        now,
        by.0
    )
    .fetch_one(&mut *db)
    .await?;
    store_rows(db, class, import, report).await?;
    Ok(import)
}

/// Reads the stored file again as the operator says; choices start over.
pub async fn reread(
    db: &mut PgConnection,
    import: ImportId,
    hints: &Hints,
) -> Result<(), ImportError> {
    let stored = sqlx::query!(
        "select class_id, file from import where id = $1 and confirmed_at is null for update",
        import.0
    )
    .fetch_one(&mut *db)
    .await?;
    let facts = class::find(db, stored.class_id).await?;
    let report = report::read(&stored.file, &expected(&facts), hints)?;
    sqlx::query!(
        "update import set date_order = $2, date_order_why = $3, zone = $4, zone_why = $5, skipped = $6 where id = $1",
        import.0,
        report.date_order.map(report::DateOrder::describe),
        report.order_reason.describe(),
        report.zone.name(),
        report.zone_reason.describe(),
        serde_json::to_value(&report.skipped).unwrap_or_default()
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("delete from import_row where import_id = $1", import.0).execute(&mut *db).await?;
    Ok(store_rows(db, stored.class_id, import, &report).await?)
}

async fn store_rows(
    db: &mut PgConnection,
    class: ClassId,
    import: ImportId,
    report: &Report,
) -> sqlx::Result<()> {
    let people = candidates(db, class, report).await?;
    let found = match_all(&report.participants, &people);
    let all = &report.participants;
    let times = |of: fn(&report::Span) -> DateTime<Utc>| -> Vec<String> {
        all.iter().map(|one| array(one.segments.iter().map(|span| of(span).to_rfc3339()))).collect()
    };
    let names: Vec<String> = all.iter().map(|one| one.name.clone()).collect();
    let originals: Vec<Option<String>> = all.iter().map(|one| one.original_name.clone()).collect();
    let emails: Vec<Option<String>> = all.iter().map(|one| one.email.clone()).collect();
    let registrants: Vec<Option<String>> =
        all.iter().map(|one| one.registrant_id.clone()).collect();
    let totals: Vec<Option<i32>> =
        all.iter().map(|one| one.total_seconds.and_then(|t| i32::try_from(t).ok())).collect();
    let matched: Vec<Match> = found.iter().map(|one| one.matched).collect();
    let persons: Vec<Option<i64>> =
        found.iter().map(|one| one.person.map(|person| person.0)).collect();
    let offered: Vec<String> =
        found.iter().map(|one| array(one.candidates.iter().map(|person| person.0))).collect();
    sqlx::query!(
        "insert into import_row (import_id, name, original_name, email, registrant_id, joined, departed, total_seconds,
           matched, person_id, candidates)
         select $1, name, original, email, registrant, joined::timestamptz[], departed::timestamptz[], total, matched,
           person, offered::bigint[]
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::match_kind[],
           $10::bigint[], $11::text[])
           n (name, original, email, registrant, joined, departed, total, matched, person, offered)",
        import.0,
        &names,
        &originals as &[Option<String>],
        &emails as &[Option<String>],
        &registrants as &[Option<String>],
        &times(|span| span.from),
        &times(|span| span.to),
        &totals as &[Option<i32>],
        &matched as &[Match],
        &persons as &[Option<i64>],
        &offered
    )
    .execute(db)
    .await?;
    Ok(())
}

/// As PostgreSQL writes an array; of ids and times, which need no quotes.
fn array(items: impl Iterator<Item = impl ToString>) -> String {
    format!("{{{}}}", items.map(|item| item.to_string()).collect::<Vec<_>>().join(","))
}

/// Those who enrolled, and whoever is known by an address or a NIP in the report.
async fn candidates(
    db: &mut PgConnection,
    class: ClassId,
    report: &Report,
) -> sqlx::Result<Vec<Candidate>> {
    let emails: Vec<String> =
        report.participants.iter().filter_map(|one| one.email.clone()).collect();
    let names = report
        .participants
        .iter()
        .flat_map(|one| std::iter::once(&one.name).chain(&one.original_name));
    let nips: Vec<String> = names.flat_map(|name| nips_in(name)).collect();
    let rows = sqlx::query!(
        r#"select p.id, p.name, lower(p.email) as email, e.id is not null as "enrolled!",
             array(select nip from person_nip where person_id = p.id) as "nips!"
         from person p
         left join enrolment e on e.person_id = p.id and e.class_id = $1 and e.state <> 'withdrawn'
         where e.id is not null or lower(p.email) = any($2)
           or p.id in (select person_id from person_nip where nip = any($3))"#,
        class.0,
        &emails,
        &nips
    )
    .fetch_all(db)
    .await?;
    let candidate = rows.into_iter().map(|row| Candidate {
        person: row.id,
        name: row.name,
        email: row.email,
        nips: row.nips,
        enrolled: row.enrolled,
    });
    Ok(candidate.collect())
}

/// One report and what became of it.
#[derive(Debug, Clone)]
pub struct Import {
    pub id: ImportId,
    pub class: ClassId,
    pub file_name: String,
    pub format: String,
    pub date_order: Option<String>,
    pub date_order_why: String,
    pub zone: String,
    pub zone_why: String,
    skipped: serde_json::Value,
    pub uploaded_at: DateTime<Utc>,
    pub uploaded_by: String,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub discarded_at: Option<DateTime<Utc>>,
    pub undone_at: Option<DateTime<Utc>>,
    /// Evidence that still stands.
    pub evidence: i64,
    /// Evidence that was withdrawn.
    pub withdrawn: i64,
}

/// The zones in which a report may have been written.
pub const ZONES: [(&str, &str); 4] = [
    ("Asia/Makassar", "WITA (Makassar)"),
    ("Asia/Jakarta", "WIB (Jakarta)"),
    ("Asia/Jayapura", "WIT (Jayapura)"),
    ("UTC", "UTC"),
];

impl Import {
    /// The zone as people call it.
    pub fn zone_label(&self) -> &str {
        ZONES.iter().find(|(name, _)| *name == self.zone).map_or(&self.zone, |(_, label)| label)
    }

    /// Lines of the report that were left out, with the reasons.
    pub fn skipped(&self) -> Vec<Skipped> {
        serde_json::from_value(self.skipped.clone()).unwrap_or_default()
    }
}

/// A line of a report that was left out.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Skipped {
    /// As an editor counts lines.
    pub line: u64,
    pub reason: String,
}

/// The reports of a class that were not discarded, the latest first.
pub async fn imports(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Vec<Import>> {
    let ids = sqlx::query_scalar!(
        "select id from import where class_id = $1 and discarded_at is null order by id desc",
        class.0
    )
    .fetch_all(&mut *db)
    .await?;
    let mut imports = Vec::with_capacity(ids.len());
    for id in ids {
        imports.push(find(db, id).await?);
    }
    Ok(imports)
}

/// One report.
pub async fn find(db: &mut PgConnection, import: ImportId) -> sqlx::Result<Import> {
    sqlx::query_as!(
        Import,
        r#"select i.id, i.class_id as "class: ClassId", i.file_name, i.format, i.date_order, i.date_order_why, i.zone, i.zone_why,
             i.skipped, i.uploaded_at, p.name as uploaded_by, i.confirmed_at, i.discarded_at, i.undone_at,
             (select count(*) from evidence e join import_row r on r.id = e.import_row_id
              where r.import_id = i.id and e.withdrawn_at is null) as "evidence!",
             (select count(*) from evidence e join import_row r on r.id = e.import_row_id
              where r.import_id = i.id and e.withdrawn_at is not null) as "withdrawn!"
         from import i join person p on p.id = i.uploaded_by where i.id = $1"#,
        import.0
    )
    .fetch_one(db)
    .await
}

/// Where a matched person stands in the class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Enrolled,
    Waiting,
    /// Did not enrol.
    Outside,
}

/// One participant of a report as the preview shows it.
#[derive(Debug, Clone)]
pub struct ImportRow {
    pub id: ImportRowId,
    pub name: String,
    pub original_name: Option<String>,
    pub email: Option<String>,
    pub joined: Vec<DateTime<Utc>>,
    pub departed: Vec<DateTime<Utc>>,
    pub total_seconds: Option<i32>,
    pub matched: Match,
    pub person: Option<PersonId>,
    pub candidates: Vec<PersonId>,
    pub ignored: bool,
    pub walk_in: bool,
    /// Whether somebody chose.
    pub chosen: bool,
    pub standing: Standing,
}

impl ImportRow {
    /// Whether it becomes evidence.
    pub fn counts(&self) -> bool {
        self.person.is_some()
            && !self.ignored
            && (self.walk_in || self.standing == Standing::Enrolled)
    }

    /// Seconds in the class's time.
    pub fn seconds(&self, parts: &[report::Span]) -> i64 {
        match self.total_seconds {
            Some(total) => i64::from(total).min(report::seconds(parts)),
            None => report::seconds(&report::clip(&spans(&self.joined, &self.departed), parts)),
        }
    }

    fn known(&self, import: ImportId) -> Known {
        match self.total_seconds {
            Some(seconds) => Known::Total { import: import.0, seconds: seconds.into() },
            None => Known::Spans(spans(&self.joined, &self.departed)),
        }
    }
}

async fn rows(db: &mut PgConnection, import: ImportId) -> sqlx::Result<Vec<ImportRow>> {
    let rows = sqlx::query!(
        r#"select r.id, r.name, r.original_name, r.email, r.joined, r.departed, r.total_seconds, r.matched, r.person_id,
             r.candidates, r.ignored, r.walk_in, r.chosen_at is not null as "chosen!",
             e.state as "state?: crate::enrolment::State"
         from import_row r join import i on i.id = r.import_id
         left join enrolment e on e.class_id = i.class_id and e.person_id = r.person_id and e.state <> 'withdrawn'
         where r.import_id = $1 order by r.name, r.id"#,
        import.0
    )
    .fetch_all(db)
    .await?;
    let row = rows.into_iter().map(|row| ImportRow {
        id: row.id,
        name: row.name,
        original_name: row.original_name,
        email: row.email,
        joined: row.joined,
        departed: row.departed,
        total_seconds: row.total_seconds,
        matched: row.matched,
        person: row.person_id,
        candidates: row.candidates.into_iter().map(PersonId).collect(),
        ignored: row.ignored,
        walk_in: row.walk_in,
        chosen: row.chosen,
        standing: match row.state {
            Some(crate::enrolment::State::Active) => Standing::Enrolled,
            Some(crate::enrolment::State::Waiting) => Standing::Waiting,
            Some(crate::enrolment::State::Withdrawn) | None => Standing::Outside,
        },
    });
    Ok(row.collect())
}

/// What would follow from a report that is not confirmed yet.
#[derive(Debug, Clone)]
pub struct Preview {
    pub import: Import,
    pub rows: Vec<ImportRow>,
    pub case: Case,
    pub changes: Vec<Changed>,
    /// Names and units of everybody mentioned.
    pub people: BTreeMap<PersonId, (String, String)>,
    /// Of the whole effect: what is confirmed is what was seen.
    pub digest: String,
}

/// Works out what would follow.
pub async fn preview(db: &mut PgConnection, import: ImportId) -> sqlx::Result<Preview> {
    let import = find(db, import).await?;
    let rows = rows(db, import.id).await?;
    let mut case = Case::load(db, import.class).await?;
    for row in rows.iter().filter(|row| row.counts()) {
        if let Some(person) = row.person {
            case.suppose(person, row.known(import.id));
        }
    }
    case.reported = true;
    let changes = case.changes();
    let mentioned =
        rows.iter().flat_map(|row| row.person.into_iter().chain(row.candidates.iter().copied()));
    let mentioned: BTreeSet<PersonId> =
        mentioned.chain(changes.iter().map(|change| change.person)).collect();
    let people = names(db, &mentioned).await?;
    let used: Vec<_> =
        rows.iter().filter(|row| row.counts()).map(|row| (row.id, row.person)).collect();
    let digest = hex(&Sha256::digest(format!("{used:?}{changes:?}{:?}", case.rule)));
    Ok(Preview { import, rows, case, changes, people, digest })
}

/// Names and units of people.
pub async fn names(
    db: &mut PgConnection,
    people: &BTreeSet<PersonId>,
) -> sqlx::Result<BTreeMap<PersonId, (String, String)>> {
    let ids: Vec<i64> = people.iter().map(|person| person.0).collect();
    let rows = sqlx::query!(
        "select p.id, p.name, u.name as unit from person p join unit u on u.id = p.unit_id where p.id = any($1)",
        &ids
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, (row.name, row.unit))).collect())
}

/// What the organiser says of one participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Person(PersonId),
    Ignore,
    /// Credit the person, who has no seat, outside the quota; or not.
    WalkIn(bool),
    /// Back to not chosen.
    Open,
}

/// Stores a choice. Nobody is chosen by themselves. Says whether anything changed.
pub async fn choose(
    db: &mut PgConnection,
    import: ImportId,
    row: ImportRowId,
    choice: Choice,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let (person, ignored, walk_in) = match choice {
        Choice::Person(person) => (Some(person.0), Some(false), None),
        Choice::Ignore => (None, Some(true), Some(false)),
        Choice::WalkIn(walk_in) => (None, None, Some(walk_in)),
        Choice::Open => (None, Some(false), Some(false)),
    };
    let sets_person = !matches!(choice, Choice::WalkIn(_));
    let done = sqlx::query!(
        "update import_row r set
           person_id = case when $3 then $4 else r.person_id end,
           ignored = coalesce($5, r.ignored), walk_in = coalesce($6, r.walk_in), chosen_at = $7, chosen_by = $8
         from import i
         where r.id = $1 and r.import_id = $2 and i.id = r.import_id and i.confirmed_at is null
           and ($4::bigint is null or exists (select from person where id = $4))
           and (case when $3 then $4 else r.person_id end) is distinct from $8
           and ((case when $3 then $4 else r.person_id end) is distinct from r.person_id
             or coalesce($5, r.ignored) <> r.ignored or coalesce($6, r.walk_in) <> r.walk_in)",
        row.0,
        import.0,
        sets_person,
        person,
        ignored,
        walk_in,
        now,
        by.0
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The class's rule, as the organiser sets it before confirming: the share in
/// percent, and when its parts really took place.
pub async fn set_rule(
    db: &mut PgConnection,
    class: ClassId,
    percent: i32,
    parts: &[Option<(DateTime<Utc>, DateTime<Utc>)>],
) -> sqlx::Result<()> {
    case::lock(db, class).await?;
    sqlx::query!(
        "update class set presence_percent = $2, version = version + 1 where id = $1",
        class.0,
        percent
    )
    .execute(&mut *db)
    .await?;
    for (position, really) in (1..).zip(parts) {
        let (started, ended) = really.unzip();
        sqlx::query!(
            "update class_part set really_started = $3, really_ended = $4 where class_id = $1 and position = $2",
            class.0,
            position,
            started,
            ended
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Why a report was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    #[error("Data berubah sejak pratinjau ini dibuka. Periksa lagi, lalu catat.")]
    Stale,
    #[error("Impor ini sudah dibuang.")]
    Discarded,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Takes the report in: its evidence stands from now on, and everything that
/// follows is decided and booked. Confirming twice changes nothing more.
pub async fn confirm(
    db: &mut PgConnection,
    import: ImportId,
    seen: &str,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Changed>, ConfirmError> {
    let class = find(db, import).await?.class;
    case::lock(db, class).await?;
    let preview = preview(db, import).await?;
    if preview.import.confirmed_at.is_some() {
        return Ok(Vec::new());
    }
    if preview.import.discarded_at.is_some() {
        return Err(ConfirmError::Discarded);
    }
    if preview.digest != seen {
        return Err(ConfirmError::Stale);
    }
    sqlx::query!(
        "insert into evidence (class_id, person_id, lane, kind, import_row_id, joined, departed, total_seconds, recorded_at, recorded_by)
         select $2, r.person_id, $3, 'zoom_report', r.id, r.joined, r.departed, r.total_seconds, $4, $5
         from import_row r
         where r.import_id = $1 and r.person_id is not null and not r.ignored
           and (r.walk_in or exists (select from enrolment e
             where e.class_id = $2 and e.person_id = r.person_id and e.state = 'active'))",
        import.0,
        class.0,
        Lane::Zoom as Lane,
        now,
        by.0
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update import set confirmed_at = $2, confirmed_by = $3 where id = $1",
        import.0,
        now,
        by.0
    )
    .execute(&mut *db)
    .await?;
    let case = Case::load(db, class).await?;
    Ok(case.settle(db, &format!("impor {import} mengubah keputusan"), by, now).await?)
}

/// Throws a preview away.
pub async fn discard(
    db: &mut PgConnection,
    import: ImportId,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update import set discarded_at = $2, discarded_by = $3
         where id = $1 and confirmed_at is null and discarded_at is null",
        import.0,
        now,
        by.0
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The case as it would be without a report, and whose evidence must stay.
async fn without(
    db: &mut PgConnection,
    import: &Import,
) -> sqlx::Result<(Case, BTreeSet<PersonId>)> {
    let of_import = sqlx::query_scalar!(
        "select e.id from evidence e join import_row r on r.id = e.import_row_id where r.import_id = $1 and e.withdrawn_at is null",
        import.id.0
    )
    .fetch_all(&mut *db)
    .await?;
    let of_import: BTreeSet<_> = of_import.into_iter().collect();
    let mut case = Case::load(db, import.class).await?;
    case.without(|_, evidence| of_import.contains(&evidence));
    let blocked = case
        .changes()
        .into_iter()
        .filter(|change| change.blocked)
        .map(|change| change.person)
        .collect();
    Ok((case, blocked))
}

/// What would follow from withdrawing a report: the changes, and the people
/// who keep their presence until their certificates are revoked.
pub async fn undo_preview(
    db: &mut PgConnection,
    import: ImportId,
) -> sqlx::Result<(Vec<Changed>, BTreeSet<PersonId>)> {
    let import = find(db, import).await?;
    let others = sqlx::query_scalar!(
        r#"select exists (select from import where class_id = $1 and id <> $2 and confirmed_at is not null and undone_at is null) as "any!""#,
        import.class.0,
        import.id.0
    )
    .fetch_one(&mut *db)
    .await?;
    let (mut case, blocked) = without(db, &import).await?;
    case.reported = others || !blocked.is_empty();
    let changes = case.changes().into_iter().filter(|change| !change.blocked).collect();
    Ok((changes, blocked))
}

/// Withdraws a report's evidence, and decides and books what follows. Those
/// whose certificates are live keep theirs and are named; once revoked, the
/// rest can be withdrawn the same way. Withdrawing twice changes nothing more.
pub async fn undo(
    db: &mut PgConnection,
    import: ImportId,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<(Vec<Changed>, BTreeSet<PersonId>)> {
    let class = find(db, import).await?.class;
    case::lock(db, class).await?;
    let import = find(db, import).await?;
    if import.confirmed_at.is_none() || import.undone_at.is_some() {
        return Ok((Vec::new(), BTreeSet::new()));
    }
    let (_, blocked) = without(db, &import).await?;
    let kept: Vec<i64> = blocked.iter().map(|person| person.0).collect();
    sqlx::query!(
        "update evidence e set withdrawn_at = $2, withdrawn_by = $3
         from import_row r where r.id = e.import_row_id and r.import_id = $1
           and e.withdrawn_at is null and e.person_id <> all($4)",
        import.id.0,
        now,
        by.0,
        &kept
    )
    .execute(&mut *db)
    .await?;
    if blocked.is_empty() {
        sqlx::query!(
            "update import set undone_at = $2, undone_by = $3 where id = $1",
            import.id.0,
            now,
            by.0
        )
        .execute(&mut *db)
        .await?;
    }
    let case = Case::load(db, class).await?;
    let changes = case.settle(db, &format!("impor {} dibatalkan", import.id), by, now).await?;
    Ok((changes, blocked))
}
