//! What `static/passkey.js` asks for: challenges, and what passkeys answer to them.

use crate::{
    account::{
        SignedIn, entry, flash, page,
        second::{self, PasskeyError},
    },
    app::App,
    assets::hex,
    clock::Now,
    error::{Error, Result},
    people,
    web::{
        form::Problems,
        throttle::{Try, Unhurried},
    },
};
use axum::{
    Form, Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use serde_json::json;
use webauthn_rs::prelude::{PublicKeyCredential, RegisterPublicKeyCredential, Webauthn};

/// What the script sends at the end.
#[derive(Deserialize)]
pub(crate) struct Answer<Credential> {
    token: String,
    credential: Credential,
    #[serde(default)]
    name: String,
    #[serde(default)]
    ke: String,
    #[serde(default)]
    own_device: String,
}

fn site(app: &App) -> Result<Webauthn> {
    second::relying_party(&app.config).ok_or(Error::NotFound)
}

fn refused(words: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "words": words }))).into_response()
}

/// A refusal in words for the script; anything else stops the request.
fn in_words(error: PasskeyError) -> Result<Response> {
    match error {
        PasskeyError::Database(error) => Err(error.into()),
        PasskeyError::Other(error) => Err(error.into()),
        refusal => Ok(refused(&refusal.to_string())),
    }
}

pub(crate) async fn challenge(
    State(app): State<App>,
    _: Unhurried,
    Now(now): Now,
) -> Result<Response> {
    let site = site(&app)?;
    let mut tx = app.begin().await?;
    let (token, challenge) = second::challenge_sign_in(&mut tx, &site, now).await?;
    tx.commit().await?;
    Ok(Json(json!({ "token": token, "options": challenge.public_key })).into_response())
}

pub(crate) async fn sign_in(
    State(app): State<App>,
    Now(now): Now,
    attempt: Try,
    jar: CookieJar,
    Json(answer): Json<Answer<PublicKeyCredential>>,
) -> Result<Response> {
    let site = site(&app)?;
    let mut tx = app.begin().await?;
    let whose = second::authenticate(&mut tx, &site, &answer.token, &answer.credential, now).await;
    let person = match whose {
        Ok(person) => person,
        Err(error) => {
            attempt.failed();
            tx.commit().await?; // the challenge is used up
            return in_words(error);
        }
    };
    let who = (person, answer.own_device == "ya");
    let way = entry::admit(&app, &mut tx, &jar, who, &answer.ke, now).await?;
    tx.commit().await?;
    let response = Json(json!({ "to": way.to })).into_response();
    Ok(way.give(response))
}

/// Proves with a passkey who is signed in.
pub(crate) async fn prove(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    attempt: Try,
    Json(answer): Json<Answer<PublicKeyCredential>>,
) -> Result<Response> {
    let site = site(&app)?;
    let mut tx = app.begin().await?;
    let whose = second::authenticate(&mut tx, &site, &answer.token, &answer.credential, now).await;
    let own = match whose {
        Ok(person) if person == me.id => {
            crate::account::prove(&mut tx, &me.token_hash, now).await?
        }
        Ok(_) => None,
        Err(error) => {
            attempt.failed();
            tx.commit().await?;
            return in_words(error);
        }
    };
    tx.commit().await?;
    let Some((token, own_device)) = own else {
        return Ok(refused("Passkey ini milik akun lain. Pakai passkey Anda sendiri."));
    };
    let cookie = entry::sign_in_cookie(&app, &token, own_device)?;
    Ok(([(header::SET_COOKIE, cookie)], Json(json!({}))).into_response())
}

pub(crate) async fn offer(State(app): State<App>, me: SignedIn, Now(now): Now) -> Result<Response> {
    let site = site(&app)?;
    let mut tx = app.begin().await?;
    let record = people::find(&mut tx, me.id).await?;
    let (token, challenge) = second::offer(&mut tx, &site, &record, now).await?;
    tx.commit().await?;
    Ok(Json(json!({ "token": token, "options": challenge.public_key })).into_response())
}

pub(crate) async fn add(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Json(answer): Json<Answer<RegisterPublicKeyCredential>>,
) -> Result<Response> {
    let site = site(&app)?;
    let mut problems = Problems::default();
    let Some(name) = problems.text("name", "nama passkey", &answer.name, 60) else {
        let words = problems.on("name").unwrap_or_default();
        return Ok(refused(words));
    };
    let mut tx = app.begin().await?;
    let told = (name.as_str(), &answer.credential);
    let added = second::add(&mut tx, &site, me.id, &answer.token, told, &me.token_hash, now).await;
    tx.commit().await?;
    if let Err(error) = added {
        return in_words(error);
    }
    let answer = Json(json!({ "to": "/saya/profil" })).into_response();
    Ok(page::say(answer, "Passkey ditambahkan. Kini Anda dapat masuk dengannya."))
}

#[derive(Deserialize)]
pub(crate) struct PasskeyForm {
    passkey: String,
}

pub(crate) async fn remove(
    State(app): State<App>,
    me: SignedIn,
    Form(form): Form<PasskeyForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let known = second::passkeys(&mut tx, me.id).await?;
    if let Some(key) = known.iter().find(|key| hex(&key.id) == form.passkey) {
        second::drop_passkey(&mut tx, me.id, &key.id).await?;
    }
    tx.commit().await?;
    Ok(flash("/saya/profil", "Passkey dilepas."))
}
