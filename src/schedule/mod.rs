//! Making a class, changing it, publishing it, calling it off.

mod clash;
mod form;
mod plan;
mod publish;
pub mod web;

pub use clash::{Clash, clashes};
pub use plan::Plan;
pub use publish::{publish, publishable};

use crate::{
    class::{Act, Lane, Speaking, State},
    enrolment,
    ids::{ClassId, PersonId},
    web::show,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Why a class was not made, changed, published or called off.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    #[error("Kuota tidak boleh kurang dari {0}, jumlah peserta yang sudah terdaftar.")]
    QuotaBelowTaken(i32),
    #[error("JP tetap {0} sejak kelas diterbitkan.")]
    JpFrozen(i32),
    #[error("Kelas ini diubah oleh {by} pada {at} sejak halaman ini dibuka.")]
    Stale { by: String, at: String },
    /// The form made this class before, and says something else now.
    #[error("Formulir ini sudah tersimpan sebagai draf, dan isinya berbeda.")]
    AlreadyMade(ClassId),
    #[error("Kelas yang dibatalkan tidak dapat diubah.")]
    Cancelled,
    #[error("Kelas yang sudah dimulai tidak dapat diterbitkan. Ubah waktunya dahulu.")]
    AlreadyBegun,
    #[error("Tema terlalu panjang untuk sertifikat. Persingkat dahulu.")]
    TitleTooLong,
    #[error(
        "Kehadiran kelas ini sudah dicatat, jadi kelas tidak dapat dibatalkan dan waktunya tidak dapat diubah."
    )]
    AlreadyAttended,
    #[error("Batas hadir tetap {0}% sejak kehadiran kelas ini dicatat.")]
    RuleFrozen(i32),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Makes a draft. The same form sent twice makes one class; sent again with other
