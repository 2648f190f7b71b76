//! Codes on paper, for people without e-mail: typed once with the NIP, they lead to where the
//! password is set.

use crate::{
    ids::{PersonId, UnitId},
    people,
    web::form::{self, compact},
};
use chrono::{DateTime, Duration, Utc};
use ring::pbkdf2;
use sqlx::PgConnection;
use std::num::NonZeroU32;

use super::{
    Reach, ReachError, Way, digest,
    links::{self, NewLink},
    new_token,
};

/// How long a code works.
pub const SLIP_LASTS: Duration = Duration::days(14);

/// How long there is to choose a password once the code was typed.
const TYPED_LASTS: Duration = Duration::hours(1);

/// Slips made at a time.
pub const MOST_SLIPS: usize = 200;

/// Without 0, O, 1, I and L, which are read for each other.
const LETTERS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// Characters of a code: 79 random bits.
const LENGTH: usize = 16;

/// A copy of the database tries a code at this many times the cost of one hash.
const ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(4095);

/// A code as it is printed and typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// A code that nobody can guess.
    fn new() -> Result<Self, getrandom::Error> {
        let mut code = String::new();
        while code.len() < LENGTH {
            let mut random = [0; 2 * LENGTH];
            getrandom::fill(&mut random)?;
            // Below 248, which is eight times 31, each letter is equally likely.
            let fair = random.iter().filter(|byte| **byte < 248);
            let letters = fair.map(|byte| char::from(LETTERS[usize::from(byte % 31)]));
            code.extend(letters.take(LENGTH - code.len()));
        }
        Ok(Self(code))
    }

    /// Reads a code as people type it: in any case, with spaces or hyphens.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 64 {
            return None;
        }
        let plain = compact(typed).to_ascii_uppercase();
        let fits = plain.len() == LENGTH && plain.bytes().all(|byte| LETTERS.contains(&byte));
        fits.then_some(Self(plain))
    }

    /// `K7QM-2XRA-9PWD-HC4T`
    pub fn grouped(&self) -> String {
        [0, 4, 8, 12].map(|at| &self.0[at..at + 4]).join("-")
    }

    /// What the database keeps of the code of that person. Takes a millisecond or more.
    fn digest(&self, person: PersonId) -> Vec<u8> {
        let mut digest = vec![0; 32];
        let salt = person.0.to_be_bytes();
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &salt, self.0.as_bytes(), &mut digest);
        digest
    }
}

/// Somebody for whom a slip can be made.
pub struct Candidate {
    pub id: PersonId,
    pub name: String,
    pub nip: String,
    pub unit: String,
    pub email: bool,
}

/// Whose slips are looked for.
pub struct Sought<'a> {
    pub words: &'a str,
    pub within: &'a [UnitId],
    /// Only those who never signed in.
    pub never: bool,
}

/// The first of those sought who hold no role beyond the reach, and how many there are.
pub async fn candidates(
    db: &mut PgConnection,
    reach: &Reach,
    sought: &Sought<'_>,
) -> sqlx::Result<(Vec<Candidate>, i64)> {
    let name = form::sought(sought.words);
    let digits = Some(compact(&name))
        .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
    let ids = |units: &[UnitId]| units.iter().map(|unit| unit.0).collect::<Vec<_>>();
    let rows = sqlx::query!(
        r#"select p.id, p.name, n.nip, u.name as unit, p.email is not null as "email!",
             count(*) over () as "all!"
           from person p
           join person_nip n on n.person_id = p.id and n.ended_at is null
           join unit u on u.id = p.unit_id
           where case when $2::text is not null then n.nip like $2 || '%'
                      else position((select comparable($1)) in p.comparable_name) > 0 end
             and p.merged_into is null and p.standing in ('active', 'leave')
             and p.unit_id = any($3)
             and not exists (select from role_grant g where g.person_id = p.id and g.revoked_at is null
                             and g.unit_id <> all($4))
             and (not $5 or not exists (select from sign_in s where s.person_id = p.id))
           order by p.name, p.id limit $6"#,
        name,
        digits,
        &ids(sought.within),
        &ids(reach.administered()),
        sought.never,
        i64::try_from(MOST_SLIPS).unwrap_or(i64::MAX)
    )
    .fetch_all(db)
    .await?;
    let all = rows.first().map_or(0, |row| row.all);
    let people = rows.into_iter().map(|row| Candidate {
        id: row.id,
        name: row.name,
        nip: row.nip,
        unit: row.unit,
        email: row.email,
    });
    Ok((people.collect(), all))
}

