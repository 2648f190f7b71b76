//! Roles are held for a unit and what lies below it, and reach no further.

use axum::http::StatusCode;
use smartclass::account::{self, GrantError, Role};
use sqlx::PgPool;

use crate::support::{
    Person, Visitor, World, column, number, run,
    world::{monday, set_up},
};

const SOCIAL: &str = "Dinas Sosial";
const HEALTH: &str = "Dinas Kesehatan";

/// An administrator for Dinas Sosial, and somebody of that unit, of a part of it, and of another.
struct Scene {
    world: World,
    admin: Visitor,
    near: Person,
    below: Person,
    far: Person,
}

async fn scene(db: PgPool) -> Scene {
    let world = World::new(db.clone());
    run(
        &db,
        "insert into unit (parent_id, name, valid_from)
         select id, 'Panti Sosial', '2020-01-01' from unit where name = 'Dinas Sosial'",
    )
    .await;
    let (social, home) = (world.unit(SOCIAL).await, world.unit("Panti Sosial").await);
    let health = world.unit(HEALTH).await;
    let admin = world.person("Admin").unit(social).role(Role::Administrator).create().await;
    let near = world.person("Warga Dekat").unit(social).create().await;
    let below = world.person("Warga Bawah").unit(home).create().await;
    let far = world.person("Warga Jauh").unit(health).create().await;
    let admin = world.signed_in(&admin, monday()).await;
    Scene { world, admin, near, below, far }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_administrator_sees_the_people_of_their_unit_and_below(db: PgPool) {
    let Scene { mut admin, near, below, far, .. } = scene(db).await;
    admin.open("/kelola/orang").await;
    assert_eq!(admin.sees("tbody th"), ["Admin", "Warga Bawah", "Warga Dekat"]);
    admin.open("/kelola/orang?q=jauh").await.must_see("Tidak ada orang yang cocok");
    for (person, status) in
        [(&near, StatusCode::OK), (&below, StatusCode::OK), (&far, StatusCode::NOT_FOUND)]
    {
        admin.open(&format!("/kelola/orang/{}", person.id)).await;
        assert_eq!(admin.status, status, "{}", person.name);
    }
    admin.open("/kelola/orang/baru").await;
    let units = admin.sees("#unit option");
    assert_eq!(units, ["Pilih unit kerja", SOCIAL, "Dinas Sosial › Panti Sosial"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_administrator_acts_on_nobody_outside_their_unit(db: PgPool) {
    let Scene { world, mut admin, far, .. } = scene(db.clone()).await;
    let (social, health) = (world.unit(SOCIAL).await, world.unit(HEALTH).await);
    let auditor = world.person("Auditor").role(Role::Auditor).create().await;
    let grant = number(&db, "select id from role_grant where role = 'auditor'").await;
    for person in [&far, &auditor] {
        for act in
            ["ubah".to_owned(), "aktivasi".into(), "peran".into(), format!("peran/{grant}/cabut")]
        {
            let typed = [("role", "unit_operator"), ("unit", &*social.to_string())];
            admin.post(&format!("/kelola/orang/{}/{act}", person.id), &typed).await;
            assert_eq!(admin.status, StatusCode::NOT_FOUND, "{} {act}", person.name);
        }
    }
    let new =
        [("name", "Orang Baru"), ("nip", "199005052015032005"), ("unit", &*health.to_string())];
    admin.post("/kelola/orang", &new).await;
    assert_eq!(admin.problem("unit"), "Pilih unit kerja.");
    assert_eq!(column(&db, "select name from person where name = 'Orang Baru'").await, [""; 0]);
    assert_eq!(number(&db, "select count(*) from activation").await, 0);
    assert_eq!(number(&db, "select count(*) from role_grant where revoked_at is null").await, 2);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_administrator_gives_roles_for_their_units_only(db: PgPool) {
    let Scene { world, mut admin, near, .. } = scene(db.clone()).await;
    let page = format!("/kelola/orang/{}", near.id);
    admin.open(&page).await;
    assert_eq!(admin.sees("#role option"), ["Operator OPD", "Pimpinan", "Administrator"]);
    assert_eq!(admin.sees("#unit option"), [SOCIAL, "Dinas Sosial › Panti Sosial"]);
    for unit in [world.root().await, world.unit(HEALTH).await] {
        let typed = [("role", "administrator"), ("unit", &*unit.to_string())];
        admin.post(&format!("{page}/peran"), &typed).await;
        assert!(admin.status.is_client_error(), "{unit}: {}", admin.status);
    }
    let below = world.unit("Panti Sosial").await.to_string();
    admin
        .open(&page)
        .await
        .press("Beri peran", &[("role", "administrator"), ("unit", &below)])
        .await;
    assert_eq!(admin.banner(), "Peran Administrator diberikan.");
    let held = "select u.name from role_grant g join unit u on u.id = g.unit_id where g.revoked_at is null";
    assert_eq!(column(&db, &format!("{held} order by g.id")).await, [SOCIAL, "Panti Sosial"]);
    set_up(&mut *world.conn().await, near.id).await;
    let mut near = world.signed_in(&near, monday()).await;
    near.open("/kelola/orang").await;
    assert_eq!(near.sees("tbody th"), ["Warga Bawah"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_comes_to_more_by_signing_in_as_somebody_of_their_unit(db: PgPool) {
    let Scene { world, mut admin, .. } = scene(db.clone()).await;
    let boss = world.person("Kepala").unit(world.unit(SOCIAL).await).create().await;
    let root = world.root().await;
    let mut conn = world.conn().await;
    account::grant(&mut conn, boss.id, Role::Administrator, root, None, monday()).await.unwrap();
    let page = format!("/kelola/orang/{}", boss.id);
    let only = "hanya administrator untuk unit itu yang dapat mengubahnya";
    admin.open(&page).await.must_see(only);
    assert_eq!(admin.sees("main button"), [""; 0]);
    for act in ["aktivasi", "ubah"] {
        admin.post(&format!("{page}/{act}"), &[]).await;
        assert_eq!(admin.status, StatusCode::CONFLICT, "{act}");
    }
    let grant = number(&db, "select max(id) from role_grant").await;
    admin.post(&format!("{page}/peran/{grant}/cabut"), &[]).await;
    assert_eq!(admin.status, StatusCode::CONFLICT);
    assert_eq!(number(&db, "select count(*) from role_grant where revoked_at is null").await, 2);
    assert_eq!(number(&db, "select count(*) from activation").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn no_link_is_made_while_a_role_beyond_is_given(db: PgPool) {
    let Scene { world, mut admin, near, .. } = scene(db.clone()).await;
    let root = world.root().await;
    let mut granting = db.begin().await.unwrap();
    let role = Role::Administrator;
    account::grant(&mut granting, near.id, role, root, None, monday()).await.unwrap();
    let path = format!("/kelola/orang/{}/aktivasi", near.id);
    let waiting = "select count(*) from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'";
    tokio::join!(admin.post(&path, &[]), async {
        while number(&db, waiting).await == 0 {
            tokio::task::yield_now().await;
        }
        granting.commit().await.unwrap();
    });
    assert_eq!(admin.status, StatusCode::CONFLICT);
    assert_eq!(number(&db, "select count(*) from activation").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_the_whole_agency_decides_is_not_for_the_administrator_of_a_unit(db: PgPool) {
    let Scene { mut admin, .. } = scene(db).await;
    admin.open("/kelola/pengaturan").await;
    assert_eq!(admin.status, StatusCode::FORBIDDEN);
    admin.open("/kelola/orang").await;
    assert!(!admin.page().contains("/kelola/pengaturan"));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn who_runs_or_audits_classes_does_so_for_the_whole_province(db: PgPool) {
    let world = World::new(db.clone());
    let (ada, unit) = (world.person("Ada").create().await, world.unit(SOCIAL).await);
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let mut conn = world.conn().await;
    for role in [Role::Organiser, Role::Auditor] {
        let refused = account::grant(&mut conn, ada.id, role, unit, None, monday()).await;
        assert!(matches!(refused, Err(GrantError::NeedsAll(_))), "{role:?}");
    }
    let mut admin = world.signed_in(&admin, monday()).await;
    admin.open(&format!("/kelola/orang/{}", ada.id)).await;
    admin.press("Beri peran", &[("role", "auditor"), ("unit", &unit.to_string())]).await;
    let words =
        "Peran Auditor (Inspektorat) hanya dapat diberikan untuk seluruh Pemerintah Provinsi.";
    admin.must_see(words);
    // A row that came about otherwise opens nothing.
    run(
        &db,
        &format!(
            "insert into role_grant (person_id, role, unit_id, granted_at)
             values ({}, 'organiser', {unit}, now())",
            ada.id
        ),
    )
    .await;
    let mut ada = world.signed_in(&ada, monday()).await;
    for (path, status) in [
        ("/kelola/jadwal", StatusCode::FORBIDDEN),
        ("/kelola/kelas/baru", StatusCode::FORBIDDEN),
        ("/kelola/laporan", StatusCode::OK),
    ] {
        ada.open(path).await;
        assert_eq!(ada.status, status, "{path}");
    }
}
