//! `/privasi`: who keeps what of whom, why, for how long, and what one may ask (UU 27/2022,
//! Pasal 5 and 21).

use crate::{
    account::{Page, Permission},
    app::Db,
    error::Result,
    privacy::{self, Notice, Retention},
    settings::Version,
    web::show,
};
use askama::Template;
use axum::{extract::Query, response::Html};
use chrono::NaiveDate;
use serde::Deserialize;

/// The day of the text that the program brings.
const TEXT_OF: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 11, 24);

#[derive(Template)]
#[template(path = "privacy/notice.html")]
struct NoticePage {
    page: Page,
    notice: Notice,
    days: Retention,
    versions: Vec<Version>,
    /// The earlier version that is shown; none for the one that holds.
    earlier: Option<i64>,
    since: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    versi: String,
}

pub(crate) async fn show(
    mut db: Db,
    page: Page,
    Query(chosen): Query<Chosen>,
) -> Result<Html<String>> {
    let versions = privacy::notice_versions(&mut db).await?;
    let wanted = chosen.versi.trim().parse().ok();
    let earlier = wanted.filter(|id| versions.iter().skip(1).any(|version| version.id == *id));
    let notice = match earlier {
        Some(version) => privacy::notice_of(&mut db, version).await?,
        None => privacy::notice(&mut db).await?,
    };
    let shown = earlier.or(versions.first().map(|version| version.id));
    let at = versions.iter().find(|version| Some(version.id) == shown).map(|version| version.at);
    let since = at.map(show::local_day).or(TEXT_OF).map(show::date).unwrap_or_default();
    let days = privacy::retention(&mut db).await?;
    Ok(Html(NoticePage { page, notice, days, versions, earlier, since }.render()?))
}
