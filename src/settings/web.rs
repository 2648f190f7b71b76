//! `/kelola/pengaturan`: what certificates say, who signs them, and the targets.

use super::{
    Certificates, Version,
    form::{CertificateForm, SignerForm, TargetForm, version},
};
use crate::{
    account::{Page, SignedIn, flash},
    app::App,
    clock::{Now, year_of},
    error::Result,
    paper::Logo,
    web::{
        form::Problems,
        show,
        upload::{self, Sent},
    },
};
use askama::Template;
use axum::{
    Form,
    extract::{Multipart, Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Utc};

/// Forms as typed, and what is wrong with one of them.
#[derive(Default)]
struct Forms {
    certificate: Option<CertificateForm>,
    signer: SignerForm,
    target: Option<TargetForm>,
    problems: Problems,
    /// What stands since somebody else saved, where it differs from what was typed.
    theirs: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "settings/index.html")]
struct SettingsPage {
    page: Page,
    settings: Certificates,
    year: i32,
    /// The number that the next certificate gets.
    next: String,
    /// Once a number of the year was given, the first no longer changes.
    counting: bool,
    has_logo: bool,
    certificate: CertificateForm,
    signer: SignerForm,
    target: TargetForm,
    problems: Problems,
    theirs: Vec<(&'static str, String)>,
}

impl SettingsPage {
    fn first_hint(&self) -> &'static str {
        if self.counting {
            "Nomor tahun ini sudah terpakai, jadi tidak dapat diubah lagi."
        } else {
            "Bila sebagian tahun ini sudah terbit di kertas, lanjutkan dari nomor berikutnya."
        }
    }

    fn first_label(&self) -> String {
        format!("Nomor pertama tahun {}", self.year)
    }
}

async fn page_of(app: &App, page: Page, forms: Forms, now: DateTime<Utc>) -> Result<Response> {
    let year = year_of(now);
    let mut db = app.db.acquire().await?;
    let settings = super::certificates(&mut db).await?;
    let last = super::last_number(&mut db, year).await?;
    let changed = super::last_change(&mut db).await?;
    let targets = super::targets(&mut db, year).await?;
    let retargeted = super::last_target(&mut db).await?;
    let has_logo = super::logo(&mut db).await?.is_some();
    drop(db);
    let status = match (forms.problems.none(), forms.theirs.is_empty()) {
        (true, _) => StatusCode::OK,
        (false, true) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, false) => StatusCode::CONFLICT,
    };
    let next = last.map_or_else(|| settings.first_number(year), |last| last + 1);
    let shown = SettingsPage {
        page,
        year,
        next: settings.label(next, year),
        counting: last.is_some(),
        has_logo,
        certificate: forms
            .certificate
            .unwrap_or_else(|| CertificateForm::of(&settings, year, changed.as_ref())),
        settings,
        signer: forms.signer,
        target: forms.target.unwrap_or_else(|| TargetForm::of(&targets, retargeted.as_ref())),
        problems: forms.problems,
        theirs: forms.theirs,
    };
    Ok((status, Html(shown.render()?)).into_response())
}

/// The problem of whoever saves over a change that they have not seen. What
/// they typed stays; saving again overwrites knowingly.
fn overtaken(last: Option<&Version>) -> String {
    let newer = last.map(Version::newer).unwrap_or_default();
    format!("{newer} Periksa perubahannya di bawah, lalu simpan lagi jika isian Anda yang benar.")
}

pub(crate) async fn index(State(app): State<App>, page: Page, Now(now): Now) -> Result<Response> {
    page_of(&app, page, Forms::default(), now).await
}

pub(crate) async fn set_certificates(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Form(form): Form<CertificateForm>,
) -> Result<Response> {
    let year = year_of(now);
    let saved = || Ok(flash("/kelola/pengaturan", "Pengaturan sertifikat tersimpan."));
    let mut tx = app.begin().await?;
    super::lock(&mut tx).await?;
    let before = super::certificates(&mut tx).await?;
    let last = super::last_change(&mut tx).await?;
    let counting = super::last_number(&mut tx, year).await?.is_some();
    let theirs = form.differences(&CertificateForm::of(&before, year, None));
    let mut forms = Forms::default();
    forms.certificate = Some(match form.parse(&before, year, counting) {
        Ok(settings) if settings == before || theirs.is_empty() => return saved(),
        Ok(settings) if form.version == version(last.as_ref()) => {
            super::set_certificates(&mut tx, &settings, Some(me.id), now).await?;
            tx.commit().await?;
            return saved();
        }
        Ok(_) => {
            forms.problems.note::<()>("government", overtaken(last.as_ref()));
            forms.theirs = theirs;
            CertificateForm { version: version(last.as_ref()), ..form }
        }
        Err(problems) => {
            forms.problems = problems;
            form
        }
    });
    drop(tx);
    page_of(&app, page, forms, now).await
}

