//! What each row of a list comes to, against the records as they stand.

use super::cells::{
    check_employment, email, filled, grade, is_power_of_ten, kept, name, phone, position_kind,
    standing as standing_of, text,
};
use super::columns::Column;
use super::list::{List, Row};
use super::units::{UnitError, Units, units};
use crate::{
    ids::{PersonId, UnitId},
    people::{Field, NewPerson, Nip, NipError, PositionKind, Service, Standing as Serving},
    table::Cell,
    web::{form::compact, show},
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A list whose rows were judged.
pub struct Judged {
    pub rows: Vec<Judgement>,
    /// Units of the list that are none of ours, as it writes them.
    pub unmatched_units: BTreeSet<String>,
    /// What the units are called into which somebody comes.
    pub units: BTreeMap<UnitId, String>,
    /// How many people are recorded whom the list does not name.
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

    /// The rows that cannot be recorded.
    pub fn wrong(&self) -> impl Iterator<Item = (u64, &Wrong)> {
        self.rows.iter().filter_map(|row| match &row.verdict {
            Verdict::Wrong(wrong) => Some((row.line, wrong)),
            _ => None,
        })
    }
}

/// A record as it stands.
pub(super) struct Known {
    id: PersonId,
    pub(super) name: String,
    email: Option<String>,
    unit: UnitId,
    position: Option<String>,
    rank: Option<String>,
    service: Service,
}

/// The records and units as they stand.
pub struct Standing {
    units: Units,
    today: NaiveDate,
    by_nip: HashMap<String, Known>,
    /// NIPs that somebody held once, with their holder's name.
    former: HashMap<String, String>,
    by_email: HashMap<String, PersonId>,
}

/// All that a list is judged against.
pub async fn standing(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Standing> {
    let units = units(db, now).await?;
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
        by_email: HashMap::new(),
    };
    for row in people {
        if let Some(email) = &row.email {
            standing.by_email.insert(email.to_lowercase(), row.id);
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
        };
        standing.by_nip.insert(row.nip, known);
    }
    Ok(standing)
}

/// Judges each row of the list.
pub fn judge(list: &List, standing: &Standing) -> Judged {
    let mut judge = Judge {
        standing,
        seen: HashMap::new(),
        addresses: HashMap::new(),
        unmatched: BTreeSet::new(),
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
    Judged { rows, missing, unmatched_units: judge.unmatched, units }
}

struct Judge<'a> {
    standing: &'a Standing,
    /// On which line of the list a NIP was, and an address.
    seen: HashMap<String, u64>,
    addresses: HashMap<String, u64>,
    unmatched: BTreeSet<String>,
}

impl Judge<'_> {
    fn row(&mut self, row: &Row) -> Result<Verdict, Wrong> {
        let nip = self.nip(row)?;
        let known = self.standing.by_nip.get(nip.as_str());
        let name = name(row, known)?;
        let unit = place(&self.standing.units, &mut self.unmatched, row, known)?;
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

/// Where the person works. A unit that is not known within an office that is leaves the person
/// where they are in that office, and puts a new one into the office itself.
fn place(
    units: &Units,
    unmatched: &mut BTreeSet<String>,
    row: &Row,
    known: Option<&Known>,
) -> Result<UnitId, Wrong> {
    let (unit, office) = (filled(row, Column::Unit), filled(row, Column::Office));
    let stays = |column| match known {
        Some(known) => Ok(known.unit),
        None => Err(wrong(column, "Unit kerja kosong.")),
    };
    let refusal = match (unit, office) {
        (None, None) => return stays(Column::Unit),
        (Some(unit), office) => match units.find(unit, office) {
            Ok(found) => return Ok(found),
            Err(refusal) => (Column::Unit, unit, refusal),
        },
        (None, Some(office)) => match units.find(office, None) {
            Ok(found) => return Ok(units.kept(known.map(|known| known.unit), found)),
            Err(refusal) => (Column::Office, office, refusal),
        },
    };
    let (column, name, refusal) = refusal;
    if matches!(refusal, UnitError::Unknown { .. }) {
        unmatched.insert(name.to_owned());
        if let Some(found) = office.and_then(|office| units.find(office, None).ok()) {
            return Ok(units.kept(known.map(|known| known.unit), found));
        }
    }
    Err(wrong(column, &refusal.to_string()))
}
