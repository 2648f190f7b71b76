//! Codes on paper.

use axum::http::StatusCode;
use chrono::Duration;
use smartclass::account::{self, Codes, Reach, Role, SLIP_LASTS, TRIES};
use sqlx::PgPool;

use crate::support::{Gate, Person, Visitor, World, column, number, run, world::monday};

const NEW: &str = "lemari kuning di lorong";
const NOBODY: &str = "197001012000011999";
const NO_MATCH: &str = "NIP atau kode tidak cocok, atau kodenya tidak berlaku lagi.";

async fn admin(world: &World) -> (Person, Visitor) {
    let admin = world.person("Zul Admin").role(Role::Administrator).create().await;
    let visitor = world.signed_in(&admin, monday()).await;
    (admin, visitor)
}

/// The code that the administrator prints for the person.
async fn print(admin: &mut Visitor, person: &Person) -> String {
    admin.open("/kelola/orang/slip?siapa=semua").await;
    admin.press("Buat slip untuk yang dicentang", &[("orang", &person.id.to_string())]).await;
    assert_eq!(admin.status, StatusCode::OK);
    admin.sees(".slip-code").remove(0)
}

async fn type_in(visitor: &mut Visitor, nip: &str, code: &str) {
    visitor.open("/aktivasi").await.press("Lanjut", &[("nip", nip), ("code", code)]).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_printed_code_lets_its_person_set_a_password_once(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada Lestari").create().await;
    let (_, mut admin) = admin(&world).await;
    let code = print(&mut admin, &ada).await;
    for words in ["Ada Lestari", "http://127.0.0.1:8080/aktivasi", "jangan difoto", "16 Mar 2026"] {
        admin.must_see(words);
    }
    assert_eq!(admin.headers["cache-control"], "private, no-store");
    admin.open("/kelola/orang/slip?siapa=semua").await;
    assert!(!admin.page().contains(&code), "shown once");
    let spoken = code.to_lowercase().replace('-', " ");
    let mut visitor = world.visitor(monday() + SLIP_LASTS - Duration::seconds(1));
    type_in(&mut visitor, &ada.nip, &spoken).await;
    visitor.must_see("Untuk akun Ada Lestari.");
    let mut again = world.visitor(monday());
    type_in(&mut again, &ada.nip, &code).await;
    again.must_see("Untuk akun Ada Lestari.");
    visitor.press("Simpan dan masuk", &[("password", NEW), ("again", NEW)]).await;
    assert_eq!(visitor.at, "/saya");
    again.press("Simpan dan masuk", &[("password", NEW), ("again", NEW)]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "the other page of the same code");
    type_in(&mut again, &ada.nip, &code).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn every_failure_is_told_in_the_same_words(db: PgPool) {
    let world = World::new(db.clone());
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    let (_, mut admin) = admin(&world).await;
    let old = print(&mut admin, &ada).await;
    let code = print(&mut admin, &ada).await;
    let token = account::invite(&mut *world.conn().await, bob.id, None, monday()).await.unwrap();
    let mut pages = Vec::new();
    for (nip, typed) in [
        (ada.nip.as_str(), old.as_str()), // replaced
        (&ada.nip, "K7QM-2XRA-9PWD-HC4T"),
        (&ada.nip, "bukan kode"),
        (&bob.nip, &code),
        (&bob.nip, &token),
        (NOBODY, &code),
        ("bukan NIP", &code),
    ] {
        let mut visitor = world.visitor(monday());
        type_in(&mut visitor, nip, typed).await;
        assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY, "{nip} {typed}");
        assert!(visitor.problem("code").starts_with(NO_MATCH));
        assert!(!visitor.page().contains(typed), "the code is not shown again");
        pages.push(visitor.page().replace(nip, "NIP"));
    }
    let mut late = world.visitor(monday() + SLIP_LASTS);
    type_in(&mut late, &ada.nip, &code).await;
    pages.push(late.page().replace(&ada.nip, "NIP"));
    assert!(pages.iter().all(|page| *page == pages[0]));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn guesses_at_a_code_are_counted_with_those_at_the_password(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let (_, mut admin) = admin(&world).await;
    let code = print(&mut admin, &ada).await;
    for nip in [ada.nip.as_str(), NOBODY] {
        let mut visitor = world.visitor(monday());
        for _ in 0..TRIES {
            type_in(&mut visitor, nip, "K7QM-2XRA-9PWD-HC4T").await;
            assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        type_in(&mut visitor, nip, &code).await;
        assert_eq!(visitor.status, StatusCode::TOO_MANY_REQUESTS, "even the right one");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_database_holds_no_code(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let (_, mut admin) = admin(&world).await;
    let code = print(&mut admin, &ada).await.replace('-', "");
    let stored = column(&db, "select encode(token_hash, 'hex') from activation").await.remove(0);
    assert_ne!(stored, smartclass::assets::hex(&account::digest(&code)), "no plain hash of it");
    let dump = column(&db, "select a::text from activation a").await.remove(0);
    assert!(!dump.contains(&code));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn slips_are_offered_within_reach_and_for_no_role_beyond(db: PgPool) {
    let world = World::new(db.clone());
    let (social, health) = (world.unit("Dinas Sosial").await, world.unit("Dinas Kesehatan").await);
    let near = world.person("Admin Dekat").unit(social).role(Role::Administrator).create().await;
    let ada = world.person("Ada").unit(social).create().await;
    let far = world.person("Warga Jauh").unit(health).create().await;
    let risen = world.person("Naik").unit(social).create().await;
    let mut tx = db.begin().await.unwrap();
    let root = world.root().await;
    account::grant(&mut tx, risen.id, Role::Auditor, root, None, monday()).await.unwrap();
    tx.commit().await.unwrap();
    let mut visitor = world.signed_in(&near, monday()).await;
    let listed = |visitor: &Visitor| visitor.sees(".picks .check > span").join(" ");
    visitor.open("/kelola/orang/slip?siapa=semua").await;
    assert!(listed(&visitor).contains("Ada") && listed(&visitor).contains("Admin Dekat"));
    assert!(!listed(&visitor).contains("Jauh") && !listed(&visitor).contains("Naik"));
    for beyond in [&far, &risen] {
        let (ada, beyond) = (ada.id.to_string(), beyond.id.to_string());
        visitor.post("/kelola/orang/slip", &[("orang", &ada), ("orang", &beyond)]).await;
        assert_eq!(visitor.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(number(&db, "select count(*) from activation").await, 0, "nobody got one");
    visitor.open(&format!("/kelola/orang/slip?unit={health}")).await;
    assert_eq!(visitor.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn all_of_a_unit_who_never_signed_in_get_their_slips_at_once(db: PgPool) {
    let world = World::new(db.clone());
    let social = world.unit("Dinas Sosial").await;
    for name in ["Ada", "Bob", "Cut"] {
        world.person(name).unit(social).create().await;
    }
    let known = world.person("Sudah").unit(social).create().await;
    world.signed_in(&known, monday()).await;
    let (_, mut admin) = admin(&world).await;
    admin.open(&format!("/kelola/unit/{social}")).await;
    admin.open(&format!("/kelola/orang/slip?unit={social}")).await;
    admin.press("Buat slip untuk yang dicentang", &[]).await;
    assert_eq!(admin.problem("orang"), "Centang orang yang akan diberi slip.");
    admin.press("Buat slip untuk 3 orang ini", &[]).await;
    assert_eq!(admin.sees(".slips .h3"), ["Ada", "Bob", "Cut"]);
    assert_eq!(number(&db, "select count(*) from activation where way = 'slip'").await, 3);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn two_hundred_slips_are_made_at_once_and_no_more(db: PgPool) {
    let world = World::new(db.clone());
    let root = world.root().await;
    run(
        &db,
        &format!(
            "with new as (insert into person (name, employment, unit_id, added_at)
               select 'Warga ' || n, 'pns', {root}, now() from generate_series(1, 205) n returning id)
             insert into person_nip (nip, person_id, recorded_at)
             select '1980010120000' || (10000 + id), id, now() from new"
        ),
    )
    .await;
    let (_, mut admin) = admin(&world).await;
    admin.open("/kelola/orang/slip").await.must_see("200 orang pertama dari 205");
    admin.press("Buat slip untuk 200 orang ini", &[]).await;
    assert_eq!(admin.sees(".slip-code").len(), 200);
    let ids = column(&db, "select id::text from person where name like 'Warga%'").await;
    let typed: Vec<_> = ids.iter().map(|id| ("orang", id.as_str())).collect();
    admin.post("/kelola/orang/slip", &typed).await;
    assert_eq!(admin.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_slip_and_a_link_end_each_other(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let (_, mut admin) = admin(&world).await;
    let token = account::invite(&mut *world.conn().await, ada.id, None, monday()).await.unwrap();
    let code = print(&mut admin, &ada).await;
    let mut visitor = world.visitor(monday());
    visitor.open(&format!("/aktivasi/{token}")).await;
    assert_eq!(visitor.status, StatusCode::NOT_FOUND);
    account::invite(&mut *world.conn().await, ada.id, None, monday()).await.unwrap();
    type_in(&mut visitor, &ada.nip, &code).await;
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_code_that_is_replaced_while_it_is_typed_leads_nowhere(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let (_, mut admin) = admin(&world).await;
    let code = print(&mut admin, &ada).await;
    let mut tx = db.begin().await.unwrap();
    account::invite(&mut tx, ada.id, None, monday()).await.unwrap();
    let gate = Gate::of(&db, tx);
    let mut visitor = world.visitor(monday());
    let typed = [("nip", ada.nip.as_str()), ("code", code.as_str())];
    tokio::join!(visitor.post("/aktivasi", &typed), gate.open_for(1));
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(number(&db, "select count(*) from activation where way = 'typed'").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_password_from_a_slip_of_less_reach_goes_with_a_new_role(db: PgPool) {
    let world = World::new(db.clone());
    let social = world.unit("Dinas Sosial").await;
    let near = world.person("Dekat").unit(social).role(Role::Administrator).create().await;
    let far = world.person("Jauh").role(Role::Administrator).create().await;
    let ada = world.person("Ada").unit(social).create().await;
    let mut printing = world.signed_in(&near, monday()).await;
    let code = print(&mut printing, &ada).await;
    let mut visitor = world.visitor(monday());
    type_in(&mut visitor, &ada.nip, &code).await;
    visitor.press("Simpan dan masuk", &[("password", NEW), ("again", NEW)]).await;
    let mut tx = db.begin().await.unwrap();
    let root = world.root().await;
    account::grant(&mut tx, ada.id, Role::Auditor, root, Some(far.id), monday()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(number(&db, "select count(*) from password").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn slips_for_the_same_people_at_the_same_time_do_not_lock_each_other_out(db: PgPool) {
    let world = World::new(db.clone());
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    let (by, _) = admin(&world).await;
    let gate = Gate::before(&db, "select from person for update").await;
    let make = |people: Vec<_>| {
        let (db, by) = (db.clone(), by.id);
        async move {
            let codes = Codes::make(people).await.unwrap();
            let mut tx = db.begin().await.unwrap();
            let reach = Reach::of(&mut tx, by).await.unwrap();
            account::hand_out(&mut tx, &reach, codes, by, monday()).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    tokio::join!(make(vec![ada.id, bob.id]), make(vec![bob.id, ada.id]), gate.open_for(2));
    assert_eq!(number(&db, "select count(*) from activation where used_at is null").await, 2);
}
