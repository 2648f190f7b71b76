//! A believable world to try things in: the same for the same seed, its dates
//! relative to today. Everything is made through the functions that the pages use.

mod attending;
mod awaited;
mod calendar;
mod cast;
mod classes;
mod crowd;
mod dice;
mod names;
mod offices;
mod parts;
mod posts;
mod programme;
mod reports;
mod sign_ins;
mod staff;
mod themes;
mod twice;

pub use awaited::{Awaited, report};
pub use sign_ins::{PRINTED, Printed, SignIn, sign_ins};

use crate::{
    account::DEMO_PASSWORD,
    act::Act,
    certificate,
    ids::{ClassId, PersonId},
    password::Hasher,
    people,
    settings::{self, Certificates, Signer},
    web::show,
};
use chrono::{DateTime, Datelike, Duration, Utc};
use dice::Dice;
use programme::{Fate, Outline};
use sqlx::{PgConnection, PgPool};
use staff::{Recruiter, Staff};

/// How big the world is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub people: u32,
    pub classes: u32,
    /// Years with classes, this one included.
    pub years: u32,
    /// Another seed, another world.
    pub seed: u64,
}

impl Default for Size {
    fn default() -> Self {
        Self { people: 1200, classes: 30, years: 2, seed: 1 }
    }
}

/// Why no world was made.
#[derive(Debug, thiserror::Error)]
pub enum SizeError {
    #[error("versi ini membuat paling banyak 5.000 orang")]
    TooManyPeople,
    #[error("dunia contoh memuat sedikitnya {0} orang")]
    TooFewPeople(u32),
    #[error("dunia contoh memuat {0} sampai 500 kelas")]
    Classes(usize),
    #[error("dunia contoh memuat 1 sampai 10 tahun")]
    Years,
}

/// The fewest people: the officials of every unit, and enough to fill a class.
const FEWEST: u32 = 200;

impl Size {
    /// Whether such a world can be made.
    pub fn check(&self) -> Result<(), SizeError> {
        let classes = usize::try_from(self.classes).unwrap_or(usize::MAX);
        match self {
            Self { people: 5001.., .. } => Err(SizeError::TooManyPeople),
            Self { people: ..FEWEST, .. } => Err(SizeError::TooFewPeople(FEWEST)),
            _ if !(programme::FEWEST..=500).contains(&classes) => {
                Err(SizeError::Classes(programme::FEWEST))
            }
            Self { years: 0 | 11.., .. } => Err(SizeError::Years),
            _ => Ok(()),
        }
    }
}

/// Whether nothing is in the way of a demo world.
pub async fn is_empty(db: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select not exists (select from person) and not exists (select from class)
             and not exists (select from installation) as "empty!""#
    )
    .fetch_one(db)
    .await
}

/// Fills an empty database, all or nothing.
pub async fn fill(
    pool: &PgPool,
    size: &Size,
    hasher: &Hasher,
    base_url: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    size.check()?;
    let hash = hasher.hash(DEMO_PASSWORD.to_owned()).await?;
    let mut tx = Act::command("dunia contoh").begin(pool, now).await?;
    anyhow::ensure!(
        is_empty(&mut tx).await?,
        "Basis data sudah berisi; dunia contoh hanya untuk basis data kosong."
    );
    // Two that fill at once: the second waits here, and then finds the row.
    sqlx::query!("insert into installation (demo) values (true)").execute(&mut *tx).await?;
    let mut dice = Dice::new(size.seed);
    let staff = recruit(&mut tx, &mut dice, size, &hash, now).await?;
    appoint_signer(&mut tx, &staff, now).await?;
    let outlines = programme::outline(&mut dice, size, now);
    run_classes(&mut tx, &mut dice, &staff, &outlines, base_url, now).await?;
    tx.commit().await?;
    // Each seat wrote its class's row anew, and within one transaction nothing of that is freed.
    sqlx::raw_sql("vacuum (full, analyze) class").execute(pool).await?;
    Ok(())
}

async fn recruit(
    db: &mut PgConnection,
    dice: &mut Dice,
    size: &Size,
    hash: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<Staff> {
    let today = show::local_day(now);
    let year = today.year() - i32::try_from(size.years)?;
    let day = chrono::NaiveDate::from_ymd_opt(year, 10, 20).unwrap_or(today);
    let begun = calendar::at(day, 8, 0);
    let people = usize::try_from(size.people)?;
    Recruiter::new(db, dice, hash, begun, now).await?.record(people).await
}

async fn run_classes(
    db: &mut PgConnection,
    dice: &mut Dice,
    staff: &Staff,
    outlines: &[Outline],
    base_url: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let reported = |outline: &Outline| matches!(outline.fate, Fate::Reported { .. });
    let last = outlines.iter().rposition(reported);
    for (number, outline) in outlines.iter().enumerate() {
        let made = classes::make(db, dice, staff, outline, now).await?;
        if !reported(outline) {
            continue;
        }
        attending::take_in(db, dice, staff, &made, number).await?;
        // The latest waits for somebody to issue them.
        if Some(number) != last {
            let by = attending::decider(staff, outline.fate);
            issue_certificates(db, made.id, base_url, by, outline.ends() + Duration::hours(4))
                .await?;
        }
    }
    Ok(())
}

/// Issues the certificates of a class whose attendance was decided.
async fn issue_certificates(
    db: &mut PgConnection,
    class: ClassId,
    base_url: &str,
    by: PersonId,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    certificate::issue_class(db, class, base_url, by, now).await?;
    Ok(())
}

/// The head of the agency signs the certificates.
async fn appoint_signer(
    db: &mut PgConnection,
    staff: &Staff,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let signer = people::find(db, staff.official(offices::BPSDMD, 0).id).await?;
    let head = Signer {
        from: show::local_day(now - Duration::days(5 * 365)),
        until: None,
        acting: false,
        office: signer.position.unwrap_or_default(),
        name: signer.name,
        rank: signer.rank,
        nip: Some(signer.nip),
    };
    let settings = Certificates { signers: vec![head], ..Certificates::default() };
    Ok(settings::set_certificates(db, &settings, None, now).await?)
}
