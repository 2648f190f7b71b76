//! Which classes there are, when, and what becomes of each.

use super::{
    Size,
    calendar::{around, begins, spread, workday_before, workdays_after},
    dice::Dice,
    themes::{THEMES, Theme},
};
use crate::{attendance::report::Span, web::show};
use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use std::collections::BTreeSet;

/// What becomes of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Over, its attendance decided: which one of its year, from 0.
    Reported {
        of_this_year: bool,
        nth: usize,
    },
    /// Over, its report not uploaded yet.
    Unreported,
    /// Of today; on a day without classes, of the next.
    Today,
    /// To come: in some of them the learner has a seat.
    Coming {
        learner: bool,
    },
    /// No seat left; the learner waits.
    Full,
    /// It was full, and the learner won a seat.
    Won,
    OpensLater,
    Cancelled,
    Draft,
}

/// How the learner of the printed sign-ins attends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Learning {
    Whole,
    TooShort,
}

impl Fate {
    /// In five classes of this year, which make 12 JP, and some of last year.
    pub fn learning(self) -> Option<Learning> {
        match self {
            Self::Reported { of_this_year: true, nth: 0..=4 }
            | Self::Reported { of_this_year: false, nth: 0..=3 } => Some(Learning::Whole),
            Self::Reported { of_this_year: true, nth: 5 } => Some(Learning::TooShort),
            _ => None,
        }
    }
}

/// A class before it is made.
pub(super) struct Outline {
    pub fate: Fate,
    pub starts: DateTime<Utc>,
    pub jp: i32,
    pub theme: &'static Theme,
    /// 1, and more when a theme comes again.
    pub edition: usize,
    pub meeting_id: String,
}

/// Classes to come, by working days from today.
const COMING: [(usize, Fate); 8] = [
    (2, Fate::Coming { learner: true }),
    (4, Fate::Won),
    (5, Fate::Cancelled),
    (7, Fate::Full),
    (11, Fate::Coming { learner: false }),
    (19, Fate::OpensLater),
    (24, Fate::Draft),
    (29, Fate::Draft),
];

/// The fewest classes: one of each fate, and the learner's hours.
pub(super) const FEWEST: usize = COMING.len() + 2 + 7;

/// JP of the classes of this year that were attended, over and over.
const JP: [i32; 9] = [2, 3, 2, 3, 2, 4, 3, 4, 3];

impl Outline {
    pub fn ends(&self) -> DateTime<Utc> {
        let minutes = match self.jp {
            ..=2 => 120,
            3 => 150,
            _ => 180,
        };
        self.starts + Duration::minutes(minutes)
    }

    pub fn time(&self) -> Span {
        Span { from: self.starts, to: self.ends() }
    }
}

/// All classes in order of time.
pub(super) fn outline(dice: &mut Dice, size: &Size, now: DateTime<Utc>) -> Vec<Outline> {
    let today = show::local_day(now);
    let mut planned = past(dice, size, today);
    planned.push((Fate::Unreported, begins((workday_before(today), true))));
    planned.push((Fate::Today, around(now)));
    for (days, fate) in COMING {
        if let Some(day) = workdays_after(today).nth(days) {
            planned.push((fate, begins((day, dice.chance(40)))));
        }
    }
    let mut order: Vec<usize> = (0..THEMES.len()).collect();
    dice.shuffle(&mut order);
    let mut meetings = BTreeSet::new();
    let outlined = planned.into_iter().enumerate().map(|(at, (fate, starts))| Outline {
        fate,
        starts,
        jp: jp(dice, fate),
        theme: &THEMES[order[at % THEMES.len()]],
        edition: at / THEMES.len() + 1,
        meeting_id: meeting_id(dice, &mut meetings),
    });
    outlined.collect()
}

/// The classes whose attendance was decided. The first days of a year have
/// room for few, so the rest falls into the years before.
fn past(dice: &mut Dice, size: &Size, today: NaiveDate) -> Vec<(Fate, DateTime<Utc>)> {
    let years = usize::try_from(size.years).unwrap_or(1).max(1);
    let until = workday_before(today);
    let all = usize::try_from(size.classes).unwrap_or(0).saturating_sub(COMING.len() + 2);
    let new_year = day(today.year(), 1, today);
    let of_this_year = spread(dice, new_year, until, (all / years).max(7).min(all));
    let earlier = match size.years {
        ..=1 => day(today.year() - 1, 12, today),
        _ => day(today.year() - i32::try_from(size.years).unwrap_or(2) + 1, 1, today),
    };
    let of_earlier = spread(dice, earlier, until.min(new_year), all - of_this_year.len());
    let last = day(today.year() - 1, 1, today);
    let of_last_year = of_earlier.iter().filter(|(day, _)| *day >= last).count();
    let before = of_earlier.len() - of_last_year;
    // The learner of the sign-ins attends from last year on.
    let earlier = of_earlier.into_iter().enumerate().map(|(at, slot)| {
        let nth = at.checked_sub(before).unwrap_or(usize::MAX);
        (Fate::Reported { of_this_year: false, nth }, begins(slot))
    });
    let this = of_this_year.into_iter().enumerate();
    earlier
        .chain(this.map(|(nth, slot)| (Fate::Reported { of_this_year: true, nth }, begins(slot))))
        .collect()
}

fn day(year: i32, month: u32, otherwise: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, 1).unwrap_or(otherwise)
}

fn jp(dice: &mut Dice, fate: Fate) -> i32 {
    match fate {
        Fate::Reported { of_this_year: true, nth } => JP[nth % JP.len()],
        Fate::Today => 2,
        _ => *dice.pick(&[2, 2, 2, 3, 3, 4]),
    }
}

/// Eleven digits that no other class has.
fn meeting_id(dice: &mut Dice, used: &mut BTreeSet<i32>) -> String {
    let mut number = dice.between(100_000_000, 999_999_999);
    while !used.insert(number) {
        number += 1;
    }
    format!("84{number:09}")
}
