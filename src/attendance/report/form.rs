//! Which of Zoom's forms the rows are in, and what each row says of whom.

use std::collections::HashMap;

use super::columns::{self, Column, Header, Heading};
use super::moment::Stamp;
use super::{Format, ReportError};
use crate::table::{Cell, Row};

/// In bytes. Zoom allows 200 characters for a topic and fewer for a name.
const LONGEST_TEXT: usize = 600;

/// A report with its columns understood, its values not yet.
#[derive(Debug)]
pub(super) struct Form<'a> {
    pub format: Format,
    pub meetings: Vec<Meeting<'a>>,
    pub entries: Vec<Entry<'a>>,
}

#[derive(Debug)]
pub(super) struct Meeting<'a> {
    /// Digits only.
    pub id: Option<String>,
    pub topic: Option<&'a str>,
    pub start: Option<Stamp>,
    pub end: Option<Stamp>,
}

/// One row about a person. Absent values are empty.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub line: u64,
    pub name: String,
    /// The name is followed by the original one in parentheses.
    pub both_names: bool,
    pub email: &'a str,
    pub registrant_id: &'a str,
    pub presence: Presence<'a>,
    pub in_waiting_room: bool,
    /// The meeting's place among those of the form.
    pub meeting: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Presence<'a> {
    /// Times, as far as they can be read.
    Stay { join: Option<Stamp>, leave: Option<Stamp> },
    /// Minutes, as written.
    Total(&'a str),
}

/// Understands the rows as a report, wherever its tables start.
pub(super) fn find(rows: &[Row]) -> Result<Form<'_>, ReportError> {
    let mut reader = Reader::default();
    for row in rows {
        reader.read(row);
    }
    let format = reader.format().ok_or(ReportError::NotReport)?;
    if reader.entries.is_empty() {
        return Err(ReportError::NoParticipants);
    }
    Ok(Form { format, meetings: reader.meetings, entries: reader.entries })
}

/// Whether any of the rows is the header of a table of participants.
pub(super) fn is_report(rows: &[Row]) -> bool {
    rows.iter().any(|row| matches!(columns::heading(&row.cells), Some(Heading::People(_))))
}

#[derive(Default)]
struct Reader<'a> {
    table: Table,
    /// The first table of participants, which gives the form its name.
    people: Option<Header>,
    /// The header of the first block of meeting facts.
    block: Option<Header>,
    meetings: Vec<Meeting<'a>>,
    /// Of the meetings in a flat table, by their number.
    places: HashMap<Option<String>, usize>,
    entries: Vec<Entry<'a>>,
}

#[derive(Default)]
enum Table {
    #[default]
    None,
    Meeting(Header),
    People(Header),
}

impl<'a> Reader<'a> {
    fn read(&mut self, row: &'a Row) {
        if let Some(heading) = columns::heading(&row.cells) {
            self.open(heading);
            return;
        }
        match std::mem::take(&mut self.table) {
            Table::None => {}
            Table::Meeting(header) => self.meetings.push(meeting(&header, &row.cells)),
            Table::People(header) => {
                if !is_section_title(row) {
                    self.enter(&header, row);
                    self.table = Table::People(header);
                }
            }
        }
    }

    fn open(&mut self, heading: Heading) {
        match heading {
            Heading::Meeting(header) => {
                self.block.get_or_insert_with(|| header.clone());
                self.table = Table::Meeting(header);
            }
            Heading::People(header) => {
                self.people.get_or_insert_with(|| header.clone());
                self.table = Table::People(header);
            }
        }
    }

    fn enter(&mut self, header: &Header, row: &'a Row) {
        let value = |column| value(header, column, &row.cells);
        if !attended(header, &row.cells) {
            return;
        }
        let meeting =
            if header.is_flat() { Some(self.flat_meeting(header, row)) } else { self.latest() };
        self.entries.push(Entry {
            line: row.line,
            name: name(header, &row.cells),
            both_names: header.both_names,
            email: value(Column::Email),
            registrant_id: value(Column::RegistrantId),
            presence: presence(header, &row.cells),
            in_waiting_room: is_yes(value(Column::WaitingRoom)),
            meeting,
        });
    }

