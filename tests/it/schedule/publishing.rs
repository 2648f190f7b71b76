//! The page between a draft and the public.

use axum::http::StatusCode;
use smartclass::class::Lane;
use sqlx::PgPool;

use super::organiser;
use crate::support::{
    World, wita,
    world::{evening, speaker},
};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn publishing_first_shows_what_will_be_fixed_and_what_looks_wrong(db: PgPool) {
    let world = World::new(db);
    let mut class = world.class().draft();
    class.plan.jp = 5;
    class.plan.lanes = vec![(Lane::Room, "Aula BPSDMD".into())];
    let class = class.create().await;
    let mut visitor = organiser(&world).await;
    visitor.open(&format!("/kelola/kelas/{class}")).await.click("Periksa dan terbitkan").await;
    visitor.must_see("alamat halaman dan jumlah JP kelas ini tetap").must_see("Aula BPSDMD");
    visitor.must_see("Selasa, 10 Maret 2026, pukul 09.00 s.d. 11.00 WITA");
    let warnings = visitor.sees(".inset strong");
    assert_eq!(warnings, ["5 JP berbeda dari lama kelas.", "Tautan Zoom belum diisi."]);
    visitor.press("Terbitkan kelas", &[]).await;
    assert!(world.find(class).await.slug.is_some());
    // A published class has nothing to ask.
    visitor.open(&format!("/kelola/kelas/{class}/terbit")).await;
    assert_eq!(visitor.at, format!("/kelola/kelas/{class}"));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_changed_since_it_was_looked_at_is_not_published(db: PgPool) {
    let world = World::new(db);
    let class = world.class().draft().create().await;
    let check = format!("/kelola/kelas/{class}/terbit");
    let (mut first, mut second) = (organiser(&world).await, organiser(&world).await);
    first.open(&check).await;
    let pressed = first.fill("Terbitkan kelas", &[], None);
    second.open(&format!("/kelola/kelas/{class}/ubah")).await;
    second.press("Simpan", &[("jp", "9")]).await;
    first.submit(pressed).await.must_see("Draf ini baru saja diubah");
    assert_eq!(first.status, StatusCode::CONFLICT);
    assert_eq!(world.find(class).await.slug, None);
    let pressed = first.fill("Terbitkan kelas", &[], None);
    first.submit(pressed.clone()).await;
    assert_eq!(first.banner(), "Kelas sudah terbit.");
    first.submit(pressed).await;
    assert_eq!(first.banner(), "Kelas sudah terbit.", "pressed twice");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_class_that_has_begun_cannot_be_published(db: PgPool) {
    let world = World::new(db);
    let class = world.class().draft().create().await;
    let mut visitor = world.signed_in(&world.organiser().await, evening()).await;
    visitor.open(&format!("/kelola/kelas/{class}")).await.click("Periksa dan terbitkan").await;
    visitor.must_see("Kelas yang sudah dimulai tidak dapat diterbitkan.");
    assert_eq!(visitor.sees("main button"), [""; 0]);
    visitor.post(&format!("/kelola/kelas/{class}/terbit"), &[("version", "1")]).await;
    assert_eq!(visitor.status, StatusCode::CONFLICT);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_clash_with_another_class_is_said_before_publishing(db: PgPool) {
    let world = World::new(db);
    let mut visitor = organiser(&world).await;
    let class = world.class().title("Satu").draft().create().await;
    let check = format!("/kelola/kelas/{class}/terbit");
    world.class().title("Sesudahnya").starts("2026-03-10 11:00").create().await;
    visitor.open(&check).await;
    assert_eq!(visitor.sees(".inset"), [""; 0], "one class may follow another");
    world.class().title("Lain").speaker("Orang Lain").starts("2026-03-10 10:00").create().await;
    let mut twin = world.class().title("Kembar").starts("2026-03-10 08:00");
    twin.plan.speakers = vec![speaker("nirmala SAUSU, S.Sos.")];
    twin.create().await;
    visitor.open(&check).await;
    let clashes = visitor.sees(".inset li");
    assert_eq!(clashes.len(), 2, "{clashes:?}");
    assert!(clashes[0].starts_with("Kembar") && clashes[0].contains("juga dijadwalkan di sana"));
    assert!(clashes[1].starts_with("Lain") && !clashes[1].contains("juga dijadwalkan"));
    visitor.press("Terbitkan kelas", &[]).await;
    visitor.open("/kelola/jadwal").await;
    let flagged = visitor.sees("tr:has(.bad) th a");
    assert_eq!(flagged, ["Kembar", "Satu"], "those who need the same speaker");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_class_waits_for_its_attendance_only_when_it_is_over(db: PgPool) {
    let world = World::new(db);
    let class = world.class().create().await;
    let by = world.organiser().await;
    for (at, said) in [
        ("2026-03-10 08:59", "Setelah kelas"),
        ("2026-03-10 10:59", "Kelas sedang berlangsung"),
        ("2026-03-10 11:00", "Belum dicatat"),
    ] {
        let mut visitor = world.signed_in(&by, wita(at)).await;
        visitor.open(&format!("/kelola/kelas/{class}")).await;
        let tasks = visitor.sees(".tasks li");
        assert!(tasks[1].ends_with(said), "{at}: {tasks:?}");
    }
}
