//! Links that are mailed, and the notices that follow.
//!
//! A mailed link is shown to nobody. Whoever can read the mailbox can use it, so it counts as
//! known to whoever set the address last, and is mailed, and works, only while the person and all
//! their roles lie within the reach of that somebody: who entered an address before its person
//! rose or moved must not rise or move with them.

use crate::{
    ids::PersonId,
    mail::{self, Kind, Letter},
    people::{self, Record},
    web::show,
};
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::{
    ACTIVATION_LASTS, Way, digest,
    links::{self, NewLink},
    new_token,
};

/// How long a link works that the person asked for.
pub const ASKED_LASTS: Duration = Duration::hours(1);

/// Why a link was not mailed.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error("Orang ini belum punya alamat surel. Tampilkan tautannya, atau cetak slip aktivasi.")]
    NoAddress,
    #[error(
        "Alamat surel orang ini diisi oleh seseorang yang tidak atau tidak lagi menjangkau unit dan semua perannya, jadi tautan tidak dikirim ke sana. Tampilkan tautannya, lalu berikan langsung."
    )]
    Beyond,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// Mails a link with which an administrator lets the person set their password. Earlier links
/// stop working. Gives the address.
pub async fn mail_invitation(
    db: &mut PgConnection,
    person: PersonId,
    by: PersonId,
    base_url: &str,
    now: DateTime<Utc>,
) -> Result<String, MailError> {
    people::lock(db, person).await?;
    links::use_up(db, person, now).await?;
    let expires_at = now + ACTIVATION_LASTS;
    mail_link(db, person, (Way::Mailed, Some(by), expires_at), base_url, now).await
}

/// Mails a link to somebody who asked for it. Earlier links and codes go on working: anybody can
/// ask in anybody's name, and must not take a slip away from its holder.
pub(super) async fn mail_reminder(
    db: &mut PgConnection,
    person: PersonId,
    base_url: &str,
    now: DateTime<Utc>,
) -> Result<String, MailError> {
    people::lock(db, person).await?;
    mail_link(db, person, (Way::Asked, None, now + ASKED_LASTS), base_url, now).await
}

/// The person must be locked, so that neither their address nor their roles change.
async fn mail_link(
    db: &mut PgConnection,
    person: PersonId,
    (way, made_by, expires_at): (Way, Option<PersonId>, DateTime<Utc>),
    base_url: &str,
    now: DateTime<Utc>,
) -> Result<String, MailError> {
    let (to, known_to) = address(db, person).await?.ok_or(MailError::NoAddress)?;
    if !links::known_within_reach(db, person, way, known_to).await? {
        return Err(MailError::Beyond);
    }
    let token = new_token()?;
    let link = NewLink { digest: digest(&token), person, way, made_by, known_to, expires_at };
    let subject = links::store(db, &link, now).await?;
    let name = people::find(db, person).await?.name;
    let (kind, title, why) = if way == Way::Asked {
        let why = "Kami menerima permintaan kata sandi baru untuk akun Anda.";
        (Kind::Forgotten, "Kata sandi baru untuk Smart Class ASN", why)
    } else {
        let why = "Administrator membuat tautan ini agar Anda dapat masuk ke Smart Class ASN.";
        (Kind::Activation, "Tautan aktivasi Smart Class ASN", why)
    };
    let text = format!(
        "Yth. {name},\n\n{why}\n\nBuka tautan ini untuk membuat kata sandi:\n\n{base_url}/aktivasi/{token}\n\n\
         Tautan berlaku sampai {} dan hanya sekali pakai. Jangan teruskan surel ini kepada siapa pun; \
         petugas kami tidak pernah memintanya.\n\nBukan Anda yang meminta? Abaikan surel ini: \
         kata sandi Anda tidak berubah.\n\n{SIGNED}",
        show::moment(expires_at)
    );
    let letter = Letter {
        kind,
        subject,
        person,
        to: to.clone(),
        title: title.into(),
        text,
        useless_at: Some(expires_at),
    };
    mail::post(db, &letter, now).await?;
    Ok(to)
}

const SIGNED: &str = "Smart Class ASN\nBPSDMD Provinsi Sulawesi Tengah\n\nSurel ini dikirim otomatis dan tidak dibaca bila dibalas.\n";

/// The person's address, and who set it; nobody when it came from the command line.
async fn address(
    db: &mut PgConnection,
    person: PersonId,
) -> sqlx::Result<Option<(String, Option<PersonId>)>> {
    let found = sqlx::query!(
        r#"select p.email as "email!", case when c.id is null then p.added_by else c.by end as set_by
           from person p
           left join lateral (
             select id, by from person_change where person_id = p.id and field = 'email'
             order by id desc limit 1) c on true
           where p.id = $1 and p.email is not null"#,
        person.0
    )
    .fetch_optional(db)
    .await?;
    Ok(found.map(|found| (found.email, found.set_by.map(PersonId))))
}

/// Tells the person that their password was set, with the link of that token.
pub(super) async fn tell_of_password(
    db: &mut PgConnection,
    person: &Record,
    token: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let Some(to) = person.email.clone() else { return Ok(()) };
    let subject =
        sqlx::query_scalar!("select id from activation where token_hash = $1", digest(token))
            .fetch_one(&mut *db)
            .await?;
    let text = format!(
        "Yth. {},\n\nKata sandi akun Smart Class ASN Anda dibuat pada {}. Semua perangkat yang masih masuk \
         dengan kata sandi lama sudah dikeluarkan.\n\nBukan Anda? Segera hubungi administrator di BPSDMD.\n\n{SIGNED}",
        person.name,
        show::moment(now)
    );
    let title = "Kata sandi Anda sudah dibuat".into();
    let kind = Kind::PasswordSet;
    let letter = Letter { kind, subject, person: person.id, to, title, text, useless_at: None };
    mail::post(db, &letter, now).await
}

/// After addresses were changed at that moment, whether in a form or by a list: links that were
/// mailed to the earlier ones stop working, and those are told, where `mails` are sent at all.
pub async fn addresses_changed(
    db: &mut PgConnection,
    at: DateTime<Utc>,
    mails: bool,
) -> sqlx::Result<()> {
    let changes = sqlx::query!(
        r#"select c.id, c.person_id as "person: PersonId", c.before as "before!", c.after, p.name
           from person_change c join person p on p.id = c.person_id
           where c.field = 'email' and c.at = $1 and c.before is not null order by c.person_id, c.id"#,
        at
    )
    .fetch_all(&mut *db)
    .await?;
    for change in changes {
        links::use_up_mailed(db, change.person, at).await?;
        if !mails {
            continue;
        }
        let after = change
            .after
            .map_or("dihapus".to_owned(), |new| format!("diganti menjadi {}", mail::masked(&new)));
        let text = format!(
            "Yth. {},\n\nPada {} alamat surel akun Smart Class ASN Anda {after}. \
             Alamat ini tidak lagi menerima surel dari kami.\n\n\
             Bukan permintaan Anda? Segera hubungi administrator di BPSDMD.\n\n{SIGNED}",
            change.name,
            show::moment(at)
        );
        let letter = Letter {
            kind: Kind::EmailChanged,
            subject: change.id,
            person: change.person,
            to: change.before,
            title: "Alamat surel Anda diubah".into(),
            text,
            useless_at: None,
        };
        mail::post(db, &letter, at).await?;
    }
    Ok(())
}
