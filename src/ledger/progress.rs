//! How far somebody is in a year.

use crate::ids::PersonId;
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::cmp::Reverse;

/// What somebody has in a year, and what they need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub year: i32,
    pub jp: i32,
    /// The least that the year asks for.
    pub target: i32,
    /// A notice is shown above this.
    pub notice_above: Option<i32>,
}

impl Progress {
    /// What is missing; nothing once the target is met.
    pub fn missing(&self) -> i32 {
        (self.target - self.jp).max(0)
    }

    /// How much of the target is reached; never more than all of it.
    pub fn filled(&self) -> i32 {
        self.jp.clamp(0, self.target.max(0))
    }

    /// `Sisa 8 JP sampai 31 Desember`, that the target is met, or by how much a
    /// year that is over missed it.
    pub fn rest(&self, this_year: i32) -> String {
        match self.missing() {
            0 => format!("Target {} JP tahun {} tercapai", self.target, self.year),
            missing if self.year < this_year => {
                format!("Kurang {missing} JP dari target tahun {}", self.year)
            }
            missing => format!("Sisa {missing} JP sampai 31 Desember"),
        }
    }
}

/// The person's learning hours in a year.
pub async fn progress(
    db: &mut PgConnection,
    person: PersonId,
    year: i32,
) -> sqlx::Result<Progress> {
    let row = sqlx::query!(
        r#"select coalesce((select sum(jp) from ledger_entry where person_id = $1 and year = $2), 0)::int as "jp!",
             coalesce(t.minimum, 20) as "target!", t.notice_above as "notice_above?"
         from person p left join target t on t.year = $2 and t.employment = p.employment where p.id = $1"#,
        person.0,
        year
    )
    .fetch_one(db)
    .await?;
    Ok(Progress { year, jp: row.jp, target: row.target, notice_above: row.notice_above })
}

/// One of the last lines, as the home page shows it.
#[derive(Debug, Clone)]
pub struct Latest {
    pub note: String,
    pub happened_on: NaiveDate,
    pub jp: i32,
    /// Seconds present, where they were measured.
    pub seconds: Option<i32>,
}

/// What the home page says of somebody's learning hours.
#[derive(Debug, Clone)]
pub struct Summary {
    pub progress: Progress,
    /// The total of the year before, if it was asked for and there are entries.
    pub year_before: Option<i32>,
    /// The last three entries, the latest first.
    pub latest: Vec<Latest>,
}

/// The person's year, and the year before if that is asked for: one plain walk
/// over their entries, summed here, since every visit begins with this page.
pub async fn summary(
    db: &mut PgConnection,
    person: PersonId,
    year: i32,
    with_year_before: bool,
) -> sqlx::Result<Summary> {
    let mut rows = sqlx::query!(
        r#"select coalesce(t.minimum, 20) as "target!", t.notice_above as "notice_above?",
             e.year as "year?", e.number as "number?", e.note as "note?", e.happened_on as "happened_on?",
             e.jp as "jp?", d.seconds as "seconds?"
         from person p
         left join target t on t.year = $2 and t.employment = p.employment
         left join ledger_entry e on e.person_id = p.id and e.year >= $3
         left join decision d on d.id = e.decision_id
         where p.id = $1"#,
        person.0,
        year,
        year - i32::from(with_year_before)
    )
    .fetch_all(db)
    .await?;
    let first = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    let (target, notice_above) = (first.target, first.notice_above);
    let total =
        |of: i32| rows.iter().filter(move |row| row.year == Some(of)).filter_map(|row| row.jp);
    let progress = Progress { year, jp: total(year).sum(), target, notice_above };
    let year_before = total(year - 1).reduce(|sum, jp| sum + jp);
    rows.sort_unstable_by_key(|row| Reverse(row.number));
    let latest = rows.into_iter().take(3).filter_map(|row| {
        Some(Latest {
            note: row.note?,
            happened_on: row.happened_on?,
            jp: row.jp?,
            seconds: row.seconds,
        })
    });
    Ok(Summary { progress, year_before, latest: latest.collect() })
}
