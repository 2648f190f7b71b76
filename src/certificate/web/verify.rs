//! `/v`: anybody checks a certificate. It says what the paper says, so that a
//! forged name or date shows, and of the NIP only the end: its beginning is
//! the birth date.

use crate::{
    account::Page,
    app::{App, Db},
    assets::hex,
    certificate::{self, Certificate, Checked, Code},
    clock::Now,
    error::Result,
    web::{show, throttle::Unhurried, upload},
};
use askama::Template;
use axum::{
    extract::{Multipart, Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    kode: String,
}

#[derive(Template)]
#[template(path = "certificate/ask.html")]
struct AskPage {
    page: Page,
}

pub(crate) async fn ask(page: Page, Query(asked): Query<Asked>) -> Result<Response> {
    if asked.kode.trim().is_empty() {
        return Ok(Html(AskPage { page }.render()?).into_response());
    }
    let code = Code::parse(&asked.kode)
        .map_or_else(|| show::encoded(&asked.kode.replace('/', " ")), |code| code.to_string());
    Ok(Redirect::to(&format!("/v/{code}")).into_response())
}

/// What comparing a file with the original came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    Same,
    Different,
    NoFile,
}

#[derive(Template)]
#[template(path = "certificate/verify.html")]
struct VerifyPage {
    page: Page,
    certificate: Certificate,
    replaced_by: Option<Certificate>,
    /// In groups of four digits; none while nobody has the file.
    sha256: Option<String>,
    compared: Option<Match>,
    checked: String,
    base_url: String,
}

impl VerifyPage {
    /// The last four digits alone.
    fn nip_end(&self) -> &str {
        let nip = &self.certificate.paper.nip;
        nip.get(nip.len().saturating_sub(4)..).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "certificate/unknown.html")]
struct UnknownPage {
    page: Page,
    typed: String,
    checked: String,
}

fn unknown(page: Page, typed: &str, now: DateTime<Utc>) -> Result<Response> {
    let typed = typed.chars().take(40).collect();
    let answer = UnknownPage { page, typed, checked: show::moment(now) }.render()?;
    Ok((StatusCode::NOT_FOUND, Html(answer)).into_response())
}

pub(crate) async fn show(
    State(app): State<App>,
    _: Unhurried,
    mut db: Db,
    page: Page,
    Now(now): Now,
    Path(typed): Path<String>,
) -> Result<Response> {
    match find(&mut db, &typed).await? {
        Some(certificate) => verdict(&app, &mut db, page, certificate, None, now).await,
        None => unknown(page, &typed, now),
    }
}

async fn find(db: &mut PgConnection, typed: &str) -> Result<Option<Certificate>> {
    match Code::parse(typed) {
        Some(code) => Ok(certificate::by_code(db, &code).await?),
        None => Ok(None),
    }
}

async fn verdict(
    app: &App,
    db: &mut PgConnection,
    page: Page,
    certificate: Certificate,
    compared: Option<Match>,
    now: DateTime<Utc>,
) -> Result<Response> {
    let replaced_by = match certificate.revoked_at {
        Some(_) => certificate::replacement(db, &certificate).await?,
        None => None,
    };
    let sha256 = certificate::fingerprint(db, certificate.id).await?;
    let base_url = app.config.base_url.clone();
    let page = VerifyPage {
        page,
        certificate,
        replaced_by,
        sha256: sha256.map(|sha256| sha256.chunks(2).map(hex).collect::<Vec<_>>().join(" ")),
        compared,
        checked: show::moment(now),
        base_url,
    };
    Ok(Html(page.render()?).into_response())
}

/// Compares an uploaded file with what was handed out. It is never stored.
pub(crate) async fn compare(
    State(app): State<App>,
    _: Unhurried,
    page: Page,
    Now(now): Now,
    Path(typed): Path<String>,
    form: Multipart,
) -> Result<Response> {
    let sent = upload::file(form, "pdf").await?;
    let mut db = app.db.acquire().await?;
    let Some(certificate) = find(&mut db, &typed).await? else { return unknown(page, &typed, now) };
    let compared = match sent {
        None => Match::NoFile,
        Some(sent) => match certificate::check_file(&mut db, &sent.bytes, now).await? {
            Checked::Genuine(found) if found.id == certificate.id => Match::Same,
            Checked::Genuine(_) | Checked::Changed(_) | Checked::Unknown => Match::Different,
        },
    };
    verdict(&app, &mut db, page, certificate, Some(compared), now).await
}
