//! The outbox, against a real mail server over a socket.

use std::process::{Child, Command, Stdio};

use smartclass::{
    ids::PersonId,
    mail::{self, Kind, Letter, Sender},
};
use sqlx::PgPool;

use crate::support::{World, column, number, post::PostOffice, run, url, world::monday};

const SITE: &str = "https://kelas.sulteng.example";

async fn post(world: &World, subject: i64, to: &str) -> PersonId {
    let person = world.person("Ada").create().await.id;
    let letter = Letter {
        kind: Kind::Activation,
        subject,
        person,
        to: to.into(),
        title: "Tautan – untuk Anda".into(),
        text: format!("Yth. Ada,\n\n{SITE}/aktivasi/{}\n", "a".repeat(64)),
        useless_at: None,
    };
    mail::post(&mut *world.conn().await, &letter, monday()).await.unwrap();
    person
}

async fn deliver(world: &World, office: &PostOffice) -> bool {
    let sender = Sender::new(&office.smtp(), SITE).unwrap();
    mail::deliver(&world.db, &sender, monday()).await.unwrap()
}

async fn states(db: &PgPool) -> Vec<String> {
    column(db, "select state::text from mail order by id").await
}

/// Lets pauses and leases be over.
async fn later(db: &PgPool) {
    run(db, "update mail set next_try = now() where state = 'queued'").await;
    run(db, "update mail set lease_until = now() - interval '1 second' where state = 'sending'")
        .await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_mail_is_handed_over_once_and_keeps_no_secret(db: PgPool) {
    let (world, office) = (World::new(db.clone()), PostOffice::open());
    post(&world, 7, "ada@sulteng.example").await;
    assert!(deliver(&world, &office).await);
    assert!(!deliver(&world, &office).await);
    let mail = office.next();
    assert_eq!(mail.to, "ada@sulteng.example");
    assert_eq!(mail.id, "<activation.7@kelas.sulteng.example>");
    assert_eq!(mail.link(), format!("/aktivasi/{}", "a".repeat(64)));
    for line in
        ["Content-Type: text/plain; charset=utf-8", "Auto-Submitted: auto-generated", "Yth. Ada,"]
    {
        assert!(mail.text.contains(line), "{line}: {}", mail.text);
    }
    assert_eq!(office.left(), 0);
    assert_eq!(states(&db).await, ["sent"]);
    assert_eq!(column(&db, "select body from mail").await, [""]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn of_the_same_thing_one_mail_is_written(db: PgPool) {
    let (world, office) = (World::new(db.clone()), PostOffice::open());
    post(&world, 7, "ada@sulteng.example").await;
    deliver(&world, &office).await;
    post(&world, 7, "ada@sulteng.example").await;
    assert_eq!(number(&db, "select count(*) from mail").await, 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_server_that_is_busy_is_asked_again_later(db: PgPool) {
    let (world, office) = (World::new(db.clone()), PostOffice::open());
    post(&world, 1, "sibuk@sulteng.example").await;
    assert!(deliver(&world, &office).await);
    assert!(!deliver(&world, &office).await, "not before its pause is over");
    assert_eq!(states(&db).await, ["queued"]);
    let pause = "select extract(epoch from next_try - now())::int from mail";
    assert!((20..=30).contains(&number(&db, pause).await));
    later(&db).await;
    assert!(deliver(&world, &office).await);
    assert_eq!(office.next().id, "<activation.1@kelas.sulteng.example>");
    assert_eq!(states(&db).await, ["sent"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_server_that_is_away_is_asked_again_and_given_up_at_last(db: PgPool) {
    let world = World::new(db.clone());
    let office = PostOffice::open();
    post(&world, 1, "ada@sulteng.example").await;
    let sender = Sender::new(&office.smtp(), SITE).unwrap();
    drop(office);
    for attempt in 1..=16 {
        assert_eq!(states(&db).await, ["queued"], "{attempt}");
        assert!(mail::deliver(&db, &sender, monday()).await.unwrap());
        let pause = "select extract(epoch from next_try - now())::int from mail";
        assert!(number(&db, pause).await <= 4 * 3600, "{attempt}");
        later(&db).await;
    }
    assert_eq!(states(&db).await, ["failed"]);
    assert_eq!(column(&db, "select body from mail").await, [""]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_address_that_does_not_exist_fails_at_once_with_its_reason(db: PgPool) {
    let (world, office) = (World::new(db.clone()), PostOffice::open());
    let person = post(&world, 1, "hilang@sulteng.example").await;
    assert!(deliver(&world, &office).await);
    assert_eq!(states(&db).await, ["failed"]);
    let admin = world.person("Admin").role(smartclass::account::Role::Administrator).create().await;
    let mut admin = world.signed_in(&admin, monday()).await;
    admin.open(&format!("/kelola/orang/{person}")).await.must_see("Gagal");
    admin.must_see("tidak ada pemakai itu");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn two_workers_hand_a_mail_over_once(db: PgPool) {
    let (world, office) = (World::new(db.clone()), PostOffice::open());
    post(&world, 1, "ada@sulteng.example").await;
    post(&world, 2, "budi@sulteng.example").await;
    let work = || async {
        let mut handed = 0;
        while deliver(&world, &office).await {
            handed += 1;
        }
        handed
    };
    let (one, two) = tokio::join!(work(), work());
    assert_eq!(one + two, 2);
    let mut ids = [office.next().id, office.next().id];
    ids.sort();
    assert_eq!(
        ids,
        ["<activation.1@kelas.sulteng.example>", "<activation.2@kelas.sulteng.example>"]
    );
    assert_eq!(office.left(), 0);
}

/// The worker alone, on the test's database.
fn worker(db: &PgPool, office: &PostOffice) -> Child {
    Command::new(env!("CARGO_BIN_EXE_smartclass"))
        .arg("work")
        .env("DATABASE_URL", url(db))
        .env("SMARTCLASS_BASE_URL", SITE)
        .env("SMARTCLASS_SMTP_URL", &office.url)
        .env("SMARTCLASS_MAIL_FROM", "kelas@sulteng.example")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_worker_that_dies_with_a_mail_leaves_it_to_the_next(db: PgPool) {
    let (world, mut office) = (World::new(db.clone()), PostOffice::open());
    post(&world, 1, "lambat@sulteng.example").await;
    let mut killed = worker(&db, &office);
    let first = office.next(); // taken by the server, which has not said so yet
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(states(&db).await, ["sending"]);
    office.release();
    assert!(!deliver(&world, &office).await, "not while the lease of the dead lasts");
    later(&db).await;
    assert!(deliver(&world, &office).await);
    assert_eq!(office.next().id, first.id);
    assert_eq!(states(&db).await, ["sent"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_worker_that_is_told_to_stop_ends_what_it_began(db: PgPool) {
    let (world, mut office) = (World::new(db.clone()), PostOffice::open());
    post(&world, 1, "lambat@sulteng.example").await;
    post(&world, 2, "budi@sulteng.example").await;
    let mut told = worker(&db, &office);
    office.next();
    let pid = i32::try_from(told.id()).unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    office.release();
    assert!(told.wait().unwrap().success());
    let states = states(&db).await;
    assert_eq!(states[0], "sent");
    assert!(["queued", "sent"].contains(&states[1].as_str()), "{states:?}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_link_that_has_expired_is_not_mailed_any_more(db: PgPool) {
    let (world, office) = (World::new(db.clone()), PostOffice::open());
    post(&world, 1, "ada@sulteng.example").await;
    run(&db, "update mail set useless_at = '2026-03-02 00:00+00'").await;
    assert!(!deliver(&world, &office).await);
    mail::tidy(&mut *world.conn().await, monday()).await.unwrap();
    assert_eq!(states(&db).await, ["failed"]);
}
