//! Learning hours (JP): a book for each person that only ever grows.
//!
//! A correction is a reversal, never an edit. Each entry carries the SHA-256 of
//! itself and of the one before it, and the end of each chain is kept apart, so
//! that a changed row and a tail cut off both show.

mod progress;
mod verify;
pub mod web;

pub use progress::{Progress, progress};
pub use verify::{Verified, verify};

use crate::ids::{ClassId, DecisionId, PersonId};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

/// Something to write into somebody's book.
#[derive(Debug, Clone)]
pub struct New {
    pub person: PersonId,
    /// The class's own date in the province; its year is the year that counts.
    pub happened_on: NaiveDate,
    /// Above zero for a credit, below for a reversal.
    pub jp: i32,
    pub class: Option<ClassId>,
    pub decision: Option<DecisionId>,
    /// The number of the entry that this one takes back.
    pub reverses: Option<i32>,
    pub note: String,
}

/// What an entry's hash covers, besides the hash before it.
struct Sealed<'a> {
    person: PersonId,
    number: i32,
    year: i32,
    happened_on: NaiveDate,
    jp: i32,
    class: Option<ClassId>,
    decision: Option<DecisionId>,
    reverses: Option<i32>,
    recorded_at: DateTime<Utc>,
    recorded_by: PersonId,
    /// Last, since it may hold any character.
    note: &'a str,
}

impl Sealed<'_> {
    fn hash(&self, before: &[u8]) -> Vec<u8> {
        let known = |id: Option<i64>| id.map_or_else(String::new, |id| id.to_string());
        let text = format!(
            "{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}",
            self.person,
            self.number,
            self.year,
            self.happened_on,
            self.jp,
            known(self.class.map(|class| class.0)),
            known(self.decision.map(|decision| decision.0)),
            known(self.reverses.map(i64::from)),
            self.recorded_at.timestamp_micros(),
            self.recorded_by,
            self.note
        );
        Sha256::new().chain_update(before).chain_update(text).finalize().to_vec()
    }
}

/// Writes entries at the end of their people's books, all or none.
pub async fn append(
    db: &mut PgConnection,
    entries: &[New],
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let mut people: Vec<i64> = entries.iter().map(|entry| entry.person.0).collect();
    people.sort_unstable();
    people.dedup();
    let mut heads = lock_heads(db, &people).await?;
    let mut rows = Rows::default();
    for entry in entries {
        let Some(head) = heads.iter_mut().find(|head| head.person == entry.person) else {
            return Err(sqlx::Error::RowNotFound);
        };
        head.number += 1;
        let sealed = Sealed {
            person: entry.person,
            number: head.number,
            year: entry.happened_on.year(),
            happened_on: entry.happened_on,
            jp: entry.jp,
            class: entry.class,
            decision: entry.decision,
            reverses: entry.reverses,
            recorded_at: now,
            recorded_by: by,
            note: &entry.note,
        };
        head.hash = sealed.hash(&head.hash);
        rows.push(&sealed, &head.hash);
    }
    rows.insert(db, by, now).await?;
    store_heads(db, heads).await
}

/// The end of one person's chain.
struct Head {
    person: PersonId,
    number: i32,
    hash: Vec<u8>,
}

/// Locks the ends of these people's chains, in order of their ids so that two
/// writers never wait for each other in a ring.
async fn lock_heads(db: &mut PgConnection, people: &[i64]) -> sqlx::Result<Vec<Head>> {
    sqlx::query!(
        "insert into ledger_head (person_id, number, hash)
         select person, 0, ''::bytea from unnest($1::bigint[]) person order by person on conflict do nothing",
        people
    )
    .execute(&mut *db)
    .await?;
    sqlx::query_as!(
        Head,
        r#"select person_id as "person: PersonId", number, hash from ledger_head
         where person_id = any($1) order by person_id for update"#,
        people
    )
    .fetch_all(db)
    .await
}

