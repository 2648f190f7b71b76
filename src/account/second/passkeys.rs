//! Passkeys (WebAuthn): a key on a device or in a password manager that opens with a fingerprint,
//! a face or a PIN, so that it counts as both factors.

use crate::{
    account::{digest, new_token},
    config::Config,
    ids::PersonId,
    people::Record,
};
use chrono::{DateTime, Duration, Utc};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sqlx::PgConnection;
use webauthn_rs::prelude::{
    self as webauthn, CreationChallengeResponse, CredentialID, DiscoverableAuthentication,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    RequestChallengeResponse, Url, Uuid, Webauthn, WebauthnBuilder,
};

/// How long a passkey has to sign a challenge.
pub const CHALLENGE_LASTS: Duration = Duration::minutes(5);

/// Why a passkey was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    #[error("Waktunya habis. Coba sekali lagi.")]
    Expired,
    #[error(
        "Passkey ini tidak dikenal atau tidak cocok. Coba passkey lain, atau masuk dengan kata sandi."
    )]
    NoMatch,
    #[error("Passkey ini sudah terdaftar.")]
    Known,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// The site as passkeys know it. Nothing when its address is an IP number: passkeys are bound to
/// a name.
pub fn relying_party(config: &Config) -> Option<Webauthn> {
    let origin = Url::parse(&config.base_url).ok()?;
    let name = origin.domain()?;
    let site = WebauthnBuilder::new(name, &origin).ok()?.rp_name("Smart Class ASN");
    site.build().ok()
}

/// A passkey that somebody added.
pub struct Passkey {
    pub id: Vec<u8>,
    pub name: String,
    pub added_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
}

/// The person's passkeys, the oldest first.
pub async fn passkeys(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Vec<Passkey>> {
    sqlx::query_as!(
        Passkey,
        "select credential_id as id, name, added_at, used_at from passkey where person_id = $1 order by added_at",
        person.0
    )
    .fetch_all(db)
    .await
}

/// Begins to add a passkey: what the browser needs, and the token under which the answer comes.
pub async fn offer(
    db: &mut PgConnection,
    site: &Webauthn,
    person: &Record,
    now: DateTime<Utc>,
) -> anyhow::Result<(String, CreationChallengeResponse)> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    let handle = sqlx::query_scalar!(
        "insert into passkey_holder (person_id, handle) values ($1, $2)
         on conflict (person_id) do update set handle = passkey_holder.handle returning handle",
        person.id.0,
        &random
    )
    .fetch_one(&mut *db)
    .await?;
    let known = passkeys(db, person.id).await?.into_iter().map(|one| CredentialID::from(one.id));
    let (mut challenge, state) = site.start_passkey_registration(
        Uuid::from_slice(&handle)?,
        &person.nip,
        &person.name,
        Some(known.collect()),
    )?;
    // The library would have it kept off the device; then nobody could sign in without their NIP.
    if let Some(wanted) = &mut challenge.public_key.authenticator_selection {
        wanted.resident_key = serde_json::from_value("required".into())?;
        wanted.require_resident_key = true;
    }
    Ok((store(db, Some(person.id), &state, now).await?, challenge))
}

