//! The form in which somebody is recorded.

use super::{invited, open_units};
use crate::{
    account::{Page, Reach, SignedIn},
    app::App,
    clock::Now,
    error::Result,
    people::{self, AddError, NewPerson, Nip, Unit},
    web::{form::Problems, show},
};
use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

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

pub(crate) async fn new(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
) -> Result<Html<String>> {
    let mut db = app.db.acquire().await?;
    let reach = Reach::of(&mut db, me.id).await?;
    let units = open_units(&mut db, &reach, now).await?;
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
    let reach = Reach::of(&mut tx, me.id).await?;
    let units = open_units(&mut tx, &reach, now).await?;
    let problems = match form.parse(&units, now) {
        Ok(new) => match people::add(&mut tx, &new, Some(me.id), now).await {
            Ok(person) => {
                let shown = invited(&app, &mut tx, page, &me, person, now).await?;
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
