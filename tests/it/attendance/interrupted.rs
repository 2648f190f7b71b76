//! A confirmation that is cut short leaves all or nothing, and clients that hang up leave nothing
//! half-way.

use std::{sync::Arc, time::Duration};

use proptest::{
    prelude::RngExt as _,
    test_runner::{RngAlgorithm, TestRng},
};
use smartclass::attendance;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::{sync::Semaphore, task::JoinSet};

use super::Scene;
use crate::support::{
    World, Zoom, assert_in_order, form,
    network::{self, Server},
    number,
    world::evening,
};

fn everybody(count: usize) -> Zoom {
    (1..=count)
        .fold(Zoom::new(), |report, n| report.stay(&format!("Orang {n}"), "", "09:00", "11:00"))
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_confirmation_that_dies_before_it_commits_never_was(db: PgPool) {
    let world = World::new(db.clone());
    let people = world.people(5).await;
    let seated: Vec<_> = people.iter().collect();
    let scene = Scene::new(world, &seated).await;
    let import = scene.world.upload(scene.class, &everybody(5), &scene.by).await;
    let mut tx = db.begin().await.unwrap();
    let seen = attendance::preview(&mut tx, import, scene.by.id).await.unwrap().digest;
    let changes =
        attendance::confirm(&mut tx, import, &seen, scene.by.id, evening()).await.unwrap();
    assert_eq!(changes.len(), 5);
    drop(tx);
    for table in ["evidence", "decision", "ledger_entry", "ledger_head"] {
        assert_eq!(number(&db, &format!("select count(*) from {table}")).await, 0, "{table}");
    }
    scene.world.confirm(import, &scene.by).await;
    assert_eq!(number(&db, "select count(*) from ledger_entry").await, 5);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_connection_cut_during_a_confirmation_leaves_all_or_nothing(db: PgPool) {
    let world = World::new(db.clone());
    let people = world.people(30).await;
    let seated: Vec<_> = people.iter().collect();
    let scene = Scene::new(world, &seated).await;
    let import = scene.world.upload(scene.class, &everybody(30), &scene.by).await;
    for cut_after in [0, 1, 2, 4, 8, 16, 32] {
        let mut tx = db.begin().await.unwrap();
        let pid = number_in(&mut tx, "select pg_backend_pid()").await;
        let seen = attendance::preview(&mut tx, import, scene.by.id).await.unwrap().digest;
        let confirming = attendance::confirm(&mut tx, import, &seen, scene.by.id, evening());
        let cutting = async {
            tokio::time::sleep(Duration::from_millis(cut_after)).await;
            number(&db, &format!("select pg_terminate_backend({pid})::int")).await
        };
        let (confirmed, _) = tokio::join!(confirming, cutting);
        if confirmed.is_ok() {
            tx.commit().await.ok();
        }
        let entries = number(&db, "select count(*) from ledger_entry").await;
        let confirmed =
            number(&db, "select count(*) from import where confirmed_at is not null").await;
        assert_eq!(entries, confirmed * 30, "all or nothing");
        assert_in_order(&db).await;
    }
    scene.world.confirm(import, &scene.by).await;
    assert_eq!(number(&db, "select count(*) from ledger_entry").await, 30);
    assert_in_order(&db).await;
}

async fn number_in(db: &mut sqlx::PgConnection, sql: &'static str) -> i64 {
    use sqlx::{Executor, Row};
    db.fetch_one(sql).await.unwrap().get::<i32, _>(0).into()
}

/// Requests that change things, each cut off after a random time; and no connection goes back to
/// the pool in the middle of a transaction.
#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn two_thousand_clients_that_hang_up_leave_nothing_half_way(
    options: PgPoolOptions,
    database: PgConnectOptions,
) {
    const ABORTED: usize = 2000;
    let world = World::new(options.connect_with(database.clone()).await.unwrap());
    let db = world.db.clone();
    let people = world.people(20).await;
    let class = world.class().seats(10).create().await;
    let open = world.class().title("Lain").seats(10).starts("2026-03-20 09:00").create().await;
    let seated = &people[..10];
    for person in seated {
        world.enrol(class, person).await;
    }
    let by = world.organiser().await;
    let import = world.upload(class, &everybody(10), &by).await;
    let server = Server::start(database, evening()).await;

    let organiser = world.signed_in(&by, evening()).await.cookies();
    let mut requests = Vec::new();
    let mut learners = Vec::new();
    for person in &people {
        learners.push(world.signed_in(person, evening()).await.cookies());
    }
    let enrol = format!("{}/daftar", world.address(open).await);
    for cookie in &learners {
        requests.push(server.form(&enrol, cookie, ""));
        requests.push(server.form(&format!("/saya/kelas/{open}/batal"), cookie, ""));
    }
    let seen = attendance::preview(&mut *world.conn().await, import, by.id).await.unwrap().digest;
    let confirm = form::encoded(&[("terlihat", seen.as_str()), ("aksi", "catat")]);
    let import_path = format!("/kelola/kelas/{class}/impor/{import}");
    requests.push(server.form(&import_path, &organiser, &confirm));
    requests.push(server.form(&format!("{import_path}/batal"), &organiser, ""));
    for person in seated {
        let verdict = form::encoded(&[("present", "ya"), ("reason", "hadir di ruang")]);
        requests.push(server.form(
            &format!("/kelola/kelas/{class}/kehadiran/{}", person.id),
            &organiser,
            &verdict,
        ));
    }

    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let free = Arc::new(Semaphore::new(60));
    let mut clients = JoinSet::new();
    for n in 0..ABORTED {
        let request = requests[n % requests.len()].clone();
        let patience = Duration::from_micros(rng.random_range(0..50_000));
        let (free, addr) = (free.clone(), server.addr);
        clients.spawn(async move {
            let _turn = free.acquire().await.unwrap();
            network::hang_up(addr, &request, patience).await;
        });
    }
    clients.join_all().await;

    // Work that was begun goes on to its end without its client.
    let busy = "select count(*) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'";
    let quiet = async {
        while number(&db, busy).await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), quiet).await.unwrap();
    // Those who still stand in line for a connection are served or sent away first.
    let request = server.form(&enrol, &learners[0], "");
    let served = async { while network::status(server.addr, &request).await != 303 {} };
    tokio::time::timeout(Duration::from_mins(1), served).await.unwrap();
    // The same connections serve on.
    for n in 0..60 {
        let request = server.form(&enrol, &learners[n % 20], "");
        assert_eq!(network::status(server.addr, &request).await, 303, "the pool is broken");
    }
    assert_in_order(&db).await;
    // The check sees a connection that stays in the middle of a transaction.
    let mut abandoned = db.acquire().await.unwrap();
    sqlx::raw_sql("begin").execute(&mut *abandoned).await.unwrap();
    assert_eq!(number(&db, busy).await, 1);
    server.stop().await;
}
