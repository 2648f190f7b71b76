//! Closing a unit.

use super::{Seen, Subject};
use crate::{
    account::{self, EndError, Page, SignedIn, flash},
    app::{App, Db},
    clock::Now,
    error::Result,
    ids::UnitId,
    people::unit::UnitError,
    web::{form::Problems, show},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct CloseForm {
    day: String,
    version: String,
}

#[derive(Template)]
#[template(path = "account/unit_close.html")]
struct ClosePage {
    page: Page,
    form: CloseForm,
    problems: Problems,
    subject: Subject,
    obstacle: Option<String>,
}

/// What stands in the way of closing, that is to be done first.
fn obstacle(subject: &Subject, me: &SignedIn) -> Option<String> {
    let below = i64::try_from(subject.children.len()).unwrap_or(i64::MAX);
    let first = match (subject.own, below) {
        (people @ 1.., _) => Some(UnitError::HasPeople(people).to_string()),
        (_, units @ 1..) => Some(UnitError::HasUnits(units).to_string()),
        _ => None,
    };
    subject.obstacle(me).or(first)
}

async fn page_of(
    db: &mut PgConnection,
    page: Page,
    me: &SignedIn,
    unit: UnitId,
    (mut form, problems): (CloseForm, Problems),
    now: DateTime<Utc>,
) -> Result<Response> {
    let seen = Seen::of(db, me).await?;
    let subject = Subject::to_end(db, &seen, unit).await?;
    if form.day.is_empty() && problems.none() {
        form.day = subject.unit.valid_from.max(show::local_day(now)).to_string();
    }
    let obstacle = obstacle(&subject, me);
    let status = if problems.none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = ClosePage { page, form, problems, subject, obstacle };
    Ok((status, Html(shown.render()?)).into_response())
}

pub(crate) async fn ask_close(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(unit): Path<UnitId>,
) -> Result<Response> {
    let first = (CloseForm::default(), Problems::default());
    page_of(&mut db, page, &me, unit, first, now).await
}

pub(crate) async fn close(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(unit): Path<UnitId>,
    Form(form): Form<CloseForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    Seen::to_change(&mut tx, &me).await?.node(unit)?;
    let mut problems = Problems::default();
    if let Some(day) = problems.date("day", &form.day) {
        let version = form.version.parse().unwrap_or(0);
        match account::close_unit(&mut tx, unit, day, version, me.id, now).await {
            Ok(()) => {
                tx.commit().await?;
                return Ok(flash(&format!("/kelola/unit/{unit}"), "Unit ditutup."));
            }
            Err(EndError::Database(error) | EndError::Unit(UnitError::Database(error))) => {
                return Err(error.into());
            }
            Err(refusal) => drop(problems.note::<()>("day", refusal.to_string())),
        }
    }
    tx.rollback().await?;
    let mut db = app.db.acquire().await?;
    page_of(&mut db, page, &me, unit, (form, problems), now).await
}