/// What is printed for somebody.
pub struct Slip {
    pub name: String,
    pub nip: String,
    pub unit: String,
    /// In groups.
    pub code: String,
    pub expires_at: DateTime<Utc>,
}

/// A new code for each of the people, with what is stored of it.
pub struct Codes(Vec<(PersonId, Code, Vec<u8>)>);

impl Codes {
    /// Works them out away from the threads that serve pages, before anybody is locked.
    pub async fn make(mut people: Vec<PersonId>) -> anyhow::Result<Self> {
        people.sort_unstable(); // the order in which they are locked
        people.dedup();
        let make = move || {
            let codes = people.into_iter().map(|person| {
                let code = Code::new()?;
                let digest = code.digest(person);
                Ok((person, code, digest))
            });
            codes.collect::<anyhow::Result<Vec<_>>>().map(Self)
        };
        tokio::task::spawn_blocking(make).await?
    }
}

/// Gives each person their code. Their earlier links and codes stop working. One person outside
/// the reach, and nobody gets one.
pub async fn hand_out(
    db: &mut PgConnection,
    reach: &Reach,
    codes: Codes,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Slip>, ReachError> {
    let mut slips = Vec::new();
    let expires_at = now + SLIP_LASTS;
    for (person, code, digest) in codes.0 {
        let record = reach.act(db, person).await?;
        links::use_up(db, person, now).await?;
        let (made_by, known_to) = (Some(by), Some(by));
        let link = NewLink { digest, person, way: Way::Slip, made_by, known_to, expires_at };
        links::store(db, &link, now).await?;
        let (name, nip, unit) = (record.name, record.nip, record.unit);
        slips.push(Slip { name, nip, unit, code: code.grouped(), expires_at });
    }
    slips.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(slips)
}

/// A link in return for the code of whoever holds the NIP. The code goes on working until the
/// password is set: the page may not have arrived. Takes as long for a NIP that nobody holds.
pub async fn redeem(
    db: &mut PgConnection,
    nip: &str,
    code: Code,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<String>> {
    let person = people::serving(db, nip).await?.unwrap_or(PersonId(0));
    let typed = tokio::task::spawn_blocking(move || code.digest(person)).await?;
    if slip(db, person, &typed, now).await?.is_none() {
        return Ok(None);
    }
    people::lock(db, person).await?; // it may have been used up in between
    let Some((known_to, expires_at)) = slip(db, person, &typed, now).await? else {
        return Ok(None);
    };
    let token = new_token()?;
    let expires_at = expires_at.min(now + TYPED_LASTS);
    let (digest, way, made_by) = (digest(&token), Way::Typed, known_to);
    links::store(db, &NewLink { digest, person, way, made_by, known_to, expires_at }, now).await?;
    Ok(Some(token))
}

/// Who may know the slip of that code, and until when it works. None once they could not make it
/// any more.
async fn slip(
    db: &mut PgConnection,
    person: PersonId,
    digest: &[u8],
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(Option<PersonId>, DateTime<Utc>)>> {
    let found = sqlx::query!(
        "select known_to, expires_at from activation
         where token_hash = $1 and person_id = $2 and way = 'slip' and used_at is null and expires_at > $3",
        digest,
        person.0,
        now
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(slip) = found else { return Ok(None) };
    let known_to = slip.known_to.map(PersonId);
    let within = links::known_within_reach(db, person, Way::Slip, known_to).await?;
    Ok(within.then_some((known_to, slip.expires_at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = Code::parse("K7QM2XRA9PWDHC4T").unwrap();
        assert_eq!(Code::parse(" k7qm 2xra-9pwd-hc4t "), Some(code.clone()));
        assert_eq!(code.grouped(), "K7QM-2XRA-9PWD-HC4T");
        for wrong in
            ["", "K7QM2XRA9PWDHC4", "K7QM2XRA9PWDHC41", "K7QM2XRA9PWDHC4TT", "éK7QM2XRA9PWDHC"]
        {
            assert_eq!(Code::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_new_code_is_another_and_uses_every_letter() {
        let codes: Vec<Code> = (0..200).map(|_| Code::new().unwrap()).collect();
        for code in &codes {
            assert_eq!(Code::parse(&code.0).as_ref(), Some(code));
        }
        let mut seen: Vec<u8> = codes.iter().flat_map(|code| code.0.bytes()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, LETTERS);
        let mut texts: Vec<_> = codes.into_iter().map(|code| code.0).collect();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), 200);
    }

    #[test]
    fn the_same_code_of_two_people_is_stored_differently() {
        let code = Code::parse("K7QM2XRA9PWDHC4T").unwrap();
        assert_ne!(code.digest(PersonId(1)), code.digest(PersonId(2)));
    }
}
