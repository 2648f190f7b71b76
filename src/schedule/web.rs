//! `/kelola/jadwal` and the organiser's page of one class.

use super::{Clash, Plan, ScheduleError, Shelf, form::ClassForm};
use crate::{
    account::{Page, Permission, SignedIn, flash, is_token, new_token},
    app::{App, Db},
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
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

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
    parts: Vec<super::Scheduled>,
}

pub(crate) async fn index(
    mut db: Db,
    page: Page,
    Now(now): Now,
    Query(chosen): Query<Chosen>,
) -> Result<Html<String>> {
    let shelf = match chosen.bagian.as_str() {
        "draf" => Shelf::Drafts,
        "selesai" => Shelf::Past,
        _ => Shelf::Coming,
    };
    let mut days: Vec<Day> = Vec::new();
    for part in super::shelf(&mut db, shelf, now).await? {
        let heading = show::weekday_date(show::local_day(part.starts));
        match days.last_mut() {
            Some(day) if day.heading == heading => day.parts.push(part),
            _ => days.push(Day { heading, parts: vec![part] }),
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

impl FormPage {
    /// Where the form is sent.
    fn address(&self) -> String {
        match &self.class {
            Some(class) => format!("/kelola/kelas/{}/ubah", class.id),
            None => "/kelola/kelas".into(),
        }
    }
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

/// The form beside what was saved meanwhile: saving again overwrites knowingly.
fn beside(page: Page, form: ClassForm, class: Class, what: &ScheduleError) -> Result<Response> {
    let mut problems = Problems::default();
    problems.note::<()>(
        "title",
        format!(
            "{what} Periksa perbedaannya di bawah, lalu simpan lagi jika isian Anda yang benar."
        ),
    );
    let form = ClassForm { version: class.version.to_string(), ..form };
    again(page, form, problems, Some(class), StatusCode::CONFLICT)
}

pub(crate) async fn create(
    Shared(app): Shared<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Form(mut form): Form<ClassForm>,
) -> Result<Response> {
    if form.rearrange() {
        return again(page, form, Problems::default(), None, StatusCode::OK);
    }
    let plan = match form.parse() {
        Ok(plan) => plan,
        Err(problems) => {
            return again(page, form, problems, None, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let key = Some(form.key.as_str()).filter(|key| !key.is_empty());
    if key.is_some_and(|key| !is_token(key)) {
        return Err(Error::BadRequest);
    }
    let mut tx = app.begin().await?;
    match super::create(&mut tx, &plan, key, me.id, now).await {
        Ok(class) => {
            tx.commit().await?;
            Ok(flash(
                &format!("/kelola/kelas/{class}"),
                "Draf kelas tersimpan. Periksa isinya, lalu terbitkan.",
            ))
        }
        Err(refusal @ ScheduleError::AlreadyMade(class)) => {
            let class = class::find(&mut tx, class).await?;
            beside(page, form, class, &refusal)
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn edit(
    mut db: Db,
    page: Page,
    Path(class): Path<ClassId>,
) -> Result<Html<String>> {
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
    Form(mut form): Form<ClassForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let class = class::find(&mut tx, id).await?;
    if form.rearrange() {
        return again(page, form, Problems::default(), Some(class), StatusCode::OK);
    }
    let mut plan: Plan = match form.parse() {
        Ok(plan) => plan,
        Err(problems) => {
            return again(page, form, problems, Some(class), StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    plan.keep_people(&class);
    let version = form.version.parse().unwrap_or(0);
    match super::change(&mut tx, id, version, &plan, me.id, now).await {
        Ok(seated) => {
            tx.commit().await?;
            Ok(flash(&format!("/kelola/kelas/{id}"), &saved(seated)))
        }
        Err(ScheduleError::Database(error)) => Err(error.into()),
        Err(stale @ ScheduleError::Stale { .. }) => beside(page, form, class, &stale),
        Err(refusal) => {
            let field = match refusal {
                ScheduleError::QuotaBelowTaken(_) => "quota",
                ScheduleError::JpFrozen(_) => "jp",
                ScheduleError::AlreadyAttended => "day",
                ScheduleError::RuleFrozen(_) => "presence",
                _ => "title",
            };
            let mut problems = Problems::default();
            problems.note::<()>(field, refusal.to_string());
            again(page, form, problems, Some(class), StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
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
    clashes: Vec<Clash>,
    begun: bool,
    over: bool,
    attended: bool,
}

pub(crate) async fn show(
    mut db: Db,
    page: Page,
    Now(now): Now,
    Path(class): Path<ClassId>,
) -> Result<Html<String>> {
    let class = class::find(&mut db, class).await?;
    let events = class::events(&mut db, class.id).await?;
    let attended = super::attended(&mut db, class.id).await?;
    let clashes = match class.state {
        State::Cancelled => Vec::new(),
        State::Draft | State::Published => super::clashes(&mut db, class.id, now).await?,
    };
    let (begun, over) = (class.starts() <= now, class.ends() <= now);
    Ok(Html(ClassPage { page, class, events, clashes, begun, over, attended }.render()?))
}

/// What is looked at once more before a class is published.
#[derive(Template)]
#[template(path = "schedule/publish.html")]
struct PublishPage {
    page: Page,
    class: Class,
    clashes: Vec<Clash>,
    /// JP that the minutes would earn.
    proposed: i32,
    /// Why it cannot be published.
    obstacle: Option<String>,
    /// Enrolment would already be closed.
    closed: bool,
    /// Somebody changed the draft since the page was opened.
    changed: bool,
}

impl PublishPage {
    async fn of(
        db: &mut PgConnection,
        page: Page,
        class: Class,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let clashes = super::clashes(db, class.id, now).await?;
        let obstacle = super::publishable(&class.title, &class.parts, now).err();
        let obstacle = obstacle.map(|refusal| refusal.to_string());
        let proposed = class::proposed_jp(class::minutes(&class.parts));
        let closed = class.enrolment_closes <= now;
        Ok(Self { page, class, clashes, proposed, obstacle, closed, changed: false })
    }
}

pub(crate) async fn ask_publish(
    mut db: Db,
    page: Page,
    Now(now): Now,
    Path(class): Path<ClassId>,
) -> Result<Response> {
    let class = class::find(&mut db, class).await?;
    if class.state != State::Draft {
        return Ok(Redirect::to(&format!("/kelola/kelas/{}", class.id)).into_response());
    }
    Ok(Html(PublishPage::of(&mut db, page, class, now).await?.render()?).into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct PublishForm {
    /// The version that was looked at.
    version: i32,
}

pub(crate) async fn publish(
    Shared(app): Shared<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(id): Path<ClassId>,
    Form(form): Form<PublishForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    super::publish(&mut tx, id, me.id, now).await?;
    // Publishing counted up, now or when the button was pressed before.
    let published = class::find(&mut tx, id).await?;
    if published.version == form.version + 1 {
        tx.commit().await?;
        return Ok(flash(&format!("/kelola/kelas/{id}"), "Kelas sudah terbit."));
    }
    tx.rollback().await?;
    let mut db = app.db.acquire().await?;
    let class = class::find(&mut db, id).await?;
    if class.state != State::Draft {
        return Ok(Redirect::to(&format!("/kelola/kelas/{id}")).into_response());
    }
    let seen = PublishPage { changed: true, ..PublishPage::of(&mut db, page, class, now).await? };
    Ok((StatusCode::CONFLICT, Html(seen.render()?)).into_response())
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
    mut db: Db,
    page: Page,
    Path(class): Path<ClassId>,
) -> Result<Response> {
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
    let mut tx = app.begin().await?;
    let class = class::find(&mut tx, id).await?;
    let mut problems = Problems::default();
    let Some(why) = problems.text("why", "alasan", &form.why, 300) else {
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
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
