//! Serving pages until told to stop.

use super::{Database, say};
use crate::Serve;
use anyhow::Context;
use smartclass::{App, clock::Clock, config::Config, password::Hasher, postgres::Cluster, router};
use std::{process::ExitCode, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

/// How long requests that are under way may take once the program is told to stop.
const GRACE: Duration = Duration::from_secs(25);

pub fn run(serve: &Serve) -> anyhow::Result<ExitCode> {
    let config = Config::from_env()?;
    let mut database = Database::open(&config)?;
    let cluster = database.cluster.take();
    let runtime = tokio::runtime::Runtime::new()?;
    // The cluster stays with the main thread; the pages run on the others.
    let pages = runtime.spawn(pages(serve.demo, config, database));
    let cluster = watch(cluster, || pages.is_finished());
    let done = runtime.block_on(pages)?;
    drop(cluster);
    done.map(|()| ExitCode::SUCCESS)
}

/// Keeps the private cluster alive while the pages are served.
fn watch(cluster: Option<Cluster>, finished: impl Fn() -> bool) -> Option<Cluster> {
    let mut cluster = cluster?;
    while !finished() {
        match cluster.restart_if_dead() {
            Ok(false) => {}
            Ok(true) => tracing::warn!("the database server had died and runs again"),
            Err(error) => tracing::error!(%error, "the database server cannot be started again"),
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Some(cluster)
}

async fn pages(_demo: bool, config: Config, database: Database) -> anyhow::Result<()> {
    let pool = database.ready().await?;
    let listener = TcpListener::bind(config.addr)
        .await
        .with_context(|| format!("SMARTCLASS_ADDR: {} tidak dapat dipakai", config.addr))?;
    say(&format!("Smart Class ASN berjalan di {}", config.base_url))?;
    let app = App {
        db: pool.clone(),
        clock: Clock::System,
        config: Arc::new(config),
        hasher: Hasher::default(),
    };
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (told, stop) = tokio::sync::oneshot::channel();
    let serving = axum::serve(listener, router(app)).with_graceful_shutdown(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        let _ = told.send(());
    });
    let serving = tokio::spawn(serving.into_future());
    let _ = stop.await;
    tracing::info!("stopping");
    let ended = tokio::time::timeout(GRACE, serving).await;
    pool.close().await;
    match ended {
        Ok(served) => Ok(served??),
        Err(_) => anyhow::bail!("beberapa permintaan belum selesai ketika program dihentikan"),
    }
}
