//! Stands before every address: finds out who asks, lets them pass or not, and
//! sees each request through to its end.

use super::{
    Permission, SignedIn,
    page::{self, Visitor},
    permission::Refusal,
};
use crate::{app::App, error::Error};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;

/// Answers only to those whom the address's permission lets in.
///
/// The request runs in a task of its own: a client that hangs up drops the
/// answer, never the work, so no transaction stops half-way and no connection
/// goes back to the pool in the middle of one.
pub async fn guard(
    State((app, permission)): State<(App, Permission)>,
    request: Request,
    next: Next,
) -> Response {
    let task = tokio::spawn(admit(app, permission, request, next));
    match task.await {
        Ok(response) => response,
        Err(gone) => Error::Internal(gone.into()).into_response(),
    }
}

async fn admit(app: App, permission: Permission, mut request: Request, next: Next) -> Response {
    let secure = app.config.secure();
    let jar = CookieJar::from_headers(request.headers());
    let visitor = match find(&app, &jar).await {
        Ok(visitor) => visitor,
        Err(error) => return error.into_response(),
    };
    match permission.check(visitor.as_ref()) {
        Ok(()) => {}
        Err(Refusal::SignInFirst) => {
            return Redirect::to(&page::sign_in_address(&request)).into_response();
        }
        Err(Refusal::Forbidden) => return Error::Forbidden.into_response(),
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let personal = visitor.is_some() || jar.get(page::FLASH).is_some();
    request.extensions_mut().insert(Visitor(visitor));
    let mut response = in_our_words(next.run(request).await);
    let headers = response.headers_mut();
    let kept = headers.get(header::CACHE_CONTROL).map(HeaderValue::as_bytes);
    // What is for one reader alone may stay in their browser where its handler says so.
    let private = kept.is_some_and(|kept| kept.starts_with(b"private"));
    if !private && (personal || kept.is_none()) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
    headers.append(header::VARY, HeaderValue::from_static("Cookie"));
    if reads && jar.get(page::FLASH).is_some() {
        page::forget_flash(&mut response, secure);
    }
    page::send_flash(&mut response, secure);
    response
}

/// What axum says of an address or a form that it cannot read, as a page.
fn in_our_words(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let plain = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE if plain => Error::TooLarge.into_response(),
        status if plain && status.is_client_error() => Error::BadRequest.into_response(),
        _ => response,
    }
}

async fn find(app: &App, jar: &CookieJar) -> Result<Option<SignedIn>, Error> {
    let Some(token) = jar.get(page::sign_in_cookie(app.config.secure())) else { return Ok(None) };
    let mut db = app.db.acquire().await?;
    Ok(super::visitor(&mut db, token.value(), app.clock.now()).await?)
}
