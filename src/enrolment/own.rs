//! What a person sees of their own enrolments.

use super::State;
use crate::ids::{ClassId, EnrolmentId, PersonId};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Where a person stands in a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub enrolment: EnrolmentId,
    pub state: State,
    /// 1 for the next to be seated; only while waiting.
    pub position: Option<i64>,
    /// Whether the seat was won from the queue.
    pub from_queue: bool,
    /// Whether somebody else took it away, and why.
    pub removed: Option<String>,
}

impl Standing {
    /// The number that the person can quote.
    pub fn reference(&self, class: ClassId) -> String {
        format!("SC-{class}-{:04}", self.enrolment.0)
    }
}

/// Where the person stands in the class; the latest enrolment counts.
pub async fn standing(
    db: &mut PgConnection,
    class: ClassId,
    person: PersonId,
) -> sqlx::Result<Option<Standing>> {
    let found = sqlx::query!(
        r#"select e.id, e.state, e.queue_place is not null as "from_queue!",
             case when e.state = 'waiting' then (select count(*) from enrolment f
               where f.class_id = e.class_id and f.state = 'waiting' and f.queue_place <= e.queue_place) end as position,
             case when e.state = 'withdrawn' then (select v.reason from enrolment_event v
               where v.enrolment_id = e.id
                 and v.by <> all(array(select record_id from person_record where person_id = $2)) order by v.id desc limit 1) end as removed
         from enrolment e where e.class_id = $1
           and e.person_id = any(array(select record_id from person_record where person_id = $2))
         order by e.state = 'withdrawn', e.id desc limit 1"#,
        class.0,
        person.0
    )
    .fetch_optional(db)
    .await?;
    Ok(found.map(|row| Standing {
        enrolment: row.id,
        state: row.state,
        position: row.position,
        from_queue: row.from_queue && row.state == State::Active,
        removed: row.removed,
    }))
}

/// One of a person's classes.
#[derive(Debug, Clone)]
pub struct Mine {
    pub class: ClassId,
    pub title: String,
    pub class_state: crate::class::State,
    pub jp: i32,
    pub starts: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    pub withdrawal_until: DateTime<Utc>,
    pub state: State,
    /// Whether the seat was won from the queue.
    pub from_queue: bool,
    /// 1 for the next to be seated; only while waiting.
    pub position: Option<i64>,
    pub waiting: i32,
    /// Whether there is a Zoom link.
    pub has_link: bool,
}

/// Every class in which the person has or had a place, by time; of each the
/// latest enrolment.
pub async fn mine(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Vec<Mine>> {
    sqlx::query_as!(
        Mine,
        r#"select distinct on (c.starts, c.id) c.id as "class: ClassId", c.title,
             c.state as "class_state: crate::class::State", c.jp, c.starts, c.ends, c.withdrawal_until,
             e.state as "state: State", (e.state = 'active' and e.queue_place is not null) as "from_queue!",
             case when e.state = 'waiting' then (select count(*) from enrolment f
               where f.class_id = c.id and f.state = 'waiting' and f.queue_place <= e.queue_place) end as position,
             c.waiting, exists (select from class_lane where class_id = c.id and lane = 'zoom') as "has_link!"
         from enrolment e
         join class c on c.id = e.class_id
         where e.person_id = any(array(select record_id from person_record where person_id = $1))
         order by c.starts, c.id, e.state = 'withdrawn', e.id desc"#,
        person.0
    )
    .fetch_all(db)
    .await
}
