//! Passkeys without a browser: what is refused. `tests/browser` signs in with one.

use axum::http::{Method, StatusCode};
use smartclass::{
    App,
    account::{self, second},
    people, router,
};
use sqlx::PgPool;

use crate::support::{
    Visitor, World, number,
    world::{config, monday},
};

fn named(world: &World) -> App {
    App { config: config("http://localhost:8080"), ..world.app(monday()) }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn where_the_address_is_a_number_there_are_none_and_the_page_says_so(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let mut visitor = world.signed_in(&ada, monday()).await;
    visitor.open("/saya/profil").await;
    visitor.must_see("alamat layanan ini berupa angka IP");
    visitor.send(Method::POST, "/masuk/passkey/mulai", &[]).await;
    assert_eq!(visitor.status, StatusCode::NOT_FOUND);
    for base in ["http://[::1]:80", "https://10.0.0.1"] {
        assert!(second::relying_party(&config(base)).is_none(), "{base}");
    }
    assert!(second::relying_party(&config("https://asn.sulteng.example")).is_some());
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn without_scripts_their_buttons_are_not_shown(db: PgPool) {
    let world = World::new(db);
    let mut visitor = Visitor::new(router(named(&world)));
    visitor.open("/masuk").await;
    assert_eq!(visitor.sees("[data-passkey][hidden] button"), ["Masuk dengan passkey"]);
    assert_eq!(visitor.sees("[data-passkey]:not([hidden])"), [""; 0]);
    visitor.open("/kelas").await;
    assert!(!visitor.page().contains("<script"), "loaded where it is of use only");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_challenge_asks_for_the_owner_and_for_a_key_that_is_found_again(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let site = second::relying_party(&named(&world).config).unwrap();
    let mut conn = world.conn().await;
    let record = people::find(&mut conn, ada.id).await.unwrap();
    let (token, offer) = second::offer(&mut conn, &site, &record, monday()).await.unwrap();
    let offer = serde_json::to_value(&offer.public_key).unwrap();
    assert_eq!(offer["rp"]["id"], "localhost");
    assert_eq!(offer["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(offer["authenticatorSelection"]["userVerification"], "required");
    let again = second::offer(&mut conn, &site, &record, monday()).await.unwrap().1;
    let again = serde_json::to_value(&again.public_key).unwrap();
    assert_eq!(again["user"]["id"], offer["user"]["id"], "known by the same handle");
    assert_ne!(again["challenge"], offer["challenge"]);
    let challenge = second::challenge_sign_in(&mut conn, &site, monday()).await.unwrap().1;
    let challenge = serde_json::to_value(&challenge).unwrap();
    assert_eq!(challenge["publicKey"]["userVerification"], "required");
    assert!(challenge.get("mediation").is_none());
    let kept = number(&db, "select count(*) from passkey_challenge").await;
    assert_eq!(kept, 3);
    assert!(account::is_token(&token));
    // What nobody answered is gone once it is too old and another comes.
    let late = monday() + second::CHALLENGE_LASTS + chrono::Duration::seconds(1);
    second::challenge_sign_in(&mut conn, &site, late).await.unwrap();
    assert_eq!(number(&db, "select count(*) from passkey_challenge").await, 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_is_no_answer_signs_nobody_in_and_uses_the_challenge_up(db: PgPool) {
    let world = World::new(db.clone());
    let site = second::relying_party(&named(&world).config).unwrap();
    let mut conn = world.conn().await;
    let (token, _) = second::challenge_sign_in(&mut conn, &site, monday()).await.unwrap();
    let answer = |handle: &str| {
        serde_json::from_value(serde_json::json!({
            "id": "AAAA", "rawId": "AAAA", "type": "public-key",
            "response": {"authenticatorData": "AAAA", "clientDataJSON": "AAAA", "signature": "AAAA",
                "userHandle": handle},
        }))
        .unwrap()
    };
    let handle = "AAAAAAAAAAAAAAAAAAAAAA";
    for words in ["Passkey ini tidak dikenal", "Waktunya habis"] {
        let refused =
            second::authenticate(&mut conn, &site, &token, &answer(handle), monday()).await;
        let said = refused.unwrap_err().to_string();
        assert!(said.starts_with(words), "{said}");
    }
    assert_eq!(number(&db, "select count(*) from passkey_challenge").await, 0);
}
