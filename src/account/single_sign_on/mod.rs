//! Signing in with the account of another provider (OpenID Connect). Whose account it is, the
//! provider says once by NIP; from then on the account itself says it. Nobody is made a person
//! by it.

mod attempts;
mod claim;
mod provider;
pub(crate) mod web;

pub use attempts::{ATTEMPT_LASTS, Attempt, begin, take};
pub use provider::Provider;

use crate::{ids::PersonId, people};
use chrono::{DateTime, Utc};
use openidconnect::url::Url;
use sqlx::PgConnection;

/// An account that the provider vouched for.
pub struct Account {
    pub issuer: String,
    /// The provider's own name for it, which never changes hands.
    pub subject: String,
    /// Without spaces and points, where the provider says one.
    pub nip: Option<String>,
}

/// Why nobody is let in with an account.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error(
        "Akun Anda tidak membawa NIP. Minta pengelola akun di instansi Anda melengkapi NIP-nya, lalu coba lagi."
    )]
    NoNip,
    #[error(
        "NIP pada akun Anda tidak terdaftar di sini. Minta administrator unit Anda memeriksa data kepegawaian Anda."
    )]
    Unknown,
    #[error(
        "NIP pada akun Anda sudah terhubung dengan akun lain. Masuk dengan kata sandi, lalu putuskan hubungan lama di halaman Profil, atau hubungi administrator unit Anda."
    )]
    LinkedOtherwise,
    #[error(
        "NIP pada akun Anda kini milik orang lain daripada yang terhubung dengan akun ini. Hubungi administrator unit Anda; jangan pakai akun ini sebelum diperiksa."
    )]
    OtherPerson,
    #[error(
        "Orang yang terhubung dengan akun ini tidak lagi bekerja di sini. Hubungi administrator unit Anda jika itu keliru."
    )]
    Left,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Who comes in with the account. The first time it is linked to the one person who holds its NIP
/// now; then it counts by itself, unless its NIP is by then somebody else's.
pub async fn person(
    db: &mut PgConnection,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<PersonId, LinkError> {
    if let Some(record) = linked(db, account).await? {
        // A role that is being given ends the link.
        let person = people::owner(db, record).await?;
        people::lock(db, person).await?;
    }
    if let Some(linked) = linked(db, account).await? {
        return known(db, account, linked).await;
    }
    let nip = account.nip.as_deref().ok_or(LinkError::NoNip)?;
    let person = people::serving(db, nip).await?.ok_or(LinkError::Unknown)?;
    people::lock(db, person).await?;
    if let Some(linked) = linked(db, account).await? {
        return known(db, account, linked).await; // in another tab, just now
    }
    if links(db, person).await?.iter().any(|link| link.issuer == account.issuer) {
        return Err(LinkError::LinkedOtherwise);
    }
    sqlx::query!(
        "insert into sso_link (issuer, subject, person_id, linked_at) values ($1, $2, $3, $4)",
        account.issuer,
        account.subject,
        person.0,
        now
    )
    .execute(db)
    .await?;
    Ok(person)
}

/// The record to which the account is linked.
async fn linked(db: &mut PgConnection, account: &Account) -> sqlx::Result<Option<PersonId>> {
    sqlx::query_scalar!(
        r#"select person_id as "person: PersonId" from sso_link
         where issuer = $1 and subject = $2 and ended_at is null"#,
        account.issuer,
        account.subject
    )
    .fetch_optional(db)
    .await
}

async fn known(
    db: &mut PgConnection,
    account: &Account,
    linked: PersonId,
) -> Result<PersonId, LinkError> {
    let person = people::owner(db, linked).await?;
    if let Some(nip) = &account.nip
        && people::by_nip(db, nip).await?.is_some_and(|holder| holder != person)
    {
        return Err(LinkError::OtherPerson);
    }
    if people::find(db, person).await?.service.standing.is_here() {
        Ok(person)
    } else {
        Err(LinkError::Left)
    }
}

/// An account with which somebody signs in.
pub struct Link {
    pub id: i64,
    pub issuer: String,
    pub linked_at: DateTime<Utc>,
}

impl Link {
    /// The provider as people know it: by its host.
    pub fn provider(&self) -> String {
        host(&self.issuer)
    }
}

/// The host of an issuer.
fn host(issuer: &str) -> String {
    let url = Url::parse(issuer).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| issuer.to_owned())
}

/// The accounts with which the person signs in, those of records that read as theirs included.
pub async fn links(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Vec<Link>> {
    sqlx::query_as!(
        Link,
        "select l.id, l.issuer, l.linked_at from sso_link l
         join person_record r on r.record_id = l.person_id
         where r.person_id = $1 and l.ended_at is null order by l.id",
        person.0
    )
    .fetch_all(db)
    .await
}

/// Ends a link of the person; somebody else's stays.
pub async fn unlink(
    db: &mut PgConnection,
    person: PersonId,
    link: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update sso_link l set ended_at = $3 from person_record r
         where l.id = $2 and l.ended_at is null and r.record_id = l.person_id and r.person_id = $1",
        person.0,
        link,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends all links of the person, those of records that read as theirs included: accounts link anew,
/// by the NIP that they hold then.
pub(super) async fn unlink_all(
    db: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update sso_link l set ended_at = $2 from person_record r
         where l.ended_at is null and r.record_id = l.person_id and r.person_id = $1",
        person.0,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}
