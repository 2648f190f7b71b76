//! What every handler shares.

use crate::{clock::Clock, config::Config, password::Hasher};
use axum::extract::FromRef;
use sqlx::PgPool;
use std::sync::Arc;

#[derive(Clone, FromRef)]
pub struct App {
    pub db: PgPool,
    pub clock: Clock,
    pub config: Arc<Config>,
    pub hasher: Hasher,
}
