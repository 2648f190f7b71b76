//! When classes take place: on working days, in the morning or after the break.

use super::dice::Dice;
use crate::web::form::local;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc, Weekday};

/// A day on which a class can be, and whether it is after the break.
pub(super) type Slot = (NaiveDate, bool);

/// Not at the weekend, nor on a holiday that has the same date every year.
pub(super) fn is_workday(day: NaiveDate) -> bool {
    let holiday = matches!((day.month(), day.day()), (1 | 5 | 6, 1) | (8, 17) | (12, 25 | 26));
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !holiday
}

/// Working days after this one, without end.
pub(super) fn workdays_after(day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (1..)
        .map_while(move |days| day.checked_add_days(Days::new(days)))
        .filter(|day| is_workday(*day))
}

/// The working day before this one.
pub(super) fn workday_before(day: NaiveDate) -> NaiveDate {
    let mut days = (1..=15).filter_map(|days| day.checked_sub_days(Days::new(days)));
    days.find(|day| is_workday(*day)).unwrap_or(day)
}

/// A time of a day in the province.
pub(super) fn at(day: NaiveDate, hour: u32, minute: u32) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN);
    local(day, time).unwrap_or_else(|| day.and_time(time).and_utc())
}

/// When a class in that slot begins.
pub(super) fn begins((day, late): Slot) -> DateTime<Utc> {
    if late { at(day, 13, 30) } else { at(day, 9, 0) }
}

/// So many slots from one day to before another, spread evenly, in order;
/// fewer when there are not as many.
pub(super) fn spread(
    dice: &mut Dice,
    from: NaiveDate,
    until: NaiveDate,
    wanted: usize,
) -> Vec<Slot> {
    let days = from.iter_days().take_while(|day| *day < until).filter(|day| is_workday(*day));
    let slots: Vec<Slot> = days.flat_map(|day| [(day, false), (day, true)]).collect();
    let wanted = wanted.min(slots.len());
    let chosen = (0..wanted).map(|nth| {
        let (start, end) = (nth * slots.len() / wanted, (nth + 1) * slots.len() / wanted);
        slots[start + dice.below(end - start)]
    });
    chosen.collect()
}

/// When the class of today began or begins: half an hour ago on a working day,
/// else at nine on the next.
pub(super) fn around(now: DateTime<Utc>) -> DateTime<Utc> {
    let quarter = 15 * 60;
    let start = now.timestamp() - 30 * 60;
    let start = DateTime::from_timestamp(start - start.rem_euclid(quarter), 0).unwrap_or(now);
    let today = crate::web::show::local_day(now);
    if is_workday(today) && (at(today, 7, 0)..at(today, 21, 30)).contains(&start) {
        return start;
    }
    if is_workday(today) && now < at(today, 9, 0) {
        return at(today, 9, 0);
    }
    workdays_after(today).next().map_or(start, |day| at(day, 9, 0))
}
