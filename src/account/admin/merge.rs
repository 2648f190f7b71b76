//! Two records of one human being become one, and two again.

use crate::{
    account::{Page, Reach, SignedIn, flash, single_sign_on},
    app::App,
    clock::Now,
    error::{Error, Result},
    ids::PersonId,
    people::{self, Found, MergeError, Record},
    web::{form::Problems, paging::Wanted},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use sqlx::PgConnection;

impl From<MergeError> for Error {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::Database(error) => error.into(),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sought {
    q: String,
    /// The other record, once it is found.
    dengan: Option<i64>,
}

/// Where the other record is looked for.
#[derive(Template)]
#[template(path = "account/merge_find.html")]
struct FindPage {
    page: Page,
    record: Record,
    q: String,
    found: Option<Found>,
}

/// Both records side by side, before they become one.
#[derive(Template)]
#[template(path = "account/merge.html")]
struct MergePage {
    page: Page,
    /// The one that stays.
    stays: Record,
    /// The one that reads as the other.
    goes: Record,
    problems: Problems,
}

/// Both records, neither of which lies beyond the visitor.
async fn both(
    db: &mut PgConnection,
    me: &SignedIn,
    person: PersonId,
    other: PersonId,
) -> Result<(Record, Record)> {
    let reach = Reach::of(db, me.id).await?;
    // In one order, so that two who merge the same records do not wait for each other.
    for one in [person.min(other), person.max(other)] {
        people::lock(db, one).await?;
    }
    Ok((reach.act(db, person).await?, reach.act(db, other).await?))
}

fn merge_page(
    page: Page,
    stays: Record,
    goes: Record,
    refusal: Option<&MergeError>,
) -> Result<Response> {
    let mut problems = Problems::default();
    if let Some(refusal) = refusal {
        problems.note::<()>("catatan", refusal.to_string());
    }
    let status = if refusal.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let shown = MergePage { page, stays, goes, problems };
    Ok((status, Html(shown.render()?)).into_response())
}

pub(crate) async fn ask_merge(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Path(person): Path<PersonId>,
    Query(sought): Query<Sought>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    if let Some(other) = sought.dengan.map(PersonId) {
        let (stays, goes) = both(&mut tx, &me, person, other).await?;
        let refusal = match people::may_merge(&mut tx, other, person, me.id).await {
            Ok(_) => None,
            Err(MergeError::Database(error)) => return Err(error.into()),
            Err(refusal) => Some(refusal),
        };
        return merge_page(page, stays, goes, refusal.as_ref());
    }
    let reach = Reach::of(&mut tx, me.id).await?;
    let record = reach.act(&mut tx, person).await?;
    let found = match sought.q.trim() {
        "" => None,
        q => {
            let within = Some(reach.units());
            let mut found = people::search(&mut tx, q, within, Wanted::default()).await?;
            found.people.retain(|one| one.id != person);
            Some(found)
        }
    };
    let shown = FindPage { page, record, q: sought.q, found };
    Ok(Html(shown.render()?).into_response())
}

#[derive(Deserialize)]
pub(crate) struct MergeForm {
    dengan: PersonId,
}

pub(crate) async fn merge(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
    Form(form): Form<MergeForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    Reach::of(&mut tx, me.id).await?.see(&mut tx, person).await?;
    let goes = people::find(&mut tx, form.dengan).await?;
    if goes.merged_into == Some(person) {
        // The button was pressed twice.
        return Ok(Redirect::to(&format!("/kelola/orang/{person}")).into_response());
    }
    let (stays, goes) = both(&mut tx, &me, person, form.dengan).await?;
    // The accounts of the record that goes link anew, by NIP, to who stays.
    single_sign_on::unlink_all(&mut tx, form.dengan, now).await?;
    match people::merge(&mut tx, form.dengan, person, me.id, now).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(flash(
                &format!("/kelola/orang/{person}"),
                "Kedua catatan terbaca sebagai satu orang.",
            ))
        }
        Err(MergeError::Database(error)) => Err(error.into()),
        Err(refusal) => merge_page(page, stays, goes, Some(&refusal)),
    }
}

#[derive(Template)]
#[template(path = "account/separate.html")]
struct SeparatePage {
    page: Page,
    stays: Record,
    goes: Record,
}

/// A merged record and the one as which it reads, neither of which lies beyond the visitor.
async fn merged(
    db: &mut PgConnection,
    me: &SignedIn,
    person: PersonId,
) -> Result<Option<(Record, Record)>> {
    let reach = Reach::of(db, me.id).await?;
    let goes = reach.see(db, person).await?;
    let Some(into) = goes.merged_into else { return Ok(None) };
    Ok(Some((reach.act(db, into).await?, goes)))
}

pub(crate) async fn ask_separate(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Path(person): Path<PersonId>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    match merged(&mut tx, &me, person).await? {
        Some((stays, goes)) => {
            Ok(Html(SeparatePage { page, stays, goes }.render()?).into_response())
        }
        None => Ok(Redirect::to(&format!("/kelola/orang/{person}")).into_response()),
    }
}

pub(crate) async fn separate(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    if let Some((stays, _)) = merged(&mut tx, &me, person).await? {
        // Accounts of either link anew, to whoever holds their NIP then.
        single_sign_on::unlink_all(&mut tx, stays.id, now).await?;
        people::separate(&mut tx, person, me.id, now).await?;
        tx.commit().await?;
    }
    Ok(flash(&format!("/kelola/orang/{person}"), "Kedua catatan terpisah lagi."))
}
