//! The tree of units: its rules, its pages, and who may change which part of it.

mod pages;
mod reach;
mod rules;

use smartclass::{
    account::Role,
    ids::UnitId,
    people::{
        Unit,
        unit::{self, NewUnit},
    },
};
use sqlx::PgPool;

use crate::support::{Person, Visitor, World, world::monday};

pub const HEALTH: &str = "Dinas Kesehatan";
pub const SOCIAL: &str = "Dinas Sosial";

/// A province in which somebody may change every unit.
pub struct Province {
    pub world: World,
    pub admin: Person,
}

impl Province {
    pub async fn new(db: &PgPool) -> Self {
        let world = World::new(db.clone());
        let admin = world.person("Siti Admin").role(Role::Administrator).create().await;
        Self { world, admin }
    }

    /// A unit below another, of which it is the only one of that name.
    pub async fn below(&self, parent: UnitId, name: &str) -> UnitId {
        let valid_from = "2020-01-01".parse().unwrap();
        let new = NewUnit { parent, name: name.into(), code: None, valid_from };
        let mut tx = self.world.db.begin().await.unwrap();
        let unit = unit::add(&mut tx, &new, None, self.admin.id, monday()).await.unwrap();
        tx.commit().await.unwrap();
        unit
    }

    pub async fn signed_in(&self) -> Visitor {
        self.world.signed_in(&self.admin, monday()).await
    }

    /// The units to choose from, by their paths.
    pub async fn open(&self) -> Vec<String> {
        let units = smartclass::people::units(&mut *self.world.conn().await, monday()).await;
        units.unwrap().into_iter().map(|Unit { path, .. }| path).collect()
    }
}

/// What the row of a unit holds.
pub fn of(unit: UnitId, what: &str) -> String {
    format!("select ({what})::text from unit where id = {unit}")
}
