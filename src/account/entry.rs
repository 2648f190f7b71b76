//! The last step of every way in: a second factor where there is one, then the cookies.

use super::{page, second};
use crate::{
    act::{self, Note},
    app::App,
    error::Result,
    ids::PersonId,
    web::show,
};
use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use axum_extra::extract::{CookieJar, cookie::Cookie};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Where somebody goes who came in, or is about to, and what their browser is to keep.
pub struct Way {
    pub to: String,
    cookies: Vec<HeaderValue>,
}

impl Way {
    /// The answer, with the cookies.
    pub fn give(self, mut response: Response) -> Response {
        for cookie in self.cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// Only addresses of this site: anything else could lead a person astray.
pub fn safe(wanted: &str) -> &str {
    let inside = wanted.starts_with('/')
        && !wanted.starts_with("//")
        && !wanted.contains(|c: char| c == '\\' || c.is_control());
    if inside { wanted } else { "/saya" }
}

/// After the password: signs the person in, or lets the sign-in wait for their second factor.
pub async fn enter(
    app: &App,
    db: &mut PgConnection,
    jar: &CookieJar,
    (person, own_device): (PersonId, bool),
    wanted: &str,
    now: DateTime<Utc>,
) -> Result<Way> {
    if !second::has(db, person).await? {
        return admit(app, db, jar, (person, own_device), wanted, now).await;
    }
    let token = second::begin_sign_in(db, person, own_device, now).await?;
    let secure = app.config.secure();
    let lasts = Some(second::PENDING_LASTS.num_seconds());
    let cookies = vec![cookie(page::pending_cookie(secure), &token, lasts, secure)?];
    Ok(Way { to: format!("/masuk/kode?ke={}", show::encoded(safe(wanted))), cookies })
}

/// Signs the person in, in place of who they were in this browser before.
pub async fn admit(
    app: &App,
    db: &mut PgConnection,
    jar: &CookieJar,
    (person, own_device): (PersonId, bool),
    wanted: &str,
    now: DateTime<Utc>,
) -> Result<Way> {
    let secure = app.config.secure();
    if let Some(old) = jar.get(page::sign_in_cookie(secure)) {
        super::sign_out(db, person, &super::digest(old.value()), now).await?;
    }
    let token = super::sign_in(db, person, own_device, now).await?;
    let note = Note { by: Some(person), person: Some(person), ..Note::default() };
    act::note(db, "Masuk", note, now).await?;
    let device = super::remember_device(db, person, device(app, jar), now).await?;
    let known = Some(super::DEVICE_LASTS.num_seconds());
    let cookies = vec![
        sign_in_cookie(app, &token, own_device)?,
        cookie(page::device_cookie(secure), &device, known, secure)?,
        cookie(page::pending_cookie(secure), "", Some(0), secure)?,
    ];
    let to = if second::lacks(db, person).await? { second::web::SET_UP } else { safe(wanted) };
    Ok(Way { to: to.to_owned(), cookies })
}

/// What the browser says it is known by; whoever forges it is known to nobody.
pub fn device<'a>(app: &App, jar: &'a CookieJar) -> Option<&'a str> {
    jar.get(page::device_cookie(app.config.secure())).map(Cookie::value)
}

/// The cookie of a sign-in: it goes when the browser is closed, but on a device of one's own.
pub fn sign_in_cookie(app: &App, token: &str, own_device: bool) -> Result<HeaderValue> {
    let secure = app.config.secure();
    cookie(page::sign_in_cookie(secure), token, own_device.then_some(7_776_000), secure)
}

fn cookie(name: &str, value: &str, lasts: Option<i64>, secure: bool) -> Result<HeaderValue> {
    let lasts = lasts.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{lasts}");
    Ok(HeaderValue::from_str(&text).map_err(anyhow::Error::from)?)
}