/// Adds the passkey that answered the challenge; every sign-in but the one of that token ends.
pub async fn add(
    db: &mut PgConnection,
    site: &Webauthn,
    person: PersonId,
    token: &str,
    (name, answer): (&str, &RegisterPublicKeyCredential),
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<(), PasskeyError> {
    let state: PasskeyRegistration = taken(db, Some(person), token, now).await?;
    let key = site.finish_passkey_registration(answer, &state).map_err(|error| refused(&error))?;
    let id: &[u8] = key.cred_id().as_ref();
    let added = sqlx::query!(
        "insert into passkey (credential_id, person_id, name, credential, added_at, link_by)
         values ($1, $2, $3, $4, $5, (select link_by from password where person_id = $2))
         on conflict do nothing",
        id,
        person.0,
        name,
        serde_json::to_value(&key).map_err(anyhow::Error::from)?,
        now
    )
    .execute(&mut *db)
    .await?;
    if added.rows_affected() == 0 {
        return Err(PasskeyError::Known);
    }
    super::added(db, person, token_hash, now).await?;
    Ok(())
}

/// Begins a sign-in with any passkey of this site.
pub async fn challenge_sign_in(
    db: &mut PgConnection,
    site: &Webauthn,
    now: DateTime<Utc>,
) -> anyhow::Result<(String, RequestChallengeResponse)> {
    let (mut challenge, state) = site.start_discoverable_authentication()?;
    challenge.mediation = None; // a button was pressed: the browser asks at once
    Ok((store(db, None, &state, now).await?, challenge))
}

/// Whose passkey answered the challenge. A counter that did not grow is refused: the key may have
/// been copied.
pub async fn authenticate(
    db: &mut PgConnection,
    site: &Webauthn,
    token: &str,
    answer: &PublicKeyCredential,
    now: DateTime<Utc>,
) -> Result<PersonId, PasskeyError> {
    let state: DiscoverableAuthentication = taken(db, None, token, now).await?;
    let (handle, id) =
        site.identify_discoverable_authentication(answer).map_err(|error| refused(&error))?;
    let handle: &[u8] = handle.as_bytes();
    let row = sqlx::query!(
        r#"select k.person_id as "person: PersonId", k.credential from passkey k
           join passkey_holder h on h.person_id = k.person_id
           where k.credential_id = $1 and h.handle = $2 for update of k"#,
        id,
        handle
    )
    .fetch_optional(&mut *db)
    .await?
    .ok_or(PasskeyError::NoMatch)?;
    let mut key: webauthn::Passkey =
        serde_json::from_value(row.credential).map_err(anyhow::Error::from)?;
    let result = site
        .finish_discoverable_authentication_v2(answer, state, &key)
        .map_err(|error| refused(&error))?;
    key.update_credential(&result);
    sqlx::query!(
        "update passkey set credential = $2, used_at = $3 where credential_id = $1",
        id,
        serde_json::to_value(&key).map_err(anyhow::Error::from)?,
        now
    )
    .execute(db)
    .await?;
    Ok(row.person)
}

/// Removes one of the person's passkeys.
pub async fn drop_passkey(db: &mut PgConnection, person: PersonId, id: &[u8]) -> sqlx::Result<()> {
    sqlx::query!("delete from passkey where person_id = $1 and credential_id = $2", person.0, id)
        .execute(&mut *db)
        .await?;
    super::removed(db, person).await
}

fn refused(error: &webauthn::WebauthnError) -> PasskeyError {
    tracing::warn!(?error, "a passkey was refused");
    PasskeyError::NoMatch
}

async fn store(
    db: &mut PgConnection,
    person: Option<PersonId>,
    state: &impl Serialize,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    sqlx::query!("delete from passkey_challenge where expires_at < $1", now)
        .execute(&mut *db)
        .await?;
    let token = new_token()?;
    sqlx::query!(
        "insert into passkey_challenge (token_hash, person_id, state, expires_at) values ($1, $2, $3, $4)",
        digest(&token),
        person.map(|person| person.0),
        serde_json::to_value(state)?,
        now + CHALLENGE_LASTS
    )
    .execute(db)
    .await?;
    Ok(token)
}

/// Takes the challenge, which is then gone.
async fn taken<T: DeserializeOwned>(
    db: &mut PgConnection,
    person: Option<PersonId>,
    token: &str,
    now: DateTime<Utc>,
) -> Result<T, PasskeyError> {
    let state: Option<Value> = sqlx::query_scalar!(
        "delete from passkey_challenge
         where token_hash = $1 and person_id is not distinct from $2 and expires_at > $3 returning state",
        digest(token),
        person.map(|person| person.0),
        now
    )
    .fetch_optional(db)
    .await?;
    let state = state.ok_or(PasskeyError::Expired)?;
    Ok(serde_json::from_value(state).map_err(anyhow::Error::from)?)
}
