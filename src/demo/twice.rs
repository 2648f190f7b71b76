//! A civil servant whose time on a contract was recorded apart, and one who retired: neither has
//! anything beside their record.

use crate::{
    ids::{PersonId, UnitId},
    people::{self, NewPerson, Nip, Service, Standing},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Records them, and gives their NIPs.
pub(super) async fn record(
    db: &mut PgConnection,
    unit: UnitId,
    by: PersonId,
    at: DateTime<Utc>,
) -> anyhow::Result<Vec<Nip>> {
    let today = at.date_naive();
    let mut added = Vec::new();
    for (name, nip, standing) in [
        ("Rosmawati Tandju, S.Sos.", "199107142022032011", Standing::Active),
        ("Rosmawati Tandju, S.Sos.", "199107142021212009", Standing::Active),
        ("Drs. Yunus Labatjo", "196311021988031004", Standing::Retired),
    ] {
        let since = (standing == Standing::Retired).then_some(today);
        let new = NewPerson {
            name: name.to_owned(),
            nip: Nip::recorded(nip.to_owned()),
            email: None,
            unit,
            position: Some("Penyuluh Sosial Ahli Pertama".to_owned()),
            rank: None,
            service: Service { standing, since, ..Service::default() },
        };
        added.push((people::add(db, &new, Some(by), at).await?, new.nip));
    }
    people::merge(db, added[1].0, added[0].0, by, at).await?;
    Ok(added.into_iter().map(|(_, nip)| nip).collect())
}
