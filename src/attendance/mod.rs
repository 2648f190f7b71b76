//! From evidence of presence to a decision, and from the decision to hours.

mod by_hand;
mod case;
mod decide;
mod import;
mod matching;
pub mod read;
pub mod report;
pub mod web;

pub use by_hand::{ByHandError, Verdict, drop_verdicts, set};
pub use case::{Case, Changed, Kept, NotOpen};
pub use decide::{Decided, Known, Rule, decide};
pub use import::{
    Choice, Import, ImportError, ImportRow, Preview, Really, Standing, Undoing, choose, confirm,
    counted, discard, find, imports, names, preview, reread, set_rule, stored, undo, undo_preview,
    upload,
};

use crate::{
    class::Lane,
    ids::{ClassId, EvidenceId, PersonId},
    web::show,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// How a participant of a report was told to be a person; the first is trusted most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(type_name = "match_kind", rename_all = "lowercase")]
pub enum Match {
    /// The registrant id of a personal join link.
    Registrant,
    /// An e-mail address known for one person.
    Email,
    /// A NIP in the display name.
    Nip,
    /// The exact name, unique among those who enrolled.
    Name,
    /// Nobody, or only a likeness that a person must confirm.
    None,
    /// More than one person: never guessed.
    Ambiguous,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "evidence_kind", rename_all = "snake_case")]
pub enum EvidenceKind {
    ZoomReport,
    ByHand,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "outcome", rename_all = "lowercase")]
pub enum Outcome {
    /// No evidence stands.
    Undecided,
    Present,
    /// There, but not for long enough: no hours.
    Partial,
    Absent,
}

impl Outcome {
    pub fn label(self) -> &'static str {
        match self {
            Self::Undecided => "Belum diputuskan",
            Self::Present => "Hadir",
            Self::Partial => "Hadir sebagian",
            Self::Absent => "Tidak hadir",
        }
    }

    /// The colour of its tag; the word carries the meaning.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Undecided => "",
            Self::Present => "ok",
            Self::Partial => "warn",
            Self::Absent => "bad",
        }
    }
}

/// Seconds as people say them: `115 menit`, `95 menit 50 detik`.
pub fn duration(seconds: i64) -> String {
    match (seconds / 60, seconds % 60) {
        (minutes, 0) => format!("{minutes} menit"),
        (0, seconds) => format!("{seconds} detik"),
        (minutes, seconds) => format!("{minutes} menit {seconds} detik"),
    }
}

/// One line of a class's attendance.
#[derive(Debug, Clone)]
pub struct Line {
    pub person: PersonId,
    pub name: String,
    pub nip: String,
    pub unit: String,
    /// Whether they hold a seat.
    pub enrolled: bool,
    pub outcome: Outcome,
    pub seconds: i32,
    pub jp: i32,
    pub sentence: Option<String>,
}

