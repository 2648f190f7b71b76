//! Who has a seat in a class, and who waits for one.
//!
//! The class's row carries the seats taken, the people waiting and the next
//! place in the queue. Whoever changes one of them holds that row's lock, so
//! the last seat goes to one person, and while somebody waits no seat is free.

pub mod web;

use crate::ids::{ClassId, EnrolmentId, PersonId};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "enrolment_state", rename_all = "lowercase")]
pub enum State {
    /// Has a seat.
    Active,
    /// Has a place in the queue.
    Waiting,
    Withdrawn,
}

/// Why an enrolment was turned down, or could not be given up.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    #[error("Kelas ini dibatalkan oleh penyelenggara, jadi tidak menerima pendaftaran.")]
    Cancelled,
    #[error("Pendaftaran kelas ini belum dibuka.")]
    NotYetOpen,
    #[error("Pendaftaran kelas ini sudah ditutup.")]
    Closed,
    #[error("Anda sudah terdaftar di kelas ini atau sudah berada di daftar tunggunya.")]
    AlreadyEnrolled,
    #[error("Anda tidak terdaftar di kelas ini.")]
    NotEnrolled,
    #[error(
        "Batas waktu pembatalan sudah lewat. Hubungi penyelenggara jika Anda tidak dapat hadir."
    )]
    TooLate,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Gives the person a seat, or a place at the end of the queue when none is
