//! How many learning hours a year asks for.

use super::Version;
use crate::ids::PersonId;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// A year's targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    pub year: i32,
    pub pns: i32,
    pub pppk: i32,
    pub pppk_notice: Option<i32>,
}

/// The targets of a year.
pub async fn targets(db: &mut PgConnection, year: i32) -> sqlx::Result<Targets> {
    let row = sqlx::query!(
        r#"select coalesce(max(minimum) filter (where employment = 'pns'), 20) as "pns!",
             coalesce(max(minimum) filter (where employment = 'pppk'), 20) as "pppk!",
             max(notice_above) filter (where employment = 'pppk') as notice
         from target where year = $1"#,
        year
    )
    .fetch_one(db)
    .await?;
    Ok(Targets { year, pns: row.pns, pppk: row.pppk, pppk_notice: row.notice })
}

/// Makes others who change targets wait until the end of the transaction.
pub async fn lock_targets(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("lock table target_version in share row exclusive mode").execute(db).await?;
    Ok(())
}

/// Who last changed the targets of any year, and when.
pub async fn last_target(db: &mut PgConnection) -> sqlx::Result<Option<Version>> {
    sqlx::query_as!(
        Version,
        r#"select t.id, t.changed_at as at, p.name as "by?" from target_version t
         left join person p on p.id = t.changed_by order by t.id desc limit 1"#
    )
    .fetch_optional(db)
    .await
}

/// Sets the targets of a year.
pub async fn set_targets(
    db: &mut PgConnection,
    targets: &Targets,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into target_version (year, employment, minimum, notice_above, changed_at, changed_by)
         values ($1, 'pns', $2, null, $5, $6), ($1, 'pppk', $3, $4, $5, $6)",
        targets.year,
        targets.pns,
        targets.pppk,
        targets.pppk_notice,
        now,
        by.0
    )
    .execute(db)
    .await?;
    Ok(())
}
