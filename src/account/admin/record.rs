//! The form in which somebody is recorded, and their record put right.

use super::{invited, open_units};
use crate::{
    account::{self, Page, Reach, SignedIn, flash},
    app::{App, Db},
    clock::Now,
    error::Result,
    ids::PersonId,
    people::{
        self, Correction, NewPerson, Nip, PositionKind, Record, RecordError, Service, Standing,
        Unit,
    },
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
use chrono::{DateTime, NaiveDate, Utc};
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
    phone: String,
    unit: String,
    position: String,
    kind: String,
    rank: String,
    from: String,
    until: String,
    standing: String,
    since: String,
    version: String,
}

impl PersonForm {
    /// The record as the form would have it.
    fn of(record: &Record) -> Self {
        let service = &record.service;
        let day = |day: Option<NaiveDate>| {
            day.map(|day| day.format("%d/%m/%Y").to_string()).unwrap_or_default()
        };
        Self {
            name: record.name.clone(),
            nip: show::nip(&record.nip),
            wrong_nip: String::new(),
            email: record.email.clone().unwrap_or_default(),
            phone: service.phone.clone().unwrap_or_default(),
            unit: record.unit_id.to_string(),
            position: record.position.clone().unwrap_or_default(),
            kind: service.kind.map(|kind| kind.code().to_owned()).unwrap_or_default(),
            rank: record.rank.clone().unwrap_or_default(),
            from: day(service.from),
            until: day(service.until),
            standing: service.standing.code().to_owned(),
            since: day(service.since),
            version: record.version.to_string(),
        }
    }

    /// What is said of the person's service.
    fn service(&self, problems: &mut Problems) -> Service {
        let phone = match seen(&self.phone).as_str() {
            "" => None,
            typed => match people::read_phone(typed) {
                Ok(phone) => Some(phone),
                Err(error) => problems.note("phone", error.to_string()),
            },
        };
        let from = problems.day("from", &self.from);
        let until = problems.day("until", &self.until);
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            problems.note::<()>("until", "Akhir kontrak tidak dapat mendahului mulai bekerja.");
        }
        let standing = Standing::of(&self.standing).unwrap_or_default();
        let since = problems.day("since", &self.since);
        if !standing.is_here() && since.is_none() && problems.on("since").is_none() {
            problems.note::<()>("since", "Isi sejak kapan status ini berlaku.");
        }
        Service { phone, kind: PositionKind::of(&self.kind), from, until, standing, since }
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
        let service = self.service(&mut problems);
        match (name, nip, unit) {
            (Some(name), Some(nip), Some(unit)) if problems.none() => {
                Ok(NewPerson { name, nip, email, unit, position, rank, service })
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
        let stands = Self::of(record);
        let standing = record.service.standing.label().to_owned();
        let kind = record.service.kind.map(|kind| kind.label().to_owned()).unwrap_or_default();
        [
            ("Nama", &self.name, &stands.name, None),
            ("NIP", &compact(&self.nip), &record.nip, Some(stands.nip.clone())),
            ("Surel", &self.email, &stands.email, None),
            ("Telepon", &self.phone, &stands.phone, None),
            ("Unit kerja", &self.unit, &stands.unit, Some(record.unit.clone())),
            ("Jabatan", &self.position, &stands.position, None),
            ("Jenis jabatan", &self.kind, &stands.kind, Some(kind)),
            ("Pangkat", &self.rank, &stands.rank, None),
            ("Mulai bekerja", &self.from, &stands.from, None),
            ("Akhir kontrak", &self.until, &stands.until, None),
            ("Status", &self.standing, &stands.standing, Some(standing)),
            ("Status sejak", &self.since, &stands.since, None),
        ]
        .into_iter()
        .filter(|(_, typed, stands, _)| typed.trim() != stands.as_str())
        .map(|(label, _, stands, shown)| (label, shown.unwrap_or_else(|| stands.clone())))
        .collect()
    }
}

/// The refusal beside the field that it is about.
fn problem(refusal: &RecordError) -> Problems {
    let mut problems = Problems::default();
    match refusal {
        RecordError::NipTaken => problems.note::<()>("nip", refusal.to_string()),
        RecordError::EmailTaken => problems.note::<()>("email", refusal.to_string()),
        RecordError::OwnStanding => problems.note::<()>("standing", refusal.to_string()),
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
    /// Whether NIP, unit and standing change at once.
    administers: bool,
}

impl PersonFormPage {
    fn fresh(page: Page, form: PersonForm, units: Vec<Unit>, record: Option<Record>) -> Self {
        let (problems, theirs) = (Problems::default(), Vec::new());
        Self { page, form, problems, units, record, theirs, administers: true }
    }
}

pub(crate) async fn new(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
) -> Result<Html<String>> {
    let reach = Reach::keeping(&mut db, me.id).await?;
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
    let reach = Reach::keeping(&mut tx, me.id).await?;
    let units = open_units(&mut tx, &reach, now).await?;
    let problems = match form.parse(&units, None, now) {
        Ok(new) => match people::add(&mut tx, &new, Some(me.id), now).await {
            Ok(person) if !reach.administers(new.unit) => {
                tx.commit().await?;
                let words = "Orang tercatat. Berikan slip aktivasi agar ia dapat masuk.";
                return Ok(flash(&format!("/kelola/orang/{person}"), words));
            }
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

/// The record, and the units to choose from; its own too, when that is closed by now. Whether all
/// of it may be changed, and not just proposed.
async fn to_change(
    db: &mut PgConnection,
    me: &SignedIn,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(Record, Vec<Unit>, bool)> {
    let reach = Reach::keeping(db, me.id).await?;
    let record = reach.act(db, person).await?;
    let mut units = open_units(db, &reach, now).await?;
    if !units.iter().any(|unit| unit.id == record.unit_id) {
        let (name, path) = (record.unit.clone(), record.unit.clone());
        units.push(Unit { id: record.unit_id, name, path });
    }
    let administers = reach.administers(record.unit_id);
    Ok((record, units, administers))
}

pub(crate) async fn edit(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
) -> Result<Html<String>> {
    let (record, units, administers) = to_change(&mut db, &me, person, now).await?;
    let form = PersonForm::of(&record);
    let fresh = PersonFormPage::fresh(page, form, units, Some(record));
    Ok(Html(PersonFormPage { administers, ..fresh }.render()?))
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
    let (record, units, administers) = to_change(&mut tx, &me, person, now).await?;
    let mut theirs = Vec::new();
    let problems = match form.correction(&units, &record, now) {
        Ok(correction) => {
            let saved = if administers {
                people::change(&mut tx, person, &correction, me.id, now).await.map(|()| false)
            } else {
                people::propose(&mut tx, person, &correction, me.id, now).await
            };
            match saved {
                Ok(proposed) => {
                    let mails = app.config.mail.is_some();
                    account::addresses_changed(&mut tx, now, mails).await?;
                    tx.commit().await?;
                    let words = if proposed {
                        "Tersimpan. Perubahan NIP, unit, atau status menunggu persetujuan administrator."
                    } else {
                        "Perubahan tersimpan."
                    };
                    return Ok(flash(&format!("/kelola/orang/{person}"), words));
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
    let answer = PersonFormPage { problems, theirs, administers, ..fresh };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer.render()?)).into_response())
}
