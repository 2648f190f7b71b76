//! Setting up an app and taking it away.

use axum::http::StatusCode;
use chrono::Duration;
use smartclass::account::second;
use sqlx::PgPool;

use crate::support::{
    Person, Visitor, World, column, number,
    world::{monday, set_up},
};

const PAGE: &str = "/saya/profil/autentikator";

async fn learner(world: &World) -> (Person, Visitor) {
    let ada = world.person("Ada Lestari").with_password().create().await;
    let visitor = world.signed_in(&ada, monday()).await;
    (ada, visitor)
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_app_is_set_up_with_a_code_from_it(db: PgPool) {
    let world = World::new(db.clone());
    let (ada, mut visitor) = learner(&world).await;
    let mut elsewhere = world.signed_in(&ada, monday()).await;
    visitor.open(PAGE).await.press("Buat kode QR", &[]).await;
    let secret = column(&db, "select encode(secret, 'hex') from authenticator").await;
    let key = visitor.sees("#kunci")[0].replace(' ', "");
    let told = totp_rs::Secret::try_from_base32(&key).unwrap();
    assert_eq!(smartclass::assets::hex(told.as_bytes()), secret[0]);
    assert!(visitor.page().contains(&format!("secret={key}")));
    assert_eq!(visitor.sees("svg[role=img]").len(), 1);
    // Until a code confirms it, it is no factor.
    assert!(!second::has(&mut *world.conn().await, ada.id).await.unwrap());
    visitor.press("Pasang", &[("code", "000000")]).await;
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(visitor.problem("code").starts_with("Kode ini tidak cocok."));
    assert_eq!(visitor.sees("#kunci")[0].replace(' ', ""), key, "the same key stays");
    let code = world.code(&ada, monday()).await;
    visitor.press("Pasang", &[("code", &code)]).await;
    let codes = visitor.sees("#kode li");
    assert_eq!(codes.len(), second::CODES);
    assert!(codes.iter().all(|code| code.len() == 19), "{codes:?}");
    assert!(second::has(&mut *world.conn().await, ada.id).await.unwrap());
    // Whoever signed in without it is out; the browser that set it up is not.
    elsewhere.open("/saya").await;
    assert_eq!(elsewhere.at, "/masuk");
    visitor.open("/saya/profil").await.must_see("10 belum dipakai");
    // The key and the codes are shown no more.
    visitor.open(PAGE).await;
    assert!(!visitor.page().contains(&key));
    visitor.post(PAGE, &[]).await;
    assert_eq!(column(&db, "select encode(secret, 'hex') from authenticator").await, secret);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_code_that_set_it_up_signs_nobody_in(db: PgPool) {
    let world = World::new(db);
    let (ada, mut visitor) = learner(&world).await;
    visitor.open(PAGE).await.press("Buat kode QR", &[]).await;
    let code = world.code(&ada, monday()).await;
    visitor.press("Pasang", &[("code", &code)]).await;
    let mut db = world.conn().await;
    assert!(!second::accept(&mut db, ada.id, &code, monday()).await.unwrap());
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn taking_it_away_asks_for_a_proof_and_ends_the_codes(db: PgPool) {
    let world = World::new(db.clone());
    let (ada, visitor) = learner(&world).await;
    set_up(&mut *world.conn().await, ada.id).await;
    second::make_codes(&mut *world.conn().await, ada.id, monday()).await.unwrap();
    drop(visitor);
    let token = world.signed_in(&ada, monday()).await.cookie("sid").unwrap().to_owned();
    let later = monday() + Duration::minutes(16);
    let mut visitor = world.visitor(later).with_cookie("sid", &token);
    visitor.open(PAGE).await.press("Lepas aplikasi autentikator", &[]).await;
    visitor.must_see("Pastikan ini Anda");
    assert_eq!(number(&db, "select count(*) from authenticator").await, 1);
    let typed = [("proof_password", crate::support::world::PASSWORD)];
    visitor.press("Lanjutkan", &typed).await;
    assert_eq!(visitor.banner(), "Aplikasi autentikator dilepas.");
    assert_eq!(number(&db, "select count(*) from authenticator").await, 0);
    assert_eq!(number(&db, "select count(*) from recovery_code").await, 0);
    visitor.post("/saya/profil/kode-pemulihan", &[]).await;
    assert_eq!(visitor.status, StatusCode::CONFLICT);
}
