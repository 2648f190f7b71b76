//! The outbox: mails are written down with what they tell of, in the same transaction, and a
//! worker hands them over to a mail server.

mod deliver;

pub use deliver::{Sender, deliver, give_up_all, tidy};

use crate::ids::PersonId;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What a mail tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "mail_kind", rename_all = "snake_case")]
pub enum Kind {
    /// A link with which the password is set, sent by an administrator: an `activation`.
    Activation,
    /// One that the person asked for: an `activation`.
    Forgotten,
    /// The password was set: with this `activation`.
    PasswordSet,
    /// The address was changed, to the earlier one: a `person_change`.
    EmailChanged,
    /// A request for a correction was answered: a `correction_request`.
    RequestAnswered,
    /// The account was erased, to the address that goes with it: a `destruction`.
    AccountErased,
}

impl Kind {
    /// As its `Message-ID` begins.
    fn code(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::Forgotten => "forgotten",
            Self::PasswordSet => "password-set",
            Self::EmailChanged => "email-changed",
            Self::RequestAnswered => "request-answered",
            Self::AccountErased => "account-erased",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Activation => "Tautan aktivasi",
            Self::Forgotten => "Tautan untuk yang lupa kata sandi",
            Self::PasswordSet => "Pemberitahuan kata sandi baru",
            Self::EmailChanged => "Pemberitahuan surel baru",
            Self::RequestAnswered => "Jawaban permintaan perbaikan",
            Self::AccountErased => "Pemberitahuan penghapusan akun",
        }
    }
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "mail_state", rename_all = "lowercase")]
pub enum State {
    Queued,
    Sending,
    Sent,
    Failed,
}

impl State {
    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "Menunggu dikirim",
            Self::Sending => "Sedang dikirim",
            Self::Sent => "Terkirim",
            Self::Failed => "Gagal",
        }
    }
}

/// A mail to be written down.
pub struct Letter {
    pub kind: Kind,
    /// The row that it tells of; a second mail of this kind about it is not written.
    pub subject: i64,
    pub person: PersonId,
    pub to: String,
    pub title: String,
    /// Plain text.
    pub text: String,
    /// From then on there is no use in sending it.
    pub useless_at: Option<DateTime<Utc>>,
}

/// Writes a mail down. To be called only where a mail server is configured.
pub async fn post(db: &mut PgConnection, letter: &Letter, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into mail (kind, subject_id, person_id, recipient, title, body, made_at, useless_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (kind, subject_id) do nothing",
        letter.kind as Kind,
        letter.subject,
        letter.person.0,
        letter.to,
        letter.title,
        letter.text,
        now,
        letter.useless_at
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes back the mails with those links that no worker has taken yet.
pub async fn take_back_links(db: &mut PgConnection, links: &[i64]) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from mail where kind in ('activation', 'forgotten') and subject_id = any($1) and state = 'queued'",
        links
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A mail to somebody, as their page tells of it.
pub struct Told {
    pub kind: Kind,
    pub state: State,
    pub recipient: String,
    pub made_at: DateTime<Utc>,
    /// What the mail server said against it at last.
    pub reason: Option<String>,
}

/// The last mails to the person, the latest first.
pub async fn told(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Vec<Told>> {
    sqlx::query_as!(
        Told,
        "select kind, state, recipient, made_at, reason from mail where person_id = $1 order by id desc limit 5",
        person.0
    )
    .fetch_all(db)
    .await
}

/// The address as it may be shown to whoever should not learn it: `n…@contoh.go.id`.
pub fn masked(address: &str) -> String {
    let (user, host) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = user.chars().take(1).collect();
    format!("{first}…@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_only_the_first_letter_and_the_host_are_shown() {
        assert_eq!(masked("nurhidayah@contoh.go.id"), "n…@contoh.go.id");
    }
}
