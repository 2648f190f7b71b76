//! What an organiser decides by hand, with a reason, never about themselves.

use super::case::{Case, Changed};
use crate::{
    class::{self, Lane},
    ids::{ClassId, PersonId},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What an organiser says of somebody.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub present: bool,
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
    #[error("Kelas ini belum dimulai.")]
    NotYet,
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
        Lane::Zoom as Lane,
        verdict.present,
        verdict.reason,
        now,
        by.0
    )
    .execute(&mut *db)
    .await?;
    settle(db, class, person, "kehadiran ditetapkan penyelenggara", by, now).await
}

/// Takes back what was decided by hand, so that the reports decide again.
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
    if person == by {
        return Err(ByHandError::Own);
    }
    class::lock(db, class).await?;
    if class::find(db, class).await?.starts() > now {
        return Err(ByHandError::NotYet);
    }
    Ok(())
}

async fn settle(
    db: &mut PgConnection,
    class: ClassId,
    person: PersonId,
    why: &str,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Changed>, ByHandError> {
    let case = Case::load(db, class).await?;
    if case.changes().iter().any(|change| change.person == person && change.blocked) {
        return Err(ByHandError::Certified);
    }
    Ok(case.settle(db, why, by, now).await?)
}
