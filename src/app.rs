//! What every handler shares.

use crate::{act, clock::Clock, config::Config, error::Error, password::Hasher};
use axum::{
    extract::{FromRef, FromRequestParts},
    http::{Extensions, request::Parts},
};
use sqlx::{PgConnection, PgPool, Postgres, Transaction, pool::PoolConnection};
use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
};

#[derive(Clone, FromRef)]
pub struct App {
    pub db: PgPool,
    pub clock: Clock,
    pub config: Arc<Config>,
    pub hasher: Hasher,
}

impl App {
    /// A transaction that tells the audit log who does what.
    pub async fn begin(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        act::begin(&self.db, self.clock.now()).await
    }
}

/// The connection of a page that only reads: for a visitor the one that found
/// them, so that a page waits for the pool once. Giving one back and taking
/// another would cost as much as a query.
///
/// What writes begins its own transaction, after its body has come: a slow
/// sender holds no connection.
pub struct Db(PoolConnection<Postgres>);

/// Extensions are cloned, a connection is not.
#[derive(Clone)]
struct Passed(Arc<Mutex<Option<PoolConnection<Postgres>>>>);

impl Db {
    /// Passes a connection on to the handler. One that does not ask for it gives
    /// it back when it is called.
    pub(crate) fn pass(connection: PoolConnection<Postgres>, to: &mut Extensions) {
        to.insert(Passed(Arc::new(Mutex::new(Some(connection)))));
    }
}

impl FromRequestParts<App> for Db {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let passed = parts.extensions.remove::<Passed>();
        let passed =
            passed.and_then(|it| it.0.lock().unwrap_or_else(PoisonError::into_inner).take());
        match passed {
            Some(connection) => Ok(Self(connection)),
            None => Ok(Self(app.db.acquire().await?)),
        }
    }
}

impl Deref for Db {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for Db {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}
