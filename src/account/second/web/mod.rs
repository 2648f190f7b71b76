//! The pages of the second factor.

pub(crate) mod authenticator;
pub(crate) mod code;
pub(crate) mod confirm;
pub(crate) mod passkey;

use super::{left, passkeys, relying_party, standing};
use crate::{app::App, assets::hex, ids::PersonId, web::show};
use sqlx::PgConnection;

/// Where somebody sets up a second factor.
pub const SET_UP: &str = "/saya/profil/autentikator";

/// What a profile says of the second factor.
pub(crate) struct Overview {
    pub authenticator: bool,
    pub passkeys: Vec<PasskeyRow>,
    /// Recovery codes that still work.
    pub codes: i64,
    /// Whether passkeys can be had at this address.
    pub possible: bool,
}

pub(crate) struct PasskeyRow {
    pub id: String,
    pub name: String,
    pub added: String,
    pub used: Option<String>,
}

impl Overview {
    pub(crate) async fn of(
        app: &App,
        db: &mut PgConnection,
        person: PersonId,
    ) -> sqlx::Result<Self> {
        let rows = passkeys(db, person).await?.into_iter().map(|one| PasskeyRow {
            id: hex(&one.id),
            name: one.name,
            added: show::moment(one.added_at),
            used: one.used_at.map(show::moment),
        });
        Ok(Self {
            authenticator: standing(db, person).await?.is_some_and(|(_, confirmed)| confirmed),
            passkeys: rows.collect(),
            codes: left(db, person).await?,
            possible: relying_party(&app.config).is_some(),
        })
    }

    /// Whether there is a second factor.
    pub fn any(&self) -> bool {
        self.authenticator || !self.passkeys.is_empty()
    }
}
