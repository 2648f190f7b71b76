//! Who must have a second factor, and who takes it away.

use axum::http::StatusCode;
use smartclass::account::{Permission, Role, second};
use sqlx::PgPool;

use super::first_step;
use crate::support::{
    World, number, run,
    world::{PASSWORD, monday, set_up},
};

const SET_UP: &str = "/saya/profil/autentikator";

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn organisers_and_administrators_set_one_up_before_their_role_opens_anything(db: PgPool) {
    let world = World::new(db);
    for (role, at) in [(Role::Organiser, "/kelola/jadwal"), (Role::Administrator, "/kelola/orang")]
    {
        let boss = world.person("Bos").role(role).password_only().create().await;
        let mut visitor = world.visitor(monday());
        visitor.open("/masuk").await;
        visitor.press("Masuk", &[("nip", &boss.nip), ("password", PASSWORD)]).await;
        assert_eq!(visitor.at, SET_UP);
        visitor.must_see("Pasang faktor kedua dulu");
        assert!(!visitor.sees(".bar a").contains(&"Kelola".to_owned()));
        visitor.open(at).await;
        assert_eq!(visitor.at, SET_UP);
        visitor.post("/kelola/kelas", &[]).await;
        assert_ne!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY, "the form was read");
        visitor.open("/saya").await;
        assert_eq!((visitor.at.as_str(), visitor.status), ("/saya", StatusCode::OK));
        visitor.open(SET_UP).await.press("Buat kode QR", &[]).await;
        let code = world.code(&boss, monday()).await;
        visitor.press("Pasang", &[("code", &code)]).await.must_see("hanya ditampilkan sekali");
        visitor.open(at).await;
        assert_eq!((visitor.at.as_str(), visitor.status), (at, StatusCode::OK));
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nothing_that_the_role_opens_is_open_without_it(db: PgPool) {
    let world = World::new(db);
    for role in Role::ALL {
        let boss = world.person("Bos").role(role).password_only().create().await;
        let visitor = world.signed_in(&boss, monday()).await;
        let mut conn = world.conn().await;
        let token = visitor.cookie("sid").unwrap();
        let me = smartclass::account::visitor(&mut conn, token, monday()).await.unwrap().unwrap();
        for permission in [
            Permission::Organise,
            Permission::Inspect,
            Permission::Report,
            Permission::Administer,
            Permission::Configure,
        ] {
            let may = permission.roles().contains(&role) && !role.needs_second();
            assert_eq!(me.may(permission), may, "{role:?} {permission:?}");
        }
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_demo_world_asks_nobody_for_one(db: PgPool) {
    let world = World::new(db.clone());
    run(&db, "insert into installation (demo) values (true)").await;
    let boss = world.person("Bos").role(Role::Organiser).password_only().create().await;
    let mut visitor = world.visitor(monday());
    visitor.open("/masuk?ke=/kelola/jadwal").await;
    visitor.press("Masuk", &[("nip", &boss.nip), ("password", PASSWORD)]).await;
    assert_eq!((visitor.at.as_str(), visitor.status), ("/kelola/jadwal", StatusCode::OK));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_administrator_resets_that_of_others_within_reach_and_never_their_own(db: PgPool) {
    let world = World::new(db.clone());
    let social = world.unit("Dinas Sosial").await;
    let admin = world.person("Admin").unit(social).role(Role::Administrator).create().await;
    let near = world.person("Dekat").unit(social).role(Role::Administrator).with_password();
    let near = near.create().await;
    let above = world.person("Atas").unit(social).create().await;
    let mut conn = world.conn().await;
    let root = world.root().await;
    smartclass::account::grant(&mut conn, above.id, Role::Organiser, root, None, monday())
        .await
        .unwrap();
    set_up(&mut conn, above.id).await;
    second::make_codes(&mut conn, near.id, monday()).await.unwrap();
    let mut signed_in = world.signed_in(&near, monday()).await;
    let mut waiting = first_step(&world, &near, monday()).await;
    let mut visitor = world.signed_in(&admin, monday()).await;
    for other in [&admin, &above] {
        visitor.open(&format!("/kelola/orang/{}", other.id)).await;
        assert!(!visitor.page().contains("Atur ulang faktor kedua"), "{}", other.name);
        visitor.post(&format!("/kelola/orang/{}/faktor-kedua", other.id), &[]).await;
        assert_eq!(visitor.status, StatusCode::CONFLICT, "{}", other.name);
    }
    assert_eq!(number(&db, "select count(*) from second_factor").await, 3);
    visitor.open(&format!("/kelola/orang/{}", near.id)).await;
    visitor.press("Atur ulang faktor kedua", &[]).await;
    assert!(visitor.banner().starts_with("Faktor kedua dihapus"));
    assert_eq!(number(&db, "select count(*) from second_factor").await, 2);
    assert_eq!(number(&db, "select count(*) from recovery_code").await, 0);
    signed_in.open("/saya").await;
    assert_eq!(signed_in.at, "/masuk");
    waiting.open("/masuk/kode").await;
    assert_eq!(waiting.at, "/masuk?ke=/saya");
}

/// Whoever made somebody's link may have used it, and may hold the app that was added then.
#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_factor_that_somebody_of_less_reach_may_hold_goes_with_a_new_role(db: PgPool) {
    let world = World::new(db.clone());
    let social = world.unit("Dinas Sosial").await;
    let root = world.person("Admin").role(Role::Administrator).create().await;
    let near = world.person("Admin Dekat").unit(social).role(Role::Administrator).create().await;
    let ada = world.person("Ada").unit(social).create().await;
    let mut conn = world.conn().await;
    let hash = smartclass::password::Hasher::default().hash(PASSWORD.into()).await.unwrap();
    let invite = smartclass::account::invite(&mut conn, ada.id, Some(near.id), monday()).await;
    smartclass::account::activate(&mut conn, &invite.unwrap(), &hash, monday()).await.unwrap();
    set_up(&mut conn, ada.id).await;
    // Her own new password does not make the app hers.
    smartclass::account::set_password(&mut conn, ada.id, &hash, monday()).await.unwrap();
    let unit = world.root().await;
    let granted = Role::Organiser;
    smartclass::account::grant(&mut conn, ada.id, granted, unit, Some(root.id), monday())
        .await
        .unwrap();
    assert!(!second::has(&mut conn, ada.id).await.unwrap());
    let left = format!("select count(*) from password where person_id = {}", ada.id);
    assert_eq!(number(&db, &left).await, 0);
}
