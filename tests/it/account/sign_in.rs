//! Signing in and out.

use std::sync::Arc;

use axum::http::StatusCode;
use chrono::Duration;
use smartclass::{App, account, account::Role, router};
use sqlx::PgPool;

use crate::support::{
    Visitor, World, number, run,
    world::{PASSWORD, config, monday},
};

const WRONG: &str = "salah tebak sekali lagi";

async fn sign_in<'a>(visitor: &'a mut Visitor, nip: &str, password: &str) -> &'a mut Visitor {
    visitor.open("/masuk").await.press("Masuk", &[("nip", nip), ("password", password)]).await
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_person_signs_in_and_out(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada Lestari").with_password().create().await;
    let mut visitor = world.visitor(monday());
    sign_in(&mut visitor, &ada.nip, PASSWORD).await;
    assert_eq!((visitor.at.as_str(), visitor.status), ("/saya", StatusCode::OK));
    let kept = visitor.cookie("sid").unwrap().to_owned();
    visitor.open("/saya/profil").await.press("Keluar", &[]).await;
    assert_eq!(visitor.at, "/masuk");
    assert_eq!(visitor.banner(), "Anda sudah keluar.");
    assert_eq!(visitor.cookie("sid"), None);
    // Whoever kept the cookie is out as well.
    let mut thief = world.visitor(monday()).with_cookie("sid", &kept);
    thief.open("/saya").await;
    assert_eq!(thief.at, "/masuk");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_nip_may_be_typed_with_spaces_and_points(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").with_password().create().await;
    let (born, rest) = ada.nip.split_at(8);
    let (since, rest) = rest.split_at(6);
    for typed in [
        format!(" {born} {since} {rest} "),
        format!("{born}.{since}.{rest}"),
        format!("{born}-{since}-{rest}"),
    ] {
        let mut visitor = world.visitor(monday());
        sign_in(&mut visitor, &typed, PASSWORD).await;
        assert_eq!(visitor.at, "/saya", "{typed}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_unknown_nip_and_a_wrong_password_look_the_same(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").with_password().create().await;
    let fresh = world.person("Tanpa Sandi").create().await;
    let mut answers = Vec::new();
    for nip in [ada.nip.as_str(), "197001012000011999", fresh.nip.as_str()] {
        let mut visitor = world.visitor(monday());
        sign_in(&mut visitor, nip, WRONG).await;
        assert!(!visitor.page().contains(WRONG), "the password is shown again");
        answers.push((
            visitor.status,
            visitor.page().replace(nip, "NIP"),
            visitor.cookie("sid").is_some(),
        ));
    }
    assert_eq!(answers[0].0, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answers[0].1.contains("NIP atau kata sandi tidak cocok."));
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_guesser_has_to_wait_and_is_told_how_long(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").with_password().create().await;
    for nip in [ada.nip.as_str(), "197001012000011999"] {
        let mut guesser = world.visitor(monday());
        for _ in 0..8 {
            guesser.post("/masuk", &[("nip", nip), ("password", WRONG)]).await;
            assert_eq!(guesser.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        // The right password is of no use now.
        guesser.post("/masuk", &[("nip", nip), ("password", PASSWORD)]).await;
        assert_eq!(guesser.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(guesser.headers["retry-after"], "60");
        guesser.must_see("Coba lagi dalam 60 detik.");
    }
    let mut later = world.visitor(monday() + Duration::seconds(60));
    sign_in(&mut later, &ada.nip, PASSWORD).await;
    assert_eq!(later.at, "/saya");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn others_may_sign_in_while_one_nip_waits(db: PgPool) {
    let world = World::new(db.clone());
    let (ada, bob) = (
        world.person("Ada").with_password().create().await,
        world.person("Bob").with_password().create().await,
    );
    for _ in 0..8 {
        let mut conn = world.conn().await;
        account::count_try(&mut conn, &ada.nip, None, monday()).await.unwrap();
    }
    let mut visitor = world.visitor(monday());
    sign_in(&mut visitor, &bob.nip, PASSWORD).await;
    assert_eq!(visitor.at, "/saya");
    // A success forgets the tries before it.
    let mut later = world.visitor(monday() + Duration::seconds(61));
    sign_in(&mut later, &ada.nip, PASSWORD).await;
    assert_eq!(number(&db, "select count(*) from sign_in_try").await, 0);
}

/// Guesses at the NIP from elsewhere until nobody there may go on.
async fn guess(world: &World, nip: &str) {
    let mut guesser = world.visitor(monday());
    while guesser.status != StatusCode::TOO_MANY_REQUESTS {
        guesser.post("/masuk", &[("nip", nip), ("password", WRONG)]).await;
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn strangers_who_guess_lock_nobody_out_of_a_device_of_their_own(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").with_password().create().await;
    let bob = world.person("Bob").with_password().create().await;
    let mut own = world.visitor(monday());
    sign_in(&mut own, &ada.nip, PASSWORD).await;
    let kept = own.cookie("device").unwrap().to_owned();
    own.open("/saya/profil").await.press("Keluar", &[]).await;
    guess(&world, &ada.nip).await;
    guess(&world, &bob.nip).await;
    sign_in(&mut own, &ada.nip, PASSWORD).await;
    assert_eq!(own.at, "/saya");
    assert_ne!(own.cookie("device"), Some(&*kept), "a new token each time");
    // The cookie helps with no other NIP, and one that was made up helps with none.
    let own = own.cookie("device").unwrap();
    guess(&world, &ada.nip).await;
    for (device, nip) in [(own, &bob.nip), (&*kept, &ada.nip), ("00ff", &ada.nip)] {
        let mut thief = world.visitor(monday()).with_cookie("device", device);
        thief.post("/masuk", &[("nip", nip), ("password", PASSWORD)]).await;
        assert_eq!(thief.status, StatusCode::TOO_MANY_REQUESTS);
    }
    // Where the cookie was stolen, guesses are counted as well.
    let mut thief = world.visitor(monday()).with_cookie("device", own);
    for _ in 0..account::TRIES {
        thief.post("/masuk", &[("nip", &ada.nip), ("password", WRONG)]).await;
        assert_eq!(thief.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    thief.post("/masuk", &[("nip", &ada.nip), ("password", PASSWORD)]).await;
    assert_eq!(thief.status, StatusCode::TOO_MANY_REQUESTS);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_client_that_fails_too_often_has_to_wait_whatever_the_nip(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").with_password().create().await;
    let mut office = world.visitor(monday());
    let long = "9".repeat(65);
    for _ in 0..119 {
        office.post("/masuk", &[("nip", &long), ("password", WRONG)]).await;
        assert_eq!(office.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // What succeeds is not counted.
    for _ in 0..2 {
        office.post("/masuk", &[("nip", &ada.nip), ("password", PASSWORD)]).await;
        assert_eq!(office.location(), Some("/saya"));
    }
    office.post("/masuk", &[("nip", "197001012000011999"), ("password", WRONG)]).await;
    assert_eq!(office.status, StatusCode::UNPROCESSABLE_ENTITY);
    office.post("/masuk", &[("nip", &ada.nip), ("password", PASSWORD)]).await;
    assert_eq!(office.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(office.headers["retry-after"], "1");
    assert_eq!(world.visitor(monday()).open("/masuk").await.status, StatusCode::OK);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_sign_in_ends_when_it_is_left_alone(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let boss = world.person("Bos").role(Role::Organiser).create().await;
    for (person, lasts) in [(&ada, Duration::hours(2)), (&boss, Duration::hours(1))] {
        let visitor = world.signed_in(person, monday()).await;
        let token = visitor.cookie("sid").unwrap();
        let mut late =
            world.visitor(monday() + lasts + Duration::seconds(1)).with_cookie("sid", token);
        late.open("/saya").await;
        assert_eq!(late.at, "/masuk");
        let mut in_time = world.visitor(monday() + lasts).with_cookie("sid", token);
        in_time.open("/saya").await;
        assert_eq!(in_time.at, "/saya");
        // It was used just now, so it lasts on from there.
        let mut later = world.visitor(monday() + lasts * 2).with_cookie("sid", token);
        later.open("/saya").await;
        assert_eq!(later.at, "/saya");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_device_that_somebody_calls_their_own_stays_signed_in(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").with_password().create().await;
    let mut visitor = world.visitor(monday());
    let typed = [("nip", ada.nip.as_str()), ("password", PASSWORD), ("own_device", "ya")];
    let filled = visitor.open("/masuk").await.fill("Masuk", &typed, None);
    visitor.submit_only(filled).await;
    let cookie = visitor.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("Max-Age=7776000"), "{cookie}");
    let token = visitor.cookie("sid").unwrap();
    let mut later = world.visitor(monday() + Duration::days(89)).with_cookie("sid", token);
    later.open("/saya").await;
    assert_eq!(later.at, "/saya");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn another_device_can_be_signed_out_by_its_owner_alone(db: PgPool) {
    let world = World::new(db);
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    let mut phone = world.signed_in(&ada, monday()).await;
    let mut desk = world.signed_in(&ada, monday()).await;
    desk.open("/saya/profil").await;
    let device = desk.value("device");
    let mut stranger = world.signed_in(&bob, monday()).await;
    stranger.post("/saya/profil/perangkat", &[("device", &device)]).await;
    phone.open("/saya").await;
    assert_eq!(phone.at, "/saya", "somebody else ended it");
    desk.press("Keluarkan perangkat yang masuk 2 Mar 2026 · 09.00 WITA", &[]).await;
    assert_eq!(desk.banner(), "Perangkat itu sudah dikeluarkan.");
    assert_eq!(desk.sees("tbody tr").len(), 1);
    phone.open("/saya").await;
    assert_eq!(phone.at, "/masuk");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn signing_in_leads_back_to_where_one_wanted_to_go(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").with_password().create().await;
    let mut visitor = world.visitor(monday());
    visitor.open("/saya/kelas?bagian=selesai").await;
    assert_eq!(visitor.at, "/masuk?ke=/saya/kelas%3Fbagian%3Dselesai");
    visitor.press("Masuk", &[("nip", &ada.nip), ("password", WRONG)]).await;
    visitor.press("Masuk", &[("nip", &ada.nip), ("password", PASSWORD)]).await;
    assert_eq!(visitor.at, "/saya/kelas?bagian=selesai");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn signing_in_never_leads_to_another_site(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").with_password().create().await;
    let astray = [
        "//evil.example",
        "https://evil.example",
        r"\evil.example",
        r"/\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "evil.example",
        "/\r\nLocation: https://evil.example",
        "/\u{1}",
    ];
    for place in astray {
        let mut visitor = world.visitor(monday());
        let sent = [("nip", ada.nip.as_str()), ("password", PASSWORD), ("ke", place)];
        visitor.post("/masuk", &sent).await;
        assert_eq!(visitor.location(), Some("/saya"), "{place:?}");
        let mut visitor = world.signed_in(&ada, monday()).await;
        let query = crate::support::form::encoded(&[("ke", place)]);
        visitor.peek(&format!("/masuk?{query}")).await;
        assert_eq!(visitor.location(), Some("/saya"), "{place:?}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_demo_password_opens_the_demo_world_only(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let app = world.app(monday());
    let hash = app.hasher.hash(account::DEMO_PASSWORD.into()).await.unwrap();
    account::set_password(&mut *world.conn().await, ada.id, &hash, monday()).await.unwrap();
    let mut visitor = world.visitor(monday());
    sign_in(&mut visitor, &ada.nip, account::DEMO_PASSWORD).await;
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    run(&db, "insert into installation (demo) values (true)").await;
    sign_in(&mut visitor, &ada.nip, account::DEMO_PASSWORD).await;
    assert_eq!(visitor.at, "/saya");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn over_tls_the_cookie_is_bound_to_the_host(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").with_password().create().await;
    let sent = [("nip", ada.nip.as_str()), ("password", PASSWORD)];
    let app = App { config: Arc::clone(&config("https://asn.example")), ..world.app(monday()) };
    let mut visitor = Visitor::new(router(app));
    visitor.post("/masuk", &sent).await;
    let cookie = visitor.headers["set-cookie"].to_str().unwrap();
    let (pair, flags) = cookie.split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-sid="), "{cookie}");
    assert_eq!(flags, "Path=/; HttpOnly; SameSite=Lax; Secure");
    assert_eq!(visitor.headers["strict-transport-security"], "max-age=31536000; includeSubDomains");
    visitor.open("/saya").await;
    assert_eq!(visitor.at, "/saya");
    visitor.post("/keluar", &[]).await;
    let set: Vec<_> = visitor.headers.get_all("set-cookie").iter().collect();
    assert_eq!(set.len(), 2);
    assert!(set.iter().all(|cookie| cookie.to_str().unwrap().contains("; Secure")), "{set:?}");
    // The same without TLS, which is for the machine itself.
    let mut visitor = world.visitor(monday());
    visitor.post("/masuk", &sent).await;
    let cookie = visitor.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("sid=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    assert!(!visitor.headers.contains_key("strict-transport-security"));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_database_alone_signs_nobody_in(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let visitor = world.signed_in(&ada, monday()).await;
    let token = visitor.cookie("sid").unwrap();
    let kept = crate::support::column(&db, "select encode(token_hash, 'hex') from sign_in").await;
    assert_ne!(kept, [token]);
    let mut thief = world.visitor(monday()).with_cookie("sid", &kept[0]);
    thief.open("/saya").await;
    assert_eq!(thief.at, "/masuk");
}
