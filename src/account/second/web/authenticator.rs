//! Setting up an authenticator app, and the recovery codes that come with it.

use super::{Overview, SET_UP};
use crate::{
    account::{Page, SignedIn, flash, second},
    app::{App, Db},
    clock::Now,
    error::{Error, Result},
    people,
    web::form::{Problems, compact},
};
use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use chrono::{DateTime, Utc};
use qrcode::{Color, EcLevel, QrCode};
use serde::Deserialize;
use sqlx::PgConnection;
use std::fmt::Write;

#[derive(Template)]
#[template(path = "account/authenticator.html")]
struct AuthenticatorPage {
    page: Page,
    overview: Overview,
    /// What the app is to be told, between the first step and the last.
    shown: Option<Shown>,
    /// Whether a role of the person's waits for it.
    needed: bool,
    problems: Problems,
}

struct Shown {
    qr: Qr,
    groups: String,
    address: String,
}

/// A QR code as a path of one box per run of dark modules, and its side in modules.
struct Qr {
    path: String,
    side: usize,
}

impl Qr {
    fn of(text: &str) -> anyhow::Result<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
        let mut path = String::new();
        for (row, line) in code.to_colors().chunks(code.width()).enumerate() {
            let mut column = 0;
            for run in line.chunk_by(|a, b| a == b) {
                if run[0] == Color::Dark {
                    let width = run.len();
                    write!(path, "M{column} {row}h{width}v1h-{width}z")?;
                }
                column += run.len();
            }
        }
        Ok(Self { path, side: code.width() })
    }
}

async fn page_of(
    app: &App,
    db: &mut PgConnection,
    page: Page,
    me: &SignedIn,
    problems: Problems,
) -> Result<Response> {
    let overview = Overview::of(app, db, me.id).await?;
    let shown = match second::standing(db, me.id).await? {
        Some((secret, false)) => {
            let address = secret.address(&people::find(db, me.id).await?.nip)?;
            Some(Shown { qr: Qr::of(&address)?, groups: secret.groups(), address })
        }
        _ => None,
    };
    let needed = second::lacks(db, me.id).await?;
    let status = if problems.none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = AuthenticatorPage { page, overview, shown, needed, problems };
    Ok((status, Html(shown.render()?)).into_response())
}

pub(crate) async fn show(
    State(app): State<App>,
    mut db: Db,
    page: Page,
    me: SignedIn,
) -> Result<Response> {
    page_of(&app, &mut db, page, &me, Problems::default()).await
}

pub(crate) async fn begin(State(app): State<App>, me: SignedIn, Now(now): Now) -> Result<Redirect> {
    let mut tx = app.begin().await?;
    // Nothing when one is confirmed already; the page then says so.
    second::begin(&mut tx, me.id, now).await?;
    tx.commit().await?;
    Ok(Redirect::to(SET_UP))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct CodeForm {
    code: String,
}

pub(crate) async fn confirm(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Form(form): Form<CodeForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    if second::confirm(&mut tx, me.id, &compact(&form.code), &me.token_hash, now).await? {
        let answer = codes_page(&mut tx, page, &me, now).await?;
        tx.commit().await?;
        return Ok(answer);
    }
    let mut problems = Problems::default();
    problems.note::<()>(
        "code",
        "Kode ini tidak cocok. Ketik kode 6 angka yang sedang tampil di aplikasi, dan periksa jam ponsel Anda.",
    );
    page_of(&app, &mut tx, page, &me, problems).await
}

pub(crate) async fn remove(State(app): State<App>, me: SignedIn) -> Result<Response> {
    let mut tx = app.begin().await?;
    second::drop_authenticator(&mut tx, me.id).await?;
    tx.commit().await?;
    Ok(flash("/saya/profil", "Aplikasi autentikator dilepas."))
}

#[derive(Template)]
#[template(path = "account/recovery_codes.html")]
struct CodesPage {
    page: Page,
    name: String,
    codes: Vec<String>,
}

/// The page that shows new recovery codes, once.
async fn codes_page(
    db: &mut PgConnection,
    page: Page,
    me: &SignedIn,
    now: DateTime<Utc>,
) -> Result<Response> {
    let codes = second::make_codes(db, me.id, now).await?;
    let name = me.name.clone();
    Ok(Html(CodesPage { page, name, codes }.render()?).into_response())
}

pub(crate) async fn new_codes(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    if !second::has(&mut tx, me.id).await? {
        return Err(Error::Refused(
            "Kode pemulihan menggantikan faktor kedua. Pasang aplikasi autentikator atau passkey dulu.".into(),
        ));
    }
    let answer = codes_page(&mut tx, page, &me, now).await?;
    tx.commit().await?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_is_drawn_in_boxes() {
        let qr = Qr::of("otpauth://totp/x").unwrap();
        assert!(qr.path.starts_with("M0 0h7v1h-7z"), "{}", qr.path);
        assert!(qr.side >= 21);
    }
}
