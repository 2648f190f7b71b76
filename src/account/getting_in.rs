//! `/lupa-sandi` and `/aktivasi`: pages for those who cannot sign in yet, or no longer. None of
//! them tells whether a NIP is known.

use super::{Page, page, slips::Code};
use crate::{
    app::App,
    clock::Now,
    error::{Error, Result},
    web::{
        form::{Problems, compact},
        throttle::{Asked, Try},
    },
};
use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use axum_extra::extract::{CookieJar, cookie::Cookie};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "account/forgotten.html")]
struct ForgottenPage {
    page: Page,
    nip: String,
    problems: Problems,
    /// Whether links are mailed here.
    mails: bool,
    asked: bool,
}

/// Whether the visitor has just asked.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Done {
    diminta: String,
}

pub(crate) async fn forgotten(
    State(app): State<App>,
    page: Page,
    Query(done): Query<Done>,
) -> Result<Html<String>> {
    let (nip, problems) = (String::new(), Problems::default());
    let mails = app.config.mail.is_some();
    let asked = mails && done.diminta == "ya";
    Ok(Html(ForgottenPage { page, nip, problems, mails, asked }.render()?))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ForgottenForm {
    nip: String,
}

pub(crate) async fn ask(
    State(app): State<App>,
    page: Page,
    Now(now): Now,
    _: Asked,
    Form(form): Form<ForgottenForm>,
) -> Result<Response> {
    if app.config.mail.is_none() {
        return Err(Error::NotFound);
    }
    let nip = compact(&form.nip);
    if nip.len() != 18 || !nip.bytes().all(|byte| byte.is_ascii_digit()) {
        let mut problems = Problems::default();
        problems.note::<()>("nip", "Tulis NIP dengan 18 angka.");
        let answer = ForgottenPage { page, nip: form.nip, problems, mails: true, asked: false };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer.render()?)).into_response());
    }
    let mut tx = app.begin().await?;
    super::request_link(&mut tx, &nip, now).await?;
    tx.commit().await?;
    Ok(Redirect::to("/lupa-sandi?diminta=ya").into_response())
}

/// The same words for whatever is wrong.
const NO_MATCH: &str = "NIP atau kode tidak cocok, atau kodenya tidak berlaku lagi. Periksa keduanya; bila tetap gagal, minta slip baru.";

#[derive(Template)]
#[template(path = "account/slip_code.html")]
struct CodePage {
    page: Page,
    form: CodeForm,
    problems: Problems,
}

/// The form as typed; the code is not shown again.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct CodeForm {
    nip: String,
    code: String,
}

pub(crate) async fn code_form(page: Page) -> Result<Html<String>> {
    let (form, problems) = (CodeForm::default(), Problems::default());
    Ok(Html(CodePage { page, form, problems }.render()?))
}

pub(crate) async fn type_code(
    State(app): State<App>,
    page: Page,
    Now(now): Now,
    attempt: Try,
    jar: CookieJar,
    Form(form): Form<CodeForm>,
) -> Result<Response> {
    let nip = compact(&form.nip);
    let code = Code::parse(&form.code);
    if nip.len() > 64 {
        attempt.failed();
        return no_match(page, form);
    }
    let device = jar.get(page::device_cookie(app.config.secure())).map(Cookie::value);
    let mut tx = app.begin().await?;
    if let Some(seconds) = super::count_try(&mut tx, &nip, device, now).await? {
        attempt.failed();
        return Err(Error::TooMany(seconds));
    }
    tx.commit().await?;
    let mut tx = app.begin().await?;
    let token = match code {
        Some(code) => super::slips::redeem(&mut tx, &nip, code, now).await?,
        None => None,
    };
    let Some(token) = token else {
        drop(tx);
        tracing::warn!("a code was refused");
        attempt.failed();
        return no_match(page, form);
    };
    tx.commit().await?;
    Ok(Redirect::to(&format!("/aktivasi/{token}")).into_response())
}

fn no_match(page: Page, form: CodeForm) -> Result<Response> {
    let mut problems = Problems::default();
    problems.note::<()>("code", NO_MATCH);
    let answer = CodePage { page, form, problems }.render()?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer)).into_response())
}
