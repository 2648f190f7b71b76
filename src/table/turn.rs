//! Whose turn it is to have a table read.

use crate::error::{Error, Result};
use std::time::Duration;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::spawn_blocking,
    time::timeout,
};

/// One at a time in the whole process: a table may take hundreds of megabytes and all of a core for
/// seconds, and pages are to be answered meanwhile.
static TURNS: Semaphore = Semaphore::const_new(1);

/// How long somebody waits for their turn before they are told to try again.
const PATIENCE: Duration = Duration::from_secs(20);

/// The turn of one upload. Whoever waits for it holds no connection to the database, and loads no
/// file before they have it.
pub struct Turn {
    _permit: SemaphorePermit<'static>,
}

impl Turn {
    /// Waits for it; busy where that takes too long.
    pub async fn take() -> Result<Self> {
        Self::within(PATIENCE).await
    }

    async fn within(patience: Duration) -> Result<Self> {
        match timeout(patience, TURNS.acquire()).await {
            Ok(Ok(permit)) => Ok(Self { _permit: permit }),
            _ => Err(Error::Busy),
        }
    }

    /// Does the work off the threads that answer others. The turn is over no sooner than the work,
    /// also when nobody waits for it any more.
    pub async fn work<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<(T, Self)> {
        Ok(spawn_blocking(move || (work(), self)).await.map_err(anyhow::Error::from)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_table_is_read_at_a_time_and_whoever_waits_too_long_is_told_that_it_is_busy() {
        let turn = Turn::take().await.unwrap();
        assert!(matches!(Turn::within(Duration::from_millis(5)).await, Err(Error::Busy)));
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let work = tokio::spawn(turn.work(move || wait.recv()));
        tokio::task::yield_now().await;
        work.abort();
        assert!(matches!(Turn::within(Duration::from_millis(5)).await, Err(Error::Busy)));
        go.send(()).unwrap();
        assert!(Turn::take().await.is_ok());
    }
}
