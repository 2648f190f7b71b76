//! Which order of day and month, and which time zone, the times of a report are in.

use chrono_tz::{Asia, Tz};

use super::moment::{Reading, Stamp};
use super::span::{Span, merge};
use super::{DateOrder, Expected, Hints, OrderReason, ReportError, ZoneReason};

/// How to read the times of one file.
#[derive(Debug, PartialEq)]
pub(super) struct Calendar {
    pub reading: Reading,
    pub order_reason: OrderReason,
    pub zone: Tz,
    pub zone_reason: ZoneReason,
}

/// A join and a leave.
pub(super) type Stay = (Stamp, Stamp);

/// Zoom ends a meeting after 30 hours; a longer stay is a wrongly read date.
pub(super) const LONGEST_STAY: i64 = 48 * 3600;

/// A report with no time this near to the class is another day's.
const SAME_DAY: i64 = 12 * 3600;

/// Where a report may have been written, and how people call that; the first is preferred.
pub const ZONES: [(Tz, &str); 4] = [
    (Asia::Makassar, "WITA (Makassar)"),
    (Asia::Jakarta, "WIB (Jakarta)"),
    (Asia::Jayapura, "WIT (Jayapura)"),
    (Tz::UTC, "UTC"),
];

const ORDERS: [DateOrder; 3] = [DateOrder::Mdy, DateOrder::Dmy, DateOrder::Ymd];

/// Finds the one order and zone for all times, by what the operator says, what the digits
/// allow and what agrees best with the class.
pub(super) fn infer(
    stays: &[Stay],
    expected: &Expected,
    hints: &Hints,
) -> Result<Calendar, ReportError> {
    if stays.is_empty() {
        return Ok(without_times(hints));
    }
    let orders = orders(stays, hints)?;
    let readings = readings(stays, &orders, hints)?;
    let zones = hints.zone.map_or_else(|| ZONES.map(|(zone, _)| zone).to_vec(), |zone| vec![zone]);
    let class = merge(expected.parts.clone());
    let (reading, fits) = best(stays, &class, &readings, &zones);
    let (zone, zone_reason) =
        if class.is_empty() { usual(hints) } else { choose_zone(&fits, hints) };
    if let Some(found) = other_day(stays, reading, zone, &fits, &class) {
        return Err(ReportError::OtherDay { found });
    }
    let order_reason = match orders.as_slice() {
        [order] if hints.date_order == Some(*order) => OrderReason::Given,
        [_] => OrderReason::OnlyPossible,
        _ => OrderReason::AgreesWithClass,
    };
    Ok(Calendar { reading, order_reason, zone, zone_reason })
}

/// The span of a stay, if it can be read and does not last beyond belief.
pub(super) fn span(stay: &Stay, reading: Reading, zone: Tz) -> Option<Span> {
    let span = Span { from: stay.0.at(reading, zone)?, to: stay.1.at(reading, zone)? };
    (span.from <= span.to && span.seconds() <= LONGEST_STAY).then_some(span)
}

fn without_times(hints: &Hints) -> Calendar {
    Calendar {
        reading: Reading { order: hints.date_order.unwrap_or(DateOrder::Mdy), swapped: false },
        order_reason: OrderReason::NoTimes,
        zone: hints.zone.unwrap_or(ZONES[0].0),
        zone_reason: if hints.zone.is_some() { ZoneReason::Given } else { ZoneReason::NoTimes },
    }
}

/// The orders under which every time can be read; when there is none, because a file mixes
/// them, those under which some can.
fn orders(stays: &[Stay], hints: &Hints) -> Result<Vec<DateOrder>, ReportError> {
    let written: Vec<Stamp> = stays.iter().flat_map(|(join, leave)| [*join, *leave]).collect();
    let digits = |stamp: &&Stamp| matches!(stamp, Stamp::Digits { .. });
    let decisive: Vec<&Stamp> = if written.iter().any(|stamp| digits(&stamp)) {
        written.iter().filter(digits).collect()
    } else {
        written.iter().collect()
    };
    let allowed_by = |enough: fn(&[&Stamp], DateOrder) -> bool| -> Vec<DateOrder> {
        ORDERS.into_iter().filter(|order| enough(&decisive, *order)).collect()
    };
    let by_all = allowed_by(|stamps, order| stamps.iter().all(|stamp| stamp.allows(order)));
    let by_some = allowed_by(|stamps, order| stamps.iter().any(|stamp| stamp.allows(order)));
    let possible = if by_all.is_empty() { by_some } else { by_all };
    let dated_only = decisive.iter().all(|stamp| matches!(stamp, Stamp::Dated(_)));
    if dated_only {
        return Ok(vec![DateOrder::Ymd]);
    }
    match hints.date_order {
        Some(given) if possible.contains(&given) => Ok(vec![given]),
        Some(given) => Err(ReportError::ImpossibleOrder { given, possible }),
        None => Ok(possible),
    }
}

