//! What each row of a list comes to, against the records as they stand.

use super::cells::{
    check_employment, email, grade, is_power_of_ten, kept, name, phone, position_kind,
    standing as standing_of, text,
};
use super::columns::Column;
use super::list::{List, Row};
use super::place::{Doubt, Places, UnitChoices};
use super::standing::{Known, Standing};
use crate::{
    account::ReachError,
    ids::{PersonId, UnitId},
    people::{Field, NewPerson, Nip, NipError, PositionKind, Service, Standing as Serving},
    table::Cell,
    web::form::compact,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A list whose rows were judged.
pub struct Judged {
    pub rows: Vec<Judgement>,
    /// Names of units that mean none of ours, or several, by their keys.
    pub doubts: BTreeMap<String, Doubt>,
    /// What the units are called into which somebody comes.
    pub units: BTreeMap<UnitId, String>,
    /// How many people within reach are recorded whom the list does not name.
    pub missing: usize,
}

/// What one row comes to.
pub struct Judgement {
    pub line: u64,
    pub verdict: Verdict,
}

pub enum Verdict {
    New(NewPerson),
    Changed(PersonId, NewPerson, Vec<Difference>),
    Unchanged,
    Wrong(Wrong),
}

/// One field that the list has otherwise than the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub field: Field,
    pub before: Option<String>,
    pub after: Option<String>,
    /// The unit before, where that is what changes.
    pub unit: Option<UnitId>,
}

/// Why a row cannot be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub column: Column,
    /// In words for whoever is to put the list right.
    pub reason: String,
}

impl Judged {
    pub fn count(&self, is: fn(&Verdict) -> bool) -> usize {
        self.rows.iter().filter(|row| is(&row.verdict)).count()
    }

    /// Units of the list that are none of ours and for which none was chosen, as it writes them.
    pub fn unmatched_units(&self) -> BTreeSet<&str> {
        let open = self.doubts.values().filter(|doubt| doubt.unknown && doubt.chosen.is_none());
        open.map(|doubt| doubt.name.as_str()).collect()
    }

    /// Whether a row changes that field of that person.
    pub(super) fn changes(&self, person: PersonId, field: Field) -> bool {
        self.rows.iter().any(|row| match &row.verdict {
            Verdict::Changed(changed, _, differences) if *changed == person => {
                differences.iter().any(|difference| difference.field == field)
            }
            _ => false,
        })
    }

    /// The rows that cannot be recorded.
    pub fn wrong(&self) -> impl Iterator<Item = (u64, &Wrong)> {
        self.rows.iter().filter_map(|row| match &row.verdict {
            Verdict::Wrong(wrong) => Some((row.line, wrong)),
            _ => None,
        })
    }
}

/// Judges each row of the list; `chosen` are units for names that it has otherwise.
pub fn judge(list: &List, standing: &Standing, chosen: &UnitChoices) -> Judged {
    let mut judge = Judge {
        standing,
        places: Places::new(&standing.units, chosen),
        seen: HashMap::new(),
        addresses: HashMap::new(),
    };
    let rows = list.rows.iter().map(|row| Judgement {
        line: row.line,
        verdict: judge.row(row).unwrap_or_else(Verdict::Wrong),
    });
    let rows: Vec<Judgement> = rows.collect();
    let serving = standing.by_nip.iter().filter(|(_, known)| known.service.standing.is_here());
    let missing = serving.filter(|(nip, _)| !judge.seen.contains_key(*nip)).count();
    let new = rows.iter().filter_map(|row| match &row.verdict {
        Verdict::New(person) => Some(person.unit),
        _ => None,
    });
    let units = new.collect::<BTreeSet<UnitId>>().into_iter();
    let units = units.map(|unit| (unit, standing.units.name(unit).to_owned())).collect();
    Judged { rows, missing, doubts: judge.places.doubts, units }
}

struct Judge<'a> {
    standing: &'a Standing,
    places: Places<'a>,
    /// On which line of the list a NIP was, and an address.
    seen: HashMap<String, u64>,
    addresses: HashMap<String, u64>,
}

