//! Signing in and out, activation, and one's own profile.

use super::{
    Page, SignedIn, entry, flash, page,
    second::{self, web::Overview},
    single_sign_on::{self, web as sso},
};
use crate::{
    act::{self, Note},
    app::{App, Db},
    clock::Now,
    error::{Error, Result},
    password::{self, Overloaded},
    people::{self, Record},
    web::{
        form::{Problems, compact},
        show,
        throttle::Try,
    },
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

/// The same words for an unknown NIP and a wrong password.
const NO_MATCH: &str = "NIP atau kata sandi tidak cocok. Periksa keduanya, lalu coba lagi.";

#[derive(Template)]
#[template(path = "account/sign_in.html")]
struct SignInPage {
    page: Page,
    form: SignInForm,
    problems: Problems,
    /// Whether passkeys can be had at this address.
    passkeys: bool,
    /// Whose accounts let in as well.
    provider: Option<String>,
}

/// The form as typed; the password is never shown again.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SignInForm {
    nip: String,
    password: String,
    /// Where the visitor wanted to go.
    ke: String,
    own_device: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    pub(super) ke: String,
}

pub(crate) async fn sign_in_form(
    State(app): State<App>,
    page: Page,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    if page.visitor.is_some() {
        return Ok(Redirect::to(entry::safe(&wanted.ke)).into_response());
    }
    let form = SignInForm { ke: wanted.ke, ..SignInForm::default() };
    let passkeys = second::relying_party(&app.config).is_some();
    let (problems, provider) = (Problems::default(), sso::offered(&app));
    let shown = SignInPage { page, form, problems, passkeys, provider };
    Ok(Html(shown.render()?).into_response())
}

pub(crate) async fn sign_in(
    State(app): State<App>,
    page: Page,
    Now(now): Now,
    attempt: Try,
    jar: CookieJar,
    Form(form): Form<SignInForm>,
) -> Result<Response> {
    let nip = compact(&form.nip);
    if nip.len() > 64 || form.password.len() > 1024 {
        attempt.failed();
        return refused(&app, page, form);
    }
    let device = entry::device(&app, &jar);
    let mut tx = app.begin().await?;
    if let Some(seconds) = super::count_try(&mut tx, &nip, device, now).await? {
        attempt.failed();
        return Err(Error::TooMany(seconds));
    }
    let known = super::credential(&mut tx, &nip).await?;
    let public = form.password == super::DEMO_PASSWORD && !super::is_demo(&mut tx).await?;
    tx.commit().await?; // no connection is held while the hash is worked out
    let hash = known.as_ref().map(|(_, hash)| hash.clone());
    let fits = verify(&app, &form.password, hash).await? && !public;
    let Some((person, hash)) = known.filter(|_| fits) else {
        tracing::warn!("a sign-in was refused");
        attempt.failed();
        let detail = json!({ "nip": show::nip_masked(&nip) });
        let note = Note { detail: Some(detail), ..Note::default() };
        act::note(&mut *app.db.acquire().await?, "Masuk ditolak", note, now).await?;
        return refused(&app, page, form);
    };
    let mut tx = app.begin().await?;
    if !super::holds_still(&mut tx, person, &hash).await? {
        return refused(&app, page, form);
    }
    let own = form.own_device == "ya";
    let way = entry::enter(&app, &mut tx, &jar, (person, own), &form.ke, now).await?;
    tx.commit().await?;
    let response = Redirect::to(&way.to).into_response();
    Ok(way.give(response))
}

pub(super) async fn verify(app: &App, password: &str, hash: Option<String>) -> Result<bool> {
    app.hasher.verify(password.to_owned(), hash).await.map_err(busy)
}

fn busy(error: anyhow::Error) -> Error {
    if error.is::<Overloaded>() { Error::Busy } else { error.into() }
}

fn refused(app: &App, page: Page, form: SignInForm) -> Result<Response> {
    let mut problems = Problems::default();
    problems.note::<()>("nip", NO_MATCH);
    let passkeys = second::relying_party(&app.config).is_some();
    let answer =
        SignInPage { page, form, problems, passkeys, provider: sso::offered(app) }.render()?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer)).into_response())
}

pub(crate) async fn sign_out(
    State(app): State<App>,
    Now(now): Now,
    me: SignedIn,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    super::sign_out(&mut tx, me.id, &me.token_hash, now).await?;
    act::note(&mut tx, "Keluar", Note::of(me.id), now).await?;
    tx.commit().await?;
    let name = page::sign_in_cookie(app.config.secure());
    let secure = if app.config.secure() { "; Secure" } else { "" };
    let gone = format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}");
    let mut response = flash("/masuk", "Anda sudah keluar.");
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, HeaderValue::from_str(&gone).map_err(anyhow::Error::from)?);
    headers.insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(response)
}

