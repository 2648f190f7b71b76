//! One-time codes of an authenticator app (TOTP, RFC 6238): SHA-1, six digits, 30 seconds, which
//! is what every app understands.

use crate::ids::PersonId;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use totp_rs::{Algorithm, Builder, Totp};

/// Wrong codes in a quarter of an hour before somebody has to wait for the rest of it. Four times
/// as many in a day: guessing for a year then hits with a chance of 1 in 45.
pub const CODE_TRIES: i64 = 5;

/// What the app and the server share.
pub struct Secret(Vec<u8>);

impl Secret {
    /// As it is typed into an app that has no camera: base32 in groups of four.
    pub fn groups(&self) -> String {
        let text = totp_rs::Secret::from(self.0.clone()).to_base32();
        let letters: Vec<char> = text.trim_end_matches('=').chars().collect();
        let groups: Vec<String> = letters.chunks(4).map(|four| four.iter().collect()).collect();
        groups.join(" ")
    }

    /// What the QR code says, for the account of that NIP.
    pub fn address(&self, nip: &str) -> anyhow::Result<String> {
        Ok(self.totp(nip)?.to_url()?)
    }

    /// The code of that moment.
    pub fn code(&self, at: DateTime<Utc>) -> anyhow::Result<String> {
        Ok(self.totp("")?.generate(seconds(at)).to_string())
    }

    /// The step whose code this is: the present one, the one before or the one after.
    fn step(&self, code: &str, now: DateTime<Utc>) -> anyhow::Result<Option<i64>> {
        let step = self.totp("")?.check(code, seconds(now));
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }

    fn totp(&self, nip: &str) -> anyhow::Result<Totp> {
        Ok(Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(30)
            .with_secret(self.0.clone())
            .with_account_name(nip)
            .with_issuer(Some("Smart Class ASN"))
            .build()?)
    }
}

fn seconds(at: DateTime<Utc>) -> u64 {
    u64::try_from(at.timestamp()).unwrap_or_default()
}

/// Makes a new secret for the person, in place of one that was never confirmed. Nothing when one
/// is confirmed: it is removed first.
pub async fn begin(
    db: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<Secret>> {
    let mut secret = vec![0; 20];
    getrandom::fill(&mut secret)?;
    let made = sqlx::query!(
        "insert into authenticator (person_id, secret, made_at, link_by)
         values ($1, $2, $3, (select link_by from password where person_id = $1))
         on conflict (person_id) do update
         set secret = excluded.secret, made_at = excluded.made_at, link_by = excluded.link_by
         where authenticator.confirmed_at is null",
        person.0,
        secret,
        now
    )
    .execute(db)
    .await?;
    Ok((made.rows_affected() > 0).then_some(Secret(secret)))
}

/// The person's secret, and whether it is confirmed.
pub async fn standing(
    db: &mut PgConnection,
    person: PersonId,
) -> sqlx::Result<Option<(Secret, bool)>> {
    let found = sqlx::query!(
        r#"select secret, confirmed_at is not null as "confirmed!" from authenticator where person_id = $1"#,
        person.0
    )
    .fetch_optional(db)
    .await?;
    Ok(found.map(|row| (Secret(row.secret), row.confirmed)))
}

/// Confirms the person's new secret with a code from their app; every sign-in but the one of that
/// token ends. Whether it was the right code.
pub async fn confirm(
    db: &mut PgConnection,
    person: PersonId,
    code: &str,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    if !taken(db, person, code, false, now).await? {
        return Ok(false);
    }
    sqlx::query!("update authenticator set confirmed_at = $2 where person_id = $1", person.0, now)
        .execute(&mut *db)
        .await?;
    super::added(db, person, token_hash, now).await?;
    Ok(true)
}

/// Whether this is a code of the person's authenticator that was not used before; then it is now.
pub async fn accept(
    db: &mut PgConnection,
    person: PersonId,
    code: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let right = taken(db, person, code, true, now).await?;
    if right {
        sqlx::query!("delete from code_try where person_id = $1", person.0).execute(db).await?;
    }
    Ok(right)
}

/// Takes a code: the row is locked, so that of two that come at once one is refused.
async fn taken(
    db: &mut PgConnection,
    person: PersonId,
    code: &str,
    confirmed: bool,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let row = sqlx::query!(
        "select secret, last_step from authenticator
         where person_id = $1 and (confirmed_at is not null) = $2 for update",
        person.0,
        confirmed
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(row) = row else { return Ok(false) };
    let step = Secret(row.secret).step(code, now)?.filter(|step| *step > row.last_step);
    let Some(step) = step else { return Ok(false) };
    sqlx::query!("update authenticator set last_step = $2 where person_id = $1", person.0, step)
        .execute(db)
        .await?;
    Ok(true)
}

/// Counts a code that is tried before it is looked at. Seconds to wait when there were too many;
/// then this one may not be looked at. To be committed before the check.
pub async fn count_try(
    db: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<i64>> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('code ' || $1::bigint::text, 0))",
        person.0
    )
    .execute(&mut *db)
    .await?;
    for (tries, within) in
        [(CODE_TRIES, Duration::minutes(15)), (4 * CODE_TRIES, Duration::days(1))]
    {
        // The try that must grow too old before there may be one more.
        let first = sqlx::query_scalar!(
            "select at from code_try where person_id = $1 and at > $2 order by at desc offset $3 limit 1",
            person.0,
            now - within,
            tries - 1
        )
        .fetch_optional(&mut *db)
        .await?;
        if let Some(first) = first {
            return Ok(Some((first + within - now).num_seconds().max(1)));
        }
    }
    sqlx::query!("insert into code_try (person_id, at) values ($1, $2)", person.0, now)
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "delete from code_try where person_id = $1 and at < $2",
        person.0,
        now - Duration::days(1)
    )
    .execute(db)
    .await?;
    Ok(None)
}

/// Removes the person's authenticator.
pub async fn drop_authenticator(db: &mut PgConnection, person: PersonId) -> sqlx::Result<()> {
    sqlx::query!("delete from authenticator where person_id = $1", person.0)
        .execute(&mut *db)
        .await?;
    super::removed(db, person).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        let secret = Secret(b"12345678901234567890".to_vec());
        for (at, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            let at = DateTime::from_timestamp(at, 0).unwrap();
            assert_eq!(secret.code(at).unwrap(), code);
        }
        assert_eq!(secret.groups(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let address = secret.address("199005052015032005").unwrap();
        assert!(address.starts_with("otpauth://totp/Smart%20Class%20ASN:199005052015032005?"));
        assert!(address.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{address}");
    }

    #[test]
    fn a_code_fits_a_step_early_or_late_and_no_more() {
        let secret = Secret(b"12345678901234567890".to_vec());
        let at = DateTime::from_timestamp(1_111_111_110, 0).unwrap();
        let code = secret.code(at).unwrap();
        for (seconds, fits) in [(-31, false), (-30, true), (0, true), (59, true), (60, false)] {
            let step = secret.step(&code, at + Duration::seconds(seconds)).unwrap();
            assert_eq!(step.is_some(), fits, "{seconds} seconds later");
        }
    }
}
