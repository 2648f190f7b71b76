//! The people of the province and the units they work in.

mod change;
mod email;
mod nip;
mod rank;
pub mod unit;

pub use change::{Changed, Correction, Field, FormerNip, change, changes, former_nips};
pub use email::{EmailError, read_email};
pub use nip::{Employment, Nip, NipError};
pub use rank::rank;
pub use unit::{Unit, root_unit, units};

use crate::{
    ids::{PersonId, UnitId},
    web::{form, paging::Wanted},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What is known of somebody before they are recorded.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// With titles, as it should stand on certificates; 1 to 120 characters.
    pub name: String,
    pub nip: Nip,
    /// As [`read_email`] gives it.
    pub email: Option<String>,
    pub unit: UnitId,
    pub position: Option<String>,
    pub rank: Option<String>,
}

/// Why somebody was not recorded, or their record not changed.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("NIP ini sudah tercatat.")]
    NipTaken,
    #[error("Alamat surel ini sudah dipakai orang lain.")]
    EmailTaken,
    #[error("Unit ini sudah ditutup. Pilih unit lain.")]
    UnitClosed,
    #[error("Data ini diubah oleh {by} pada {at} sejak halaman ini dibuka.")]
    Stale { by: String, at: String },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Records a person with their NIP. Nobody is recorded twice under one NIP or e-mail address,
/// nor in a unit that is closed.
pub async fn add(
    db: &mut PgConnection,
    new: &NewPerson,
    by: Option<PersonId>,
    now: DateTime<Utc>,
) -> Result<PersonId, RecordError> {
    if !unit::hold_open(db, new.unit).await? {
        return Err(RecordError::UnitClosed);
    }
    let id = sqlx::query_scalar!(
        r#"insert into person (name, email, employment, unit_id, position, rank, added_at, added_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8) returning id"#,
        new.name,
        new.email,
        new.nip.employment() as Employment,
        new.unit.0,
        new.position,
        new.rank,
        now,
        by.map(|by| by.0)
    )
    .fetch_one(&mut *db)
    .await
    .map_err(taken)?;
    sqlx::query!(
        "insert into person_nip (nip, person_id, recorded_at, recorded_by) values ($1, $2, $3, $4)",
        new.nip.as_str(),
        id.0,
        now,
        by.map(|by| by.0)
    )
    .execute(db)
    .await
    .map_err(taken)?;
    Ok(id)
}

fn taken(error: sqlx::Error) -> RecordError {
    match error.as_database_error().and_then(|refusal| refusal.constraint()) {
        Some("person_email") => RecordError::EmailTaken,
        Some("person_nip_pkey") => RecordError::NipTaken,
        _ => RecordError::Database(error),
    }
}

/// A person as lists show them.
#[derive(Debug, Clone)]
pub struct Listed {
    pub id: PersonId,
    pub name: String,
    pub nip: String,
    pub unit: String,
}

/// How many people a page of a list holds.
pub const PAGE: i64 = 50;

/// What a search found: one page of it, and how much there is.
pub struct Found {
    pub people: Vec<Listed>,
    pub all: i64,
    pub here: i64,
    pub pages: i64,
}

/// People whose name contains the words, or whose NIP begins with the digits; everybody for an
/// empty search. Those of the units `within`, or of every unit.
pub async fn search(
    db: &mut PgConnection,
    sought: &str,
    within: Option<&[UnitId]>,
    wanted: Wanted,
) -> sqlx::Result<Found> {
    let name = form::sought(sought);
    let digits = form::compact(&name);
    let digits =
        Some(digits).filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    let within: Option<Vec<i64>> = within.map(|units| units.iter().map(|unit| unit.0).collect());
    // A page after the last is the last; only the rows tell which that is.
    let rows = sqlx::query!(
        r#"with found as (
             select p.id, p.name, n.nip, u.name as unit
             from person p
             join person_nip n on n.person_id = p.id and n.ended_at is null
             join unit u on u.id = p.unit_id
             where case when $2::text is not null then n.nip like $2 || '%'
                        else position((select lower(unaccent($1))) in lower(unaccent(p.name))) > 0 end
               and ($5::bigint[] is null or p.unit_id = any($5)))
         select id as "id!: PersonId", name as "name!", nip as "nip!", unit as "unit!",
           (select count(*) from found) as "all!"
         from found order by name, id limit $3
         offset least($4::bigint - 1, greatest((select count(*) - 1 from found), 0) / $3) * $3"#,
        name,
        digits,
        PAGE,
        wanted.number(),
        within.as_deref()
    )
    .fetch_all(db)
    .await?;
    let all = rows.first().map_or(0, |row| row.all);
    let (here, pages) = wanted.of(all, PAGE);
    let people =
        rows.into_iter().map(|r| Listed { id: r.id, name: r.name, nip: r.nip, unit: r.unit });
    Ok(Found { people: people.collect(), all, here, pages })
}

/// A person's record as it stands.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: PersonId,
    pub name: String,
    pub nip: String,
    pub email: Option<String>,
    pub employment: Employment,
    pub unit_id: UnitId,
    pub unit: String,
    pub position: Option<String>,
    pub rank: Option<String>,
    pub version: i32,
}

/// One person's record.
pub async fn find(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Record> {
    sqlx::query_as!(
        Record,
        r#"select p.id, p.name, n.nip, p.email, p.employment,
             p.unit_id, u.name as unit, p.position, p.rank, p.version
         from person p
         join person_nip n on n.person_id = p.id and n.ended_at is null
         join unit u on u.id = p.unit_id
         where p.id = $1"#,
        person.0
    )
    .fetch_one(db)
    .await
}

/// Locks a person's record: until the end of the transaction nobody else changes it, their roles
/// or their links.
pub async fn lock(db: &mut PgConnection, person: PersonId) -> sqlx::Result<()> {
    sqlx::query!("select id from person where id = $1 for no key update", person.0)
        .fetch_one(db)
        .await?;
    Ok(())
}

/// Whose NIP this is, or was.
pub async fn by_nip(db: &mut PgConnection, nip: &str) -> sqlx::Result<Option<PersonId>> {
    sqlx::query_scalar!(r#"select person_id from person_nip where nip = $1"#, nip)
        .fetch_optional(db)
        .await
}
