//! Attendance reports as Zoom writes them.

use chrono::{DateTime, Utc};
use smartclass::clock::ZONE;

use super::wita;

/// The columns of a report of stays.
const HEADER: &str =
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest";

/// A report of the class on 10 March 2026, unless another day is said.
#[derive(Debug, Clone, Default)]
pub struct Zoom {
    rows: Vec<(String, String, DateTime<Utc>, DateTime<Utc>)>,
}

impl Zoom {
    pub fn new() -> Self {
        Self::default()
    }

    /// Somebody from one time of the class's day to another: `"09:00"`.
    pub fn stay(self, name: &str, email: &str, from: &str, to: &str) -> Self {
        self.on("2026-03-10", name, email, from, to)
    }

    /// The same on another day.
    pub fn on(mut self, day: &str, name: &str, email: &str, from: &str, to: &str) -> Self {
        let at = |time: &str| wita(&format!("{day} {time}"));
        self.rows.push((name.into(), email.into(), at(from), at(to)));
        self
    }

    pub fn text(&self) -> String {
        let time =
            |at: &DateTime<Utc>| at.with_timezone(&ZONE).format("%m/%d/%Y %I:%M:%S %p").to_string();
        let rows = self.rows.iter().map(|(name, email, from, to)| {
            let minutes = (*to - *from).num_minutes();
            format!("\"{name}\",{email},{},{},{minutes},No\r\n", time(from), time(to))
        });
        format!("{HEADER}\r\n{}", rows.collect::<String>())
    }

    pub fn csv(&self) -> Vec<u8> {
        self.text().into_bytes()
    }

    /// The same report as a spreadsheet saves it for Windows.
    pub fn utf16(&self) -> Vec<u8> {
        let text = self.text().replace(',', "\t");
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    }
}
