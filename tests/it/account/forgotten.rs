//! Asking for a link by oneself, and links that are mailed.

use axum::http::StatusCode;
use chrono::{DateTime, Duration, Utc};
use smartclass::{
    account::{self, ASKED_AN_HOUR, Role},
    router,
};
use sqlx::PgPool;

use crate::support::{Person, Visitor, World, column, number, run, world::monday};

const NEW: &str = "lemari kuning di lorong";
const NOBODY: &str = "197001012000011999";

fn visitor(world: &World, at: DateTime<Utc>) -> Visitor {
    Visitor::new(router(world.mailing(at)))
}

async fn signed_in(world: &World, person: &Person, at: DateTime<Utc>) -> Visitor {
    let token = account::sign_in(&mut *world.conn().await, person.id, false, at).await.unwrap();
    visitor(world, at).with_cookie("sid", &token)
}

async fn ask(world: &World, nip: &str) -> Visitor {
    let mut visitor = visitor(world, monday());
    visitor.open("/lupa-sandi").await.press("Kirim tautan", &[("nip", nip)]).await;
    visitor
}

/// What the worker does with the requests.
async fn answer(world: &World, at: DateTime<Utc>) {
    let site = "http://127.0.0.1:8080";
    while account::answer_request(&mut *world.conn().await, site, at).await.unwrap() {}
}

/// The links in the mails that wait.
async fn links(db: &PgPool) -> Vec<String> {
    let link = "select substring(body from '/aktivasi/[0-9a-f]{64}') from mail
                where kind in ('activation', 'forgotten') and body <> '' order by id";
    column(db, link).await
}

