//! Signing in with a second step.

use axum::http::StatusCode;
use chrono::Duration;
use smartclass::account::{self, Role, second};
use sqlx::PgPool;

use super::first_step;
use crate::support::{
    Person, Visitor, World, number,
    world::{PASSWORD, monday},
};

async fn organiser(world: &World) -> Person {
    world.person("Ratna").role(Role::Organiser).with_password().create().await
}

async fn codes(world: &World, person: &Person) -> Vec<String> {
    second::make_codes(&mut *world.conn().await, person.id, monday()).await.unwrap()
}

async fn give(visitor: &mut Visitor, code: &str) {
    visitor.press("Lanjutkan", &[("code", code)]).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_password_alone_opens_nothing(db: PgPool) {
    let world = World::new(db);
    let ratna = organiser(&world).await;
    let mut visitor = first_step(&world, &ratna, monday()).await;
    assert_eq!(visitor.cookie("sid"), None);
    visitor.open("/saya").await;
    assert_eq!(visitor.at, "/masuk");
    let mut visitor = first_step(&world, &ratna, monday()).await;
    let code = world.code(&ratna, monday()).await;
    give(&mut visitor, &format!("{} {}", &code[..3], &code[3..])).await;
    assert_eq!((visitor.at.as_str(), visitor.status), ("/saya/profil", StatusCode::OK));
    assert_eq!(visitor.cookie("pending"), None);
    visitor.open("/kelola/jadwal").await;
    assert_eq!(visitor.status, StatusCode::OK);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_code_is_accepted_once(db: PgPool) {
    let world = World::new(db);
    let ratna = organiser(&world).await;
    let code = world.code(&ratna, monday()).await;
    let mut one = first_step(&world, &ratna, monday()).await;
    let mut other = first_step(&world, &ratna, monday()).await;
    give(&mut one, &code).await;
    assert_eq!(one.at, "/saya/profil");
    give(&mut other, &code).await;
    assert!(other.problem("code").starts_with("Kode ini tidak cocok atau sudah dipakai."));
    assert_eq!(other.cookie("sid"), None);
    // Nor is the one before it, which whoever looked over a shoulder may still have.
    give(&mut other, &world.code(&ratna, monday() - Duration::seconds(30)).await).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    give(&mut other, &world.code(&ratna, monday() + Duration::seconds(30)).await).await;
    assert_eq!(other.at, "/saya/profil");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn of_two_at_once_with_one_code_one_comes_in(db: PgPool) {
    let world = World::new(db.clone());
    let ratna = organiser(&world).await;
    let code = world.code(&ratna, monday()).await;
    let mut one = first_step(&world, &ratna, monday()).await;
    let mut other = first_step(&world, &ratna, monday()).await;
    let gate = crate::support::Gate::before(&db, "select from authenticator for update").await;
    let typed = [("code", &*code)];
    tokio::join!(
        one.post("/masuk/kode", &typed),
        other.post("/masuk/kode", &typed),
        gate.open_for(2)
    );
    let mut answers = [one.status, other.status];
    answers.sort_unstable();
    assert_eq!(answers, [StatusCode::SEE_OTHER, StatusCode::UNPROCESSABLE_ENTITY]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_guesses_codes_has_to_wait(db: PgPool) {
    let world = World::new(db.clone());
    let ratna = organiser(&world).await;
    let recovery = codes(&world, &ratna).await;
    let right = world.code(&ratna, monday()).await;
    let mut visitor = first_step(&world, &ratna, monday()).await;
    for _ in 0..second::CODE_TRIES {
        visitor.post("/masuk/kode", &[("code", "12345")]).await;
        assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // A new first step helps nobody: tries are counted by person.
    let mut again = first_step(&world, &ratna, monday()).await;
    for visitor in [&mut visitor, &mut again] {
        visitor.post("/masuk/kode", &[("code", &right)]).await;
        assert_eq!(visitor.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(visitor.headers["retry-after"], "900");
    }
    // Recovery codes cannot be guessed and lock nobody out.
    again.post("/masuk/kode", &[("code", &recovery[0])]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    // A quarter of an hour later it goes on, and success forgets.
    let later = monday() + Duration::minutes(15);
    let mut visitor = first_step(&world, &ratna, later).await;
    give(&mut visitor, &world.code(&ratna, later).await).await;
    assert_eq!(visitor.at, "/saya/profil");
    assert_eq!(number(&db, "select count(*) from code_try").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_day_has_twenty_guesses(db: PgPool) {
    let world = World::new(db);
    let ratna = organiser(&world).await;
    let mut db = world.conn().await;
    let mut counted = 0;
    for quarter in 0..95 {
        let at = monday() + Duration::minutes(15 * quarter);
        while second::count_try(&mut db, ratna.id, at).await.unwrap().is_none() {
            counted += 1;
        }
    }
    assert_eq!(counted, 20);
    let next_day = monday() + Duration::days(1);
    assert_eq!(second::count_try(&mut db, ratna.id, next_day).await.unwrap(), None);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_recovery_code_works_once_and_for_its_owner(db: PgPool) {
    let world = World::new(db.clone());
    let (ratna, sari) = (organiser(&world).await, organiser(&world).await);
    let mine = codes(&world, &ratna).await;
    assert_eq!(mine.len(), second::CODES);
    let mut stranger = first_step(&world, &sari, monday()).await;
    give(&mut stranger, &mine[0]).await;
    assert_eq!(stranger.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut visitor = first_step(&world, &ratna, monday()).await;
    give(&mut visitor, &mine[0].to_lowercase().replace('-', " ")).await;
    assert_eq!(visitor.at, "/saya/profil");
    visitor.must_see("9 belum dipakai");
    let mut again = first_step(&world, &ratna, monday()).await;
    give(&mut again, &mine[0]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    // New ones end those before, and the database knows none of them.
    let new = codes(&world, &ratna).await;
    give(&mut again, &mine[1]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    give(&mut again, &new[1]).await;
    assert_eq!(again.at, "/saya/profil");
    let kept = crate::support::column(&db, "select encode(code_hash, 'hex') from recovery_code");
    assert!(kept.await.iter().all(|hash| hash.len() == 64));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_second_step_has_ten_minutes_and_one_end(db: PgPool) {
    let world = World::new(db);
    let ratna = organiser(&world).await;
    let waiting = first_step(&world, &ratna, monday()).await;
    let token = waiting.cookie("pending").unwrap().to_owned();
    let late = monday() + second::PENDING_LASTS;
    let mut visitor = world.visitor(late).with_cookie("pending", &token);
    let code = world.code(&ratna, late).await;
    visitor.post("/masuk/kode", &[("code", &code), ("ke", "/saya/jp")]).await;
    assert_eq!(visitor.location(), Some("/masuk?ke=/saya/jp"));
    let mut visitor = first_step(&world, &ratna, monday()).await;
    let token = visitor.cookie("pending").unwrap().to_owned();
    give(&mut visitor, &world.code(&ratna, monday()).await).await;
    assert_eq!(visitor.at, "/saya/profil");
    let mut thief = world.visitor(monday()).with_cookie("pending", &token);
    thief.open("/masuk/kode").await;
    assert_eq!(thief.at, "/masuk?ke=/saya");
    assert_eq!(thief.banner(), "Waktu untuk langkah kedua habis. Masuk sekali lagi.");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_new_password_ends_a_sign_in_that_waits_and_asks_for_the_second_step(db: PgPool) {
    let world = World::new(db);
    let ratna = organiser(&world).await;
    let mut waiting = first_step(&world, &ratna, monday()).await;
    let token = account::invite(&mut *world.conn().await, ratna.id, None, monday()).await.unwrap();
    let mut visitor = world.visitor(monday());
    visitor.open(&format!("/aktivasi/{token}")).await;
    visitor.press("Simpan dan masuk", &[("password", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!(visitor.at, "/masuk/kode?ke=/saya");
    assert_eq!(visitor.cookie("sid"), None);
    give(&mut waiting, &world.code(&ratna, monday()).await).await;
    assert_eq!(waiting.at, "/masuk?ke=/saya/profil");
}
