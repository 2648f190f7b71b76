//! How far an administrator reaches: their units, and what lies below them.

use super::Role;
use crate::{
    ids::{PersonId, UnitId},
    people::{self, Record},
};
use sqlx::PgConnection;
use std::collections::HashSet;

/// The units whose people somebody administers, or keeps as an operator.
pub struct Reach {
    units: Vec<UnitId>,
    /// Those among them that they administer.
    administered: Vec<UnitId>,
}

/// Why an administrator may not act on somebody whom they see.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    #[error(
        "Orang ini memegang peran di luar unit Anda, jadi hanya administrator untuk unit itu yang dapat mengubahnya."
    )]
    Beyond,
    #[error(
        "Catatan ini digabungkan dengan catatan lain. Ubah catatan yang tetap, atau pisahkan keduanya."
    )]
    Merged,
    /// Somebody outside is not found.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Reach {
    /// That of an administrator; empty for somebody who is none.
    pub async fn of(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Self> {
        let units = Self::units_of(db, person, &[Role::Administrator]).await?;
        Ok(Self { administered: units.clone(), units })
    }

    /// That of whoever keeps records: an administrator or an operator. An operator acts on those
    /// only who hold no role at all.
    pub async fn keeping(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Self> {
        let roles = [Role::Administrator, Role::UnitOperator];
        let units = Self::units_of(db, person, &roles).await?;
        let administered = Self::units_of(db, person, &roles[..1]).await?;
        Ok(Self { units, administered })
    }

    async fn units_of(
        db: &mut PgConnection,
        person: PersonId,
        roles: &[Role],
    ) -> sqlx::Result<Vec<UnitId>> {
        sqlx::query_scalar!(
            r#"with recursive mine as (
                 select unit_id as id from role_grant
                 where person_id = $1 and role = any($2) and revoked_at is null
                 union
                 select u.id from unit u join mine m on u.parent_id = m.id)
               select id as "id!: UnitId" from mine"#,
            person.0,
            roles as &[Role]
        )
        .fetch_all(db)
        .await
    }

    /// Whether the unit lies within.
    pub fn covers(&self, unit: UnitId) -> bool {
        self.units.contains(&unit)
    }

    pub fn units(&self) -> &[UnitId] {
        &self.units
    }

    /// Whether the unit's people are administered, and not kept alone.
    pub fn administers(&self, unit: UnitId) -> bool {
        self.administered.contains(&unit)
    }

    /// The units that are administered.
    pub fn administered(&self) -> &[UnitId] {
        &self.administered
    }

    /// Somebody's record; not found when their unit lies outside.
    pub async fn see(&self, db: &mut PgConnection, person: PersonId) -> sqlx::Result<Record> {
        let record = people::find(db, person).await?;
        if self.covers(record.unit_id) { Ok(record) } else { Err(sqlx::Error::RowNotFound) }
    }

    /// Whether every role that the person holds is for a unit that is administered. Whoever holds one beyond could
    /// otherwise be signed in as, with a new link, by an administrator of less.
    pub async fn holds(&self, db: &mut PgConnection, person: PersonId) -> sqlx::Result<bool> {
        let held = sqlx::query_scalar!(
            "select unit_id from role_grant where person_id = $1 and revoked_at is null",
            person.0
        )
        .fetch_all(db)
        .await?;
        Ok(held.into_iter().all(|unit| self.administers(unit)))
    }

    /// Everybody of whom [`Reach::holds`] says no.
    pub async fn beyond(&self, db: &mut PgConnection) -> sqlx::Result<HashSet<PersonId>> {
        let administered: Vec<i64> = self.administered.iter().map(|unit| unit.0).collect();
        let people = sqlx::query_scalar!(
            r#"select distinct person_id as "id: PersonId" from role_grant
             where revoked_at is null and unit_id <> all($1)"#,
            &administered
        )
        .fetch_all(db)
        .await?;
        Ok(people.into_iter().collect())
    }

    /// Somebody's record, to act on. It is locked, so that no role beyond comes in between.
    pub async fn act(&self, db: &mut PgConnection, person: PersonId) -> Result<Record, ReachError> {
        people::lock(db, person).await?;
        let record = self.see(db, person).await?;
        if record.merged_into.is_some() {
            return Err(ReachError::Merged);
        }
        if self.holds(db, person).await? { Ok(record) } else { Err(ReachError::Beyond) }
    }
}
