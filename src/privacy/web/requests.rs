//! `/saya/permintaan`: the visitor asks for a correction, and reads what became of it.

use crate::{
    account::{Page, SignedIn, flash, is_token, new_token},
    app::{App, Db},
    clock::Now,
    error::{Error, Result},
    ids::ClassId,
    privacy::{self, Asked, Choice, FIELDS, NewRequest, Request, Verdict},
    web::{form::Problems, show},
};
use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "privacy/requests.html")]
struct RequestsPage {
    page: Page,
    requests: Vec<Request>,
    now: DateTime<Utc>,
}

pub(crate) async fn index(
    mut db: Db,
    page: Page,
    Now(now): Now,
    me: SignedIn,
) -> Result<Html<String>> {
    let requests = privacy::of_person(&mut db, me.id).await?;
    Ok(Html(RequestsPage { page, requests, now }.render()?))
}

/// What is said to whom waits for [`privacy::MOST_OPEN`] answers.
const TOO_MANY: &str =
    "Sepuluh permintaan Anda belum dijawab. Tunggu jawabannya sebelum meminta lagi.";

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RequestForm {
    key: String,
    /// A code of [`FIELDS`], or `kelas-` and a class or nothing.
    subject: String,
    wanted: String,
    reason: String,
}

impl RequestForm {
    fn parse(&self, classes: &[Choice]) -> Result<NewRequest, Problems> {
        let mut problems = Problems::default();
        let subject = self.subject(classes);
        if subject.is_none() {
            problems.note::<()>("subject", "Pilih yang perlu diperbaiki.");
        }
        let wanted = problems.text("wanted", "yang seharusnya tertulis", &self.wanted, 300);
        let reason = problems.text("reason", "alasan atau buktinya", &self.reason, 1000);
        match (subject, wanted, reason) {
            (Some(subject), Some(wanted), Some(reason)) if problems.none() => {
                Ok(NewRequest { subject, wanted, reason, form_key: self.key.clone() })
            }
            _ => Err(problems),
        }
    }

    fn subject(&self, classes: &[Choice]) -> Option<Asked> {
        if let Some((_, field)) = FIELDS.iter().find(|(code, _)| *code == self.subject) {
            return Some(Asked::Record(*field));
        }
        match self.subject.strip_prefix("kelas-")? {
            "" => Some(Asked::Hours(None)),
            id => {
                let id = ClassId(id.parse().ok()?);
                classes.iter().any(|one| one.id == id).then_some(Asked::Hours(Some(id)))
            }
        }
    }
}

#[derive(Template)]
#[template(path = "privacy/request_form.html")]
struct FormPage {
    page: Page,
    classes: Vec<Choice>,
    form: RequestForm,
    problems: Problems,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct About {
    tentang: String,
}

pub(crate) async fn new(
    mut db: Db,
    page: Page,
    Now(now): Now,
    me: SignedIn,
    Query(about): Query<About>,
) -> Result<Html<String>> {
    let classes = privacy::choices(&mut db, me.id, now).await?;
    let form = RequestForm { key: new_token()?, subject: about.tentang, ..RequestForm::default() };
    Ok(Html(FormPage { page, classes, form, problems: Problems::default() }.render()?))
}

pub(crate) async fn create(
    State(app): State<App>,
    page: Page,
    Now(now): Now,
    me: SignedIn,
    Form(form): Form<RequestForm>,
) -> Result<Response> {
    if !is_token(&form.key) {
        return Err(Error::BadRequest);
    }
    let mut tx = app.begin().await?;
    let classes = privacy::choices(&mut tx, me.id, now).await?;
    let problems = match form.parse(&classes) {
        Ok(request) if privacy::ask(&mut tx, me.id, &request, now).await? => {
            tx.commit().await?;
            return Ok(flash("/saya/permintaan", "Permintaan Anda tercatat."));
        }
        Ok(_) => {
            let mut problems = Problems::default();
            problems.note::<()>("subject", TOO_MANY);
            problems
        }
        Err(problems) => problems,
    };
    let shown = FormPage { page, classes, form, problems };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(shown.render()?)).into_response())
}
