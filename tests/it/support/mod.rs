//! What the tests share: a world of people and classes, visitors, reports, and a few questions
//! that only the database can answer.

pub mod form;
pub mod histories;
pub mod issuer;
pub mod network;
pub mod post;
pub mod provider;
pub mod visitor;
pub mod world;
pub mod zoom;

pub use visitor::Visitor;
pub use world::{Person, World};
pub use zoom::Zoom;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Executor, PgPool, Postgres, Row, Transaction};

/// A moment, as the province writes it: `"2026-03-10 09:00"` or with seconds.
#[track_caller]
pub fn wita(local: &str) -> DateTime<Utc> {
    let seconds = if local.len() == 16 { ":00" } else { "" };
    format!("{}{seconds}+08:00", local.replace(' ', "T")).parse().unwrap()
}

/// Does what only the owner of the tables can do.
pub async fn run(db: &PgPool, sql: &str) {
    db.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
}

/// Why the database refuses.
pub async fn refusal(db: &PgPool, sql: &str) -> String {
    db.execute(AssertSqlSafe(sql.to_owned())).await.unwrap_err().to_string()
}

/// The test's database, as a program is told of it.
pub fn url(db: &PgPool) -> String {
    let named = std::env::var("DATABASE_URL").unwrap();
    let (before, query) = named.split_once('?').unwrap_or((&named, ""));
    let (server, _) = before.rsplit_once('/').unwrap();
    let name = db.connect_options().get_database().unwrap_or_default().to_owned();
    format!("{server}/{name}?{query}")
}

/// The one number that the query gives.
pub async fn number(db: &PgPool, sql: &str) -> i64 {
    let sql = format!("select ({sql})::bigint");
    db.fetch_one(AssertSqlSafe(sql)).await.unwrap().get(0)
}

/// The first column of each row, as text.
pub async fn column(db: &PgPool, sql: &str) -> Vec<String> {
    let rows = db.fetch_all(AssertSqlSafe(sql.to_owned())).await.unwrap();
    rows.iter().map(|row| row.get::<Option<String>, _>(0).unwrap_or_default()).collect()
}

/// Holds up whoever wants to change something, so that several come at the very same time.
pub struct Gate {
    db: PgPool,
    held: Transaction<'static, Postgres>,
}

impl Gate {
    /// Before every class.
    pub async fn close(db: &PgPool) -> Self {
        Self::before(db, "select from class for update").await
    }

    /// Before whatever this locks.
    pub async fn before(db: &PgPool, lock: &'static str) -> Self {
        let mut held = db.begin().await.unwrap();
        held.execute(lock).await.unwrap();
        Self { db: db.clone(), held }
    }

    /// Before whatever that transaction did.
    pub fn of(db: &PgPool, held: Transaction<'static, Postgres>) -> Self {
        Self { db: db.clone(), held }
    }

    /// Lets everybody through once so many wait.
    pub async fn open_for(self, count: i64) {
        let waiting = "select count(*) from pg_stat_activity
                       where datname = current_database() and wait_event_type = 'Lock'";
        while number(&self.db, waiting).await < count {
            tokio::task::yield_now().await;
        }
        self.held.commit().await.unwrap();
    }
}

/// Classes whose counters do not say what their enrolments say, or that are overbooked.
const MISCOUNTED: &str = "
    select format('class %s: %s taken, %s seated; %s waiting, %s queued; quota %s',
                  c.id, c.taken, e.active, c.waiting, e.queued, c.quota)
    from class c cross join lateral (
      select count(*) filter (where state = 'active') as active,
             count(*) filter (where state = 'waiting') as queued
      from enrolment where class_id = c.id) e
    where e.active <> c.taken or e.queued <> c.waiting or e.active > c.quota";

/// People whose hours of a class are not those of the decision that holds.
const MISBOOKED: &str = "
    with held as (
      select distinct on (class_id, person_id) class_id, person_id, jp from decision
      order by class_id, person_id, revision desc),
    booked as (
      select class_id, person_id, sum(jp) as jp from ledger_entry group by class_id, person_id)
    select format('person %s, class %s: decided %s, booked %s', person_id, class_id, held.jp, booked.jp)
    from held full join booked using (class_id, person_id)
    where coalesce(held.jp, 0) <> coalesce(booked.jp, 0)";

/// Numbers that the counter gave and no certificate has, or the reverse.
pub async fn gaps(db: &PgPool) -> Vec<String> {
    let missing = "select coalesce(n, number)::text
                   from (select generate_series(1, last) as n from certificate_counter) given
                   full join certificate on number = n where n is null or number is null";
    column(db, missing).await
}

/// What holds of every moment and does not: somebody is seated twice or too many, a counter does
/// not count, hours do not follow from a decision, a book is not whole.
pub async fn disorder(db: &PgPool) -> Vec<String> {
    let mut found = column(db, MISCOUNTED).await;
    found.extend(column(db, MISBOOKED).await);
    let verified = smartclass::ledger::verify(&mut db.acquire().await.unwrap()).await.unwrap();
    found.extend(verified.err());
    found
}

#[track_caller]
pub fn assert_in_order(db: &PgPool) -> impl Future<Output = ()> {
    let (db, place) = (db.clone(), std::panic::Location::caller());
    async move { assert_eq!(disorder(&db).await, [""; 0], "{place}") }
}
