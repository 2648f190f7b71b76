//! What each column of a list holds, put right by hand.

use super::address;
use crate::{
    account::{Page, SignedIn, flash},
    app::App,
    error::{Error, Result},
    ids::StaffImportId,
    staff::{self, Column, Columns, ColumnsError, Head, Import, Importer},
    table::Turn,
    web::{form::Problems, show},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

/// The form: each column of the file and what it holds.
pub(super) struct ColumnsForm {
    pub(super) heads: Vec<Head>,
    columns: Columns,
}

impl ColumnsForm {
    pub(super) fn of((heads, columns): (Vec<Head>, Columns)) -> Self {
        Self { heads, columns }
    }

    pub(super) fn holds(&self, head: &Head, column: Column) -> bool {
        self.columns.at(head.place) == Some(column)
    }
}

#[derive(Template)]
#[template(path = "staff/columns.html")]
pub(super) struct ColumnsPage {
    page: Page,
    import: Import,
    columns: ColumnsForm,
    problems: Problems,
}

impl ColumnsPage {
    pub(super) fn of(
        page: Page,
        import: Import,
        columns: (Vec<Head>, Columns),
        unclear: &ColumnsError,
    ) -> Self {
        let mut problems = Problems::default();
        problems.note::<()>("kolom", unclear.to_string());
        Self { page, import, columns: ColumnsForm::of(columns), problems }
    }
}

/// The columns of a posted form: `k3` is the code of what the fourth column holds, or empty.
/// Others than the page offers are refused.
fn chosen(form: &[(String, String)], heads: &[Head]) -> Result<Columns> {
    let mut columns = Vec::new();
    for (key, code) in form {
        let place = key.strip_prefix('k').and_then(|place| place.parse().ok());
        let place = place.filter(|place| heads.iter().any(|head| head.place == *place));
        let column = Column::coded(code);
        match (place, column) {
            (Some(place), Some(column)) => columns.push((place, column)),
            (Some(_), None) if code.is_empty() => {}
            _ => return Err(Error::BadRequest),
        }
    }
    Ok(columns.into_iter().collect())
}

pub(crate) async fn choose(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Path(import): Path<StaffImportId>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let turn = Turn::take().await?;
    let mut db = app.db.acquire().await?;
    let importer = Importer::of(&mut db, me.id).await?;
    let found = staff::find(&mut db, import, &importer).await?;
    let file = staff::kept(&mut db, import).await?.file;
    drop(db); // no connection is held while the file is read
    let work = move || {
        let file = staff::open(&file)?;
        let heads = file.heads.clone();
        let columns = chosen(&form, &heads);
        let read = columns.map(|columns| (file.list(&columns).err(), columns));
        Ok::<_, staff::ListError>((heads, read))
    };
    let (done, _turn) = turn.work(work).await?;
    let (heads, read) = done.map_err(anyhow::Error::from)?;
    let (unclear, columns) = read?;
    if let Some(unclear) = unclear {
        let answer = ColumnsPage::of(page, found, (heads, columns), &unclear).render()?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer)).into_response());
    }
    let mut tx = app.begin().await?;
    staff::choose_columns(&mut tx, import, &columns).await?;
    tx.commit().await?;
    Ok(flash(&address(import), "Daftar dibaca ulang dengan kolom yang Anda pilih."))
}
