//! Stretches of time: joining them, cutting them to the class, adding them up.

use chrono::{DateTime, Utc};

/// From one moment up to, not including, a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

impl Span {
    /// Length in whole seconds; zero when the end is not after the start.
    pub fn seconds(self) -> i64 {
        (self.to - self.from).num_seconds().max(0)
    }

    /// The part that both have.
    pub(super) fn overlap(self, other: Self) -> Option<Self> {
        let both = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (both.from < both.to).then_some(both)
    }

    /// Seconds between the two; zero when they touch or overlap.
    pub(super) fn gap(self, other: Self) -> i64 {
        let before = (other.from - self.to).num_seconds();
        let after = (self.from - other.to).num_seconds();
        before.max(after).max(0)
    }
}

/// The union: in order, without overlaps, touching spans made one, empty ones left out.
pub fn merge(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| span.from < span.to);
    spans.sort_unstable();
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => merged.push(span),
        }
    }
    merged
}

/// What of `spans` lies inside `within`, merged.
pub fn clip(spans: &[Span], within: &[Span]) -> Vec<Span> {
    let inside = |span: &Span| within.iter().filter_map(|part| span.overlap(*part)).collect();
    merge(spans.iter().flat_map(|span| -> Vec<Span> { inside(span) }).collect())
}

/// Length of the union in seconds: time covered twice counts once.
pub fn seconds(spans: &[Span]) -> i64 {
    merge(spans.to_vec()).into_iter().map(Span::seconds).sum()
}
