//! Which unit a name means.

use super::columns::plain;
use crate::{account::Reach, ids::UnitId};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};

/// Names that are offered for one that is not known.
const SUGGESTIONS: usize = 3;

struct Unit {
    id: UnitId,
    parent: Option<UnitId>,
    name: String,
    /// In small letters, without signs.
    plain: String,
    code: Option<String>,
    /// How many triples its name has.
    triples: usize,
}

/// The units that are open.
pub(super) struct Units {
    all: Vec<Unit>,
    by_id: HashMap<UnitId, usize>,
    by_name: HashMap<String, Vec<usize>>,
    /// Which units have the triple in their names: a list may have any number of names to compare.
    by_triple: HashMap<[char; 3], Vec<usize>>,
    /// Those whose people whoever imports administers; nothing where that is all.
    reach: Option<HashSet<UnitId>>,
}

/// Why a name means none of the units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum UnitError {
    Unknown,
    /// Several bear the name.
    Ambiguous(Vec<UnitId>),
    /// It lies beyond the reach.
    Outside,
}

/// The open units, for somebody of that reach.
pub(super) async fn units(
    db: &mut PgConnection,
    reach: Option<&Reach>,
    now: DateTime<Utc>,
) -> sqlx::Result<Units> {
    let rows = sqlx::query!(
        r#"select id as "id: UnitId", parent_id as "parent: UnitId", name, code from unit
         where valid_from <= ($1::timestamptz at time zone 'Asia/Makassar')::date
           and (valid_until is null or valid_until > ($1::timestamptz at time zone 'Asia/Makassar')::date)
         order by id"#,
        now
    )
    .fetch_all(db)
    .await?;
    let unit = rows.into_iter().map(|row| Unit {
        plain: plain(&row.name),
        id: row.id,
        parent: row.parent,
        name: row.name,
        code: row.code,
        triples: 0,
    });
    let reach = reach.map(|reach| reach.units().iter().copied().collect());
    Ok(Units::of(unit.collect(), reach))
}

impl Units {
    fn of(mut units: Vec<Unit>, reach: Option<HashSet<UnitId>>) -> Self {
        let by_id = units.iter().enumerate().map(|(at, unit)| (unit.id, at)).collect();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, unit) in units.iter().enumerate() {
            by_name.entry(unit.plain.clone()).or_default().push(at);
            if let Some(code) = &unit.code {
                by_name.entry(plain(code)).or_default().push(at);
            }
        }
        let mut by_triple: HashMap<[char; 3], Vec<usize>> = HashMap::new();
        for (at, unit) in units.iter_mut().enumerate() {
            let triples = triples(&unit.plain);
            unit.triples = triples.len();
            for triple in triples {
                by_triple.entry(triple).or_default().push(at);
            }
        }
        Self { all: units, by_id, by_name, by_triple, reach }
    }

    /// The unit's name.
    pub fn name(&self, unit: UnitId) -> &str {
        self.by_id.get(&unit).map_or("", |at| &self.all[*at].name)
    }

    /// Whether people can be put there: it is open, and lies within reach.
    pub fn takes(&self, unit: UnitId) -> bool {
        self.by_id.contains_key(&unit) && self.covers(unit)
    }

    /// Whether the unit lies within reach.
    pub fn covers(&self, unit: UnitId) -> bool {
        self.reach.as_ref().is_none_or(|reach| reach.contains(&unit))
    }

    /// The unit of that name or code, within the office where one is named. An office that is not
    /// known leaves the unit's own name to decide.
    pub fn find(&self, name: &str, office: Option<&str>) -> Result<UnitId, UnitError> {
        let office = office.and_then(|office| self.office(office));
        let found = self.named(name);
        let inside = found
            .iter()
            .filter(|unit| office.is_none_or(|office| self.lies_within(**unit, office)));
        let (near, far): (Vec<UnitId>, Vec<UnitId>) =
            inside.copied().partition(|unit| self.covers(*unit));
        match near[..] {
            [unit] => Ok(unit),
            [] if !far.is_empty() || office.is_some_and(|office| !self.reaches_into(office)) => {
                Err(UnitError::Outside)
            }
            [] => Err(UnitError::Unknown),
            _ => Err(UnitError::Ambiguous(near)),
        }
    }

    /// The one unit of that name, wherever it lies: within reach first.
    pub fn office(&self, name: &str) -> Option<UnitId> {
        let found = self.named(name);
        let near: Vec<UnitId> = found.iter().filter(|unit| self.covers(**unit)).copied().collect();
        match (&near[..], &found[..]) {
            ([unit], _) | ([], [unit]) => Some(*unit),
            _ => None,
        }
    }

    /// All units of that name or code.
    fn named(&self, name: &str) -> Vec<UnitId> {
        let found = self.by_name.get(&plain(name)).map(Vec::as_slice).unwrap_or_default();
        let mut units: Vec<UnitId> = found.iter().map(|at| self.all[*at].id).collect();
        units.dedup();
        units
    }

    fn reaches_into(&self, office: UnitId) -> bool {
        let Some(reach) = &self.reach else { return true };
        reach.iter().any(|unit| self.lies_within(*unit, office))
    }

    /// The unit where somebody is, when that lies in the office; else the office.
    pub fn kept(&self, stands: Option<UnitId>, office: UnitId) -> UnitId {
        stands.filter(|unit| self.lies_within(*unit, office)).unwrap_or(office)
    }

    fn lies_within(&self, unit: UnitId, office: UnitId) -> bool {
        let mut at = Some(unit);
        while let Some(unit) = at {
            if unit == office {
                return true;
            }
            at = self.by_id.get(&unit).and_then(|place| self.all[*place].parent);
        }
        false
    }

    /// Units within reach whose names share most of their letters, three by three; a little less
    /// will do within the office.
    pub fn similar(&self, name: &str, office: Option<UnitId>) -> Vec<UnitId> {
        const NEARER: usize = 30;
        let wanted = triples(&plain(name));
        let mut shared = vec![0; self.all.len()];
        for at in wanted.iter().filter_map(|triple| self.by_triple.get(triple)).flatten() {
            shared[*at] += 1;
        }
        let mut close: Vec<(usize, &Unit)> = self
            .all
            .iter()
            .zip(shared)
            .map(|(unit, shared)| (200 * shared / (wanted.len() + unit.triples).max(1), unit))
            .filter(|(percent, unit)| *percent >= 40 && self.covers(unit.id))
            .map(|(percent, unit)| {
                let inside = office.is_some_and(|office| self.lies_within(unit.id, office));
                (percent + if inside { NEARER } else { 0 }, unit)
            })
            .collect();
        close.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.name.cmp(&other.1.name)));
        close.into_iter().take(SUGGESTIONS).map(|(_, unit)| unit.id).collect()
    }
}

