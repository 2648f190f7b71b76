//! Step one: a file is chosen, and refused with the reason or taken to the preview.

use crate::web::upload::{self, Sent};
use crate::{
    account::{Page, SignedIn},
    app::{App, Db},
    attendance::{
        self, Import, ImportError,
        read::{Upload, expected},
        report::MAX_BYTES,
    },
    class::{self, Class},
    clock::Now,
    error::{Error, Result},
    ids::ClassId,
    table::Turn,
    web::{form::Problems, show},
};
use askama::Template;
use axum::{
    extract::{Multipart, Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

#[derive(Template)]
#[template(path = "attendance/upload.html")]
struct UploadPage {
    page: Page,
    class: Class,
    problems: Problems,
    same: Option<Import>,
}

pub(crate) async fn ask(
    mut db: Db,
    page: Page,
    Path(class): Path<ClassId>,
) -> Result<Html<String>> {
    let class = class::find(&mut db, class).await?;
    Ok(Html(UploadPage { page, class, problems: Problems::default(), same: None }.render()?))
}

pub(crate) async fn upload(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(id): Path<ClassId>,
    form: Multipart,
) -> Result<Response> {
    let sent = upload::file(form, "file").await?;
    let class = class::find(&mut *app.db.acquire().await?, id).await?;
    let refuse = |page, class, why: String, same| refused(page, class, &why, same);
    let Some(Sent { name, bytes }) = sent else {
        return refuse(page, class, "Pilih berkas laporan Zoom dahulu.".into(), None);
    };
    if bytes.len() > MAX_BYTES {
        return Err(Error::TooLarge);
    }
    let expected = expected(&class);
    let turn = Turn::take().await?;
    let (read, turn) = turn.work(move || Upload::read(&name, bytes, &expected)).await?;
    drop(turn);
    let upload = match read {
        Ok(upload) => upload,
        Err(error) => return refuse(page, class, error.to_string(), None),
    };
    let mut tx = app.begin().await?;
    match attendance::upload(&mut tx, id, &upload, me.id, now).await {
        Ok(import) => {
            tx.commit().await?;
            Ok(axum::response::Redirect::to(&format!("/kelola/kelas/{id}/impor/{import}"))
                .into_response())
        }
        Err(ImportError::Same(import)) => {
            let before = attendance::find(&mut tx, import).await?;
            let when = show::moment(before.uploaded_at);
            refuse(
                page,
                class,
                format!(
                    "Berkas ini sudah diimpor {when} (impor {import}). Tidak ada yang dicatat dua kali."
                ),
                Some(before),
            )
        }
        Err(error @ (ImportError::Database(_) | ImportError::Unmatched(_))) => Err(error.into()),
        Err(refusal) => refuse(page, class, refusal.to_string(), None),
    }
}

fn refused(page: Page, class: Class, why: &str, same: Option<Import>) -> Result<Response> {
    let mut problems = Problems::default();
    problems.note::<()>("file", why);
    let answer = UploadPage { page, class, problems, same }.render()?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer)).into_response())
}
