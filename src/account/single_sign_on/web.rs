//! `/masuk/sso`: to the provider and back.

use super::{
    ATTEMPT_LASTS, Attempt, LinkError, Provider, begin, person, provider::ProviderError, take,
};
use crate::{
    account::{
        Page, SignedIn,
        entry::{self, safe},
        flash, is_token, new_token,
        web::Wanted,
    },
    app::App,
    clock::Now,
    error::{Error, Result},
    web::throttle::{Sent, Try},
};
use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use axum_extra::extract::{CookieJar, cookie::Cookie};
use serde::Deserialize;
use std::sync::Arc;

/// The cookie of a browser that was sent to the provider.
fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-sso" } else { "sso" }
}

/// The provider that the sign-in page offers, by its host.
pub(crate) fn offered(app: &App) -> Option<String> {
    app.config.single_sign_on.as_ref().map(|settings| super::host(&settings.issuer))
}

type Configured = Extension<Option<Arc<Provider>>>;

#[derive(Template)]
#[template(path = "account/sso_failed.html")]
struct FailedPage {
    page: Page,
    provider: String,
    words: String,
    /// Whether it makes sense to try again at once.
    again: bool,
}

fn failed(
    page: Page,
    provider: &Provider,
    status: StatusCode,
    words: impl Into<String>,
) -> Result<Response> {
    let again = status != StatusCode::FORBIDDEN;
    let answer = FailedPage { page, provider: provider.host(), words: words.into(), again };
    Ok((status, Html(answer.render()?)).into_response())
}

/// What the provider's failure means for the visitor; the log has the reason.
fn without_provider(page: Page, provider: &Provider, error: &ProviderError) -> Result<Response> {
    tracing::warn!(reason = error.to_string(), "the provider of single sign-on was of no use");
    let words = match error {
        ProviderError::Unreachable(_) => {
            "Penyedia akun sedang tidak dapat dihubungi. Coba lagi beberapa menit lagi, atau masuk dengan kata sandi."
        }
        ProviderError::Unfit(_) => {
            "Jawaban penyedia akun tidak dapat diterima, jadi Anda belum masuk. Coba lagi; bila tetap gagal, sampaikan kepada administrator."
        }
    };
    failed(page, provider, StatusCode::BAD_GATEWAY, words)
}

pub(crate) async fn start(
    State(app): State<App>,
    Extension(provider): Configured,
    page: Page,
    Now(now): Now,
    _: Sent,
    jar: CookieJar,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    let provider = provider.ok_or(Error::NotFound)?;
    if page.visitor.is_some() {
        return Ok(Redirect::to(safe(&wanted.ke)).into_response());
    }
    let (state, wanted) = (new_token()?, safe(&wanted.ke).to_owned());
    let attempt = Attempt { nonce: new_token()?, verifier: new_token()?, wanted };
    let address = match provider.address(state.clone(), &attempt, now).await {
        Ok(address) => address,
        Err(error) => return without_provider(page, &provider, &error),
    };
    // One token for all attempts of a browser: people try in several tabs.
    let secure = app.config.secure();
    let browser = match jar.get(cookie_name(secure)).map(Cookie::value) {
        Some(held) if is_token(held) => held.to_owned(),
        _ => new_token()?,
    };
    let mut tx = app.begin().await?;
    begin(&mut tx, &state, &attempt, &browser, now).await?;
    tx.commit().await?;
    let mut response = Redirect::to(address.as_str()).into_response();
    set_cookie(&mut response, secure, &browser, ATTEMPT_LASTS.num_seconds())?;
    Ok(response)
}

fn set_cookie(response: &mut Response, secure: bool, value: &str, seconds: i64) -> Result<()> {
    let name = cookie_name(secure);
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    let cookie = HeaderValue::from_str(&text).map_err(anyhow::Error::from)?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(())
}

/// What the provider brings back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Brought {
    state: String,
    code: String,
    error: String,
    iss: Option<String>,
}

/// The same words for whatever is wrong with what was brought back.
const NO_ATTEMPT: &str = "Upaya masuk ini tidak dimulai di peramban ini, sudah dipakai, atau lebih dari 10 menit yang lalu. Mulailah lagi.";

pub(crate) async fn back(
    State(app): State<App>,
    Extension(provider): Configured,
    page: Page,
    Now(now): Now,
    attempted: Try,
    jar: CookieJar,
    Query(brought): Query<Brought>,
) -> Result<Response> {
    let provider = provider.ok_or(Error::NotFound)?;
    let secure = app.config.secure();
    let browser = jar.get(cookie_name(secure)).map_or("", Cookie::value);
    let mut tx = app.begin().await?;
    let attempt = take(&mut tx, &brought.state, browser, now).await?;
    tx.commit().await?; // no connection is held while the provider is asked
    let Some(attempt) = attempt else {
        attempted.failed();
        return failed(page, &provider, StatusCode::BAD_REQUEST, NO_ATTEMPT);
    };
    if brought.iss.as_deref().is_some_and(|issuer| issuer != provider.issuer()) {
        let error = ProviderError::Unfit("an answer of another issuer".into());
        return without_provider(page, &provider, &error);
    }
    if brought.code.is_empty() {
        let error: String = brought.error.chars().take(40).collect();
        if error == "access_denied" {
            let words = "Penyedia akun tidak mengizinkan, atau Anda membatalkan.";
            return failed(page, &provider, StatusCode::BAD_REQUEST, words);
        }
        let error = ProviderError::Unfit(format!("it brought no code but {error:?}"));
        return without_provider(page, &provider, &error);
    }
    let account = match provider.account(brought.code, &attempt, now).await {
        Ok(account) => account,
        Err(error) => return without_provider(page, &provider, &error),
    };
    let mut tx = app.begin().await?;
    let person = match person(&mut tx, &account, now).await {
        Ok(person) => person,
        Err(LinkError::Database(error)) => return Err(error.into()),
        Err(refusal) => {
            tracing::warn!("a sign-in with an account of the provider was refused");
            return failed(page, &provider, StatusCode::FORBIDDEN, refusal.to_string());
        }
    };
    let way = entry::enter(&app, &mut tx, &jar, (person, false), &attempt.wanted, now).await?;
    tx.commit().await?;
    let response = Redirect::to(&way.to).into_response();
    let mut response = way.give(response);
    set_cookie(&mut response, secure, "", 0)?;
    Ok(response)
}

#[derive(Deserialize)]
pub(crate) struct UnlinkForm {
    link: i64,
}

pub(crate) async fn unlink(
    State(app): State<App>,
    Now(now): Now,
    me: SignedIn,
    Form(form): Form<UnlinkForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    super::unlink(&mut tx, me.id, form.link, now).await?;
    tx.commit().await?;
    Ok(flash("/saya/profil", "Akun itu tidak lagi terhubung dengan Anda."))
}
