//! Who has a seat in a class, and who waits for one.
//!
//! The class's row carries the seats taken, the people waiting and the next
//! place in the queue. Whoever changes one of them holds that row's lock, so
//! the last seat goes to one person, and while somebody waits no seat is free.

mod own;
pub mod roll;
pub mod web;

pub use own::{Mine, Standing, mine, standing};
pub use roll::{Participant, participants};

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

impl State {
    /// Until when it can be given up: a seat until the class's limit, so that
    /// somebody else can use it; a place in the queue until the class begins.
    pub fn may_withdraw_until(self, limit: DateTime<Utc>, starts: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Waiting => starts.max(limit),
            Self::Active | Self::Withdrawn => limit,
        }
    }
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
        "insert into enrolment (class_id, person_id, state, queue_place)
         select $1, $2, $3, $4
         where not exists (select from person_record r join enrolment e on e.person_id = r.record_id
           where r.person_id = $2 and e.class_id = $1 and e.state <> 'withdrawn')
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
    let until = sqlx::query!(
        "select withdrawal_until, starts from class where id = $1 for update",
        class.0
    )
    .fetch_one(&mut *db)
    .await?;
    let held = standing(db, class, person).await?;
    let held = held.map_or(State::Withdrawn, |standing| standing.state);
    if now > held.may_withdraw_until(until.withdrawal_until, until.starts) {
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
        "select id, state from enrolment where class_id = $1 and state <> 'withdrawn'
           and person_id = any(array(select record_id from person_record where person_id = $2) || $2::bigint)
         for update",
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