    fn latest(&self) -> Option<usize> {
        self.meetings.len().checked_sub(1)
    }

    /// The meeting that the row names, added when it is a new one.
    fn flat_meeting(&mut self, header: &Header, row: &'a Row) -> usize {
        let named = meeting(header, &row.cells);
        *self.places.entry(named.id.clone()).or_insert_with(|| {
            self.meetings.push(named);
            self.meetings.len() - 1
        })
    }

    fn format(&self) -> Option<Format> {
        let people = self.people.as_ref()?;
        let block = self.block.as_ref();
        let indonesian = people.indonesian || block.is_some_and(|block| block.indonesian);
        Some(match block {
            _ if indonesian => Format::G,
            _ if people.is_webinar() => Format::H,
            _ if people.is_flat() => Format::F,
            Some(block) if block.old_spelling => Format::B,
            Some(_) => Format::E,
            None if !people.has_times() => Format::C,
            None if people.old_spelling => Format::A,
            None => Format::D,
        })
    }
}

fn meeting<'a>(header: &Header, cells: &'a [Cell]) -> Meeting<'a> {
    let cell = |column| header.meeting_place(column).and_then(|place| cells.get(place));
    let text = |column| cell(column).map(present).filter(|text| !text.is_empty());
    Meeting {
        id: text(Column::MeetingId).and_then(super::meeting_digits),
        topic: text(Column::Topic),
        start: cell(Column::Start).and_then(Stamp::read),
        end: cell(Column::End).and_then(Stamp::read),
    }
}

/// The display name; a webinar without one has first and last names.
fn name(header: &Header, cells: &[Cell]) -> String {
    let value = |column| value(header, column, cells);
    let name = match value(Column::Name) {
        "" => format!("{} {}", value(Column::FirstName), value(Column::LastName)),
        name => name.to_owned(),
    };
    name.replace(char::is_control, " ").trim().to_owned()
}

fn presence<'a>(header: &Header, cells: &'a [Cell]) -> Presence<'a> {
    let cell = |column| header.place(column).and_then(|place| cells.get(place));
    if header.has_times() {
        let time = |column| cell(column).and_then(Stamp::read);
        Presence::Stay { join: time(Column::Join), leave: time(Column::Leave) }
    } else {
        let columns = [Column::Total, Column::Duration, Column::SessionTime];
        let total = columns.into_iter().find(|column| header.place(*column).is_some());
        Presence::Total(total.and_then(cell).map_or("", Cell::text))
    }
}

/// A webinar also lists who registered and did not come.
fn attended(header: &Header, cells: &[Cell]) -> bool {
    header.place(Column::Attended).is_none()
        || match value(header, Column::Attended, cells) {
            "" => !value(header, Column::Join, cells).is_empty(),
            answer => is_yes(answer),
        }
}

fn value<'a>(header: &Header, column: Column, cells: &'a [Cell]) -> &'a str {
    header.place(column).and_then(|place| cells.get(place)).map_or("", present)
}

/// The text of the cell; empty when that only says that there is none.
fn present(cell: &Cell) -> &str {
    let text = cell.text();
    if is_absent(text) { "" } else { &text[..text.floor_char_boundary(LONGEST_TEXT)] }
}

/// A webinar report writes "--" where it has no value.
fn is_absent(text: &str) -> bool {
    text.chars().all(|character| matches!(character, '-' | '–' | '—'))
}

fn is_yes(answer: &str) -> bool {
    matches!(columns::letters(answer).as_str(), "yes" | "ya" | "y" | "true" | "1" | "hadir")
}

/// The line above each table of a webinar report.
fn is_section_title(row: &Row) -> bool {
    let [Cell::Text(title), rest @ ..] = row.cells.as_slice() else { return false };
    let title = columns::letters(title);
    let titles =
        ["hostdetails", "panelistdetails", "attendeedetails", "otherattended", "attendeereport"];
    let indonesian =
        ["detailhost", "detailpanelis", "detailpeserta", "pesertalainnya", "laporanpeserta"];
    rest.is_empty() && (titles.contains(&title.as_str()) || indonesian.contains(&title.as_str()))
        || title == "reportgenerated"
}
