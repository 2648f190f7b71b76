//! Times as Zoom and spreadsheets write them: no offset, and often either of two days.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::DateOrder;
use crate::table::Cell;

/// A time as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stamp {
    /// With its own offset.
    Instant(DateTime<Utc>),
    /// Named month or year first: one day only.
    Certain { at: NaiveDateTime, order: DateOrder },
    /// A date cell. A spreadsheet in a day-first country may have exchanged its day and month.
    Dated(NaiveDateTime),
    /// Digits whose order has to be found out.
    Digits { date: [u32; 3], time: NaiveTime },
}

/// One way to read all times of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    pub order: DateOrder,
    /// Exchange day and month in date cells.
    pub swapped: bool,
}

impl Stamp {
    /// The time that the cell holds, if it holds one.
    pub fn read(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Date(at) => sane_year(*at).map(Self::Dated),
            Cell::Text(text) | Cell::Number(text) => {
                with_offset(text).or_else(|| serial(text)).or_else(|| Parts::read(text)?.stamp())
            }
        }
    }

    /// The moment, if the reading gives one in that zone.
    pub fn at(self, reading: Reading, zone: Tz) -> Option<DateTime<Utc>> {
        let local = match self {
            Self::Instant(at) => return Some(at),
            Self::Dated(at) if reading.swapped => exchange(at)?,
            Self::Dated(at) | Self::Certain { at, .. } => at,
            Self::Digits { date, time } => day(date, reading.order)?.and_time(time),
        };
        zone.from_local_datetime(&local).earliest().map(|at| at.with_timezone(&Utc))
    }

    /// Whether the order gives a day that exists.
    pub fn allows(self, order: DateOrder) -> bool {
        match self {
            Self::Digits { date, .. } => day(date, order).is_some(),
            Self::Certain { order: written, .. } => written == order,
            Self::Instant(_) => order == DateOrder::Ymd,
            Self::Dated(_) => true,
        }
    }

    pub fn allows_exchange(self) -> bool {
        match self {
            Self::Dated(at) => exchange(at).is_some(),
            _ => true,
        }
    }
}

