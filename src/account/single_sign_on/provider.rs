//! The provider as it is asked: where it lets people sign in, what its answers are signed with,
//! and whose account came back.

use super::{Account, Attempt, claim, host};
use crate::config::{Config, SingleSignOn, is_guarded};
use chrono::{DateTime, Duration, Utc};
use openidconnect::{
    AdditionalClaims, AsyncHttpClient, AuthType, AuthorizationCode, ClaimsVerificationError,
    ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl, LanguageTag, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    SignatureVerificationError, StandardErrorResponse, StandardTokenResponse, SubjectIdentifier,
    TokenResponse, UserInfoClaims,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod,
        CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken,
        CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
    url::Url,
};
use reqwest::redirect::Policy;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    error::Error as StdError,
    pin::Pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time,
};

/// How long the provider may take for an answer.
const PATIENCE: time::Duration = time::Duration::from_secs(5);

/// The largest answer that is read, in bytes.
const LARGEST: usize = 256 * 1024;

/// How long the provider's description of itself is trusted; keys that it does not name yet are
/// looked for at once.
const KNOWN_FOR: Duration = Duration::hours(1);

/// What an ID token may be signed with: never with nothing, nor with the secret that both know.
const SIGNATURES: [CoreJwsSigningAlgorithm; 3] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
];

/// Why the provider was of no use. The text is for the log; it holds no token.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    #[error("{0}")]
    Unreachable(String),
    /// It answered, with what cannot be believed.
    #[error("{0}")]
    Unfit(String),
}

/// Why an answer was not had.
#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error("{}", in_full(.0))]
    Http(#[from] reqwest::Error),
    #[error("more than {LARGEST} bytes")]
    TooLarge,
    #[error("an address without TLS")]
    Unguarded,
}

/// All claims beside those that OpenID Connect names.
#[derive(Debug, Clone, Deserialize, Serialize)]
struct Others(Map<String, Value>);

impl AdditionalClaims for Others {}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Others,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type Client = openidconnect::Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider, and what it last said of itself.
pub struct Provider {
    settings: SingleSignOn,
    /// Where it sends people back to.
    redirect: String,
    http: OnceLock<Http>,
    known: Mutex<Option<(DateTime<Utc>, CoreProviderMetadata)>>,
}

impl Provider {
    /// The provider that the settings name.
    pub fn of(config: &Config) -> Option<Arc<Self>> {
        let settings = config.single_sign_on.clone()?;
        let redirect = format!("{}/masuk/sso/kembali", config.base_url);
        Some(Arc::new(Self { settings, redirect, http: OnceLock::new(), known: Mutex::default() }))
    }

    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// What people know it by.
    pub fn host(&self) -> String {
        host(&self.settings.issuer)
    }

    /// Where somebody signs in with the provider for this attempt.
    pub async fn address(
        &self,
        state: String,
        attempt: &Attempt,
        now: DateTime<Utc>,
    ) -> Result<Url, ProviderError> {
        let client = self.client(&self.metadata(now).await?)?;
        let nonce = attempt.nonce.clone();
        let verifier = PkceCodeVerifier::new(attempt.verifier.clone());
        let (address, _, _) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scope(Scope::new("profile".into()))
            .add_ui_locale(LanguageTag::new("id".into()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        if is_guarded(&address) { Ok(address) } else { Err(unreachable(&AskError::Unguarded)) }
    }

    /// Whose account it is that came back with the code.
    pub async fn account(
        &self,
        code: String,
        attempt: &Attempt,
        now: DateTime<Utc>,
    ) -> Result<Account, ProviderError> {
        let client = self.client(&self.metadata(now).await?)?;
        let http = self.http()?;
        let tokens = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| unfit(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.clone()))
            .request_async(http)
            .await
            .map_err(|error| asked(&error))?;
        let read = match verified(&client, &tokens, attempt, now) {
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                let renewed = self.client(&self.discover(now).await?)?;
                verified(&renewed, &tokens, attempt, now)
            }
            read => read,
        };
        let (subject, claims) = read.map_err(|error| unfit(&error))?;
        let nip = match claim::nip(&claims, &self.settings.nip_claim) {
            Some(nip) => Some(nip),
            None => self.told_apart(&client, &tokens, &subject).await?,
        };
        Ok(Account { issuer: self.settings.issuer.clone(), subject: subject.to_string(), nip })
    }

