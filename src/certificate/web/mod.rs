//! Pages around certificates: one's own, a class's, and the public check.

pub mod issue;
pub mod verify;

use super::{Certificate, Code};
use crate::{
    account::{Page, SignedIn},
    app::Db,
    clock::Now,
    error::{Error, Result},
    ids::CertificateId,
    web::{download, show},
};
use askama::Template;
use axum::{
    extract::Path,
    http::HeaderMap,
    response::{Html, Response},
};
use sqlx::PgConnection;

#[derive(Template)]
#[template(path = "certificate/mine.html")]
struct MinePage {
    page: Page,
    certificates: Vec<Certificate>,
}

pub(crate) async fn mine(mut db: Db, page: Page, me: SignedIn) -> Result<Html<String>> {
    let certificates = super::of_person(&mut db, me.id).await?;
    Ok(Html(MinePage { page, certificates }.render()?))
}

/// The certificate's id in a file name such as `12.pdf`.
fn named(file: &str) -> Result<CertificateId> {
    let id = file.strip_suffix(".pdf").and_then(|id| id.parse().ok());
    id.map(CertificateId).ok_or(Error::NotFound)
}

/// The PDF as a download that names its number.
async fn send(
    db: &mut PgConnection,
    certificate: &Certificate,
    asked: &HeaderMap,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Response> {
    let pdf = super::pdf(db, certificate, now).await?;
    let number: String = certificate
        .label
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    Ok(download::pdf(&format!("sertifikat-{number}"), pdf.bytes, &pdf.sha256, asked))
}

pub(crate) async fn my_pdf(
    mut db: Db,
    me: SignedIn,
    Now(now): Now,
    Path(file): Path<String>,
    asked: HeaderMap,
) -> Result<Response> {
    let id = named(&file)?;
    let found = super::find(&mut db, id).await?;
    if found.person != me.id {
        return Err(Error::NotFound);
    }
    send(&mut db, &found, &asked, now).await
}

impl Certificate {
    /// The code in groups of four.
    pub fn grouped(&self) -> String {
        Code::parse(&self.code).map_or_else(|| self.code.clone(), |code| code.grouped())
    }
}
