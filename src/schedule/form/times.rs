//! The stretches of teaching in the form: a day and two times for each.

use crate::{
    class::Part,
    web::{
        form::{Problems, local},
        show,
    },
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The names of the fields of each part; as many parts as a class may have.
const NAMES: [[&str; 3]; 8] = [
    ["day", "from", "to"],
    ["day2", "from2", "to2"],
    ["day3", "from3", "to3"],
    ["day4", "from4", "to4"],
    ["day5", "from5", "to5"],
    ["day6", "from6", "to6"],
    ["day7", "from7", "to7"],
    ["day8", "from8", "to8"],
];

/// One part as typed.
#[derive(Debug, Clone)]
pub struct Stretch {
    pub day: String,
    pub from: String,
    pub to: String,
}

/// All parts as typed; never none.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "BTreeMap<String, String>")]
pub struct Times(Vec<Stretch>);

impl Default for Times {
    fn default() -> Self {
        Self(vec![Stretch { day: String::new(), from: "09.00".into(), to: "11.00".into() }])
    }
}

impl From<BTreeMap<String, String>> for Times {
    fn from(mut typed: BTreeMap<String, String>) -> Self {
        let mut stretches = Vec::new();
        for [day, from, to] in NAMES {
            let (day, from, to) = (typed.remove(day), typed.remove(from), typed.remove(to));
            if day.is_some() || from.is_some() || to.is_some() {
                stretches.push(Stretch {
                    day: day.unwrap_or_default(),
                    from: from.unwrap_or_default(),
                    to: to.unwrap_or_default(),
                });
            }
        }
        if stretches.is_empty() { Self::default() } else { Self(stretches) }
    }
}

impl Times {
    /// The parts of a class that stands.
    pub fn of(parts: &[Part]) -> Self {
        let typed = |part: &Part| Stretch {
            day: show::local_day(part.starts).to_string(),
            from: show::time(part.starts),
            to: show::time(part.ends),
        };
        Self(parts.iter().map(typed).collect())
    }

    /// The parts with the names of their fields, for the form.
    pub fn fields(&self) -> impl Iterator<Item = (&Stretch, [&'static str; 3])> {
        self.0.iter().zip(NAMES)
    }

    /// A field's label: of several parts, each says which.
    pub fn label(&self, field: &str, nth: usize) -> String {
        if self.one() { field.into() } else { format!("{field}, bagian {}", nth + 1) }
    }

    pub fn one(&self) -> bool {
        self.0.len() == 1
    }

    pub fn full(&self) -> bool {
        self.0.len() == NAMES.len()
    }

    /// One part more: the day after, at the same time.
    pub fn add(&mut self) {
        if let Some(last) = self.0.last().filter(|_| !self.full()) {
            let day = Problems::default().date("day", &last.day).and_then(|day| day.succ_opt());
            let day = day.map(|day| day.to_string()).unwrap_or_default();
            self.0.push(Stretch { day, ..last.clone() });
        }
    }

    /// One part fewer.
    pub fn drop_last(&mut self) {
        if !self.one() {
            self.0.pop();
        }
    }

    /// All parts in one line, to be compared.
    pub fn shown(&self) -> String {
        let time = |typed: &str| match Problems::default().time("from", typed) {
            Some(time) => time.format("%H.%M").to_string(),
            None => typed.trim().to_owned(),
        };
        let shown = |part: &Stretch| {
            format!("{} {}–{}", shown_day(&part.day), time(&part.from), time(&part.to))
        };
        self.0.iter().map(shown).collect::<Vec<_>>().join("; ")
    }

    /// The parts in order of time, or nothing and what is wrong.
    pub fn parse(&self, problems: &mut Problems) -> Option<Vec<Part>> {
        let read: Vec<_> =
            self.fields().map(|(stretch, names)| stretch.parse(names, problems)).collect();
        let mut parts = read.into_iter().collect::<Option<Vec<Part>>>()?;
        for (nth, part) in parts.iter().enumerate() {
            let overlaps = |other: &Part| part.starts < other.ends && other.starts < part.ends;
            if parts[..nth].iter().any(overlaps) {
                return problems
                    .note(NAMES[nth][0], "Bagian ini bertumpang tindih dengan bagian lain.");
            }
        }
        parts.sort_by_key(|part| part.starts);
        Some(parts)
    }
}

impl Stretch {
    fn parse(&self, names: [&'static str; 3], problems: &mut Problems) -> Option<Part> {
        let day = problems.date(names[0], &self.day);
        let from = problems.time(names[1], &self.from);
        let to = problems.time(names[2], &self.to);
        let (day, from, to) = (day?, from?, to?);
        if to <= from {
            return problems.note(names[2], "Jam selesai harus sesudah jam mulai.");
        }
        Some(Part { starts: local(day, from)?, ends: local(day, to)?, really: None })
    }
}

/// A day as people read it, or what was typed where that is none.
pub(super) fn shown_day(typed: &str) -> String {
    match Problems::default().date("day", typed) {
        Some(day) => show::weekday_short(day),
        None => typed.trim().to_owned(),
    }
}
