//! Staff lists on pages: chosen, looked at, recorded, taken back.

pub mod preview;

use super::{Import, Judged, List, MAX_BYTES, StaffError, Standing, Undo, Verdict};
use crate::{
    account::{self, Page, SignedIn, flash},
    act::{self, Note},
    app::{App, Db},
    clock::Now,
    error::{Error, Result},
    ids::StaffImportId,
    web::{
        form::Problems,
        sheet, show,
        upload::{self, Sent},
    },
};
use askama::Template;
use axum::{
    Form,
    extract::{Multipart, Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use chrono::{DateTime, Utc};
use preview::{Chosen, PreviewPage};
use serde::Deserialize;
use serde_json::json;
use sqlx::PgConnection;

impl From<StaffError> for Error {
    fn from(error: StaffError) -> Self {
        match error {
            StaffError::Database(error) => error.into(),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}

fn address(import: StaffImportId) -> String {
    format!("/kelola/orang/impor/{import}")
}

#[derive(Template)]
#[template(path = "staff/upload.html")]
struct UploadPage {
    page: Page,
    problems: Problems,
    recent: Vec<Import>,
}

pub(crate) async fn ask(mut db: Db, page: Page) -> Result<Html<String>> {
    let recent = super::recent(&mut db).await?;
    Ok(Html(UploadPage { page, problems: Problems::default(), recent }.render()?))
}

pub(crate) async fn upload(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    form: Multipart,
) -> Result<Response> {
    let sent = upload::file(form, "file").await?;
    let refusal = match sent {
        None => "Pilih berkas daftar pegawai dahulu.".to_owned(),
        Some(Sent { bytes, .. }) if bytes.len() > MAX_BYTES => return Err(Error::TooLarge),
        Some(Sent { name, bytes }) => match read(bytes).await? {
            (Ok(_), bytes) => {
                let mut tx = app.begin().await?;
                let import = super::store(&mut tx, &name, &bytes, me.id, now).await?;
                tx.commit().await?;
                return Ok(Redirect::to(&address(import)).into_response());
            }
            (Err(refusal), _) => refusal.to_string(),
        },
    };
    let mut problems = Problems::default();
    problems.note::<()>("file", refusal);
    let recent = super::recent(&mut *app.db.acquire().await?).await?;
    let answer = UploadPage { page, problems, recent }.render()?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer)).into_response())
}

type ReadList = std::result::Result<List, super::ListError>;

/// Reads the list off the threads that answer others, and gives the file back.
async fn read(bytes: Vec<u8>) -> Result<(ReadList, Vec<u8>)> {
    let read = tokio::task::spawn_blocking(move || (super::read(&bytes), bytes)).await;
    Ok(read.map_err(anyhow::Error::from)?)
}

/// The list of an upload that waits, judged against the records.
async fn judged(
    db: &mut PgConnection,
    import: StaffImportId,
    now: DateTime<Utc>,
) -> Result<(List, Judged)> {
    let file = super::file(db, import).await?;
    let standing: Standing = super::standing(db, now).await?;
    let work = tokio::task::spawn_blocking(move || {
        let list = super::read(&file)?;
        let judged = super::judge(&list, &standing);
        Ok::<_, super::ListError>((list, judged))
    });
    let done = work.await.map_err(anyhow::Error::from)?;
    // It was read before it was stored.
    Ok(done.map_err(anyhow::Error::from)?)
}

#[derive(Template)]
#[template(path = "staff/result.html")]
struct ResultPage {
    page: Page,
    import: Import,
}

pub(crate) async fn show(
    mut db: Db,
    page: Page,
    Now(now): Now,
    Path(import): Path<StaffImportId>,
    Query(chosen): Query<Chosen>,
) -> Result<Html<String>> {
    let found = super::find(&mut db, import).await?;
    if !found.waits() {
        return Ok(Html(ResultPage { page, import: found }.render()?));
    }
    let read = judged(&mut db, import, now).await?;
    drop(db);
    Ok(Html(PreviewPage::of(page, found, read, &chosen, None).render()?))
}

/// The rows that cannot be recorded, as a list to put right: as they were, and why.
pub(crate) async fn wrong_rows(
    mut db: Db,
    Now(now): Now,
    Path(import): Path<StaffImportId>,
) -> Result<Response> {
    let (list, judged) = judged(&mut db, import, now).await?;
    let note = Note { detail: Some(json!({ "daftar": import })), ..Note::default() };
    act::note(&mut db, "Mengunduh baris salah", note, now).await?;
    drop(db);
    let made = tokio::task::spawn_blocking(move || {
        let mut heads: Vec<(&str, u16)> =
            list.headers.values().map(|header| (header.as_str(), 24)).collect();
        heads.extend([("BARIS", 8), ("KESALAHAN", 80)]);
        let wrong = judged.rows.iter().zip(&list.rows).filter_map(|(judgement, row)| {
            let Verdict::Wrong(wrong) = &judgement.verdict else { return None };
            let mut cells: Vec<sheet::Cell> = list
                .headers
                .keys()
                .map(|column| sheet::Cell::from(row.text(*column).unwrap_or_default()))
                .collect();
            cells.push(i64::try_from(row.line).unwrap_or(i64::MAX).into());
            cells.push(wrong.reason.as_str().into());
            Some(cells)
        });
        sheet::workbook("Baris salah", &heads, &wrong.collect::<Vec<_>>())
    });
    let bytes = made.await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?;
    Ok(sheet::download(&format!("baris-salah-{import}"), bytes))
}

#[derive(Deserialize)]
pub(crate) struct ConfirmForm {
    terlihat: String,
}

pub(crate) async fn confirm(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(import): Path<StaffImportId>,
    Form(form): Form<ConfirmForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    super::lock(&mut tx).await?;
    let found = super::find(&mut tx, import).await?;
    if found.confirmed_at.is_some() {
        // The button was pressed twice.
        return Ok(Redirect::to(&address(import)).into_response());
    }
    let read = judged(&mut tx, import, now).await?;
    match super::confirm(&mut tx, import, &read.1, &form.terlihat, me.id, now).await {
        Ok(()) => {
            account::addresses_changed(&mut tx, now, app.config.mail.is_some()).await?;
            tx.commit().await?;
            Ok(flash(&address(import), "Daftar pegawai tercatat."))
        }
        Err(refusal @ (StaffError::Stale | StaffError::Nothing)) => {
            drop(tx);
            let notice = Some(refusal.to_string());
            let shown = PreviewPage::of(page, found, read, &Chosen::default(), notice);
            Ok((StatusCode::CONFLICT, Html(shown.render()?)).into_response())
        }
        Err(refusal) => Err(refusal.into()),
    }
}

pub(crate) async fn discard(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path(import): Path<StaffImportId>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    super::discard(&mut tx, import, me.id, now).await?;
    tx.commit().await?;
    Ok(flash("/kelola/orang/impor", "Daftar dibuang. Tidak ada yang dicatat."))
}

#[derive(Template)]
#[template(path = "staff/undo.html")]
struct UndoPage {
    page: Page,
    import: Import,
    undo: Undo,
}

pub(crate) async fn ask_undo(
    mut db: Db,
    page: Page,
    Path(import): Path<StaffImportId>,
) -> Result<Response> {
    let found = super::find(&mut db, import).await?;
    if found.confirmed_at.is_none() || found.undone_at.is_some() {
        return Ok(Redirect::to(&address(import)).into_response());
    }
    let undo = super::undoable(&mut db, import).await?;
    Ok(Html(UndoPage { page, import: found, undo }.render()?).into_response())
}

pub(crate) async fn undo(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path(import): Path<StaffImportId>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    super::find(&mut tx, import).await?;
    match super::undo(&mut tx, import, me.id, now).await {
        Ok(done) => {
            account::addresses_changed(&mut tx, now, app.config.mail.is_some()).await?;
            tx.commit().await?;
            let words = format!(
                "Impor dibatalkan: {} orang dihapus, {} isian dikembalikan.",
                show::number(done.removed),
                show::number(done.restored)
            );
            Ok(flash(&address(import), &words))
        }
        // The button was pressed twice.
        Err(StaffError::Over) => Ok(Redirect::to(&address(import)).into_response()),
        Err(refusal) => Err(refusal.into()),
    }
}
