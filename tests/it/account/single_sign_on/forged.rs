//! What no certified provider sends, from a strict fake.

use axum::http::StatusCode;
use serde_json::json;
use sqlx::PgPool;

use super::{again, comes_back, sent};
use crate::support::{
    Visitor, World,
    issuer::{Issuer, Quirk},
    number,
    provider::site,
    world::monday,
};

/// Ada's provider, and her way through it with that quirk of its answers.
async fn signs_in(world: &World, issuer: &Issuer) -> Visitor {
    let app = site(world, &issuer.issuer, Some(monday()));
    let (mut visitor, address) = sent(&app, "/masuk/sso").await;
    comes_back(&mut visitor, &issuer.signs_in(&address)).await;
    visitor
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_token_that_is_not_the_providers_for_this_site_and_this_visitor_opens_nothing(
    db: PgPool,
) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let issuer = Issuer::open(json!({"nip": ada.nip})).await;
    for quirk in [
        Quirk::Audience,
        Quirk::TwoAudiences,
        Quirk::Issuer,
        Quirk::Expired,
        Quirk::Nonce,
        Quirk::NoNonce,
        Quirk::AlgNone,
        Quirk::AlgHs256,
        Quirk::OtherKey,
        Quirk::NoIdToken,
    ] {
        issuer.turn(quirk);
        let mut visitor = signs_in(&world, &issuer).await;
        assert_eq!(visitor.status, StatusCode::BAD_GATEWAY, "{quirk:?}");
        visitor.must_see("Jawaban penyedia akun tidak dapat diterima");
        assert_eq!(visitor.cookie("sid"), None);
        visitor.click("Masuk dengan kata sandi").await;
        assert_eq!(visitor.at, "/masuk");
    }
    assert_eq!(number(&db, "select count(*) from sso_link").await, 0);
    issuer.turn(Quirk::None);
    assert_eq!(signs_in(&world, &issuer).await.at, "/saya", "all else is as it should be");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_key_that_the_provider_took_up_since_is_looked_for_at_once(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let issuer = Issuer::open(json!({"nip": ada.nip})).await;
    let app = site(&world, &issuer.issuer, Some(monday()));
    let (mut visitor, address) = sent(&app, "/masuk/sso").await;
    issuer.change_key();
    comes_back(&mut visitor, &issuer.signs_in(&address)).await;
    assert_eq!((visitor.at.as_str(), issuer.described()), ("/saya", 2));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_the_provider_says_of_itself_is_asked_once(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let issuer = Issuer::open(json!({"nip": ada.nip})).await;
    let app = site(&world, &issuer.issuer, Some(monday()));
    let (mut visitor, _) = sent(&app, "/masuk/sso").await;
    let address = again(&mut visitor, "/masuk/sso").await;
    comes_back(&mut visitor, &issuer.signs_in(&address)).await;
    assert_eq!((visitor.at.as_str(), issuer.described()), ("/saya", 1));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_provider_that_is_down_slow_or_sends_too_much_is_given_up(db: PgPool) {
    let world = World::new(db.clone());
    let issuer = Issuer::open(json!({})).await;
    for quirk in [Quirk::Huge, Quirk::Elsewhere, Quirk::Silent] {
        issuer.turn(quirk);
        let app = site(&world, &issuer.issuer, Some(monday()));
        let mut visitor = Visitor::new(smartclass::router(app));
        visitor.peek("/masuk/sso").await;
        assert_eq!(visitor.status, StatusCode::BAD_GATEWAY, "{quirk:?}");
        visitor.click("Masuk dengan kata sandi").await;
    }
    let app = site(&world, "http://127.0.0.1:1", Some(monday()));
    let mut visitor = Visitor::new(smartclass::router(app));
    visitor.peek("/masuk/sso").await;
    assert_eq!(visitor.status, StatusCode::BAD_GATEWAY);
    visitor.must_see("Penyedia akun sedang tidak dapat dihubungi.");
    assert_eq!(number(&db, "select count(*) from sso_attempt").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_token_is_taken_neither_from_elsewhere_nor_of_any_size(db: PgPool) {
    let world = World::new(db);
    let issuer = Issuer::open(json!({})).await;
    for quirk in [Quirk::HugeToken, Quirk::TokenElsewhere] {
        issuer.turn(quirk);
        let visitor = signs_in(&world, &issuer).await;
        assert_eq!(visitor.status, StatusCode::BAD_GATEWAY, "{quirk:?}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_is_told_of_another_account_is_not_believed(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let issuer = Issuer::open(json!({})).await;
    issuer.tell(json!({"sub": "bob", "nip": ada.nip}));
    let visitor = signs_in(&world, &issuer).await;
    assert_eq!((visitor.status, visitor.cookie("sid")), (StatusCode::BAD_GATEWAY, None));
    issuer.tell(json!({"sub": "ada", "nip": ada.nip}));
    assert_eq!(signs_in(&world, &issuer).await.at, "/saya");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_answer_that_names_another_issuer_is_not_followed(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let issuer = Issuer::open(json!({"nip": ada.nip})).await;
    let app = site(&world, &issuer.issuer, Some(monday()));
    for (iss, at) in [("https://lain.example", None), (&*issuer.issuer, Some("/saya"))] {
        let (mut visitor, address) = sent(&app, "/masuk/sso").await;
        let back = format!("{}&iss={iss}", issuer.signs_in(&address));
        comes_back(&mut visitor, &back).await;
        assert_eq!(visitor.cookie("sid").is_some(), at.is_some(), "{iss}");
    }
}
