//! The pages that explain the service.

use crate::{account::Page, app::App, error::Result};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};

#[derive(Template)]
#[template(path = "help/help.html")]
struct HelpPage {
    page: Page,
}

pub(crate) async fn help(page: Page) -> Result<Html<String>> {
    Ok(Html(HelpPage { page }.render()?))
}

/// `/` leads to one's own page, or to the catalogue.
pub(crate) async fn front(page: Page) -> Redirect {
    Redirect::to(if page.visitor.is_some() { "/saya" } else { "/kelas" })
}

/// The process answers.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// The database answers, and its schema is this program's.
pub(crate) async fn readyz(State(app): State<App>) -> Response {
    let newest = crate::database::MIGRATIONS.iter().map(|migration| migration.version).max();
    let applied = sqlx::query_scalar!(
        r#"select max(version) as "version" from _sqlx_migrations where success"#
    )
    .fetch_one(&app.db)
    .await;
    match applied {
        Ok(applied) if applied >= newest => "ready\n".into_response(),
        Ok(_) => (StatusCode::SERVICE_UNAVAILABLE, "migrations are pending\n").into_response(),
        Err(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}
