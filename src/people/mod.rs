//! The people of the province and the units they work in.

mod change;
mod email;
mod merge;
mod nip;
mod phone;
mod proposal;
mod rank;
mod search;
mod standing;
pub mod unit;

pub use change::{Changed, Correction, Field, FormerNip, change, changes, former_nips};
pub use email::{EmailError, read_email};
pub use merge::{MergeError, may_merge, merge, merged, owner, records, separate};
pub use nip::{Employment, Nip, NipError};
pub use phone::{PhoneError, read_phone};
pub use proposal::{Proposal, ProposalError, decide, proposals, propose};
pub use rank::rank;
pub use search::{Found, Listed, PAGE, search};
pub use standing::{PositionKind, Service, Standing};
pub use unit::{Unit, root_unit, units};

use crate::ids::{PersonId, UnitId};
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
    pub service: Service,
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
    #[error("Anda tidak dapat mengubah status Anda sendiri. Minta administrator lain.")]
    OwnStanding,
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
        r#"insert into person (name, email, employment, unit_id, position, rank, added_at, added_by, phone, position_kind,
           employed_from, employed_until, standing, standing_since)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id"#,
        new.name,
        new.email,
        new.nip.employment() as Employment,
        new.unit.0,
        new.position,
        new.rank,
        now,
        by.map(|by| by.0),
        new.service.phone,
        new.service.kind as Option<PositionKind>,
        new.service.from,
        new.service.until,
        new.service.standing as Standing,
        new.service.since
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
    pub service: Service,
    /// The record as which this one reads.
    pub merged_into: Option<PersonId>,
    pub version: i32,
}

/// One record.
pub async fn find(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Record> {
    let row = sqlx::query!(
        r#"select p.id, p.name, n.nip, p.email, p.employment, p.unit_id, u.name as unit, p.position, p.rank, p.phone,
             p.position_kind as "kind: PositionKind", p.employed_from, p.employed_until,
             p.standing as "standing: Standing", p.standing_since, p.merged_into as "merged_into: PersonId", p.version
         from person p
         join person_nip n on n.person_id = p.id and n.ended_at is null
         join unit u on u.id = p.unit_id
         where p.id = $1"#,
        person.0
    )
    .fetch_one(db)
    .await?;
    let service = Service {
        phone: row.phone,
        kind: row.kind,
        from: row.employed_from,
        until: row.employed_until,
        standing: row.standing,
        since: row.standing_since,
    };
    Ok(Record {
        id: row.id,
        name: row.name,
        nip: row.nip,
        email: row.email,
        employment: row.employment,
        unit_id: row.unit_id,
        unit: row.unit,
        position: row.position,
        rank: row.rank,
        service,
        merged_into: row.merged_into,
        version: row.version,
    })
}

/// Locks a person's record: until the end of the transaction nobody else changes it, their roles
/// or their links.
pub async fn lock(db: &mut PgConnection, person: PersonId) -> sqlx::Result<()> {
    sqlx::query!("select id from person where id = $1 for no key update", person.0)
        .fetch_one(db)
        .await?;
    Ok(())
}

/// Who comes in with this NIP: whoever holds it now, in any record that reads as theirs. Nobody
/// where they left.
pub async fn serving(db: &mut PgConnection, nip: &str) -> sqlx::Result<Option<PersonId>> {
    sqlx::query_scalar!(
        r#"select p.id as "id!: PersonId" from person_nip n
         join person_record r on r.record_id = n.person_id
         join person p on p.id = r.person_id
         where n.nip = $1 and n.ended_at is null and p.standing in ('active', 'leave')"#,
        nip
    )
    .fetch_optional(db)
    .await
}

/// Whose NIP this is, or was.
pub async fn by_nip(db: &mut PgConnection, nip: &str) -> sqlx::Result<Option<PersonId>> {
    sqlx::query_scalar!(
        r#"select r.person_id as "id!: PersonId" from person_nip n join person_record r on r.record_id = n.person_id
         where n.nip = $1"#,
        nip
    )
    .fetch_optional(db)
    .await
}
