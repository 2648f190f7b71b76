//! Handing mails over: claimed in one short statement, sent while no connection is held, settled
//! in another. Whoever dies in between leaves a lease that runs out; the mail is then handed over
//! again under the same `Message-ID`, by which servers and readers know it.

use super::Kind;
use crate::config::Smtp;
use chrono::{DateTime, Utc};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp,
};
use sqlx::{PgConnection, PgPool};
use std::{fmt::Display, time::Duration};

/// How long the mail server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a hand-over may take in all; the lease of five minutes outlasts it.
const MOST: Duration = Duration::from_secs(100);

/// Attempts before a mail is given up: with the pauses between them, about a day and a half.
const ATTEMPTS: i32 = 16;

/// Whom mails are handed to.
pub struct Sender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// What follows the `@` of a `Message-ID`.
    host: String,
}

impl Sender {
    /// `base_url` is the site's own address.
    pub fn new(smtp: &Smtp, base_url: &str) -> anyhow::Result<Self> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&smtp.url)?;
        let place = base_url.split("://").last().unwrap_or_default();
        let host = match place.rsplit_once(':') {
            Some((host, _)) if !place.ends_with(']') => host,
            _ => place,
        };
        Ok(Self {
            transport: transport.timeout(Some(PATIENCE)).build(),
            from: smtp.from.clone(),
            host: host.to_owned(),
        })
    }

    async fn hand_over(&self, mail: &Claimed) -> Result<(), Trouble> {
        let message = self.message(mail).map_err(|error| Trouble::ForGood(error.to_string()))?;
        match tokio::time::timeout(MOST, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Trouble::of(&error)),
            Err(late) => Err(Trouble::ForNow(late.to_string())),
        }
    }

    fn message(&self, mail: &Claimed) -> anyhow::Result<Message> {
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let id = format!("<{}.{}@{}>", mail.kind.code(), mail.subject_id, self.host);
        Ok(Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, mail.recipient.parse()?))
            .subject(&mail.title)
            .message_id(Some(id))
            .date(mail.made_at.into())
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body.clone())?)
    }
}

/// Why a mail was not handed over.
enum Trouble {
    ForNow(String),
    ForGood(String),
}

impl Trouble {
    fn of(error: &smtp::Error) -> Self {
        let said = words(error);
        // That the server does not let us in says nothing of the mail.
        let locked_out =
            error.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538));
        if error.is_permanent() && !locked_out { Self::ForGood(said) } else { Self::ForNow(said) }
    }
}

/// As much of an error as a page shows.
fn words(error: &dyn Display) -> String {
    error.to_string().chars().filter(|c| !c.is_control()).take(300).collect()
}

/// A mail that is this worker's for the time of its lease.
struct Claimed {
    id: i64,
    kind: Kind,
    subject_id: i64,
    recipient: String,
    title: String,
    body: String,
    made_at: DateTime<Utc>,
    /// Which attempt this is: a worker that comes too late settles nothing.
    attempts: i32,
}

/// Hands over the mail that waits longest, and says whether there was one.
///
/// Takes the pool, since no connection is held while the mail server is spoken to.
pub async fn deliver(pool: &PgPool, sender: &Sender, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let Some(mail) = claim(&mut *pool.acquire().await?, now).await? else { return Ok(false) };
    let done = sender.hand_over(&mail).await;
    let db = &mut *pool.acquire().await?;
    match done {
        Ok(()) => end(db, &mail, None).await?,
        Err(Trouble::ForNow(reason)) if mail.attempts < ATTEMPTS => {
            tracing::warn!(mail = mail.id, reason, "a mail was not handed over, yet");
            put_off(db, &mail, &reason).await?;
        }
        Err(Trouble::ForNow(reason) | Trouble::ForGood(reason)) => {
            tracing::warn!(mail = mail.id, reason, "a mail was given up");
            end(db, &mail, Some(&reason)).await?;
        }
    }
    Ok(true)
}

async fn claim(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Option<Claimed>> {
    sqlx::query_as!(
        Claimed,
        "update mail set state = 'sending', attempts = attempts + 1, lease_until = now() + interval '5 minutes'
         where id = (
           select id from mail
           where ((state = 'queued' and next_try <= now()) or (state = 'sending' and lease_until < now()))
             and (useless_at is null or useless_at > $1)
           order by next_try, id limit 1 for update skip locked)
         returning id, kind, subject_id, recipient, title, body, made_at, attempts",
        now
    )
    .fetch_optional(db)
    .await
}

/// The mail was handed over, or given up for that reason.
async fn end(db: &mut PgConnection, mail: &Claimed, reason: Option<&str>) -> sqlx::Result<()> {
    sqlx::query!(
        "update mail set state = case when $3::text is null then 'sent'::mail_state else 'failed' end,
           body = '', lease_until = null, ended_at = now(), reason = $3
         where id = $1 and state = 'sending' and attempts = $2",
        mail.id,
        mail.attempts,
        reason
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Again after half a minute, then after twice as long each time, up to four hours.
async fn put_off(db: &mut PgConnection, mail: &Claimed, reason: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update mail set state = 'queued', lease_until = null, reason = $3,
           next_try = now() + least(interval '4 hours', interval '30 seconds' * 2 ^ ($2 - 1))
         where id = $1 and state = 'sending' and attempts = $2",
        mail.id,
        mail.attempts,
        reason
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives up all mails that wait, as after a restoration: whether they were sent since is not known.
pub async fn give_up_all(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!(
        "update mail set state = 'failed', body = '', lease_until = null, ended_at = now(),
           reason = 'Dipulihkan dari cadangan: mungkin sudah terkirim.'
         where state in ('queued', 'sending')"
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives up mails that have become useless.
pub async fn tidy(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update mail set state = 'failed', body = '', lease_until = null, ended_at = now(),
           reason = coalesce(reason, 'Tidak terkirim sebelum tautannya kedaluwarsa.')
         where useless_at <= $1 and (state = 'queued' or (state = 'sending' and lease_until < now()))",
        now
    )
    .execute(db)
    .await?;
    Ok(())
}
