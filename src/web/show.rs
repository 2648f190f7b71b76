//! Dates, times, hours and numbers as Indonesian readers expect them.

use crate::clock::ZONE;
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use std::fmt::{Display, Write};

/// A moment, or a reference to one: templates pass both.
pub trait Moment {
    fn moment_shown(&self) -> DateTime<Utc>;
}

impl Moment for DateTime<Utc> {
    fn moment_shown(&self) -> DateTime<Utc> {
        *self
    }
}

impl<T: Moment> Moment for &T {
    fn moment_shown(&self) -> DateTime<Utc> {
        (**self).moment_shown()
    }
}

/// A day, or a reference to one.
pub trait Day {
    fn day_shown(&self) -> NaiveDate;
}

impl Day for NaiveDate {
    fn day_shown(&self) -> NaiveDate {
        *self
    }
}

impl<T: Day> Day for &T {
    fn day_shown(&self) -> NaiveDate {
        (**self).day_shown()
    }
}

/// A whole number, or a reference to one: templates pass both.
pub trait Whole {
    fn whole(&self) -> i64;
}

impl Whole for i64 {
    fn whole(&self) -> i64 {
        *self
    }
}

impl Whole for i32 {
    fn whole(&self) -> i64 {
        (*self).into()
    }
}

impl Whole for usize {
    fn whole(&self) -> i64 {
        i64::try_from(*self).unwrap_or(i64::MAX)
    }
}

impl<T: Whole> Whole for &T {
    fn whole(&self) -> i64 {
        (**self).whole()
    }
}

const DAYS: [&str; 7] = ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"];
const DAYS_SHORT: [&str; 7] = ["Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min"];
const MONTHS: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];
const MONTHS_SHORT: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"];

/// The day in the province on which a moment falls.
pub fn local_day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&ZONE).date_naive()
}

/// `7 September 2026`
pub fn date(day: impl Day) -> String {
    let day = day.day_shown();
    format!("{} {} {}", day.day(), month(day), day.year())
}

/// `7 Sep 2026`
pub fn date_short(day: impl Day) -> String {
    let day = day.day_shown();
    format!("{} {} {}", day.day(), MONTHS_SHORT[day.month0() as usize], day.year())
}

/// `Senin, 7 September 2026`
pub fn weekday_date(day: impl Day) -> String {
    let day = day.day_shown();
    format!("{}, {}", weekday(day), date(day))
}

/// `Sen, 7 Sep 2026`
pub fn weekday_short(day: impl Day) -> String {
    let day = day.day_shown();
    let name = DAYS_SHORT[day.weekday().num_days_from_monday() as usize];
    format!("{name}, {}", date_short(day))
}

/// `Senin`
pub fn weekday(day: NaiveDate) -> &'static str {
    DAYS[day.weekday().num_days_from_monday() as usize]
}

/// `September`
pub fn month(day: NaiveDate) -> &'static str {
    MONTHS[day.month0() as usize]
}

/// `September 2026`
pub fn month_year(day: impl Day) -> String {
    let day = day.day_shown();
    format!("{} {}", month(day), day.year())
}

/// `09.30`
pub fn time(at: impl Moment) -> String {
    let at = at.moment_shown();
    let local = at.with_timezone(&ZONE);
    format!("{:02}.{:02}", local.hour(), local.minute())
}

/// `24 Nov 2026 · 11.42 WITA`
pub fn moment(at: impl Moment) -> String {
    let at = at.moment_shown();
    format!("{} · {} WITA", date_short(local_day(at)), time(at))
}

/// `Sel, 24 Nov 2026 · 09.00–11.00 WITA`; both days when they differ.
pub fn span(from: impl Moment, to: impl Moment) -> String {
    let (from, to) = (from.moment_shown(), to.moment_shown());
    let (first, last) = (local_day(from), local_day(to));
    if first == last {
        format!("{} · {}–{} WITA", weekday_short(first), time(from), time(to))
    } else {
        format!(
            "{} {} – {} {} WITA",
            weekday_short(first),
            time(from),
            weekday_short(last),
            time(to)
        )
    }
}

/// `Selasa, 24 November 2026, pukul 09.00 s.d. 11.00 WITA`: a time within one day.
pub fn span_prose(from: impl Moment, to: impl Moment) -> String {
    let (from, to) = (from.moment_shown(), to.moment_shown());
    format!("{}, pukul {} s.d. {} WITA", weekday_date(local_day(from)), time(from), time(to))
}

