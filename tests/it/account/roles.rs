//! Nobody gives a role to themselves.

use axum::http::StatusCode;
use smartclass::account::{self, Role};
use sqlx::PgPool;

use crate::support::{
    Person, Visitor, World, column, number,
    world::{PASSWORD, monday},
};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_administrator_gives_and_takes_the_roles_of_others(db: PgPool) {
    let world = World::new(db.clone());
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let ada = world.person("Ada").create().await;
    let mut visitor = world.signed_in(&admin, monday()).await;
    visitor.open(&format!("/kelola/orang/{}", ada.id)).await;
    let filled = visitor.fill("Beri peran", &[("role", "auditor")], None);
    visitor.submit(filled.clone()).await;
    assert_eq!(visitor.banner(), "Peran Auditor (Inspektorat) diberikan.");
    visitor.submit(filled).await;
    assert_eq!(visitor.status, StatusCode::CONFLICT);
    visitor.must_see("Peran ini sudah dipegang untuk unit itu.");
    let mut ada_herself = world.signed_in(&ada, monday()).await;
    ada_herself.open("/kelola/jadwal").await;
    assert_eq!(ada_herself.status, StatusCode::OK);
    visitor.open(&format!("/kelola/orang/{}", ada.id)).await;
    visitor.press("Cabut peran Auditor (Inspektorat)", &[]).await;
    ada_herself.open("/saya").await;
    assert_eq!(ada_herself.at, "/masuk", "what was signed in with the role is over");
    let mut ada_herself = world.signed_in(&ada, monday()).await;
    ada_herself.open("/kelola/jadwal").await;
    assert_eq!(ada_herself.status, StatusCode::FORBIDDEN);
    let who = "select granted_by = revoked_by and revoked_by is not null from role_grant where role = 'auditor'";
    assert_eq!(column(&db, &format!("select ({who})::text")).await, ["true"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_gives_or_takes_a_role_of_their_own(db: PgPool) {
    let world = World::new(db.clone());
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let mut visitor = world.signed_in(&admin, monday()).await;
    let own = format!("/kelola/orang/{}", admin.id);
    visitor.open(&own).await.must_see("Anda tidak dapat mengubah peran Anda sendiri.");
    assert!(!visitor.sees("main button").iter().any(|button| button.contains("peran")));
    let unit = world.root().await.to_string();
    let grant = number(&db, "select id from role_grant").await;
    for (path, typed) in [
        (format!("{own}/peran"), vec![("role", "organiser"), ("unit", unit.as_str())]),
        (format!("{own}/peran/{grant}/cabut"), vec![]),
    ] {
        visitor.post(&path, &typed).await;
        assert_eq!(visitor.status, StatusCode::CONFLICT);
        visitor.must_see("Anda tidak dapat mengubah peran Anda sendiri.");
    }
    let standing = column(&db, "select role::text from role_grant where revoked_at is null").await;
    assert_eq!(standing, ["administrator"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_no_page_offers_is_refused_and_breaks_nothing(db: PgPool) {
    let world = World::new(db.clone());
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let ada = world.person("Ada").create().await;
    let mut visitor = world.signed_in(&admin, monday()).await;
    for (role, unit) in
        [("learner", "1"), ("root", "1"), ("auditor", "satu"), ("auditor", "999999")]
    {
        visitor
            .post(&format!("/kelola/orang/{}/peran", ada.id), &[("role", role), ("unit", unit)])
            .await;
        assert!(visitor.status.is_client_error(), "{role} {unit}: {}", visitor.status);
    }
    visitor.post("/kelola/orang/999999/peran", &[("role", "auditor"), ("unit", "1")]).await;
    assert_eq!(visitor.status, StatusCode::NOT_FOUND);
    assert_eq!(number(&db, "select count(*) from role_grant").await, 1);
}

/// Sets the person's password with the link.
async fn activate(world: &World, link: &str) -> Visitor {
    let mut visitor = world.visitor(monday());
    let typed = [("password", PASSWORD), ("again", PASSWORD)];
    visitor.open(link).await.press("Simpan dan masuk", &typed).await;
    visitor
}

/// A link that somebody makes for the person.
async fn link(world: &World, person: &Person, by: &Person) -> String {
    let mut conn = world.conn().await;
    let token = account::invite(&mut conn, person.id, Some(by.id), monday()).await.unwrap();
    format!("/aktivasi/{token}")
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_role_beyond_the_reach_of_who_made_the_link_needs_a_new_password(db: PgPool) {
    let world = World::new(db.clone());
    let social = world.unit("Dinas Sosial").await;
    let root = world.person("Admin").role(Role::Administrator).create().await;
    let near = world.person("Admin Dekat").unit(social).role(Role::Administrator).create().await;
    let ada = world.person("Ada").unit(social).create().await;
    let mut inside = activate(&world, &link(&world, &ada, &near).await).await;
    // Made since by the administrator above, and not used: the password is still the old one.
    let open = link(&world, &ada, &root).await;
    let mut admin = world.signed_in(&root, monday()).await;
    admin.open(&format!("/kelola/orang/{}", ada.id)).await;
    admin.press("Beri peran", &[("role", "auditor")]).await;
    let words = "Peran Auditor (Inspektorat) diberikan. Kata sandinya dihapus; kirimkan tautan aktivasi baru.";
    assert_eq!(admin.banner(), words);
    inside.open("/saya").await;
    assert_eq!(inside.at, "/masuk", "signed in before the role");
    inside.press("Masuk", &[("nip", &ada.nip), ("password", PASSWORD)]).await;
    assert_eq!(inside.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(inside.open(&open).await.status, StatusCode::NOT_FOUND);
    let new = link(&world, &ada, &root).await;
    assert_eq!(activate(&world, &new).await.at, "/saya");
    // Now known to nobody but those who could give the role.
    admin.open(&format!("/kelola/orang/{}", ada.id)).await;
    admin.press("Beri peran", &[("role", "organiser")]).await;
    assert_eq!(admin.banner(), "Peran Penyelenggara BPSDMD diberikan. Orang ini perlu masuk lagi.");
    assert_eq!(number(&db, "select count(*) from password").await, 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_role_ends_the_links_that_are_under_way(db: PgPool) {
    let world = World::new(db.clone());
    let root = world.person("Admin").role(Role::Administrator).create().await;
    let ada = world.person("Ada").create().await;
    let open = link(&world, &ada, &root).await;
    let mut admin = world.signed_in(&root, monday()).await;
    admin.open(&format!("/kelola/orang/{}", ada.id)).await;
    admin.press("Beri peran", &[("role", "auditor")]).await;
    assert!(admin.banner().ends_with("tidak berlaku lagi; kirimkan tautan aktivasi baru."));
    assert_eq!(admin.open(&open).await.status, StatusCode::NOT_FOUND);
}
