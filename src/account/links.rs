//! The rows behind links and codes with which a password is set.

use super::Reach;
use crate::{ids::PersonId, mail, people};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// How a link or code reaches its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "activation_way", rename_all = "lowercase")]
pub enum Way {
    /// An administrator was shown it.
    Shown,
    /// Mailed for an administrator, who was not shown it.
    Mailed,
    /// Mailed because the person asked.
    Asked,
    /// A code on paper.
    Slip,
    /// In return for such a code.
    Typed,
}

/// A link or code to be stored.
pub(super) struct NewLink {
    pub digest: Vec<u8>,
    pub person: PersonId,
    pub way: Way,
    pub made_by: Option<PersonId>,
    /// Who may know it beside the person.
    pub known_to: Option<PersonId>,
    pub expires_at: DateTime<Utc>,
}

/// Stores a link, and gives its number.
pub(super) async fn store(
    db: &mut PgConnection,
    link: &NewLink,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into activation (token_hash, person_id, way, made_at, made_by, known_to, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7) returning id",
        link.digest,
        link.person.0,
        link.way as Way,
        now,
        link.made_by.map(|by| by.0),
        link.known_to.map(|by| by.0),
        link.expires_at
    )
    .fetch_one(db)
    .await
}

/// Whether whoever may know a link or code of the person beside them could make one for them now.
/// They may have used it, or may use it yet: it must lead no further than they reach, whatever
/// became of their role, or of the person's unit and roles. One from the command line is known to
/// nobody.
///
/// Of whoever set the address to which a link is mailed, the person's roles alone are asked for:
/// when an administrator who brought in thousands of addresses leaves, all those people still
/// find their way in.
pub(super) async fn known_within_reach(
    db: &mut PgConnection,
    person: PersonId,
    way: Way,
    known_to: Option<PersonId>,
) -> sqlx::Result<bool> {
    let Some(knower) = known_to else { return Ok(true) };
    let knower = people::owner(db, knower).await?;
    if knower == person {
        return Ok(true);
    }
    let reach = Reach::keeping(db, knower).await?;
    let unit = people::find(db, person).await?.unit_id;
    let mailed = matches!(way, Way::Mailed | Way::Asked);
    Ok((mailed || reach.covers(unit)) && reach.holds(db, person).await?)
}

/// Lets no link or code of the person work any more, and says whether one did.
pub(super) async fn use_up(
    db: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let ended = sqlx::query!(
        "update activation set used_at = $2 where person_id = $1 and used_at is null returning id, expires_at",
        person.0,
        now
    )
    .fetch_all(&mut *db)
    .await?;
    let ids: Vec<i64> = ended.iter().map(|link| link.id).collect();
    mail::take_back_links(db, &ids).await?;
    Ok(ended.into_iter().any(|link| link.expires_at > now))
}

/// Lets no link work any more that was mailed to the person.
pub(super) async fn use_up_mailed(
    db: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    people::lock(db, person).await?;
    let ended = sqlx::query_scalar!(
        "update activation set used_at = $2
         where person_id = $1 and way in ('mailed', 'asked') and used_at is null returning id",
        person.0,
        now
    )
    .fetch_all(&mut *db)
    .await?;
    mail::take_back_links(db, &ended).await
}