/// free. On a refusal the caller rolls back.
pub async fn enrol(
    db: &mut PgConnection,
    class: ClassId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<State, EnrolError> {
    if take_seat(db, class, now).await? {
        insert(db, class, person, State::Active, None, now).await?;
        return Ok(State::Active);
    }
    // No seat at first sight: find out why, under the lock.
    let found = sqlx::query!(
        r#"select state as "class_state: crate::class::State", taken < quota as "free!", waiting,
             coalesce(enrolment_opens <= $2, true) as "opened!", $2 < enrolment_closes as "open!"
         from class where id = $1 for update"#,
        class.0,
        now
    )
    .fetch_one(&mut *db)
    .await?;
    match found.class_state {
        crate::class::State::Draft => return Err(sqlx::Error::RowNotFound.into()),
        crate::class::State::Cancelled => return Err(EnrolError::Cancelled),
        crate::class::State::Published => {}
    }
    if !found.opened {
        return Err(EnrolError::NotYetOpen);
    }
    if !found.open {
        return Err(EnrolError::Closed);
    }
    if found.free && found.waiting == 0 && take_seat(db, class, now).await? {
        insert(db, class, person, State::Active, None, now).await?;
        return Ok(State::Active);
    }
    let place = sqlx::query_scalar!(
        r#"update class set queue_next = queue_next + 1, waiting = waiting + 1 where id = $1
         returning queue_next - 1 as "place!""#,
        class.0
    )
    .fetch_one(&mut *db)
    .await?;
    insert(db, class, person, State::Waiting, Some(place), now).await?;
    Ok(State::Waiting)
}

/// One statement admits: the count and the condition are on the same row.
async fn take_seat(
    db: &mut PgConnection,
    class: ClassId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let taken = sqlx::query!(
        "update class set taken = taken + 1
         where id = $1 and state = 'published' and taken < quota and waiting = 0
           and (enrolment_opens is null or enrolment_opens <= $2) and $2 < enrolment_closes",
        class.0,
        now
    )
    .execute(db)
    .await?;
    Ok(taken.rows_affected() == 1)
}

async fn insert(
    db: &mut PgConnection,
    class: ClassId,
    person: PersonId,
    state: State,
    place: Option<i64>,
    now: DateTime<Utc>,
) -> Result<(), EnrolError> {
    let entered = sqlx::query_scalar!(
        "insert into enrolment (class_id, person_id, state, queue_place) values ($1, $2, $3, $4)
         on conflict do nothing returning id",
        class.0,
        person.0,
        state as State,
        place
    )
    .fetch_optional(&mut *db)
    .await?;
    let enrolment = entered.ok_or(EnrolError::AlreadyEnrolled)?;
    Ok(record(db, enrolment, state, Some(person), None, now).await?)
}

async fn record(
    db: &mut PgConnection,
    enrolment: EnrolmentId,
    state: State,
    by: Option<PersonId>,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into enrolment_event (enrolment_id, state, at, by, reason) values ($1, $2, $3, $4, $5)",
        enrolment.0,
        state as State,
        now,
        by.map(|by| by.0),
        reason
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives up the person's own seat or place in the queue. A freed seat goes to
/// the first in the queue at once.
pub async fn withdraw(
    db: &mut PgConnection,
    class: ClassId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(), EnrolError> {
    let in_time = sqlx::query_scalar!(
        r#"select $2 <= withdrawal_until as "in_time!" from class where id = $1 for update"#,
        class.0,
        now
    )
    .fetch_one(&mut *db)
    .await?;
    if !in_time {
        return Err(EnrolError::TooLate);
    }
    remove(db, class, person, person, None, now).await
}

/// An organiser takes somebody's seat or place in the queue away, and says why.
pub async fn remove_by(
    db: &mut PgConnection,
    class: ClassId,
    person: PersonId,
    by: PersonId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), EnrolError> {
    crate::class::lock(db, class).await?;
    remove(db, class, person, by, Some(reason), now).await
}

async fn remove(
    db: &mut PgConnection,
    class: ClassId,
    person: PersonId,
    by: PersonId,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), EnrolError> {
    let held = sqlx::query!(
        "select id, state from enrolment where class_id = $1 and person_id = $2 and state <> 'withdrawn' for update",
        class.0,
        person.0
    )
    .fetch_optional(&mut *db)
    .await?
    .ok_or(EnrolError::NotEnrolled)?;
    sqlx::query!("update enrolment set state = 'withdrawn' where id = $1", held.id.0)
        .execute(&mut *db)
        .await?;
    record(db, held.id, State::Withdrawn, Some(by), reason, now).await?;
    match held.state {
        State::Active => {
            sqlx::query!("update class set taken = taken - 1 where id = $1", class.0)
                .execute(&mut *db)
                .await?;
            promote(db, class, now).await?;
        }
        State::Waiting | State::Withdrawn => {
            sqlx::query!("update class set waiting = waiting - 1 where id = $1", class.0)
                .execute(&mut *db)
                .await?;
        }
    }
    Ok(())
}

/// Seats people from the queue, first come first, while seats are free and the
/// class has not begun. The caller holds the class's lock. Says how many.
pub async fn promote(
    db: &mut PgConnection,
    class: ClassId,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let seats = sqlx::query_scalar!(
        r#"select case when state = 'published' and $2 < starts
             then least(quota - taken, waiting) else 0 end::bigint as "seats!"
         from class where id = $1"#,
        class.0,
        now
    )
    .fetch_one(&mut *db)
    .await?;
    if seats <= 0 {
        return Ok(0);
    }
    // Chosen in a step of its own: as a subquery in the condition it may run
    // again for each row, and each time lock and seat others.
    let mut seated = sqlx::query!(
        "with first as materialized (
           select id from enrolment where class_id = $1 and state = 'waiting' order by queue_place limit $2 for update)
         update enrolment e set state = 'active' from first where e.id = first.id
         returning e.id, e.queue_place",
        class.0,
        seats
    )
    .fetch_all(&mut *db)
    .await?;
    seated.sort_by_key(|one| one.queue_place);
    let count = i32::try_from(seated.len()).unwrap_or(i32::MAX);
    sqlx::query!(
        "update class set taken = taken + $2, waiting = waiting - $2 where id = $1",
        class.0,
        count
    )
    .execute(&mut *db)
    .await?;
    for enrolment in seated {
        record(db, enrolment.id, State::Active, None, Some("dari daftar tunggu"), now).await?;
    }
    Ok(i64::from(count))
}

/// Where a person stands in a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub enrolment: EnrolmentId,
    pub state: State,
    /// 1 for the next to be seated; only while waiting.
    pub position: Option<i64>,
    /// Whether the seat was won from the queue.
    pub from_queue: bool,
    pub since: DateTime<Utc>,
}

impl Standing {
    /// The number that the person can quote.
    pub fn reference(&self, class: ClassId) -> String {
        format!("SC-{class}-{:04}", self.enrolment.0)
    }
}

/// Where the person stands in the class; the latest enrolment counts.
pub async fn standing(
    db: &mut PgConnection,
    class: ClassId,
    person: PersonId,
) -> sqlx::Result<Option<Standing>> {
    let found = sqlx::query!(
        r#"select e.id, e.state, e.queue_place is not null as "from_queue!",
             case when e.state = 'waiting' then (select count(*) from enrolment f
               where f.class_id = e.class_id and f.state = 'waiting' and f.queue_place <= e.queue_place) end as position,
             (select max(at) from enrolment_event v where v.enrolment_id = e.id) as "since!"
         from enrolment e where e.class_id = $1 and e.person_id = $2 order by e.id desc limit 1"#,
        class.0,
        person.0
    )
    .fetch_optional(db)
    .await?;
    Ok(found.map(|row| Standing {
        enrolment: row.id,
        state: row.state,
        position: row.position,
        from_queue: row.from_queue && row.state == State::Active,
        since: row.since,
    }))
}

/// One line of a class's list of participants.
#[derive(Debug, Clone)]
pub struct Participant {
    pub person: PersonId,
    pub name: String,
    pub nip: String,
    pub position: Option<String>,
    pub unit: String,
    pub state: State,
}

/// Those with a seat by name, then those who wait in their order.
pub async fn participants(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Vec<Participant>> {
    sqlx::query_as!(
        Participant,
        r#"select p.id as "person: PersonId", p.name, n.nip, p.position, u.name as unit, e.state
         from enrolment e
         join person p on p.id = e.person_id
         join person_nip n on n.person_id = p.id and n.ended_at is null
         join unit u on u.id = p.unit_id
         where e.class_id = $1 and e.state <> 'withdrawn'
         order by e.state, case when e.state = 'waiting' then e.queue_place end, p.name, p.id"#,
        class.0
    )
    .fetch_all(db)
    .await
}

/// One of a person's classes.
#[derive(Debug, Clone)]
pub struct Mine {
    pub class: ClassId,
    pub title: String,
    pub slug: Option<String>,
    pub class_state: crate::class::State,
    pub jp: i32,
    pub starts: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    pub state: State,
    /// Whether the seat was won from the queue.
    pub from_queue: bool,
    pub position: Option<i64>,
    pub waiting: i32,
}

/// Every class in which the person has or had a place, by time, of those that end after a
/// moment.
pub async fn mine(
    db: &mut PgConnection,
    person: PersonId,
    after: DateTime<Utc>,
) -> sqlx::Result<Vec<Mine>> {
    sqlx::query_as!(
        Mine,
        r#"select distinct on (c.starts, c.id) c.id as "class: ClassId", c.title, c.slug,
             c.state as "class_state: crate::class::State", c.jp, c.starts, c.ends,
             e.state as "state: State", (e.state = 'active' and e.queue_place is not null) as "from_queue!",
             case when e.state = 'waiting' then (select count(*) from enrolment f
               where f.class_id = c.id and f.state = 'waiting' and f.queue_place <= e.queue_place) end as position,
             c.waiting
         from enrolment e
         join class c on c.id = e.class_id
         where e.person_id = $1 and c.ends > $2
         order by c.starts, c.id, e.id desc"#,
        person.0,
        after
    )
    .fetch_all(db)
    .await
}
