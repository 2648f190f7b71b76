//! Staff lists on pages: chosen, looked at, recorded, taken back.

pub mod columns;
pub mod preview;
pub mod units;

use super::{
    Columns, ColumnsError, Head, Import, Importer, Judged, Kept, List, ListError, MAX_BYTES,
    StaffError, Undo, UnitChoices, Verdict,
};
use crate::{
    account::{self, Page, SignedIn, flash},
    act::{self, Note},
    app::{App, Db},
    clock::Now,
    error::{Error, Result},
    ids::StaffImportId,
    people,
    table::Turn,
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
use columns::ColumnsPage;
use preview::{Chosen, PreviewPage, Shown};
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
    /// Whether nobody is beyond the visitor's reach.
    all: bool,
}

/// The page on which a list is chosen.
async fn upload_page(
    db: &mut PgConnection,
    page: Page,
    me: &SignedIn,
    problems: Problems,
) -> Result<Html<String>> {
    let importer = Importer::of(db, me.id).await?;
    let recent = super::recent(db, &importer).await?;
    let all = importer.reach.is_none();
    Ok(Html(UploadPage { page, problems, recent, all }.render()?))
}

pub(crate) async fn ask(mut db: Db, page: Page, me: SignedIn) -> Result<Html<String>> {
    upload_page(&mut db, page, &me, Problems::default()).await
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
            // Columns that are not clear yet are chosen on the next page.
            (
                Ok(_)
                | Err(ListError::Columns(ColumnsError::Twice { .. } | ColumnsError::Missing(_))),
                bytes,
            ) => {
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
    let answer = upload_page(&mut *app.db.acquire().await?, page, &me, problems).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
}

type ReadList = std::result::Result<List, ListError>;

/// Reads the list in turn, and gives the file back.
async fn read(bytes: Vec<u8>) -> Result<(ReadList, Vec<u8>)> {
    let turn = Turn::take().await?;
    Ok(turn.work(move || (super::read(&bytes), bytes)).await?.0)
}

/// An upload that waits, as its file reads now.
struct Opened {
    heads: Vec<Head>,
    columns: Columns,
    list: std::result::Result<List, ColumnsError>,
    units: UnitChoices,
}

impl Opened {
    fn of(Kept { file, columns, units }: Kept) -> std::result::Result<Self, ListError> {
        let file = super::open(&file)?;
        let heads = file.heads.clone();
        let columns = columns.unwrap_or_else(|| Columns::named(&heads));
        let list = file.list(&columns);
        Ok(Self { heads, columns, list, units })
    }
}

/// The same with its rows, judged against the records, once each column is clear.
struct Looked {
    heads: Vec<Head>,
    columns: Columns,
    judged: std::result::Result<(List, Judged), ColumnsError>,
    /// Not over before what was read is let go.
    turn: Turn,
}

/// What is not clear, where no page offers to go on with it.
fn unclear(why: &ColumnsError) -> Error {
    Error::Refused(why.to_string())
}

/// Looks at an upload that waits, within the importer's reach.
async fn look(
    app: &App,
    import: StaffImportId,
    importer: &Importer,
    now: DateTime<Utc>,
) -> Result<Looked> {
    let turn = Turn::take().await?;
    let mut db = app.db.acquire().await?;
    let kept = super::kept(&mut db, import).await?;
    let standing = super::standing(&mut db, importer.reach.as_ref(), now).await?;
    drop(db); // no connection is held while the file is read
    let work = move || {
        let Opened { heads, columns, list, units } = Opened::of(kept)?;
        let judged = list.map(|list| {
            let judged = super::judge(&list, &standing, &units);
            (list, judged)
        });
        Ok::<_, ListError>((heads, columns, judged))
    };
    let (done, turn) = turn.work(work).await?;
    // It was opened before it was stored.
    let (heads, columns, judged) = done.map_err(anyhow::Error::from)?;
    Ok(Looked { heads, columns, judged, turn })
}

/// The preview of an upload that waits; what its columns hold is asked first where that is not
/// clear.
async fn waiting(
    app: &App,
    page: Page,
    import: Import,
    importer: &Importer,
    shown: Shown,
    now: DateTime<Utc>,
) -> Result<Response> {
    let Looked { heads, columns, judged, turn: _turn } =
        look(app, import.id, importer, now).await?;
    let status = shown.status;
    let answer = match judged {
        Ok(read) => {
            let mut open = people::units(&mut *app.db.acquire().await?, now).await?;
            open.retain(|unit| importer.covers(unit.id));
            PreviewPage::of(page, import, (heads, columns), read, open, shown).render()?
        }
        Err(unclear) => ColumnsPage::of(page, import, (heads, columns), &unclear).render()?,
    };
    Ok((status, Html(answer)).into_response())
}

#[derive(Template)]
#[template(path = "staff/result.html")]
struct ResultPage {
    page: Page,
    import: Import,
}

pub(crate) async fn show(
    State(app): State<App>,
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(import): Path<StaffImportId>,
    Query(chosen): Query<Chosen>,
) -> Result<Response> {
    let importer = Importer::of(&mut db, me.id).await?;
    let found = super::find(&mut db, import, &importer).await?;
    if !found.waits() {
        return Ok(Html(ResultPage { page, import: found }.render()?).into_response());
    }
    drop(db); // nobody holds one while they wait for their turn
    waiting(&app, page, found, &importer, Shown { chosen, ..Shown::default() }, now).await
}

/// The rows that cannot be recorded, as a list to put right: as they were, and why.
pub(crate) async fn wrong_rows(
    State(app): State<App>,
    mut db: Db,
    me: SignedIn,
    Now(now): Now,
    Path(import): Path<StaffImportId>,
) -> Result<Response> {
    let importer = Importer::of(&mut db, me.id).await?;
    super::find(&mut db, import, &importer).await?;
    drop(db); // nobody holds one while they wait for their turn
    let Looked { judged, turn, .. } = look(&app, import, &importer, now).await?;
    let (list, judged) = judged.map_err(|why| unclear(&why))?;
    let note = Note { detail: Some(json!({ "daftar": import })), ..Note::default() };
    act::note(&mut *app.db.acquire().await?, "Mengunduh baris salah", note, now).await?;
    let made = turn.work(move || {
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
    let (made, _turn) = made.await?;
    let bytes = made.map_err(anyhow::Error::from)?;
    Ok(sheet::download(&format!("baris-salah-{import}"), bytes))
}

/// Opens an upload that is to be recorded; nothing where it was already.
async fn open(app: &App, me: &SignedIn, import: StaffImportId) -> Result<Option<(Opened, Turn)>> {
    let turn = Turn::take().await?;
    let mut db = app.db.acquire().await?;
    let importer = Importer::of(&mut db, me.id).await?;
    if super::find(&mut db, import, &importer).await?.confirmed_at.is_some() {
        return Ok(None);
    }
    let kept = super::kept(&mut db, import).await?;
    drop(db);
    let (opened, turn) = turn.work(move || Opened::of(kept)).await?;
    Ok(Some((opened.map_err(anyhow::Error::from)?, turn)))
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
    let Some((opened, turn)) = open(&app, &me, import).await? else {
        // The button was pressed twice.
        return Ok(Redirect::to(&address(import)).into_response());
    };
    let Opened { list, units, .. } = opened;
    let list = list.map_err(|why| unclear(&why))?;
    let mut tx = app.begin().await?;
    super::lock(&mut tx).await?;
    let importer = Importer::of(&mut tx, me.id).await?;
    let found = super::find(&mut tx, import, &importer).await?;
    if found.confirmed_at.is_some() {
        return Ok(Redirect::to(&address(import)).into_response());
    }
    // Under the lock only the judging is done: what is recorded is what was seen.
    let standing = super::standing(&mut tx, importer.reach.as_ref(), now).await?;
    let (judged, turn) = turn.work(move || super::judge(&list, &standing, &units)).await?;
    match super::confirm(&mut tx, import, &judged, &form.terlihat, &importer, now).await {
        Ok(()) => {
            account::addresses_changed(&mut tx, now, app.config.mail.is_some()).await?;
            tx.commit().await?;
            Ok(flash(&address(import), "Daftar pegawai tercatat."))
        }
        Err(refusal @ (StaffError::Stale | StaffError::Nothing)) => {
            drop((tx, judged, turn));
            let (status, notice) = (StatusCode::CONFLICT, Some(refusal.to_string()));
            let shown = Shown { notice, status, ..Shown::default() };
            waiting(&app, page, found, &importer, shown, now).await
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
    let importer = Importer::of(&mut tx, me.id).await?;
    super::discard(&mut tx, import, &importer, now).await?;
    tx.commit().await?;
    Ok(flash("/kelola/orang/impor", "Daftar dibuang. Tidak ada yang dicatat."))
}

#[derive(Template)]
#[template(path = "staff/undo.html")]
struct UndoPage {
    page: Page,
    import: Import,
    undo: Undo,
    /// Whether nobody is beyond the visitor's reach.
    all: bool,
}

pub(crate) async fn ask_undo(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Path(import): Path<StaffImportId>,
) -> Result<Response> {
    let importer = Importer::of(&mut db, me.id).await?;
    let found = super::find(&mut db, import, &importer).await?;
    if found.confirmed_at.is_none() || found.undone_at.is_some() {
        return Ok(Redirect::to(&address(import)).into_response());
    }
    let undo = super::undoable(&mut db, import, &importer).await?;
    Ok(Html(UndoPage { page, import: found, undo, all: importer.reach.is_none() }.render()?)
        .into_response())
}

pub(crate) async fn undo(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path(import): Path<StaffImportId>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let importer = Importer::of(&mut tx, me.id).await?;
    match super::undo(&mut tx, import, &importer, now).await {
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