async fn store_heads(db: &mut PgConnection, heads: Vec<Head>) -> sqlx::Result<()> {
    let people: Vec<i64> = heads.iter().map(|head| head.person.0).collect();
    let numbers: Vec<i32> = heads.iter().map(|head| head.number).collect();
    let hashes: Vec<Vec<u8>> = heads.into_iter().map(|head| head.hash).collect();
    sqlx::query!(
        "update ledger_head h set number = n.number, hash = n.hash
         from unnest($1::bigint[], $2::int[], $3::bytea[]) n (person, number, hash) where h.person_id = n.person",
        &people,
        &numbers,
        &hashes
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Columns of many entries, for one insert.
#[derive(Default)]
struct Rows {
    people: Vec<i64>,
    numbers: Vec<i32>,
    days: Vec<NaiveDate>,
    jp: Vec<i32>,
    classes: Vec<Option<i64>>,
    decisions: Vec<Option<i64>>,
    reverses: Vec<Option<i32>>,
    notes: Vec<String>,
    hashes: Vec<Vec<u8>>,
}

impl Rows {
    fn push(&mut self, entry: &Sealed<'_>, hash: &[u8]) {
        self.people.push(entry.person.0);
        self.numbers.push(entry.number);
        self.days.push(entry.happened_on);
        self.jp.push(entry.jp);
        self.classes.push(entry.class.map(|class| class.0));
        self.decisions.push(entry.decision.map(|decision| decision.0));
        self.reverses.push(entry.reverses);
        self.notes.push(entry.note.to_owned());
        self.hashes.push(hash.to_owned());
    }

    async fn insert(
        &self,
        db: &mut PgConnection,
        by: PersonId,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        sqlx::query!(
            "insert into ledger_entry (person_id, number, year, happened_on, jp, class_id, decision_id, reverses,
               note, hash, recorded_at, recorded_by)
             select person, number, extract(year from day), day, jp, class, decision, reverses, note, hash, $10, $11
             from unnest($1::bigint[], $2::int[], $3::date[], $4::int[], $5::bigint[], $6::bigint[], $7::int[],
               $8::text[], $9::bytea[]) n (person, number, day, jp, class, decision, reverses, note, hash)",
            &self.people,
            &self.numbers,
            &self.days,
            &self.jp,
            &self.classes as &[Option<i64>],
            &self.decisions as &[Option<i64>],
            &self.reverses as &[Option<i32>],
            &self.notes,
            &self.hashes,
            now,
            by.0
        )
        .execute(db)
        .await?;
        Ok(())
    }
}

/// A credit of a class that was not taken back.
#[derive(Debug, Clone)]
pub struct Credit {
    pub person: PersonId,
    pub number: i32,
    pub jp: i32,
    pub happened_on: NaiveDate,
}

/// Every credit of the class that stands.
pub async fn standing_credits(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Vec<Credit>> {
    sqlx::query_as!(
        Credit,
        r#"select e.person_id as "person: PersonId", e.number, e.jp, e.happened_on from ledger_entry e
         where e.class_id = $1 and e.jp > 0
           and not exists (select from ledger_entry r where r.person_id = e.person_id and r.reverses = e.number)"#,
        class.0
    )
    .fetch_all(db)
    .await
}

/// The years in which the person has entries, with their totals; the latest first.
pub async fn years(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Vec<(i32, i32)>> {
    let rows = sqlx::query!(
        r#"select year as "year!", jp as "jp!" from learning_hours where person_id = $1 order by year desc"#,
        person.0
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.year, row.jp)).collect())
}

/// A line of somebody's book.
#[derive(Debug, Clone)]
pub struct Entry {
    pub number: i32,
    pub happened_on: NaiveDate,
    pub jp: i32,
    pub note: String,
    /// Why it was decided so.
    pub because: Option<String>,
    /// A live certificate for it.
    pub certificate: Option<i64>,
}

impl Entry {
    /// Whether it takes an earlier entry back.
    pub fn is_reversal(&self) -> bool {
        self.jp < 0
    }
}

/// The person's entries of a year in the order of writing.
pub async fn entries(
    db: &mut PgConnection,
    person: PersonId,
    year: i32,
) -> sqlx::Result<Vec<Entry>> {
    sqlx::query_as!(
        Entry,
        r#"select e.number, e.happened_on, e.jp, e.note, d.sentence as "because?", x.id as "certificate?: i64"
         from ledger_entry e
         left join decision d on d.id = e.decision_id
         left join certificate x on x.class_id = e.class_id and x.person_id = e.person_id and x.kind = 'participant'
           and x.revoked_at is null and e.jp > 0
           and not exists (select from ledger_entry r where r.person_id = e.person_id and r.reverses = e.number)
         where e.person_id = any(array(select record_id from person_record where person_id = $1)) and e.year = $2
         order by e.recorded_at, e.person_id, e.number"#,
        person.0,
        year
    )
    .fetch_all(db)
    .await
}

/// A class that was decided to earn the person nothing.
#[derive(Debug, Clone)]
pub struct Missed {
    pub title: String,
    pub starts: DateTime<Utc>,
    /// There, but not for long enough.
    pub partly: bool,
    /// Why it was decided so.
    pub because: String,
}

/// The classes of a year, by the province's calendar, in which the decision
/// that holds gives the person no hours; by time.
pub async fn missed(
    db: &mut PgConnection,
    person: PersonId,
    year: i32,
) -> sqlx::Result<Vec<Missed>> {
    sqlx::query_as!(
        Missed,
        r#"select c.title, c.starts, d.outcome = 'partial' as "partly!", d.sentence as because
         from (select distinct on (class_id) class_id, outcome, sentence from decision
               where person_id = any(array(select record_id from person_record where person_id = $1))
               order by class_id, revision desc) d
         join class c on c.id = d.class_id
         where d.outcome in ('partial', 'absent') and extract(year from c.starts at time zone 'Asia/Makassar') = $2::int
         order by c.starts, c.id"#,
        person.0,
        year
    )
    .fetch_all(db)
    .await
}
