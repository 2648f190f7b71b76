//! Reads an attendance report that Zoom has written, in any of its forms and whatever a
//! spreadsheet has done to it since. Knows nothing of people's accounts, the database or the web.

mod bots;
mod calendar;
mod columns;
mod error;
mod form;
mod moment;
mod people;
mod span;
#[cfg(test)]
mod tests;

use chrono::SecondsFormat;
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::{Value, json};

pub use calendar::ZONES;
pub use error::ReportError;
pub use span::{Span, clip, merge, seconds};

use crate::table::{self, Sought};
use calendar::{Calendar, Stay};
use form::{Form, Presence};

/// The biggest file that is read, in bytes.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;

/// The most participants that are taken: a meeting has room for 1,000, a webinar for 10,000.
pub const MAX_PARTICIPANTS: usize = 10_000;

const SOUGHT: Sought =
    Sought { max_bytes: MAX_BYTES, known: columns::known, is_one: form::is_report };

/// What the operator says about the file; `None` means that it is inferred.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    pub date_order: Option<DateOrder>,
    /// Whether day and month of date cells are to be exchanged.
    pub exchanged: Option<bool>,
    pub zone: Option<Tz>,
}

/// The class, against which the order of day and month and the zone are inferred.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// One for each day or session. Without any, nothing is compared.
    pub parts: Vec<Span>,
    /// Of the class's Zoom meeting; a report of another one is refused.
    pub meeting_id: Option<String>,
}

/// The forms of Zoom's reports, by their columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Format {
    /// Stays, in the capitals of older reports ("User Email", "Join Time").
    A,
    /// A meeting's facts, then form A.
    B,
    /// One total for each person, no meeting's facts.
    C,
    /// Stays, in the spelling of newer reports ("Email", "Join time").
    D,
    /// A meeting's facts, then form D or totals.
    E,
    /// The meeting's facts repeated in the row of each stay.
    F,
    /// Any of them in Indonesian.
    G,
    /// A webinar, in sections for hosts, panelists and attendees.
    H,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    Mdy,
    Dmy,
    Ymd,
}

impl DateOrder {
    /// In words, for a page or a message.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Mdy => "bulan/hari/tahun",
            Self::Dmy => "hari/bulan/tahun",
            Self::Ymd => "tahun/bulan/hari",
        }
    }
}

/// Why the times were read in that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderReason {
    /// The operator said so.
    Given,
    /// No other order makes days of all the digits.
    OnlyPossible,
    /// Others are possible; this one agrees best with the class.
    AgreesWithClass,
    /// There is no time in the file.
    NoTimes,
}

impl OrderReason {
    /// In words, for a page.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Given => "sesuai pilihan Anda",
            Self::OnlyPossible => "satu-satunya urutan yang mungkin untuk tanggal dalam berkas",
            Self::AgreesWithClass => "paling sesuai dengan jadwal kelas",
            Self::NoTimes => "berkas tidak memuat waktu",
        }
    }
}

/// Why the times were read in that zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneReason {
    /// The operator said so.
    Given,
    /// The zone of the programme, which nothing contradicts.
    Usual,
    /// The usual one has less than half of what this has inside the class.
    AgreesWithClass,
    /// The usual one has nobody inside the class.
    OnlyFit,
    /// No zone has anybody inside the class.
    NothingFits,
    /// There is no time in the file.
    NoTimes,
}

impl ZoneReason {
    /// In words, for a page.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Given => "sesuai pilihan Anda",
            Self::Usual => "zona waktu yang biasa dipakai",
            Self::AgreesWithClass => {
                "dalam WITA kurang dari separuh kehadiran ini jatuh pada waktu kelas"
            }
            Self::OnlyFit => "dalam WITA tidak seorang pun hadir pada waktu kelas",
            Self::NothingFits => {
                "zona waktu yang biasa dipakai; dalam zona mana pun tidak seorang pun hadir pada waktu kelas"
            }
            Self::NoTimes => "berkas tidak memuat waktu",
        }
    }
}

/// What a report says.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub format: Format,
    /// `None` when there is no time in the file.
    pub date_order: Option<DateOrder>,
    pub order_reason: OrderReason,
    /// A spreadsheet had taken days for months in its date cells; they were exchanged back.
    pub days_exchanged: bool,
    pub zone: Tz,
    pub zone_reason: ZoneReason,
    /// Digits only.
    pub meeting_id: Option<String>,
    pub topic: Option<String>,
    /// In the order of the file.
    pub participants: Vec<Participant>,
    pub skipped: Vec<Skipped>,
}

