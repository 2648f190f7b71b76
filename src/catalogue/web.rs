//! `/kelas`: open to everybody.

use super::{Card, Filter, PAGE};
use crate::{
    account::{Page, Permission},
    app::Db,
    class::{self, Class, State},
    clock::Now,
    enrolment::{self, Standing},
    error::Result,
    web::{form::sought, paging::Wanted, show},
};
use askama::Template;
use axum::{
    extract::{Path, Query},
    http::header,
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Deserialize;
use std::fmt::Write;

/// The filter as it stands in the address.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    q: String,
    /// `2026-11`
    bulan: String,
    tempat: String,
    hal: Wanted,
}

impl Search {
    fn filter(&self) -> Filter {
        let words = Some(sought(&self.q)).filter(|q| !q.is_empty());
        let month = NaiveDate::parse_from_str(&format!("{}-01", self.bulan), "%Y-%m-%d");
        let month = month.ok().filter(|month| (2000..=2100).contains(&month.year()));
        Filter { words, month, seats_left: self.tempat == "ada" }
    }
}

/// Where a class stands for the visitor, in one sentence and one shape.
struct Line {
    shape: &'static str,
    words: String,
}

fn line(card: &Card, now: DateTime<Utc>) -> Line {
    let say = |shape, words: String| Line { shape, words };
    match card.mine {
        Some(enrolment::State::Active) => return say("mine", "Anda terdaftar".into()),
        Some(enrolment::State::Waiting) => return say("mine", "Anda di daftar tunggu".into()),
        Some(enrolment::State::Withdrawn) | None => {}
    }
    match card.enrolment_opens {
        Some(opens) if opens > now => {
            return say(
                "shut",
                format!(
                    "Pendaftaran dibuka {} {}",
                    show::date_short(show::local_day(opens)),
                    show::time(opens)
                ),
            );
        }
        _ => {}
    }
    if card.enrolment_closes <= now {
        return say(
            "shut",
            if card.starts <= now {
                "Sedang berlangsung".into()
            } else {
                "Pendaftaran ditutup".into()
            },
        );
    }
    seats(card.quota, card.taken, card.waiting)
}

fn seats(quota: i32, taken: i32, waiting: i32) -> Line {
    match (quota - taken, waiting) {
        (left, 0) if left > 10 => {
            Line { shape: "open", words: format!("Tersisa sekitar {} tempat", show::number(left)) }
        }
        (left, 0) if left > 0 => Line { shape: "open", words: format!("Tersisa {left} tempat") },
        (_, 0) => Line { shape: "full", words: "Penuh. Anda dapat masuk daftar tunggu".into() },
        (_, waiting) => Line {
            shape: "full",
            words: format!(
                "Penuh, {} orang menunggu. Anda dapat masuk daftar tunggu",
                show::number(waiting)
            ),
        },
    }
}

struct Month {
    heading: String,
    cards: Vec<(Card, Line)>,
}

#[derive(Template)]
#[template(path = "catalogue/index.html")]
struct CataloguePage {
    page: Page,
    search: Search,
    choices: Vec<(String, String)>,
    months: Vec<Month>,
    all: i64,
    here: i64,
    pages: i64,
}

impl CataloguePage {
    /// The filter for the addresses of other pages.
    fn query(&self) -> String {
        let mut query = String::new();
        for (name, value) in
            [("q", &self.search.q), ("bulan", &self.search.bulan), ("tempat", &self.search.tempat)]
        {
            if !value.is_empty() {
                let _ = write!(query, "{name}={}&", show::encoded(value));
            }
        }
        query
    }

    fn filtered(&self) -> bool {
        !self.search.bulan.is_empty() || !self.search.tempat.is_empty()
    }
}

