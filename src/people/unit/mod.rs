//! The units of the province: a tree of OPD, bidang, UPT and schools under one root.

mod change;
mod history;
mod tree;

pub use change::{Merged, NewUnit, UnitError, add, close, hold_tree, merge, move_below, rename};
pub use history::{Change, Field, changes};
pub use tree::{Node, Tree, tree};

use crate::{ids::UnitId, web::show};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// A unit that is open today.
#[derive(Debug, Clone)]
pub struct Unit {
    pub id: UnitId,
    pub name: String,
    /// The names on the way to it from below the root, since names of sub-units repeat.
    pub path: String,
}

/// The root and every unit below it that is open, each right before those below it.
pub async fn units(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Vec<Unit>> {
    let today = show::local_day(now);
    let open = tree::read(db, false).await?.into_iter().filter(|node| node.is_open(today));
    Ok(open.map(|node| Unit { id: node.id, name: node.name, path: node.path }).collect())
}

/// The root of the tree: the province's government.
pub async fn root_unit(db: &mut PgConnection) -> sqlx::Result<UnitId> {
    sqlx::query_scalar!(r#"select id from unit where parent_id is null"#).fetch_one(db).await
}

/// Whether the unit is not closed; it stays so until the transaction ends.
pub async fn hold_open(db: &mut PgConnection, unit: UnitId) -> sqlx::Result<bool> {
    let held = sqlx::query!(
        "select id from unit where id = $1 and valid_until is null for key share",
        unit.0
    );
    Ok(held.fetch_optional(db).await?.is_some())
}

/// A unit as it stands.
#[derive(Debug, Clone)]
pub struct Standing {
    pub id: UnitId,
    pub parent_id: Option<UnitId>,
    pub parent: Option<String>,
    pub code: Option<String>,
    pub name: String,
    pub valid_from: NaiveDate,
    /// The first day on which it is no more.
    pub valid_until: Option<NaiveDate>,
    pub merged_into: Option<UnitId>,
    pub merged: Option<String>,
    pub version: i32,
}

impl Standing {
    pub fn is_root(&self) -> bool {
        self.parent_id.is_none()
    }

    pub fn is_closed(&self) -> bool {
        self.valid_until.is_some()
    }
}

/// One unit, open or closed.
pub async fn find(db: &mut PgConnection, unit: UnitId) -> sqlx::Result<Standing> {
    sqlx::query_as!(
        Standing,
        r#"select u.id, u.parent_id, p.name as "parent?", u.code, u.name, u.valid_from, u.valid_until,
             u.merged_into, m.name as "merged?", u.version
         from unit u left join unit p on p.id = u.parent_id left join unit m on m.id = u.merged_into
         where u.id = $1"#,
        unit.0
    )
    .fetch_one(db)
    .await
}
