//! The pool of connections, and the schema brought up to date.

use sqlx::{
    PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::Duration;

/// Every migration, built in. Tests use the same.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// Connections of one node. A request that gets none within two seconds is
/// told that the service is busy.
pub async fn connect(options: PgConnectOptions) -> sqlx::Result<PgPool> {
    let options = options.application_name("smartclass").options([
        ("idle_in_transaction_session_timeout", "10s"),
        ("lock_timeout", "5s"),
        ("statement_timeout", "30s"),
        ("timezone", "UTC"),
        // The statements are few and prepared once: planning them anew costs more than running them.
        ("plan_cache_mode", "force_generic_plan"),
        ("jit", "off"),
    ]);
    PgPoolOptions::new()
        .max_connections(20)
        .min_connections(2)
        .acquire_timeout(Duration::from_secs(2))
        .test_before_acquire(false)
        .connect_with(options)
        .await
}

/// Brings the schema up to date, under a lock of the database: nodes that
/// start at once wait for the first. No time-out cuts a migration short.
pub async fn migrate(options: PgConnectOptions) -> Result<(), sqlx::migrate::MigrateError> {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await?;
    MIGRATIONS.run(&pool).await?;
    pool.close().await;
    Ok(())
}
