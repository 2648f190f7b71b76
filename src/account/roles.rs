//! Who holds which role, for which unit.

use crate::{
    ids::{PersonId, UnitId},
    people,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Reach, ReachError, Role, second};

/// A role that somebody holds.
pub struct Grant {
    pub id: i64,
    pub role: Role,
    pub unit: String,
}

/// The roles that the person holds.
pub async fn grants(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Vec<Grant>> {
    sqlx::query_as!(
        Grant,
        "select g.id, g.role, u.name as unit from role_grant g join unit u on u.id = g.unit_id
         where g.person_id = $1 and g.revoked_at is null order by g.id",
        person.0
    )
    .fetch_all(db)
    .await
}

/// Why a role was not given or taken.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    #[error("Anda tidak dapat mengubah peran Anda sendiri. Minta administrator lain.")]
    Own,
    #[error("Peran ini sudah dipegang untuk unit itu.")]
    Held,
    #[error("Peran {} hanya dapat diberikan untuk seluruh Pemerintah Provinsi.", .0.label())]
    NeedsAll(Role),
    #[error("Anda hanya dapat memberi dan mencabut peran untuk unit Anda dan di bawahnya.")]
    OutOfReach,
    #[error("Unit ini sudah ditutup. Pilih unit lain.")]
    UnitClosed,
    #[error(transparent)]
    Reach(#[from] ReachError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What follows for the way in which the person comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    Nothing,
    /// They were signed in, and are no longer.
    SignInAgain,
    /// A link was under way, and no longer works.
    NewLink,
    /// Their password went as well.
    NewPassword,
}

/// Gives a role for a unit and what lies below. Nobody gives one to themselves, nor beyond
/// their own reach. `by` is nobody only at the command line.
///
/// Whoever made the person's link or password possible may know it: what came before the role
/// does not lead to it.
pub async fn grant(
    db: &mut PgConnection,
    person: PersonId,
    role: Role,
    unit: UnitId,
    by: Option<PersonId>,
    now: DateTime<Utc>,
) -> Result<Follows, GrantError> {
    people::lock(db, person).await?;
    if let Some(by) = by
        && !reach(db, person, by).await?.covers(unit)
    {
        return Err(GrantError::OutOfReach);
    }
    if role.needs_all() && unit != people::root_unit(&mut *db).await? {
        return Err(GrantError::NeedsAll(role));
    }
    if !people::unit::hold_open(db, unit).await? {
        return Err(GrantError::UnitClosed);
    }
    let given = sqlx::query!(
        "insert into role_grant (person_id, role, unit_id, granted_at, granted_by) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
        person.0,
        role as Role,
        unit.0,
        now,
        by.map(|by| by.0)
    )
    .execute(&mut *db)
    .await?;
    if given.rows_affected() == 0 {
        return Err(GrantError::Held);
    }
    Ok(rise(db, person, unit, by, now).await?)
}

/// Once the person has come to a role for the unit: whoever made their link or password possible,
/// or came in as them before, does not come to it. `by` is nobody only at the command line.
pub(super) async fn rise(
    db: &mut PgConnection,
    person: PersonId,
    unit: UnitId,
    by: Option<PersonId>,
    now: DateTime<Utc>,
) -> sqlx::Result<Follows> {
    let link = super::links::use_up(db, person, now).await?;
    super::single_sign_on::unlink_all(db, person, now).await?;
    let password = by.is_some() && drop_password(db, person, unit).await?;
    let signed_in = super::end_sign_ins(db, person, now).await?;
    Ok(match (password, link, signed_in) {
        (true, _, _) => Follows::NewPassword,
        (_, true, _) => Follows::NewLink,
        (_, _, true) => Follows::SignInAgain,
        _ => Follows::Nothing,
    })
}

/// Drops the person's password and second factors where whoever may know the link for it could not
/// give a role for the unit: they may have used the link themselves, and added a factor of their own.
/// Says whether it did.
async fn drop_password(
    db: &mut PgConnection,
    person: PersonId,
    unit: UnitId,
) -> sqlx::Result<bool> {
    let known = sqlx::query_scalar!(
        "select link_by from password where person_id = $1 and link_by is not null for update",
        person.0
    )
    .fetch_optional(&mut *db)
    .await?;
    let beyond = match known.flatten().map(PersonId) {
        Some(maker) => !Reach::of(db, maker).await?.covers(unit),
        None => false,
    };
    if !beyond && !second::known_beyond(db, person, unit).await? {
        return Ok(false);
    }
    second::drop_all(db, person).await?;
    sqlx::query!("delete from password where person_id = $1", person.0).execute(db).await?;
    Ok(true)
}

/// How far `by` reaches, who is about to change the roles of the person.
async fn reach(db: &mut PgConnection, person: PersonId, by: PersonId) -> Result<Reach, GrantError> {
    if by == person {
        return Err(GrantError::Own);
    }
    let reach = Reach::of(db, by).await?;
    reach.act(db, person).await?;
    Ok(reach)
}

/// Takes a role away, and ends every sign-in that was made with it. Nobody takes their own, nor one
/// beyond their own reach; one of somebody else's is not found.
pub async fn revoke(
    db: &mut PgConnection,
    person: PersonId,
    grant: i64,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), GrantError> {
    reach(db, person, by).await?; // every role of the person lies within
    sqlx::query!("select id from role_grant where id = $1 and person_id = $2", grant, person.0)
        .fetch_one(&mut *db)
        .await?;
    sqlx::query!(
        "update role_grant set revoked_at = $3, revoked_by = $4
         where id = $1 and person_id = $2 and revoked_at is null",
        grant,
        person.0,
        now,
        by.0
    )
    .execute(&mut *db)
    .await?;
    super::end_sign_ins(db, person, now).await?;
    Ok(())
}
