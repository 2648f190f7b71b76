//! The PDF of a certificate, and whether a file is one.

use super::{Certificate, Code, by_code, find};
use crate::{
    ids::CertificateId,
    paper::{Logo, code_in, draw},
    settings,
};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

/// A drawn certificate.
pub struct Pdf {
    pub bytes: Vec<u8>,
    pub sha256: Vec<u8>,
}

/// Draws the certificate as it was issued, and notes the SHA-256 of each form
/// that was ever handed out: a later version of the program may draw other
/// bytes, and the earlier file must still be known.
pub async fn pdf(
    db: &mut PgConnection,
    certificate: &Certificate,
    now: DateTime<Utc>,
) -> anyhow::Result<Pdf> {
    let logo = match certificate.logo {
        Some(id) => settings::logo_of(db, id).await?,
        None => None,
    };
    let paper = certificate.paper.0.clone();
    let bytes = tokio::task::spawn_blocking(move || {
        let logo = logo.and_then(|image| Logo::parse(&image).ok());
        draw(&paper, logo.as_ref())
    })
    .await?;
    let sha256 = Sha256::digest(&bytes).to_vec();
    sqlx::query!(
        "insert into certificate_file (certificate_id, sha256, first_drawn_at) values ($1, $2, $3) on conflict do nothing",
        certificate.id.0,
        sha256,
        now
    )
    .execute(db)
    .await?;
    Ok(Pdf { bytes, sha256 })
}

/// The SHA-256 of the file as it was last handed out; none while nobody has it.
pub async fn fingerprint(
    db: &mut PgConnection,
    certificate: CertificateId,
) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!(
        "select sha256 from certificate_file where certificate_id = $1 order by first_drawn_at desc limit 1",
        certificate.0
    )
    .fetch_optional(db)
    .await
}

/// What a file turned out to be.
pub enum Checked {
    /// No certificate of this installation.
    Unknown,
    /// It names a certificate, but is not the file that was handed out.
    Changed(Box<Certificate>),
    /// A certificate as it was handed out; whether it is revoked stands in it.
    Genuine(Box<Certificate>),
}

/// Finds out what a file is, by its SHA-256 and the code it carries.
pub async fn check_file(
    db: &mut PgConnection,
    bytes: &[u8],
    now: DateTime<Utc>,
) -> anyhow::Result<Checked> {
    let sha256 = Sha256::digest(bytes).to_vec();
    let known = sqlx::query_scalar!(
        "select certificate_id from certificate_file where sha256 = $1",
        sha256
    )
    .fetch_optional(&mut *db)
    .await?;
    if let Some(id) = known {
        return Ok(Checked::Genuine(Box::new(find(db, CertificateId(id)).await?)));
    }
    let Some(code) = code_in(bytes).and_then(|code| Code::parse(&code)) else {
        return Ok(Checked::Unknown);
    };
    let Some(certificate) = by_code(db, &code).await? else { return Ok(Checked::Unknown) };
    // It may never have been handed out by this database's own hand.
    let drawn = pdf(db, &certificate, now).await?;
    let certificate = Box::new(certificate);
    Ok(if drawn.sha256 == sha256 {
        Checked::Genuine(certificate)
    } else {
        Checked::Changed(certificate)
    })
}
