//! A sign-in whose password was right and that waits for the second factor.

use crate::{
    account::{digest, new_token},
    ids::PersonId,
};
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

/// How long it waits.
pub const PENDING_LASTS: Duration = Duration::minutes(10);

/// A sign-in that waits.
pub struct Pending {
    pub person: PersonId,
    pub own_device: bool,
}

/// Lets a sign-in wait for the second factor. Gives the token for its cookie.
pub async fn begin_sign_in(
    db: &mut PgConnection,
    person: PersonId,
    own_device: bool,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    sqlx::query!("delete from pending_sign_in where expires_at < $1", now)
        .execute(&mut *db)
        .await?;
    let token = new_token()?;
    sqlx::query!(
        "insert into pending_sign_in (token_hash, person_id, own_device, expires_at) values ($1, $2, $3, $4)",
        digest(&token),
        person.0,
        own_device,
        now + PENDING_LASTS
    )
    .execute(db)
    .await?;
    Ok(token)
}

/// The sign-in that waits under this token.
pub async fn pending(
    db: &mut PgConnection,
    token: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Pending>> {
    sqlx::query_as!(
        Pending,
        r#"select person_id as "person: PersonId", own_device from pending_sign_in
           where token_hash = $1 and expires_at > $2"#,
        digest(token),
        now
    )
    .fetch_optional(db)
    .await
}

/// Ends the wait, once; whether it had not ended before.
pub async fn finish_sign_in(
    db: &mut PgConnection,
    token: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let ended = sqlx::query!(
        "delete from pending_sign_in where token_hash = $1 and expires_at > $2",
        digest(token),
        now
    )
    .execute(db)
    .await?;
    Ok(ended.rows_affected() > 0)
}
