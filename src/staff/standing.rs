//! The records and units as they stand, for whoever imports.

use super::units::{Units, units};
use crate::{
    account::Reach,
    ids::{PersonId, UnitId},
    people::{PositionKind, Service, Standing as Serving},
    web::show,
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};

/// A record as it stands.
pub(super) struct Known {
    pub(super) id: PersonId,
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) unit: UnitId,
    pub(super) position: Option<String>,
    pub(super) rank: Option<String>,
    pub(super) service: Service,
    /// Whether they hold a role beyond the reach, and so are changed by others only.
    pub(super) beyond: bool,
}

/// All that a list is judged against.
pub struct Standing {
    pub(super) units: Units,
    pub(super) today: NaiveDate,
    /// The people within reach.
    pub(super) by_nip: HashMap<String, Known>,
    /// NIPs that somebody within reach held once, with their holder's name.
    pub(super) former: HashMap<String, String>,
    /// NIPs of people who are none of theirs. Of them nothing else is kept, so that nothing is told.
    pub(super) outside: HashSet<String>,
    pub(super) by_email: HashMap<String, PersonId>,
}

/// What stands now. Without a reach, everybody is within.
pub async fn standing(
    db: &mut PgConnection,
    reach: Option<&Reach>,
    now: DateTime<Utc>,
) -> sqlx::Result<Standing> {
    let units = units(db, reach, now).await?;
    let beyond = match reach {
        Some(reach) => reach.beyond(db).await?,
        None => HashSet::new(),
    };
    let people = sqlx::query!(
        r#"select p.id as "id: PersonId", n.nip, n.ended_at is null and p.merged_into is null as "current!", p.name,
             p.email, p.unit_id as "unit: UnitId", p.position, p.rank, p.phone, p.position_kind as "kind: PositionKind",
             p.employed_from, p.employed_until, p.standing as "standing: Serving", p.standing_since
         from person_nip n join person p on p.id = n.person_id"#
    )
    .fetch_all(db)
    .await?;
    let mut standing = Standing {
        units,
        today: show::local_day(now),
        by_nip: HashMap::with_capacity(people.len()),
        former: HashMap::new(),
        outside: HashSet::new(),
        by_email: HashMap::new(),
    };
    for row in people {
        if let Some(email) = &row.email {
            standing.by_email.insert(email.to_lowercase(), row.id);
        }
        if !standing.units.covers(row.unit) {
            standing.outside.insert(row.nip);
            continue;
        }
        if !row.current {
            standing.former.insert(row.nip, row.name);
            continue;
        }
        let known = Known {
            id: row.id,
            name: row.name,
            email: row.email,
            unit: row.unit,
            position: row.position,
            rank: row.rank,
            service: Service {
                phone: row.phone,
                kind: row.kind,
                from: row.employed_from,
                until: row.employed_until,
                standing: row.standing,
                since: row.standing_since,
            },
            beyond: beyond.contains(&row.id),
        };
        standing.by_nip.insert(row.nip, known);
    }
    Ok(standing)
}
