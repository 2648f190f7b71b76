//! Recovery codes: for whoever lost the phone. Each works once.

use crate::{account::digest, ids::PersonId, web::form::compact};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// How many are made at a time.
pub const CODES: usize = 10;

/// Digits and letters that are not taken for one another (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Makes new codes of 80 random bits in place of all earlier ones. They are shown once.
pub async fn make_codes(
    db: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<String>> {
    sqlx::query!("delete from recovery_code where person_id = $1", person.0)
        .execute(&mut *db)
        .await?;
    let mut codes = Vec::with_capacity(CODES);
    for _ in 0..CODES {
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let code: String =
            random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
        sqlx::query!(
            "insert into recovery_code (code_hash, person_id, made_at) values ($1, $2, $3)",
            digest(&code),
            person.0,
            now
        )
        .execute(&mut *db)
        .await?;
        let groups: Vec<&str> = (0..4).map(|group| &code[group * 4..group * 4 + 4]).collect();
        codes.push(groups.join("-"));
    }
    Ok(codes)
}

/// Whether what was typed has the form of a recovery code, and not of an authenticator's.
pub fn looks_like_recovery(typed: &str) -> bool {
    plain(typed).len() == 16
}

/// As it was made: people take O for 0, and I and L for 1.
fn plain(typed: &str) -> String {
    compact(typed).to_uppercase().replace('O', "0").replace(['I', 'L'], "1")
}

/// Uses a code up; whether it was one of the person's that still worked.
pub async fn use_code(
    db: &mut PgConnection,
    person: PersonId,
    typed: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let used = sqlx::query!(
        "update recovery_code set used_at = $3 where code_hash = $1 and person_id = $2 and used_at is null",
        digest(&plain(typed)),
        person.0,
        now
    )
    .execute(db)
    .await?;
    Ok(used.rows_affected() > 0)
}

/// How many of the person's codes still work.
pub async fn left(db: &mut PgConnection, person: PersonId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "left!" from recovery_code where person_id = $1 and used_at is null"#,
        person.0
    )
    .fetch_one(db)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(plain(" abcd-0o1l-IJKM nprs "), "ABCD0011".to_owned() + "1JKMNPRS");
        assert!(looks_like_recovery("ABCD-0011-1JKM-NPRS") && !looks_like_recovery("123 456"));
    }
}
