//! Reports of every kind, from the file to the learning hours, at the pages.

use axum::http::StatusCode;
use smartclass::class::Part;
use sqlx::PgPool;

use super::{Scene, tile};
use crate::support::{World, Zoom, assert_in_order, number, wita, world::evening};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_workbook_becomes_learning_hours(db: PgPool) {
    let world = World::new(db.clone());
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    let mut scene = Scene::new(world, &[&ada, &bob]).await;
    let report = Zoom::new().stay("Ada", "", "08:50", "11:05").stay("Bob", "", "10:00", "11:00");
    let page = scene.upload_bytes("laporan.xlsx", &report.xlsx(false)).await;
    assert_eq!(page.sees("td[data-l=Zoom]"), ["08.50–11.05", "10.00–11.00"]);
    assert!(!page.sees_text("ditukar kembali"));
    page.press("Catat 1 hadir, 1 hadir sebagian", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP", "Bob: Hadir sebagian, 0 JP"]);
    assert_eq!(number(&db, "select sum(jp) from learning_hours").await, 2);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_workbook_with_day_and_month_exchanged_says_so_and_can_be_set_right(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let report = Zoom::new().stay("Ada", "", "09:00", "11:00");
    let page = scene.upload_bytes("laporan.xlsx", &report.xlsx(true)).await;
    page.must_see("lembar kerja membaca tanggal sebagai bulan, jadi keduanya ditukar kembali");
    page.press("Baca ulang", &[("cells", "asli")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.problem("order").contains("bertanggal 03-10-2026, bukan hari kelas ini"));
    page.press("Catat 1 hadir", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_report_of_another_zone_says_why_it_was_read_in_it(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let page = scene.upload(&Zoom::new().stay("Ada", "", "01:00", "03:00")).await;
    page.must_see(
        "Jam dalam laporan ini dibaca dalam UTC: dalam WITA tidak seorang pun hadir pada waktu kelas.",
    );
    assert_eq!(tile(page, "Akan hadir"), "1 2 JP tiap orang");
    page.press("Baca ulang", &[("zone", "Asia/Makassar")]).await;
    page.must_see("Tidak seorang pun dalam laporan ini hadir pada waktu kelas.");
    assert_eq!(tile(page, "Akan hadir"), "0 2 JP tiap orang");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_report_of_totals_alone_becomes_learning_hours(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").email("ada@contoh.go.id").create().await;
    let bob = world.person("Bob").create().await;
    let mut scene = Scene::new(world, &[&ada, &bob]).await;
    let plain = "Name (Original Name),User Email,Total Duration (Minutes),Guest\r\n\
        Ada L. (Ada),ada@contoh.go.id,500,No\r\nBob,,95,Yes\r\n";
    let page = scene.upload_bytes("total.csv", plain.as_bytes()).await;
    page.must_see("Laporan ini hanya memuat jumlah menit");
    assert_eq!(page.sees("td[data-l=Menit]"), ["120", "95"]);
    page.press("Catat 1 hadir, 1 hadir sebagian", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP", "Bob: Hadir sebagian, 0 JP"]);
    // A second meeting of that day, with its facts: totals add up over reports.
    let facts = |day: &str| {
        format!(
            "Topik,ID,Nama host,Durasi (menit),Waktu mulai,Waktu berakhir,Peserta,Total menit peserta\r\n\
             Arsip,845 1220 7741,Ratna,60,{day}/03/2026 10:30:00,{day}/03/2026 11:00:00,1,30\r\n\r\n\
             Nama (nama asli),Email,Total durasi (menit)s,Tamu\r\nBob,,20,Ya\r\n"
        )
    };
    let page = scene.upload_bytes("lain.csv", facts("12").as_bytes()).await;
    assert!(page.problem("file").contains("bertanggal 12-03-2026"), "{}", page.problem("file"));
    let page = scene.upload_bytes("kedua.csv", facts("10").as_bytes()).await;
    page.press("Ubah 1 menjadi hadir", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP", "Bob: Hadir, 2 JP"]);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn each_day_of_a_class_has_its_report(db: PgPool) {
    let world = World::new(db.clone());
    let mut new = world.class();
    new.plan.parts.push(Part {
        starts: wita("2026-03-11 09:00"),
        ends: wita("2026-03-11 11:00"),
        really: None,
    });
    let class = new.create().await;
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    world.enrol(class, &ada).await;
    world.enrol(class, &bob).await;
    let by = world.organiser().await;
    let organiser = world.signed_in(&by, evening() + chrono::Duration::days(1)).await;
    let mut scene = Scene { world, class, by, organiser };
    let first = Zoom::new().stay("Ada", "", "09:00", "11:00").stay("Bob", "", "09:00", "11:00");
    let page = scene.upload(&first).await;
    page.press("Catat 2 hadir sebagian", &[]).await;
    let second = Zoom::new()
        .on("2026-03-11", "Ada", "", "09:00", "11:00")
        .on("2026-03-10", "Bob", "", "10:50", "11:20")
        .on("2026-03-11", "Bob", "", "09:00", "09:30");
    let page = scene.upload_bytes("hari-2.xlsx", &second.xlsx(false)).await;
    assert_eq!(page.sees("td[data-l=Sekarang]"), ["Hadir sebagian, 0 JP"]);
    assert_eq!(page.sees("td[data-l=Menit]"), ["240"]);
    page.press("Ubah 1 menjadi hadir", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP", "Bob: Hadir sebagian, 0 JP"]);
    scene.organiser.open(&format!("/kelola/kelas/{class}/kehadiran/{}", bob.id)).await;
    scene.organiser.must_see("10 Mar 2026 10.50–11.20, 11 Mar 2026 09.00–09.30");
    assert_in_order(&db).await;
}
