//! `/saya`: the sentence, what comes next, what is to be done, the last entries.

use crate::{
    account::{Page, SignedIn},
    app::App,
    catalogue::{self, Card, Filter},
    class,
    clock::{Now, year_of},
    enrolment::{self, Mine, State, web::JOIN_EARLY},
    error::Result,
    ledger::{self, Latest, Progress},
    web::show,
};
use askama::Template;
use axum::{extract::State as Shared, response::Html};
use chrono::{DateTime, Datelike, Utc};

/// Classes and entries shown of each kind.
const FEW: usize = 3;

/// A class to come, with the button to join when it is time.
struct Next {
    mine: Mine,
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
    last_year: Option<(i32, i32)>,
    ring: Ring,
    next: Vec<Next>,
    won: Vec<Mine>,
    waiting: Vec<Mine>,
    called_off: Vec<Mine>,
    suggested: Vec<Card>,
    entries: Vec<Latest>,
}

fn next(mine: Mine, now: DateTime<Utc>) -> Next {
    let (starts, ends) = (mine.part_starts, mine.part_ends);
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
    let may_join = now >= starts - JOIN_EARLY && now <= ends;
    Next { mine, today, remark, may_join }
}

pub(crate) async fn index(
    Shared(app): Shared<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
) -> Result<Html<String>> {
    let year = year_of(now);
    let mut db = app.db.acquire().await?;
    let (progress, entries) = ledger::summary(&mut db, me.id, year).await?;
    let last_year = match show::local_day(now).month() {
        1 => ledger::years(&mut db, me.id).await?.into_iter().find(|(of, _)| *of == year - 1),
        _ => None,
    };
    let coming = enrolment::mine(&mut db, me.id, now).await?;
    let suggested = if coming.is_empty() {
        catalogue::coming(
            &mut db,
            &Filter { seats_left: true, ..Filter::default() },
            Some(me.id),
            1,
            now,
        )
        .await?
        .0
    } else {
        Vec::new()
    };
    drop(db);
    let (called_off, coming): (Vec<Mine>, Vec<Mine>) = coming
        .into_iter()
        .filter(|mine| mine.state != State::Withdrawn)
        .partition(|mine| mine.class_state == class::State::Cancelled);
    let (mut seated, waiting): (Vec<Mine>, Vec<Mine>) =
        coming.into_iter().partition(|mine| mine.state == State::Active);
    seated.sort_by_key(|mine| mine.part_starts);
    let won = seated.iter().filter(|mine| mine.from_queue && mine.starts > now).cloned().collect();
    let page = HomePage {
        today: show::weekday_date(show::local_day(now)),
        name: me.name.clone(),
        ring: Ring::of(&progress),
        progress,
        last_year,
        next: seated.into_iter().take(FEW).map(|mine| next(mine, now)).collect(),
        won,
        waiting,
        called_off,
        suggested: suggested.into_iter().take(FEW).collect(),
        entries,
        page,
    };
    Ok(Html(page.render()?))
}
