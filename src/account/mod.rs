//! Who may come in: activation, sign-in, sessions, roles.

pub mod admin;
mod entry;
mod forgotten;
pub mod getting_in;
mod guard;
mod links;
mod mailed;
mod page;
mod permission;
mod reach;
mod roles;
pub mod second;
mod sessions;
pub mod single_sign_on;
mod slips;
mod tries;
mod units;
pub mod web;

pub use forgotten::{ASKED_AN_HOUR, answer as answer_request, ask as request_link};
pub use guard::{Gate, guard};
pub use links::Way;
pub use mailed::{ASKED_LASTS, MailError, addresses_changed, mail_invitation};
pub use page::{Page, flash};
pub use permission::{Permission, Role};
pub use reach::{Reach, ReachError};
pub use roles::{Follows, Grant, GrantError, grant, grants, revoke};
pub use sessions::{
    Device, PROOF_LASTS, SignedIn, credential, devices, holds_still, prove, sign_in, sign_out,
    visitor,
};
pub use slips::{Codes, SLIP_LASTS, hand_out};
pub use tries::{DEVICE_LASTS, TRIES, count_try, remember_device};
pub use units::{EndError, Holder, close_unit, holders, merge_unit};

use crate::{assets::hex, ids::PersonId, mail, people};
use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

/// The one password of the demo world. Refused on any other database.
pub const DEMO_PASSWORD: &str = "SmartClass-Demo-2026";

/// How long an activation link works.
pub const ACTIVATION_LASTS: Duration = Duration::hours(24);

/// 256 random bits as hexadecimal digits. Only its SHA-256 is stored.
pub fn new_token() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}

/// Whether the text is one that [`new_token`] could have made.
pub fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// What the database keeps of a token.
pub fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Makes a link with which the person sets their password, once. Earlier links stop working, also
/// those that are made at the same time.
pub async fn invite(
    db: &mut PgConnection,
    person: PersonId,
    by: Option<PersonId>,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    people::lock(db, person).await?;
    links::use_up(db, person, now).await?;
    let token = new_token()?;
    let link = links::NewLink {
        digest: digest(&token),
        person,
        way: Way::Shown,
        made_by: by,
        known_to: by,
        expires_at: now + ACTIVATION_LASTS,
    };
    links::store(db, &link, now).await?;
    Ok(token)
}

/// Whose link this is, while it works; it works for nobody who left, nor once somebody else may
/// know it who could not make it any more.
pub async fn invited(
    db: &mut PgConnection,
    token: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<PersonId>> {
    let found = sqlx::query!(
        r#"select a.person_id, a.known_to, a.way as "way: Way" from activation a join person p on p.id = a.person_id
         where a.token_hash = $1 and a.used_at is null and a.expires_at > $2
           and p.standing in ('active', 'leave') and p.merged_into is null"#,
        digest(token),
        now
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(link) = found else { return Ok(None) };
    let known_to = link.known_to.map(PersonId);
    let within = links::known_within_reach(db, link.person_id, link.way, known_to).await?;
    Ok(within.then_some(link.person_id))
}

/// Sets the password of the link's person, uses their links up and ends every
/// sign-in made with the old password. Nobody when the link no longer works.
pub async fn activate(
    db: &mut PgConnection,
    token: &str,
    hash: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<PersonId>> {
    let Some(person) = invited(db, token, now).await? else { return Ok(None) };
    people::lock(db, person).await?; // they may have moved or risen in between
    if invited(db, token, now).await?.is_none() {
        return Ok(None);
    }
    let link = sqlx::query!(
        "update activation set used_at = $2
         where token_hash = $1 and used_at is null and expires_at > $2 returning id, person_id, known_to",
        digest(token),
        now
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(link) = link else { return Ok(None) };
    mail::take_back_links(db, &[link.id]).await?;
    store_password(db, link.person_id, hash, link.known_to, now).await?;
    Ok(Some(link.person_id))
}

/// Stores a password's hash and ends every sign-in made with an earlier one, and every link.
pub async fn set_password(
    db: &mut PgConnection,
    person: PersonId,
    hash: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    store_password(db, person, hash, None, now).await
}

async fn store_password(
    db: &mut PgConnection,
    person: PersonId,
    hash: &str,
    link_by: Option<i64>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into password (person_id, hash, set_at, link_by) values ($1, $2, $3, $4)
         on conflict (person_id) do update
         set hash = excluded.hash, set_at = excluded.set_at, link_by = excluded.link_by",
        person.0,
        hash,
        now,
        link_by
    )
    .execute(&mut *db)
    .await?;
    links::use_up(db, person, now).await?;
    end_sign_ins(db, person, now).await?;
    Ok(())
}

/// Signs the person out everywhere, and says whether they were signed in.
async fn end_sign_ins(
    db: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    second::end_pending(db, person).await?;
    let ended = sqlx::query!(
        "update sign_in set ended_at = $2 where person_id = $1 and ended_at is null",
        person.0,
        now
    )
    .execute(db)
    .await?;
    Ok(ended.rows_affected() > 0)
}

/// Signs everybody out and ends every link and slip, as after a restoration.
pub async fn end_all_ways_in(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("delete from pending_sign_in").execute(&mut *db).await?;
    sqlx::query!("delete from link_request").execute(&mut *db).await?;
    sqlx::query!("update activation set used_at = $1 where used_at is null", now)
        .execute(&mut *db)
        .await?;
    sqlx::query!("update sign_in set ended_at = $1 where ended_at is null", now)
        .execute(db)
        .await?;
    Ok(())
}

/// Whether this database was made as the demo world.
pub async fn is_demo(db: &mut PgConnection) -> sqlx::Result<bool> {
    Ok(sqlx::query_scalar!("select demo from installation")
        .fetch_optional(db)
        .await?
        .unwrap_or(false))
}
