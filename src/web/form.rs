//! Reading what people type. A form keeps the text exactly as typed, so that
//! it can be shown back; `Problems` says what is wrong with it, field by field.

use crate::{clock::ZONE, table::visible};
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

    /// The text as others see it; a problem when it is empty or longer than `most` characters.
    /// `what` names the field in the sentence: the summary stands alone.
    pub fn text(
        &mut self,
        field: &'static str,
        what: &str,
        typed: &str,
        most: usize,
    ) -> Option<String> {
        if seen(typed).is_empty() {
            return self.note(field, format!("Isi {what}."));
        }
        self.optional(field, what, typed, most)
    }

    /// The same of a text that may be left out.
    pub fn optional(
        &mut self,
        field: &'static str,
        what: &str,
        typed: &str,
        most: usize,
    ) -> Option<String> {
        let text = seen(typed);
        match text.chars().count() {
            0 => None,
            now if now > most => self.note(
                field,
                format!("Tulis {what} paling banyak {most} karakter; sekarang {now}."),
            ),
            _ => Some(text),
        }
    }

    /// A whole number. Spaces are fine, and points between its thousands; any other point
    /// would be somebody's comma.
    pub fn number<T: FromStr>(
        &mut self,
        field: &'static str,
        what: &str,
        typed: &str,
    ) -> Option<T> {
        let text: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        if text.is_empty() {
            return self.note(field, format!("{what}: isi dengan angka."));
        }
        match without_points(&text).and_then(|digits| digits.parse().ok()) {
            Some(number) => Some(number),
            None => self.note(
                field,
                format!("{what}: tulis dengan angka bulat tanpa pecahan, misalnya 100 atau 1.000."),
            ),
        }
    }

    /// A date as a date field sends it (`2026-11-24`) or as people write it (`24/11/2026`, `24-11-2026`).
    pub fn date(&mut self, field: &'static str, typed: &str) -> Option<NaiveDate> {
        match read_date(typed.trim()) {
            Some(day) if (2000..=2100).contains(&chrono::Datelike::year(&day)) => Some(day),
            _ => self.note(field, "Tulis tanggal seperti 24/11/2026."),
        }
    }

    /// A date of somebody's service, which may be left out and lie before this century.
    pub fn day(&mut self, field: &'static str, typed: &str) -> Option<NaiveDate> {
        let typed = seen(typed);
        if typed.is_empty() {
            return None;
        }
        match read_date(&typed) {
            Some(day) if (1940..=2100).contains(&chrono::Datelike::year(&day)) => Some(day),
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

/// `1000` from `1.000`; nothing from a text whose points stand elsewhere.
fn without_points(text: &str) -> Option<String> {
    let Some((first, rest)) = text.split_once('.') else { return Some(text.to_owned()) };
    let thousands = matches!(first.trim_start_matches('-').len(), 1..=3)
        && !first.starts_with('0')
        && rest.split('.').all(|group| group.len() == 3);
    thousands.then(|| text.replace('.', ""))
}

fn read_date(typed: &str) -> Option<NaiveDate> {
    ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(typed, form).ok())
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

/// A text as others see it: without what is invisible, and without space around it.
pub fn seen(typed: &str) -> String {
    visible(typed).trim().to_owned()
}

/// What is looked for: as much of it as any name or title has.
pub fn sought(typed: &str) -> String {
    seen(typed).chars().take(200).collect()
}

/// The year that an address asks for; nothing for whatever is no year of ours.
pub fn year(typed: &str) -> Option<i32> {
    typed.trim().parse().ok().filter(|year| (2000..=2100).contains(year))
}

/// What was typed, without the characters that people put between groups of a number or code.
pub fn compact(typed: &str) -> String {
    visible(typed)
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
    fn points_stand_between_thousands_only() {
        let read = |typed: &str| Problems::default().number::<i32>("n", "Kuota", typed);
        for (typed, number) in [
            ("100", 100),
            (" 30 ", 30),
            ("1.000", 1000),
            ("1 000", 1000),
            ("12.345", 12345),
            ("1.234.567", 1_234_567),
            ("-5", -5),
        ] {
            assert_eq!(read(typed), Some(number), "{typed:?}");
        }
        for typed in [
            "2.5", "100.5", "2,5", "1.00", "1.0000", "1000.000", ".5", "5.", "0.500", "1..000", "x",
        ] {
            assert_eq!(read(typed), None, "{typed:?}");
        }
        let mut problems = Problems::default();
        problems.number::<i32>("jp", "JP", "2.5");
        let words = "JP: tulis dengan angka bulat tanpa pecahan, misalnya 100 atau 1.000.";
        assert_eq!(problems.on("jp"), Some(words));
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
    fn a_text_that_nobody_can_see_is_empty() {
        let mut problems = Problems::default();
        let text = problems.text("t", "tema", " \u{202e}Arsip\u{200b} \u{200b}", 5);
        assert_eq!(text.as_deref(), Some("Arsip"));
        assert_eq!(problems.text("t", "tema", "\u{200b} \u{202e}\u{feff}", 5), None);
        assert_eq!(problems.on("t"), Some("Isi tema."));
        assert_eq!(problems.optional("o", "pangkat", "\u{2066} ", 5), None);
        assert_eq!(problems.on("o"), None);
        assert_eq!(sought(&"é".repeat(300)), "é".repeat(200));
        assert_eq!(compact("1990\u{200b}01 01"), "19900101");
    }

    #[test]
    fn the_first_problem_of_a_field_is_kept() {
        let mut problems = Problems::default();
        problems.note::<()>("quota", "satu");
        problems.note::<()>("quota", "dua");
        assert_eq!(problems.on("quota"), Some("satu"));
    }
}
