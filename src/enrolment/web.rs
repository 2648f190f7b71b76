//! Enrolling, joining and withdrawing, and the organiser's list.

use super::{EnrolError, Participant, Standing, State};
use crate::{
    account::{Page, SignedIn, flash},
    app::App,
    class::{self, Class, Lane},
    clock::Now,
    error::{Error, Result},
    ids::{ClassId, PersonId},
    web::{
        form::Problems,
        sheet::{self, Cell},
        show,
    },
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, State as Shared},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

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

#[derive(Template)]
#[template(path = "enrolment/participants.html")]
struct ParticipantsPage {
    page: Page,
    class: Class,
    seated: Vec<Participant>,
    waiting: Vec<Participant>,
}

fn split(all: Vec<Participant>) -> (Vec<Participant>, Vec<Participant>) {
    all.into_iter().partition(|participant| participant.state == State::Active)
}

pub(crate) async fn participants(
    Shared(app): Shared<App>,
    page: Page,
    Path(class): Path<ClassId>,
) -> Result<Html<String>> {
    let mut db = app.db.acquire().await?;
    let class = class::find(&mut db, class).await?;
    let (seated, waiting) = split(super::participants(&mut db, class.id).await?);
    Ok(Html(ParticipantsPage { page, class, seated, waiting }.render()?))
}

pub(crate) async fn participants_sheet(
    Shared(app): Shared<App>,
    Path(class): Path<ClassId>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let class = class::find(&mut db, class).await?;
    let all = super::participants(&mut db, class.id).await?;
    drop(db);
    let rows: Vec<Vec<Cell>> = (1_i64..)
        .zip(all)
        .map(|(n, p)| {
            let state = if p.state == State::Active { "Terdaftar" } else { "Menunggu" };
            vec![
                n.into(),
                p.name.into(),
                p.nip.into(),
                p.position.unwrap_or_default().into(),
                p.unit.into(),
                state.into(),
            ]
        })
        .collect();
    let heads = [
        ("No.", 6),
        ("Nama", 40),
        ("NIP", 22),
        ("Jabatan", 32),
        ("Unit kerja", 40),
        ("Keadaan", 14),
    ];
    let bytes = sheet::workbook("Peserta", &heads, &rows).map_err(anyhow::Error::from)?;
    Ok(sheet::download(&format!("peserta-kelas-{}", class.id), bytes))
}

#[derive(Template)]
#[template(path = "enrolment/sign_sheet.html")]
struct SignSheetPage {
    page: Page,
    class: Class,
    seated: Vec<Participant>,
    printed: String,
}

pub(crate) async fn sign_sheet(
    Shared(app): Shared<App>,
    page: Page,
    Now(now): Now,
    Path(class): Path<ClassId>,
) -> Result<Html<String>> {
    let mut db = app.db.acquire().await?;
    let class = class::find(&mut db, class).await?;
    let (seated, _) = split(super::participants(&mut db, class.id).await?);
    Ok(Html(SignSheetPage { page, class, seated, printed: show::moment(now) }.render()?))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RemoveForm {
    why: String,
}

#[derive(Template)]
#[template(path = "enrolment/remove.html")]
struct RemovePage {
    page: Page,
    class: Class,
    participant: Participant,
    form: RemoveForm,
    problems: Problems,
}

async fn one_of(
    db: &mut sqlx::PgConnection,
    class: ClassId,
    person: PersonId,
) -> Result<Participant> {
    let all = super::participants(db, class).await?;
    all.into_iter().find(|participant| participant.person == person).ok_or(Error::NotFound)
}

pub(crate) async fn ask_remove(
    Shared(app): Shared<App>,
    page: Page,
    Path((class, person)): Path<(ClassId, PersonId)>,
) -> Result<Html<String>> {
    let mut db = app.db.acquire().await?;
    let class = class::find(&mut db, class).await?;
    let participant = one_of(&mut db, class.id, person).await?;
    let asked = RemovePage {
        page,
        class,
        participant,
        form: RemoveForm::default(),
        problems: Problems::default(),
    };
    Ok(Html(asked.render()?))
}

pub(crate) async fn remove(
    Shared(app): Shared<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path((class, person)): Path<(ClassId, PersonId)>,
    Form(form): Form<RemoveForm>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let mut problems = Problems::default();
    let Some(why) = problems.text("why", "alasan", &form.why, 300) else {
        let class = class::find(&mut tx, class).await?;
        let participant = one_of(&mut tx, class.id, person).await?;
        let answer = RemovePage { page, class, participant, form, problems }.render()?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer)).into_response());
    };
    match super::remove_by(&mut tx, class, person, me.id, why, now).await {
        Ok(()) => tx.commit().await?,
        Err(EnrolError::NotEnrolled) => {} // pressed twice
        Err(refusal) => return Err(refusal.into()),
    }
    Ok(flash(
        &format!("/kelola/kelas/{class}/peserta"),
        "Peserta dikeluarkan. Jika ada yang menunggu, tempatnya menjadi miliknya.",
    ))
}

impl From<EnrolError> for Error {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::Database(error) => error.into(),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
