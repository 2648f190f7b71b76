//! Step two: what would be, before anything is.

use crate::{
    account::{Page, Permission},
    app::{App, Db},
    attendance::{self, Changed, Import, ImportRow, Preview, Really, Standing, report::ZONES},
    class::{self, Class},
    error::{Error, Result},
    ids::{ClassId, ImportId},
    web::{
        form::{Problems, local},
        show,
    },
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    lists::{List, Places},
    of_class,
    view::{Effect, Kind, Row, Tiles, effect, kind, view},
};

#[derive(Template)]
#[template(path = "attendance/preview.html")]
struct PreviewPage {
    page: Page,
    class: Class,
    preview: Preview,
    tiles: Tiles,
    /// Whether the report has nobody in the class's time.
    nobody: bool,
    /// Whether it tells how long, and not when.
    totals: bool,
    to_choose: List<Row>,
    outside: List<Row>,
    unknown: List<Row>,
    matched: List<Row>,
    effects: List<Effect>,
    places: Places,
    rule: RuleForm,
    problems: Problems,
    notice: Option<&'static str>,
}

/// How presence is counted, as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RuleForm {
    percent: String,
    started: String,
    ended: String,
}

impl RuleForm {
    pub(super) fn of(class: &Class) -> Self {
        let (started, ended) = class.parts.first().map_or((None, None), |part| {
            let (started, ended) = part.really.unwrap_or((part.starts, part.ends));
            (Some(started), Some(ended))
        });
        Self {
            percent: class.presence_percent.to_string(),
            started: started.map(show::time).unwrap_or_default(),
            ended: ended.map(show::time).unwrap_or_default(),
        }
    }

    pub(super) fn parse(
        &self,
        class: &Class,
        problems: &mut Problems,
    ) -> Option<(i32, Vec<Really>)> {
        let percent = match problems.number("percent", "Batas hadir", &self.percent) {
            Some(percent @ 1..=100) => Some(percent),
            Some(_) => problems.note("percent", "Batas hadir antara 1 dan 100 persen."),
            None => None,
        };
        let started = problems.time("started", &self.started);
        let ended = problems.time("ended", &self.ended);
        let (percent, started, ended) = (percent?, started?, ended?);
        let first = class.parts.first()?;
        let day = show::local_day(first.starts);
        let (started, ended) = (local(day, started)?, local(day, ended)?);
        if ended <= started {
            return problems.note("ended", "Jam selesai harus sesudah jam mulai.");
        }
        let really = Some((started, ended)).filter(|really| *really != (first.starts, first.ends));
        let others = class.parts.iter().skip(1).map(|part| part.really);
        Some((percent, std::iter::once(really).chain(others).collect()))
    }
}

pub(super) struct Shown {
    pub(super) places: Places,
    pub(super) rule: Option<RuleForm>,
    pub(super) problems: Problems,
    pub(super) notice: Option<&'static str>,
    pub(super) status: StatusCode,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            places: Places::default(),
            rule: None,
            problems: Problems::default(),
            notice: None,
            status: StatusCode::OK,
        }
    }
}

pub(super) async fn preview_page(
    app: &App,
    page: Page,
    class: ClassId,
    import: ImportId,
    shown: Shown,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let me = page.visitor.as_ref().ok_or(Error::NotFound)?.id;
    let class = class::find(&mut db, class).await?;
    let counted = attendance::counted(&mut db, import).await?;
    let preview = attendance::preview(&mut db, import, me).await?;
    drop(db);
    let status = shown.status;
    let rule = RuleForm::of(&counted);
    let page = preview_in_words(page, class, preview, rule, shown);
    Ok((status, Html(page.render()?)).into_response())
}

fn preview_in_words(
    page: Page,
    class: Class,
    preview: Preview,
    counted: RuleForm,
    shown: Shown,
) -> PreviewPage {
    let Shown { places, rule, problems, notice, .. } = shown;
    let list = |name, sort: Kind| {
        let rows = preview.rows.iter().filter(|row| kind(row) == sort).collect();
        List::of(name, rows, &places, |row: &ImportRow| view(&preview, row))
    };
    PreviewPage {
        tiles: Tiles::of(&preview),
        totals: preview.rows.iter().any(|row| row.total_seconds.is_some()),
        nobody: preview.rows.iter().all(|row| row.seconds(&preview.case.rule.parts) == 0),
        to_choose: list("pilih", Kind::ToChoose),
        outside: list("luar", Kind::Outside),
        unknown: list("asing", Kind::Unknown),
        matched: list("cocok", Kind::Matched),
        effects: List::of("ubah", changes(&preview), &places, |change| effect(&preview, change)),
        rule: rule.unwrap_or(counted),
        page,
        class,
        places,
        problems,
        notice,
        preview,
    }
}

/// The changes that a reader would notice; what overturns an earlier decision comes first.
fn changes(preview: &Preview) -> Vec<&Changed> {
    let mut changes: Vec<&Changed> =
        preview.changes.iter().filter(|change| change.matters()).collect();
    changes.sort_by_key(|change| {
        (!change.overturns(), preview.people.get(&change.person).map(|(name, _)| name.clone()))
    });
    changes
}

#[derive(Template)]
#[template(path = "attendance/result.html")]
struct ResultPage {
    page: Page,
    class: Class,
    import: Import,
}

pub(crate) async fn show(
    State(app): State<App>,
    mut db: Db,
    page: Page,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Query(places): Query<Places>,
) -> Result<Response> {
    let found = of_class(&mut db, class, import).await?;
    if found.confirmed_at.is_none() && found.discarded_at.is_none() {
        drop(db);
        return preview_page(&app, page, class, import, Shown { places, ..Shown::default() }).await;
    }
    let class = class::find(&mut db, class).await?;
    Ok(Html(ResultPage { page, class, import: found }.render()?).into_response())
}
