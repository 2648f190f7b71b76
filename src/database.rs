//! The pool of connections, and the schema brought up to date.

use sqlx::{
    Connection, PgConnection, PgExecutor, PgPool,
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::Duration;

/// Every migration, built in. Tests use the same.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// What stays idle longer than this is asked whether it still lives before it is used: a
/// server that died must not cost one request for each connection of the pool.
const FRESH: Duration = Duration::from_secs(1);

/// Why the schema is not this program's.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error(
        "skemanya dibuat oleh program yang lain (migrasi {0} berbeda). Sebelum rilis pertama skema tidak dapat dialihkan: pakai folder data baru (SMARTCLASS_DATA) atau basis data kosong (DATABASE_URL), atau kembali ke program yang membuatnya. Tidak ada yang diubah."
    )]
    Other(i64),
    #[error(
        "skemanya lebih baru daripada program ini (migrasi {0}); jalankan program yang terbaru. Tidak ada yang diubah."
    )]
    Newer(i64),
    #[error("skemanya belum dimutakhirkan; jalankan `smartclass migrate` lebih dahulu")]
    Older,
    #[error("skemanya tidak dapat dimutakhirkan")]
    Failed(#[from] MigrateError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Connections of one node. A request that gets none within two seconds is
/// told that the service is busy.
pub async fn connect(options: PgConnectOptions) -> sqlx::Result<PgPool> {
    let options = options.application_name("smartclass").options([
        ("idle_in_transaction_session_timeout", "10s"),
        ("lock_timeout", "3s"),
        ("statement_timeout", "10s"),
        ("timezone", "UTC"),
        // The statements are few and prepared once: planning them anew costs more than running them.
        ("plan_cache_mode", "force_generic_plan"),
        ("jit", "off"),
    ]);
    PgPoolOptions::new()
        .max_connections(connections())
        .min_connections(2)
        .acquire_timeout(Duration::from_secs(2))
        .test_before_acquire(false)
        .before_acquire(|db, state| {
            Box::pin(async move {
                if state.idle_for > FRESH {
                    db.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await
}

/// A few for each core: with more, the server's processes push each other out of the caches, and
/// every page gets slower. Those that wait for a lock or read a great table leave some for others.
fn connections() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    u32::try_from(2 + 2 * cores).unwrap_or(u32::MAX).min(32)
}

/// A connection or two for a command, which may take its time.
pub async fn connect_patiently(options: PgConnectOptions) -> sqlx::Result<PgPool> {
    let options = options.application_name("smartclass command").options([("timezone", "UTC")]);
    PgPoolOptions::new().max_connections(2).connect_with(options).await
}

/// Brings the schema up to date, under a lock of the database: nodes that
/// start at once wait for the first. No time-out cuts a migration short.
pub async fn migrate(options: PgConnectOptions) -> Result<(), SchemaError> {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await?;
    let done = MIGRATIONS.run(&pool).await;
    pool.close().await;
    done.map_err(|error| match error {
        MigrateError::VersionMismatch(version) => SchemaError::Other(version),
        MigrateError::VersionMissing(version) => SchemaError::Newer(version),
        error => SchemaError::Failed(error),
    })
}

/// The last migration that this program knows.
pub fn newest() -> i64 {
    MIGRATIONS.iter().map(|ours| ours.version).max().unwrap_or(0)
}

/// The last migration that was applied; none in an empty database.
pub async fn version(db: &mut PgConnection) -> sqlx::Result<Option<i64>> {
    Ok(applied(db).await?.last().map(|one| one.version))
}

struct Applied {
    version: i64,
    checksum: Vec<u8>,
}

async fn applied(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Applied>> {
    let applied = sqlx::query_as!(
        Applied,
        "select version, checksum from _sqlx_migrations where success order by version"
    )
    .fetch_all(db)
    .await;
    match applied {
        // The table is not there yet.
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => Ok(vec![]),
        applied => applied,
    }
}

/// Whether the schema is this program's; changes nothing.
pub async fn check(db: &PgPool) -> Result<(), SchemaError> {
    let applied = applied(db).await?;
    for one in &applied {
        match MIGRATIONS.iter().find(|ours| ours.version == one.version) {
            None => return Err(SchemaError::Newer(one.version)),
            Some(ours) if *ours.checksum != *one.checksum => {
                return Err(SchemaError::Other(one.version));
            }
            Some(_) => {}
        }
    }
    if applied.len() < MIGRATIONS.iter().count() { Err(SchemaError::Older) } else { Ok(()) }
}
