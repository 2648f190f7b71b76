//! Where the people of a list work, by the words of its rows and by what somebody chose for them.

use super::{
    cells::filled,
    columns::{Column, plain},
    judge::{Wrong, wrong},
    list::Row,
    standing::Known,
    units::{UnitError, Units},
};
use crate::ids::UnitId;
use std::collections::{BTreeMap, HashMap};

/// Units that somebody chose, by the key of the name that the list has: see [`Doubt`].
pub type UnitChoices = BTreeMap<String, UnitId>;

/// A name in the list that means no unit of ours, or several. Its key is the name in small letters
/// without signs, and behind a ` / ` that of the office beside it: names of sub-units repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// As the list writes it.
    pub name: String,
    pub office: Option<String>,
    /// How many rows have it.
    pub rows: usize,
    /// Whether no unit bears the name, rather than several.
    pub unknown: bool,
    /// The nearest units, or those that bear the name.
    pub suggestions: Vec<UnitId>,
    /// The unit that was chosen for it, as far as people can be put there.
    pub chosen: Option<UnitId>,
}

/// Where the words of a row lead.
enum Place {
    Unit(UnitId),
    /// Where the person is in that office, or the office itself.
    Within(UnitId),
    Nowhere(Wrong),
}

/// Finds the places of rows, each name once.
pub(super) struct Places<'a> {
    units: &'a Units,
    chosen: &'a UnitChoices,
    found: HashMap<(Column, String), Place>,
    pub(super) doubts: BTreeMap<String, Doubt>,
}

impl<'a> Places<'a> {
    pub(super) fn new(units: &'a Units, chosen: &'a UnitChoices) -> Self {
        Self { units, chosen, found: HashMap::new(), doubts: BTreeMap::new() }
    }

    /// Where the person works. A row that says nothing leaves them where they are.
    pub(super) fn of(&mut self, row: &Row, known: Option<&Known>) -> Result<UnitId, Wrong> {
        let stands = known.map(|known| known.unit);
        let (column, name, office) = match (filled(row, Column::Unit), filled(row, Column::Office))
        {
            (None, None) => {
                return stands.ok_or_else(|| wrong(Column::Unit, "Unit kerja kosong."));
            }
            (Some(unit), office) => (Column::Unit, unit, office),
            (None, Some(office)) => (Column::Office, office, None),
        };
        let at = (column, key(name, office));
        if !self.found.contains_key(&at) {
            let place = self.look(column, name, office, &at.1);
            self.found.insert(at.clone(), place);
        }
        if let Some(doubt) = self.doubts.get_mut(&at.1) {
            doubt.rows += 1;
        }
        match &self.found[&at] {
            Place::Unit(unit) => Ok(*unit),
            Place::Within(office) => {
                let unit = self.units.kept(stands, *office);
                let outside = || beyond(column, self.units.name(*office));
                if self.units.covers(unit) { Ok(unit) } else { Err(outside()) }
            }
            Place::Nowhere(wrong) => Err(wrong.clone()),
        }
    }

    /// A unit that is not known within an office that is leads to the office.
    fn look(&mut self, column: Column, name: &str, office: Option<&str>, key: &str) -> Place {
        if column == Column::Office
            && let Some(office) = self.units.office(name)
        {
            return Place::Within(office);
        }
        let refusal = match self.units.find(name, office) {
            Ok(unit) => return Place::Unit(unit),
            Err(UnitError::Outside) => return Place::Nowhere(beyond(column, name)),
            Err(refusal) => refusal,
        };
        let office_unit = office.and_then(|office| self.units.office(office));
        let unknown = refusal == UnitError::Unknown;
        let suggestions = match refusal {
            UnitError::Ambiguous(units) => units,
            _ => self.units.similar(name, office_unit),
        };
        let reason = if unknown {
            let names: Vec<&str> = suggestions.iter().map(|unit| self.units.name(*unit)).collect();
            let similar = if names.is_empty() {
                String::new()
            } else {
                format!("; mirip: {}", names.join(", "))
            };
            format!("Unit kerja “{name}” tidak dikenal{similar}.")
        } else {
            format!(
                "Ada beberapa unit bernama “{name}”; tulis juga OPD-nya dalam kolom tersendiri."
            )
        };
        let chosen = self.chosen.get(key).copied().filter(|unit| self.units.takes(*unit));
        let doubt = Doubt {
            name: name.to_owned(),
            office: office.map(str::to_owned),
            rows: 0,
            unknown,
            suggestions,
            chosen,
        };
        self.doubts.entry(key.to_owned()).or_insert(doubt);
        match (chosen, office_unit.filter(|_| unknown)) {
            (Some(unit), _) => Place::Unit(unit),
            (None, Some(office)) => Place::Within(office),
            (None, None) => Place::Nowhere(Wrong { column, reason }),
        }
    }
}

fn beyond(column: Column, name: &str) -> Wrong {
    let reason = format!("Unit kerja “{name}” berada di luar unit yang Anda kelola.");
    Wrong { column, reason }
}

fn key(name: &str, office: Option<&str>) -> String {
    match office {
        Some(office) => format!("{} / {}", plain(name), plain(office)),
        None => plain(name),
    }
}
