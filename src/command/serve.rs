//! Serving pages until told to stop.

use super::{Database, Purpose, demo::print_sign_ins, say};
use crate::Serve;
use anyhow::Context;
use smartclass::{
    App, account, act::Act, clock::Clock, config::Config, demo, listen, password::Hasher,
    postgres::Cluster, router, seal::Keys, settings, worker,
};
use sqlx::PgPool;
use std::{process::ExitCode, sync::Arc, time::Duration};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// How long requests that are under way may take once the program is told to stop.
pub const GRACE: Duration = Duration::from_secs(25);

pub fn run(serve: &Serve) -> anyhow::Result<ExitCode> {
    let config = Config::from_env()?;
    let mut database = Database::open(&config, Purpose::Serve)?;
    let cluster = database.cluster.take();
    let runtime = tokio::runtime::Runtime::new()?;
    // The cluster stays with the main thread; the pages run on the others.
    let pages = runtime.spawn(pages(serve.clone(), config, database));
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

async fn pages(serve: Serve, config: Config, database: Database) -> anyhow::Result<()> {
    let pool = database.serve().await?;
    let keys = Keys::open(&database.keys)?;
    let listener = listen::bind(config.addr)
        .with_context(|| format!("SMARTCLASS_ADDR: {} tidak dapat dipakai", config.addr))?;
    let hasher = Hasher::default();
    if serve.demo {
        prepare_demo(&pool, &hasher, &config.base_url).await?;
    }
    warn_of_old_codes(&pool, &config.base_url).await?;
    say(&format!("Smart Class ASN berjalan di {}", config.base_url))?;
    let app = App { db: pool.clone(), clock: Clock::System, config: Arc::new(config), hasher };
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (told, stop) = tokio::sync::oneshot::channel();
    let (stop_working, stopped) = watch::channel(false);
    let working = (!serve.no_worker).then(|| tokio::spawn(worker::run(app.clone(), keys, stopped)));
    let site = router(app);
    let serving =
        tokio::spawn(listen::serve(listener, site, listen::Limits::default(), async move {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            let _ = told.send(());
        }));
    let _ = stop.await;
    tracing::info!("stopping");
    stop_working.send_replace(true);
    let ended = tokio::time::timeout(GRACE, async {
        let served = serving.await;
        if let Some(working) = working {
            working.await??;
        }
        Ok::<_, anyhow::Error>(served?)
    });
    let ended = ended.await;
    pool.close().await;
    match ended {
        Ok(ended) => ended,
        Err(_) => anyhow::bail!("beberapa permintaan belum selesai ketika program dihentikan"),
    }
}

/// Fills an empty database with the demo world; says who can sign in to one.
async fn prepare_demo(pool: &PgPool, hasher: &Hasher, base_url: &str) -> anyhow::Result<()> {
    let mut db = pool.acquire().await?;
    if demo::is_empty(&mut db).await? {
        say("Mengisi dunia contoh …")?;
        demo::fill(pool, &demo::Size::default(), hasher, base_url, Clock::System.now()).await?;
    }
    if account::is_demo(&mut db).await? {
        return print_sign_ins();
    }
    say("Basis data sudah berisi dan bukan dunia contoh; dibiarkan apa adanya.")
}

/// Printed QR codes carry the address of their day: a change is worth a warning.
async fn warn_of_old_codes(pool: &PgPool, base_url: &str) -> anyhow::Result<()> {
    let now = Clock::System.now();
    let mut tx = Act::command("perintah: serve").begin(pool, now).await?;
    let before = settings::noted_base_url(&mut tx).await?;
    if before.as_deref() == Some(base_url) {
        return Ok(());
    }
    settings::note_base_url(&mut tx, base_url, now).await?;
    tx.commit().await?;
    match before {
        Some(before) => say(&format!(
            "Perhatian: SMARTCLASS_BASE_URL berubah. Kode QR yang sudah tercetak menunjuk ke {before}; alihkan alamat itu ke {base_url}."
        )),
        None => Ok(()),
    }
}