pub(crate) async fn index(
    mut db: Db,
    page: Page,
    Now(now): Now,
    Query(search): Query<Search>,
) -> Result<Response> {
    let visitor = page.visitor.as_ref().map(|visitor| visitor.id);
    let filter = search.filter();
    let wanted = search.hal.number();
    let (mut cards, mut all) = super::coming(&mut db, &filter, visitor, wanted, now).await?;
    if cards.is_empty() && wanted > 1 {
        // After the last page no line says how many there are; the first does.
        (cards, all) = super::coming(&mut db, &filter, visitor, 1, now).await?;
    }
    let (here, pages) = search.hal.of(all, PAGE);
    if here < wanted && here > 1 {
        (cards, _) = super::coming(&mut db, &filter, visitor, here, now).await?;
    }
    let choices = super::months(&mut db, now).await?;
    drop(db);
    let choices = choices
        .into_iter()
        .map(|month| (month.format("%Y-%m").to_string(), show::month_year(month)))
        .collect();
    let mut months: Vec<Month> = Vec::new();
    for card in cards {
        let heading = show::month_year(show::local_day(card.starts));
        let line = line(&card, now);
        match months.last_mut() {
            Some(month) if month.heading == heading => month.cards.push((card, line)),
            _ => months.push(Month { heading, cards: vec![(card, line)] }),
        }
    }
    let page = CataloguePage { page, search, choices, months, all, here, pages };
    Ok((
        [(header::CACHE_CONTROL, "public, max-age=60, stale-if-error=86400")],
        Html(page.render()?),
    )
        .into_response())
}

/// The one next thing that the visitor can do.
enum Action {
    /// Sign in first; the address leads back here.
    SignIn,
    Enrol,
    Queue {
        next: i32,
    },
    /// Their own page of the class says everything else.
    Open(Standing),
    /// Nothing, and why.
    Nothing(String),
}

#[derive(Template)]
#[template(path = "catalogue/class.html")]
struct ClassPage {
    page: Page,
    class: Class,
    slug: String,
    line: Line,
    action: Action,
    called_off_because: Option<String>,
}

fn action(class: &Class, mine: Option<Standing>, signed_in: bool, now: DateTime<Utc>) -> Action {
    if let Some(standing) = mine.filter(|standing| standing.state != enrolment::State::Withdrawn) {
        return Action::Open(standing);
    }
    if class.state == State::Cancelled {
        return Action::Nothing("Kelas ini dibatalkan oleh penyelenggara.".into());
    }
    match class.enrolment_opens {
        Some(opens) if opens > now => {
            return Action::Nothing(format!("Pendaftaran dibuka {}.", show::moment(opens)));
        }
        _ => {}
    }
    if class.ends() <= now {
        return Action::Nothing("Kelas ini sudah selesai.".into());
    }
    if class.enrolment_closes <= now {
        return Action::Nothing("Pendaftaran kelas ini sudah ditutup.".into());
    }
    match (signed_in, class.taken < class.quota && class.waiting == 0) {
        (false, _) => Action::SignIn,
        (true, true) => Action::Enrol,
        (true, false) => Action::Queue { next: class.waiting + 1 },
    }
}

pub(crate) async fn show(
    mut db: Db,
    page: Page,
    Now(now): Now,
    Path(slug): Path<String>,
) -> Result<Response> {
    let class = class::by_slug(&mut db, &slug).await?;
    let mine = match &page.visitor {
        Some(visitor) => enrolment::standing(&mut db, class.id, visitor.id).await?,
        None => None,
    };
    let called_off_because = match class.state {
        State::Cancelled => {
            class::events(&mut db, class.id).await?.into_iter().find_map(|event| event.detail)
        }
        State::Draft | State::Published => None,
    };
    let mut line = seats(class.quota, class.taken, class.waiting);
    if class.state == State::Published && class.enrolment_closes <= now {
        line = Line {
            shape: "shut",
            words: if class.ends() <= now {
                "Selesai".into()
            } else {
                "Pendaftaran ditutup".into()
            },
        };
    }
    let action = action(&class, mine, page.visitor.is_some(), now);
    let page = ClassPage { page, class, slug, line, action, called_off_because };
    Ok((
        [(header::CACHE_CONTROL, "public, max-age=60, stale-if-error=86400")],
        Html(page.render()?),
    )
        .into_response())
}
