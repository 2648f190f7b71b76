//! Previews asked for all at once.

use super::{LIST, administrator, upload};
use crate::support::{World, world::monday};
use axum::http::StatusCode;
use smartclass::table::Turn;
use sqlx::PgPool;
use std::time::Duration;
use tokio::{task::JoinSet, time::timeout};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn previews_that_wait_for_their_turn_keep_nobody_from_the_database(db: PgPool) {
    let world = World::new(db);
    let (admin, mut visitor) = administrator(&world).await;
    let preview = upload(&mut visitor, LIST).await.at.clone();
    let turn = Turn::take().await.unwrap();
    let mut waiting = JoinSet::new();
    for at in 0..12 {
        let mut reader = world.signed_in(&admin, monday()).await;
        let path = preview.clone();
        waiting.spawn(async move {
            match at % 3 {
                0 => reader.open(&format!("{path}/salah.xlsx")).await,
                1 => reader.post(&path, &[("terlihat", "lain")]).await,
                _ => reader.open(&path).await,
            };
            (at % 3, reader.status)
        });
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut other = world.visitor(monday());
    for _ in 0..3 {
        timeout(Duration::from_secs(5), other.open("/kelas")).await.unwrap();
        assert_eq!(other.status, StatusCode::OK);
    }
    assert!(waiting.try_join_next().is_none(), "all wait");
    drop(turn);
    for (kind, status) in waiting.join_all().await {
        let stale = if kind == 1 { StatusCode::CONFLICT } else { StatusCode::OK };
        assert_eq!(status, stale);
    }
}
