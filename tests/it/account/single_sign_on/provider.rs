//! Against a certified provider over a socket.

use axum::http::StatusCode;
use smartclass::{App, account::Role, router};
use sqlx::PgPool;

use super::{again, comes_back, sent};
use crate::support::{
    Visitor, World, column, number,
    provider::{Provider, SITE, site},
    run,
};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_account_with_the_nip_of_a_person_signs_them_in(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada Lestari").create().await;
    let mut provider = Provider::open();
    provider.account("ada", &ada.nip);
    let app = site(&world, &provider.issuer, None);
    let mut visitor = Visitor::new(router(app));
    visitor.open("/masuk?ke=/saya/jp").await;
    visitor.click("Masuk dengan akun 127.0.0.1").await;
    let address = visitor.location().unwrap().to_owned();
    let cookie = visitor.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("sso="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"), "{cookie}");
    let back = provider.sign_in(&address, "ada").await;
    assert!(back.starts_with("/masuk/sso/kembali?code="), "{back}");
    comes_back(&mut visitor, &back).await;
    assert_eq!((visitor.at.as_str(), visitor.status), ("/saya/jp", StatusCode::OK));
    assert_eq!(visitor.cookie("sso"), None);
    assert!(visitor.cookie("device").is_some());
    let linked = column(&db, "select issuer || ' ' || subject from sso_link").await;
    assert_eq!(linked, [format!("{} ada", provider.issuer)]);
    visitor.open("/saya/profil").await.must_see("Terhubung dengan akun 127.0.0.1 sejak");
    assert_eq!(number(&db, "select count(*) from sso_attempt").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_nip_in_the_id_token_does_as_well(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let mut provider = Provider::open_with_tokens_that_say_all();
    provider.account("ada", &ada.nip);
    let app = site(&world, &provider.issuer, None);
    let (mut visitor, address) = sent(&app, "/masuk/sso").await;
    comes_back(&mut visitor, &provider.sign_in(&address, "ada").await).await;
    assert_eq!(visitor.at, "/saya");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_the_provider_knows_and_this_site_does_not_is_told_whom_to_ask(db: PgPool) {
    let world = World::new(db.clone());
    let mut provider = Provider::open();
    provider.account("bob", "197001012000011999");
    let app = site(&world, &provider.issuer, None);
    for (name, words) in [
        ("bob", "NIP pada akun Anda tidak terdaftar di sini. Minta administrator unit Anda"),
        ("eva", "Akun Anda tidak membawa NIP."),
    ] {
        let (mut visitor, address) = sent(&app, "/masuk/sso").await;
        comes_back(&mut visitor, &provider.sign_in(&address, name).await).await;
        assert_eq!(visitor.status, StatusCode::FORBIDDEN);
        visitor.must_see(words);
        visitor.click("Masuk dengan kata sandi").await;
        assert_eq!((visitor.at.as_str(), visitor.cookie("sid")), ("/masuk", None));
    }
    let made = "select (select count(*) from person) + (select count(*) from sso_link)";
    assert_eq!(number(&db, made).await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_answer_counts_once_and_only_in_the_browser_that_asked(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut provider = Provider::open();
    provider.account("ada", &ada.nip);
    let app = site(&world, &provider.issuer, None);
    let (mut visitor, address) = sent(&app, "/masuk/sso").await;
    let back = provider.sign_in(&address, "ada").await;
    let wrong_state = back.replacen("state=", "state=0", 1);
    let (other, _) = sent(&app, "/masuk/sso").await;
    let strangers = [Visitor::new(router(app.clone())), other];
    for mut stranger in strangers {
        stranger.peek(&back).await;
        assert_eq!(stranger.status, StatusCode::BAD_REQUEST);
        stranger.must_see("Upaya masuk ini tidak dimulai di peramban ini");
    }
    visitor.peek(&wrong_state).await;
    assert_eq!(visitor.status, StatusCode::BAD_REQUEST);
    // None of that used it up.
    comes_back(&mut visitor, &back).await;
    assert_eq!(visitor.at, "/saya");
    let again = visitor.cookie("sid").unwrap().to_owned();
    visitor.peek(&back).await;
    assert_eq!(visitor.status, StatusCode::BAD_REQUEST);
    assert_eq!(visitor.cookie("sid"), Some(&*again));
    assert_eq!(number(&db, "select count(*) from sign_in").await, 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn two_tabs_of_a_browser_may_be_with_the_provider(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let mut provider = Provider::open();
    provider.account("ada", &ada.nip);
    let app = site(&world, &provider.issuer, None);
    let (mut visitor, first) = sent(&app, "/masuk/sso?ke=/saya/jp").await;
    again(&mut visitor, "/masuk/sso").await;
    comes_back(&mut visitor, &provider.sign_in(&first, "ada").await).await;
    assert_eq!(visitor.at, "/saya/jp");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_gives_up_at_the_provider_may_still_sign_in(db: PgPool) {
    let world = World::new(db);
    let provider = Provider::open();
    let app = site(&world, &provider.issuer, None);
    let (mut visitor, address) = sent(&app, "/masuk/sso").await;
    let back = provider.cancel(&address).await;
    assert!(back.contains("error=access_denied"), "{back}");
    comes_back(&mut visitor, &back).await;
    assert_eq!(visitor.status, StatusCode::BAD_REQUEST);
    visitor.must_see("atau Anda membatalkan");
    visitor.click("Masuk dengan kata sandi").await;
    assert_eq!(visitor.at, "/masuk");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_provider_is_told_the_configured_address_whatever_the_host_header(db: PgPool) {
    let world = World::new(db);
    let provider = Provider::open();
    let mut visitor = Visitor::new(router(site(&world, &provider.issuer, None)));
    let host = [("host", "evil.example"), ("x-forwarded-host", "evil.example")];
    visitor.send(axum::http::Method::GET, "/masuk/sso", &host).await;
    let address = visitor.location().unwrap();
    let wanted = format!("redirect_uri={}", SITE.replace(':', "%3A").replace('/', "%2F"));
    assert!(address.contains(&wanted) && !address.contains("evil"), "{address}");
    for part in ["code_challenge_method=S256", "nonce=", "state=", "scope=openid+profile"] {
        assert!(address.contains(part), "{part} in {address}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_account_does_not_stand_in_for_the_second_factor(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").role(Role::Organiser).create().await;
    let mut provider = Provider::open();
    provider.account("ada", &ada.nip);
    let app = site(&world, &provider.issuer, None);
    let (mut visitor, address) = sent(&app, "/masuk/sso?ke=//evil.example").await;
    let back = provider.sign_in(&address, "ada").await;
    comes_back(&mut visitor, &back).await;
    assert_eq!(visitor.at, "/masuk/kode?ke=/saya");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_account_leads_to_no_other_site_and_replaces_who_was_signed_in(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let mut provider = Provider::open();
    provider.account("ada", &ada.nip);
    let app = site(&world, &provider.issuer, None);
    let (mut visitor, address) = sent(&app, "/masuk/sso?ke=//evil.example").await;
    let back = provider.sign_in(&address, "ada").await;
    comes_back(&mut visitor, &back).await;
    assert_eq!(visitor.at, "/saya");
    // Signed in already, nobody is sent away.
    assert_eq!(again(&mut visitor, "/masuk/sso?ke=/saya/jp").await, "/saya/jp");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_attempt_is_over_after_ten_minutes(db: PgPool) {
    let world = World::new(db.clone());
    let provider = Provider::open();
    let app = site(&world, &provider.issuer, None);
    let (mut visitor, address) = sent(&app, "/masuk/sso").await;
    let back = provider.sign_in(&address, "ada").await;
    run(&db, "update sso_attempt set expires_at = expires_at - interval '10 minutes'").await;
    visitor.peek(&back).await;
    assert_eq!(visitor.status, StatusCode::BAD_REQUEST);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn without_a_provider_nothing_of_it_is_there(db: PgPool) {
    let app: App = World::new(db).app(crate::support::world::monday());
    let mut visitor = Visitor::new(router(app));
    visitor.open("/masuk").await;
    assert!(!visitor.page().contains("/masuk/sso"));
    for path in ["/masuk/sso", "/masuk/sso/kembali?code=1&state=2"] {
        visitor.peek(path).await;
        assert_eq!(visitor.status, StatusCode::NOT_FOUND, "{path}");
    }
}
