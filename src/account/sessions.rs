//! Who is signed in, where, and for how long.

use crate::ids::{PersonId, UnitId};
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::{Permission, Role, digest, new_token};

/// Somebody who is signed in, with their roles.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub id: PersonId,
    pub name: String,
    held: Vec<Held>,
    pub(super) token_hash: Vec<u8>,
    /// When they last proved who they are.
    pub(super) proved_at: DateTime<Utc>,
    /// Whether a role of theirs opens nothing until they set up a second factor.
    pub(super) lacks_second: bool,
}

/// How long a proof of presence is enough for dangerous acts.
pub const PROOF_LASTS: Duration = Duration::minutes(15);

/// A role that somebody holds, for a unit and what lies below it.
#[derive(Debug, Clone)]
struct Held {
    role: Role,
    unit: UnitId,
    /// Whether the unit is the root: the whole province.
    all: bool,
}

impl SignedIn {
    /// Whether this permission is theirs.
    pub fn may(&self, permission: Permission) -> bool {
        permission.check(Some(self)).is_ok()
    }

    /// The units for which they hold one of the permission's roles; what lies below is included.
    pub fn units_for(&self, permission: Permission) -> Vec<UnitId> {
        let counts = |held: &&Held| {
            let opens = permission.roles().contains(&held.role);
            let enough = !(self.lacks_second && held.role.needs_second());
            opens && enough && (held.all || !permission.needs_all())
        };
        self.held.iter().filter(counts).map(|held| held.unit).collect()
    }

    /// Whether they proved who they are a short while ago.
    pub fn proved_lately(&self, now: DateTime<Utc>) -> bool {
        now - self.proved_at <= PROOF_LASTS
    }

    /// The same person right after [`prove`], signed in under that token.
    pub(super) fn proved(self, token: &str, now: DateTime<Utc>) -> Self {
        Self { token_hash: digest(token), proved_at: now, ..self }
    }

    /// The same person once their second factor is set up.
    pub(super) fn with_second(&self) -> Self {
        Self { lacks_second: false, ..self.clone() }
    }

    /// Which of the person's sign-ins this one is.
    pub fn is_sign_in(&self, token_hash: &[u8]) -> bool {
        self.token_hash == token_hash
    }
}

/// How long a sign-in lasts without use, and at most: learners on a device of
/// their own 90 days; learners on a shared one 2 idle hours; any other role
/// 60 idle minutes and 12 hours in all.
fn expired(
    started: DateTime<Utc>,
    seen: DateTime<Utc>,
    own_device: bool,
    has_roles: bool,
    now: DateTime<Utc>,
) -> bool {
    let (idle, whole) = match (has_roles, own_device) {
        (true, _) => (Duration::minutes(60), Duration::hours(12)),
        (false, true) => (Duration::days(90), Duration::days(90)),
        (false, false) => (Duration::hours(2), Duration::days(1)),
    };
    now - seen > idle || now - started > whole
}

