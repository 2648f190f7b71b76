//! Roles follow the unit that they are held for.

use super::{Role, roles};
use crate::{
    ids::{PersonId, UnitId},
    people::{
        self,
        unit::{self, UnitError},
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// Somebody who holds a role for a unit.
pub struct Holder {
    pub person: PersonId,
    pub name: String,
    /// Where they work.
    pub unit: UnitId,
    pub role: Role,
}

/// Who holds a role for that very unit.
pub async fn holders(db: &mut PgConnection, unit: UnitId) -> sqlx::Result<Vec<Holder>> {
    sqlx::query_as!(
        Holder,
        "select p.id as person, p.name, p.unit_id as unit, g.role
         from role_grant g join person p on p.id = g.person_id
         where g.unit_id = $1 and g.revoked_at is null order by g.role, p.name, p.id",
        unit.0
    )
    .fetch_all(db)
    .await
}

/// Why a unit was not closed or merged.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    #[error(
        "Anda sendiri memegang peran untuk unit ini, dan peran itu ikut berubah. Minta administrator lain."
    )]
    Own,
    #[error(transparent)]
    Unit(#[from] UnitError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Closes a unit and takes the roles that are held for it.
pub async fn close_unit(
    db: &mut PgConnection,
    unit: UnitId,
    day: NaiveDate,
    version: i32,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), EndError> {
    unit::close(db, unit, day, version, by, now).await?;
    sign_holders_out(db, unit, by, now).await?;
    sqlx::query!(
        "update role_grant set revoked_at = $2, revoked_by = $3 where unit_id = $1 and revoked_at is null",
        unit.0,
        now,
        by.0
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Merges a unit into another: its people, its sub-units, and the roles held for it, which
/// end and are held for the other from now on. For their holders that is as if they were given
/// the role: it may reach further than the old one.
pub async fn merge_unit(
    db: &mut PgConnection,
    unit: UnitId,
    into: UnitId,
    version: i32,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<unit::Merged>, EndError> {
    let merged = unit::merge(db, unit, into, version, by, now).await?;
    let holders = sign_holders_out(db, unit, by, now).await?;
    sqlx::query!(
        "with ended as (
           update role_grant set revoked_at = $3, revoked_by = $4 where unit_id = $1 and revoked_at is null
           returning person_id, role)
         insert into role_grant (person_id, role, unit_id, granted_at, granted_by)
         select person_id, role, $2, $3, $4 from ended order by person_id, role
         on conflict do nothing",
        unit.0,
        into.0,
        now,
        by.0
    )
    .execute(&mut *db)
    .await?;
    for holder in holders {
        roles::rise(db, holder, into, Some(by), now).await?;
    }
    Ok(merged)
}

/// Whoever holds a role for the unit signs in anew with what becomes of it. Nobody gives or takes
/// a role of their own. The unit is closed by now, so that nobody is given another for it. Gives
/// who they are; they stay locked.
async fn sign_holders_out(
    db: &mut PgConnection,
    unit: UnitId,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<PersonId>, EndError> {
    let mut ids: Vec<PersonId> =
        holders(db, unit).await?.into_iter().map(|holder| holder.person).collect();
    ids.sort_unstable(); // the order in which they are locked
    ids.dedup();
    for person in &ids {
        if *person == by {
            return Err(EndError::Own);
        }
        people::lock(db, *person).await?;
        super::end_sign_ins(db, *person, now).await?;
    }
    Ok(ids)
}
