//! `/kelola/orang/{person}/hapus-data`: an administrator erases the account of somebody who left.

use crate::{
    account::{Page, Reach, SignedIn, flash},
    app::App,
    clock::Now,
    error::{Error, Result},
    ids::PersonId,
    people::Record,
    privacy::{self, EraseError, Going},
    web::show,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{Html, Response},
};

impl From<EraseError> for Error {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::Database(error) => error.into(),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}

#[derive(Template)]
#[template(path = "privacy/erase.html")]
struct ErasePage {
    page: Page,
    record: Record,
    going: Going,
    /// Why it may not be erased, in words.
    refusal: Option<String>,
    erased: Option<String>,
    /// Whether the person can be told.
    mails: bool,
    days: i32,
}

pub(crate) async fn ask(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Path(person): Path<PersonId>,
) -> Result<Html<String>> {
    let mut tx = app.begin().await?;
    let record = Reach::of(&mut tx, me.id).await?.act(&mut tx, person).await?;
    let refusal = match privacy::may_erase(&mut tx, person).await {
        Ok(()) => None,
        Err(EraseError::Database(error)) => return Err(error.into()),
        Err(refusal) => Some(refusal.to_string()),
    };
    let shown = ErasePage {
        page,
        going: privacy::going(&mut tx, person).await?,
        refusal,
        erased: privacy::erased_at(&mut tx, person).await?.map(show::moment),
        mails: app.config.mail.is_some() && record.email.is_some(),
        days: privacy::retention(&mut tx).await?.mails,
        record,
    };
    Ok(Html(shown.render()?))
}

pub(crate) async fn erase(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    Reach::of(&mut tx, me.id).await?.act(&mut tx, person).await?;
    privacy::erase(&mut tx, person, me.id, app.config.mail.is_some(), now).await?;
    tx.commit().await?;
    Ok(flash(&format!("/kelola/orang/{person}"), "Data akun orang ini sudah dihapus."))
}
