//! Roles are given and taken, a second factor is reset and sign-ins are ended, on the person's page.

use crate::{
    account::{
        self, Follows, GrantError, Reach, ReachError, Role, SignedIn, flash,
        second::{self, ResetError},
    },
    act::{self, Note},
    app::App,
    clock::Now,
    error::{Error, Result},
    ids::{PersonId, UnitId},
    people,
};
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct GrantForm {
    role: String,
    unit: String,
}

pub(crate) async fn grant(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
    Form(form): Form<GrantForm>,
) -> Result<Response> {
    let (Some(role), Ok(unit)) = (Role::of(&form.role), form.unit.parse()) else {
        return Err(Error::BadRequest);
    };
    let mut tx = app.begin().await?;
    if !people::units(&mut tx, now).await?.iter().any(|open| open.id == UnitId(unit)) {
        return Err(Error::BadRequest);
    }
    let follows = account::grant(&mut tx, person, role, UnitId(unit), Some(me.id), now).await?;
    tx.commit().await?;
    let words = format!("Peran {} diberikan.{}", role.label(), said(follows));
    Ok(flash(&format!("/kelola/orang/{person}"), &words))
}

fn said(follows: Follows) -> &'static str {
    match follows {
        Follows::Nothing => "",
        Follows::SignInAgain => " Orang ini perlu masuk lagi.",
        Follows::NewLink => {
            " Tautan aktivasinya tidak berlaku lagi; kirimkan tautan aktivasi baru."
        }
        Follows::NewPassword => " Kata sandinya dihapus; kirimkan tautan aktivasi baru.",
    }
}

pub(crate) async fn revoke(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path((person, grant)): Path<(PersonId, i64)>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    account::revoke(&mut tx, person, grant, me.id, now).await?;
    tx.commit().await?;
    Ok(flash(&format!("/kelola/orang/{person}"), "Peran dicabut. Orang ini perlu masuk lagi."))
}

pub(crate) async fn reset_second(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    second::reset(&mut tx, person, me.id, now).await?;
    tx.commit().await?;
    let words = "Faktor kedua dihapus, dan orang ini dikeluarkan dari semua perangkatnya.";
    Ok(flash(&format!("/kelola/orang/{person}"), words))
}

/// Ends every sign-in of the person, as after somebody else used one.
pub(crate) async fn sign_out_everywhere(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    Reach::of(&mut tx, me.id).await?.act(&mut tx, person).await?;
    let ended = account::end_sign_ins(&mut tx, person, now).await?;
    act::note(&mut tx, "Mengeluarkan dari semua perangkat", Note::of(person), now).await?;
    tx.commit().await?;
    let words = if ended {
        "Orang ini dikeluarkan dari semua perangkatnya. Jika orang lain sempat memakai akunnya, periksa juga kata sandi, slip, passkey, autentikator, dan akun yang terhubung: caranya di bawah tombol itu."
    } else {
        "Orang ini tidak sedang masuk di perangkat mana pun."
    };
    Ok(flash(&format!("/kelola/orang/{person}"), words))
}

impl From<ResetError> for Error {
    fn from(error: ResetError) -> Self {
        match error {
            ResetError::Database(error) => error.into(),
            ResetError::Reach(beyond) => beyond.into(),
            refusal @ ResetError::Own => Self::Refused(refusal.to_string()),
        }
    }
}

impl From<GrantError> for Error {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Database(error) => error.into(),
            GrantError::Reach(beyond) => beyond.into(),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}

impl From<ReachError> for Error {
    fn from(error: ReachError) -> Self {
        match error {
            ReachError::Database(error) => error.into(),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
