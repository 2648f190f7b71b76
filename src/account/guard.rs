//! Stands before every address: finds out who asks, lets them pass or not, and
//! sees each request through to its end.

use super::{
    Permission, SignedIn,
    page::{self, Visitor},
    permission::Refusal,
    second::web::{
        SET_UP,
        confirm::{self, Passage, Proven},
    },
};
use crate::{
    act::{self, Act, Note},
    app::{App, Db},
    error::Error,
    web::throttle::client_of,
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use sqlx::{Postgres, pool::PoolConnection};
use std::time::Duration;
use tokio::time::timeout;

/// What an ordinary form is sent as.
pub(super) const FORM: &[u8] = b"application/x-www-form-urlencoded";

/// As large as axum lets a form be.
pub(super) const LARGEST_FORM: usize = 2 * 1024 * 1024;

/// How long the sender of a form may take for all of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What stands before one address.
#[derive(Clone)]
pub struct Gate {
    pub app: App,
    pub permission: Permission,
    /// Whether it asks for a proof of presence of a short while ago.
    pub fresh: bool,
    /// What whoever comes here does, as the audit log has it.
    pub act: &'static str,
}

/// Answers only to those whom the address's permission lets in.
///
/// The request runs in a task of its own: a client that hangs up drops the
/// answer, never the work, so no transaction stops half-way and no connection
/// goes back to the pool in the middle of one.
pub async fn guard(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let from = client_of(request.extensions(), request.headers(), &gate.app.config);
    let from = Some(from).filter(|from| !from.is_unspecified());
    let act = Act { what: gate.act, by: None, from };
    // In a box, since a task moves what it is made of more than once.
    let task = tokio::spawn(Box::pin(admit(gate, act, request, next)));
    match task.await {
        Ok(response) => response,
        Err(gone) => Error::Internal(gone.into()).into_response(),
    }
}

async fn admit(gate: Gate, mut act: Act, request: Request, next: Next) -> Response {
    let Gate { app, permission, fresh, .. } = gate;
    let mut request = match without_zero_bytes(request).await {
        Ok(request) => request,
        Err(error) => return error.into_response(),
    };
    let secure = app.config.secure();
    let jar = CookieJar::from_headers(request.headers());
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let visitor = match find(&app, &jar).await {
        Ok(Some((visitor, db))) => {
            if reads {
                Db::pass(db, request.extensions_mut());
            }
            visitor
        }
        Ok(None) => None,
        Err(error) => return error.into_response(),
    };
    match permission.check(visitor.as_ref()) {
        Ok(()) => {}
        Err(Refusal::SignInFirst) => {
            return Redirect::to(&page::sign_in_address(&request)).into_response();
        }
        Err(Refusal::SecondFactorFirst) => return Redirect::to(SET_UP).into_response(),
        Err(Refusal::Forbidden) => {
            let path = request.uri().path().to_owned();
            drop(request); // gives the connection back that the note needs
            let noted = note_refusal(&app, act, visitor.as_ref(), &path).await;
            return noted.map_or_else(Error::from, |()| Error::Forbidden).into_response();
        }
    }
    act.by = visitor.as_ref().map(|visitor| visitor.id);
    let personal = visitor.is_some() || jar.get(page::FLASH).is_some();
    let proven = match visitor {
        Some(me) if fresh => act::during(act, confirm::proven(&app, me, request)).await,
        visitor => Ok(Passage::Open(Proven { visitor, request, cookie: None }.into())),
    };
    let mut response = match proven {
        Ok(Passage::Open(proven)) => {
            let Proven { visitor, mut request, cookie } = *proven;
            request.extensions_mut().insert(Visitor(visitor));
            let mut response = in_our_words(act::during(act, next.run(request)).await);
            response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
            response
        }
        Ok(Passage::Shut(instead)) => instead,
        Err(error) => error.into_response(),
    };
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

async fn note_refusal(
    app: &App,
    act: Act,
    visitor: Option<&SignedIn>,
    path: &str,
) -> sqlx::Result<()> {
    let by = visitor.map(|visitor| visitor.id);
    let act = Act { what: "Ditolak: tidak berwenang", by, ..act };
    let detail = serde_json::json!({ "halaman": path });
    let note = Note { detail: Some(detail), ..Note::default() };
    let mut db = app.db.acquire().await?;
    act.note(&mut db, note, app.clock.now()).await
}

/// Refuses an address or a form that holds a zero byte: nobody types one, and
/// PostgreSQL's texts cannot hold it.
async fn without_zero_bytes(request: Request) -> Result<Request, Error> {
    if request.uri().to_string().contains("%00") {
        return Err(Error::BadRequest);
    }
    let kind = request.headers().get(header::CONTENT_TYPE);
    let form = kind.is_some_and(|kind| kind.as_bytes().starts_with(FORM));
    if !form || matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(request);
    }
    let (head, body) = request.into_parts();
    let body = received(body, PATIENCE).await?;
    if body.contains(&0) || body.windows(3).any(|three| three == b"%00") {
        return Err(Error::BadRequest);
    }
    Ok(Request::from_parts(head, body.into()))
}

async fn received(body: Body, patience: Duration) -> Result<Bytes, Error> {
    let body = timeout(patience, to_bytes(body, LARGEST_FORM)).await;
    body.map_err(|_| Error::BadRequest)?.map_err(|_| Error::TooLarge)
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

/// Who asks, with the connection that found them; nothing without a cookie to look up.
async fn find(
    app: &App,
    jar: &CookieJar,
) -> Result<Option<(Option<SignedIn>, PoolConnection<Postgres>)>, Error> {
    let Some(token) = jar.get(page::sign_in_cookie(app.config.secure())) else { return Ok(None) };
    let mut db = app.db.acquire().await?;
    let visitor = super::visitor(&mut db, token.value(), app.clock.now()).await?;
    Ok(Some((visitor, db)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::{BodyExt, Full};

    #[tokio::test]
    async fn a_form_that_never_arrives_is_given_up() {
        let half = Full::new(Bytes::from("a=")).with_trailers(std::future::pending());
        let given_up = received(Body::new(half), Duration::from_millis(20)).await;
        assert!(matches!(given_up, Err(Error::BadRequest)));
        let whole = received(Body::from("a=1"), Duration::from_millis(200)).await;
        assert_eq!(whole.unwrap(), "a=1");
    }
}
