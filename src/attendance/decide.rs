//! The decision on one person: a function of all evidence that stands.

use super::{
    Outcome, duration,
    report::{Span, clip, seconds},
};
use crate::ids::EvidenceId;
use std::collections::BTreeMap;

/// When somebody counts as present.
#[derive(Debug, Clone)]
pub struct Rule {
    /// When the class really took place.
    pub parts: Vec<Span>,
    /// The share of that time that is needed, in percent.
    pub percent: i32,
    /// What presence earns.
    pub jp: i32,
}

impl Rule {
    /// How long the class took, in seconds.
    pub fn whole(&self) -> i64 {
        seconds(&self.parts)
    }

    /// How long somebody must be there, in seconds, rounded up.
    pub fn needed(&self) -> i64 {
        (self.whole() * i64::from(self.percent) + 99) / 100
    }
}

/// What is known from one piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// From a report with times.
    Spans(Vec<Span>),
    /// From a report with totals alone: which one, and seconds.
    Total { import: i64, seconds: i64 },
    /// Somebody decided by hand.
    Verdict { present: bool, reason: String },
}

/// What was concluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub outcome: Outcome,
    /// Seconds present, as measured.
    pub seconds: i64,
    pub jp: i32,
    /// Says why.
    pub sentence: String,
}

/// Concludes from the evidence that stands, given in the order of its ids.
/// `reported` says whether any report of the class stands: only then absence
/// can be concluded from silence.
pub fn decide(rule: &Rule, evidence: &[(EvidenceId, Known)], reported: bool) -> Decided {
    let measured = measure(rule, evidence);
    let verdict = evidence.iter().rev().find_map(|(_, known)| match known {
        Known::Verdict { present, reason } => Some((*present, reason)),
        Known::Spans(_) | Known::Total { .. } => None,
    });
    let (outcome, sentence) = match verdict {
        Some((true, reason)) => {
            (Outcome::Present, format!("Ditetapkan hadir oleh penyelenggara: {reason}"))
        }
        Some((false, reason)) => {
            (Outcome::Absent, format!("Ditetapkan tidak hadir oleh penyelenggara: {reason}"))
        }
        None if evidence.is_empty() && !reported => {
            (Outcome::Undecided, "Belum ada bukti kehadiran.".to_owned())
        }
        None => conclude(rule, measured),
    };
    let jp = if outcome == Outcome::Present { rule.jp } else { 0 };
    Decided { outcome, seconds: measured, jp, sentence }
}

fn conclude(rule: &Rule, measured: i64) -> (Outcome, String) {
    let (there, whole, needed) =
        (duration(measured), duration(rule.whole()), duration(rule.needed()));
    let percent = rule.percent;
    if measured >= rule.needed() && measured > 0 {
        (Outcome::Present, format!("Hadir {there} dari {whole}; batasnya {needed} ({percent}%)."))
    } else if measured > 0 {
        (
            Outcome::Partial,
            format!("Hadir {there} dari {whole}, kurang dari batas {needed} ({percent}%)."),
        )
    } else {
        (Outcome::Absent, "Tidak tercatat hadir dalam laporan Zoom pada waktu kelas.".to_owned())
    }
}

/// Seconds present. Times are united and cut to the class: rejoins and second
/// devices never count twice. Totals say nothing of when, so they add up over
/// reports, and the greater of the two measures counts: the same meeting
/// reported in both forms is not added to itself.
fn measure(rule: &Rule, evidence: &[(EvidenceId, Known)]) -> i64 {
    let mut spans = Vec::new();
    let mut totals: BTreeMap<i64, i64> = BTreeMap::new();
    for (_, known) in evidence {
        match known {
            Known::Spans(some) => spans.extend_from_slice(some),
            Known::Total { import, seconds } => {
                let total = totals.entry(*import).or_default();
                *total = (*total).max(*seconds);
            }
            Known::Verdict { .. } => {}
        }
    }
    let timed = seconds(&clip(&spans, &rule.parts));
    let summed: i64 = totals.values().sum();
    timed.max(summed.min(rule.whole()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Duration, Utc};

    fn at(minute: i64) -> DateTime<Utc> {
        let nine: DateTime<Utc> = "2026-11-24T01:00:00Z".parse().unwrap();
        nine + Duration::minutes(minute)
    }

    fn span(from: i64, to: i64) -> Span {
        Span { from: at(from), to: at(to) }
    }

    fn rule() -> Rule {
        Rule { parts: vec![span(0, 120)], percent: 80, jp: 2 }
    }

    fn judged(known: Vec<Known>) -> Decided {
        let evidence: Vec<_> = (1..).map(EvidenceId).zip(known).collect();
        decide(&rule(), &evidence, true)
    }

    #[test]
    fn eighty_percent_is_needed_to_the_second() {
        assert_eq!(rule().needed(), 5760);
        assert_eq!(judged(vec![Known::Spans(vec![span(0, 96)])]).jp, 2);
        let short = Span { from: at(0), to: at(96) - Duration::seconds(1) };
        let partial = judged(vec![Known::Spans(vec![short])]);
        assert_eq!((partial.outcome, partial.jp), (Outcome::Partial, 0));
        assert_eq!(
            partial.sentence,
            "Hadir 95 menit 59 detik dari 120 menit, kurang dari batas 96 menit (80%)."
        );
    }

    #[test]
    fn two_reports_add_up_and_overlaps_do_not() {
        let halves =
            judged(vec![Known::Spans(vec![span(-10, 60)]), Known::Spans(vec![span(50, 130)])]);
        assert_eq!((halves.seconds, halves.outcome), (7200, Outcome::Present));
        let twice = judged(vec![Known::Spans(vec![span(0, 60)]), Known::Spans(vec![span(0, 60)])]);
        assert_eq!((twice.seconds, twice.outcome), (3600, Outcome::Partial));
    }

    #[test]
    fn totals_add_up_over_reports_but_not_to_times() {
        let total = |import, minutes: i64| Known::Total { import, seconds: minutes * 60 };
        assert_eq!(judged(vec![total(1, 50), total(2, 50)]).seconds, 6000);
        assert_eq!(judged(vec![total(1, 50), total(1, 40)]).seconds, 3000);
        assert_eq!(judged(vec![total(1, 500)]).seconds, 7200);
        assert_eq!(judged(vec![total(1, 50), Known::Spans(vec![span(0, 50)])]).seconds, 3000);
    }

    #[test]
    fn the_last_word_by_hand_decides() {
        let said = |present, reason: &str| Known::Verdict { present, reason: reason.into() };
        let verdict = judged(vec![Known::Spans(vec![span(0, 10)]), said(true, "siaran terputus")]);
        assert_eq!((verdict.outcome, verdict.jp, verdict.seconds), (Outcome::Present, 2, 600));
        let last = judged(vec![said(true, "a"), said(false, "orang lain memakai akunnya")]);
        assert_eq!((last.outcome, last.jp), (Outcome::Absent, 0));
    }

    #[test]
    fn silence_means_absence_only_once_a_report_stands() {
        assert_eq!(decide(&rule(), &[], false).outcome, Outcome::Undecided);
        assert_eq!(decide(&rule(), &[], true).outcome, Outcome::Absent);
    }
}