/// content, it is refused.
pub async fn create(
    db: &mut PgConnection,
    plan: &Plan,
    form_key: Option<&str>,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<ClassId, ScheduleError> {
    let made = sqlx::query_scalar!(
        "insert into class (title, summary, description, audience, jp, quota, enrolment_opens, enrolment_closes,
           withdrawal_until, presence_percent, zoom_meeting_id, form_key, starts, ends)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         on conflict (form_key) do nothing returning id",
        plan.title,
        plan.summary,
        plan.description,
        plan.audience,
        plan.jp,
        plan.quota,
        plan.enrolment_opens,
        plan.enrolment_closes,
        plan.withdrawal_until,
        plan.presence_percent,
        plan.zoom_meeting_id,
        form_key,
        plan.starts(),
        plan.ends()
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(class) = made else {
        let class = sqlx::query_scalar!("select id from class where form_key = $1", form_key)
            .fetch_one(&mut *db)
            .await?;
        let same = Plan::of(&crate::class::find(db, class).await?) == *plan;
        return if same { Ok(class) } else { Err(ScheduleError::AlreadyMade(class)) };
    };
    write_details(db, class, plan).await?;
    note(db, class, Act::Created, None, by, now).await?;
    Ok(class)
}

async fn write_details(db: &mut PgConnection, class: ClassId, plan: &Plan) -> sqlx::Result<()> {
    for (position, part) in (1..).zip(&plan.parts) {
        sqlx::query!(
            "insert into class_part (class_id, position, starts, ends) values ($1, $2, $3, $4)
             on conflict (class_id, position) do update set starts = excluded.starts, ends = excluded.ends,
               really_started = null, really_ended = null
             where (class_part.starts, class_part.ends) <> (excluded.starts, excluded.ends)",
            class.0,
            position,
            part.starts,
            part.ends
        )
        .execute(&mut *db)
        .await?;
    }
    let kept = i32::try_from(plan.parts.len()).unwrap_or(i32::MAX);
    sqlx::query!("delete from class_part where class_id = $1 and position > $2", class.0, kept)
        .execute(&mut *db)
        .await?;
    sqlx::query!("delete from class_lane where class_id = $1", class.0).execute(&mut *db).await?;
    for (lane, address) in &plan.lanes {
        sqlx::query!(
            "insert into class_lane (class_id, lane, address) values ($1, $2, $3)",
            class.0,
            *lane as Lane,
            address
        )
        .execute(&mut *db)
        .await?;
    }
    sqlx::query!("delete from class_speaker where class_id = $1", class.0)
        .execute(&mut *db)
        .await?;
    for (position, speaker) in (1..).zip(&plan.speakers) {
        sqlx::query!(
            "insert into class_speaker (class_id, position, speaking, person_id, name, office)
             values ($1, $2, $3, $4, $5, $6)",
            class.0,
            position,
            speaker.speaking as Speaking,
            speaker.person.map(|person| person.0),
            speaker.name,
            speaker.office
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

async fn note(
    db: &mut PgConnection,
    class: ClassId,
    act: Act,
    detail: Option<&str>,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into class_event (class_id, act, detail, at, by) values ($1, $2, $3, $4, $5)",
        class.0,
        act as Act,
        detail,
        now,
        by.0
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether attendance was decided for anybody, and not all of it taken back.
async fn attended(db: &mut PgConnection, class: ClassId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select attended($1) as "any!""#, class.0).fetch_one(db).await
}

/// Changes a class that nobody changed since `version`. More seats seat people
/// from the queue at once; says how many.
pub async fn change(
    db: &mut PgConnection,
    class: ClassId,
    version: i32,
    plan: &Plan,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<i64, ScheduleError> {
    let before = sqlx::query!(
        "select state, version, taken, jp, presence_percent from class where id = $1 for update",
        class.0
    )
    .fetch_one(&mut *db)
    .await?;
    if before.state == State::Cancelled {
        return Err(ScheduleError::Cancelled);
    }
    if before.version != version {
        return Err(stale(db, class).await?);
    }
    if before.state == State::Published && before.jp != plan.jp {
        return Err(ScheduleError::JpFrozen(before.jp));
    }
    if plan.quota < before.taken {
        return Err(ScheduleError::QuotaBelowTaken(before.taken));
    }
    let times = crate::class::parts(db, class).await?;
    let moved = times.len() != plan.parts.len()
        || times
            .iter()
            .zip(&plan.parts)
            .any(|(old, new)| (old.starts, old.ends) != (new.starts, new.ends));
    if moved && attended(db, class).await? {
        return Err(ScheduleError::AlreadyAttended);
    }
    if before.presence_percent != plan.presence_percent && attended(db, class).await? {
        return Err(ScheduleError::RuleFrozen(before.presence_percent));
    }
    sqlx::query!(
        "update class set title = $2, summary = $3, description = $4, audience = $5, jp = $6, quota = $7,
           enrolment_opens = $8, enrolment_closes = $9, withdrawal_until = $10, presence_percent = $11,
           zoom_meeting_id = $12, starts = $13, ends = $14, version = version + 1
         where id = $1",
        class.0,
        plan.title,
        plan.summary,
        plan.description,
        plan.audience,
        plan.jp,
        plan.quota,
        plan.enrolment_opens,
        plan.enrolment_closes,
        plan.withdrawal_until,
        plan.presence_percent,
        plan.zoom_meeting_id,
        plan.starts(),
        plan.ends()
    )
    .execute(&mut *db)
    .await?;
    write_details(db, class, plan).await?;
    note(db, class, Act::Changed, None, by, now).await?;
    Ok(enrolment::promote(db, class, now).await?)
}

async fn stale(db: &mut PgConnection, class: ClassId) -> sqlx::Result<ScheduleError> {
    let last = crate::class::events(db, class).await?.into_iter().next();
    let (by, at) = last.map_or((None, String::new()), |event| (event.by, show::moment(event.at)));
    Ok(ScheduleError::Stale { by: by.unwrap_or_else(|| "orang lain".into()), at })
}

/// Calls a class off, before anybody's attendance was decided.
pub async fn cancel(
    db: &mut PgConnection,
    class: ClassId,
    why: &str,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), ScheduleError> {
    let state = sqlx::query_scalar!(r#"select state from class where id = $1 for update"#, class.0)
        .fetch_one(&mut *db)
        .await?;
    if state == State::Cancelled {
        return Ok(());
    }
    if attended(db, class).await? {
        return Err(ScheduleError::AlreadyAttended);
    }
    sqlx::query!(
        "update class set state = 'cancelled', version = version + 1 where id = $1",
        class.0
    )
    .execute(&mut *db)
    .await?;
    note(db, class, Act::Cancelled, Some(why), by, now).await?;
    Ok(())
}

/// A part of a class as the organiser's schedule lists it.
pub struct Scheduled {
    pub id: ClassId,
    pub title: String,
    pub state: State,
    pub starts: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    /// Which part of how many.
    pub position: i32,
    pub parts: i64,
    pub speaker: Option<String>,
    pub quota: i32,
    pub taken: i32,
    pub waiting: i32,
    /// Whether attendance was decided.
    pub attended: bool,
    /// Whether another class needs the same speaker or link at that time.
    pub clashes: bool,
}

/// Which part of the schedule to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Published, and not over.
    Coming,
    Drafts,
    /// Over or called off, the latest first.
    Past,
}

/// The parts of the classes on a shelf, in order of time.
pub async fn shelf(
    db: &mut PgConnection,
    shelf: Shelf,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Scheduled>> {
    let mut classes = sqlx::query_as!(
        Scheduled,
        r#"select c.id, c.title, c.state, p.starts, p.ends, p.position,
             (select count(*) from class_part o where o.class_id = c.id) as "parts!",
             (select name from class_speaker s where s.class_id = c.id order by position limit 1) as speaker,
             c.quota, c.taken, c.waiting,
             attended(c.id) as "attended!",
             p.ends > $2 and exists (select from clash h where h.class_id = c.id and h.starts < p.ends
               and p.starts < h.ends and (h.speaker is not null or h.same_link)) as "clashes!"
         from class c join class_part p on p.class_id = c.id
         where case $1 when 'coming' then c.state = 'published' and p.ends > $2
                       when 'drafts' then c.state = 'draft'
                       else c.state = 'cancelled' or (c.state = 'published' and c.ends <= $2) end
         order by p.starts, c.id"#,
        match shelf {
            Shelf::Coming => "coming",
            Shelf::Drafts => "drafts",
            Shelf::Past => "past",
        },
        now
    )
    .fetch_all(db)
    .await?;
    if shelf == Shelf::Past {
        classes.reverse();
    }
    Ok(classes)
}