/// Who holds this token, if it still lets them in.
pub async fn visitor(
    db: &mut PgConnection,
    token: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<SignedIn>> {
    let token_hash = digest(token);
    // A row for each role held, or one without.
    let rows = sqlx::query!(
        r#"select s.person_id, s.started_at, s.seen_at, s.proved_at, s.own_device, p.name,
             not exists (select from second_factor where person_id = p.id)
               and not exists (select from installation where demo) as "single!",
             g.role as "role?: Role", g.unit_id as "unit?: UnitId",
             (select parent_id is null from unit where id = g.unit_id) as all
         from sign_in s
         join person p on p.id = s.person_id
         left join role_grant g on g.person_id = p.id and g.revoked_at is null
         where s.token_hash = $1 and s.ended_at is null
           and p.standing in ('active', 'leave') and p.merged_into is null"#,
        token_hash
    )
    .fetch_all(&mut *db)
    .await?;
    let held = rows.iter();
    let held: Vec<Held> = held
        .filter_map(|row| Some(Held { role: row.role?, unit: row.unit?, all: row.all? }))
        .collect();
    let Some(found) = rows.into_iter().next() else { return Ok(None) };
    if expired(found.started_at, found.seen_at, found.own_device, !held.is_empty(), now) {
        return Ok(None);
    }
    if now - found.seen_at > Duration::minutes(5) {
        sqlx::query!("update sign_in set seen_at = $2 where token_hash = $1", token_hash, now)
            .execute(db)
            .await?;
    }
    let lacks_second = found.single && held.iter().any(|held| held.role.needs_second());
    let (proved_at, name) = (found.proved_at, found.name);
    Ok(Some(SignedIn { id: found.person_id, name, held, token_hash, proved_at, lacks_second }))
}

/// A person's password hash, by a NIP that they hold now, of any record that reads as theirs.
/// Nothing for somebody who left.
pub async fn credential(
    db: &mut PgConnection,
    nip: &str,
) -> sqlx::Result<Option<(PersonId, String)>> {
    let found = sqlx::query!(
        r#"select w.person_id as "person: PersonId", w.hash from person_nip n
         join person_record r on r.record_id = n.person_id
         join person p on p.id = r.person_id
         join password w on w.person_id = p.id
         where n.nip = $1 and n.ended_at is null and p.standing in ('active', 'leave')"#,
        nip
    )
    .fetch_optional(db)
    .await?;
    Ok(found.map(|row| (row.person, row.hash)))
}

/// Whether the person's password is still the one of that hash, which then stays until the end of
/// the transaction: it may have gone while it was checked.
pub async fn holds_still(
    db: &mut PgConnection,
    person: PersonId,
    hash: &str,
) -> sqlx::Result<bool> {
    let found = sqlx::query!(
        "select person_id from password where person_id = $1 and hash = $2 for share",
        person.0,
        hash
    )
    .fetch_optional(db)
    .await?;
    Ok(found.is_some())
}

/// Signs the person in, and forgets their tries. Gives the token for their cookie.
pub async fn sign_in(
    db: &mut PgConnection,
    person: PersonId,
    own_device: bool,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let token = new_token()?;
    sqlx::query!(
        "insert into sign_in (token_hash, person_id, started_at, seen_at, proved_at, own_device) values ($1, $2, $3, $3, $3, $4)",
        digest(&token),
        person.0,
        now,
        own_device
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "delete from sign_in_try where nip in (
           select n.nip from person_nip n join person_record r on r.record_id = n.person_id where r.person_id = $1)",
        person.0
    )
    .execute(db)
    .await?;
    Ok(token)
}

/// Notes that whoever is signed in proved who they are. The sign-in goes on under a new token, for
/// their cookie, with whether the device is their own. Nothing when it has ended.
pub async fn prove(
    db: &mut PgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> anyhow::Result<Option<(String, bool)>> {
    let token = new_token()?;
    let own_device = sqlx::query_scalar!(
        "update sign_in set token_hash = $2, proved_at = $3, seen_at = $3
         where token_hash = $1 and ended_at is null returning own_device",
        token_hash,
        digest(&token),
        now
    )
    .fetch_optional(&mut *db)
    .await?;
    if own_device.is_some() {
        sqlx::query!(
            "delete from sign_in_try where nip in (
               select nip from person_nip join sign_in using (person_id) where token_hash = $1)",
            digest(&token)
        )
        .execute(db)
        .await?;
    }
    Ok(own_device.map(|own_device| (token, own_device)))
}

/// Ends one of the person's sign-ins.
pub async fn sign_out(
    db: &mut PgConnection,
    person: PersonId,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update sign_in set ended_at = $3 where person_id = $1 and token_hash = $2 and ended_at is null",
        person.0,
        token_hash,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A device on which somebody is signed in.
pub struct Device {
    pub token_hash: Vec<u8>,
    pub started_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
}

/// Where the person is signed in now, the latest first.
pub async fn devices(
    db: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Device>> {
    let rows = sqlx::query!(
        "select s.token_hash, s.started_at, s.seen_at, s.own_device,
           exists (select from role_grant g where g.person_id = s.person_id and revoked_at is null) as \"has_roles!\"
         from sign_in s where s.person_id = $1 and s.ended_at is null order by s.seen_at desc",
        person.0
    )
    .fetch_all(db)
    .await?;
    let live = rows
        .into_iter()
        .filter(|r| !expired(r.started_at, r.seen_at, r.own_device, r.has_roles, now));
    Ok(live
        .map(|r| Device { token_hash: r.token_hash, started_at: r.started_at, seen_at: r.seen_at })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_ends_when_it_is_left_alone() {
        let start: DateTime<Utc> = "2026-03-02T01:00:00Z".parse().unwrap();
        let after = |minutes, own_device, has_roles| {
            expired(start, start, own_device, has_roles, start + Duration::minutes(minutes))
        };
        assert!(!after(59, false, true) && after(61, true, true));
        assert!(!after(119, false, false) && after(121, false, false));
        assert!(!after(60 * 24 * 89, true, false) && after(60 * 24 * 91, true, false));
        let busy = |hours| {
            expired(
                start,
                start + Duration::hours(hours),
                true,
                true,
                start + Duration::hours(hours),
            )
        };
        assert!(!busy(11) && busy(13));
    }
}
