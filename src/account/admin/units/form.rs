//! The form in which a unit is added, and its name or code changed.

use super::Seen;
use crate::{
    account::{Page, SignedIn, flash, new_token},
    app::{App, Db},
    clock::Now,
    error::{Error, Result},
    ids::UnitId,
    people::unit::{self, NewUnit, Standing, UnitError},
    web::{form::Problems, show},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;
use sqlx::PgConnection;

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct UnitForm {
    name: String,
    code: String,
    from: String,
    /// Made with the page: the same form sent twice adds one unit.
    key: String,
    version: String,
}

impl UnitForm {
    fn of(unit: &Standing) -> Self {
        Self {
            name: unit.name.clone(),
            code: unit.code.clone().unwrap_or_default(),
            version: unit.version.to_string(),
            ..Self::default()
        }
    }

    fn code(&self) -> Option<String> {
        Some(self.code.trim().to_owned()).filter(|code| !code.is_empty())
    }

    /// The name and the code.
    fn names(&self, problems: &mut Problems) -> Option<(String, Option<String>)> {
        let name = problems.text("name", "nama unit", &self.name, 200);
        let code = self.code();
        if code.as_ref().is_some_and(|code| code.chars().count() > 40) {
            problems.note::<()>("code", "Tulis kode paling banyak 40 karakter.");
        }
        name.map(|name| (name, code))
    }

    fn parse(&self, parent: UnitId) -> Result<NewUnit, Problems> {
        let mut problems = Problems::default();
        let names = self.names(&mut problems);
        let valid_from = problems.date("from", &self.from);
        match (names, valid_from) {
            (Some((name, code)), Some(valid_from)) if problems.none() => {
                Ok(NewUnit { parent, name, code, valid_from })
            }
            _ => Err(problems),
        }
    }

    /// What the unit is called otherwise than the form says.
    fn differences(&self, unit: &Standing) -> Vec<(&'static str, String)> {
        let code = unit.code.clone().unwrap_or_default();
        let all = [("Nama", &self.name, unit.name.clone()), ("Kode", &self.code, code)];
        let differ = all.into_iter().filter(|(_, typed, stands)| typed.trim() != stands);
        differ.map(|(label, _, stands)| (label, stands)).collect()
    }
}

/// The refusal beside the field that it is about.
fn problem(refusal: &UnitError) -> Problems {
    let mut problems = Problems::default();
    match refusal {
        UnitError::CodeTaken => problems.note::<()>("code", refusal.to_string()),
        UnitError::TooEarly(_) => problems.note::<()>("from", refusal.to_string()),
        UnitError::Stale { .. } => problems.note::<()>("name", format!("{refusal} Periksa perubahannya di bawah, lalu simpan lagi jika isian Anda yang benar.")),
        _ => problems.note::<()>("name", refusal.to_string()),
    };
    problems
}

#[derive(Template)]
#[template(path = "account/unit_form.html")]
struct UnitFormPage {
    page: Page,
    form: UnitForm,
    problems: Problems,
    /// The unit below which one is added, or that is changed.
    unit: Standing,
    adds: bool,
    /// What somebody else saved in the meantime, where it differs from the form.
    theirs: Vec<(&'static str, String)>,
}

impl UnitFormPage {
    fn fresh(page: Page, form: UnitForm, unit: Standing, adds: bool) -> Self {
        Self { page, form, problems: Problems::default(), unit, adds, theirs: Vec::new() }
    }

    fn refused(self, problems: Problems) -> Result<Response> {
        let answer = Self { problems, ..self };
        Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer.render()?)).into_response())
    }
}

/// A unit within reach that is not closed.
async fn open(db: &mut PgConnection, me: &SignedIn, unit: UnitId) -> Result<Standing> {
    Seen::of(db, me).await?.node(unit)?;
    let unit = unit::find(db, unit).await?;
    if unit.is_closed() { Err(UnitError::Closed.into()) } else { Ok(unit) }
}

/// A unit within reach, while nobody else changes the tree.
async fn held(db: &mut PgConnection, me: &SignedIn, unit: UnitId) -> Result<Standing> {
    Seen::to_change(db, me).await?.node(unit)?;
    Ok(unit::find(db, unit).await?)
}

pub(crate) async fn new(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(parent): Path<UnitId>,
) -> Result<Html<String>> {
    let parent = open(&mut db, &me, parent).await?;
    let from = parent.valid_from.max(show::local_day(now)).to_string();
    let form = UnitForm { key: new_token()?, from, ..UnitForm::default() };
    Ok(Html(UnitFormPage::fresh(page, form, parent, true).render()?))
}

pub(crate) async fn create(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(parent): Path<UnitId>,
    Form(form): Form<UnitForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let above = held(&mut tx, &me, parent).await?;
    let new = match form.parse(parent) {
        Ok(new) => new,
        Err(problems) => return UnitFormPage::fresh(page, form, above, true).refused(problems),
    };
    let key = Some(form.key.as_str()).filter(|key| !key.is_empty());
    match unit::add(&mut tx, &new, key, me.id, now).await {
        Ok(unit) => {
            tx.commit().await?;
            Ok(flash(&format!("/kelola/unit/{unit}"), "Unit ditambahkan."))
        }
        Err(UnitError::Database(error)) => Err(error.into()),
        Err(refusal) => {
            drop(tx);
            UnitFormPage::fresh(page, form, above, true).refused(problem(&refusal))
        }
    }
}

pub(crate) async fn edit(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Path(unit): Path<UnitId>,
) -> Result<Html<String>> {
    let unit = open(&mut db, &me, unit).await?;
    Ok(Html(UnitFormPage::fresh(page, UnitForm::of(&unit), unit, false).render()?))
}

pub(crate) async fn update(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(id): Path<UnitId>,
    Form(mut form): Form<UnitForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let unit = held(&mut tx, &me, id).await?;
    let mut problems = Problems::default();
    let (name, code) = match form.names(&mut problems) {
        Some(names) if problems.none() => names,
        _ => return UnitFormPage::fresh(page, form, unit, false).refused(problems),
    };
    let version = form.version.parse().unwrap_or(0);
    match unit::rename(&mut tx, id, (&name, code.as_deref()), version, me.id, now).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(flash(&format!("/kelola/unit/{id}"), "Perubahan tersimpan."))
        }
        Err(UnitError::Database(error)) => Err(Error::from(error)),
        Err(refusal) => {
            let mut theirs = Vec::new();
            if matches!(refusal, UnitError::Stale { .. }) {
                // What was typed stays; saving again would overwrite knowingly.
                theirs = form.differences(&unit);
                form.version = unit.version.to_string();
            }
            drop(tx);
            let fresh = UnitFormPage::fresh(page, form, unit, false);
            UnitFormPage { theirs, ..fresh }.refused(problem(&refusal))
        }
    }
}
