//! The form in which somebody is recorded, and their record put right.

use super::{invited, open_units};
use crate::{
    account::{Page, Reach, SignedIn, flash},
    app::{App, Db},
    clock::Now,
    error::Result,
    ids::PersonId,
    people::{self, Correction, NewPerson, Nip, Record, RecordError, Unit},
    web::{
        form::{Problems, compact, seen},
        show,
    },
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct PersonForm {
    name: String,
    nip: String,
    /// `ya` when the earlier NIP was a mistake.
    wrong_nip: String,
    email: String,
    unit: String,
    position: String,
    rank: String,
    version: String,
}

impl PersonForm {
    /// The record as the form would have it.
    fn of(record: &Record) -> Self {
        Self {
            name: record.name.clone(),
            nip: show::nip(&record.nip),
            wrong_nip: String::new(),
            email: record.email.clone().unwrap_or_default(),
            unit: record.unit_id.to_string(),
            position: record.position.clone().unwrap_or_default(),
            rank: record.rank.clone().unwrap_or_default(),
            version: record.version.to_string(),
        }
    }

    /// `known` is the NIP that stands in the record; it is not read again.
    fn parse(
        &self,
        units: &[Unit],
        known: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<NewPerson, Problems> {
        let mut problems = Problems::default();
        let name = problems.text("name", "nama dengan gelar", &self.name, 120);
        let typed = compact(&self.nip);
        let nip = if known == Some(&*typed) {
            Some(Nip::recorded(typed))
        } else {
            match Nip::parse(&self.nip, show::local_day(now)) {
                Ok(nip) => Some(nip),
                Err(error) => problems.note("nip", error.to_string()),
            }
        };
        let email = match seen(&self.email).as_str() {
            "" => None,
            typed => match people::read_email(typed) {
                Ok(email) => Some(email),
                Err(error) => problems.note("email", error.to_string()),
            },
        };
        let unit = units.iter().find(|unit| unit.id.to_string() == self.unit).map(|unit| unit.id);
        if unit.is_none() {
            problems.note::<()>("unit", "Pilih unit kerja.");
        }
        let position = problems.optional("position", "jabatan", &self.position, 200);
        let rank = problems.optional("rank", "pangkat", &self.rank, 200);
        match (name, nip, unit) {
            (Some(name), Some(nip), Some(unit)) if problems.none() => {
                Ok(NewPerson { name, nip, email, unit, position, rank })
            }
            _ => Err(problems),
        }
    }

    /// What is to become of the record.
    fn correction(
        &self,
        units: &[Unit],
        record: &Record,
        now: DateTime<Utc>,
    ) -> Result<Correction, Problems> {
        Ok(Correction {
            record: self.parse(units, Some(&record.nip), now)?,
            version: self.version.parse().unwrap_or(0),
            nip_was_wrong: self.wrong_nip == "ya",
        })
    }

    /// What the record says otherwise than the form.
    fn differences(&self, record: &Record) -> Vec<(&'static str, String)> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let stands = Self::of(record);
        [
            ("Nama", &self.name, &stands.name, record.name.clone()),
            ("NIP", &compact(&self.nip), &record.nip, stands.nip.clone()),
            ("Surel", &self.email, &stands.email, text(&record.email)),
            ("Unit kerja", &self.unit, &stands.unit, record.unit.clone()),
            ("Jabatan", &self.position, &stands.position, text(&record.position)),
            ("Pangkat", &self.rank, &stands.rank, text(&record.rank)),
        ]
        .into_iter()
        .filter(|(_, typed, stands, _)| typed.trim() != stands.as_str())
        .map(|(label, _, _, shown)| (label, shown))
        .collect()
    }
}

/// The refusal beside the field that it is about.
fn problem(refusal: &RecordError) -> Problems {
    let mut problems = Problems::default();
    match refusal {
        RecordError::NipTaken => problems.note::<()>("nip", refusal.to_string()),
        RecordError::EmailTaken => problems.note::<()>("email", refusal.to_string()),
        RecordError::UnitClosed => problems.note::<()>("unit", refusal.to_string()),
        _ => problems.note::<()>("name", format!("{refusal} Periksa perubahannya di bawah, lalu simpan lagi jika isian Anda yang benar.")),
    };
    problems
}

#[derive(Template)]
#[template(path = "account/person_form.html")]
struct PersonFormPage {
    page: Page,
    form: PersonForm,
    problems: Problems,
    units: Vec<Unit>,
    /// Whose record is put right; nobody when somebody new is recorded.
    record: Option<Record>,
    /// What somebody else saved in the meantime, where it differs from the form.
    theirs: Vec<(&'static str, String)>,
}

impl PersonFormPage {
    fn fresh(page: Page, form: PersonForm, units: Vec<Unit>, record: Option<Record>) -> Self {
        Self { page, form, problems: Problems::default(), units, record, theirs: Vec::new() }
    }
}

pub(crate) async fn new(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
) -> Result<Html<String>> {
    let reach = Reach::of(&mut db, me.id).await?;
    let units = open_units(&mut db, &reach, now).await?;
    Ok(Html(PersonFormPage::fresh(page, PersonForm::default(), units, None).render()?))
}

pub(crate) async fn create(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Form(form): Form<PersonForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let reach = Reach::of(&mut tx, me.id).await?;
    let units = open_units(&mut tx, &reach, now).await?;
    let problems = match form.parse(&units, None, now) {
        Ok(new) => match people::add(&mut tx, &new, Some(me.id), now).await {
            Ok(person) => {
                let shown = invited(&app, &mut tx, page, &me, person, now).await?;
                tx.commit().await?;
                return Ok(shown);
            }
            Err(RecordError::Database(error)) => return Err(error.into()),
            Err(refusal) => problem(&refusal),
        },
        Err(problems) => problems,
    };
    drop(tx);
    let answer = PersonFormPage { problems, ..PersonFormPage::fresh(page, form, units, None) };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer.render()?)).into_response())
}

