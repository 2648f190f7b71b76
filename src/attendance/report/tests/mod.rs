//! What the reader makes of reports, good and bad. All names are invented.

mod files;
mod forms;
mod odd;
mod people;
mod properties;
mod times;
mod workbooks;

use chrono::{DateTime, Utc};

use super::*;
use crate::table::{FileError, MAX_ROWS, MAX_UNPACKED};

/// A time in Makassar on 22 March 2025, "09:00" or "09:00:30".
fn on_22_march(time: &str) -> DateTime<Utc> {
    makassar(&format!("2025-03-22T{time}"))
}

/// A local time in Makassar as a moment.
fn makassar(local: &str) -> DateTime<Utc> {
    let local = if local.len() == 16 { format!("{local}:00") } else { local.to_owned() };
    format!("{local}+08:00").parse().unwrap()
}

fn span(from: &str, to: &str) -> Span {
    Span { from: on_22_march(from), to: on_22_march(to) }
}

/// The class from nine to twelve.
fn class() -> Span {
    span("09:00", "12:00")
}

fn expected() -> Expected {
    Expected { parts: vec![class()], meeting_id: None }
}

fn read_text(text: &str) -> Result<Report, ReportError> {
    read(text.as_bytes(), &expected(), &Hints::default())
}

/// Form A with these rows: name, e-mail, join, leave.
fn form_a(rows: &[(&str, &str, &str, &str)]) -> String {
    let header =
        "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\r\n";
    let row = |(name, email, join, leave): &(&str, &str, &str, &str)| {
        format!("\"{name}\",{email},{join},{leave},1,No\r\n")
    };
    header.to_owned() + &rows.iter().map(row).collect::<Vec<_>>().concat()
}

/// Form A with one row of the class's day: name, e-mail, join, leave.
fn stay(name: &str, email: &str, join: &str, leave: &str) -> String {
    let (join, leave) = (format!("03/22/2025 {join}"), format!("03/22/2025 {leave}"));
    form_a(&[(name, email, &join, &leave)])
}

impl Report {
    /// Seconds inside the class of the first with that name.
    fn seconds_of(&self, name: &str) -> i64 {
        let json = self.to_json(class());
        let people = json["participants"].as_array().unwrap();
        people.iter().find(|person| person["name"] == name).unwrap()["seconds"].as_i64().unwrap()
    }

    fn names(&self) -> Vec<&str> {
        self.participants.iter().map(|person| person.name.as_str()).collect()
    }

    fn skipped_lines(&self) -> Vec<u64> {
        self.skipped.iter().map(|skipped| skipped.line).collect()
    }
}
