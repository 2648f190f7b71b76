//! All that bears on the attendance of one class, and what follows from it.

use super::{Decided, Known, Outcome, Rule, decide, report::Span};
use crate::{
    class,
    ids::{ClassId, DecisionId, EvidenceId, PersonId},
    ledger,
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

/// The evidence of a class, its rule, and the decisions that hold.
#[derive(Debug, Clone)]
pub struct Case {
    pub class: ClassId,
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
    /// Cannot change while their certificate is live.
    pub blocked: bool,
}

impl Changed {
    /// Whether somebody reading the list would see a difference.
    pub fn matters(&self) -> bool {
        self.before.map_or(self.after.outcome != Outcome::Undecided, |before| {
            before != (self.after.outcome, self.after.jp)
        })
    }
}

impl Case {
    /// Reads everything that bears on the class.
    pub async fn load(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Self> {
        let facts = class::find(db, class).await?;
        let parts = facts.parts.iter().map(|part| {
            let (from, to) = part.really.unwrap_or((part.starts, part.ends));
            Span { from, to }
        });
        Ok(Self {
            class,
            rule: Rule { parts: parts.collect(), percent: facts.presence_percent, jp: facts.jp },
            day: show::local_day(facts.starts()),
            title: facts.title,
            enrolled: enrolled(db, class).await?,
            certified: certified(db, class).await?,
            evidence: evidence(db, class).await?,
            held: held(db, class).await?,
            reported: reported(db, class).await?,
        })
    }

    /// Adds evidence that is not stored yet, to see what would follow.
    pub fn suppose(&mut self, person: PersonId, known: Known) {
        self.evidence.entry(person).or_default().push((EvidenceId(i64::MAX), known));
    }

    /// Takes a person's evidence away where the test says so, to see what would follow.
    pub fn without(&mut self, test: impl Fn(PersonId, EvidenceId) -> bool) {
        for (person, known) in &mut self.evidence {
            known.retain(|(id, _)| !test(*person, *id));
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
        let blocked =
            self.certified.contains(&person) && was_present && after.outcome != Outcome::Present;
        Some(Changed { person, before: before.map(|held| (held.outcome, held.jp)), after, blocked })
    }

    /// Writes every change that is not blocked, and books the hours. The
    /// caller holds the class's lock and loaded the case under it.
    pub async fn settle(
        &self,
        db: &mut PgConnection,
        why: &str,
        by: PersonId,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Vec<Changed>> {
        let changes: Vec<Changed> =
            self.changes().into_iter().filter(|change| !change.blocked).collect();
        let decisions = self.write(db, &changes, by, now).await?;
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
        ledger::append(db, &entries, by, now).await?;
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
        by: PersonId,
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
            changes.iter().map(|change| array(&self.ids(change.person))).collect();
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
            by.0,
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

/// Ids as PostgreSQL writes an array: arrays of arrays cannot be unnested.
fn array(ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    format!("{{{}}}", ids.join(","))
}

async fn enrolled(db: &mut PgConnection, class: ClassId) -> sqlx::Result<BTreeSet<PersonId>> {
    let people = sqlx::query_scalar!(
        "select person_id from enrolment where class_id = $1 and state = 'active'",
        class.0
    )
    .fetch_all(db)
    .await?;
    Ok(people.into_iter().collect())
}

async fn certified(db: &mut PgConnection, class: ClassId) -> sqlx::Result<BTreeSet<PersonId>> {
    let people = sqlx::query_scalar!(
        "select person_id from certificate where class_id = $1 and kind = 'participant' and revoked_at is null",
        class.0
    )
    .fetch_all(db)
    .await?;
    Ok(people.into_iter().collect())
}

async fn evidence(
    db: &mut PgConnection,
    class: ClassId,
) -> sqlx::Result<BTreeMap<PersonId, Vec<(EvidenceId, Known)>>> {
    let rows = sqlx::query!(
        r#"select e.id, e.person_id, e.joined, e.departed, e.total_seconds, e.present, e.reason,
             r.import_id as "import?: i64"
         from evidence e left join import_row r on r.id = e.import_row_id
         where e.class_id = $1 and e.withdrawn_at is null order by e.id"#,
        class.0
    )
    .fetch_all(db)
    .await?;
    let mut evidence: BTreeMap<PersonId, Vec<(EvidenceId, Known)>> = BTreeMap::new();
    for row in rows {
        let known = match (row.present, row.total_seconds) {
            (Some(present), _) => {
                Known::Verdict { present, reason: row.reason.unwrap_or_default() }
            }
            (None, Some(seconds)) => {
                Known::Total { import: row.import.unwrap_or(0), seconds: seconds.into() }
            }
            (None, None) => Known::Spans(spans(&row.joined, &row.departed)),
        };
        evidence.entry(row.person_id).or_default().push((row.id, known));
    }
    Ok(evidence)
}

/// Times in and out, as stored, in pairs.
pub fn spans(joined: &[DateTime<Utc>], departed: &[DateTime<Utc>]) -> Vec<Span> {
    joined.iter().zip(departed).map(|(from, to)| Span { from: *from, to: *to }).collect()
}

async fn held(db: &mut PgConnection, class: ClassId) -> sqlx::Result<BTreeMap<PersonId, Held>> {
    let rows = sqlx::query!(
        "select distinct on (person_id) person_id, revision, outcome, jp, seconds, needed, class_seconds, sentence, evidence_ids
         from decision where class_id = $1 order by person_id, revision desc",
        class.0
    )
    .fetch_all(db)
    .await?;
    let held = rows.into_iter().map(|row| {
        let held = Held {
            revision: row.revision,
            outcome: row.outcome,
            jp: row.jp,
            seconds: row.seconds.into(),
            needed: row.needed.into(),
            whole: row.class_seconds.into(),
            sentence: row.sentence,
            evidence: row.evidence_ids,
        };
        (row.person_id, held)
    });
    Ok(held.collect())
}

async fn reported(db: &mut PgConnection, class: ClassId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from import where class_id = $1 and confirmed_at is not null and undone_at is null) as "any!""#,
        class.0
    )
    .fetch_one(db)
    .await
}
