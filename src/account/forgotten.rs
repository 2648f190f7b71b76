//! Asking for a link by oneself. The page writes down the NIP, whatever it is; whether somebody
//! holds it is found out later, by the worker, so that no answer tells, nor how long it takes.

use crate::people;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::{MailError, mailed};

/// Links that a person is mailed in an hour; whoever asks for more is told the same.
pub const ASKED_AN_HOUR: i64 = 3;

/// How long a request waits for a worker at most.
const PATIENCE: Duration = Duration::hours(1);

/// Notes that somebody asks for a link with this NIP.
pub async fn ask(db: &mut PgConnection, nip: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into link_request (nip, at) values ($1, $2) on conflict (nip) do update set at = excluded.at",
        nip,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Mails a link to whom the oldest request is about, if there is somebody, with an address and
/// not too many links. Says whether there was a request.
pub async fn answer(
    db: &mut PgConnection,
    base_url: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let asked = sqlx::query!(
        "delete from link_request where nip = (
           select nip from link_request order by at limit 1 for update skip locked)
         returning nip, at"
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(asked) = asked else { return Ok(false) };
    if now - asked.at > PATIENCE {
        return Ok(true);
    }
    let Some(person) = people::serving(db, &asked.nip).await? else { return Ok(true) };
    let before = sqlx::query_scalar!(
        r#"select count(*) as "count!" from activation where person_id = $1 and way = 'asked' and made_at > $2"#,
        person.0,
        now - Duration::hours(1)
    )
    .fetch_one(&mut *db)
    .await?;
    if before >= ASKED_AN_HOUR {
        return Ok(true);
    }
    match mailed::mail_reminder(db, person, base_url, now).await {
        Ok(_) | Err(MailError::NoAddress | MailError::Beyond) => Ok(true),
        Err(MailError::Database(error)) => Err(error.into()),
        Err(MailError::Other(error)) => Err(error),
    }
}
