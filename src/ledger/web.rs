//! `/saya/jp`: the book of learning hours.

use super::{Entry, Missed, Progress};
use crate::{
    account::{Page, SignedIn},
    app::Db,
    clock::{Now, year_of},
    error::Result,
    web::{form, show},
};
use askama::Template;
use axum::{extract::Query, response::Html};
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    tahun: String,
}

#[derive(Template)]
#[template(path = "ledger/book.html")]
struct BookPage {
    page: Page,
    progress: Progress,
    /// How far it is to the target, or by how much it was missed.
    rest: String,
    years: Vec<(i32, i32)>,
    lines: Vec<Line>,
    missed: Vec<Missed>,
    printed: String,
}

/// An entry and the sum up to it.
struct Line {
    entry: Entry,
    sum: i32,
}

pub(crate) async fn book(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Query(chosen): Query<Chosen>,
) -> Result<Html<String>> {
    let this_year = year_of(now);
    let year = form::year(&chosen.tahun).unwrap_or(this_year);
    let progress = super::progress(&mut db, me.id, year).await?;
    let mut years = super::years(&mut db, me.id).await?;
    if !years.iter().any(|(known, _)| *known == this_year) {
        years.insert(0, (this_year, 0));
    }
    let entries = super::entries(&mut db, me.id, year).await?;
    let lines = entries
        .into_iter()
        .scan(0, |sum, entry| {
            *sum += entry.jp;
            Some(Line { sum: *sum, entry })
        })
        .collect();
    let missed = super::missed(&mut db, me.id, year).await?;
    let (rest, printed) = (progress.rest(this_year), show::moment(now));
    Ok(Html(BookPage { page, progress, rest, years, lines, missed, printed }.render()?))
}
