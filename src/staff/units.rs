//! Which unit a list means.

use super::columns::plain;
use crate::ids::UnitId;
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
}

/// The units that are open.
pub(super) struct Units {
    all: Vec<Unit>,
    by_id: HashMap<UnitId, usize>,
    by_name: HashMap<String, Vec<usize>>,
}

/// Why a list's unit is none of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum UnitError {
    #[error("Unit kerja “{name}” tidak dikenal{}", suggested(.similar))]
    Unknown { name: String, similar: Vec<String> },
    #[error("Ada beberapa unit bernama “{0}”; tulis juga OPD-nya dalam kolom tersendiri.")]
    Ambiguous(String),
}

fn suggested(similar: &[String]) -> String {
    if similar.is_empty() { ".".to_owned() } else { format!("; mirip: {}.", similar.join(", ")) }
}

pub(super) async fn units(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Units> {
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
    });
    Ok(Units::of(unit.collect()))
}

impl Units {
    fn of(units: Vec<Unit>) -> Self {
        let by_id = units.iter().enumerate().map(|(at, unit)| (unit.id, at)).collect();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, unit) in units.iter().enumerate() {
            by_name.entry(unit.plain.clone()).or_default().push(at);
            if let Some(code) = &unit.code {
                by_name.entry(plain(code)).or_default().push(at);
            }
        }
        Self { all: units, by_id, by_name }
    }

    /// The unit's name.
    pub fn name(&self, unit: UnitId) -> &str {
        self.by_id.get(&unit).map_or("", |at| &self.all[*at].name)
    }

    /// The unit of that name or code, within the office where one is named.
    pub fn find(&self, name: &str, office: Option<&str>) -> Result<UnitId, UnitError> {
        let office = office.map(|office| self.named(office, None)).transpose();
        // An office that is not known leaves the unit's own name to decide.
        self.named(name, office.unwrap_or(None))
    }

    fn named(&self, name: &str, within: Option<UnitId>) -> Result<UnitId, UnitError> {
        let found = self.by_name.get(&plain(name)).map(Vec::as_slice).unwrap_or_default();
        let inside: HashSet<UnitId> = found
            .iter()
            .map(|at| self.all[*at].id)
            .filter(|unit| within.is_none_or(|office| self.lies_within(*unit, office)))
            .collect();
        let mut inside = inside.into_iter();
        match (inside.next(), inside.next()) {
            (Some(unit), None) => Ok(unit),
            (Some(_), Some(_)) => Err(UnitError::Ambiguous(name.to_owned())),
            (None, _) => {
                Err(UnitError::Unknown { name: name.to_owned(), similar: self.similar(name) })
            }
        }
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

    /// Names that share most of their letters, three by three.
    fn similar(&self, name: &str) -> Vec<String> {
        let wanted = triples(&plain(name));
        let mut close: Vec<(usize, &str)> = self
            .all
            .iter()
            .map(|unit| {
                let have = triples(&unit.plain);
                let shared = wanted.intersection(&have).count();
                (200 * shared / (wanted.len() + have.len()).max(1), unit.name.as_str())
            })
            .filter(|(percent, _)| *percent >= 40)
            .collect();
        close.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(other.1)));
        close.into_iter().take(SUGGESTIONS).map(|(_, name)| name.to_owned()).collect()
    }
}

fn triples(text: &str) -> HashSet<[char; 3]> {
    let chars: Vec<char> = format!("  {text} ").chars().collect();
    chars.array_windows().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units() -> Units {
        let unit = |id, parent: i64, name: &str, code: Option<&str>| Unit {
            id: UnitId(id),
            parent: (parent > 0).then_some(UnitId(parent)),
            name: name.to_owned(),
            plain: plain(name),
            code: code.map(str::to_owned),
        };
        Units::of(vec![
            unit(1, 0, "Pemerintah Provinsi", None),
            unit(2, 1, "Dinas Kesehatan", Some("1.02.0.00")),
            unit(3, 1, "Dinas Perhubungan", None),
            unit(4, 2, "Sekretariat", None),
            unit(5, 3, "Sekretariat", None),
        ])
    }

    #[test]
    fn a_unit_is_known_by_its_name_or_code_however_they_are_written() {
        for name in ["Dinas Kesehatan", " DINAS  KESEHATAN.", "1.02.0.00"] {
            assert_eq!(units().find(name, None), Ok(UnitId(2)), "{name}");
        }
    }

    #[test]
    fn a_name_that_two_units_bear_needs_its_office() {
        assert_eq!(
            units().find("Sekretariat", None),
            Err(UnitError::Ambiguous("Sekretariat".into()))
        );
        assert_eq!(units().find("Sekretariat", Some("Dinas Perhubungan")), Ok(UnitId(5)));
    }

    #[test]
    fn a_unit_of_another_office_is_not_taken() {
        let refusal = units().find("Dinas Kesehatan", Some("Dinas Perhubungan")).unwrap_err();
        assert!(matches!(refusal, UnitError::Unknown { .. }));
    }

    #[test]
    fn names_that_are_close_are_offered() {
        let refusal = units().find("Dinas Kesehtan Prov.", None).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "Unit kerja “Dinas Kesehtan Prov.” tidak dikenal; mirip: Dinas Kesehatan."
        );
    }
}
