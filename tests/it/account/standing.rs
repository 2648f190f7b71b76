//! Those who left: they come in no more, count for no target, and keep what they earned.

use axum::http::StatusCode;
use smartclass::{account::Role, report};
use sqlx::PgPool;

use crate::support::{
    Person, Visitor, World, column,
    world::{PASSWORD, evening, monday},
};

async fn at_the_form(world: &World) -> (Visitor, Person) {
    let admin = world.person("Siti Admin").role(Role::Administrator).create().await;
    let ada = world.person("Ada").with_password().create().await;
    let mut admin = world.signed_in(&admin, monday()).await;
    admin.open(&format!("/kelola/orang/{}/ubah", ada.id)).await;
    (admin, ada)
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_left_is_signed_out_and_comes_in_no_more(db: PgPool) {
    let world = World::new(db.clone());
    let (mut admin, ada) = at_the_form(&world).await;
    let mut old = world.signed_in(&ada, monday()).await;
    let link = format!("/kelola/orang/{}/aktivasi", ada.id);
    let mut other = world
        .signed_in(&world.person("B").role(Role::Administrator).create().await, monday())
        .await;
    other.post(&link, &[]).await;
    let link = other.sees("#tautan").remove(0).replace("http://127.0.0.1:8080", "");
    admin.press("Simpan", &[("standing", "retired")]).await;
    assert_eq!(admin.problem("since"), "Isi sejak kapan status ini berlaku.");
    admin.press("Simpan", &[("since", "01/03/2026")]).await;
    admin.must_see("Pensiun sejak 1 Maret 2026").must_see("tidak dapat masuk");
    old.open("/saya").await;
    assert!(old.at.starts_with("/masuk"), "{}", old.at);
    let mut ada_again = world.visitor(evening());
    ada_again.open("/masuk").await;
    ada_again.press("Masuk", &[("nip", &ada.nip), ("password", PASSWORD)]).await;
    assert_eq!(ada_again.status, StatusCode::UNPROCESSABLE_ENTITY);
    ada_again.open(&link).await;
    assert_eq!(ada_again.status, StatusCode::NOT_FOUND);
    admin.open("/kelola/orang").await.must_see("Ada Pensiun");
    admin.open(&format!("/kelola/orang/{}/ubah", ada.id)).await;
    admin.press("Simpan", &[("standing", "active"), ("since", "")]).await;
    ada_again.open("/masuk").await;
    ada_again.press("Masuk", &[("nip", &ada.nip), ("password", PASSWORD)]).await;
    ada_again.must_see("Ada");
    assert_eq!(ada_again.at, "/saya");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_left_counts_until_the_year_before(db: PgPool) {
    let world = World::new(db.clone());
    let (mut admin, _) = at_the_form(&world).await;
    admin.press("Simpan", &[("standing", "moved"), ("since", "1-3-2026")]).await;
    let root = world.root().await;
    let mut counted = Vec::new();
    for year in [2025, 2026] {
        let lines = report::by_unit(&mut *world.conn().await, year, &[root]).await.unwrap();
        counted.push(lines.iter().map(|line| line.people).sum::<i64>());
    }
    assert_eq!(counted, [2, 1]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_ends_their_own_service(db: PgPool) {
    let world = World::new(db.clone());
    let admin = world.person("Siti Admin").role(Role::Administrator).create().await;
    let mut visitor = world.signed_in(&admin, monday()).await;
    visitor.open(&format!("/kelola/orang/{}/ubah", admin.id)).await;
    visitor.press("Simpan", &[("standing", "leave")]).await;
    assert_eq!(
        visitor.problem("standing"),
        "Anda tidak dapat mengubah status Anda sendiri. Minta administrator lain."
    );
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_is_known_of_somebodys_service_is_kept_with_its_history(db: PgPool) {
    let world = World::new(db.clone());
    let (mut admin, ada) = at_the_form(&world).await;
    let typed =
        [("phone", "12"), ("kind", "functional"), ("from", "01/03/2026"), ("until", "28/02/2026")];
    admin.press("Simpan", &typed).await;
    assert_eq!(admin.problem("phone"), "Tulis nomor telepon seperti 0812 3456 7890.");
    assert_eq!(admin.problem("until"), "Akhir kontrak tidak dapat mendahului mulai bekerja.");
    assert_eq!([admin.value("phone"), admin.value("kind")], ["12", "functional"]);
    admin.press("Simpan", &[("phone", "0812 3456 7890"), ("until", "28/02/2031")]).await;
    assert_eq!(admin.at, format!("/kelola/orang/{}", ada.id));
    admin.must_see("+6281234567890").must_see("1 Maret 2026, kontrak sampai 28 Februari 2031");
    admin.must_see("Jenis jabatan – Fungsional");
    assert_eq!(column(&db, "select count(*)::text from person_change").await, ["4"]);
}
