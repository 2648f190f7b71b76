//! Step-up: before a dangerous act whoever is signed in proves anew who they are.
//!
//! A form that comes too late is answered with a page that asks for the proof and carries what was
//! typed in hidden fields to the same address: with the proof it is the very act. The proof is
//! taken out of the form before the address sees it.

use crate::{
    account::{
        self, Page, SignedIn, entry,
        guard::{FORM, LARGEST_FORM},
        second,
    },
    app::{App, Db},
    error::{Error, Result},
    people,
    web::{
        form::{Problems, compact},
        show,
        throttle::Try,
    },
};
use askama::Template;
use axum::{
    Form,
    body::{Bytes, to_bytes},
    extract::{FromRequest, FromRequestParts, Query, Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use sqlx::PgConnection;

/// A request whose sender was proved.
pub struct Proven {
    pub visitor: Option<SignedIn>,
    pub request: Request,
    /// Of the sign-in, which goes on under a new token.
    pub cookie: Option<HeaderValue>,
}

/// What becomes of a request that needs a proof.
pub enum Passage {
    Open(Box<Proven>),
    /// Answered instead: the proof is still to come.
    Shut(Response),
}

type Pairs = Vec<(String, String)>;

/// How somebody can prove who they are: the password, if they have one, else the app; a passkey in
/// any case.
#[derive(Clone, Copy)]
struct Means {
    password: bool,
    code: bool,
    passkey: bool,
}

impl Means {
    async fn of(app: &App, db: &mut PgConnection, me: &SignedIn) -> sqlx::Result<Self> {
        let nip = people::find(db, me.id).await?.nip;
        let password = account::credential(db, &nip).await?.is_some();
        let standing = second::standing(db, me.id).await?;
        let code = !password && standing.is_some_and(|(_, confirmed)| confirmed);
        let site = second::relying_party(&app.config);
        let passkey = site.is_some() && !second::passkeys(db, me.id).await?.is_empty();
        Ok(Self { password, code, passkey })
    }
}

#[derive(Template)]
#[template(path = "account/confirm.html")]
struct ConfirmPage {
    page: Page,
    /// Where the form goes on to.
    action: String,
    hidden: Pairs,
    means: Means,
    problems: Problems,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    ke: String,
}

pub(crate) async fn ask(
    State(app): State<App>,
    mut db: Db,
    page: Page,
    me: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Html<String>> {
    let means = Means::of(&app, &mut db, &me).await?;
    let hidden = vec![("ke".to_owned(), wanted.ke)];
    let action = "/konfirmasi".to_owned();
    let problems = Problems::default();
    Ok(Html(ConfirmPage { page, action, hidden, means, problems }.render()?))
}

/// The proof was taken on the way here.
pub(crate) async fn go_on(Form(wanted): Form<Wanted>) -> Redirect {
    Redirect::to(entry::safe(&wanted.ke))
}

/// Lets the request pass whose sender proved lately who they are, or does so with it.
pub async fn proven(app: &App, me: SignedIn, request: Request) -> Result<Passage> {
    let lately = me.proved_lately(app.clock.now());
    if matches!(*request.method(), Method::GET | Method::HEAD) || !is_form(&request) {
        return Ok(if lately {
            Passage::Open(Proven { visitor: Some(me), request, cookie: None }.into())
        } else {
            Passage::Shut(Redirect::to(&confirm_address(&request)).into_response())
        });
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST_FORM).await.map_err(|_| Error::TooLarge)?;
    let (kept, proof) = apart(&body);
    if lately {
        let request = again(parts, kept);
        return Ok(Passage::Open(Proven { visitor: Some(me), request, cookie: None }.into()));
    }
    step_up(app, me, parts, kept, proof).await
}

/// Whether what is sent is an ordinary form, or nothing at all, as by a button alone.
fn is_form(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE);
    kind.is_none_or(|kind| kind.as_bytes().starts_with(FORM))
}

/// The page that asks for a proof and leads back: to the page itself, or to the one with the form
/// that cannot be carried along, which holds a file.
fn confirm_address(request: &Request) -> String {
    let path = |uri: &Uri| uri.path_and_query().map(ToString::to_string);
    let wanted = if matches!(*request.method(), Method::GET | Method::HEAD) {
        path(request.uri())
    } else {
        let from = request.headers().get(header::REFERER).and_then(|from| from.to_str().ok());
        from.and_then(|from| from.parse().ok()).and_then(|from| path(&from))
    };
    let wanted = wanted.unwrap_or_else(|| "/saya".to_owned());
    format!("/konfirmasi?ke={}", show::encoded(entry::safe(&wanted)))
}

fn again(mut parts: Parts, body: Bytes) -> Request {
    parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
    Request::from_parts(parts, body.into())
}

/// What proves somebody, as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Proof {
    proof_password: String,
    proof_code: String,
}

/// The form without the fields of the proof, and these.
fn apart(body: &Bytes) -> (Bytes, Bytes) {
    let proves =
        |pair: &&[u8]| pair.starts_with(b"proof_password=") || pair.starts_with(b"proof_code=");
    let pairs: Vec<&[u8]> = body.split(|byte| *byte == b'&').collect();
    let (proof, kept): (Vec<&[u8]>, Vec<&[u8]>) = pairs.into_iter().partition(proves);
    (kept.join(&b'&').into(), proof.join(&b'&').into())
}

async fn read<T: serde::de::DeserializeOwned>(body: &Bytes) -> Result<T> {
    let request = Request::post("/").header(header::CONTENT_TYPE, FORM).body(body.clone().into());
    let request = request.map_err(anyhow::Error::from)?;
    let Form(read) = Form::from_request(request, &()).await.map_err(|_| Error::BadRequest)?;
    Ok(read)
}

/// What came of a proof.
enum Outcome {
    /// The sign-in goes on under this token, on a device of one's own or not.
    Proved(String, bool),
    Wrong(&'static str),
    /// So many seconds.
    Wait(i64),
}

async fn step_up(
    app: &App,
    me: SignedIn,
    mut parts: Parts,
    kept: Bytes,
    proof: Bytes,
) -> Result<Passage> {
    let proof: Proof = read(&proof).await?;
    let mut db = app.db.acquire().await?;
    let means = Means::of(app, &mut db, &me).await?;
    drop(db); // none is held while a hash is worked out
    let typed = (means.password && !proof.proof_password.is_empty())
        || (means.code && !proof.proof_code.is_empty());
    let outcome =
        if typed { Some(checked(app, &me, &mut parts, means, proof).await?) } else { None };
    let mut problems = Problems::default();
    let field = if means.password { "proof_password" } else { "proof_code" };
    let status = match outcome {
        Some(Outcome::Proved(token, own_device)) => {
            let cookie = entry::sign_in_cookie(app, &token, own_device)?;
            let me = me.proved(&token, app.clock.now());
            let request = again(parts, kept);
            return Ok(Passage::Open(
                Proven { visitor: Some(me), request, cookie: Some(cookie) }.into(),
            ));
        }
        Some(Outcome::Wrong(words)) => {
            problems.note::<()>(field, words);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Some(Outcome::Wait(seconds)) => {
            problems.note::<()>(
                field,
                format!("Terlalu banyak percobaan. Coba lagi dalam {seconds} detik; isian Anda tetap ada di halaman ini."),
            );
            StatusCode::TOO_MANY_REQUESTS
        }
        None => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = Page { visitor: Some(me), path: parts.uri.path().to_owned(), flash: None };
    let action = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let hidden: Pairs = read(&kept).await?;
    let shown = ConfirmPage { page, action, hidden, means, problems };
    Ok(Passage::Shut((status, Html(shown.render()?)).into_response()))
}

/// Looks at a proof, counted and slowed down as at sign-in.
async fn checked(
    app: &App,
    me: &SignedIn,
    parts: &mut Parts,
    means: Means,
    proof: Proof,
) -> Result<Outcome> {
    let attempt = match Try::from_request_parts(parts, app).await {
        Ok(attempt) => attempt,
        Err(Error::TooMany(seconds)) => return Ok(Outcome::Wait(seconds)),
        Err(error) => return Err(error),
    };
    let jar = CookieJar::from_headers(&parts.headers);
    let device = entry::device(app, &jar);
    let now = app.clock.now();
    let mut tx = app.begin().await?;
    let nip = people::find(&mut tx, me.id).await?.nip;
    let wait = if means.password {
        account::count_try(&mut tx, &nip, device, now).await?
    } else {
        second::count_try(&mut tx, me.id, now).await?
    };
    if let Some(seconds) = wait {
        attempt.failed();
        return Ok(Outcome::Wait(seconds));
    }
    let hash = account::credential(&mut tx, &nip).await?.map(|(_, hash)| hash);
    tx.commit().await?;
    let fits =
        means.password && account::web::verify(app, &proof.proof_password, hash.clone()).await?;
    let mut tx = app.begin().await?;
    let right = match hash {
        Some(hash) if means.password => fits && account::holds_still(&mut tx, me.id, &hash).await?,
        _ => second::accept(&mut tx, me.id, &compact(&proof.proof_code), now).await?,
    };
    let proved = if right { account::prove(&mut tx, &me.token_hash, now).await? } else { None };
    tx.commit().await?;
    if let Some((token, own_device)) = proved {
        return Ok(Outcome::Proved(token, own_device));
    }
    tracing::warn!("a proof of presence was refused");
    attempt.failed();
    Ok(Outcome::Wrong(if means.password {
        "Kata sandi ini tidak cocok. Ketik kata sandi akun Anda sekali lagi."
    } else {
        "Kode ini tidak cocok atau sudah dipakai. Ketik kode berikutnya dari aplikasi."
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_taken_out_of_the_form_and_the_rest_stays_as_it_came() {
        let body = Bytes::from("role=a%26b&proof_password=p%20q&unit=3&proof_code=1&note=");
        let (kept, proof) = apart(&body);
        assert_eq!(kept, "role=a%26b&unit=3&note=");
        assert_eq!(proof, "proof_password=p%20q&proof_code=1");
        assert_eq!(apart(&Bytes::new()), (Bytes::new(), Bytes::new()));
    }

    #[tokio::test]
    async fn what_was_typed_is_carried_along_in_its_order() {
        let pairs: Pairs = read(&Bytes::from("a=1&a=2&b=x%0D%0Ay&c=%26")).await.unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(pairs, [("a", "1"), ("a", "2"), ("b", "x\r\ny"), ("c", "&")]);
    }
}
