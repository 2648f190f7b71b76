//! Enrolling and withdrawing, and one's own classes.

use super::{EnrolError, Mine, Standing, State};
use crate::{
    account::{Page, SignedIn, flash},
    app::App,
    class::{self, Class, Lane},
    clock::Now,
    error::{Error, Result},
    ids::ClassId,
    web::show,
};
use askama::Template;
use axum::{
    extract::{Path, Query, State as Shared},
    response::{Html, IntoResponse, Redirect, Response},
};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;

/// The link to join is offered from this long before the class begins.
pub const JOIN_EARLY: Duration = Duration::minutes(15);

pub(crate) async fn create(
    Shared(app): Shared<App>,
    me: SignedIn,
    Now(now): Now,
    Path(slug): Path<String>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let class = class::by_slug(&mut tx, &slug).await?.id;
    let words = match super::enrol(&mut tx, class, me.id, now).await {
        Ok(state) => {
            tx.commit().await?;
            match state {
                State::Active | State::Withdrawn => "Anda terdaftar. Tempat Anda sudah dipesan.",
                State::Waiting => {
                    "Anda masuk daftar tunggu. Tempat kosong langsung menjadi milik Anda."
                }
            }
        }
        // Pressed twice, or in two tabs: the first one counts.
        Err(EnrolError::AlreadyEnrolled) => {
            "Anda sudah terdaftar. Pendaftaran Anda tidak tercatat dua kali."
        }
        Err(refusal) => return Err(refusal.into()),
    };
    Ok(flash(&format!("/saya/kelas/{class}"), words))
}

#[derive(Template)]
#[template(path = "enrolment/show.html")]
struct StandingPage {
    page: Page,
    class: Class,
    standing: Standing,
    may_withdraw: bool,
    may_join: bool,
    over: bool,
}

/// Whether the link to join works now.
fn join_open(class: &Class, now: DateTime<Utc>) -> bool {
    class.parts.iter().any(|part| now >= part.starts - JOIN_EARLY && now <= part.ends)
}

pub(crate) async fn show(
    Shared(app): Shared<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(class): Path<ClassId>,
) -> Result<Html<String>> {
    let mut db = app.db.acquire().await?;
    let class = class::find(&mut db, class).await?;
    let standing = super::standing(&mut db, class.id, me.id).await?.ok_or(Error::NotFound)?;
    let running = class.state == class::State::Published;
    let held = standing.state != State::Withdrawn;
    let may_withdraw = running && held && now <= class.withdrawal_until;
    let has_link = class.address(Lane::Zoom).is_some();
    let may_join = running && standing.state == State::Active && has_link && join_open(&class, now);
    let over = class.ends() <= now;
    Ok(Html(StandingPage { page, class, standing, may_withdraw, may_join, over }.render()?))
}

/// Leads to the class's current Zoom link, so that a changed link needs no new message.
pub(crate) async fn join(
    Shared(app): Shared<App>,
    me: SignedIn,
    Now(now): Now,
    Path(class): Path<ClassId>,
) -> Result<Redirect> {
    let mut db = app.db.acquire().await?;
    let class = class::find(&mut db, class).await?;
    let standing = super::standing(&mut db, class.id, me.id).await?.ok_or(Error::NotFound)?;
    if standing.state != State::Active || class.state != class::State::Published {
        return Err(Error::Refused("Tautan Zoom hanya untuk peserta yang mendapat tempat.".into()));
    }
    if !join_open(&class, now) {
        return Err(Error::Refused(
            "Tautan Zoom dibuka 15 menit sebelum kelas dimulai, sampai kelas selesai.".into(),
        ));
    }
    class.address(Lane::Zoom).map(Redirect::to).ok_or(Error::NotFound)
}

#[derive(Template)]
#[template(path = "enrolment/withdraw.html")]
struct WithdrawPage {
    page: Page,
    class: Class,
    standing: Standing,
}

pub(crate) async fn ask_withdraw(
    Shared(app): Shared<App>,
    page: Page,
    me: SignedIn,
    Path(class): Path<ClassId>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let class = class::find(&mut db, class).await?;
    let standing = super::standing(&mut db, class.id, me.id).await?.ok_or(Error::NotFound)?;
    if standing.state == State::Withdrawn {
        return Ok(Redirect::to(&format!("/saya/kelas/{}", class.id)).into_response());
    }
    Ok(Html(WithdrawPage { page, class, standing }.render()?).into_response())
}

pub(crate) async fn withdraw(
    Shared(app): Shared<App>,
    me: SignedIn,
    Now(now): Now,
    Path(class): Path<ClassId>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    match super::withdraw(&mut tx, class, me.id, now).await {
        Ok(()) => tx.commit().await?,
        Err(EnrolError::NotEnrolled) => {} // pressed twice
        Err(refusal) => return Err(refusal.into()),
    }
    Ok(flash(&format!("/saya/kelas/{class}"), "Pendaftaran Anda dibatalkan."))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    bagian: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Coming,
    Waiting,
    Over,
    CalledOff,
}

#[derive(Template)]
#[template(path = "enrolment/mine.html")]
struct MinePage {
    page: Page,
    tab: Tab,
    classes: Vec<Mine>,
}

fn tab_of(mine: &Mine, now: DateTime<Utc>) -> Tab {
    match mine.state {
        State::Withdrawn => Tab::CalledOff,
        _ if mine.class_state == class::State::Cancelled => Tab::CalledOff,
        _ if mine.ends <= now => Tab::Over,
        State::Waiting => Tab::Waiting,
        State::Active => Tab::Coming,
    }
}

pub(crate) async fn mine(
    Shared(app): Shared<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Query(chosen): Query<Chosen>,
) -> Result<Html<String>> {
    let tab = match chosen.bagian.as_str() {
        "menunggu" => Tab::Waiting,
        "selesai" => Tab::Over,
        "dibatalkan" => Tab::CalledOff,
        _ => Tab::Coming,
    };
    let mut db = app.db.acquire().await?;
    let mut classes = super::mine(&mut db, me.id, DateTime::UNIX_EPOCH).await?;
    classes.retain(|mine| tab_of(mine, now) == tab);
    if matches!(tab, Tab::Over | Tab::CalledOff) {
        classes.reverse();
    }
    Ok(Html(MinePage { page, tab, classes }.render()?))
}

impl From<EnrolError> for Error {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::Database(error) => error.into(),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
