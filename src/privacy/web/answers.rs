//! `/kelola/permintaan`: what waits for an answer, the nearest deadline first.

use crate::{
    account::{Page, SignedIn, flash},
    app::{App, Db},
    clock::Now,
    error::{Error, Result},
    ids::RequestId,
    privacy::{self, About, Answer, AnswerError, Request, Verdict},
    web::{form::Problems, show},
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

impl From<AnswerError> for Error {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::Database(error) => error.into(),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}

#[derive(Template)]
#[template(path = "privacy/queue.html")]
struct QueuePage {
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
    let requests = privacy::open(&mut db, &me).await?;
    Ok(Html(QueuePage { page, requests, now }.render()?))
}

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct AnswerForm {
    /// `ya` or `tidak`.
    verdict: String,
    words: String,
}

impl AnswerForm {
    fn parse(&self) -> Result<Answer, Problems> {
        let mut problems = Problems::default();
        let verdict = match self.verdict.as_str() {
            "ya" => Some(Verdict::Done),
            "tidak" => Some(Verdict::Refused),
            _ => problems.note("verdict", "Pilih jawabannya."),
        };
        let words = problems.text("words", "yang diubah atau alasannya", &self.words, 1000);
        match (verdict, words) {
            (Some(verdict), Some(words)) if problems.none() => Ok(Answer { verdict, words }),
            _ => Err(problems),
        }
    }
}

#[derive(Template)]
#[template(path = "privacy/answer.html")]
struct AnswerPage {
    page: Page,
    request: Request,
    form: AnswerForm,
    problems: Problems,
    now: DateTime<Utc>,
}

pub(crate) async fn show(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(request): Path<RequestId>,
) -> Result<Html<String>> {
    let request = privacy::answerable(&mut db, &me, request).await?;
    let (form, problems) = (AnswerForm::default(), Problems::default());
    Ok(Html(AnswerPage { page, request, form, problems, now }.render()?))
}

pub(crate) async fn answer(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(request): Path<RequestId>,
    Form(form): Form<AnswerForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    match form.parse() {
        Ok(answer) => {
            let mails = app.config.mail.is_some();
            privacy::answer(&mut tx, &me, request, &answer, mails, now).await?;
            tx.commit().await?;
            Ok(flash("/kelola/permintaan", "Jawaban tersimpan dan terbaca oleh yang meminta."))
        }
        Err(problems) => {
            let request = privacy::answerable(&mut tx, &me, request).await?;
            let shown = AnswerPage { page, request, form, problems, now };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(shown.render()?)).into_response())
        }
    }
}
