//! What would follow from a report, and what the organiser says of its participants.

use crate::attendance::{
    Match,
    case::{Case, Changed, spans},
    decide::Known,
    report::{self},
};
use crate::{
    assets::hex,
    ids::{ImportId, ImportRowId, PersonId},
    people,
};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

use super::{Import, ImportError, counted, find, hold};

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
    /// Whom it may be, the likeliest first; whom it was found to be, where that was certain.
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

/// Works out what would follow if that person confirmed it.
pub async fn preview(
    db: &mut PgConnection,
    import: ImportId,
    by: PersonId,
) -> sqlx::Result<Preview> {
    let class = counted(db, import).await?;
    let import = find(db, import).await?;
    let rows = rows(db, import.id).await?;
    let mut case = Case::of(db, class, by).await?;
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
        r#"select r.record_id as "id!: PersonId", p.name, u.name as unit
         from person_record r join person p on p.id = r.person_id join unit u on u.id = p.unit_id
         where r.record_id = any($1)"#,
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

/// Stores what the organiser says of participants of the report, and says whether
/// anything changed. Nobody chooses or credits themselves; then the caller rolls back.
pub async fn choose(
    db: &mut PgConnection,
    import: ImportId,
    choices: &BTreeMap<ImportRowId, Choice>,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, ImportError> {
    hold(db, import).await?;
    let rows: Vec<i64> = choices.keys().map(|row| row.0).collect();
    let set: Vec<Set> = choices.values().map(|choice| Set::of(*choice)).collect();
    let (names, persons): (Vec<bool>, Vec<Option<i64>>) =
        set.iter().map(|set| (set.names, set.person)).unzip();
    let (ignored, walk_in): (Vec<Option<bool>>, Vec<bool>) =
        set.iter().map(|set| (set.ignored, set.walk_in)).unzip();
    let changed = sqlx::query!(
        "update import_row r set
           person_id = case when n.names then n.person else r.person_id end,
           ignored = coalesce(n.ignored, r.ignored), walk_in = n.walk_in, chosen_at = $7, chosen_by = $8
         from unnest($2::bigint[], $3::bool[], $4::bigint[], $5::bool[], $6::bool[])
           n (id, names, person, ignored, walk_in)
         where r.id = n.id and r.import_id = $1
           and not (n.names and r.person_id is not distinct from $8)
           and (n.person is null or exists (select from person where id = n.person))
           and ((n.names and n.person is distinct from r.person_id)
             or coalesce(n.ignored, r.ignored) <> r.ignored or n.walk_in <> r.walk_in)
         returning r.person_id",
        import.0,
        &rows,
        &names,
        &persons as &[Option<i64>],
        &ignored as &[Option<bool>],
        &walk_in,
        now,
        by.0
    )
    .fetch_all(&mut *db)
    .await?;
    let own = people::records(db, by).await?;
    if changed.iter().any(|row| row.person_id.is_some_and(|person| own.contains(&person))) {
        return Err(ImportError::Own);
    }
    Ok(!changed.is_empty())
}

/// What becomes of a row. Nothing is left as it is.
struct Set {
    /// Whether it says whose the row is.
    names: bool,
    person: Option<i64>,
    ignored: Option<bool>,
    walk_in: bool,
}

impl Set {
    fn of(choice: Choice) -> Self {
        let set = Self { names: true, person: None, ignored: Some(false), walk_in: false };
        match choice {
            // Whoever was credited without a seat was somebody else.
            Choice::Person(person) => Self { person: Some(person.0), ..set },
            Choice::Ignore => Self { ignored: Some(true), ..set },
            Choice::WalkIn(walk_in) => Self { names: false, ignored: None, walk_in, ..set },
            Choice::Open => set,
        }
    }
}
