//! Classes that are taught at the same time.

use crate::{class::State, ids::ClassId};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// A part of another class that is taught at the same time.
pub struct Clash {
    pub class: ClassId,
    pub title: String,
    pub state: State,
    pub starts: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    /// Who would have to be in both.
    pub speaker: Option<String>,
    /// Whether both use one Zoom meeting.
    pub same_link: bool,
}

/// What is taught at the same time as the class, and is not over.
pub async fn clashes(
    db: &mut PgConnection,
    class: ClassId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Clash>> {
    sqlx::query_as!(
        Clash,
        r#"select distinct h.other_id as "class!: ClassId", c.title, c.state, h.starts as "starts!",
             h.ends as "ends!", h.speaker, h.same_link as "same_link!"
         from clash h join class c on c.id = h.other_id
         where h.class_id = $1 and h.ends > $2 order by 4, 1"#,
        class.0,
        now
    )
    .fetch_all(db)
    .await
}
