//! Attendance reports as Zoom writes them.

use crate::clock::ZONE;
use chrono::{DateTime, Utc};
use std::fmt::Write;

/// One row of a report.
#[derive(Debug, Clone)]
pub(super) struct Stay {
    pub name: String,
    /// Empty for guests.
    pub email: String,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub waiting_room: bool,
}

/// The forms of reports that occur here.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    A,
    D,
    E,
    G,
}

pub(super) const SHAPES: [Shape; 4] = [Shape::E, Shape::A, Shape::G, Shape::D];

const A: &str = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Disclaimer Response ,In Waiting Room";
const D: &str = "Name (original name),Email,Join time,Leave time,Duration (minutes),Guest,Recording disclaimer response,In waiting room";
const G: &str = "Nama (nama asli),Email,Waktu bergabung,Waktu keluar,Durasi (menit),Tamu,Respons penafian rekaman,Di ruang tunggu";

impl Shape {
    /// The file of a meeting.
    pub fn write(self, topic: &str, meeting_id: &str, stays: &[Stay]) -> Vec<u8> {
        let from = stays.iter().map(|stay| stay.from).min().unwrap_or_default();
        let to = stays.iter().map(|stay| stay.to).max().unwrap_or_default();
        let (minutes, people) = (minutes(from, to), stays.len());
        let (from, to, topic, id) =
            (self.time(from), self.time(to), cell(topic), spaced(meeting_id));
        let mut text = match self {
            Self::A => format!("{A}\n"),
            Self::D => format!("\u{feff}{D}\n"),
            Self::E => format!(
                "\u{feff}Topic,ID,Host,Duration (minutes),Start time,End time,Participants\n\
                 {topic},{id},Smart Class BPSDMD,{minutes},{from},{to},{people}\n\n{D}\n"
            ),
            Self::G => format!(
                "\u{feff}Topik,ID,Nama host,Durasi (menit),Waktu mulai,Waktu berakhir,Peserta\n\
                 {topic},{id},Smart Class BPSDMD,{minutes},{from},{to},{people}\n\n{G}\n"
            ),
        };
        for stay in stays {
            self.row(&mut text, stay);
        }
        text.into_bytes()
    }

    fn row(self, text: &mut String, stay: &Stay) {
        let (yes, no) = if matches!(self, Self::G) { ("Ya", "Tidak") } else { ("Yes", "No") };
        let guest = if stay.email.is_empty() { yes } else { no };
        let waiting = if stay.waiting_room { yes } else { no };
        let (from, to) = (self.time(stay.from), self.time(stay.to));
        let (name, minutes) = (cell(&stay.name), minutes(stay.from, stay.to));
        let _ = writeln!(text, "{name},{},{from},{to},{minutes},{guest},OK,{waiting}", stay.email);
    }

    fn time(self, at: DateTime<Utc>) -> String {
        let form = match self {
            Self::A | Self::E => "%m/%d/%Y %I:%M:%S %p",
            Self::D => "%b %d, %Y %H:%M:%S",
            Self::G => "%d/%m/%Y %H:%M:%S",
        };
        cell(&at.with_timezone(&ZONE).format(form).to_string())
    }
}

/// As Zoom counts them: begun minutes.
fn minutes(from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
    ((to - from).num_seconds() + 59) / 60
}

/// `845 1220 7741`
fn spaced(meeting_id: &str) -> String {
    let (first, rest) = meeting_id.split_at_checked(3).unwrap_or((meeting_id, ""));
    let (second, third) = rest.split_at_checked(4).unwrap_or((rest, ""));
    format!("{first} {second} {third}")
}

fn cell(text: &str) -> String {
    if text.contains([',', '"']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
