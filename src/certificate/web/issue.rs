//! `/kelola/kelas/{class}/sertifikat`: a class's certificates are issued and revoked.

use super::{named, send};
use crate::{
    account::{Page, SignedIn, flash},
    act::{self, Note},
    app::{App, Db},
    certificate::{self, Certificate, Code, Draft, Eligible, IssueError, Kind},
    class::{self, Class},
    clock::{Now, year_of},
    error::{Error, Result},
    ids::{CertificateId, ClassId},
    paper, settings,
    web::{
        form::Problems,
        paging::{Chosen, paged},
        show,
    },
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;

/// Certificates shown at a time.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "certificate/class.html")]
struct ClassPage {
    page: Page,
    class: Class,
    /// Why nothing can be issued, whoever is due.
    refusal: Option<String>,
    due: Vec<Eligible>,
    own_due: bool,
    issued: Vec<Certificate>,
    live: usize,
    has_signer: bool,
    here: usize,
    pages: usize,
}

pub(crate) async fn index(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(class): Path<ClassId>,
    Query(chosen): Query<Chosen>,
) -> Result<Html<String>> {
    let class = class::find(&mut db, class).await?;
    let refusal = certificate::may_issue(&class).err().map(|refusal| refusal.to_string());
    let mut due = certificate::eligible(&mut db, class.id).await?;
    let own_due = due.iter().any(|one| one.person == me.id);
    due.retain(|one| one.person != me.id);
    let issued = certificate::of_class(&mut db, class.id).await?;
    let live = issued.iter().filter(|one| one.revoked_at.is_none()).count();
    let has_signer = settings::certificates(&mut db).await?.signer(show::local_day(now)).is_some();
    let (issued, here, pages) = paged(issued, chosen.hal, PAGE);
    Ok(Html(
        ClassPage { page, class, refusal, due, own_due, issued, live, has_signer, here, pages }
            .render()?,
    ))
}

pub(crate) async fn issue(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path(class): Path<ClassId>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let issued = certificate::issue_class(&mut tx, class, &app.config.base_url, me.id, now).await?;
    tx.commit().await?;
    let words = match issued.len() {
        0 => "Tidak ada sertifikat baru: semua yang berhak sudah menerimanya.".to_owned(),
        n => format!("{n} sertifikat terbit. Pesertanya dapat mengunduh sekarang."),
    };
    Ok(flash(&format!("/kelola/kelas/{class}/sertifikat"), &words))
}

/// How the first certificate that is due would look; without a number of its own.
pub(crate) async fn sample(
    State(app): State<App>,
    mut db: Db,
    Now(now): Now,
    Path(class): Path<ClassId>,
) -> Result<Response> {
    let class = class::find(&mut db, class).await?;
    let settings = settings::certificates(&mut db).await?;
    let signer = settings.signer(show::local_day(now)).ok_or(IssueError::NoSigner)?;
    let due = certificate::eligible(&mut db, class.id).await?;
    let one = due.into_iter().next().unwrap_or_else(|| Eligible {
        person: crate::ids::PersonId(0),
        record: crate::ids::PersonId(0),
        name: "Nama Peserta, S.Sos.".into(),
        nip: "000000000000000000".into(),
        position: Some("Jabatan".into()),
        unit: "Unit Kerja".into(),
        jp: class.jp,
    });
    let code = Code::parse("0000000000000000").ok_or(Error::NotFound)?;
    let draft =
        Draft { class: &class, settings: &settings, signer, base_url: &app.config.base_url, now };
    let label =
        settings.pattern.replace("{nomor}", "CONTOH").replace("{tahun}", &year_of(now).to_string());
    let paper = draft.paper(&one, Kind::Participant, &label, &code);
    let logo = settings::logo(&mut db).await?;
    drop(db);
    let drawn = tokio::task::spawn_blocking(move || {
        let logo = logo.and_then(|(_, image)| paper::Logo::parse(&image).ok());
        paper::draw(&paper, logo.as_ref())
    });
    let bytes = drawn.await.map_err(anyhow::Error::from)?;
    Ok(([(header::CONTENT_TYPE, "application/pdf")], bytes).into_response())
}

pub(crate) async fn download(
    mut db: Db,
    Now(now): Now,
    Path(file): Path<String>,
    asked: HeaderMap,
) -> Result<Response> {
    let found = certificate::find(&mut db, named(&file)?).await?;
    let note = Note { class: Some(found.class), ..Note::of(found.person) };
    act::note(&mut db, "Mengunduh sertifikat", note, now).await?;
    send(&mut db, &found, &asked, now).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RevokeForm {
    because: String,
}

#[derive(Template)]
#[template(path = "certificate/revoke.html")]
struct RevokePage {
    page: Page,
    certificate: Certificate,
    form: RevokeForm,
    problems: Problems,
}

pub(crate) async fn ask_revoke(
    mut db: Db,
    page: Page,
    Path(id): Path<CertificateId>,
) -> Result<Html<String>> {
    let certificate = certificate::find(&mut db, id).await?;
    Ok(Html(
        RevokePage {
            page,
            certificate,
            form: RevokeForm::default(),
            problems: Problems::default(),
        }
        .render()?,
    ))
}

pub(crate) async fn revoke(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(id): Path<CertificateId>,
    Form(form): Form<RevokeForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let certificate = certificate::find(&mut tx, id).await?;
    let mut problems = Problems::default();
    let Some(because) = problems.text("because", "alasan", &form.because, 200) else {
        let answer = RevokePage { page, certificate, form, problems }.render()?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer)).into_response());
    };
    certificate::revoke(&mut tx, id, &because, me.id, now).await?;
    tx.commit().await?;
    let words = format!(
        "Sertifikat {} dicabut. Siapa pun yang memeriksanya melihat pencabutan ini.",
        certificate.label
    );
    Ok(flash(&format!("/kelola/kelas/{}/sertifikat", certificate.class), &words))
}

impl From<IssueError> for Error {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Database(error) => error.into(),
            IssueError::Random(error) => Self::Internal(error.into()),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
