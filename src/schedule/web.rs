//! `/kelola/jadwal` and the organiser's page of one class.

use super::{Plan, ScheduleError, Shelf, form::ClassForm};
use crate::{
    account::{Page, Permission, SignedIn, flash, new_token},
    app::App,
    class::{self, Class, Event, Lane, State},
    clock::Now,
    error::{Error, Result},
    ids::ClassId,
    web::{form::Problems, show},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State as Shared},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    bagian: String,
}

#[derive(Template)]
#[template(path = "schedule/index.html")]
struct SchedulePage {
    page: Page,
    shelf: Shelf,
    days: Vec<Day>,
}

struct Day {
    heading: String,
    classes: Vec<super::Scheduled>,
}

pub(crate) async fn index(
    Shared(app): Shared<App>,
    page: Page,
    Now(now): Now,
    Query(chosen): Query<Chosen>,
) -> Result<Html<String>> {
    let shelf = match chosen.bagian.as_str() {
        "draf" => Shelf::Drafts,
        "selesai" => Shelf::Past,
        _ => Shelf::Coming,
    };
    let mut db = app.db.acquire().await?;
    let mut days: Vec<Day> = Vec::new();
    for class in super::shelf(&mut db, shelf, now).await? {
        let heading = show::weekday_date(show::local_day(class.starts));
        match days.last_mut() {
            Some(day) if day.heading == heading => day.classes.push(class),
            _ => days.push(Day { heading, classes: vec![class] }),
        }
    }
    Ok(Html(SchedulePage { page, shelf, days }.render()?))
}

