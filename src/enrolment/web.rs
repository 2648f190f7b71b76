//! Enrolling, joining and withdrawing.

use super::{EnrolError, Standing, State};
use crate::{
    account::{Page, SignedIn, flash},
    app::{App, Db},
    class::{self, Class, Lane},
    clock::Now,
    error::{Error, Result},
    ids::ClassId,
    web::show,
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    response::{Html, IntoResponse, Redirect, Response},
};

pub(crate) async fn create(
    Shared(app): Shared<App>,
    me: SignedIn,
    Now(now): Now,
    Path(slug): Path<String>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
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

/// Leads to the class's current Zoom link, so that a changed link needs no new message.
pub(crate) async fn join(
    mut db: Db,
    me: SignedIn,
    Now(now): Now,
    Path(class): Path<ClassId>,
) -> Result<Redirect> {
    let class = class::find(&mut db, class).await?;
    let standing = super::standing(&mut db, class.id, me.id).await?.ok_or(Error::NotFound)?;
    if standing.state != State::Active || class.state != class::State::Published {
        return Err(Error::Refused("Tautan Zoom hanya untuk peserta yang mendapat tempat.".into()));
    }
    let link = class.address(Lane::Zoom).ok_or_else(|| {
        Error::Refused("Tautan Zoom belum diumumkan. Hubungi penyelenggara.".into())
    })?;
    if !class::zoom_open(&mut db, class.id, now).await? {
        return Err(Error::Refused(
            "Tautan Zoom dibuka 15 menit sebelum kelas dimulai, sampai kelas selesai.".into(),
        ));
    }
    Ok(Redirect::to(link))
}

#[derive(Template)]
#[template(path = "enrolment/withdraw.html")]
struct WithdrawPage {
    page: Page,
    class: Class,
    standing: Standing,
}

pub(crate) async fn ask_withdraw(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Path(class): Path<ClassId>,
) -> Result<Response> {
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
    let mut tx = app.begin().await?;
    super::standing(&mut tx, class, me.id).await?.ok_or(Error::NotFound)?;
    match super::withdraw(&mut tx, class, me.id, now).await {
        Ok(()) => tx.commit().await?,
        Err(EnrolError::NotEnrolled) => {} // pressed twice
        Err(refusal) => return Err(refusal.into()),
    }
    Ok(flash(&format!("/saya/kelas/{class}"), "Pendaftaran Anda dibatalkan."))
}

impl From<EnrolError> for Error {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::Database(error) => error.into(),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
