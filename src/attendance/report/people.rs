//! Who was there: the rows of a report gathered into one participant each.

use std::collections::{BTreeSet, HashMap};

use super::calendar::{Calendar, LONGEST_STAY};
use super::form::{Entry, Form, Presence};
use super::moment::Stamp;
use super::span::{Span, merge};
use super::{Participant, Skipped, bots};

/// What makes two rows one person, strongest first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Identity {
    Registrant(String),
    Email(String),
    /// The display name, with the original name where one display name has several.
    Name(String, Option<String>),
}

/// Gathers the rows that count, and says why the others do not. `meeting` holds the digits
/// of the meeting that counts, where the report has several.
pub(super) fn gather(
    form: &Form<'_>,
    calendar: &Calendar,
    meeting: Option<&str>,
) -> (Vec<Participant>, Vec<Skipped>) {
    let mut rows = Vec::new();
    let mut skipped = Vec::new();
    for entry in &form.entries {
        match read(entry, form, calendar, meeting) {
            Ok(row) => rows.push(row),
            Err(reason) => skipped.push(Skipped { line: entry.line, reason }),
        }
    }
    (group(rows), skipped)
}

/// A row about one stay of one person, or about all of one person.
fn read(
    entry: &Entry<'_>,
    form: &Form<'_>,
    calendar: &Calendar,
    meeting: Option<&str>,
) -> Result<Participant, String> {
    let (name, original_name) =
        if entry.both_names { both_names(&entry.name) } else { (entry.name.clone(), None) };
    let email = Some(entry.email.to_lowercase()).filter(|email| email.contains('@'));
    let registrant_id = Some(entry.registrant_id.to_owned()).filter(|id| !id.is_empty());
    let named = [&name, email.as_deref().unwrap_or_default()].into_iter().find(|s| !s.is_empty());
    let name = named.ok_or("Nama dan surel kosong")?.to_owned();
    if bots::is_note_taker(&name) {
        return Err("Bot pencatat rapat, bukan peserta".to_owned());
    }
    if entry.in_waiting_room {
        return Err("Hanya berada di ruang tunggu".to_owned());
    }
    let of = entry.meeting.and_then(|place| form.meetings.get(place)?.id.as_deref());
    if let (Some(of), Some(wanted)) = (of, meeting)
        && of != wanted
    {
        return Err(format!("Baris untuk rapat lain ({of})"));
    }
    let (segments, total_seconds) = match entry.presence {
        Presence::Stay { join, leave } => (stay(join, leave, calendar)?, None),
        Presence::Total(minutes) => (Vec::new(), Some(total(minutes)?)),
    };
    let lines = vec![entry.line];
    Ok(Participant { name, original_name, email, registrant_id, segments, total_seconds, lines })
}

fn stay(
    join: Option<Stamp>,
    leave: Option<Stamp>,
    calendar: &Calendar,
) -> Result<Vec<Span>, String> {
    let at =
        |stamp: Option<Stamp>| stamp.and_then(|stamp| stamp.at(calendar.reading, calendar.zone));
    let from = at(join).ok_or("Waktu bergabung tidak terbaca")?;
    let to = at(leave).ok_or("Waktu keluar tidak terbaca")?;
    let span = Span { from, to };
    if to < from {
        return Err("Waktu keluar lebih awal daripada waktu bergabung".to_owned());
    }
    if span.seconds() > LONGEST_STAY {
        return Err("Waktu bergabung dan keluar berselisih lebih dari dua hari".to_owned());
    }
    Ok(merge(vec![span]))
}

/// Minutes as Zoom writes them, or as a spreadsheet does after a calculation: 12, 12.0, 12,5.
fn total(minutes: &str) -> Result<i64, String> {
    let unreadable = || "Durasi total tidak terbaca".to_owned();
    let minutes = minutes.to_lowercase();
    let unit = minutes.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    if !matches!(unit.trim(), "" | "m" | "min" | "minutes" | "menit") {
        return Err(unreadable());
    }
    let number = minutes[..minutes.len() - unit.len()].replace(',', ".");
    let (whole, part) = number.split_once('.').unwrap_or((&number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || whole.len() > 5 {
        return Err(unreadable());
    }
    let hundredths: i64 = format!("{part:0<2}")[..2].parse().map_err(|_| unreadable())?;
    let minutes: i64 = whole.parse().map_err(|_| unreadable())?;
    Ok(minutes * 60 + hundredths * 60 / 100)
}

/// "Budi (Budi Santoso)" is Budi, originally Budi Santoso. Anything else is one name.
fn both_names(text: &str) -> (String, Option<String>) {
    let whole = (text.to_owned(), None);
    let Some(open) = closing_pair(text) else { return whole };
    let (name, original) = (text[..open].trim(), text[open + 1..text.len() - 1].trim());
    match (name, original) {
        ("", _) => whole,
        (name, "") => (name.to_owned(), None),
        (name, original) => (name.to_owned(), Some(original.to_owned())),
    }
}

/// Where the parenthesis opens that the last character closes.
fn closing_pair(text: &str) -> Option<usize> {
    if !text.ends_with(')') {
        return None;
    }
    let mut depth = 0;
    for (place, character) in text.char_indices().rev() {
        match character {
            ')' => depth += 1,
            '(' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(place);
        }
    }
    None
}

fn group(rows: Vec<Participant>) -> Vec<Participant> {
    let shared = shared_names(&rows);
    let mut places: HashMap<Identity, usize> = HashMap::new();
    let mut people: Vec<Participant> = Vec::new();
    for row in rows {
        let identity = identity(&row, &shared);
        if let Some(place) = places.get(&identity) {
            people[*place].absorb(row);
        } else {
            places.insert(identity, people.len());
            people.push(row);
        }
    }
    for person in &mut people {
        person.segments = merge(std::mem::take(&mut person.segments));
    }
    people
}

impl Participant {
    /// Takes over another row about the same person.
    fn absorb(&mut self, row: Self) {
        self.segments.extend(row.segments);
        self.lines.extend(row.lines);
        self.original_name = self.original_name.take().or(row.original_name);
        self.email = self.email.take().or(row.email);
        // Two totals may be of two devices at once: only the longer is certain.
        self.total_seconds = self.total_seconds.max(row.total_seconds);
    }
}

fn identity(row: &Participant, shared: &BTreeSet<String>) -> Identity {
    if let Some(id) = &row.registrant_id {
        return Identity::Registrant(id.to_lowercase());
    }
    if let Some(email) = &row.email {
        return Identity::Email(email.clone());
    }
    let name = plain(&row.name);
    let original = row.original_name.as_deref().map(plain).filter(|_| shared.contains(&name));
    Identity::Name(name, original)
}

/// Display names, such as "iPhone", that guests with different original names have.
fn shared_names(rows: &[Participant]) -> BTreeSet<String> {
    let mut originals: HashMap<String, String> = HashMap::new();
    let mut shared = BTreeSet::new();
    let guests = rows.iter().filter(|row| row.registrant_id.is_none() && row.email.is_none());
    for (name, original) in guests.filter_map(|row| Some((&row.name, row.original_name.as_ref()?)))
    {
        let (name, original) = (plain(name), plain(original));
        if originals.get(&name).is_some_and(|known| *known != original) {
            shared.insert(name.clone());
        }
        originals.insert(name, original);
    }
    shared
}

/// A name without the differences of case and spacing.
fn plain(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
