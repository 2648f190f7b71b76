//! Moving a unit below another, and merging it into another: first where to, then a look at
//! what follows, then the button.

use super::{Seen, Subject};
use crate::{
    account::{self, EndError, Page, SignedIn, flash},
    app::{App, Db},
    clock::Now,
    error::Result,
    ids::UnitId,
    people::{
        Unit,
        unit::{self, Merged, Node, UnitError},
    },
    web::{form::Problems, show},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

/// Where to, as chosen, and the version that was looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct PlaceForm {
    ke: Option<String>,
    version: String,
}

impl PlaceForm {
    fn version(&self) -> i32 {
        self.version.parse().unwrap_or(0)
    }
}

#[derive(Template)]
#[template(path = "account/unit_place.html")]
struct PlacePage {
    page: Page,
    problems: Problems,
    subject: Subject,
    /// Whether the unit ends in the other, or stays below it.
    merges: bool,
    obstacle: Option<String>,
    /// Chosen, so that what follows can be told.
    target: Option<Node>,
    targets: Vec<Unit>,
    /// Whether the target lies outside the unit above.
    leaves: bool,
    today: NaiveDate,
}

impl PlacePage {
    async fn of(
        db: &mut PgConnection,
        page: Page,
        me: &SignedIn,
        (unit, merges): (UnitId, bool),
        (form, mut problems): (&PlaceForm, Problems),
        now: DateTime<Utc>,
    ) -> Result<Response> {
        let seen = Seen::of(db, me).await?;
        let subject = Subject::to_end(db, &seen, unit).await?;
        let today = show::local_day(now);
        let mut targets = seen.targets(unit, today);
        targets.retain(|target| merges || Some(target.id) != subject.unit.parent_id);
        let target = form.ke.as_deref().and_then(|typed| seen.chosen(typed));
        let target = target.filter(|node| targets.iter().any(|one| one.id == node.id)).cloned();
        let above = subject.unit.parent_id.map_or(&[][..], |parent| seen.tree.within(parent));
        let leaves = target.as_ref().is_some_and(|to| above.iter().all(|one| one.id != to.id));
        if form.ke.is_some() && target.is_none() && problems.none() {
            problems.note::<()>("ke", "Pilih unit tujuan.");
        }
        let obstacle = if merges || subject.unit.is_closed() { subject.obstacle(me) } else { None };
        let status =
            if problems.none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let shown =
            Self { page, problems, subject, merges, obstacle, target, targets, leaves, today };
        Ok((status, Html(shown.render()?)).into_response())
    }

    /// The day from which a unit that is merged is no more.
    fn ends(&self) -> NaiveDate {
        self.subject.unit.valid_from.max(self.today)
    }

    fn address(&self) -> String {
        let act = if self.merges { "gabung" } else { "pindah" };
        format!("/kelola/unit/{}/{act}", self.subject.unit.id)
    }
}

pub(crate) async fn ask_move(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(unit): Path<UnitId>,
    Query(form): Query<PlaceForm>,
) -> Result<Response> {
    let first = (&form, Problems::default());
    PlacePage::of(&mut db, page, &me, (unit, false), first, now).await
}

pub(crate) async fn ask_merge(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(unit): Path<UnitId>,
    Query(form): Query<PlaceForm>,
) -> Result<Response> {
    let first = (&form, Problems::default());
    PlacePage::of(&mut db, page, &me, (unit, true), first, now).await
}

/// The unit chosen, when both lie within reach.
async fn target(
    db: &mut PgConnection,
    me: &SignedIn,
    unit: UnitId,
    form: &PlaceForm,
) -> Result<Option<Node>> {
    let seen = Seen::to_change(db, me).await?;
    seen.node(unit)?;
    Ok(form.ke.as_deref().and_then(|typed| seen.chosen(typed)).cloned())
}

/// The refusal beside the choice. What is shown again is how things stand now.
fn problem(refusal: &UnitError) -> Problems {
    let mut problems = Problems::default();
    let look = if matches!(refusal, UnitError::Stale { .. }) {
        " Yang tampil di bawah adalah keadaan terakhirnya. Periksa sekali lagi."
    } else {
        ""
    };
    problems.note::<()>("ke", format!("{refusal}{look}"));
    problems
}

pub(crate) async fn move_below(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(unit): Path<UnitId>,
    Form(form): Form<PlaceForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let mut problems = Problems::default();
    if let Some(parent) = target(&mut tx, &me, unit, &form).await? {
        match unit::move_below(&mut tx, unit, parent.id, form.version(), me.id, now).await {
            Ok(()) => {
                tx.commit().await?;
                let words = format!("Unit sekarang berada di bawah {}.", parent.name);
                return Ok(flash(&format!("/kelola/unit/{unit}"), &words));
            }
            Err(UnitError::Database(error)) => return Err(error.into()),
            Err(refusal) => problems = problem(&refusal),
        }
    } else {
        problems.note::<()>("ke", "Pilih unit tujuan.");
    }
    tx.rollback().await?;
    let mut db = app.db.acquire().await?;
    PlacePage::of(&mut db, page, &me, (unit, false), (&form, problems), now).await
}

/// `12 orang dan 2 unit pindah ke Dinas Sosial.`
fn went_over(merged: Option<Merged>, into: &str) -> String {
    match merged {
        Some(Merged { people, units }) => format!(
            "Unit digabung. {} orang dan {units} unit pindah ke {into}.",
            show::number(i64::try_from(people).unwrap_or(i64::MAX))
        ),
        None => format!("Unit sudah digabung ke {into}."),
    }
}

pub(crate) async fn merge(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(unit): Path<UnitId>,
    Form(form): Form<PlaceForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let mut problems = Problems::default();
    if let Some(into) = target(&mut tx, &me, unit, &form).await? {
        match account::merge_unit(&mut tx, unit, into.id, form.version(), me.id, now).await {
            Ok(merged) => {
                tx.commit().await?;
                let words = went_over(merged, &into.name);
                return Ok(flash(&format!("/kelola/unit/{}", into.id), &words));
            }
            Err(EndError::Database(error) | EndError::Unit(UnitError::Database(error))) => {
                return Err(error.into());
            }
            Err(EndError::Unit(refusal)) => problems = problem(&refusal),
            Err(own @ EndError::Own) => drop(problems.note::<()>("ke", own.to_string())),
        }
    } else {
        problems.note::<()>("ke", "Pilih unit tujuan.");
    }
    tx.rollback().await?;
    let mut db = app.db.acquire().await?;
    PlacePage::of(&mut db, page, &me, (unit, true), (&form, problems), now).await
}
