//! `/kelola/orang/usulan`: what operators would have changed, and an administrator decides.

use crate::{
    account::{self, Page, Reach, SignedIn, flash},
    app::{App, Db},
    clock::Now,
    error::{Error, Result},
    ids::PersonId,
    people::{self, Proposal, ProposalError, Record, RecordError},
    web::show,
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    response::{Html, Response},
};
use serde::Deserialize;

impl From<ProposalError> for Error {
    fn from(error: ProposalError) -> Self {
        match error {
            ProposalError::Database(error)
            | ProposalError::Record(RecordError::Database(error)) => error.into(),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}

#[derive(Template)]
#[template(path = "account/proposals.html")]
struct ProposalsPage {
    page: Page,
    proposals: Vec<(Proposal, Record)>,
}

pub(crate) async fn index(mut db: Db, page: Page, me: SignedIn) -> Result<Html<String>> {
    let reach = Reach::of(&mut db, me.id).await?;
    let mut proposals = Vec::new();
    for proposal in people::proposals(&mut db, reach.units(), None).await? {
        let record = people::find(&mut db, proposal.person).await?;
        proposals.push((proposal, record));
    }
    Ok(Html(ProposalsPage { page, proposals }.render()?))
}

#[derive(Deserialize)]
pub(crate) struct Decision {
    proposal: i64,
    /// `setuju` or `tolak`.
    putusan: String,
}

pub(crate) async fn decide(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
    Form(decision): Form<Decision>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let reach = Reach::of(&mut tx, me.id).await?;
    reach.act(&mut tx, person).await?;
    let waiting = people::proposals(&mut tx, reach.units(), Some(person)).await?;
    let proposal = waiting.into_iter().find(|one| one.id == decision.proposal);
    let proposal = proposal.ok_or(ProposalError::Over)?;
    let accept = decision.putusan == "setuju";
    // An operator may name units of theirs only; so may an administrator.
    if accept && !reach.covers(proposal.unit_id) {
        return Err(Error::Refused("Unit yang diusulkan berada di luar unit Anda.".into()));
    }
    people::decide(&mut tx, &proposal, accept, me.id, now).await?;
    account::addresses_changed(&mut tx, now, app.config.mail.is_some()).await?;
    tx.commit().await?;
    let words = if accept { "Usulan disetujui dan tercatat." } else { "Usulan ditolak." };
    Ok(flash(&format!("/kelola/orang/{person}"), words))
}