/// Everybody with a seat or a decision in the class, by name.
pub async fn lines(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Vec<Line>> {
    sqlx::query_as!(
        Line,
        r#"select w.person_id as "person!: PersonId", p.name, n.nip, u.name as unit, e.id is not null as "enrolled!",
             coalesce(d.outcome, 'undecided') as "outcome!: Outcome", coalesce(d.seconds, 0) as "seconds!",
             coalesce(d.jp, 0) as "jp!", d.sentence as "sentence?"
         from (select person_id from enrolment where class_id = $1 and state = 'active'
               union select person_id from decision where class_id = $1) w
         join person_record r on r.record_id = w.person_id
         join person p on p.id = r.person_id
         join person_nip n on n.person_id = p.id and n.ended_at is null
         join unit u on u.id = p.unit_id
         left join enrolment e on e.class_id = $1 and e.person_id = w.person_id and e.state = 'active'
         left join lateral (select outcome, seconds, jp, sentence from decision
           where class_id = $1 and person_id = w.person_id order by revision desc limit 1) d on true
         where e.id is not null or d.outcome <> 'undecided'
         order by p.name, p.id"#,
        class.0
    )
    .fetch_all(db)
    .await
}

/// A piece of evidence as the person's page of the class shows it.
pub struct Shown {
    pub id: EvidenceId,
    pub kind: EvidenceKind,
    pub lane: Lane,
    pub import: Option<i64>,
    /// The name in the report.
    pub name: Option<String>,
    pub joined: Vec<DateTime<Utc>>,
    pub departed: Vec<DateTime<Utc>>,
    pub total_seconds: Option<i32>,
    pub present: Option<bool>,
    pub reason: Option<String>,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: String,
    pub withdrawn_at: Option<DateTime<Utc>>,
}

impl Shown {
    /// `09.02–09.41, 09.44–11.00`
    pub fn times(&self) -> String {
        spans_shown(&self.joined, &self.departed, self.total_seconds)
    }
}

/// Times in and out as text, with their days when these are several; or the
/// total where only that is known.
pub fn spans_shown(
    joined: &[DateTime<Utc>],
    departed: &[DateTime<Utc>],
    total: Option<i32>,
) -> String {
    if let Some(total) = total {
        return format!("jumlah {}", duration(total.into()));
    }
    let several_days = joined.iter().any(|at| show::local_day(*at) != show::local_day(joined[0]));
    let span = |(from, to): (&DateTime<Utc>, &DateTime<Utc>)| {
        let day = if several_days {
            format!("{} ", show::date_short(show::local_day(*from)))
        } else {
            String::new()
        };
        format!("{day}{}–{}", show::time(from), show::time(to))
    };
    joined.iter().zip(departed).map(span).collect::<Vec<_>>().join(", ")
}

/// Every piece of evidence of a person in a class, withdrawn ones too.
pub async fn evidence(
    db: &mut PgConnection,
    class: ClassId,
    person: PersonId,
) -> sqlx::Result<Vec<Shown>> {
    sqlx::query_as!(
        Shown,
        r#"select e.id, e.kind, e.lane, r.import_id as "import?: i64", r.name as "name?", e.joined, e.departed, e.total_seconds,
             e.present, e.reason, e.recorded_at, p.name as recorded_by, e.withdrawn_at
         from evidence e left join import_row r on r.id = e.import_row_id join person p on p.id = e.recorded_by
         where e.class_id = $1 and e.person_id = $2 order by e.id"#,
        class.0,
        person.0
    )
    .fetch_all(db)
    .await
}

/// A decision as it was taken.
pub struct Taken {
    pub revision: i32,
    pub outcome: Outcome,
    pub jp: i32,
    pub sentence: String,
    pub decided_at: DateTime<Utc>,
    pub decided_by: String,
}

/// Every decision on a person in a class, the one that holds first.
pub async fn decisions(
    db: &mut PgConnection,
    class: ClassId,
    person: PersonId,
) -> sqlx::Result<Vec<Taken>> {
    sqlx::query_as!(
        Taken,
        "select d.revision, d.outcome, d.jp, d.sentence, d.decided_at, p.name as decided_by
         from decision d join person p on p.id = d.decided_by
         where d.class_id = $1 and d.person_id = $2 order by d.revision desc",
        class.0,
        person.0
    )
    .fetch_all(db)
    .await
}

/// The decision that holds on a person in a class.
pub struct Held {
    pub class: ClassId,
    pub outcome: Outcome,
    pub jp: i32,
    pub sentence: String,
}

/// What was decided on a person, one for each class; of one class or of all.
pub async fn held(
    db: &mut PgConnection,
    person: PersonId,
    class: Option<ClassId>,
) -> sqlx::Result<Vec<Held>> {
    sqlx::query_as!(
        Held,
        r#"select distinct on (class_id) class_id as "class: ClassId", outcome, jp, sentence from decision
         where person_id = any(array(select record_id from person_record where person_id = $1)) and ($2::bigint is null or class_id = $2)
         order by class_id, outcome = 'undecided', revision desc"#,
        person.0,
        class.map(|class| class.0)
    )
    .fetch_all(db)
    .await
}
