//! What an organiser decides by hand, with a reason, never about themselves.

use super::case::{Case, Changed, NotOpen, open};
use crate::{
    class::{self, Lane},
    ids::{ClassId, PersonId},
    people,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What an organiser says of somebody.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub present: bool,
    /// The way in which they followed the class.
    pub lane: Lane,
    /// Shown to the person.
    pub reason: String,
}

/// Why nothing was decided by hand.
#[derive(Debug, thiserror::Error)]
pub enum ByHandError {
    #[error("Anda tidak dapat memutuskan kehadiran Anda sendiri. Minta penyelenggara lain.")]
    Own,
    #[error(
        "Sertifikatnya masih berlaku, jadi kehadirannya tidak dapat dibatalkan. Cabut sertifikatnya dahulu."
    )]
    Certified,
    #[error(transparent)]
    NotOpen(#[from] NotOpen),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Decides somebody's presence by hand, over what reports say.
pub async fn set(
    db: &mut PgConnection,
    class: ClassId,
    person: PersonId,
    verdict: &Verdict,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Changed>, ByHandError> {
    begin(db, class, person, by, now).await?;
    sqlx::query!(
        "insert into evidence (class_id, person_id, lane, kind, present, reason, recorded_at, recorded_by)
         values ($1, $2, $3, 'by_hand', $4, $5, $6, $7)",
        class.0,
        person.0,
        verdict.lane as Lane,
        verdict.present,
        verdict.reason,
        now,
        by.0
    )
    .execute(&mut *db)
    .await?;
    settle(db, class, person, "kehadiran ditetapkan penyelenggara", by, now).await
}

/// Takes back what was decided by hand, if anything was, so that the reports decide.
pub async fn drop_verdicts(
    db: &mut PgConnection,
    class: ClassId,
    person: PersonId,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Changed>, ByHandError> {
    begin(db, class, person, by, now).await?;
    sqlx::query!(
        "update evidence set withdrawn_at = $3, withdrawn_by = $4
         where class_id = $1 and person_id = $2 and kind = 'by_hand' and withdrawn_at is null",
        class.0,
        person.0,
        now,
        by.0
    )
    .execute(&mut *db)
    .await?;
    settle(db, class, person, "ketetapan penyelenggara ditarik", by, now).await
}

async fn begin(
    db: &mut PgConnection,
    class: ClassId,
    person: PersonId,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), ByHandError> {
    if people::records(db, by).await?.contains(&person) {
        return Err(ByHandError::Own);
    }
    class::lock(db, class).await?;
    Ok(open(&class::find(db, class).await?, now)?)
}

/// Decides on that person, and on nobody else.
async fn settle(
    db: &mut PgConnection,
    class: ClassId,
    person: PersonId,
    why: &str,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Changed>, ByHandError> {
    let case = Case::load(db, class, by).await?;
    let mut changes = case.changes();
    changes.retain(|change| change.person == person);
    if changes.iter().any(|change| change.kept.is_some()) {
        return Err(ByHandError::Certified);
    }
    Ok(case.record(db, changes, why, now).await?)
}
