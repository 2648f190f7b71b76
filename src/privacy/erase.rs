//! An account erased on request (UU 27/2022, Pasal 8 and 42–45): what the law does not keep goes,
//! the ledger, certificates, decisions and the core of the record stay.

use crate::{
    ids::PersonId,
    mail::{self, Kind, Letter},
    people,
    web::show,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;

/// The tables from which an erasure takes a person's rows, or their words.
pub const ERASED: [&str; 16] = [
    "activation",
    "authenticator",
    "code_try",
    "correction_answer",
    "correction_request",
    "known_device",
    "mail",
    "passkey",
    "passkey_challenge",
    "passkey_holder",
    "password",
    "pending_sign_in",
    "person_change",
    "recovery_code",
    "sign_in",
    "sso_link",
];

/// Why an account is not erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    #[error(
        "Akun hanya dihapus setelah orangnya tidak lagi bekerja di sini. Ubah statusnya dahulu."
    )]
    StillHere,
    #[error("Orang ini masih memegang peran. Cabut perannya dahulu.")]
    HasRoles,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What an erasure takes, in rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Going {
    /// Addresses and telephone numbers in records, and in the history of their changes.
    pub contacts: i64,
    pub passwords: i64,
    pub links: i64,
    pub sign_ins: i64,
    pub devices: i64,
    pub mails: i64,
    /// Requests whose words are emptied.
    pub requests: i64,
}

impl Going {
    pub fn nothing(&self) -> bool {
        let all = [
            self.contacts,
            self.passwords,
            self.links,
            self.sign_ins,
            self.devices,
            self.mails,
            self.requests,
        ];
        all.iter().all(|count| *count == 0)
    }
}

/// What would go of all records that read as the person's.
pub async fn going(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Going> {
    let records = records(db, person).await?;
    sqlx::query_as!(
        Going,
        r#"select
             (select coalesce(sum(num_nonnulls(email, phone)), 0) from person where id = any($1))
               + (select count(*) from person_change where person_id = any($1) and field in ('email', 'phone')
                  and num_nonnulls(before, after) > 0) as "contacts!",
             (select count(*) from password where person_id = any($1)) as "passwords!",
             (select count(*) from activation where person_id = any($1)) as "links!",
             (select count(*) from sign_in where person_id = any($1)) as "sign_ins!",
             (select count(*) from known_device where person_id = any($1)) as "devices!",
             (select count(*) from mail where person_id = any($1) and kind <> 'account_erased') as "mails!",
             (select count(*) from correction_request where person_id = any($1) and wanted <> '') as "requests!""#,
        &records
    )
    .fetch_one(db)
    .await
}

async fn records(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Vec<i64>> {
    Ok(people::records(db, person).await?.iter().map(|one| one.0).collect())
}

/// When the person's account was erased last.
pub async fn erased_at(
    db: &mut PgConnection,
    person: PersonId,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!(r#"select max(at) from destruction where person_id = $1"#, person.0)
        .fetch_one(db)
        .await
}

/// Whether the account may be erased.
pub async fn may_erase(db: &mut PgConnection, person: PersonId) -> Result<(), EraseError> {
    if people::find(&mut *db, person).await?.service.standing.is_here() {
        return Err(EraseError::StillHere);
    }
    let records = records(db, person).await?;
    let roles = sqlx::query_scalar!(
        r#"select exists (select from role_grant where person_id = any($1) and revoked_at is null) as "has!""#,
        &records
    )
    .fetch_one(db)
    .await?;
    if roles { Err(EraseError::HasRoles) } else { Ok(()) }
}

/// Erases the account, writes down that it was done, and tells the person where `mails` are sent.
/// The person must be locked. Twice is as good as once.
pub async fn erase(
    db: &mut PgConnection,
    person: PersonId,
    by: PersonId,
    mails: bool,
    now: DateTime<Utc>,
) -> Result<(), EraseError> {
    may_erase(db, person).await?;
    let going = going(db, person).await?;
    if going.nothing() {
        return Ok(());
    }
    let record = people::find(db, person).await?;
    let records = records(db, person).await?;
    empty(db, &records).await?;
    empty_requests(db, &records, by, now).await?;
    let counts = serde_json::to_value(&going).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let subject = sqlx::query_scalar!(
        "insert into destruction (person_id, at, by, counts) values ($1, $2, $3, $4) returning id",
        person.0,
        now,
        by.0,
        counts
    )
    .fetch_one(&mut *db)
    .await?;
    if let Some(to) = record.email.filter(|_| mails) {
        let text = format!(
            "Yth. {},\n\nPada {} akun Smart Class ASN Anda dihapus atas permintaan: surel, telepon, kata sandi, \
             perangkat, dan riwayat masuk. JP, keputusan kehadiran, sertifikat, nama, dan NIP tetap disimpan \
             sebagai arsip.\n\nBukan permintaan Anda? Hubungi administrator di BPSDMD.\n\n\
             Smart Class ASN\nBPSDMD Provinsi Sulawesi Tengah\n\n\
             Surel ini dikirim otomatis dan tidak dibaca bila dibalas.\n",
            record.name,
            show::moment(now)
        );
        let title = "Akun Anda sudah dihapus".into();
        let kind = Kind::AccountErased;
        let letter = Letter { kind, subject, person, to, title, text, useless_at: None };
        mail::post(db, &letter, now).await?;
    }
    Ok(())
}

/// Takes how the person is reached and how they came in.
async fn empty(db: &mut PgConnection, records: &[i64]) -> sqlx::Result<()> {
    sqlx::query!(
        "update person set email = null, phone = null, version = version + 1 where id = any($1)",
        records
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update person_change set before = null, after = null
         where person_id = any($1) and field in ('email', 'phone')",
        records
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("delete from password where person_id = any($1)", records)
        .execute(&mut *db)
        .await?;
    sqlx::query!("delete from activation where person_id = any($1)", records)
        .execute(&mut *db)
        .await?;
    sqlx::query!("delete from sign_in where person_id = any($1)", records)
        .execute(&mut *db)
        .await?;
    sqlx::query!("delete from known_device where person_id = any($1)", records)
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "with app as (delete from authenticator where person_id = any($1)),
           keys as (delete from passkey where person_id = any($1)),
           holders as (delete from passkey_holder where person_id = any($1)),
           challenges as (delete from passkey_challenge where person_id = any($1)),
           codes as (delete from recovery_code where person_id = any($1)),
           tries as (delete from code_try where person_id = any($1)),
           waiting as (delete from pending_sign_in where person_id = any($1))
         delete from sso_link where person_id = any($1)",
        records
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("delete from mail where person_id = any($1)", records).execute(&mut *db).await?;
    sqlx::query!(
        "delete from link_request where nip in (select nip from person_nip where person_id = any($1))",
        records
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "delete from sign_in_try where nip in (select nip from person_nip where person_id = any($1))",
        records
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Empties the words of requests and answers; what waits for an answer waits no more.
async fn empty_requests(
    db: &mut PgConnection,
    records: &[i64],
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into correction_answer (request_id, verdict, words, answered_at, answered_by)
         select id, 'refused', '', $2, $3 from correction_request where person_id = any($1) on conflict do nothing",
        records,
        now,
        by.0
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update correction_answer set words = ''
         where request_id in (select id from correction_request where person_id = any($1))",
        records
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update correction_request set wanted = '', reason = '' where person_id = any($1)",
        records
    )
    .execute(db)
    .await?;
    Ok(())
}
