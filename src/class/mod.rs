//! A class: what is taught, when, by whom, and the ways to follow it.

use crate::ids::{ClassId, PersonId};
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "class_state", rename_all = "lowercase")]
pub enum State {
    Draft,
    Published,
    Cancelled,
}

/// A way to follow a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "lane", rename_all = "lowercase")]
pub enum Lane {
    Zoom,
    Stream,
    Room,
}

impl Lane {
    pub fn label(self) -> &'static str {
        match self {
            Self::Zoom => "Zoom",
            Self::Stream => "Siaran langsung",
            Self::Room => "Ruang",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "speaking", rename_all = "lowercase")]
pub enum Speaking {
    Speaker,
    Moderator,
}

impl Speaking {
    pub fn label(self) -> &'static str {
        match self {
            Self::Speaker => "Narasumber",
            Self::Moderator => "Moderator",
        }
    }
}

/// What was done to a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "class_act", rename_all = "lowercase")]
pub enum Act {
    Created,
    Changed,
    Published,
    Cancelled,
}

impl Act {
    pub fn label(self) -> &'static str {
        match self {
            Self::Created => "Dibuat",
            Self::Changed => "Diubah",
            Self::Published => "Diterbitkan",
            Self::Cancelled => "Dibatalkan",
        }
    }
}

/// A stretch of teaching on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub starts: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    /// When it really began and ended, once somebody has said so.
    pub really: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// Somebody who speaks or moderates, as announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    pub speaking: Speaking,
    /// With titles.
    pub name: String,
    pub office: String,
    pub person: Option<PersonId>,
}

/// A class with all that belongs to it.
#[derive(Debug, Clone)]
pub struct Class {
    pub id: ClassId,
    /// Fixed when the class is first published.
    pub slug: Option<String>,
    pub title: String,
    pub summary: String,
    pub description: String,
    pub audience: String,
    /// Learning hours (JP) that attendance earns; frozen at publication.
    pub jp: i32,
    pub quota: i32,
    pub taken: i32,
    pub waiting: i32,
    pub enrolment_opens: Option<DateTime<Utc>>,
    pub enrolment_closes: DateTime<Utc>,
    pub withdrawal_until: DateTime<Utc>,
    /// The share of the class's time that counts as present, in percent.
    pub presence_percent: i32,
    /// Digits only.
    pub zoom_meeting_id: Option<String>,
    pub state: State,
    /// Counts changes: a form that was opened before the last one is stale.
    pub version: i32,
    /// When the first part begins, and when the last ends.
    starts: DateTime<Utc>,
    ends: DateTime<Utc>,
    /// In order of time; never empty.
    pub parts: Vec<Part>,
    pub lanes: Vec<(Lane, String)>,
    pub speakers: Vec<Speaker>,
}

impl Class {
    /// When the first part begins.
    pub fn starts(&self) -> DateTime<Utc> {
        self.starts
    }

    /// When the last part ends.
    pub fn ends(&self) -> DateTime<Utc> {
        self.ends
    }

    /// The address that leads there, for a lane.
    pub fn address(&self, lane: Lane) -> Option<&str> {
        self.lanes.iter().find(|(of, _)| *of == lane).map(|(_, address)| address.as_str())
    }

    /// Where people follow it, in words.
    pub fn place(&self) -> String {
        let place = |(lane, address): &(Lane, String)| match lane {
            Lane::Zoom => "Zoom".to_owned(),
            Lane::Stream => "siaran langsung".to_owned(),
            Lane::Room => address.clone(),
        };
        let places: Vec<_> = self.lanes.iter().map(place).collect();
        if places.is_empty() { "Diumumkan kemudian".into() } else { places.join(" atau ") }
    }
}

/// How long all parts together last.
pub fn minutes(parts: &[Part]) -> i64 {
    parts.iter().map(|part| (part.ends - part.starts).num_minutes()).sum()
}

/// Learning hours for a time of teaching, in minutes: one JP is 45 minutes, and
/// a Smart Class earns at least two.
pub fn proposed_jp(minutes: i64) -> i32 {
    i32::try_from(minutes / 45).unwrap_or(i32::MAX).clamp(2, 99)
}

