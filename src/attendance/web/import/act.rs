//! Step three: what the organiser does with a preview.

use crate::{
    account::{Page, SignedIn, flash},
    app::App,
    attendance::{
        self, Changed, Choice, ImportError, Outcome,
        report::{self, DateOrder, Hints, ZONES},
    },
    clock::Now,
    error::{Error, Result},
    ids::{ClassId, ImportId, ImportRowId},
    table::Turn,
    web::form::Problems,
};
use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

use super::{
    lists::Places,
    of_class,
    preview::{RuleForm, Shown, preview_page},
    row::choice,
};

/// The most choices that are taken at once; a page offers far fewer.
const MOST: usize = 1000;

/// The choices in a posted form: `r12` is a person's id, `abaikan` or empty; `w12` is `ya`.
fn choices(form: &[(String, String)]) -> Result<BTreeMap<ImportRowId, Choice>> {
    let id = |key: &str, mark: &str| {
        key.strip_prefix(mark).and_then(|id| id.parse().ok()).map(ImportRowId)
    };
    let ticked = form.iter().filter(|(_, said)| said == "ya");
    let ticked: BTreeSet<ImportRowId> = ticked.filter_map(|(key, _)| id(key, "w")).collect();
    let mut choices = BTreeMap::new();
    for (key, said) in form {
        if let Some(row) = id(key, "r") {
            choices.insert(row, choice(said));
        } else if let Some(row) = id(key, "di") {
            // The hidden twin of a tick box: an empty box sends nothing.
            choices.insert(row, Choice::WalkIn(ticked.contains(&row)));
        }
    }
    if choices.len() > MOST { Err(Error::BadRequest) } else { Ok(choices) }
}

pub(crate) async fn submit(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Query(places): Query<Places>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let said = |name: &str| {
        form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    };
    let choices = choices(&form)?;
    let mut tx = app.begin().await?;
    of_class(&mut tx, class, import).await?;
    let confirms = said("aksi") == "catat";
    let chosen = match attendance::choose(&mut tx, import, &choices, me.id, now).await {
        // The button was pressed twice.
        Err(ImportError::Confirmed) if confirms => false,
        chosen => chosen?,
    };
    if !confirms {
        tx.commit().await?;
        return Ok(kept(&format!("/kelola/kelas/{class}/impor/{import}"), &places, said("ke")));
    }
    let shown = Shown { places, ..Shown::default() };
    if chosen {
        tx.commit().await?;
        let notice = Some("Pilihan tersimpan dan jumlahnya berubah. Periksa lagi, lalu catat.");
        return preview_page(&app, page, class, import, Shown { notice, ..shown }).await;
    }
    match attendance::confirm(&mut tx, import, said("terlihat"), me.id, now).await {
        Ok(changes) => {
            tx.commit().await?;
            Ok(flash(&format!("/kelola/kelas/{class}/impor/{import}"), &recorded(&changes)))
        }
        Err(ImportError::Stale) => {
            drop(tx);
            let notice = Some("Data berubah sejak pratinjau ini dibuka. Periksa lagi, lalu catat.");
            let shown = Shown { notice, status: StatusCode::CONFLICT, ..shown };
            preview_page(&app, page, class, import, shown).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Choices are kept; a button under a list also turns its page.
fn kept(preview: &str, places: &Places, button: &str) -> Response {
    match places.moved(button) {
        Some((moved, list)) => {
            Redirect::to(&format!("{preview}{}#{list}", moved.query())).into_response()
        }
        None => flash(&format!("{preview}{}", places.query()), "Pilihan tersimpan."),
    }
}

fn recorded(changes: &[Changed]) -> String {
    let present = changes.iter().filter(|change| change.after.outcome == Outcome::Present).count();
    format!("Kehadiran tercatat: {} keputusan, {present} di antaranya hadir.", changes.len())
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReadForm {
    order: String,
    cells: String,
    zone: String,
}

impl ReadForm {
    fn hints(&self) -> Hints {
        let date_order = match self.order.as_str() {
            "mdy" => Some(DateOrder::Mdy),
            "dmy" => Some(DateOrder::Dmy),
            "ymd" => Some(DateOrder::Ymd),
            _ => None,
        };
        let exchanged = match self.cells.as_str() {
            "tukar" => Some(true),
            "asli" => Some(false),
            _ => None,
        };
        let zone = ZONES.iter().find(|(zone, _)| zone.name() == self.zone).map(|(zone, _)| *zone);
        Hints { date_order, exchanged, zone }
    }
}

pub(crate) async fn read_again(
    State(app): State<App>,
    page: Page,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Form(form): Form<ReadForm>,
) -> Result<Response> {
    let turn = Turn::take().await?;
    let mut db = app.db.acquire().await?;
    of_class(&mut db, class, import).await?;
    let (file, expected) = attendance::stored(&mut db, import).await?;
    drop(db);
    let hints = form.hints();
    let (read, turn) = turn.work(move || report::read(&file, &expected, &hints)).await?;
    drop(turn);
    let report = match read {
        Ok(report) => report,
        Err(refusal) => {
            let mut problems = Problems::default();
            problems.note::<()>("order", refusal.to_string());
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let shown = Shown { problems, status, ..Shown::default() };
            return preview_page(&app, page, class, import, shown).await;
        }
    };
    let mut tx = app.begin().await?;
    attendance::reread(&mut tx, import, &report).await?;
    tx.commit().await?;
    Ok(flash(&format!("/kelola/kelas/{class}/impor/{import}"), "Laporan dibaca ulang."))
}

pub(crate) async fn set_rule(
    State(app): State<App>,
    page: Page,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Form(form): Form<RuleForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    of_class(&mut tx, class, import).await?;
    let mut problems = Problems::default();
    let counted = attendance::counted(&mut tx, import).await?;
    let Some((percent, parts)) = form.parse(&counted, &mut problems) else {
        drop(tx);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return preview_page(
            &app,
            page,
            class,
            import,
            Shown { rule: Some(form), problems, status, ..Shown::default() },
        )
        .await;
    };
    attendance::set_rule(&mut tx, import, percent, &parts).await?;
    tx.commit().await?;
    Ok(flash(
        &format!("/kelola/kelas/{class}/impor/{import}"),
        "Cara menghitung tersimpan. Hasil di bawah sudah mengikuti.",
    ))
}

pub(crate) async fn discard(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path((class, import)): Path<(ClassId, ImportId)>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    of_class(&mut tx, class, import).await?;
    attendance::discard(&mut tx, import, me.id, now).await?;
    tx.commit().await?;
    Ok(flash(
        &format!("/kelola/kelas/{class}/impor"),
        "Pratinjau dibuang. Tidak ada yang tercatat.",
    ))
}