/// The record, and the units to choose from; its own too, when that is closed by now.
async fn to_change(
    db: &mut PgConnection,
    me: &SignedIn,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(Record, Vec<Unit>)> {
    let reach = Reach::of(db, me.id).await?;
    let record = reach.act(db, person).await?;
    let mut units = open_units(db, &reach, now).await?;
    if !units.iter().any(|unit| unit.id == record.unit_id) {
        let (name, path) = (record.unit.clone(), record.unit.clone());
        units.push(Unit { id: record.unit_id, name, path });
    }
    Ok((record, units))
}

pub(crate) async fn edit(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
) -> Result<Html<String>> {
    let (record, units) = to_change(&mut db, &me, person, now).await?;
    let form = PersonForm::of(&record);
    Ok(Html(PersonFormPage::fresh(page, form, units, Some(record)).render()?))
}

pub(crate) async fn update(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
    Form(mut form): Form<PersonForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let (record, units) = to_change(&mut tx, &me, person, now).await?;
    let mut theirs = Vec::new();
    let problems = match form.correction(&units, &record, now) {
        Ok(correction) => {
            match people::change(&mut tx, person, &correction, me.id, now).await {
                Ok(()) => {
                    tx.commit().await?;
                    return Ok(flash(&format!("/kelola/orang/{person}"), "Perubahan tersimpan."));
                }
                Err(RecordError::Database(error)) => return Err(error.into()),
                Err(refusal) => {
                    if matches!(refusal, RecordError::Stale { .. }) {
                        // What was typed stays; saving again would overwrite knowingly.
                        theirs = form.differences(&record);
                        form.version = record.version.to_string();
                    }
                    problem(&refusal)
                }
            }
        }
        Err(problems) => problems,
    };
    drop(tx);
    let fresh = PersonFormPage::fresh(page, form, units, Some(record));
    let answer = PersonFormPage { problems, theirs, ..fresh };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer.render()?)).into_response())
}