impl Judge<'_> {
    fn row(&mut self, row: &Row) -> Result<Verdict, Wrong> {
        let nip = self.nip(row)?;
        let known = self.standing.by_nip.get(nip.as_str());
        let name = name(row, known)?;
        let unit = self.places.of(row, known)?;
        let email = email(row)?;
        if let Some(address) = &email {
            let holder = self.standing.by_email.get(address);
            if holder.is_some_and(|holder| Some(*holder) != known.map(|known| known.id)) {
                return Err(wrong(Column::Email, "Alamat surel ini sudah dipakai orang lain."));
            }
            if let Some(line) = self.addresses.insert(address.clone(), row.line) {
                let reason = format!("Alamat surel ini sama dengan baris {line}.");
                return Err(Wrong { column: Column::Email, reason });
            }
        }
        check_employment(row, &nip)?;
        let (position, rank) = (text(row, Column::Position)?, grade(row)?);
        let listed = (phone(row)?, position_kind(row)?, standing_of(row)?);
        let Some(known) = known else {
            let service = told(listed, &Service::default());
            return Ok(Verdict::New(NewPerson { name, nip, email, unit, position, rank, service }));
        };
        let record = NewPerson {
            name: kept(Some(name), Some(&known.name)).unwrap_or_default(),
            nip,
            email: email.or_else(|| known.email.clone()),
            unit,
            position: kept(position, known.position.as_ref()),
            rank: kept(rank, known.rank.as_ref()),
            service: told(listed, &known.service),
        };
        let differences = self.differences(known, &record);
        if differences.is_empty() {
            return Ok(Verdict::Unchanged);
        }
        if known.beyond {
            return Err(wrong(Column::Nip, &ReachError::Beyond.to_string()));
        }
        Ok(Verdict::Changed(known.id, record, differences))
    }

    /// The row's NIP, the first time that the list has it.
    fn nip(&mut self, row: &Row) -> Result<Nip, Wrong> {
        const NUMBER: &str = "NIP tersimpan sebagai angka, sehingga angka-angka terakhirnya hilang. Ubah format kolom NIP menjadi Teks, isi ulang NIP dari sumbernya, lalu unggah kembali.";
        let cell = row.cells.get(&Column::Nip);
        let typed = match cell {
            Some(Cell::Text(text)) => text.trim_start_matches('\''),
            Some(Cell::Number(_) | Cell::Date(_)) => return Err(wrong(Column::Nip, NUMBER)),
            None => return Err(wrong(Column::Nip, "NIP kosong.")),
        };
        if is_power_of_ten(typed) {
            return Err(wrong(Column::Nip, NUMBER));
        }
        let digits = compact(typed);
        if let Some(line) = self.seen.get(&digits) {
            let reason = format!("NIP ini sama dengan baris {line}.");
            return Err(Wrong { column: Column::Nip, reason });
        }
        if self.standing.outside.contains(&digits) {
            let reason = "Orang dengan NIP ini tercatat di luar unit yang Anda kelola.";
            return Err(wrong(Column::Nip, reason));
        }
        if let Some(holder) = self.standing.former.get(&digits) {
            let reason = format!("NIP ini dahulu milik {holder}, yang kini memiliki NIP lain.");
            return Err(Wrong { column: Column::Nip, reason });
        }
        let nip = if self.standing.by_nip.contains_key(&digits) {
            Nip::recorded(digits.clone())
        } else {
            Nip::parse(typed, self.standing.today).map_err(|error| match error {
                NipError::Serial => wrong(
                    Column::Nip,
                    "Tiga angka terakhir NIP 000; mungkin dibulatkan oleh Excel. Isi ulang NIP dari sumbernya sebagai teks.",
                ),
                error => wrong(Column::Nip, &error.to_string()),
            })?
        };
        self.seen.insert(digits, row.line);
        Ok(nip)
    }

    fn differences(&self, known: &Known, record: &NewPerson) -> Vec<Difference> {
        let unit =
            |unit| Some(self.standing.units.name(unit).to_owned()).filter(|name| !name.is_empty());
        let kind = |of: &Service| of.kind.map(|kind| kind.code().to_owned());
        let serves = |of: &Service| Some(of.standing.code().to_owned());
        let since = |of: &Service| of.since.map(|day| day.to_string());
        let (old, new) = (&known.service, &record.service);
        [
            (Field::Name, Some(known.name.clone()), Some(record.name.clone())),
            (Field::Email, known.email.clone(), record.email.clone()),
            (Field::Position, known.position.clone(), record.position.clone()),
            (Field::Rank, known.rank.clone(), record.rank.clone()),
            (Field::Phone, old.phone.clone(), new.phone.clone()),
            (Field::PositionKind, kind(old), kind(new)),
            (Field::Standing, serves(old), serves(new)),
            (Field::StandingSince, since(old), since(new)),
        ]
        .into_iter()
        .chain(
            (known.unit != record.unit).then(|| (Field::Unit, unit(known.unit), unit(record.unit))),
        )
        .filter(|(_, before, after)| before != after)
        .map(|(field, before, after)| Difference {
            unit: (field == Field::Unit).then_some(known.unit),
            field,
            before,
            after,
        })
        .collect()
    }
}

/// What stands, with what the list tells otherwise.
fn told(
    (phone, kind, standing): (Option<String>, Option<PositionKind>, Option<Serving>),
    stands: &Service,
) -> Service {
    let standing = standing.unwrap_or(stands.standing);
    Service {
        phone: phone.or_else(|| stands.phone.clone()),
        kind: kind.or(stands.kind),
        standing,
        // The day of an earlier standing says nothing of a new one.
        since: stands.since.filter(|_| standing == stands.standing),
        ..stands.clone()
    }
}

pub(super) fn wrong(column: Column, reason: &str) -> Wrong {
    Wrong { column, reason: reason.to_owned() }
}
