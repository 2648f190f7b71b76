//! Sign-ins on their way to the provider and back.

use crate::account::digest;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

/// How long somebody may stay with the provider.
pub const ATTEMPT_LASTS: Duration = Duration::minutes(10);

/// What is remembered of somebody who was sent to the provider.
pub struct Attempt {
    /// Must stand in the ID token.
    pub nonce: String,
    /// Proves to the provider that whoever fetches the token is who asked (RFC 7636).
    pub verifier: String,
    /// Where the visitor wanted to go.
    pub wanted: String,
}

/// Remembers an attempt by the state that the provider brings back, for the browser that holds
/// the token.
pub async fn begin(
    db: &mut PgConnection,
    state: &str,
    attempt: &Attempt,
    browser: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!("delete from sso_attempt where expires_at <= $1", now).execute(&mut *db).await?;
    sqlx::query!(
        "insert into sso_attempt (state_hash, browser_hash, nonce, verifier, wanted, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        digest(state),
        digest(browser),
        attempt.nonce,
        attempt.verifier,
        attempt.wanted,
        now + ATTEMPT_LASTS
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The attempt with that state, to the browser that made it, once.
pub async fn take(
    db: &mut PgConnection,
    state: &str,
    browser: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Attempt>> {
    sqlx::query_as!(
        Attempt,
        "delete from sso_attempt where state_hash = $1 and browser_hash = $2 and expires_at > $3
         returning nonce, verifier, wanted",
        digest(state),
        digest(browser),
        now
    )
    .fetch_optional(db)
    .await
}
