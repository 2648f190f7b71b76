//! An uploaded list on its way into the records.

use super::{
    chosen::Columns,
    importer::Importer,
    judge::{Judged, Verdict},
    place::UnitChoices,
    record::{self, Source},
};
use crate::{
    assets::hex,
    ids::{PersonId, StaffImportId, UnitId},
    people::Field,
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, types::Json};
use std::collections::BTreeMap;

/// What became of a list.
#[derive(Debug, Clone)]
pub struct Import {
    pub id: StaffImportId,
    pub file_name: String,
    pub uploaded_at: DateTime<Utc>,
    pub uploaded_by: String,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub added: Option<i32>,
    pub changed: Option<i32>,
    pub skipped: Option<i32>,
    pub discarded_at: Option<DateTime<Utc>>,
    pub undone_at: Option<DateTime<Utc>>,
}

impl Import {
    /// Whether it waits to be confirmed or discarded.
    pub fn waits(&self) -> bool {
        self.confirmed_at.is_none() && self.discarded_at.is_none()
    }

    /// How it stands, in a word or two.
    pub fn state(&self) -> &'static str {
        match self {
            Self { undone_at: Some(_), .. } => "Dibatalkan",
            Self { confirmed_at: Some(_), .. } => "Tercatat",
            Self { discarded_at: Some(_), .. } => "Dibuang",
            _ => "Belum dicatat",
        }
    }
}

/// Why a step was not taken.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    #[error("Daftar ini sudah dicatat atau dibuang.")]
    Over,
    /// The records changed, so what was seen is no longer what would happen.
    #[error("Data berubah sejak pratinjau ini dibuka. Periksa lagi, lalu catat.")]
    Stale,
    #[error("Tidak ada yang perlu dicatat dari daftar ini.")]
    Nothing,
    /// Nobody takes their own account away, nor gives it back.
    #[error(
        "Daftar ini mengubah kedudukan Anda sendiri. Hapus baris Anda dari berkas, atau minta administrator lain mencatatnya."
    )]
    Own,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Keeps the file until it is confirmed or discarded. The same file of the same person that waits
/// already is not kept twice.
pub async fn store(
    db: &mut PgConnection,
    file_name: &str,
    bytes: &[u8],
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<StaffImportId> {
    let sha256 = Sha256::digest(bytes).to_vec();
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('staff list ' || $1, 0))",
        hex(&sha256)
    )
    .execute(&mut *db)
    .await?;
    let waiting = sqlx::query_scalar!(
        r#"select id as "id: StaffImportId" from staff_import where sha256 = $1 and uploaded_by = $2 and file is not null"#,
        sha256,
        by.0
    )
    .fetch_optional(&mut *db)
    .await?;
    if let Some(import) = waiting {
        return Ok(import);
    }
    sqlx::query_scalar!(
        r#"insert into staff_import (file_name, sha256, file, uploaded_at, uploaded_by)
         values ($1, $2, $3, $4, $5) returning id as "id: StaffImportId""#,
        file_name,
        sha256,
        bytes,
        now,
        by.0
    )
    .fetch_one(db)
    .await
}

/// One uploaded list; not found when it is none that they see.
pub async fn find(
    db: &mut PgConnection,
    import: StaffImportId,
    importer: &Importer,
) -> sqlx::Result<Import> {
    sqlx::query_as!(
        Import,
        r#"select i.id as "id: StaffImportId", i.file_name, i.uploaded_at, p.name as uploaded_by, i.confirmed_at,
             i.added, i.changed, i.skipped, i.discarded_at, i.undone_at
         from staff_import i join person p on p.id = i.uploaded_by
         where i.id = $1 and ($2::bigint is null or i.uploaded_by = $2)"#,
        import.0,
        importer.own()
    )
    .fetch_one(db)
    .await
}

/// The last lists that they see, the latest first.
pub async fn recent(db: &mut PgConnection, importer: &Importer) -> sqlx::Result<Vec<Import>> {
    sqlx::query_as!(
        Import,
        r#"select i.id as "id: StaffImportId", i.file_name, i.uploaded_at, p.name as uploaded_by, i.confirmed_at,
             i.added, i.changed, i.skipped, i.discarded_at, i.undone_at
         from staff_import i join person p on p.id = i.uploaded_by
         where $1::bigint is null or i.uploaded_by = $1 order by i.id desc limit 20"#,
        importer.own()
    )
    .fetch_all(db)
    .await
}

/// A list that waits, with what was chosen for it by hand.
pub struct Kept {
    pub file: Vec<u8>,
    /// Nothing while the names of the columns decide.
    pub columns: Option<Columns>,
    pub units: UnitChoices,
}

