//! `/kelola/pengaturan`: what certificates say, who signs them, and the targets.

use super::{Certificates, Signer, Targets};
use crate::{
    account::{Page, SignedIn, flash},
    app::App,
    clock::{Now, year_of},
    error::{Error, Result},
    paper::Logo,
    web::{form::Problems, show},
};
use askama::Template;
use axum::{
    Form,
    extract::{Multipart, Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct CertificateForm {
    government: String,
    agency: String,
    pattern: String,
    digits: String,
    first: String,
    place: String,
    legal_basis: String,
}

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SignerForm {
    signer_name: String,
    office: String,
    acting: String,
    rank: String,
    signer_nip: String,
    from: String,
    until: String,
}

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct TargetForm {
    year: String,
    pns: String,
    pppk: String,
    notice: String,
}

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

impl CertificateForm {
    fn parse(
        &self,
        before: &Certificates,
        year: i32,
        counting: bool,
    ) -> Result<Certificates, Problems> {
        let mut problems = Problems::default();
        let government = problems.text("government", &self.government, 80).map(str::to_owned);
        let agency = problems.text("agency", &self.agency, 80).map(str::to_owned);
        let pattern = problems.text("pattern", &self.pattern, 60).map(str::to_owned);
        if pattern
            .as_ref()
            .is_some_and(|pattern| !(pattern.contains("{nomor}") && pattern.contains("{tahun}")))
        {
            problems.note::<()>(
                "pattern",
                "Pola harus memuat {nomor} dan {tahun}, agar setiap nomor berbeda.",
            );
        }
        let digits = match problems.number("digits", &self.digits) {
            Some(digits @ 1..=9) => Some(digits),
            Some(_) => problems.note("digits", "Banyak angka antara 1 dan 9."),
            None => None,
        };
        let first = match problems.number("first", &self.first) {
            Some(first @ 1..=9_999_999) => Some(first),
            Some(_) => problems.note("first", "Nomor pertama antara 1 dan 9.999.999."),
            None => None,
        };
        if counting && first.is_some_and(|first| first != before.first_number(year)) {
            problems.note::<()>(
                "first",
                format!(
                    "Nomor tahun {year} sudah terpakai, jadi nomor pertamanya tidak dapat diubah."
                ),
            );
        }
        let place = problems.text("place", &self.place, 40).map(str::to_owned);
        let legal_basis = Some(self.legal_basis.trim().to_owned()).filter(|text| !text.is_empty());
        if legal_basis.as_ref().is_some_and(|text| text.chars().count() > 160) {
            problems.note::<()>("legal_basis", "Paling banyak 160 huruf.");
        }
        match (government, agency, pattern, digits, first, place) {
            (
                Some(government),
                Some(agency),
                Some(pattern),
                Some(digits),
                Some(first),
                Some(place),
            ) if problems.none() => {
                let mut first_numbers = before.first_numbers.clone();
                first_numbers.retain(|(of, _)| *of != year);
                first_numbers.push((year, first));
                Ok(Certificates {
                    government,
                    agency,
                    pattern,
                    digits,
                    place,
                    legal_basis,
                    first_numbers,
                    signers: before.signers.clone(),
                })
            }
            _ => Err(problems),
        }
    }
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

impl SignerForm {
    fn parse(&self) -> Result<Signer, Problems> {
        let mut problems = Problems::default();
        let name = problems.text("signer_name", &self.signer_name, 80).map(str::to_owned);
        let office = problems.text("office", &self.office, 70).map(str::to_owned);
        let from = problems.date("from", &self.from);
        let until = match self.until.trim() {
            "" => None,
            typed => problems.date("until", typed),
        };
        let nip = crate::web::form::compact(&self.signer_nip);
        if !(nip.is_empty() || nip.len() == 18 && nip.bytes().all(|byte| byte.is_ascii_digit())) {
            problems.note::<()>("signer_nip", "NIP terdiri atas 18 angka.");
        }
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            problems.note::<()>("until", "Hari terakhir tidak boleh sebelum hari pertama.");
        }
        let optional = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        match (name, office, from) {
            (Some(name), Some(office), Some(from)) if problems.none() => Ok(Signer {
                from,
                until,
                acting: self.acting == "ya",
                office,
                name,
                rank: optional(&self.rank),
                nip: optional(&nip),
            }),
            _ => Err(problems),
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
    mut form: Multipart,
) -> Result<Response> {
    let unreadable = |error: axum::extract::multipart::MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
        _ => Error::BadRequest,
    };
    let mut image = Vec::new();
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        if field.name() == Some("logo") {
            image = field.bytes().await.map_err(unreadable)?.to_vec();
        }
    }
    if !image.is_empty() {
        let checked = image.clone();
        let parsed = tokio::task::spawn_blocking(move || Logo::parse(&checked).map(|_| ())).await;
        if let Err(error) = parsed.map_err(anyhow::Error::from)? {
            let mut problems = Problems::default();
            problems.note::<()>("logo", error.to_string());
            return page_of(&app, page, Forms { problems, ..Forms::default() }, now).await;
        }
    }
    let mut tx = app.db.begin().await?;
    super::set_logo(&mut tx, Some(&image[..]).filter(|image| !image.is_empty()), me.id, now)
        .await?;
    tx.commit().await?;
    Ok(flash(
        "/kelola/pengaturan",
        if image.is_empty() { "Logo dihapus." } else { "Logo tersimpan." },
    ))
}

impl TargetForm {
    fn parse(&self) -> Result<Targets, Problems> {
        let mut problems = Problems::default();
        let mut number = |field, typed: &str, least, most, what: &str| match problems
            .number::<i32>(field, typed)
        {
            Some(number) if (least..=most).contains(&number) => Some(number),
            Some(_) => problems.note(field, format!("{what} antara {least} dan {most}.")),
            None => None,
        };
        let year = number("year", &self.year, 2020, 2100, "Tahun");
        let pns = number("pns", &self.pns, 0, 500, "Target");
        let pppk = number("pppk", &self.pppk, 0, 500, "Target");
        let notice = match self.notice.trim() {
            "" => None,
            typed => number("notice", typed, 0, 1000, "Batas"),
        };
        if notice.zip(pppk).is_some_and(|(notice, pppk)| notice < pppk) {
            problems.note::<()>("notice", "Batas pemberitahuan tidak boleh di bawah target PPPK.");
        }
        match (year, pns, pppk) {
            (Some(year), Some(pns), Some(pppk)) if problems.none() => {
                Ok(Targets { year, pns, pppk, pppk_notice: notice })
            }
            _ => Err(problems),
        }
    }
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
