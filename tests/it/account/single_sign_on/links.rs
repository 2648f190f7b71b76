//! Whose account is whose, and for how long.

use axum::http::StatusCode;
use smartclass::{
    account::{
        self, Role,
        single_sign_on::{Account, LinkError, person},
    },
    people,
};
use sqlx::PgPool;

use super::{comes_back, sent};
use crate::support::{
    Gate, Person, World, number,
    provider::{Provider, site},
    run,
    world::monday,
};

const ISSUER: &str = "https://sso.sulteng.example/realms/asn";

fn of(subject: &str, nip: Option<&str>) -> Account {
    Account { issuer: ISSUER.into(), subject: subject.into(), nip: nip.map(str::to_owned) }
}

async fn comes(
    world: &World,
    subject: &str,
    nip: Option<&str>,
) -> Result<people::Standing, LinkError> {
    let mut db = world.conn().await;
    let person = person(&mut db, &of(subject, nip), monday()).await?;
    Ok(people::find(&mut db, person).await?.service.standing)
}

async fn linked(world: &World, name: &str) -> Person {
    let person = world.person(name).create().await;
    comes(world, &name.to_lowercase(), Some(&person.nip)).await.unwrap();
    person
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_linked_account_counts_by_itself(db: PgPool) {
    let world = World::new(db.clone());
    let ada = linked(&world, "Ada").await;
    // Its NIP may be missing, or one that nobody has: a NIP changes, an account does not.
    for nip in [None, Some("197001012000011999"), Some(&*ada.nip)] {
        let mut conn = world.conn().await;
        let found = person(&mut conn, &of("ada", nip), monday()).await.unwrap();
        assert_eq!(found, ada.id);
    }
    assert_eq!(number(&db, "select count(*) from sso_link").await, 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_second_account_with_the_same_nip_is_refused(db: PgPool) {
    let world = World::new(db);
    let ada = linked(&world, "Ada").await;
    let refused = comes(&world, "palsu", Some(&ada.nip)).await.unwrap_err();
    assert!(matches!(refused, LinkError::LinkedOtherwise), "{refused}");
    // Another provider's accounts are other accounts.
    let other = Account { issuer: "https://lain.example".into(), ..of("x", Some(&ada.nip)) };
    let found = person(&mut *world.conn().await, &other, monday()).await.unwrap();
    assert_eq!(found, ada.id);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_account_that_by_now_has_the_nip_of_somebody_else_is_refused(db: PgPool) {
    let world = World::new(db);
    linked(&world, "Ada").await;
    let bob = world.person("Bob").create().await;
    let refused = comes(&world, "ada", Some(&bob.nip)).await.unwrap_err();
    assert!(matches!(refused, LinkError::OtherPerson), "{refused}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_nip_of_before_links_nobody(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    run(&db, "update person_nip set ended_at = now()").await;
    let refused = comes(&world, "ada", Some(&ada.nip)).await.unwrap_err();
    assert!(matches!(refused, LinkError::Unknown), "{refused}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_left_is_let_in_neither_with_a_new_account_nor_with_a_linked_one(db: PgPool) {
    let world = World::new(db.clone());
    linked(&world, "Ada").await;
    let bob = world.person("Bob").create().await;
    run(&db, "update person set standing = 'retired'").await;
    let left = comes(&world, "ada", None).await.unwrap_err();
    assert!(matches!(left, LinkError::Left), "{left}");
    let left = comes(&world, "bob", Some(&bob.nip)).await.unwrap_err();
    assert!(matches!(left, LinkError::Unknown), "{left}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_account_of_a_record_that_was_merged_lets_in_as_whom_it_reads(db: PgPool) {
    let world = World::new(db);
    let ada = linked(&world, "Ada").await;
    let twin = world.person("Ada Lestari").create().await;
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    people::merge(&mut *world.conn().await, ada.id, twin.id, admin.id, monday()).await.unwrap();
    let mut conn = world.conn().await;
    let found = person(&mut conn, &of("ada", Some(&ada.nip)), monday()).await.unwrap();
    assert_eq!(found, twin.id);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_link_is_seen_by_administrators_and_cut_by_its_person_alone(db: PgPool) {
    let world = World::new(db.clone());
    let (ada, bob) = (linked(&world, "Ada").await, linked(&world, "Bob").await);
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let mut admin = world.signed_in(&admin, monday()).await;
    admin.open(&format!("/kelola/orang/{}", ada.id)).await;
    admin.must_see("Terhubung dengan akun sso.sulteng.example sejak 2 Mar 2026");
    let mut ada = world.signed_in(&ada, monday()).await;
    ada.open("/saya/profil").await;
    let link = ada.value("link");
    let mut bob = world.signed_in(&bob, monday()).await;
    bob.post("/saya/profil/sso/putus", &[("link", &link)]).await;
    let stand = "select count(*) from sso_link where ended_at is null";
    assert_eq!(number(&db, stand).await, 2);
    ada.press("Putuskan akun sso.sulteng.example", &[]).await;
    assert_eq!(ada.banner(), "Akun itu tidak lagi terhubung dengan Anda.");
    assert!(!ada.sees_text("Terhubung dengan"));
    assert_eq!(number(&db, stand).await, 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn after_a_link_is_cut_another_account_of_the_nip_may_take_its_place(db: PgPool) {
    let world = World::new(db.clone());
    let ada = linked(&world, "Ada").await;
    run(&db, "update sso_link set ended_at = now()").await;
    comes(&world, "ada-baru", Some(&ada.nip)).await.unwrap();
    let refused = comes(&world, "ada", Some(&ada.nip)).await.unwrap_err();
    assert!(matches!(refused, LinkError::LinkedOtherwise), "{refused}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_provider_says_which_nip_an_account_has_by_now(db: PgPool) {
    let world = World::new(db);
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    let mut provider = Provider::open();
    let app = site(&world, &provider.issuer, None);
    for (name, nip, status, words) in [
        ("ada", &ada.nip, StatusCode::OK, "Ada"),
        ("palsu", &ada.nip, StatusCode::FORBIDDEN, "sudah terhubung dengan akun lain"),
        ("ada", &bob.nip, StatusCode::FORBIDDEN, "kini milik orang lain"),
    ] {
        provider.account(name, nip);
        let (mut visitor, address) = sent(&app, "/masuk/sso?ke=/saya/profil").await;
        comes_back(&mut visitor, &provider.sign_in(&address, name).await).await;
        assert_eq!(visitor.status, status, "{name} {nip}");
        visitor.must_see(words);
        assert_eq!(visitor.cookie("sid").is_some(), status == StatusCode::OK);
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_account_that_comes_twice_at_the_same_time_is_linked_once(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let her = of("ada", Some(&ada.nip));
    let mut first = db.begin().await.unwrap();
    person(&mut first, &her, monday()).await.unwrap();
    let gate = Gate::of(&db, first);
    let mut second = world.conn().await;
    let (found, ()) = tokio::join!(person(&mut second, &her, monday()), gate.open_for(1));
    assert_eq!(found.unwrap(), ada.id);
    assert_eq!(number(&db, "select count(*) from sso_link").await, 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn no_link_outlives_a_new_role(db: PgPool) {
    let world = World::new(db);
    let ada = linked(&world, "Ada").await;
    let (root, mut conn) = (world.root().await, world.conn().await);
    account::grant(&mut conn, ada.id, Role::Organiser, root, None, monday()).await.unwrap();
    let refused = comes(&world, "ada", None).await.unwrap_err();
    assert!(matches!(refused, LinkError::NoNip), "{refused}");
    comes(&world, "ada", Some(&ada.nip)).await.unwrap();
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn no_link_of_a_merged_record_outlives_a_new_role(db: PgPool) {
    let world = World::new(db.clone());
    let ada = linked(&world, "Ada").await;
    let twin = world.person("Ada Lestari").create().await;
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let (root, mut conn) = (world.root().await, world.conn().await);
    people::merge(&mut conn, ada.id, twin.id, admin.id, monday()).await.unwrap();
    account::grant(&mut conn, twin.id, Role::Organiser, root, None, monday()).await.unwrap();
    let refused = comes(&world, "ada", None).await.unwrap_err();
    assert!(matches!(refused, LinkError::NoNip), "{refused}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_accounts_of_a_record_link_anew_when_it_is_merged_and_separated(db: PgPool) {
    let world = World::new(db.clone());
    let ada = linked(&world, "Ada").await;
    let twin = world.person("Ada Lestari").create().await;
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let mut admin = world.signed_in(&admin, monday()).await;
    let other = ada.id.to_string();
    let path = format!("/kelola/orang/{}", twin.id);
    admin
        .open(&format!("{path}/gabung?dengan={other}"))
        .await
        .press("Gabungkan keduanya", &[])
        .await;
    assert_eq!(admin.banner(), "Kedua catatan terbaca sebagai satu orang.");
    for (act, owner) in [(None, twin.id), (Some("pisah"), ada.id)] {
        if let Some(act) = act {
            admin.post(&format!("/kelola/orang/{other}/{act}"), &[]).await;
        }
        let refused = comes(&world, "ada", None).await.unwrap_err();
        assert!(matches!(refused, LinkError::NoNip), "{refused}");
        let her = of("ada", Some(&ada.nip));
        let found = person(&mut *world.conn().await, &her, monday()).await.unwrap();
        assert_eq!(found, owner, "by the NIP");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_link_does_not_let_in_while_a_role_is_given(db: PgPool) {
    let world = World::new(db.clone());
    let ada = linked(&world, "Ada").await;
    let root = world.root().await;
    let mut granting = db.begin().await.unwrap();
    account::grant(&mut granting, ada.id, Role::Organiser, root, None, monday()).await.unwrap();
    let gate = Gate::of(&db, granting);
    let (mut conn, her) = (world.conn().await, of("ada", None));
    let (found, ()) = tokio::join!(person(&mut conn, &her, monday()), gate.open_for(1));
    assert!(matches!(found.unwrap_err(), LinkError::NoNip));
}