    /// The NIP that the provider says only when it is asked for the account itself.
    async fn told_apart(
        &self,
        client: &Client,
        tokens: &Tokens,
        subject: &SubjectIdentifier,
    ) -> Result<Option<String>, ProviderError> {
        let token = tokens.access_token().clone();
        let Ok(question) = client.user_info(token, Some(subject.clone())) else { return Ok(None) };
        let http = self.http()?;
        let told: UserInfoClaims<Others, CoreGenderClaim> =
            question.request_async(http).await.map_err(|error| asked(&error))?;
        let told = serde_json::to_value(&told).map_err(|error| unfit(&error))?;
        Ok(claim::nip(&told, &self.settings.nip_claim))
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> Result<Client, ProviderError> {
        let redirect = RedirectUrl::new(self.redirect.clone()).map_err(|error| unfit(&error))?;
        let methods = metadata.token_endpoint_auth_methods_supported();
        let by_form = methods.is_some_and(|methods| {
            !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                && methods.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        let secret = ClientSecret::new(self.settings.client_secret.clone());
        let id = ClientId::new(self.settings.client_id.clone());
        let client = Client::from_provider_metadata(metadata.clone(), id, Some(secret))
            .set_redirect_uri(redirect)
            .set_auth_type(if by_form { AuthType::RequestBody } else { AuthType::BasicAuth });
        Ok(client)
    }

    /// What the provider says of itself, from memory while that is fresh.
    async fn metadata(&self, now: DateTime<Utc>) -> Result<CoreProviderMetadata, ProviderError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some((at, metadata)) if now - at < KNOWN_FOR => Ok(metadata),
            _ => self.discover(now).await,
        }
    }

    async fn discover(&self, now: DateTime<Utc>) -> Result<CoreProviderMetadata, ProviderError> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|error| unfit(&error))?;
        let http = self.http()?;
        let found = CoreProviderMetadata::discover_async(issuer, http).await;
        let found = found.map_err(|error| asked(&error))?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((now, found.clone()));
        Ok(found)
    }

    fn http(&self) -> Result<&Http, ProviderError> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let made = Http::new().map_err(|error| unreachable(&AskError::Http(error)))?;
        Ok(self.http.get_or_init(|| made))
    }
}

/// The subject and all claims of an ID token that is the provider's, for this program and for
/// this attempt.
fn verified(
    client: &Client,
    tokens: &Tokens,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<(SubjectIdentifier, Value), ClaimsVerificationError> {
    let other = |words: &str| ClaimsVerificationError::Other(words.into());
    let token = tokens.id_token().ok_or_else(|| other("no ID token"))?;
    let verifier = client.id_token_verifier().set_allowed_algs(SIGNATURES).set_time_fn(move || now);
    let claims = token.claims(&verifier, &Nonce::new(attempt.nonce.clone()))?;
    let all = serde_json::to_value(claims).map_err(|_| other("claims that cannot be read"))?;
    Ok((claims.subject().clone(), all))
}

/// How the provider is asked: by answers of limited size, and once, since it has no reason to
/// send this program elsewhere.
struct Http(reqwest::Client);

impl Http {
    fn new() -> Result<Self, reqwest::Error> {
        // Whoever was first in the process has chosen; every choice compiled in is ring.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().redirect(Policy::none()).timeout(PATIENCE);
        Ok(Self(client.build()?))
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, AskError> {
        let request = reqwest::Request::try_from(request)?;
        if !is_guarded(request.url()) {
            return Err(AskError::Unguarded);
        }
        let mut answer = self.0.execute(request).await.map_err(reqwest::Error::without_url)?;
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
            if body.len() + part.len() > LARGEST {
                return Err(AskError::TooLarge);
            }
            body.extend_from_slice(&part);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = AskError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, AskError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

fn unreachable(error: &AskError) -> ProviderError {
    ProviderError::Unreachable(error.to_string())
}

/// Causes are left out: what could not be read may be quoted there.
fn unfit(error: &(dyn StdError + 'static)) -> ProviderError {
    match error.source().and_then(|cause| cause.downcast_ref::<SignatureVerificationError>()) {
        Some(cause) => ProviderError::Unfit(format!("{error}: {cause}")),
        None => ProviderError::Unfit(error.to_string()),
    }
}

fn asked(error: &(dyn StdError + 'static)) -> ProviderError {
    match error.source().and_then(|cause| cause.downcast_ref::<AskError>()) {
        Some(cause) => unreachable(cause),
        None => unfit(error),
    }
}

/// An error with its causes.
fn in_full(error: &reqwest::Error) -> String {
    let (mut words, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