async fn set_password(world: &World, link: &str, at: DateTime<Utc>) -> Visitor {
    let mut visitor = visitor(world, at);
    visitor.open(link).await.press("Simpan dan masuk", &[("password", NEW), ("again", NEW)]).await;
    visitor
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_forgot_gets_a_link_for_an_hour(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").email("ada@sulteng.example").with_password().create().await;
    let mut lost = signed_in(&world, &ada, monday()).await;
    ask(&world, &ada.nip).await.must_see("Jika NIP itu terdaftar");
    answer(&world, monday()).await;
    let link = links(&db).await.remove(0);
    for (after, status) in [(3599, StatusCode::OK), (3600, StatusCode::NOT_FOUND)] {
        let mut late = visitor(&world, monday() + Duration::seconds(after));
        assert_eq!(late.open(&link).await.status, status);
    }
    assert_eq!(set_password(&world, &link, monday()).await.at, "/saya");
    assert_eq!(lost.open("/saya").await.at, "/masuk");
    let told = "select recipient || ' ' || kind::text from mail order by id";
    assert_eq!(
        column(&db, told).await,
        ["ada@sulteng.example password_set"],
        "the link in the mail is used up"
    );
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_answer_and_what_is_written_are_the_same_for_everybody(db: PgPool) {
    let world = World::new(db.clone());
    let known = world.person("Ada").email("ada@sulteng.example").create().await;
    let without = world.person("Bob").create().await;
    let mut pages = Vec::new();
    for nip in [known.nip.as_str(), &without.nip, NOBODY] {
        let visitor = ask(&world, nip).await;
        pages.push((visitor.status, visitor.at.clone(), visitor.page()));
        // Whom it is about is not even looked up before the answer.
        assert_eq!(column(&db, "select nip from link_request").await, [nip]);
        assert_eq!(number(&db, "select count(*) from mail").await, 0);
        run(&db, "delete from link_request").await;
    }
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
    for nip in [without.nip.as_str(), NOBODY] {
        ask(&world, nip).await;
    }
    answer(&world, monday()).await;
    assert_eq!(number(&db, "select count(*) from mail").await, 0);
    assert_eq!(number(&db, "select count(*) from activation").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn so_many_links_are_mailed_in_an_hour_and_no_more(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").email("ada@sulteng.example").create().await;
    for _ in 0..=ASKED_AN_HOUR {
        ask(&world, &ada.nip).await.must_see("Jika NIP itu terdaftar");
        answer(&world, monday()).await;
    }
    assert_eq!(number(&db, "select count(*) from mail").await, ASKED_AN_HOUR);
    ask(&world, &ada.nip).await;
    answer(&world, monday() + Duration::minutes(61)).await;
    assert_eq!(number(&db, "select count(*) from mail").await, ASKED_AN_HOUR, "asked long ago");
    run(&db, &format!("insert into link_request values ('{}', '2026-03-02 11:00+08')", ada.nip))
        .await;
    answer(&world, monday() + Duration::minutes(121)).await;
    assert_eq!(number(&db, "select count(*) from mail").await, ASKED_AN_HOUR + 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_client_that_asks_without_end_has_to_wait(db: PgPool) {
    let world = World::new(db);
    let mut visitor = visitor(&world, monday());
    for n in 0..30 {
        visitor.post("/lupa-sandi", &[("nip", &format!("1970010120000119{n:02}"))]).await;
        assert_eq!(visitor.status, StatusCode::SEE_OTHER);
    }
    visitor.post("/lupa-sandi", &[("nip", NOBODY)]).await;
    assert_eq!(visitor.status, StatusCode::TOO_MANY_REQUESTS);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_is_no_nip_is_said_to_be_none(db: PgPool) {
    let world = World::new(db);
    let visitor = ask(&world, "1970").await;
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(visitor.problem("nip"), "Tulis NIP dengan 18 angka.");
    assert_eq!(visitor.value("nip"), "1970");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn without_a_mail_server_nothing_is_written_and_pages_say_what_to_do(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").email("ada@sulteng.example").create().await;
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let mut stranger = world.visitor(monday());
    stranger.open("/lupa-sandi").await.must_see("Minta slip aktivasi");
    assert_eq!(stranger.sees("main form"), [""; 0]);
    assert_eq!(
        stranger.post("/lupa-sandi", &[("nip", &ada.nip)]).await.status,
        StatusCode::NOT_FOUND
    );
    let mut admin = world.signed_in(&admin, monday()).await;
    admin.open(&format!("/kelola/orang/{}", ada.id)).await.must_see("Surel belum diatur");
    admin.post(&format!("/kelola/orang/{}/aktivasi/surel", ada.id), &[]).await;
    assert_eq!(admin.status, StatusCode::CONFLICT);
    admin.open(&format!("/kelola/orang/{}/ubah", ada.id)).await;
    admin.press("Simpan", &[("email", "ada2@sulteng.example")]).await;
    assert_eq!(number(&db, "select count(*) from mail").await, 0);
    assert_eq!(number(&db, "select count(*) from link_request").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_administrator_mails_a_link_without_seeing_it(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").email("ada@sulteng.example").create().await;
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let mut admin = signed_in(&world, &admin, monday()).await;
    admin.open(&format!("/kelola/orang/{}", ada.id)).await;
    admin.press("Kirim tautan lewat surel", &[]).await;
    assert_eq!(admin.banner(), "Tautan aktivasi dikirim ke a…@sulteng.example.");
    assert_eq!(admin.sees("#tautan"), [""; 0]);
    let link = links(&db).await.remove(0);
    assert!(!admin.page().contains(&link));
    let mut late = visitor(&world, monday() + Duration::hours(24) - Duration::seconds(1));
    assert_eq!(late.open(&link).await.status, StatusCode::OK);
    admin.press("Kirim tautan lewat surel", &[]).await;
    assert_eq!(links(&db).await.len(), 1, "the earlier mail is taken back with its link");
    assert_eq!(late.open(&link).await.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn asking_takes_no_slip_and_no_link_away(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").email("ada@sulteng.example").create().await;
    let token = account::invite(&mut *world.conn().await, ada.id, None, monday()).await.unwrap();
    ask(&world, &ada.nip).await;
    answer(&world, monday()).await;
    let mut holder = visitor(&world, monday());
    assert_eq!(holder.open(&format!("/aktivasi/{token}")).await.status, StatusCode::OK);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_address_in_a_link_is_the_sites_own_whatever_the_visitor_says(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").email("ada@sulteng.example").create().await;
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let mut admin = signed_in(&world, &admin, monday()).await;
    let path = format!("/kelola/orang/{}/aktivasi/surel", ada.id);
    let forged = [("host", "jahat.example"), ("x-forwarded-host", "jahat.example")];
    admin.send(axum::http::Method::POST, &path, &forged).await;
    assert_eq!(admin.status, StatusCode::SEE_OTHER);
    let body = column(&db, "select body from mail").await.remove(0);
    assert!(body.contains("http://127.0.0.1:8080/aktivasi/") && !body.contains("jahat"), "{body}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_new_address_ends_mailed_links_and_is_told_to_the_old_one(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").email("ada@sulteng.example").create().await;
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let mut admin = signed_in(&world, &admin, monday()).await;
    ask(&world, &ada.nip).await;
    answer(&world, monday()).await;
    let link = links(&db).await.remove(0);
    admin.open(&format!("/kelola/orang/{}/ubah", ada.id)).await;
    admin.press("Simpan", &[("email", "baru@sulteng.example")]).await;
    let told = "select recipient || ' ' || kind::text from mail order by id";
    assert_eq!(column(&db, told).await, ["ada@sulteng.example email_changed"]);
    let body = column(&db, "select body from mail").await.remove(0);
    assert!(body.contains("b…@sulteng.example") && !body.contains("baru@"), "{body}");
    let mut late = visitor(&world, monday());
    assert_eq!(late.open(&link).await.status, StatusCode::NOT_FOUND);
}

/// An administrator for Dinas Sosial has set the address of one of its people.
async fn lured(world: &World) -> (Person, Person) {
    let social = world.unit("Dinas Sosial").await;
    let near = world.person("Dekat").unit(social).role(Role::Administrator).create().await;
    let ada = world.person("Ada").unit(social).create().await;
    let mut visitor = signed_in(world, &near, monday()).await;
    visitor.open(&format!("/kelola/orang/{}/ubah", ada.id)).await;
    visitor.press("Simpan", &[("email", "dekat@jahat.example")]).await;
    assert_eq!(visitor.banner(), "Perubahan tersimpan.");
    (near, ada)
}

async fn raise(world: &World, person: &Person, by: &Person) {
    let mut tx = world.db.begin().await.unwrap();
    let root = world.root().await;
    let (role, by) = (Role::Organiser, Some(by.id));
    account::grant(&mut tx, person.id, role, root, by, monday()).await.unwrap();
    tx.commit().await.unwrap();
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_password_from_a_mailbox_of_less_reach_goes_with_a_new_role(db: PgPool) {
    let world = World::new(db.clone());
    let far = world.person("Jauh").role(Role::Administrator).create().await;
    let (_, ada) = lured(&world).await;
    let mut admin = signed_in(&world, &far, monday()).await;
    admin.open(&format!("/kelola/orang/{}", ada.id)).await;
    admin.press("Kirim tautan lewat surel", &[]).await;
    set_password(&world, &links(&db).await[0], monday()).await;
    assert_eq!(number(&db, "select count(*) from password").await, 1);
    raise(&world, &ada, &far).await;
    assert_eq!(number(&db, "select count(*) from password").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn no_link_goes_to_an_address_that_somebody_of_less_reach_set(db: PgPool) {
    let world = World::new(db.clone());
    let far = world.person("Jauh").role(Role::Administrator).create().await;
    let (_, ada) = lured(&world).await;
    raise(&world, &ada, &far).await;
    ask(&world, &ada.nip).await.must_see("Jika NIP itu terdaftar");
    answer(&world, monday()).await;
    assert_eq!(links(&db).await, [""; 0]);
    let mut admin = signed_in(&world, &far, monday()).await;
    admin.open(&format!("/kelola/orang/{}", ada.id)).await;
    admin.press("Kirim tautan lewat surel", &[]).await;
    assert_eq!(admin.status, StatusCode::CONFLICT);
    admin.open(&format!("/kelola/orang/{}/ubah", ada.id)).await;
    admin.press("Simpan", &[("email", "ada@sulteng.example")]).await;
    admin.press("Kirim tautan lewat surel", &[]).await;
    assert_eq!(admin.banner(), "Tautan aktivasi dikirim ke a…@sulteng.example.");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_address_that_a_list_changes_is_told_as_well(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").email("ada@sulteng.example").create().await;
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    ask(&world, &ada.nip).await;
    answer(&world, monday()).await;
    let link = links(&db).await.remove(0);
    let mut admin = signed_in(&world, &admin, monday()).await;
    let list = format!("NIP,NAMA,EMAIL\n{},Ada,baru@sulteng.example\n", ada.nip);
    admin.open("/kelola/orang/impor").await;
    admin.upload("Unggah dan periksa", "file", "pegawai.csv", list.as_bytes()).await;
    admin.press("Catat perubahan 1 orang", &[]).await;
    assert_eq!(admin.banner(), "Daftar pegawai tercatat.");
    let told = "select recipient || ' ' || kind::text from mail order by id";
    assert_eq!(column(&db, told).await, ["ada@sulteng.example email_changed"]);
    let mut late = visitor(&world, monday());
    assert_eq!(late.open(&link).await.status, StatusCode::NOT_FOUND);
}