fn day([a, b, c]: [u32; 3], order: DateOrder) -> Option<NaiveDate> {
    let (year, month, day) = match order {
        DateOrder::Mdy => (c, a, b),
        DateOrder::Dmy => (c, b, a),
        DateOrder::Ymd => (a, b, c),
    };
    let year = if year < 100 { year + 2000 } else { year };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

fn exchange(at: NaiveDateTime) -> Option<NaiveDateTime> {
    NaiveDate::from_ymd_opt(at.year(), at.day(), at.month()).map(|day| day.and_time(at.time()))
}

/// Zoom is younger than 2000; anything outside the century is a misreading.
fn sane_year(at: NaiveDateTime) -> Option<NaiveDateTime> {
    (2000..2100).contains(&at.year()).then_some(at)
}

/// ISO 8601 with `Z` or an offset.
fn with_offset(text: &str) -> Option<Stamp> {
    if !matches!(text.as_bytes(), [b'0'..=b'9', .., b'0'..=b'9' | b'Z' | b'z'] if text.contains(':'))
    {
        return None;
    }
    let text = text.replacen(' ', "T", 1).replace(' ', "");
    let formats = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"];
    let mut read = formats.iter().filter_map(|format| DateTime::parse_from_str(&text, format).ok());
    let at = read.next()?.with_timezone(&Utc);
    sane_year(at.naive_utc())?;
    DateTime::from_timestamp(at.timestamp(), 0).map(Stamp::Instant)
}

/// A date cell that lost its format: days since 30 December 1899.
fn serial(text: &str) -> Option<Stamp> {
    let (days, fraction) = text.split_once(['.', ','])?;
    let all_digits =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if days.len() != 5 || !all_digits(days) || !all_digits(fraction) || fraction.len() > 17 {
        return None;
    }
    let fraction = format!("{fraction:0<9}");
    let billionths: i64 = fraction.get(..9)?.parse().ok()?;
    let seconds = (billionths * 86_400 + 500_000_000) / 1_000_000_000;
    let day = NaiveDate::from_ymd_opt(1899, 12, 30)? + chrono::Days::new(days.parse().ok()?);
    sane_year(day.and_time(NaiveTime::MIN) + chrono::TimeDelta::seconds(seconds)).map(Stamp::Dated)
}

/// The numbers and words of a written time.
struct Parts {
    numbers: Vec<u32>,
    /// The month by name, and how many numbers come before it.
    month: Option<(u32, usize)>,
    half: Option<Half>,
}

#[derive(Clone, Copy, PartialEq)]
enum Half {
    Am,
    Pm,
}

impl Parts {
    /// Nothing when there is a word that does not belong in a time.
    fn read(text: &str) -> Option<Self> {
        let text = text.to_lowercase().replace("a.m.", "am").replace("p.m.", "pm");
        if text.len() > 60 {
            return None;
        }
        let mut parts = Self { numbers: Vec::new(), month: None, half: None };
        let mut rest = text.as_str();
        while let Some(first) = rest.chars().next() {
            let same = |c: char| {
                if first.is_alphabetic() { c.is_alphabetic() } else { c.is_ascii_digit() }
            };
            let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
            if end == 0 {
                is_separator(first).then_some(())?;
                rest = &rest[first.len_utf8()..];
            } else {
                parts.token(&rest[..end])?;
                rest = &rest[end..];
            }
        }
        Some(parts)
    }

    fn token(&mut self, token: &str) -> Option<()> {
        if token.starts_with(|c: char| c.is_ascii_digit()) {
            self.numbers.push(token.parse().ok()?);
        } else if matches!(token, "am" | "pm") {
            self.half = Some(if token == "am" { Half::Am } else { Half::Pm });
        } else if let Some(month) = month(token) {
            self.month = Some((month, self.numbers.len()));
        } else {
            (matches!(token, "t" | "pukul" | "jam" | "at") || is_weekday(token)).then_some(())?;
        }
        Some(())
    }

    fn stamp(&self) -> Option<Stamp> {
        if let Some((month, before)) = self.month {
            let [a, b, ref time @ ..] = *self.numbers else { return None };
            let (order, year, day) = match before {
                0 => (DateOrder::Mdy, b, a),
                1 if a < 100 => (DateOrder::Dmy, b, a),
                1 => (DateOrder::Ymd, a, b),
                _ => return None,
            };
            return certain([year, month, day], self.time(time)?, order);
        }
        let [a, b, c, ref time @ ..] = *self.numbers else { return None };
        let time = self.time(time)?;
        if a >= 100 {
            return certain([a, b, c], time, DateOrder::Ymd);
        }
        let stamp = Stamp::Digits { date: [a, b, c], time };
        let years = c < 100 || (2000..2100).contains(&c);
        let orders = [DateOrder::Mdy, DateOrder::Dmy, DateOrder::Ymd];
        (years && orders.iter().any(|order| stamp.allows(*order))).then_some(stamp)
    }

    /// Hour, minute and perhaps second; a fraction of a second is left out.
    fn time(&self, numbers: &[u32]) -> Option<NaiveTime> {
        let (hour, minute, second) = match *numbers {
            [hour, minute] => (hour, minute, 0),
            [hour, minute, second] | [hour, minute, second, _] => (hour, minute, second),
            _ => return None,
        };
        let hour = match self.half {
            Some(Half::Am) if hour == 12 => 0,
            Some(Half::Am) if hour > 12 => return None,
            Some(Half::Pm) if hour < 12 => hour + 12,
            _ => hour,
        };
        NaiveTime::from_hms_opt(hour, minute, second)
    }
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '/' | '-' | '.' | ':' | ',' | '\'')
}

fn certain([year, month, day]: [u32; 3], time: NaiveTime, order: DateOrder) -> Option<Stamp> {
    let at = self::day([year, month, day], DateOrder::Ymd)?.and_time(time);
    sane_year(at).map(|at| Stamp::Certain { at, order })
}

/// English and Indonesian month names, whole or shortened to at least three letters.
fn month(word: &str) -> Option<u32> {
    const NAMES: [&[&str]; 12] = [
        &["january", "januari"],
        &["february", "februari", "pebruari"],
        &["march", "maret"],
        &["april"],
        &["may", "mei"],
        &["june", "juni"],
        &["july", "juli"],
        &["august", "agustus", "agt", "ags"],
        &["september"],
        &["october", "oktober"],
        &["november", "nopember"],
        &["december", "desember"],
    ];
    let place = NAMES.iter().position(|names| is_short_for(word, names))?;
    u32::try_from(place + 1).ok()
}

/// Days of the week, which say nothing that the date does not.
fn is_weekday(word: &str) -> bool {
    let english = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let indonesian = ["senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu", "ahad"];
    is_short_for(word, &english) || is_short_for(word, &indonesian)
}

/// Whether it is one of the names, whole or shortened to at least three letters.
fn is_short_for(word: &str, names: &[&str]) -> bool {
    word.len() >= 3 && names.iter().any(|name| name.starts_with(word))
}