/// One person: all rows with the same registrant id, else e-mail address, else display name.
#[derive(Debug, Clone, PartialEq)]
pub struct Participant {
    /// As first spelled.
    pub name: String,
    /// The name that the display name replaced, if the report tells it.
    pub original_name: Option<String>,
    /// In lower case; guests have none.
    pub email: Option<String>,
    /// Of the personal join link.
    pub registrant_id: Option<String>,
    /// The union of all stays, not cut to the class.
    pub segments: Vec<Span>,
    /// Only from forms that have no stays.
    pub total_seconds: Option<i64>,
    /// The rows that this was read from.
    pub lines: Vec<u64>,
}

/// A row that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Counted from 1, as an editor or a spreadsheet does.
    pub line: u64,
    pub reason: String,
}

/// Reads a report as it was uploaded: CSV of any delimiter and encoding, or .xlsx.
pub fn read(bytes: &[u8], expected: &Expected, hints: &Hints) -> Result<Report, ReportError> {
    let rows = table::read(bytes, &SOUGHT)?.rows;
    let form = form::find(&rows)?;
    let wanted = expected.meeting_id.as_deref().and_then(meeting_digits);
    let meeting = the_meeting(&form, wanted.as_deref())?;
    let stays = stays(&form);
    let calendar = calendar::infer(&stays, expected, hints)?;
    let (participants, skipped) = people::gather(&form, &calendar, wanted.as_deref());
    if participants.is_empty()
        && let Some(first) = skipped.first()
    {
        let (count, line, reason) = (skipped.len(), first.line, first.reason.clone());
        return Err(ReportError::NothingUsable { count, line, reason });
    }
    if participants.len() > MAX_PARTICIPANTS {
        return Err(ReportError::TooMany(participants.len()));
    }
    let Calendar { reading, order_reason, zone, zone_reason } = calendar;
    Ok(Report {
        format: form.format,
        date_order: (!stays.is_empty()).then_some(reading.order),
        order_reason,
        days_exchanged: reading.swapped,
        zone,
        zone_reason,
        meeting_id: meeting.and_then(|meeting| meeting.id.clone()),
        topic: meeting.and_then(|meeting| meeting.topic.map(str::to_owned)),
        participants,
        skipped,
    })
}

/// The meeting of the report: the wanted one when it is there, else the first.
fn the_meeting<'a, 'b>(
    form: &'a Form<'b>,
    wanted: Option<&str>,
) -> Result<Option<&'a form::Meeting<'b>>, ReportError> {
    let same = |meeting: &&form::Meeting<'_>| meeting.id.as_deref() == wanted;
    let named = form.meetings.iter().find_map(|meeting| meeting.id.as_deref());
    match (wanted, named) {
        (Some(wanted), Some(found)) => form.meetings.iter().find(same).map(Some).ok_or_else(|| {
            ReportError::OtherMeeting { found: found.to_owned(), expected: wanted.to_owned() }
        }),
        _ => Ok(form.meetings.first()),
    }
}

/// The digits of a meeting's number. A spreadsheet may have shortened it to "8.12E+10",
/// which identifies nothing.
fn meeting_digits(text: &str) -> Option<String> {
    let is_number = text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || c == '-');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (is_number && (1..=20).contains(&digits.len())).then_some(digits)
}

/// The times to infer from: those of the participants, else those of the meeting.
fn stays(form: &Form<'_>) -> Vec<Stay> {
    let of_people = form.entries.iter().filter_map(|entry| match entry.presence {
        Presence::Stay { join, leave } => Some((join?, leave?)),
        Presence::Total(_) => None,
    });
    let stays: Vec<Stay> = of_people.collect();
    if !stays.is_empty() {
        return stays;
    }
    let of_meeting =
        form.meetings.iter().filter_map(|meeting| Some((meeting.start?, meeting.end?)));
    of_meeting.collect()
}

impl Report {
    /// Why the times were read in that order, and what was done to them, for a page.
    pub fn order_why(&self) -> String {
        let why = self.order_reason.describe();
        if self.days_exchanged {
            format!(
                "{why}; lembar kerja membaca tanggal sebagai bulan, jadi keduanya ditukar kembali"
            )
        } else {
            why.to_owned()
        }
    }

    /// The report as JSON, with all times cut to the class.
    pub fn to_json(&self, class: Span) -> Value {
        let participants: Vec<Value> =
            self.participants.iter().map(|participant| participant.to_json(class)).collect();
        json!({
            "format": self.format,
            "date_order": self.date_order,
            "participants": participants,
            "skipped": self.skipped,
        })
    }
}

impl Participant {
    fn to_json(&self, class: Span) -> Value {
        let segments = clip(&self.segments, &[class]);
        let present = match self.total_seconds {
            Some(total) if self.segments.is_empty() => total.min(class.seconds()),
            _ => seconds(&segments),
        };
        let times = |span: &Span| {
            [span.from, span.to].map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
        };
        json!({
            "name": self.name,
            "original_name": self.original_name,
            "email": self.email,
            "registrant_id": self.registrant_id,
            "segments": segments.iter().map(times).collect::<Vec<_>>(),
            "seconds": present,
        })
    }
}