/// The file of a list that waits.
pub async fn kept(db: &mut PgConnection, import: StaffImportId) -> Result<Kept, StaffError> {
    let row = sqlx::query!(
        r#"select file, columns as "columns: Json<Columns>", units as "units: Json<UnitChoices>"
         from staff_import where id = $1"#,
        import.0
    )
    .fetch_one(db)
    .await?;
    let file = row.file.ok_or(StaffError::Over)?;
    Ok(Kept {
        file,
        columns: row.columns.map(|kept| kept.0),
        units: row.units.map(|kept| kept.0).unwrap_or_default(),
    })
}

/// Has a list that waits read with these columns.
pub async fn choose_columns(
    db: &mut PgConnection,
    import: StaffImportId,
    columns: &Columns,
) -> Result<(), StaffError> {
    let chosen = sqlx::query!(
        "update staff_import set columns = $2 where id = $1 and file is not null",
        import.0,
        Json(columns) as _
    )
    .execute(db)
    .await?;
    if chosen.rows_affected() == 0 { Err(StaffError::Over) } else { Ok(()) }
}

/// Lets names of a list that waits mean these units, or again what they say. Other choices stay.
pub async fn choose_units(
    db: &mut PgConnection,
    import: StaffImportId,
    choices: &BTreeMap<String, Option<UnitId>>,
) -> Result<(), StaffError> {
    let (given, dropped): (Vec<_>, Vec<_>) = choices.iter().partition(|(_, unit)| unit.is_some());
    let given: Value =
        given.into_iter().map(|(name, unit)| (name.clone(), serde_json::json!(unit))).collect();
    let dropped: Vec<String> = dropped.into_iter().map(|(name, _)| name.clone()).collect();
    let chosen = sqlx::query!(
        "update staff_import set units = (coalesce(units, '{}') || $2) - $3::text[] where id = $1 and file is not null",
        import.0,
        given,
        &dropped
    )
    .execute(db)
    .await?;
    if chosen.rows_affected() == 0 { Err(StaffError::Over) } else { Ok(()) }
}

impl Judged {
    /// What would be recorded, as one number: whoever confirms it confirms what they saw.
    pub fn digest(&self) -> String {
        let mut all = Sha256::new();
        for row in &self.rows {
            let words = match &row.verdict {
                Verdict::New(person) => format!("{}+{person:?}", row.line),
                Verdict::Changed(person, _, differences) => {
                    format!("{}~{person}{differences:?}", row.line)
                }
                Verdict::Unchanged => continue,
                Verdict::Wrong(wrong) => format!("{}!{wrong:?}", row.line),
            };
            all.update(words);
        }
        hex(&all.finalize())
    }
}

/// Records what was seen, once. The list is to be judged after [`super::lock`], in the same
/// transaction and within the importer's reach.
pub async fn confirm(
    db: &mut PgConnection,
    import: StaffImportId,
    judged: &Judged,
    seen: &str,
    importer: &Importer,
    now: DateTime<Utc>,
) -> Result<(), StaffError> {
    if judged.digest() != seen || !importer.holds(db, judged).await? {
        return Err(StaffError::Stale);
    }
    if judged.changes(importer.person, Field::Standing) {
        return Err(StaffError::Own);
    }
    let count = |is| i32::try_from(judged.count(is)).unwrap_or(i32::MAX);
    let (added, changed) = (
        count(|verdict| matches!(verdict, Verdict::New(_))),
        count(|verdict| matches!(verdict, Verdict::Changed(..))),
    );
    if added + changed == 0 {
        return Err(StaffError::Nothing);
    }
    let taken = sqlx::query!(
        "update staff_import set confirmed_at = $2, confirmed_by = $3, file = null, added = $4, changed = $5, skipped = $6
         where id = $1 and file is not null",
        import.0,
        now,
        importer.person.0,
        added,
        changed,
        count(|verdict| matches!(verdict, Verdict::Wrong(_)))
    )
    .execute(&mut *db)
    .await?;
    if taken.rows_affected() == 0 {
        return Err(StaffError::Over);
    }
    let source = Source { at: now, by: Some(importer.person), import: Some(import) };
    Ok(record::record(db, judged, source, |_| ()).await?)
}

/// Throws a list away that waits. A second time changes nothing.
pub async fn discard(
    db: &mut PgConnection,
    import: StaffImportId,
    importer: &Importer,
    now: DateTime<Utc>,
) -> Result<(), StaffError> {
    find(db, import, importer).await?;
    sqlx::query!(
        "update staff_import set discarded_at = $2, discarded_by = $3, file = null where id = $1 and file is not null",
        import.0,
        now,
        importer.person.0
    )
    .execute(&mut *db)
    .await?;
    match find(db, import, importer).await?.discarded_at {
        Some(_) => Ok(()),
        None => Err(StaffError::Over),
    }
}
