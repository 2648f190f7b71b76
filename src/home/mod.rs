//! A person's own pages: `/saya` with the sentence, what comes next, what is to
//! be done and the last entries, and their classes.

mod classes;
mod glance;

pub(crate) use classes::{class, classes};

use crate::{
    account::{Page, SignedIn},
    app::Db,
    catalogue::{self, Card, Filter},
    class::{self, JOIN_EARLY},
    clock::{Now, year_of},
    enrolment::{Mine, State},
    error::Result,
    ledger::Progress,
    web::show,
};
use askama::Template;
use axum::response::Html;
use chrono::{DateTime, Datelike, Utc};
use glance::{Glance, Latest, glance};
use sqlx::PgConnection;

/// Classes and entries shown of each kind.
const FEW: usize = 3;

/// A class to come, with the button to join when it is time.
struct Next {
    mine: Mine,
    /// The first part that is not over.
    starts: DateTime<Utc>,
    ends: DateTime<Utc>,
    today: bool,
    remark: String,
    may_join: bool,
}

/// The ring of petals: one for each learning hour of the target.
struct Ring {
    /// Degrees, and whether the hour is reached.
    petals: Vec<(String, bool)>,
}

impl Ring {
    fn of(progress: &Progress) -> Self {
        let count = progress.target.clamp(1, 60);
        let reached = progress.filled();
        let angle = |n: i32| {
            let hundredths = n * 36_000 / count;
            format!("{}.{:02}", hundredths / 100, hundredths % 100)
        };
        Self { petals: (0..count).map(|n| (angle(n), n < reached)).collect() }
    }
}

#[derive(Template)]
#[template(path = "home/index.html")]
struct HomePage {
    page: Page,
    today: String,
    name: String,
    progress: Progress,
    year_before: Option<i32>,
    latest: Vec<Latest>,
    /// How far it is to the target.
    rest: String,
    ring: Ring,
    next: Vec<Next>,
    won: Vec<Won>,
    waiting: Vec<Mine>,
    called_off: Vec<Mine>,
    suggested: Vec<Card>,
}

/// A seat that came free for them.
struct Won {
    mine: Mine,
    may_withdraw: bool,
}

/// When the class's next part is: only a class of several days has more than one to look up.
async fn part(
    db: &mut PgConnection,
    mine: &Mine,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
    let whole = (mine.starts, mine.ends);
    if show::local_day(mine.starts) == show::local_day(mine.ends) {
        return Ok(whole);
    }
    let parts = class::parts(db, mine.class).await?;
    let next = parts.iter().find(|part| part.ends >= now);
    Ok(next.map_or(whole, |part| (part.starts, part.ends)))
}

async fn next(db: &mut PgConnection, mine: Mine, now: DateTime<Utc>) -> Result<Next> {
    let (starts, ends) = part(db, &mine, now).await?;
    let today = show::local_day(starts) == show::local_day(now);
    let minutes = (starts - now).num_minutes();
    let when = match minutes {
        ..0 => "sedang berlangsung".to_owned(),
        0 => "dimulai sekarang".to_owned(),
        1..=90 => format!("dimulai {minutes} menit lagi"),
        _ => format!("pukul {}", show::time(starts)),
    };
    let from = if mine.from_queue { "Terdaftar dari daftar tunggu" } else { "Terdaftar" };
    let remark = if today { format!("Hari ini, {when}") } else { from.to_owned() };
    let may_join = mine.has_link && now >= starts - JOIN_EARLY && now <= ends;
    Ok(Next { mine, starts, ends, today, remark, may_join })
}

pub(crate) async fn index(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
) -> Result<Html<String>> {
    let january = show::local_day(now).month() == 1;
    let Glance { progress, year_before, latest, coming } =
        glance(&mut db, me.id, year_of(now), january, now).await?;
    let (called_off, coming): (Vec<Mine>, Vec<Mine>) =
        coming.into_iter().partition(|mine| mine.class_state == class::State::Cancelled);
    let (seated, waiting): (Vec<Mine>, Vec<Mine>) =
        coming.into_iter().partition(|mine| mine.state == State::Active);
    let suggested = if seated.is_empty() { open(&mut db, &me, now).await? } else { Vec::new() };
    let won = seated.iter().filter(|mine| mine.from_queue && mine.starts > now);
    let won = won
        .map(|mine| Won { may_withdraw: now <= mine.withdrawal_until, mine: mine.clone() })
        .collect();
    let mut first = Vec::new();
    for mine in seated {
        first.push(next(&mut db, mine, now).await?);
    }
    drop(db);
    first.sort_by_key(|next| next.starts);
    first.truncate(FEW);
    let page = HomePage {
        today: show::weekday_date(show::local_day(now)),
        name: me.name.clone(),
        ring: Ring::of(&progress),
        rest: progress.rest(progress.year),
        progress,
        year_before,
        latest,
        next: first,
        won,
        waiting,
        called_off,
        suggested,
        page,
    };
    Ok(Html(page.render()?))
}

/// The next classes in which a seat is free and the person has no place yet.
async fn open(db: &mut PgConnection, me: &SignedIn, now: DateTime<Utc>) -> Result<Vec<Card>> {
    let free = Filter { seats_left: true, ..Filter::default() };
    let (mut cards, _) = catalogue::coming(db, &free, Some(me.id), 1, now).await?;
    cards.retain(|card| card.mine.is_none());
    cards.truncate(FEW);
    Ok(cards)
}
