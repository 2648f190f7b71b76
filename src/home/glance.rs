//! What the home page says, asked for in one statement: everybody opens this page first and most
//! often, and a second question costs as much in the asking as in the answer.

use crate::{
    class,
    enrolment::{Mine, State},
    ids::{ClassId, PersonId},
    ledger::Progress,
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::cmp::Reverse;

/// One of the last lines of the book.
pub(super) struct Latest {
    pub note: String,
    pub happened_on: NaiveDate,
    pub jp: i32,
    /// Seconds present, where they were measured.
    pub seconds: Option<i32>,
}

pub(super) struct Glance {
    pub progress: Progress,
    /// The total of the year before, if it was asked for and there are entries.
    pub year_before: Option<i32>,
    /// The last three entries, the latest first.
    pub latest: Vec<Latest>,
    /// The classes that are not over in which the person has a seat or a place
    /// in the queue, by time.
    pub coming: Vec<Mine>,
}

/// A line of the book, or one of the classes to come.
struct Row {
    target: i32,
    notice_above: Option<i32>,
    /// The entry's number; nothing for a class.
    number: Option<i32>,
    year: Option<i32>,
    /// The entry's note, the class's title.
    says: Option<String>,
    jp: Option<i32>,
    happened_on: Option<NaiveDate>,
    seconds: Option<i32>,
    class: Option<ClassId>,
    class_state: Option<class::State>,
    starts: Option<DateTime<Utc>>,
    ends: Option<DateTime<Utc>>,
    withdrawal_until: Option<DateTime<Utc>>,
    state: Option<State>,
    from_queue: Option<bool>,
    position: Option<i64>,
    waiting: Option<i32>,
    has_link: Option<bool>,
}

/// Looks at the person's year, at the year before if that is asked for, and at
/// what is to come.
pub(super) async fn glance(
    db: &mut PgConnection,
    person: PersonId,
    year: i32,
    with_year_before: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<Glance> {
    // Few classes are to come, and each holds at most one enrolment of the
    // person that counts: the lateral with its limit looks them up one by one
    // instead of joining; the target likewise. The link is a value, since the planner would answer
    // `exists` by reading every link there is.
    let mut rows = sqlx::query_as!(
        Row,
        r#"select coalesce(t.minimum, 20) as "target!", t.notice_above as "notice_above?",
             l.number as "number?", l.year as "year?", l.says as "says?", l.jp as "jp?",
             l.happened_on as "happened_on?", l.seconds as "seconds?", l.class as "class?: ClassId",
             l.class_state as "class_state?: class::State", l.starts as "starts?", l.ends as "ends?",
             l.withdrawal_until as "withdrawal_until?", l.state as "state?: State",
             l.from_queue as "from_queue?", l.position as "position?", l.waiting as "waiting?",
             l.has_link as "has_link?"
         from person p
         left join lateral (select minimum, notice_above from target_version
           where year = $2 and employment = p.employment order by id desc limit 1) t on true
         left join lateral (
           select e.number, e.year, e.note as says, e.jp, e.happened_on, d.seconds, null::bigint as class,
             null::class_state as class_state, null::timestamptz as starts, null::timestamptz as ends,
             null::timestamptz as withdrawal_until, null::enrolment_state as state, null::bool as from_queue,
             null::bigint as position, null::int as waiting, null::bool as has_link
           from ledger_entry e
           left join decision d on d.id = e.decision_id
           where e.person_id = any(array(select record_id from person_record where person_id = $1)) and e.year >= $3
           union all
           select null, null, c.title, c.jp, null, null, c.id, c.state, c.starts, c.ends, c.withdrawal_until,
             e.state, e.state = 'active' and e.queue_place is not null,
             case when e.state = 'waiting' then (select count(*) from enrolment f
               where f.class_id = c.id and f.state = 'waiting' and f.queue_place <= e.queue_place) end,
             c.waiting, (select true from class_lane where class_id = c.id and lane = 'zoom')
           from class c
           cross join lateral (select state, queue_place from enrolment
             where class_id = c.id and person_id = any(array(select record_id from person_record where person_id = $1)) and state <> 'withdrawn' limit 1) e
           where c.ends > $4) l on true
         where p.id = $1"#,
        person.0,
        year,
        year - i32::from(with_year_before),
        now
    )
    .fetch_all(db)
    .await?;
    let first = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    let (target, notice_above) = (first.target, first.notice_above);
    let total =
        |of: i32| rows.iter().filter(move |row| row.year == Some(of)).filter_map(|row| row.jp);
    let progress = Progress { year, jp: total(year).sum(), target, notice_above };
    let year_before = total(year - 1).reduce(|sum, jp| sum + jp);
    rows.sort_unstable_by_key(|row| (Reverse(row.number), row.starts, row.class));
    let coming = rows.extract_if(.., |row| row.class.is_some()).filter_map(Row::mine).collect();
    let latest = rows.into_iter().filter_map(Row::latest).take(super::FEW).collect();
    Ok(Glance { progress, year_before, latest, coming })
}

impl Row {
    fn latest(self) -> Option<Latest> {
        Some(Latest {
            note: self.says?,
            happened_on: self.happened_on?,
            jp: self.jp?,
            seconds: self.seconds,
        })
    }

    fn mine(self) -> Option<Mine> {
        Some(Mine {
            class: self.class?,
            title: self.says?,
            class_state: self.class_state?,
            jp: self.jp?,
            starts: self.starts?,
            ends: self.ends?,
            withdrawal_until: self.withdrawal_until?,
            state: self.state?,
            from_queue: self.from_queue?,
            position: self.position,
            waiting: self.waiting?,
            has_link: self.has_link.unwrap_or(false),
        })
    }
}
