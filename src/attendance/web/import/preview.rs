//! Step two: what would be, before anything is.

use crate::web::paging::{Chosen, Wanted, paged};
use crate::{
    account::{Page, Permission},
    app::App,
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
    SHOWN, of_class,
    view::{Effect, Row, Tiles, effect, is_outside, is_unknown, needs_choice, view},
};

#[derive(Template)]
#[template(path = "attendance/preview.html")]
struct PreviewPage {
    page: Page,
    class: Class,
    preview: Preview,
    tiles: Tiles,
    to_choose: Vec<Row>,
    outside: Vec<Row>,
    unknown: Vec<Row>,
    hidden: usize,
    effects: Vec<Effect>,
    here: usize,
    pages: usize,
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
    pub(super) hal: Wanted,
    pub(super) rule: Option<RuleForm>,
    pub(super) problems: Problems,
    pub(super) notice: Option<&'static str>,
    pub(super) status: StatusCode,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            hal: Wanted::default(),
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
    let tiles = Tiles::of(&preview);
    let list = |test: fn(&ImportRow) -> bool| -> Vec<&ImportRow> {
        let mut rows: Vec<_> = preview.rows.iter().filter(|row| test(row)).collect();
        rows.sort_by_key(|row| row.chosen);
        rows
    };
    let lists = [list(needs_choice), list(is_outside), list(is_unknown)];
    let hidden = lists.iter().map(|rows| rows.len().saturating_sub(SHOWN)).sum();
    let [to_choose, outside, unknown] =
        lists.map(|rows| rows.into_iter().take(SHOWN).map(|row| view(&preview, row)).collect());
    let mut changes: Vec<&Changed> =
        preview.changes.iter().filter(|change| change.matters()).collect();
    // What overturns an earlier decision comes first.
    changes.sort_by_key(|change| {
        (!change.overturns(), preview.people.get(&change.person).map(|(name, _)| name.clone()))
    });
    let (changes, here, pages) = paged(changes, shown.hal, SHOWN);
    let effects = changes.into_iter().map(|change| effect(&preview, change)).collect();
    let rule = shown.rule.unwrap_or_else(|| RuleForm::of(&counted));
    let (problems, notice) = (shown.problems, shown.notice);
    let page = PreviewPage {
        page,
        class,
        preview,
        tiles,
        to_choose,
        outside,
        unknown,
        hidden,
        effects,
        here,
        pages,
        rule,
        problems,
        notice,
    };
    Ok((shown.status, Html(page.render()?)).into_response())
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
    page: Page,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Query(chosen): Query<Chosen>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let found = of_class(&mut db, class, import).await?;
    if found.confirmed_at.is_none() && found.discarded_at.is_none() {
        drop(db);
        return preview_page(
            &app,
            page,
            class,
            import,
            Shown { hal: chosen.hal, ..Shown::default() },
        )
        .await;
    }
    let class = class::find(&mut db, class).await?;
    Ok(Html(ResultPage { page, class, import: found }.render()?).into_response())
}
