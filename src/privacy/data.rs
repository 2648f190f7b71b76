//! Everything that is held about a person.

use crate::{ids::PersonId, people};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

/// One thing that is held, as the view `personal_data` tells of it.
pub struct Item {
    /// Which of the person's records it belongs to.
    pub record: PersonId,
    pub section: String,
    pub at: Option<DateTime<Utc>>,
    /// An object; moments in it are RFC 3339.
    pub what: Value,
}

/// All of it, of every record that reads as the person's, by section and time.
pub async fn everything(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Vec<Item>> {
    let records: Vec<i64> = people::records(db, person).await?.iter().map(|one| one.0).collect();
    sqlx::query_as!(
        Item,
        r#"select record_id as "record!: PersonId", section as "section!", at, what as "what!"
         from personal_data where record_id = any($1) order by section, at, record_id"#,
        &records
    )
    .fetch_all(db)
    .await
}