#[derive(Template)]
#[template(path = "account/activation.html")]
struct ActivationPage {
    page: Page,
    /// Nobody when the link no longer works.
    record: Option<Record>,
    problems: Problems,
}

#[derive(Deserialize)]
pub(crate) struct ActivationForm {
    password: String,
    again: String,
}

pub(crate) async fn activation(
    State(app): State<App>,
    page: Page,
    Now(now): Now,
    Path(token): Path<String>,
) -> Result<Response> {
    activation_page(&app, page, now, &token, Problems::default()).await
}

async fn activation_page(
    app: &App,
    page: Page,
    now: DateTime<Utc>,
    token: &str,
    problems: Problems,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let record = match super::invited(&mut db, token, now).await? {
        Some(person) => Some(people::find(&mut db, person).await?),
        None => None,
    };
    let status = match (&record, problems.none()) {
        (None, _) => StatusCode::NOT_FOUND,
        (Some(_), true) => StatusCode::OK,
        (Some(_), false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok((status, Html(ActivationPage { page, record, problems }.render()?)).into_response())
}

pub(crate) async fn activate(
    State(app): State<App>,
    page: Page,
    Now(now): Now,
    jar: CookieJar,
    Path(token): Path<String>,
    Form(form): Form<ActivationForm>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let Some(person) = super::invited(&mut db, &token, now).await? else {
        drop(db);
        return activation_page(&app, page, now, &token, Problems::default()).await;
    };
    let record = people::find(&mut db, person).await?;
    drop(db);
    let mut problems = Problems::default();
    if let Err(weak) = password::check(&form.password, &record.nip, &record.name) {
        problems.note::<()>("password", weak.to_string());
    } else if form.password == super::DEMO_PASSWORD {
        problems.note::<()>("password", password::WeakPassword::Common.to_string());
    } else if form.password != form.again {
        problems.note::<()>("again", "Kedua kata sandi tidak sama. Ketik ulang keduanya.");
    }
    if !problems.none() {
        return activation_page(&app, page, now, &token, problems).await;
    }
    let hash = app.hasher.hash(form.password).await.map_err(busy)?;
    let mut tx = app.begin().await?;
    if super::activate(&mut tx, &token, &hash, now).await?.is_none() {
        return Err(Error::Refused(
            "Tautan ini baru saja dipakai. Masuk dengan kata sandi yang tadi dibuat.".into(),
        ));
    }
    if app.config.mail.is_some() {
        super::mailed::tell_of_password(&mut tx, &record, &token, now).await?;
    }
    let way = entry::enter(&app, &mut tx, &jar, (person, false), "/saya", now).await?;
    tx.commit().await?;
    let response = flash(&way.to, "Akun Anda aktif. Selamat belajar.");
    Ok(way.give(response))
}

#[derive(Template)]
#[template(path = "account/profile.html")]
struct ProfilePage {
    page: Page,
    record: Record,
    devices: Vec<DeviceRow>,
    roles: Vec<super::Grant>,
    second: Overview,
    links: Vec<single_sign_on::Link>,
}

struct DeviceRow {
    id: String,
    this: bool,
    started: String,
    seen: String,
}

pub(crate) async fn profile(
    State(app): State<App>,
    mut db: Db,
    page: Page,
    Now(now): Now,
    me: SignedIn,
) -> Result<Html<String>> {
    let record = people::find(&mut db, me.id).await?;
    let roles = super::grants(&mut db, me.id).await?;
    let second = Overview::of(&app, &mut db, me.id).await?;
    let devices = super::devices(&mut db, me.id, now).await?;
    let devices = devices
        .into_iter()
        .map(|device| DeviceRow {
            id: crate::assets::hex(&device.token_hash),
            this: me.is_sign_in(&device.token_hash),
            started: show::moment(device.started_at),
            seen: show::moment(device.seen_at),
        })
        .collect();
    let links = single_sign_on::links(&mut db, me.id).await?;
    Ok(Html(ProfilePage { page, record, devices, roles, second, links }.render()?))
}

#[derive(Deserialize)]
pub(crate) struct DeviceForm {
    device: String,
}

pub(crate) async fn end_device(
    State(app): State<App>,
    Now(now): Now,
    me: SignedIn,
    Form(form): Form<DeviceForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let devices = super::devices(&mut tx, me.id, now).await?;
    let device =
        devices.iter().find(|device| crate::assets::hex(&device.token_hash) == form.device);
    if let Some(device) = device {
        super::sign_out(&mut tx, me.id, &device.token_hash, now).await?;
        act::note(&mut tx, "Mengeluarkan perangkat", Note::of(me.id), now).await?;
    }
    tx.commit().await?;
    Ok(flash("/saya/profil", "Perangkat itu sudah dikeluarkan."))
}
