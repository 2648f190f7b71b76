//! `/kelola/orang/slip`: people are chosen, and their slips printed. The codes are shown once.

use super::within;
use crate::{
    account::{
        self, Page, Reach, ReachError, SignedIn,
        slips::{self, Candidate, Codes, MOST_SLIPS, Slip, Sought},
    },
    app::{App, Db},
    clock::Now,
    error::{Error, Result},
    ids::PersonId,
    people::unit::Node,
    web::form::Problems,
};
use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;
use sqlx::PgConnection;

/// Whose slips are looked for, as the address says it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    q: String,
    unit: String,
    /// `semua` for those too who have signed in.
    siapa: String,
}

#[derive(Template)]
#[template(path = "account/slip_choice.html")]
struct ChoicePage {
    page: Page,
    wanted: Wanted,
    unit: Option<Node>,
    people: Vec<Candidate>,
    /// How many there are, of whom the first are listed.
    all: i64,
    problems: Problems,
}

async fn choice(
    db: &mut PgConnection,
    page: Page,
    me: &SignedIn,
    wanted: Wanted,
    problems: Problems,
) -> Result<Html<String>> {
    let reach = Reach::keeping(db, me.id).await?;
    let (unit, below) = within(db, &reach, &wanted.unit).await?;
    let within = below.as_deref().unwrap_or(reach.units());
    let sought = Sought { words: &wanted.q, within, never: wanted.siapa != "semua" };
    let (people, all) = slips::candidates(db, &reach, &sought).await?;
    Ok(Html(ChoicePage { page, wanted, unit, people, all, problems }.render()?))
}

pub(crate) async fn ask(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Html<String>> {
    choice(&mut db, page, &me, wanted, Problems::default()).await
}

#[derive(Template)]
#[template(path = "account/slips.html")]
struct SlipsPage {
    page: Page,
    slips: Vec<Slip>,
    /// Where the code is typed.
    address: String,
}

/// Makes slips for those who were ticked, or for all who were listed.
pub(crate) async fn make(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let said = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let whose = if said("untuk").is_some_and(|whom| whom == "semua") { "daftar" } else { "orang" };
    let chosen = form.iter().filter(|(key, _)| key == whose).map(|(_, value)| value.parse());
    let chosen: Vec<PersonId> = chosen
        .map(|id| id.map(PersonId))
        .collect::<Result<_, _>>()
        .map_err(|_| Error::BadRequest)?;
    let mut problems = Problems::default();
    if chosen.is_empty() {
        problems.note::<()>("orang", "Centang orang yang akan diberi slip.");
    } else if chosen.len() > MOST_SLIPS {
        problems.note::<()>("orang", format!("Paling banyak {MOST_SLIPS} slip sekali cetak."));
    }
    if !problems.none() {
        let text = |name: &str| said(name).cloned().unwrap_or_default();
        let wanted = Wanted { q: text("q"), unit: text("unit"), siapa: text("siapa") };
        let mut db = app.db.acquire().await?;
        let answer = choice(&mut db, page, &me, wanted, problems).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response());
    }
    let codes = Codes::make(chosen).await?;
    let mut tx = app.begin().await?;
    let reach = Reach::keeping(&mut tx, me.id).await?;
    let slips = match account::hand_out(&mut tx, &reach, codes, me.id, now).await {
        Ok(slips) => slips,
        // Such people are never listed.
        Err(ReachError::Beyond | ReachError::Merged) => return Err(Error::NotFound),
        Err(ReachError::Database(error)) => return Err(error.into()),
    };
    let address = format!("{}/aktivasi", app.config.base_url);
    let shown = SlipsPage { page, slips, address }.render()?;
    tx.commit().await?;
    Ok(Html(shown).into_response())
}
