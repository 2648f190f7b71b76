//! What became of a unit: rows are added, and stay.

use crate::ids::{PersonId, UnitId};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// One thing that can change of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "unit_field", rename_all = "lowercase")]
pub enum Field {
    Added,
    Name,
    Code,
    Parent,
    Closed,
    Merged,
}

impl Field {
    pub fn label(self) -> &'static str {
        match self {
            Self::Added => "Ditambahkan",
            Self::Name => "Nama",
            Self::Code => "Kode",
            Self::Parent => "Unit induk",
            Self::Closed => "Ditutup mulai",
            Self::Merged => "Digabung ke",
        }
    }
}

/// One change, as it read at the time.
pub struct Change {
    pub field: Field,
    pub before: Option<String>,
    pub after: Option<String>,
    pub at: DateTime<Utc>,
    pub by: String,
}

/// What was changed of a unit, the latest first.
pub async fn changes(db: &mut PgConnection, unit: UnitId) -> sqlx::Result<Vec<Change>> {
    sqlx::query_as!(
        Change,
        "select c.field, c.before, c.after, c.at, p.name as by
         from unit_change c join person p on p.id = c.by
         where c.unit_id = $1 order by c.at desc, c.id desc",
        unit.0
    )
    .fetch_all(db)
    .await
}

pub(super) async fn note(
    db: &mut PgConnection,
    unit: UnitId,
    (field, before, after): (Field, Option<&str>, Option<&str>),
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into unit_change (unit_id, field, before, after, at, by) values ($1, $2, $3, $4, $5, $6)",
        unit.0,
        field as Field,
        before,
        after,
        now,
        by.0
    )
    .execute(db)
    .await?;
    Ok(())
}
