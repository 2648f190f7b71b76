//! `/kelola/pengaturan`: what certificates say, who signs them, and the targets.

use super::{
    Certificates,
    form::{CertificateForm, SignerForm, TargetForm},
};
use crate::{
    account::{Page, SignedIn, flash},
    app::App,
    clock::{Now, year_of},
    error::{Error, Result},
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

#[derive(Default)]
struct Forms {
    certificate: Option<CertificateForm>,
    signer: SignerForm,
    target: Option<TargetForm>,
    problems: Problems,
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
    let targets = super::targets(&mut db, year).await?;
    let has_logo = super::logo(&mut db).await?.is_some();
    drop(db);
    let next = last.map_or_else(|| settings.first_number(year), |last| last + 1);
    let certificate = forms.certificate.unwrap_or_else(|| CertificateForm {
        government: settings.government.clone(),
        agency: settings.agency.clone(),
        pattern: settings.pattern.clone(),
        digits: settings.digits.to_string(),
        first: settings.first_number(year).to_string(),
        place: settings.place.clone(),
        legal_basis: settings.legal_basis.clone().unwrap_or_default(),
    });
    let target = forms.target.unwrap_or_else(|| TargetForm {
        year: year.to_string(),
        pns: targets.pns.to_string(),
        pppk: targets.pppk.to_string(),
        notice: targets.pppk_notice.map(|notice| notice.to_string()).unwrap_or_default(),
    });
    let status =
        if forms.problems.none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let next = settings.label(next, year);
    let counting = last.is_some();
    let shown = SettingsPage {
        page,
        settings,
        year,
        next,
        counting,
        has_logo,
        certificate,
        signer: forms.signer,
        target,
        problems: forms.problems,
    };
    Ok((status, Html(shown.render()?)).into_response())
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
    let mut tx = app.db.begin().await?;
    let before = super::certificates(&mut tx).await?;
    let counting = super::last_number(&mut tx, year).await?.is_some();
    match form.parse(&before, year, counting) {
        Ok(settings) => {
            super::set_certificates(&mut tx, &settings, Some(me.id), now).await?;
            tx.commit().await?;
            Ok(flash("/kelola/pengaturan", "Pengaturan sertifikat tersimpan."))
        }
        Err(problems) => {
            drop(tx);
            page_of(
                &app,
                page,
                Forms { certificate: Some(form), problems, ..Forms::default() },
                now,
            )
            .await
        }
    }
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
            let mut tx = app.db.begin().await?;
            let mut settings = super::certificates(&mut tx).await?;
            if !settings.signers.contains(&signer) {
                settings.signers.push(signer); // the same form sent twice adds one
            }
            super::set_certificates(&mut tx, &settings, Some(me.id), now).await?;
            tx.commit().await?;
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
    Path(at): Path<usize>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let mut settings = super::certificates(&mut tx).await?;
    if at >= settings.signers.len() {
        return Err(Error::NotFound);
    }
    settings.signers.remove(at);
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
    let mut tx = app.db.begin().await?;
    super::set_logo(&mut tx, Some(&image), me.id, now).await?;
    tx.commit().await?;
    Ok(flash("/kelola/pengaturan", "Logo tersimpan."))
}

pub(crate) async fn drop_logo(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    super::set_logo(&mut tx, None, me.id, now).await?;
    tx.commit().await?;
    Ok(flash("/kelola/pengaturan", "Logo dihapus. Sertifikat yang sudah terbit tidak berubah."))
}

pub(crate) async fn set_targets(
    State(app): State<App>,
    page: Page,
    Now(now): Now,
    Form(form): Form<TargetForm>,
) -> Result<Response> {
    match form.parse() {
        Ok(targets) => {
            let mut tx = app.db.begin().await?;
            super::set_targets(&mut tx, &targets).await?;
            tx.commit().await?;
            Ok(flash("/kelola/pengaturan", &format!("Target tahun {} tersimpan.", targets.year)))
        }
        Err(problems) => {
            page_of(&app, page, Forms { target: Some(form), problems, ..Forms::default() }, now)
                .await
        }
    }
}
