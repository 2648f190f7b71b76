//! Whoever brings in staff lists, and how far theirs reach.

use super::judge::{Judged, Verdict};
use crate::{
    account::Reach,
    ids::{PersonId, StaffImportId, UnitId},
    people,
};
use sqlx::PgConnection;

/// Somebody who administers units. An administrator of the whole province sees all imports, others
/// their own.
pub struct Importer {
    pub person: PersonId,
    /// The units whose people their lists may name; nothing where that is the whole province.
    pub reach: Option<Reach>,
}

impl Importer {
    pub async fn of(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Self> {
        let reach = Reach::of(db, person).await?;
        let root = people::root_unit(db).await?;
        Ok(Self { person, reach: Some(reach).filter(|reach| !reach.covers(root)) })
    }

    /// Whether people can be put into the unit by them.
    pub fn covers(&self, unit: UnitId) -> bool {
        self.reach.as_ref().is_none_or(|reach| reach.covers(unit))
    }

    /// Whose imports they see; everybody's where that is nobody.
    pub(super) fn own(&self) -> Option<i64> {
        self.reach.is_some().then_some(self.person.0)
    }

    /// The units that the reach comes down to, for a query.
    pub(super) fn units(&self) -> Option<Vec<i64>> {
        let reach = self.reach.as_ref()?;
        Some(reach.administered().iter().map(|unit| unit.0).collect())
    }

    /// Holds those whose records the list changes, so that no role beyond comes in between;
    /// whether nobody came to one since the list was judged.
    pub(super) async fn holds(&self, db: &mut PgConnection, judged: &Judged) -> sqlx::Result<bool> {
        let Some(reach) = &self.reach else { return Ok(true) };
        let changed = judged.rows.iter().filter_map(|row| match &row.verdict {
            Verdict::Changed(person, ..) => Some(*person),
            _ => None,
        });
        let changed: Vec<PersonId> = changed.collect();
        hold(db, &changed).await?;
        let beyond = reach.beyond(db).await?;
        Ok(!changed.iter().any(|person| beyond.contains(person)))
    }

    /// The same of those whose records taking the list back would change.
    pub(super) async fn hold_changed(
        &self,
        db: &mut PgConnection,
        import: StaffImportId,
    ) -> sqlx::Result<()> {
        if self.reach.is_none() {
            return Ok(());
        }
        let changed = sqlx::query_scalar!(
            r#"select distinct person_id as "id: PersonId" from person_change where staff_import_id = $1"#,
            import.0
        )
        .fetch_all(&mut *db)
        .await?;
        hold(db, &changed).await
    }
}

async fn hold(db: &mut PgConnection, people: &[PersonId]) -> sqlx::Result<()> {
    let people: Vec<i64> = people.iter().map(|person| person.0).collect();
    sqlx::query!("select id from person where id = any($1) order by id for no key update", &people)
        .fetch_all(db)
        .await?;
    Ok(())
}
