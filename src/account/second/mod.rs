//! The second factor: an authenticator app, passkeys, recovery codes, and the sign-in that waits
//! for one of them.

mod authenticator;
mod passkeys;
mod pending;
mod recovery;
pub mod web;

pub use authenticator::{
    CODE_TRIES, Secret, accept, begin, confirm, count_try, drop_authenticator, standing,
};
pub use passkeys::{
    CHALLENGE_LASTS, Passkey, PasskeyError, add, authenticate, challenge_sign_in, drop_passkey,
    offer, passkeys, relying_party,
};
pub use pending::{PENDING_LASTS, Pending, begin_sign_in, finish_sign_in, pending};
pub use recovery::{CODES, left, looks_like_recovery, make_codes, use_code};

use super::{Reach, ReachError};
use crate::ids::{PersonId, UnitId};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Whether the person has a second factor.
pub async fn has(db: &mut PgConnection, person: PersonId) -> sqlx::Result<bool> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from second_factor where person_id = $1) as "has!""#,
        person.0
    );
    found.fetch_one(db).await
}

/// Whether the person must set up a second factor before their role opens anything.
pub async fn lacks(db: &mut PgConnection, person: PersonId) -> sqlx::Result<bool> {
    let found = sqlx::query_scalar!(
        r#"select exists (
             select from role_grant
             where person_id = $1 and revoked_at is null and role in ('organiser', 'administrator'))
           and not exists (select from second_factor where person_id = $1)
           and not exists (select from installation where demo) as "lacks!""#,
        person.0
    );
    found.fetch_one(db).await
}

/// Why a second factor was not reset.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    #[error("Anda tidak dapat mengatur ulang faktor kedua Anda sendiri. Minta administrator lain.")]
    Own,
    #[error(transparent)]
    Reach(#[from] ReachError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Takes away every second factor of somebody within reach, who lost theirs, and signs them out
/// everywhere.
pub async fn reset(
    db: &mut PgConnection,
    person: PersonId,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), ResetError> {
    if by == person {
        return Err(ResetError::Own);
    }
    Reach::of(db, by).await?.act(db, person).await?;
    drop_all(db, person).await?;
    super::end_sign_ins(db, person, now).await?;
    Ok(())
}

/// Takes away every second factor, and what was to be signed in with it.
pub(super) async fn drop_all(db: &mut PgConnection, person: PersonId) -> sqlx::Result<()> {
    sqlx::query!("delete from authenticator where person_id = $1", person.0)
        .execute(&mut *db)
        .await?;
    sqlx::query!("delete from passkey where person_id = $1", person.0).execute(&mut *db).await?;
    sqlx::query!("delete from passkey_challenge where person_id = $1", person.0)
        .execute(&mut *db)
        .await?;
    sqlx::query!("delete from recovery_code where person_id = $1", person.0)
        .execute(&mut *db)
        .await?;
    end_pending(db, person).await
}

/// Ends the sign-ins that wait for a second factor.
pub(super) async fn end_pending(db: &mut PgConnection, person: PersonId) -> sqlx::Result<()> {
    sqlx::query!("delete from pending_sign_in where person_id = $1", person.0).execute(db).await?;
    Ok(())
}

/// Whether one of the person's factors was added with a password whose link was made by somebody
/// who could not give a role for the unit: they may have added it themselves.
pub(super) async fn known_beyond(
    db: &mut PgConnection,
    person: PersonId,
    unit: UnitId,
) -> sqlx::Result<bool> {
    let makers = sqlx::query_scalar!(
        r#"select link_by as "maker!: PersonId" from authenticator where person_id = $1 and link_by is not null
           union select link_by from passkey where person_id = $1 and link_by is not null"#,
        person.0
    )
    .fetch_all(&mut *db)
    .await?;
    for maker in makers {
        if !Reach::of(db, maker).await?.covers(unit) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// After a factor was added: every other sign-in ends, since it was made without it.
///
/// The password is held, so that no sign-in with it alone slips in between.
async fn added(
    db: &mut PgConnection,
    person: PersonId,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!("select person_id from password where person_id = $1 for update", person.0)
        .fetch_optional(&mut *db)
        .await?;
    end_pending(db, person).await?;
    sqlx::query!(
        "update sign_in set ended_at = $3
         where person_id = $1 and token_hash <> $2 and ended_at is null",
        person.0,
        token_hash,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// After a factor was removed: recovery codes stand in for a factor, so they go with the last one.
async fn removed(db: &mut PgConnection, person: PersonId) -> sqlx::Result<()> {
    if has(db, person).await? { Ok(()) } else { drop_all(db, person).await }
}
