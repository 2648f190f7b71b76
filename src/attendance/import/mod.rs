//! A report of a class, from its upload to its withdrawal.

mod preview;
mod settle;
mod take_in;

pub use preview::{Choice, ImportRow, Preview, Standing, choose, names, preview, set_rule};
pub use settle::{ConfirmError, confirm, discard, undo, undo_preview};
pub use take_in::{ImportError, reread, upload};

use crate::ids::{ClassId, ImportId};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// One report and what became of it.
#[derive(Debug, Clone)]
pub struct Import {
    pub id: ImportId,
    pub class: ClassId,
    pub file_name: String,
    pub format: String,
    pub date_order: Option<String>,
    pub date_order_why: String,
    pub zone: String,
    pub zone_why: String,
    skipped: serde_json::Value,
    pub uploaded_at: DateTime<Utc>,
    pub uploaded_by: String,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub discarded_at: Option<DateTime<Utc>>,
    pub undone_at: Option<DateTime<Utc>>,
    /// Evidence that still stands.
    pub evidence: i64,
    /// Evidence that was withdrawn.
    pub withdrawn: i64,
}

/// The zones in which a report may have been written.
pub const ZONES: [(&str, &str); 4] = [
    ("Asia/Makassar", "WITA (Makassar)"),
    ("Asia/Jakarta", "WIB (Jakarta)"),
    ("Asia/Jayapura", "WIT (Jayapura)"),
    ("UTC", "UTC"),
];

impl Import {
    /// The zone as people call it.
    pub fn zone_label(&self) -> &str {
        ZONES.iter().find(|(name, _)| *name == self.zone).map_or(&self.zone, |(_, label)| label)
    }

    /// Whether its times were read in the zone of the programme.
    pub fn in_usual_zone(&self) -> bool {
        self.zone == ZONES[0].0
    }

    /// Lines of the report that were left out, with the reasons.
    pub fn skipped(&self) -> Vec<Skipped> {
        serde_json::from_value(self.skipped.clone()).unwrap_or_default()
    }
}

/// A line of a report that was left out.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Skipped {
    /// As an editor counts lines.
    pub line: u64,
    pub reason: String,
}

/// The reports of a class that were not discarded, the latest first.
pub async fn imports(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Vec<Import>> {
    let ids = sqlx::query_scalar!(
        "select id from import where class_id = $1 and discarded_at is null order by id desc",
        class.0
    )
    .fetch_all(&mut *db)
    .await?;
    let mut imports = Vec::with_capacity(ids.len());
    for id in ids {
        imports.push(find(db, id).await?);
    }
    Ok(imports)
}

/// One report.
pub async fn find(db: &mut PgConnection, import: ImportId) -> sqlx::Result<Import> {
    sqlx::query_as!(
        Import,
        r#"select i.id, i.class_id as "class: ClassId", i.file_name, i.format, i.date_order, i.date_order_why, i.zone, i.zone_why,
             i.skipped, i.uploaded_at, p.name as uploaded_by, i.confirmed_at, i.discarded_at, i.undone_at,
             (select count(*) from evidence e join import_row r on r.id = e.import_row_id
              where r.import_id = i.id and e.withdrawn_at is null) as "evidence!",
             (select count(*) from evidence e join import_row r on r.id = e.import_row_id
              where r.import_id = i.id and e.withdrawn_at is not null) as "withdrawn!"
         from import i join person p on p.id = i.uploaded_by where i.id = $1"#,
        import.0
    )
    .fetch_one(db)
    .await
}
