//! A report of a class, from its upload to its withdrawal.

mod preview;
mod rule;
mod settle;
mod take_in;

pub use preview::{Choice, ImportRow, Preview, Standing, choose, names, preview};
pub use rule::{Really, counted, set_rule};
pub use settle::{Undoing, confirm, discard, undo, undo_preview};
pub use take_in::{reread, stored, upload};

use super::{case::NotOpen, report::ZONES};
use crate::{
    class,
    ids::{ClassId, ImportId},
};
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
    /// When it was first taken back; for some it may still stand.
    pub undo_asked_at: Option<DateTime<Utc>>,
    pub undone_at: Option<DateTime<Utc>>,
    /// The share of the class's time that it made to count as present.
    pub percent: Option<i32>,
    /// Evidence that still stands.
    pub evidence: i64,
    /// Evidence that was withdrawn.
    pub withdrawn: i64,
}

impl Import {
    /// The zone as people call it.
    pub fn zone_label(&self) -> &str {
        let found = ZONES.iter().find(|(zone, _)| zone.name() == self.zone);
        found.map_or(&self.zone, |(_, label)| label)
    }

    /// Whether its times were read in the zone of the programme.
    pub fn in_usual_zone(&self) -> bool {
        self.zone == ZONES[0].0.name()
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

/// Why a report was not taken in, changed, recorded or thrown away.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    NotOpen(#[from] NotOpen),
    #[error("Isi laporan ini sudah diimpor.")]
    Same(ImportId),
    #[error("Impor ini sudah dicatat. Batalkan dahulu untuk mengubahnya.")]
    Confirmed,
    #[error("Impor ini sudah dibuang.")]
    Discarded,
    #[error("Data berubah sejak pratinjau ini dibuka. Periksa lagi, lalu catat.")]
    Stale,
    #[error("Anda tidak dapat memutuskan kehadiran Anda sendiri. Minta penyelenggara lain.")]
    Own,
    #[error("the matching of names broke off")]
    Unmatched(#[from] tokio::task::JoinError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Locks the class of a report that is still a preview, so that nothing of it
/// changes while somebody confirms it.
async fn hold(db: &mut PgConnection, import: ImportId) -> Result<Import, ImportError> {
    let class = find(db, import).await?.class;
    class::lock(db, class).await?;
    // Again: what was read before the lock may have changed.
    let import = find(db, import).await?;
    if import.confirmed_at.is_some() {
        Err(ImportError::Confirmed)
    } else if import.discarded_at.is_some() {
        Err(ImportError::Discarded)
    } else {
        Ok(import)
    }
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
             i.skipped, i.uploaded_at, p.name as uploaded_by, i.confirmed_at, i.discarded_at, i.undo_asked_at,
             i.undone_at, i.percent,
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
