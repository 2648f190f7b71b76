//! `/kelola/pengaturan/privasi`: what the notice says, and how long technical data is kept.

use crate::{
    account::{Page, SignedIn, flash},
    app::{App, Db},
    clock::Now,
    error::Result,
    privacy::{self, Notice, Retention},
    settings::{self, Version},
    web::form::Problems,
};
use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;
use sqlx::PgConnection;

const PATH: &str = "/kelola/pengaturan/privasi";

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct NoticeForm {
    /// What stood when the form was opened.
    version: String,
    controller: String,
    address: String,
    officer: String,
    basis: String,
    archive: String,
}

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RetentionForm {
    /// What stood when the form was opened.
    version: String,
    sign_ins: String,
    tries: String,
    devices: String,
    links: String,
    mails: String,
    reports: String,
}

fn version(last: Option<&Version>) -> String {
    last.map(|version| version.id.to_string()).unwrap_or_default()
}

impl NoticeForm {
    fn of(notice: &Notice, last: Option<&Version>) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            version: version(last),
            controller: notice.controller.clone(),
            address: text(&notice.address),
            officer: text(&notice.officer),
            basis: notice.basis.clone(),
            archive: text(&notice.archive),
        }
    }

    fn parse(&self) -> Result<Notice, Problems> {
        let mut problems = Problems::default();
        let controller = problems.text("controller", "pengendali data", &self.controller, 160);
        let basis = problems.text("basis", "dasar pemrosesan", &self.basis, 400);
        let address = problems.optional("address", "alamat", &self.address, 300);
        let officer = problems.optional("officer", "kontak pejabat", &self.officer, 300);
        let archive = problems.optional("archive", "dasar penyimpanan", &self.archive, 300);
        match (controller, basis) {
            (Some(controller), Some(basis)) if problems.none() => {
                Ok(Notice { controller, address, officer, basis, archive })
            }
            _ => Err(problems),
        }
    }
}

impl RetentionForm {
    fn of(days: Retention, last: Option<&Version>) -> Self {
        Self {
            version: version(last),
            sign_ins: days.sign_ins.to_string(),
            tries: days.tries.to_string(),
            devices: days.devices.to_string(),
            links: days.links.to_string(),
            mails: days.mails.to_string(),
            reports: days.reports.to_string(),
        }
    }

    fn parse(&self) -> Result<Retention, Problems> {
        let mut problems = Problems::default();
        let mut days =
            |field, typed: &str, least: i32| match problems.number::<i32>(field, "Hari", typed) {
                Some(days) if (least..=3650).contains(&days) => Some(days),
                Some(_) => problems.note(field, format!("Antara {least} dan 3.650 hari.")),
                None => None,
            };
        // A sign-in can last 90 days.
        let sign_ins = days("sign_ins", &self.sign_ins, 91);
        let tries = days("tries", &self.tries, 1);
        let devices = days("devices", &self.devices, 30);
        let links = days("links", &self.links, 7);
        let mails = days("mails", &self.mails, 7);
        let reports = days("reports", &self.reports, 90);
        match (sign_ins, tries, devices, links, mails, reports) {
            (
                Some(sign_ins),
                Some(tries),
                Some(devices),
                Some(links),
                Some(mails),
                Some(reports),
            ) => Ok(Retention { sign_ins, tries, devices, links, mails, reports }),
            _ => Err(problems),
        }
    }
}

#[derive(Template)]
#[template(path = "privacy/settings.html")]
struct SettingsPage {
    page: Page,
    notice: NoticeForm,
    days: RetentionForm,
    /// What the notice still lacks.
    missing: Vec<&'static str>,
    problems: Problems,
}

/// What stands, in place of which a form may be shown that something is wrong with.
async fn page_of(
    db: &mut PgConnection,
    page: Page,
    (notice, days): (Option<NoticeForm>, Option<RetentionForm>),
    (status, problems): (StatusCode, Problems),
) -> Result<Response> {
    let stands = privacy::notice(db).await?;
    let last = privacy::notice_versions(db).await?.into_iter().next();
    let kept = privacy::retention(db).await?;
    let kept_since = privacy::retention_version(db).await?;
    let shown = SettingsPage {
        page,
        missing: stands.missing(),
        notice: notice.unwrap_or_else(|| NoticeForm::of(&stands, last.as_ref())),
        days: days.unwrap_or_else(|| RetentionForm::of(kept, kept_since.as_ref())),
        problems,
    };
    Ok((status, Html(shown.render()?)).into_response())
}

pub(crate) async fn show(mut db: Db, page: Page) -> Result<Response> {
    page_of(&mut db, page, (None, None), (StatusCode::OK, Problems::default())).await
}

/// The problem of whoever saves over a change that they have not seen. What they typed stays;
/// saving again overwrites knowingly.
fn overtaken(field: &'static str, last: Option<&Version>) -> (StatusCode, Problems) {
    let mut problems = Problems::default();
    let newer = last.map(Version::newer).unwrap_or_default();
    problems.note::<()>(field, format!("{newer} Simpan lagi jika isian Anda yang benar."));
    (StatusCode::CONFLICT, problems)
}

pub(crate) async fn set_notice(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Form(form): Form<NoticeForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    settings::lock(&mut tx).await?;
    let last = privacy::notice_versions(&mut tx).await?.into_iter().next();
    let (notice, wrong) = match form.parse() {
        Ok(notice) if notice == privacy::notice(&mut tx).await? => (None, None),
        Ok(notice) if form.version == version(last.as_ref()) => (Some(notice), None),
        Ok(_) => (None, Some(overtaken("controller", last.as_ref()))),
        Err(problems) => (None, Some((StatusCode::UNPROCESSABLE_ENTITY, problems))),
    };
    if let Some(wrong) = wrong {
        let form = NoticeForm { version: version(last.as_ref()), ..form };
        return page_of(&mut tx, page, (Some(form), None), wrong).await;
    }
    if let Some(notice) = notice {
        privacy::set_notice(&mut tx, &notice, me.id, now).await?;
        tx.commit().await?;
    }
    Ok(flash(PATH, "Pemberitahuan privasi tersimpan."))
}

pub(crate) async fn set_retention(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Form(form): Form<RetentionForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    settings::lock(&mut tx).await?;
    let last = privacy::retention_version(&mut tx).await?;
    let (days, wrong) = match form.parse() {
        Ok(days) if days == privacy::retention(&mut tx).await? => (None, None),
        Ok(days) if form.version == version(last.as_ref()) => (Some(days), None),
        Ok(_) => (None, Some(overtaken("sign_ins", last.as_ref()))),
        Err(problems) => (None, Some((StatusCode::UNPROCESSABLE_ENTITY, problems))),
    };
    if let Some(wrong) = wrong {
        let form = RetentionForm { version: version(last.as_ref()), ..form };
        return page_of(&mut tx, page, (None, Some(form)), wrong).await;
    }
    if let Some(days) = days {
        privacy::set_retention(&mut tx, &days, me.id, now).await?;
        tx.commit().await?;
    }
    Ok(flash(PATH, "Masa simpan tersimpan."))
}
