//! An administrator sees and changes the units of their reach, and knows of no other.

use axum::http::StatusCode;
use smartclass::{account::Role, ids::UnitId};
use sqlx::PgPool;

use super::{HEALTH, Province, SOCIAL, of};
use crate::support::{Visitor, World, column, number, world::monday};

/// The administrator of Dinas Sosial, which has two homes; their units, and Dinas Kesehatan.
async fn scene(db: &PgPool) -> (World, Visitor, [UnitId; 4]) {
    let province = Province::new(db).await;
    let (health, social) = (province.world.unit(HEALTH).await, province.world.unit(SOCIAL).await);
    let young = province.below(social, "Panti Remaja").await;
    let old = province.below(social, "Panti Lanjut Usia").await;
    let world = province.world;
    let admin = world.person("Admin").unit(social).role(Role::Administrator).create().await;
    world.person("Penghuni").unit(young).create().await;
    let admin = world.signed_in(&admin, monday()).await;
    (world, admin, [social, young, old, health])
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_tree_of_a_unit_begins_with_the_unit(db: PgPool) {
    let (_, mut admin, [social, young, ..]) = scene(&db).await;
    admin.open("/kelola/unit").await;
    assert_eq!(admin.sees(".tree > li > .unit a"), [SOCIAL]);
    assert_eq!(admin.sees(".tree > li > ul > li a"), ["Panti Lanjut Usia", "Panti Remaja"]);
    admin.open("/kelola/unit?q=dinas").await;
    assert_eq!(admin.sees(".tree a"), [SOCIAL]);
    admin.open(&format!("/kelola/unit/{social}")).await;
    assert!(!admin.page().contains("/kelola/unit/1\""), "the unit above is no link");
    admin.open(&format!("/kelola/orang?unit={young}")).await;
    assert_eq!(admin.sees("tbody th"), ["Penghuni"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn units_of_others_are_not_there(db: PgPool) {
    let (world, mut admin, [.., health]) = scene(&db).await;
    let typed = [
        ("name", "Lain"),
        ("from", "2026-03-02"),
        ("day", "2026-03-02"),
        ("ke", "1"),
        ("version", "1"),
    ];
    for unit in [health, world.root().await] {
        admin.peek(&format!("/kelola/unit/{unit}")).await;
        assert_eq!(admin.status, StatusCode::NOT_FOUND);
        admin.peek(&format!("/kelola/orang?unit={unit}")).await;
        assert_eq!(admin.status, StatusCode::NOT_FOUND);
        for act in ["baru", "ubah", "pindah", "gabung", "tutup"] {
            let path = format!("/kelola/unit/{unit}/{act}");
            admin.peek(&path).await;
            assert_eq!(admin.status, StatusCode::NOT_FOUND, "{path}");
            admin.post(&path, &typed).await;
            assert_eq!(admin.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    assert_eq!(number(&db, "select count(*) from unit where version > 1").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nothing_is_moved_or_merged_to_where_one_does_not_reach(db: PgPool) {
    let (world, mut admin, [_, young, old, health]) = scene(&db).await;
    for (act, offered) in [
        ("pindah", vec!["Pilih unit", "Dinas Sosial › Panti Lanjut Usia"]),
        ("gabung", vec!["Pilih unit", SOCIAL, "Dinas Sosial › Panti Lanjut Usia"]),
    ] {
        let path = format!("/kelola/unit/{young}/{act}");
        admin.open(&path).await;
        assert_eq!(admin.sees("#ke option"), offered);
        for target in [health, world.root().await] {
            admin.open(&format!("{path}?ke={target}")).await;
            assert_eq!(admin.problem("ke"), "Pilih unit tujuan.");
            admin.post(&path, &[("ke", &target.to_string()), ("version", "1")]).await;
            assert_eq!(admin.status, StatusCode::UNPROCESSABLE_ENTITY, "{act}");
        }
    }
    assert_eq!(number(&db, "select count(*) from unit where version > 1").await, 0);
    admin.open(&format!("/kelola/unit/{young}/pindah?ke={old}")).await;
    admin.press("Pindahkan unit", &[]).await;
    assert_eq!(column(&db, &of(young, "parent_id")).await, [old.to_string()]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_ends_a_unit_for_which_they_hold_a_role(db: PgPool) {
    let (world, _, [social, young, ..]) = scene(&db).await;
    let twice = world.person("Admin Dua").role(Role::Administrator).create().await;
    let mut conn = world.conn().await;
    smartclass::account::grant(&mut conn, twice.id, Role::Leader, young, None, monday())
        .await
        .unwrap();
    let mut twice = world.signed_in(&twice, monday()).await;
    let own = "Anda sendiri memegang peran untuk unit ini";
    for (act, field) in [("gabung", "ke"), ("tutup", "day")] {
        let path = format!("/kelola/unit/{young}/{act}");
        let to = social.to_string();
        twice.open(&format!("{path}?ke={to}")).await.must_see(own);
        assert_eq!(twice.sees("main button"), [""; 0]);
        if act == "tutup" {
            let empty = format!("update person set unit_id = {social} where unit_id = {young}");
            crate::support::run(&db, &empty).await;
        }
        let typed = [("ke", &*to), ("day", "2026-03-02"), ("version", "1")];
        twice.post(&path, &typed).await;
        assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY, "{act}");
        let said = twice.sees(".summary a").join(" ");
        assert!(said.starts_with(own), "{act} {field}: {said}");
    }
    assert_eq!(column(&db, &of(young, "valid_until is null")).await, ["true"]);
}
