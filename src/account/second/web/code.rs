//! The second step of signing in: a code from the app, or a recovery code.

use crate::{
    account::{
        Page, entry, flash, page,
        second::{self, Pending},
    },
    app::{App, Db},
    clock::Now,
    error::{Error, Result},
    web::{
        form::{Problems, compact},
        show,
        throttle::Try,
    },
};
use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "account/code.html")]
struct CodePage {
    page: Page,
    form: CodeForm,
    own_device: bool,
    /// Whether the person has an app; otherwise only a passkey and recovery codes.
    authenticator: bool,
    passkeys: bool,
    problems: Problems,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct CodeForm {
    code: String,
    ke: String,
}

/// Whoever waited too long begins again.
fn again(wanted: &str) -> Response {
    let to = format!("/masuk?ke={}", show::encoded(entry::safe(wanted)));
    flash(&to, "Waktu untuk langkah kedua habis. Masuk sekali lagi.")
}

fn token(app: &App, jar: &CookieJar) -> String {
    let cookie = jar.get(page::pending_cookie(app.config.secure()));
    cookie.map(|cookie| cookie.value().to_owned()).unwrap_or_default()
}

pub(crate) async fn ask(
    State(app): State<App>,
    mut db: Db,
    page: Page,
    Now(now): Now,
    jar: CookieJar,
    Query(form): Query<CodeForm>,
) -> Result<Response> {
    let Some(waiting) = second::pending(&mut db, &token(&app, &jar), now).await? else {
        return Ok(match page.visitor {
            Some(_) => Redirect::to(entry::safe(&form.ke)).into_response(),
            None => again(&form.ke),
        });
    };
    let form = CodeForm { code: String::new(), ..form };
    code_page(&app, &mut db, page, &waiting, form, Problems::default()).await
}

async fn code_page(
    app: &App,
    db: &mut sqlx::PgConnection,
    page: Page,
    waiting: &Pending,
    form: CodeForm,
    problems: Problems,
) -> Result<Response> {
    let own_device = waiting.own_device;
    let standing = second::standing(db, waiting.person).await?;
    let authenticator = standing.is_some_and(|(_, confirmed)| confirmed);
    let passkeys = second::relying_party(&app.config).is_some()
        && !second::passkeys(db, waiting.person).await?.is_empty();
    let status = if problems.none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = CodePage { page, form, own_device, authenticator, passkeys, problems };
    Ok((status, Html(shown.render()?)).into_response())
}

pub(crate) async fn check(
    State(app): State<App>,
    page: Page,
    Now(now): Now,
    attempt: Try,
    jar: CookieJar,
    Form(form): Form<CodeForm>,
) -> Result<Response> {
    let token = token(&app, &jar);
    let mut tx = app.begin().await?;
    let Some(waiting) = second::pending(&mut tx, &token, now).await? else {
        return Ok(again(&form.ke));
    };
    let recovery = second::looks_like_recovery(&form.code);
    if !recovery {
        // No count for those: nobody guesses 80 bits, and a lock would hit whoever lost the phone.
        if let Some(seconds) = second::count_try(&mut tx, waiting.person, now).await? {
            attempt.failed();
            return Err(Error::TooMany(seconds));
        }
        tx.commit().await?;
        tx = app.begin().await?;
    }
    let right = if recovery {
        second::use_code(&mut tx, waiting.person, &form.code, now).await?
    } else {
        second::accept(&mut tx, waiting.person, &compact(&form.code), now).await?
    };
    if !right {
        tracing::warn!("the second step of a sign-in was refused");
        attempt.failed();
        let mut problems = Problems::default();
        problems.note::<()>(
            "code",
            "Kode ini tidak cocok atau sudah dipakai. Tunggu kode berikutnya di aplikasi, lalu ketik yang itu.",
        );
        let form = CodeForm { code: String::new(), ..form };
        return code_page(&app, &mut tx, page, &waiting, form, problems).await;
    }
    if !second::finish_sign_in(&mut tx, &token, now).await? {
        return Ok(again(&form.ke));
    }
    let who = (waiting.person, waiting.own_device);
    let way = entry::admit(&app, &mut tx, &jar, who, &form.ke, now).await?;
    tx.commit().await?;
    let response = Redirect::to(&way.to).into_response();
    Ok(way.give(response))
}
