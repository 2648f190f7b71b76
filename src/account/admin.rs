//! `/kelola/orang`: an administrator records people, invites them, and gives roles.

use super::{Grant, GrantError, Page, Role, SignedIn, flash};
use crate::{
    app::App,
    clock::Now,
    error::{Error, Result},
    ids::{PersonId, UnitId},
    people::{self, AddError, Listed, NewPerson, Nip, Record, Unit},
    web::{form::Problems, show},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    q: String,
    #[serde(deserialize_with = "crate::web::paging::number")]
    hal: i64,
}

#[derive(Template)]
#[template(path = "account/people.html")]
struct PeoplePage {
    page: Page,
    q: String,
    people: Vec<Listed>,
    all: i64,
    here: i64,
    pages: i64,
}

impl PeoplePage {
    fn query(&self) -> String {
        format!("q={}&", show::encoded(&self.q))
    }
}

pub(crate) async fn index(
    State(app): State<App>,
    page: Page,
    Query(search): Query<Search>,
) -> Result<Html<String>> {
    let mut db = app.db.acquire().await?;
    let mut here = search.hal.max(1);
    let (mut people, mut all) = people::search(&mut db, &search.q, here).await?;
    if people.is_empty() && here > 1 {
        here = 1;
        (people, all) = people::search(&mut db, &search.q, here).await?;
    }
    let pages = (all + people::PAGE - 1) / people::PAGE;
    Ok(Html(PeoplePage { page, q: search.q, people, all, here, pages }.render()?))
}

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct PersonForm {
    name: String,
    nip: String,
    email: String,
    unit: String,
    position: String,
    rank: String,
}

impl PersonForm {
    fn parse(&self, units: &[Unit], now: DateTime<Utc>) -> Result<NewPerson, Problems> {
        let mut problems = Problems::default();
        let name = problems.text("name", "nama dengan gelar", &self.name, 120);
        let nip = match Nip::parse(&self.nip, show::local_day(now)) {
            Ok(nip) => Some(nip),
            Err(error) => problems.note("nip", error.to_string()),
        };
        let email =
            Some(self.email.trim()).filter(|email| !email.is_empty()).map(str::to_lowercase);
        if email.as_ref().is_some_and(|email| !looks_like_email(email)) {
            problems.note::<()>("email", "Tulis alamat surel seperti nama@sultengprov.go.id.");
        }
        let unit = units.iter().find(|unit| unit.id.to_string() == self.unit).map(|unit| unit.id);
        if unit.is_none() {
            problems.note::<()>("unit", "Pilih unit kerja.");
        }
        let optional = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        for (field, text) in [("position", &self.position), ("rank", &self.rank)] {
            if text.chars().count() > 200 {
                problems.note::<()>(field, "Paling banyak 200 huruf.");
            }
        }
        match (name, nip, unit) {
            (Some(name), Some(nip), Some(unit)) if problems.none() => Ok(NewPerson {
                name: name.to_owned(),
                nip,
                email,
                unit,
                position: optional(&self.position),
                rank: optional(&self.rank),
            }),
            _ => Err(problems),
        }
    }
}

fn looks_like_email(text: &str) -> bool {
    let parts = text.split_once('@');
    text.len() <= 254
        && parts.is_some_and(|(user, host)| {
            !user.is_empty() && host.contains('.') && !host.contains('@')
        })
        && text.chars().all(|c| {
            !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';' | '"')
        })
}

#[derive(Template)]
#[template(path = "account/person_form.html")]
struct PersonFormPage {
    page: Page,
    form: PersonForm,
    problems: Problems,
    units: Vec<Unit>,
}

pub(crate) async fn new(State(app): State<App>, page: Page, Now(now): Now) -> Result<Html<String>> {
    let mut db = app.db.acquire().await?;
    let units = people::units(&mut db, now).await?;
    Ok(Html(
        PersonFormPage { page, form: PersonForm::default(), problems: Problems::default(), units }
            .render()?,
    ))
}

pub(crate) async fn create(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Form(form): Form<PersonForm>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let units = people::units(&mut tx, now).await?;
    let problems = match form.parse(&units, now) {
        Ok(new) => match people::add(&mut tx, &new, Some(me.id), now).await {
            Ok(person) => {
                let token = super::invite(&mut tx, person, Some(me.id), now).await?;
                let shown = invitation(&app, &mut tx, page, person, &me, Some(&token)).await?;
                tx.commit().await?;
                return Ok(shown);
            }
            Err(AddError::Database(error)) => return Err(error.into()),
            Err(refusal) => {
                let field = if matches!(refusal, AddError::NipTaken) { "nip" } else { "email" };
                let mut problems = Problems::default();
                problems.note::<()>(field, refusal.to_string());
                problems
            }
        },
        Err(problems) => problems,
    };
    drop(tx);
    let answer = PersonFormPage { page, form, problems, units }.render()?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer)).into_response())
}

#[derive(Template)]
#[template(path = "account/person.html")]
struct PersonPage {
    page: Page,
    record: Record,
    grants: Vec<Grant>,
    units: Vec<Unit>,
    /// Shown once, right after it was made.
    link: Option<String>,
    own: bool,
}

async fn invitation(
    app: &App,
    db: &mut PgConnection,
    page: Page,
    person: PersonId,
    me: &SignedIn,
    token: Option<&str>,
) -> Result<Response> {
    let record = people::find(db, person).await?;
    let grants = super::grants(db, person).await?;
    let units = people::units(db, app.clock.now()).await?;
    let link = token.map(|token| format!("{}/aktivasi/{token}", app.config.base_url));
    let own = me.id == person;
    Ok(Html(PersonPage { page, record, grants, units, link, own }.render()?).into_response())
}

pub(crate) async fn show(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Path(person): Path<PersonId>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    invitation(&app, &mut db, page, person, &me, None).await
}

pub(crate) async fn invite(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    people::find(&mut tx, person).await?;
    let token = super::invite(&mut tx, person, Some(me.id), now).await?;
    let shown = invitation(&app, &mut tx, page, person, &me, Some(&token)).await?;
    tx.commit().await?;
    Ok(shown)
}

#[derive(Deserialize)]
pub(crate) struct GrantForm {
    role: String,
    unit: String,
}

pub(crate) async fn grant(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
    Form(form): Form<GrantForm>,
) -> Result<Response> {
    let (Some(role), Ok(unit)) = (Role::of(&form.role), form.unit.parse()) else {
        return Err(Error::BadRequest);
    };
    let mut tx = app.db.begin().await?;
    people::find(&mut tx, person).await?;
    if !people::units(&mut tx, now).await?.iter().any(|open| open.id == UnitId(unit)) {
        return Err(Error::BadRequest);
    }
    super::grant(&mut tx, person, role, UnitId(unit), Some(me.id), now).await?;
    tx.commit().await?;
    Ok(flash(&format!("/kelola/orang/{person}"), &format!("Peran {} diberikan.", role.label())))
}

pub(crate) async fn revoke(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path((person, grant)): Path<(PersonId, i64)>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    super::revoke(&mut tx, person, grant, me.id, now).await?;
    tx.commit().await?;
    Ok(flash(&format!("/kelola/orang/{person}"), "Peran dicabut."))
}

impl From<GrantError> for Error {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Database(error) => error.into(),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
