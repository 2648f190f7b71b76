//! Nobody gives a role to themselves.

use axum::http::StatusCode;
use smartclass::account::Role;
use sqlx::PgPool;

use crate::support::{World, column, number, world::monday};

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