/// Locks a class, so that its seats, its attendance and its certificates change
/// by one at a time.
pub async fn lock(db: &mut PgConnection, class: ClassId) -> sqlx::Result<()> {
    sqlx::query!("select id from class where id = $1 for update", class.0).fetch_one(db).await?;
    Ok(())
}

/// One class, whatever its state.
pub async fn find(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Class> {
    let row = sqlx::query!(
        "select id, slug, title, summary, description, audience, jp, quota, taken, waiting, enrolment_opens,
           enrolment_closes, withdrawal_until, presence_percent, zoom_meeting_id, state, version, starts, ends
         from class where id = $1",
        class.0
    )
    .fetch_one(&mut *db)
    .await?;
    Ok(Class {
        id: row.id,
        slug: row.slug,
        title: row.title,
        summary: row.summary,
        description: row.description,
        audience: row.audience,
        jp: row.jp,
        quota: row.quota,
        taken: row.taken,
        waiting: row.waiting,
        enrolment_opens: row.enrolment_opens,
        enrolment_closes: row.enrolment_closes,
        withdrawal_until: row.withdrawal_until,
        presence_percent: row.presence_percent,
        zoom_meeting_id: row.zoom_meeting_id,
        state: row.state,
        version: row.version,
        starts: row.starts,
        ends: row.ends,
        parts: parts(db, class).await?,
        lanes: lanes(db, class).await?,
        speakers: speakers(db, class).await?,
    })
}

/// The class of that address, unless it is a draft.
pub async fn by_slug(db: &mut PgConnection, slug: &str) -> sqlx::Result<Class> {
    let class =
        sqlx::query_scalar!("select id from class where slug = $1 and state <> 'draft'", slug)
            .fetch_one(&mut *db)
            .await?;
    find(db, class).await
}

/// The parts of a class in order of time.
pub async fn parts(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Vec<Part>> {
    let rows = sqlx::query!(
        "select starts, ends, really_started, really_ended from class_part where class_id = $1 order by position",
        class.0
    )
    .fetch_all(db)
    .await?;
    let part = |row| match row {
        (starts, ends, Some(started), Some(ended)) => {
            Part { starts, ends, really: Some((started, ended)) }
        }
        (starts, ends, _, _) => Part { starts, ends, really: None },
    };
    Ok(rows
        .into_iter()
        .map(|r| part((r.starts, r.ends, r.really_started, r.really_ended)))
        .collect())
}

async fn lanes(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Vec<(Lane, String)>> {
    let rows = sqlx::query!(
        "select lane, address from class_lane where class_id = $1 order by lane",
        class.0
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.lane, row.address)).collect())
}

async fn speakers(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Vec<Speaker>> {
    let rows = sqlx::query!(
        "select speaking, name, office, person_id from class_speaker where class_id = $1 order by position",
        class.0
    )
    .fetch_all(db)
    .await?;
    let speaker = rows.into_iter().map(|row| Speaker {
        speaking: row.speaking,
        name: row.name,
        office: row.office,
        person: row.person_id,
    });
    Ok(speaker.collect())
}

/// The link to join is offered from this long before a part begins.
pub const JOIN_EARLY: Duration = Duration::minutes(15);

/// Whether the class's Zoom link is there and its time is now: from a little
/// before each part until its end.
pub async fn zoom_open(
    db: &mut PgConnection,
    class: ClassId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from class_part p join class_lane l on l.class_id = p.class_id and l.lane = 'zoom'
           where p.class_id = $1 and p.starts <= $2 and p.ends >= $3) as "open!""#,
        class.0,
        now + JOIN_EARLY,
        now
    )
    .fetch_one(db)
    .await
}

/// What happened to a class, the latest first.
pub struct Event {
    pub act: Act,
    pub detail: Option<String>,
    pub at: DateTime<Utc>,
    pub by: Option<String>,
}

/// The history of a class.
pub async fn events(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Vec<Event>> {
    sqlx::query_as!(
        Event,
        r#"select e.act, e.detail, e.at, p.name as "by?" from class_event e left join person p on p.id = e.by
         where e.class_id = $1 order by e.id desc"#,
        class.0
    )
    .fetch_all(db)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_learning_hour_is_45_minutes_and_a_class_earns_two() {
        assert_eq!([30, 90, 134, 135, 200].map(proposed_jp), [2, 2, 2, 3, 4]);
    }
}
