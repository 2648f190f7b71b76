//! What is stored of the attendance of one class.

use super::Held;
use crate::{
    attendance::{Known, report::Span},
    ids::{ClassId, EvidenceId, PersonId},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn enrolled(
    db: &mut PgConnection,
    class: ClassId,
) -> sqlx::Result<BTreeSet<PersonId>> {
    let people = sqlx::query_scalar!(
        "select person_id from enrolment where class_id = $1 and state = 'active'",
        class.0
    )
    .fetch_all(db)
    .await?;
    Ok(people.into_iter().collect())
}

pub(super) async fn certified(
    db: &mut PgConnection,
    class: ClassId,
) -> sqlx::Result<BTreeSet<PersonId>> {
    let people = sqlx::query_scalar!(
        "select person_id from certificate where class_id = $1 and kind = 'participant' and revoked_at is null",
        class.0
    )
    .fetch_all(db)
    .await?;
    Ok(people.into_iter().collect())
}

pub(super) async fn evidence(
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

pub(super) async fn held(
    db: &mut PgConnection,
    class: ClassId,
) -> sqlx::Result<BTreeMap<PersonId, Held>> {
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

pub(super) async fn reported(db: &mut PgConnection, class: ClassId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from import where class_id = $1 and confirmed_at is not null and undo_asked_at is null) as "any!""#,
        class.0
    )
    .fetch_one(db)
    .await
}
