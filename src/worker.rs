//! What is to be done without anybody asking: one loop, in the serving program or alone. Several
//! may run beside each other; what must be done once is claimed in the database.

use crate::{
    account,
    app::App,
    mail, privacy,
    seal::{Keys, Sealer},
};
use std::{fmt::Display, time::Duration};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

/// How long what was written may stay without a seal.
const SEAL_EVERY: Duration = Duration::from_secs(30);

/// Does what is due, again and again, until `stop` says so. What is under way is ended first.
///
/// To add work: an interval, or one of these, and a line.
pub async fn run(app: App, keys: Keys, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let mut sealer = Sealer::new(keys);
    let sender = app.config.mail.as_ref();
    let sender = sender.map(|smtp| mail::Sender::new(smtp, &app.config.base_url)).transpose()?;
    let (mut often, mut hourly) = (every(Duration::from_secs(2)), every(Duration::from_hours(1)));
    let mut sealing = every(SEAL_EVERY);
    let mut daily = every(Duration::from_hours(24));
    while !*stop.borrow() {
        tokio::select! {
            _ = stop.changed() => {}
            _ = often.tick() => {
                if let Some(sender) = &sender {
                    note("answering requests for links", answer_requests(&app, &stop).await);
                    note("sending mail", send_mail(&app, sender, &stop).await);
                }
            }
            _ = sealing.tick() => note("sealing", sealer.run(&app.db, app.clock.now()).await.map(drop)),
            _ = hourly.tick() => note("tidying mail", tidy_mail(&app).await),
            _ = daily.tick() => note("deleting what is old", delete_old(&app, &stop).await),
        }
    }
    Ok(())
}

/// Work that took long or waited for the database is not made up for.
fn every(pause: Duration) -> tokio::time::Interval {
    let mut interval = interval(pause);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// What goes wrong is tried again at the next turn.
fn note<E: Display>(work: &str, done: Result<(), E>) {
    if let Err(error) = done {
        tracing::error!(work, error = format!("{error:#}"), "the worker failed");
    }
}

/// Looks whom requests for links are about, until none is left.
async fn answer_requests(app: &App, stop: &watch::Receiver<bool>) -> anyhow::Result<()> {
    while !*stop.borrow() {
        let mut tx = app.db.begin().await?;
        let base_url = &app.config.base_url;
        let more = account::answer_request(&mut tx, base_url, app.clock.now()).await?;
        tx.commit().await?;
        if !more {
            break;
        }
    }
    Ok(())
}

/// Hands over what is due, one mail after the other.
async fn send_mail(
    app: &App,
    sender: &mail::Sender,
    stop: &watch::Receiver<bool>,
) -> sqlx::Result<()> {
    while !*stop.borrow() && mail::deliver(&app.db, sender, app.clock.now()).await? {}
    Ok(())
}

async fn tidy_mail(app: &App) -> sqlx::Result<()> {
    mail::tidy(&mut *app.db.acquire().await?, app.clock.now()).await
}

/// Deletes technical data that is older than its days, a small batch at a time.
async fn delete_old(app: &App, stop: &watch::Receiver<bool>) -> sqlx::Result<()> {
    let days = privacy::retention(&mut *app.db.acquire().await?).await?;
    while !*stop.borrow() {
        let mut tx = app.db.begin().await?;
        let gone = privacy::sweep(&mut tx, &days, app.clock.now()).await?;
        tx.commit().await?;
        if gone == 0 {
            break;
        }
    }
    Ok(())
}