pub(crate) async fn add_signer(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Form(form): Form<SignerForm>,
) -> Result<Response> {
    match form.parse() {
        Ok(signer) => {
            let mut tx = app.begin().await?;
            super::lock(&mut tx).await?;
            let mut settings = super::certificates(&mut tx).await?;
            // The same form sent twice adds one.
            if !settings.signers.contains(&signer) {
                settings.signers.push(signer);
                super::set_certificates(&mut tx, &settings, Some(me.id), now).await?;
                tx.commit().await?;
            }
            Ok(flash("/kelola/pengaturan", "Penanda tangan tersimpan."))
        }
        Err(problems) => {
            page_of(&app, page, Forms { signer: form, problems, ..Forms::default() }, now).await
        }
    }
}

pub(crate) async fn drop_signer(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path(signer): Path<String>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    super::lock(&mut tx).await?;
    let mut settings = super::certificates(&mut tx).await?;
    let before = settings.signers.len();
    settings.signers.retain(|one| one.key() != signer);
    if settings.signers.len() == before {
        return Ok(flash("/kelola/pengaturan", "Penanda tangan itu sudah tidak ada dalam daftar."));
    }
    super::set_certificates(&mut tx, &settings, Some(me.id), now).await?;
    tx.commit().await?;
    Ok(flash(
        "/kelola/pengaturan",
        "Penanda tangan dihapus dari daftar. Sertifikat yang sudah terbit tidak berubah.",
    ))
}

pub(crate) async fn set_logo(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    form: Multipart,
) -> Result<Response> {
    let mut problems = Problems::default();
    let image = match upload::file(form, "logo").await? {
        None => problems.note("logo", "Pilih berkas logo dahulu."),
        Some(Sent { bytes, .. }) => {
            let checked = bytes.clone();
            let parsed =
                tokio::task::spawn_blocking(move || Logo::parse(&checked).map(|_| ())).await;
            match parsed.map_err(anyhow::Error::from)? {
                Ok(()) => Some(bytes),
                Err(error) => problems.note("logo", error.to_string()),
            }
        }
    };
    let Some(image) = image else {
        return page_of(&app, page, Forms { problems, ..Forms::default() }, now).await;
    };
    let mut tx = app.begin().await?;
    super::set_logo(&mut tx, Some(&image), me.id, now).await?;
    tx.commit().await?;
    Ok(flash("/kelola/pengaturan", "Logo tersimpan."))
}

pub(crate) async fn drop_logo(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    super::set_logo(&mut tx, None, me.id, now).await?;
    tx.commit().await?;
    Ok(flash("/kelola/pengaturan", "Logo dihapus. Sertifikat yang sudah terbit tidak berubah."))
}

pub(crate) async fn set_targets(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Form(form): Form<TargetForm>,
) -> Result<Response> {
    let targets = match form.parse() {
        Ok(targets) => targets,
        Err(problems) => {
            let forms = Forms { target: Some(form), problems, ..Forms::default() };
            return page_of(&app, page, forms, now).await;
        }
    };
    let mut tx = app.begin().await?;
    super::lock_targets(&mut tx).await?;
    let before = super::targets(&mut tx, targets.year).await?;
    let last = super::last_target(&mut tx).await?;
    if targets != before && form.version != version(last.as_ref()) {
        drop(tx);
        let mut forms = Forms::default();
        forms.problems.note::<()>("year", overtaken(last.as_ref()));
        forms.theirs = form.differences(&TargetForm::of(&before, None));
        forms.target = Some(TargetForm { version: version(last.as_ref()), ..form });
        return page_of(&app, page, forms, now).await;
    }
    if targets != before {
        super::set_targets(&mut tx, &targets, me.id, now).await?;
        tx.commit().await?;
    }
    Ok(flash("/kelola/pengaturan", &format!("Target tahun {} tersimpan.", targets.year)))
}
