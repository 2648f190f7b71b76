//! All that bears on the attendance of one class, and what follows from it.

mod stored;

pub use stored::spans;

use super::{Decided, Known, Outcome, Rule, decide, report::Span};
use crate::{
    class::{self, Class, State},
    ids::{ClassId, DecisionId, EvidenceId, PersonId},
    ledger, people,
    web::show,
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// The decision that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub revision: i32,
    pub outcome: Outcome,
    pub jp: i32,
    seconds: i64,
    needed: i64,
    whole: i64,
    sentence: String,
    evidence: Vec<i64>,
}

/// Why nothing can be recorded of a class.
#[derive(Debug, thiserror::Error)]
pub enum NotOpen {
    #[error("Kelas ini tidak terbit, jadi kehadirannya tidak dapat dicatat.")]
    NotPublished,
    #[error("Kelas ini belum dimulai.")]
    NotYet,
}

/// Whether attendance can be recorded: of a published class that has begun.
pub fn open(class: &Class, now: DateTime<Utc>) -> Result<(), NotOpen> {
    match class.state {
        State::Draft | State::Cancelled => Err(NotOpen::NotPublished),
        State::Published if class.starts() > now => Err(NotOpen::NotYet),
        State::Published => Ok(()),
    }
}

/// The evidence of a class, its rule, and the decisions that hold, as they are
/// before somebody who decides.
#[derive(Debug, Clone)]
pub struct Case {
    pub class: ClassId,
    by: PersonId,
    /// Every record that reads as theirs.
    own: Vec<PersonId>,
    title: String,
    day: NaiveDate,
    pub rule: Rule,
    pub enrolled: BTreeSet<PersonId>,
    /// Those whose certificate of this class is live: their presence stands until it is revoked.
    pub certified: BTreeSet<PersonId>,
    evidence: BTreeMap<PersonId, Vec<(EvidenceId, Known)>>,
    held: BTreeMap<PersonId, Held>,
    /// Whether any report stands.
    pub reported: bool,
}

/// A decision that is to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub person: PersonId,
    pub before: Option<(Outcome, i32)>,
    pub after: Decided,
    /// Why it stays as it is after all.
    pub kept: Option<Kept>,
}

/// Why a decision stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Their certificate is live: it has to be revoked first.
    Certified,
    /// Nobody decides on their own attendance.
    Own,
}

impl Kept {
    pub fn label(self) -> &'static str {
        match self {
            Self::Certified => "sertifikatnya masih berlaku",
            Self::Own => "kehadiran Anda sendiri diputuskan penyelenggara lain",
        }
    }
}

impl Changed {
    /// Whether somebody reading the list would see a difference.
    pub fn matters(&self) -> bool {
        self.before.map_or(self.after.outcome != Outcome::Undecided, |before| {
            before != (self.after.outcome, self.after.jp)
        })
    }

    /// Whether something else than silence is to be overturned.
    pub fn overturns(&self) -> bool {
        self.before.is_some_and(|(outcome, _)| outcome != Outcome::Undecided)
    }
}

impl Case {
    /// Reads everything that bears on the class, for somebody who decides.
    pub async fn load(db: &mut PgConnection, class: ClassId, by: PersonId) -> sqlx::Result<Self> {
        let facts = class::find(db, class).await?;
        Self::of(db, facts, by).await
    }

    /// The same of a class whose presence is counted as given.
    pub async fn of(db: &mut PgConnection, facts: Class, by: PersonId) -> sqlx::Result<Self> {
        let class = facts.id;
        Ok(Self {
            class,
            by,
            own: people::records(db, by).await?,
            rule: Rule {
                parts: facts.parts.iter().map(real).collect(),
                percent: facts.presence_percent,
                jp: facts.jp,
            },
            day: show::local_day(facts.starts()),
            title: facts.title,
            enrolled: stored::enrolled(db, class).await?,
            certified: stored::certified(db, class).await?,
            evidence: stored::evidence(db, class).await?,
            held: stored::held(db, class).await?,
            reported: stored::reported(db, class).await?,
        })
    }

    /// Adds evidence that is not stored yet, to see what would follow.
    pub fn suppose(&mut self, person: PersonId, known: Known) {
        self.evidence.entry(person).or_default().push((EvidenceId(i64::MAX), known));
    }

    /// Takes evidence away where the test says so, to see what would follow.
    pub fn without(&mut self, test: impl Fn(EvidenceId) -> bool) {
        for known in self.evidence.values_mut() {
            known.retain(|(id, _)| !test(*id));
        }
    }

    /// The decision that holds for a person.
    pub fn held(&self, person: PersonId) -> Option<&Held> {
        self.held.get(&person)
    }

    /// Everybody on whom a decision is due or was taken.
    fn people(&self) -> BTreeSet<PersonId> {
        let known =
            self.evidence.iter().filter(|(_, known)| !known.is_empty()).map(|(person, _)| *person);
        self.enrolled.iter().copied().chain(known).chain(self.held.keys().copied()).collect()
    }

    fn conclude(&self, person: PersonId) -> Decided {
        let evidence = self.evidence.get(&person).map_or(&[][..], Vec::as_slice);
        // Silence tells on those who had a seat, not on those who came without.
        let reported = self.reported && self.enrolled.contains(&person);
        decide(&self.rule, evidence, reported)
    }

    fn ids(&self, person: PersonId) -> Vec<i64> {
        self.evidence
            .get(&person)
            .map_or_else(Vec::new, |known| known.iter().map(|(id, _)| id.0).collect())
    }

