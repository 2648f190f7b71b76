//! `/saya/kelas`: a person's own classes, and how each came out.

use crate::{
    account::{Page, SignedIn},
    app::Db,
    attendance::{self, Held, Outcome},
    certificate,
    class::{self, Class, Lane},
    clock::Now,
    enrolment::{self, Mine, Standing, State},
    error::{Error, Result},
    ids::{CertificateId, ClassId},
    web::show,
};
use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Html,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

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

impl Tab {
    fn of(mine: &Mine, now: DateTime<Utc>) -> Self {
        match mine.state {
            State::Withdrawn => Self::CalledOff,
            _ if mine.class_state == class::State::Cancelled => Self::CalledOff,
            _ if mine.ends <= now => Self::Over,
            State::Waiting => Self::Waiting,
            State::Active => Self::Coming,
        }
    }
}

/// A class and what was decided there.
struct Line {
    mine: Mine,
    held: Option<Held>,
}

#[derive(Template)]
#[template(path = "home/classes.html")]
struct ClassesPage {
    page: Page,
    tab: Tab,
    lines: Vec<Line>,
}

pub(crate) async fn classes(
    mut db: Db,
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
    let mut classes = enrolment::mine(&mut db, me.id).await?;
    let mut held = attendance::held(&mut db, me.id, None).await?;
    drop(db);
    classes.retain(|mine| Tab::of(mine, now) == tab);
    if matches!(tab, Tab::Over | Tab::CalledOff) {
        classes.reverse();
    }
    let lines = classes
        .into_iter()
        .map(|mine| {
            let at = held.iter().position(|held| held.class == mine.class);
            Line { held: at.map(|at| held.swap_remove(at)), mine }
        })
        .collect();
    Ok(Html(ClassesPage { page, tab, lines }.render()?))
}

#[derive(Template)]
#[template(path = "home/class.html")]
struct ClassPage {
    page: Page,
    class: Class,
    standing: Standing,
    held: Option<Held>,
    /// A live one.
    certificate: Option<CertificateId>,
    withdraw_until: DateTime<Utc>,
    may_withdraw: bool,
    joining: Joining,
    over: bool,
}

/// The way into Zoom.
#[derive(PartialEq, Eq)]
enum Joining {
    Now,
    Later,
    /// No link, or no seat.
    Never,
}

pub(crate) async fn class(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(class): Path<ClassId>,
) -> Result<Html<String>> {
    let class = class::find(&mut db, class).await?;
    let standing = enrolment::standing(&mut db, class.id, me.id).await?.ok_or(Error::NotFound)?;
    let held = attendance::held(&mut db, me.id, Some(class.id)).await?.pop();
    let own = certificate::of_person(&mut db, me.id).await?;
    let zoom_open = class::zoom_open(&mut db, class.id, now).await?;
    drop(db);
    let certificate = own.iter().find(|one| one.class == class.id && one.revoked_at.is_none());
    let running = class.state == class::State::Published;
    let seated = running && standing.state == State::Active;
    let joining = match class.address(Lane::Zoom) {
        Some(_) if seated && zoom_open => Joining::Now,
        Some(_) if seated => Joining::Later,
        _ => Joining::Never,
    };
    let withdraw_until = standing.state.may_withdraw_until(class.withdrawal_until, class.starts());
    Ok(Html(
        ClassPage {
            page,
            held: held.filter(|held| held.outcome != Outcome::Undecided),
            certificate: certificate.map(|one| one.id),
            withdraw_until,
            may_withdraw: running && standing.state != State::Withdrawn && now <= withdraw_until,
            joining,
            over: class.ends() <= now,
            class,
            standing,
        }
        .render()?,
    ))
}