/// A spreadsheet exchanges day and month in all cells that it takes for dates, or in none.
fn readings(
    stays: &[Stay],
    orders: &[DateOrder],
    hints: &Hints,
) -> Result<Vec<Reading>, ReportError> {
    let dated = |stamp: Stamp| matches!(stamp, Stamp::Dated(_));
    let any_dated = stays.iter().any(|(join, leave)| dated(*join) || dated(*leave));
    let may_swap = any_dated
        && stays.iter().all(|(join, leave)| join.allows_exchange() && leave.allows_exchange());
    let ways: &[bool] = match hints.exchanged {
        Some(true) if !may_swap => return Err(ReportError::ImpossibleExchange),
        Some(true) => &[true],
        None if may_swap => &[false, true],
        Some(false) | None => &[false],
    };
    let each = |swapped: &bool| {
        orders.iter().map(|order| Reading { order: *order, swapped: *swapped }).collect()
    };
    Ok(ways.iter().flat_map(|swapped| -> Vec<Reading> { each(swapped) }).collect())
}

/// How well the stays agree with the class in one zone.
#[derive(Clone, Copy)]
struct Fit {
    zone: Tz,
    /// Seconds of all stays inside the class.
    inside: i64,
    /// Seconds from the class to the nearest stay.
    distance: i64,
}

/// The reading that agrees best in any of the zones, with its fit in each.
fn best(stays: &[Stay], class: &[Span], readings: &[Reading], zones: &[Tz]) -> (Reading, Vec<Fit>) {
    let fits = |reading: Reading| -> Vec<Fit> {
        zones.iter().map(|zone| fit(stays, class, reading, *zone)).collect()
    };
    let merit = |fits: &[Fit]| {
        let inside = fits.iter().map(|fit| fit.inside).max().unwrap_or(0);
        let distance = fits.iter().map(|fit| fit.distance).min().unwrap_or(i64::MAX);
        (inside, std::cmp::Reverse(distance))
    };
    let mut best = (Reading { order: DateOrder::Mdy, swapped: false }, Vec::new());
    for reading in readings {
        let tried = fits(*reading);
        if best.1.is_empty() || merit(&tried) > merit(&best.1) {
            best = (*reading, tried);
        }
    }
    best
}

fn fit(stays: &[Stay], class: &[Span], reading: Reading, zone: Tz) -> Fit {
    let mut fit = Fit { zone, inside: 0, distance: i64::MAX };
    for span in stays.iter().filter_map(|stay| span(stay, reading, zone)) {
        let inside = class.iter().filter_map(|part| span.overlap(*part));
        fit.inside += inside.map(Span::seconds).sum::<i64>();
        let nearest = class.iter().map(|part| span.gap(*part)).min();
        fit.distance = fit.distance.min(nearest.unwrap_or(i64::MAX));
    }
    fit
}

/// The zone where there is nothing to compare with.
fn usual(hints: &Hints) -> (Tz, ZoneReason) {
    hints.zone.map_or((ZONES[0].0, ZoneReason::Usual), |zone| (zone, ZoneReason::Given))
}

/// The first zone, unless another agrees with the class more than twice as well.
fn choose_zone(fits: &[Fit], hints: &Hints) -> (Tz, ZoneReason) {
    if let Some(zone) = hints.zone {
        return (zone, ZoneReason::Given);
    }
    let mut best: Option<Fit> = None;
    for fit in fits {
        if best.is_none_or(|best| fit.inside > best.inside) {
            best = Some(*fit);
        }
    }
    match (fits.first(), best) {
        (_, Some(best)) if best.inside == 0 => (ZONES[0].0, ZoneReason::NothingFits),
        (Some(usual), Some(best)) if usual.inside == 0 => (best.zone, ZoneReason::OnlyFit),
        (Some(usual), Some(best)) if usual.inside * 2 < best.inside => {
            (best.zone, ZoneReason::AgreesWithClass)
        }
        _ => (ZONES[0].0, ZoneReason::Usual),
    }
}

/// The day of the report when nothing in it is near the class, however it is read.
fn other_day(
    stays: &[Stay],
    reading: Reading,
    zone: Tz,
    fits: &[Fit],
    class: &[Span],
) -> Option<chrono::NaiveDate> {
    let nearest = fits.iter().map(|fit| fit.distance).min()?;
    if class.is_empty() || nearest <= SAME_DAY {
        return None;
    }
    let first = stays.iter().find_map(|stay| span(stay, reading, zone))?;
    Some(first.from.with_timezone(&zone).date_naive())
}