    /// What would change if it were decided now, by person.
    pub fn changes(&self) -> Vec<Changed> {
        let judged = self.people().into_iter().map(|person| (person, self.conclude(person)));
        judged.filter_map(|(person, after)| self.change(person, after)).collect()
    }

    fn change(&self, person: PersonId, after: Decided) -> Option<Changed> {
        let before = self.held.get(&person);
        let same = before.map_or(after.outcome == Outcome::Undecided, |held| {
            (held.outcome, held.jp, held.seconds, held.needed, held.whole)
                == (after.outcome, after.jp, after.seconds, self.rule.needed(), self.rule.whole())
                && held.evidence == self.ids(person)
                && held.sentence == after.sentence
        });
        if same {
            return None;
        }
        let was_present = before.is_some_and(|held| held.outcome == Outcome::Present);
        let stripped = was_present && after.outcome != Outcome::Present;
        let kept = match person {
            person if self.own.contains(&person) => Some(Kept::Own),
            person if stripped && self.certified.contains(&person) => Some(Kept::Certified),
            _ => None,
        };
        Some(Changed { person, before: before.map(|held| (held.outcome, held.jp)), after, kept })
    }

    /// Decides on everybody, and books the hours. The caller holds the class's
    /// lock and loaded the case under it.
    pub async fn settle(
        &self,
        db: &mut PgConnection,
        why: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Vec<Changed>> {
        self.record(db, self.changes(), why, now).await
    }

    /// Writes those of the changes that nothing forbids, and books the hours.
    pub async fn record(
        &self,
        db: &mut PgConnection,
        mut changes: Vec<Changed>,
        why: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Vec<Changed>> {
        changes.retain(|change| change.kept.is_none());
        let decisions = self.write(db, &changes, now).await?;
        let credits = ledger::standing_credits(db, self.class).await?;
        let mut entries = Vec::new();
        for change in &changes {
            let held = self.held.get(&change.person).map_or(0, |held| held.jp);
            if held == change.after.jp {
                continue;
            }
            let decision = decisions.get(&change.person).copied();
            if let Some(credit) = credits.iter().find(|credit| credit.person == change.person) {
                entries.push(self.entry(
                    change.person,
                    -credit.jp,
                    decision,
                    Some(credit.number),
                    format!("Koreksi: {why}"),
                ));
            }
            if change.after.jp > 0 {
                entries.push(self.entry(
                    change.person,
                    change.after.jp,
                    decision,
                    None,
                    self.title.clone(),
                ));
            }
        }
        ledger::append(db, &entries, self.by, now).await?;
        Ok(changes)
    }

    fn entry(
        &self,
        person: PersonId,
        jp: i32,
        decision: Option<DecisionId>,
        reverses: Option<i32>,
        note: String,
    ) -> ledger::New {
        ledger::New {
            person,
            happened_on: self.day,
            jp,
            class: Some(self.class),
            decision,
            reverses,
            note,
        }
    }

    async fn write(
        &self,
        db: &mut PgConnection,
        changes: &[Changed],
        now: DateTime<Utc>,
    ) -> sqlx::Result<BTreeMap<PersonId, DecisionId>> {
        let people: Vec<i64> = changes.iter().map(|change| change.person.0).collect();
        let revision =
            |change: &Changed| self.held.get(&change.person).map_or(1, |held| held.revision + 1);
        let revisions: Vec<i32> = changes.iter().map(revision).collect();
        let outcomes: Vec<Outcome> = changes.iter().map(|change| change.after.outcome).collect();
        let whole = |seconds: i64| i32::try_from(seconds).unwrap_or(i32::MAX);
        let seconds: Vec<i32> = changes.iter().map(|change| whole(change.after.seconds)).collect();
        let jp: Vec<i32> = changes.iter().map(|change| change.after.jp).collect();
        let sentences: Vec<String> =
            changes.iter().map(|change| change.after.sentence.clone()).collect();
        let evidence: Vec<String> =
            changes.iter().map(|change| array(self.ids(change.person))).collect();
        let rows = sqlx::query!(
            r#"insert into decision (class_id, person_id, revision, outcome, seconds, needed, class_seconds, jp, sentence,
                 evidence_ids, decided_at, decided_by)
               select $1, person, revision, outcome, seconds, $2, $3, jp, sentence, ids::bigint[], $4, $5
               from unnest($6::bigint[], $7::int[], $8::outcome[], $9::int[], $10::int[], $11::text[], $12::text[])
                 n (person, revision, outcome, seconds, jp, sentence, ids)
               returning id, person_id"#,
            self.class.0,
            whole(self.rule.needed()),
            whole(self.rule.whole()),
            now,
            self.by.0,
            &people,
            &revisions,
            &outcomes as &[Outcome],
            &seconds,
            &jp,
            &sentences,
            &evidence
        )
        .fetch_all(db)
        .await?;
        Ok(rows.into_iter().map(|row| (row.person_id, row.id)).collect())
    }
}

/// As PostgreSQL writes an array, since arrays of arrays cannot be unnested; of ids and times,
/// which need no quotes.
pub(super) fn array(items: impl IntoIterator<Item = impl ToString>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    format!("{{{}}}", items.join(","))
}

/// When a part really took place.
pub fn real(part: &class::Part) -> Span {
    let (from, to) = part.really.unwrap_or((part.starts, part.ends));
    Span { from, to }
}