#[derive(Template)]
#[template(path = "schedule/form.html")]
struct FormPage {
    page: Page,
    form: ClassForm,
    problems: Problems,
    /// The class that is edited; none for a new one.
    class: Option<Class>,
    /// What somebody else saved in the meantime, where it differs from the form.
    theirs: Vec<(&'static str, String)>,
}

pub(crate) async fn new(page: Page) -> Result<Html<String>> {
    let form = ClassForm { key: new_token()?, ..ClassForm::default() };
    Ok(Html(
        FormPage { page, form, problems: Problems::default(), class: None, theirs: Vec::new() }
            .render()?,
    ))
}

fn again(
    page: Page,
    form: ClassForm,
    problems: Problems,
    class: Option<Class>,
    status: StatusCode,
) -> Result<Response> {
    let stale = class.as_ref().filter(|_| status == StatusCode::CONFLICT);
    let theirs = stale.map(|class| form.differences(&ClassForm::of(class))).unwrap_or_default();
    Ok((status, Html(FormPage { page, form, problems, class, theirs }.render()?)).into_response())
}

pub(crate) async fn create(
    Shared(app): Shared<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Form(form): Form<ClassForm>,
) -> Result<Response> {
    let plan = match form.parse() {
        Ok(plan) => plan,
        Err(problems) => {
            return again(page, form, problems, None, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let key = Some(form.key.as_str()).filter(|key| !key.is_empty());
    let mut tx = app.db.begin().await?;
    let class = super::create(&mut tx, &plan, key, me.id, now).await?;
    tx.commit().await?;
    Ok(flash(
        &format!("/kelola/kelas/{class}"),
        "Draf kelas tersimpan. Periksa isinya, lalu terbitkan.",
    ))
}

pub(crate) async fn edit(
    Shared(app): Shared<App>,
    page: Page,
    Path(class): Path<ClassId>,
) -> Result<Html<String>> {
    let mut db = app.db.acquire().await?;
    let class = class::find(&mut db, class).await?;
    let form = ClassForm::of(&class);
    Ok(Html(
        FormPage {
            page,
            form,
            problems: Problems::default(),
            class: Some(class),
            theirs: Vec::new(),
        }
        .render()?,
    ))
}

pub(crate) async fn update(
    Shared(app): Shared<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(id): Path<ClassId>,
    Form(form): Form<ClassForm>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let class = class::find(&mut tx, id).await?;
    let plan: Plan = match form.parse() {
        Ok(plan) => plan,
        Err(problems) => {
            return again(page, form, problems, Some(class), StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let version = form.version.parse().unwrap_or(0);
    let mut problems = Problems::default();
    let status = match super::change(&mut tx, id, version, &plan, me.id, now).await {
        Ok(seated) => {
            tx.commit().await?;
            return Ok(flash(&format!("/kelola/kelas/{id}"), &saved(seated)));
        }
        Err(ScheduleError::Database(error)) => return Err(error.into()),
        Err(stale @ ScheduleError::Stale { .. }) => {
            // What was typed stays; saving again would overwrite knowingly.
            problems.note::<()>("title", format!("{stale} Periksa perubahannya di bawah, lalu simpan lagi jika isian Anda yang benar."));
            let form = ClassForm { version: class.version.to_string(), ..form };
            return again(page, form, problems, Some(class), StatusCode::CONFLICT);
        }
        Err(refusal) => {
            let field = match refusal {
                ScheduleError::QuotaBelowTaken(_) => "quota",
                ScheduleError::JpFrozen(_) => "jp",
                ScheduleError::AlreadyAttended => "day",
                ScheduleError::RuleFrozen(_) => "presence",
                _ => "title",
            };
            problems.note::<()>(field, refusal.to_string());
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    again(page, form, problems, Some(class), status)
}

fn saved(seated: i64) -> String {
    match seated {
        0 => "Perubahan tersimpan.".into(),
        n => format!("Perubahan tersimpan. {n} orang dari daftar tunggu mendapat tempat."),
    }
}

#[derive(Template)]
#[template(path = "schedule/class.html")]
struct ClassPage {
    page: Page,
    class: Class,
    events: Vec<Event>,
    over: bool,
    attended: bool,
}

pub(crate) async fn show(
    Shared(app): Shared<App>,
    page: Page,
    Now(now): Now,
    Path(class): Path<ClassId>,
) -> Result<Html<String>> {
    let mut db = app.db.acquire().await?;
    let class = class::find(&mut db, class).await?;
    let events = class::events(&mut db, class.id).await?;
    let attended = super::attended(&mut db, class.id).await?;
    let over = class.starts() <= now;
    Ok(Html(ClassPage { page, class, events, over, attended }.render()?))
}

pub(crate) async fn publish(
    Shared(app): Shared<App>,
    me: SignedIn,
    Now(now): Now,
    Path(class): Path<ClassId>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    super::publish(&mut tx, class, me.id, now).await?;
    tx.commit().await?;
    Ok(flash(&format!("/kelola/kelas/{class}"), "Kelas terbit dan dapat didaftari."))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct CancelForm {
    why: String,
}

#[derive(Template)]
#[template(path = "schedule/cancel.html")]
struct CancelPage {
    page: Page,
    class: Class,
    form: CancelForm,
    problems: Problems,
}

pub(crate) async fn ask_cancel(
    Shared(app): Shared<App>,
    page: Page,
    Path(class): Path<ClassId>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let class = class::find(&mut db, class).await?;
    if class.state == State::Cancelled {
        return Ok(Redirect::to(&format!("/kelola/kelas/{}", class.id)).into_response());
    }
    let asked =
        CancelPage { page, class, form: CancelForm::default(), problems: Problems::default() };
    Ok(Html(asked.render()?).into_response())
}

pub(crate) async fn cancel(
    Shared(app): Shared<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(id): Path<ClassId>,
    Form(form): Form<CancelForm>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let class = class::find(&mut tx, id).await?;
    let mut problems = Problems::default();
    let Some(why) = problems.text("why", "alasan", &form.why, 300).map(str::to_owned) else {
        let answer = CancelPage { page, class, form, problems }.render()?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer)).into_response());
    };
    super::cancel(&mut tx, id, &why, me.id, now).await?;
    tx.commit().await?;
    Ok(flash(
        &format!("/kelola/kelas/{id}"),
        "Kelas dibatalkan. Peserta melihatnya di halaman mereka.",
    ))
}

impl From<ScheduleError> for Error {
    fn from(error: ScheduleError) -> Self {
        match error {
            ScheduleError::Database(error) => error.into(),
            stale @ ScheduleError::Stale { .. } => Self::Stale(stale.to_string()),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
