//! How often a password may be guessed: counted by NIP, and apart for devices on which its holder
//! signed in before, so that strangers who guess lock nobody out of those.

use crate::ids::PersonId;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::{digest, new_token};

/// Tries in a quarter of an hour before somebody has to wait.
pub const TRIES: i64 = 8;

/// How long a device is known after somebody signed in there: as long as browsers keep a cookie.
pub const DEVICE_LASTS: Duration = Duration::days(400);

/// Counts a try at this NIP before its password is looked at: however many come
/// at once, they are counted one after the other. Seconds to wait when there
/// were too many; then this one may not be checked. The same for a NIP that
/// nobody holds. To be committed before the check.
pub async fn count_try(
    db: &mut PgConnection,
    nip: &str,
    device: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<i64>> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('sign-in ' || $1, 0))", nip)
        .execute(&mut *db)
        .await?;
    let device = known(db, nip, device, now).await?;
    let before = sqlx::query!(
        r#"select count(*) as "tries!", max(at) as last from sign_in_try
           where nip = $1 and device is not distinct from $2 and at > $3"#,
        nip,
        device,
        now - Duration::minutes(15)
    )
    .fetch_one(&mut *db)
    .await?;
    let wait = before.last.map(|last| (last + Duration::seconds(60) - now).num_seconds());
    if let Some(seconds) = wait.filter(|seconds| before.tries >= TRIES && *seconds > 0) {
        return Ok(Some(seconds));
    }
    sqlx::query!("insert into sign_in_try (nip, at, device) values ($1, $2, $3)", nip, now, device)
        .execute(db)
        .await?;
    Ok(None)
}

/// The device, if the holder of the NIP signed in there before.
async fn known(
    db: &mut PgConnection,
    nip: &str,
    device: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Vec<u8>>> {
    let Some(device) = device.map(digest) else { return Ok(None) };
    sqlx::query_scalar!(
        "select d.token_hash from known_device d
         join person_record r on r.person_id = d.person_id
         join person_nip n on n.person_id = r.record_id
         where d.token_hash = $1 and n.nip = $2 and d.seen_at > $3",
        device,
        nip,
        now - DEVICE_LASTS
    )
    .fetch_optional(db)
    .await
}

/// Remembers that the person signed in on this device, in place of what it was known by before.
/// Gives the token for its cookie.
pub async fn remember_device(
    db: &mut PgConnection,
    person: PersonId,
    before: Option<&str>,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let token = new_token()?;
    sqlx::query!(
        "delete from known_device where person_id = $1 and (token_hash = $2 or seen_at < $3)",
        person.0,
        before.map(digest),
        now - DEVICE_LASTS
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into known_device (token_hash, person_id, seen_at) values ($1, $2, $3)",
        digest(&token),
        person.0,
        now
    )
    .execute(db)
    .await?;
    Ok(token)
}
