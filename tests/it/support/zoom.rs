//! Attendance reports as Zoom writes them.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};
use rust_xlsxwriter::{Format, Workbook};
use smartclass::clock::ZONE;

use super::wita;

/// The columns of a report of stays.
const HEADER: &str =
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest";

/// A moment as a spreadsheet counts: days since 30 December 1899.
fn serial(at: NaiveDateTime, exchanged: bool) -> f64 {
    let day = at.date();
    let other = NaiveDate::from_ymd_opt(day.year(), day.day(), day.month());
    let day = if exchanged { other.unwrap() } else { day };
    let days = (day - NaiveDate::from_ymd_opt(1899, 12, 30).unwrap()).num_days();
    f64::from(i32::try_from(days).unwrap()) + f64::from(at.num_seconds_from_midnight()) / 86400.0
}

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

    /// The same report as a spreadsheet saves it, with cells that are dates. One that expects
    /// days before months takes the tenth of March for the third of October.
    pub fn xlsx(&self, exchanged: bool) -> Vec<u8> {
        let mut workbook = Workbook::new();
        let format = Format::new().set_num_format("dd/mm/yyyy hh:mm:ss");
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, HEADER.split(',')).unwrap();
        for (line, (name, email, from, to)) in (1..).zip(&self.rows) {
            sheet.write_row(line, 0, [name, email]).unwrap();
            for (column, at) in [(2, from), (3, to)] {
                let at = serial(at.with_timezone(&ZONE).naive_local(), exchanged);
                sheet.write_with_format(line, column, at, &format).unwrap();
            }
        }
        workbook.save_to_buffer().unwrap()
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
