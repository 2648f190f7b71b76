//! How far somebody is in a year.

use crate::ids::PersonId;
use sqlx::PgConnection;

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
        r#"select coalesce((select jp from learning_hours where person_id = $1 and year = $2), 0)::int as "jp!",
             coalesce(t.minimum, 20) as "target!", t.notice_above as "notice_above?"
         from person p left join target t on t.year = $2 and t.employment = p.employment where p.id = $1"#,
        person.0,
        year
    )
    .fetch_one(db)
    .await?;
    Ok(Progress { year, jp: row.jp, target: row.target, notice_above: row.notice_above })
}
