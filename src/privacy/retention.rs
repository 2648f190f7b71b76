//! How long technical data is kept, and what deletes it. Hours, certificates, decisions, evidence
//! and histories are never touched: the archive law keeps them.

use crate::{
    ids::PersonId,
    settings::{self, Version},
};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

const TOPIC: &str = "retention";

/// Rows that go in one transaction, of each table.
const BATCH: i64 = 500;

/// Days for which technical data is kept after it has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retention {
    /// Sign-ins since they ended or were last used; at least as long as one can last.
    pub sign_ins: i32,
    /// Guesses at a password.
    pub tries: i32,
    /// Devices since somebody signed in there.
    pub devices: i32,
    /// Links and codes since they were used or expired.
    pub links: i32,
    /// Mails since they were sent or given up.
    pub mails: i32,
    /// Of reports: files since they were discarded or undone, rows that are no evidence since the
    /// report was settled. Long enough for somebody to object.
    pub reports: i32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { sign_ins: 180, tries: 7, devices: 400, links: 90, mails: 90, reports: 365 }
    }
}

/// The days as they stand.
pub async fn retention(db: &mut PgConnection) -> sqlx::Result<Retention> {
    Ok(settings::read(db, TOPIC).await?.unwrap_or_default())
}

/// Stores the days. The settings must be locked.
pub async fn set_retention(
    db: &mut PgConnection,
    retention: &Retention,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    settings::write(db, TOPIC, retention, Some(by), now).await
}

/// Who changed the days last, and when.
pub async fn retention_version(db: &mut PgConnection) -> sqlx::Result<Option<Version>> {
    Ok(settings::versions(db, TOPIC).await?.into_iter().next())
}

/// Deletes a small batch of what is older than the days say, and says how many rows went. To be
/// called until none do.
pub async fn sweep(
    db: &mut PgConnection,
    days: &Retention,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let before = |days: i32| now - Duration::days(days.into());
    let mut gone = sign_ins_and_devices(db, before(days.sign_ins), before(days.devices)).await?;
    gone += sqlx::query!(
        "delete from sign_in_try where ctid = any(array(select ctid from sign_in_try where at < $1 limit $2))",
        before(days.tries),
        BATCH
    )
    .execute(&mut *db)
    .await?
    .rows_affected();
    gone += sqlx::query!(
        "delete from activation where id in (
           select id from activation where coalesce(used_at, expires_at) < $1 and expires_at < $2 limit $3)",
        before(days.links),
        now,
        BATCH
    )
    .execute(&mut *db)
    .await?
    .rows_affected();
    gone += sqlx::query!(
        "delete from mail where id in (select id from mail where ended_at < $1 limit $2)",
        before(days.mails),
        BATCH
    )
    .execute(&mut *db)
    .await?
    .rows_affected();
    Ok(gone + reports(db, before(days.reports)).await?)
}

async fn sign_ins_and_devices(
    db: &mut PgConnection,
    sign_ins: DateTime<Utc>,
    devices: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let ended = sqlx::query!(
        "delete from sign_in where token_hash in (
           select token_hash from sign_in where coalesce(ended_at, seen_at) < $1 limit $2)",
        sign_ins,
        BATCH
    )
    .execute(&mut *db)
    .await?;
    let known = sqlx::query!(
        "delete from known_device where token_hash in (
           select token_hash from known_device where seen_at < $1 limit $2)",
        devices,
        BATCH
    )
    .execute(db)
    .await?;
    Ok(ended.rows_affected() + known.rows_affected())
}

/// Files of reports that count for nothing, and rows of settled reports that are no evidence.
async fn reports(db: &mut PgConnection, before: DateTime<Utc>) -> sqlx::Result<u64> {
    let files = sqlx::query!(
        "update import set file = '' where id in (
           select id from import where coalesce(discarded_at, undone_at) < $1 and file <> '' limit $2)",
        before,
        BATCH
    )
    .execute(&mut *db)
    .await?;
    let rows = sqlx::query!(
        "delete from import_row where id in (
           select r.id from import_row r join import i on i.id = r.import_id
           where coalesce(i.discarded_at, i.undone_at, i.confirmed_at) < $1
             and not exists (select from evidence e where e.import_row_id = r.id) limit $2)",
        before,
        BATCH
    )
    .execute(db)
    .await?;
    Ok(files.rows_affected() + rows.rows_affected())
}