/// RFC 3339 in the province's zone, for `<time datetime>`.
pub fn machine(at: impl Moment) -> String {
    let at = at.moment_shown();
    at.with_timezone(&ZONE).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// `1.234`
pub fn number(n: impl Whole) -> String {
    let n = n.whole();
    let digits = n.unsigned_abs().to_string();
    let mut text = String::from(if n < 0 { "−" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// A ratio with one decimal and a comma: `13,4`. `0` over nothing.
pub fn tenths(sum: i64, count: i64) -> String {
    if count == 0 {
        return "0".into();
    }
    let tenths = (sum * 10 + count / 2) / count;
    format!("{},{}", number(tenths / 10), tenths % 10)
}

/// `+2` or `−2`
pub fn signed(n: impl Whole) -> String {
    let n = n.whole();
    if n < 0 { format!("−{}", n.unsigned_abs()) } else { format!("+{n}") }
}

/// Seconds as whole minutes, rounded down: presence is compared in seconds,
/// and a minute that is shown was really spent.
pub fn minutes(seconds: impl Whole) -> i64 {
    seconds.whole() / 60
}

/// `19801230 201001 2 005`
pub fn nip(nip: &str) -> String {
    match (nip.get(..8), nip.get(8..14), nip.get(14..15), nip.get(15..18)) {
        (Some(born), Some(appointed), Some(sex), Some(serial)) => {
            format!("{born} {appointed} {sex} {serial}")
        }
        _ => nip.to_owned(),
    }
}

/// Enough of a NIP to tell a slip of the hand from a guess: `1980••••••••••••05`. What is none is
/// not shown at all, as it may be a password in the wrong field.
pub fn nip_masked(typed: &str) -> String {
    let nip = typed.len() == 18 && typed.bytes().all(|byte| byte.is_ascii_digit());
    if nip {
        format!("{}{}{}", &typed[..4], "•".repeat(12), &typed[16..])
    } else {
        "bukan NIP".into()
    }
}

/// A name for the narrow bar: `Nurhidayah Lasimpala, A.Md.Kep.` becomes `Nurhidayah L.`
pub fn name_short(name: &str) -> String {
    let bare = name.split(',').next().unwrap_or(name);
    let mut words = bare.split_whitespace().filter(|word| !word.ends_with('.'));
    match (words.next(), words.next().and_then(|word| word.chars().next())) {
        (Some(first), Some(letter)) => format!("{first} {letter}."),
        (Some(first), None) => first.to_owned(),
        _ => bare.to_owned(),
    }
}

/// A small whole number in words: 12 is `dua belas`. Up to 99.
pub fn in_words(n: i32) -> String {
    const UNITS: [&str; 12] = [
        "nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan",
        "sepuluh", "sebelas",
    ];
    match usize::try_from(n) {
        Ok(n @ 0..=11) => UNITS[n].to_owned(),
        Ok(n @ 12..=19) => format!("{} belas", UNITS[n - 10]),
        Ok(n @ 20..=99) if n % 10 == 0 => format!("{} puluh", UNITS[n / 10]),
        Ok(n @ 20..=99) => format!("{} puluh {}", UNITS[n / 10], UNITS[n % 10]),
        _ => n.to_string(),
    }
}

/// A text as part of an address.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut coded, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.') {
            coded.push(char::from(byte));
        } else {
            let _ = write!(coded, "%{byte:02X}");
        }
        coded
    })
}

/// The text, or a dash where there is none.
pub fn or_dash(text: Option<&impl Display>) -> String {
    text.map_or_else(|| "–".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_is_shown_in_wita() {
        assert_eq!(
            span(at("2026-11-24T01:00:00Z"), at("2026-11-24T03:00:00Z")),
            "Sel, 24 Nov 2026 · 09.00–11.00 WITA"
        );
        assert_eq!(weekday_date(local_day(at("2026-12-31T16:00:00Z"))), "Jumat, 1 Januari 2027");
    }

    #[test]
    fn numbers_have_points_and_commas() {
        assert_eq!(number(1_234_567), "1.234.567");
        assert_eq!(number(-42), "−42");
        assert_eq!(tenths(134, 10), "13,4");
        assert_eq!(tenths(2, 3), "0,7");
    }

    #[test]
    fn little_is_shown_of_a_nip_that_was_refused() {
        assert_eq!(nip_masked("198012302010012005"), "1980••••••••••••05");
        assert_eq!(nip_masked("rahasia"), "bukan NIP");
    }

    #[test]
    fn small_numbers_have_words() {
        let said: Vec<_> = [2, 11, 12, 20, 24].map(in_words).into();
        assert_eq!(said, ["dua", "sebelas", "dua belas", "dua puluh", "dua puluh empat"]);
    }

    #[test]
    fn a_name_in_the_bar_has_no_titles() {
        assert_eq!(name_short("Dra. Hj. Zulfah Tandigala, M.Si."), "Zulfah T.");
        assert_eq!(name_short("Suharto"), "Suharto");
    }
}
