//! Reading what people type. A form keeps the text exactly as typed, so that
//! it can be shown back; `Problems` says what is wrong with it, field by field.

use crate::clock::ZONE;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use std::str::FromStr;

/// What is wrong with a form, in the order of its fields.
#[derive(Debug, Default)]
pub struct Problems(Vec<(&'static str, String)>);

impl Problems {
    /// Notes a problem, and gives nothing back, to end a `match` or `else` with.
    pub fn note<T>(&mut self, field: &'static str, problem: impl Into<String>) -> Option<T> {
        if self.on(field).is_none() {
            self.0.push((field, problem.into()));
        }
        None
    }

    /// The text without surrounding space; a problem when it is empty or longer than `most`
    /// characters. `what` names the field in the sentence: the summary stands alone.
    pub fn text<'a>(
        &mut self,
        field: &'static str,
        what: &str,
        typed: &'a str,
        most: usize,
    ) -> Option<&'a str> {
        match typed.trim() {
            "" => self.note(field, format!("Isi {what}.")),
            text if text.chars().count() > most => self.note(
                field,
                format!(
                    "Tulis {what} paling banyak {most} huruf; sekarang {}.",
                    text.chars().count()
                ),
            ),
            text => Some(text),
        }
    }

    /// A whole number; points and spaces between digits are fine.
    pub fn number<T: FromStr>(
        &mut self,
        field: &'static str,
        what: &str,
        typed: &str,
    ) -> Option<T> {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '.').collect();
        if digits.is_empty() {
            return self.note(field, format!("{what}: isi dengan angka."));
        }
        match digits.parse() {
            Ok(number) => Some(number),
            Err(_) => self.note(field, format!("{what}: tulis dengan angka bulat, misalnya 100.")),
        }
    }

    /// A date as a date field sends it (`2026-11-24`) or as people write it (`24/11/2026`, `24-11-2026`).
    pub fn date(&mut self, field: &'static str, typed: &str) -> Option<NaiveDate> {
        let typed = typed.trim();
        let read = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"]
            .iter()
            .find_map(|form| NaiveDate::parse_from_str(typed, form).ok());
        match read {
            Some(day) if (2000..=2100).contains(&chrono::Datelike::year(&day)) => Some(day),
            _ => self.note(field, "Tulis tanggal seperti 24/11/2026."),
        }
    }

    /// A time of day: `09.00`, `9:00` or `0900`.
    pub fn time(&mut self, field: &'static str, typed: &str) -> Option<NaiveTime> {
        match read_time(typed) {
            Some(time) => Some(time),
            None => self.note(field, "Tulis jam seperti 09.00."),
        }
    }

    /// Whether nothing is wrong.
    pub fn none(&self) -> bool {
        self.0.is_empty()
    }

    /// The problem with one field, for templates.
    pub fn on(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, problem)| problem.as_str())
    }

    /// All problems with their fields, for the summary on top of a page.
    pub fn all(&self) -> &[(&'static str, String)] {
        &self.0
    }
}

fn read_time(typed: &str) -> Option<NaiveTime> {
    let parts: Vec<&str> = typed.trim().split(['.', ':']).collect();
    let (hour, minute) = match parts[..] {
        [hour, minute] if minute.len() == 2 => (hour, minute),
        [both] if both.len() == 4 && both.is_ascii() => both.split_at(2),
        _ => return None,
    };
    NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, 0)
}

/// A day and a time of day in the province, as a moment.
pub fn local(day: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
    ZONE.from_local_datetime(&day.and_time(time)).single().map(|at| at.to_utc())
}

/// What was typed, without the characters that people put between groups of a number or code.
pub fn compact(typed: &str) -> String {
    typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '\u{2010}'..='\u{2015}'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for typed in ["09.00", "9:00", "0900", " 09.00 "] {
            assert_eq!(read_time(typed), NaiveTime::from_hms_opt(9, 0, 0), "{typed:?}");
        }
        for typed in ["", "9", "25.00", "09.60", "9.5", "pagi", "é900"] {
            assert_eq!(read_time(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn dates_are_read_day_first() {
        let mut problems = Problems::default();
        let day = NaiveDate::from_ymd_opt(2026, 11, 4);
        assert_eq!(problems.date("d", "2026-11-04"), day);
        assert_eq!(problems.date("d", "4/11/2026"), day);
        assert!(problems.none());
        assert_eq!(problems.date("d", "31/02/2026"), None);
        assert_eq!(problems.all().len(), 1);
    }

    #[test]
    fn the_first_problem_of_a_field_is_kept() {
        let mut problems = Problems::default();
        problems.note::<()>("quota", "satu");
        problems.note::<()>("quota", "dua");
        assert_eq!(problems.on("quota"), Some("satu"));
    }
}
