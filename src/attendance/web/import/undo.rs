//! A report is taken back, with what follows said first.

use crate::{
    account::{Page, SignedIn, flash},
    app::{App, Db},
    attendance::{self, Changed, Import, Undoing},
    class::{self, Class},
    clock::Now,
    error::Result,
    ids::{ClassId, ImportId, PersonId},
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{Html, Response},
};

use super::of_class;

/// Changes that are shown before a withdrawal.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "attendance/undo.html")]
struct UndoPage {
    page: Page,
    class: Class,
    import: Import,
    effects: Vec<(String, String, String)>,
    more: usize,
    blocked: Vec<String>,
    /// Whether the visitor's own attendance is left to another organiser.
    own: bool,
}

pub(crate) async fn ask_undo(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Path((class, import)): Path<(ClassId, ImportId)>,
) -> Result<Html<String>> {
    let import = of_class(&mut db, class, import).await?;
    let class = class::find(&mut db, class).await?;
    let Undoing { changes, certified, own } =
        attendance::undo_preview(&mut db, import.id, me.id).await?;
    let people =
        changes.iter().map(|change| change.person).chain(certified.iter().copied()).collect();
    let people = attendance::names(&mut db, &people).await?;
    let name =
        |person: &PersonId| people.get(person).map(|(name, _)| name.clone()).unwrap_or_default();
    let matter: Vec<&Changed> = changes.iter().filter(|change| change.matters()).collect();
    let more = matter.len().saturating_sub(SHOWN);
    let effects = matter.into_iter().take(SHOWN).map(|change| {
        let before = change
            .before
            .map_or_else(String::new, |(outcome, jp)| format!("{}, {jp} JP", outcome.label()));
        (
            name(&change.person),
            before,
            format!("{}, {} JP", change.after.outcome.label(), change.after.jp),
        )
    });
    let effects = effects.collect();
    let blocked = certified.iter().map(name).collect();
    let own = !own.is_empty();
    Ok(Html(UndoPage { page, class, import, effects, more, blocked, own }.render()?))
}

pub(crate) async fn undo(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path((class, import)): Path<(ClassId, ImportId)>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    of_class(&mut tx, class, import).await?;
    let undone = attendance::undo(&mut tx, import, me.id, now).await?;
    tx.commit().await?;
    let mut words = match undone.certified.len() {
        0 => format!("Impor {import} dibatalkan: {} keputusan berubah.", undone.changes.len()),
        n => format!(
            "Impor {import} dibatalkan, kecuali bagi {n} orang yang sertifikatnya masih berlaku."
        ),
    };
    if !undone.own.is_empty() {
        words += " Kehadiran Anda sendiri menunggu penyelenggara lain.";
    }
    Ok(flash(&format!("/kelola/kelas/{class}/impor/{import}"), &words))
}
