//! A provider of single sign-on that sends what no real one would. It is strict with whoever
//! asks it: a wrong redirect, secret, code or verifier gets no token.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use openidconnect::url::Url;
use ring::{
    digest, hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{provider::SITE, world::monday};

const BACK: &str = "/masuk/sso/kembali";

/// What the provider does otherwise than it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quirk {
    None,
    Audience,
    TwoAudiences,
    Issuer,
    Expired,
    Nonce,
    NoNonce,
    /// Unsigned, or signed with what both sides know.
    AlgNone,
    AlgHs256,
    /// Signed by a key that it does not show, under a name that it shows.
    OtherKey,
    NoIdToken,
    HugeToken,
    TokenElsewhere,
    Huge,
    Elsewhere,
    Silent,
}

struct Kept {
    quirk: Quirk,
    key: EcdsaKeyPair,
    /// The name of the key.
    kid: String,
    /// What was asked for with each code.
    codes: HashMap<String, HashMap<String, String>>,
    claims: Value,
    account: Value,
    described: usize,
}

#[derive(Clone)]
pub struct Issuer {
    pub issuer: String,
    kept: Arc<Mutex<Kept>>,
}

fn new_key() -> EcdsaKeyPair {
    let (random, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let made = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random).unwrap()
}

impl Issuer {
    /// Says these claims in its tokens, beside those that every token has.
    pub async fn open(claims: Value) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let kept = Kept {
            quirk: Quirk::None,
            key: new_key(),
            kid: "satu".into(),
            codes: HashMap::new(),
            claims,
            account: json!({"sub": "ada"}),
            described: 0,
        };
        let one = Self { issuer, kept: Arc::new(Mutex::new(kept)) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(account))
            .with_state(one.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        one
    }

    pub fn turn(&self, quirk: Quirk) {
        self.kept.lock().unwrap().quirk = quirk;
    }

    fn quirk(&self) -> Quirk {
        self.kept.lock().unwrap().quirk
    }

    /// Signs with a new key from now on.
    pub fn change_key(&self) {
        let mut kept = self.kept.lock().unwrap();
        (kept.key, kept.kid) = (new_key(), "dua".into());
    }

    /// What it tells of the account when asked.
    pub fn tell(&self, account: Value) {
        self.kept.lock().unwrap().account = account;
    }

    /// How often it was asked to describe itself.
    pub fn described(&self) -> usize {
        self.kept.lock().unwrap().described
    }

    /// Lets somebody who was sent here go back as if they had signed in; the path within the site.
    pub fn signs_in(&self, address: &str) -> String {
        let url = Url::parse(address).unwrap();
        assert!(address.starts_with(&format!("{}/auth?", self.issuer)), "{address}");
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["redirect_uri"], format!("{SITE}{BACK}"));
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        let back = format!("{BACK}?code=kode&state={}", asked["state"]);
        self.kept.lock().unwrap().codes.insert("kode".into(), asked);
        back
    }
}

async fn describe(State(one): State<Issuer>) -> Response {
    one.kept.lock().unwrap().described += 1;
    match one.quirk() {
        Quirk::Huge => return vec![b' '; 1024 * 1024].into_response(),
        Quirk::Elsewhere => return Redirect::temporary("/jwks").into_response(),
        Quirk::Silent => std::future::pending().await,
        _ => {}
    }
    let at = |path: &str| format!("{}{path}", one.issuer);
    Json(json!({
        "issuer": one.issuer,
        "authorization_endpoint": at("/auth"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    }))
    .into_response()
}

async fn keys(State(one): State<Issuer>) -> Json<Value> {
    let kept = one.kept.lock().unwrap();
    let (x, y) = kept.key.public_key().as_ref()[1..].split_at(32);
    Json(json!({"keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kept.kid,
        "x": base64(x), "y": base64(y),
    }]}))
}

async fn token(
    State(one): State<Issuer>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    match one.quirk() {
        Quirk::HugeToken => return vec![b' '; 1024 * 1024].into_response(),
        Quirk::TokenElsewhere => return Redirect::temporary("/jwks").into_response(),
        _ => {}
    }
    let mut kept = one.kept.lock().unwrap();
    let asked = kept.codes.remove(&form["code"]);
    let secret = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let challenge =
        base64(digest::digest(&digest::SHA256, form["code_verifier"].as_bytes()).as_ref());
    let fits = asked.as_ref().is_some_and(|asked| {
        asked["code_challenge"] == challenge && asked["redirect_uri"] == form["redirect_uri"]
    });
    // smartclass:rahasia-untuk-uji
    let known = secret == Some("Basic c21hcnRjbGFzczpyYWhhc2lhLXVudHVrLXVqaQ==");
    let Some(asked) = asked.filter(|_| fits && known && form["grant_type"] == "authorization_code")
    else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    };
    let mut answer = json!({"access_token": "kunci", "token_type": "Bearer", "expires_in": 60});
    if kept.quirk != Quirk::NoIdToken {
        answer["id_token"] = one.id_token(&kept, &asked["nonce"]).into();
    }
    Json(answer).into_response()
}

async fn account(State(one): State<Issuer>, headers: HeaderMap) -> Response {
    let fits = headers.get(header::AUTHORIZATION).is_some_and(|value| value == "Bearer kunci");
    if !fits {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(one.kept.lock().unwrap().account.clone()).into_response()
}

impl Issuer {
    fn id_token(&self, kept: &Kept, nonce: &str) -> String {
        let at = monday().timestamp();
        let mut claims = json!({
            "iss": self.issuer, "aud": "smartclass", "sub": "ada", "iat": at, "exp": at + 300,
            "nonce": nonce,
        });
        for (name, value) in kept.claims.as_object().unwrap() {
            claims[name] = value.clone();
        }
        match kept.quirk {
            Quirk::Audience => claims["aud"] = "lain".into(),
            Quirk::TwoAudiences => claims["aud"] = json!(["smartclass", "lain"]),
            Quirk::Issuer => claims["iss"] = "https://lain.example".into(),
            Quirk::Expired => claims["exp"] = (at - 1).into(),
            Quirk::Nonce => claims["nonce"] = "0".repeat(64).into(),
            Quirk::NoNonce => drop(claims.as_object_mut().unwrap().remove("nonce")),
            _ => {}
        }
        let alg = match kept.quirk {
            Quirk::AlgNone => "none",
            Quirk::AlgHs256 => "HS256",
            _ => "ES256",
        };
        let head = json!({"alg": alg, "typ": "JWT", "kid": kept.kid});
        let said = [head, claims].map(|part| base64(part.to_string().as_bytes())).join(".");
        let random = SystemRandom::new();
        let signature = match kept.quirk {
            Quirk::AlgNone => Vec::new(),
            Quirk::AlgHs256 => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, b"rahasia-untuk-uji");
                hmac::sign(&key, said.as_bytes()).as_ref().to_vec()
            }
            Quirk::OtherKey => new_key().sign(&random, said.as_bytes()).unwrap().as_ref().to_vec(),
            _ => kept.key.sign(&random, said.as_bytes()).unwrap().as_ref().to_vec(),
        };
        format!("{said}.{}", base64(&signature))
    }
}

/// Base64 for addresses, without padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let padded = [three[0], *three.get(1).unwrap_or(&0), *three.get(2).unwrap_or(&0)];
        let bits = padded.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for place in 0..=three.len() {
            text.push(char::from(LETTERS[bits >> (18 - 6 * place) & 63]));
        }
    }
    text
}
