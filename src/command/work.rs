//! The worker alone, beside programs that serve pages.

use super::{Purpose, say, serve::GRACE, with_keys};
use smartclass::{App, clock::Clock, config::Config, password::Hasher, seal::Keys, worker};
use std::{process::ExitCode, sync::Arc};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Works until told to stop.
pub fn run() -> anyhow::Result<ExitCode> {
    let config = Arc::new(Config::from_env()?);
    with_keys(Purpose::Write, async |db, keys| {
        let keys = Keys::open(keys)?;
        let app = App { db, clock: Clock::System, config, hasher: Hasher::default() };
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let (stop, stopped) = watch::channel(false);
        let mut working = tokio::spawn(worker::run(app, keys, stopped));
        say("Smart Class ASN bekerja di belakang layar")?;
        tokio::select! {
            ended = &mut working => return ended?.map(|()| ExitCode::SUCCESS),
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        stop.send_replace(true);
        // A mail that is not handed over by then is sent again by another worker.
        match tokio::time::timeout(GRACE, &mut working).await {
            Ok(ended) => ended??,
            Err(_) => working.abort(),
        }
        Ok(ExitCode::SUCCESS)
    })
}
