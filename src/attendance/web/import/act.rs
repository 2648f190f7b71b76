//! Step three: what the organiser does with a preview.

use crate::{
    account::{Page, SignedIn, flash},
    app::App,
    attendance::{
        self, Choice, ImportError, ImportRow, Outcome,
        report::{self, DateOrder, Hints, ZONES},
    },
    class::{self, Class},
    clock::Now,
    error::{Error, Result},
    ids::{ClassId, ImportId, ImportRowId, PersonId},
    people,
    web::{form::Problems, paging::Wanted, show},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, Response},
};
use serde::Deserialize;

use super::{
    of_class,
    preview::{RuleForm, Shown, preview_page},
};

/// The choices in a posted form: `r12` is a person's id, `abaikan` or empty; `w12` is `ya`.
fn choices(form: &[(String, String)]) -> Vec<(ImportRowId, Choice)> {
    let value =
        |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let mut choices = Vec::new();
    for (key, said) in form {
        let id =
            |mark: &str| key.strip_prefix(mark).and_then(|id| id.parse().ok()).map(ImportRowId);
        if let Some(row) = id("r") {
            let choice = match said.as_str() {
                "abaikan" => Choice::Ignore,
                said => {
                    said.parse().map_or(Choice::Open, |person| Choice::Person(PersonId(person)))
                }
            };
            choices.push((row, choice));
        } else if let Some(row) = id("di") {
            // The hidden twin of a tick box: an empty box sends nothing.
            choices.push((row, Choice::WalkIn(value(&format!("w{row}")) == Some("ya"))));
        }
    }
    choices
}

pub(crate) async fn submit(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let said = |name: &str| {
        form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    };
    let mut tx = app.db.begin().await?;
    of_class(&mut tx, class, import).await?;
    let confirms = said("aksi") == "catat";
    let chosen = match attendance::choose(&mut tx, import, &choices(&form), me.id, now).await {
        // The button was pressed twice.
        Err(ImportError::Confirmed) if confirms => false,
        chosen => chosen?,
    };
    if !confirms || chosen {
        tx.commit().await?;
        if confirms {
            let notice = Some("Pilihan tersimpan dan jumlahnya berubah. Periksa lagi, lalu catat.");
            return preview_page(&app, page, class, import, Shown { notice, ..Shown::default() })
                .await;
        }
        return Ok(flash(&format!("/kelola/kelas/{class}/impor/{import}"), "Pilihan tersimpan."));
    }
    match attendance::confirm(&mut tx, import, said("terlihat"), me.id, now).await {
        Ok(changes) => {
            tx.commit().await?;
            let present =
                changes.iter().filter(|change| change.after.outcome == Outcome::Present).count();
            let words = format!(
                "Kehadiran tercatat: {} keputusan, {present} di antaranya hadir.",
                changes.len()
            );
            Ok(flash(&format!("/kelola/kelas/{class}/impor/{import}"), &words))
        }
        Err(ImportError::Stale) => {
            drop(tx);
            let notice = Some("Data berubah sejak pratinjau ini dibuka. Periksa lagi, lalu catat.");
            preview_page(
                &app,
                page,
                class,
                import,
                Shown { notice, status: StatusCode::CONFLICT, ..Shown::default() },
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReadForm {
    order: String,
    zone: String,
}

pub(crate) async fn read_again(
    State(app): State<App>,
    page: Page,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Form(form): Form<ReadForm>,
) -> Result<Response> {
    let date_order = match form.order.as_str() {
        "mdy" => Some(DateOrder::Mdy),
        "dmy" => Some(DateOrder::Dmy),
        "ymd" => Some(DateOrder::Ymd),
        _ => None,
    };
    let zone = ZONES.iter().find(|(zone, _)| zone.name() == form.zone).map(|(zone, _)| *zone);
    let mut db = app.db.acquire().await?;
    of_class(&mut db, class, import).await?;
    let (file, expected) = attendance::stored(&mut db, import).await?;
    drop(db);
    let hints = Hints { date_order, zone };
    let read = tokio::task::spawn_blocking(move || report::read(&file, &expected, &hints)).await;
    let report = match read.map_err(anyhow::Error::from)? {
        Ok(report) => report,
        Err(refusal) => {
            let mut problems = Problems::default();
            problems.note::<()>("order", refusal.to_string());
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let shown = Shown { problems, status, ..Shown::default() };
            return preview_page(&app, page, class, import, shown).await;
        }
    };
    let mut tx = app.db.begin().await?;
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
    let mut tx = app.db.begin().await?;
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
    let mut tx = app.db.begin().await?;
    of_class(&mut tx, class, import).await?;
    attendance::discard(&mut tx, import, me.id, now).await?;
    tx.commit().await?;
    Ok(flash(
        &format!("/kelola/kelas/{class}/impor"),
        "Pratinjau dibuang. Tidak ada yang tercatat.",
    ))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    baris: i64,
    q: String,
    hal: Wanted,
}

#[derive(Template)]
#[template(path = "attendance/search.html")]
struct SearchPage {
    page: Page,
    class: Class,
    import: ImportId,
    row: ImportRow,
    q: String,
    /// Nothing before somebody is looked for.
    found: Option<people::Found>,
}

impl SearchPage {
    fn query(&self) -> String {
        format!("baris={}&q={}&", self.row.id, show::encoded(&self.q))
    }
}

pub(crate) async fn search(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Query(search): Query<Search>,
) -> Result<Html<String>> {
    let mut db = app.db.acquire().await?;
    of_class(&mut db, class, import).await?;
    let class = class::find(&mut db, class).await?;
    let rows = attendance::preview(&mut db, import, me.id).await?.rows;
    let row = rows.into_iter().find(|row| row.id.0 == search.baris).ok_or(Error::NotFound)?;
    let found = match search.q.trim() {
        "" => None,
        q => Some(people::search(&mut db, q, None, search.hal).await?),
    };
    Ok(Html(SearchPage { page, class, import, row, q: search.q, found }.render()?))
}

#[derive(Deserialize)]
pub(crate) struct PickForm {
    row: i64,
    person: i64,
}

pub(crate) async fn pick(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Form(form): Form<PickForm>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    of_class(&mut tx, class, import).await?;
    people::find(&mut tx, PersonId(form.person)).await?;
    let choice = (ImportRowId(form.row), Choice::Person(PersonId(form.person)));
    attendance::choose(&mut tx, import, &[choice], me.id, now).await?;
    tx.commit().await?;
    Ok(flash(&format!("/kelola/kelas/{class}/impor/{import}"), "Orang dipilih."))
}