fn triples(text: &str) -> HashSet<[char; 3]> {
    let chars: Vec<char> = format!("  {text} ").chars().collect();
    chars.array_windows().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(reach: Option<&[i64]>) -> Units {
        let unit = |id, parent: i64, name: &str, code: Option<&str>| Unit {
            id: UnitId(id),
            parent: (parent > 0).then_some(UnitId(parent)),
            name: name.to_owned(),
            plain: plain(name),
            code: code.map(str::to_owned),
            triples: 0,
        };
        let all = vec![
            unit(1, 0, "Pemerintah Provinsi", None),
            unit(2, 1, "Dinas Kesehatan", Some("1.02.0.00")),
            unit(3, 1, "Dinas Perhubungan", None),
            unit(4, 2, "Sekretariat", None),
            unit(5, 3, "Sekretariat", None),
        ];
        Units::of(all, reach.map(|reach| reach.iter().map(|id| UnitId(*id)).collect()))
    }

    #[test]
    fn a_unit_is_known_by_its_name_or_code_however_they_are_written() {
        for name in ["Dinas Kesehatan", " DINAS  KESEHATAN.", "1.02.0.00"] {
            assert_eq!(units(None).find(name, None), Ok(UnitId(2)), "{name}");
        }
    }

    #[test]
    fn a_name_that_two_units_bear_needs_its_office() {
        assert_eq!(
            units(None).find("Sekretariat", None),
            Err(UnitError::Ambiguous(vec![UnitId(4), UnitId(5)]))
        );
        assert_eq!(units(None).find("Sekretariat", Some("Dinas Perhubungan")), Ok(UnitId(5)));
    }

    #[test]
    fn a_unit_of_another_office_is_not_taken() {
        let refusal = units(None).find("Dinas Kesehatan", Some("Dinas Perhubungan"));
        assert_eq!(refusal, Err(UnitError::Unknown));
    }

    #[test]
    fn names_that_are_close_are_offered_and_of_equal_ones_that_of_the_office_first() {
        let units = units(None);
        assert_eq!(units.similar("Dinas Kesehtan Prov.", None), [UnitId(2)]);
        assert_eq!(units.similar("Sekretaris", Some(UnitId(3))), [UnitId(5), UnitId(4)]);
    }

    #[test]
    fn a_name_means_a_unit_within_reach_or_is_told_apart_from_unknown_ones() {
        let units = units(Some(&[3, 5]));
        assert_eq!(units.find("Sekretariat", None), Ok(UnitId(5)));
        assert_eq!(units.find("Dinas Kesehatan", None), Err(UnitError::Outside));
        for unit in ["Sekretariat", "Entah"] {
            let found = units.find(unit, Some("Dinas Kesehatan"));
            assert_eq!(found, Err(UnitError::Outside), "{unit}");
        }
        assert_eq!(units.find("Entah", Some("Pemerintah Provinsi")), Err(UnitError::Unknown));
        assert_eq!(units.similar("Dinas Kesehatan", None), [UnitId(3)]);
    }
}
