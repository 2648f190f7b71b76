//! Upload, preview, choose, confirm, undo: by an organiser at the pages.

use axum::http::StatusCode;
use smartclass::account::Role;
use sqlx::PgPool;

use super::{Scene, tile};
use crate::support::{Gate, World, Zoom, assert_in_order, number, world::evening};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_report_is_uploaded_checked_chosen_recorded_and_taken_back(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada Lestari, S.Sos.").email("ada@contoh.go.id").create().await;
    let yohanis = world.person("Yohanis Tobondo").create().await;
    let absent = world.person("Tidak Datang").create().await;
    let mut scene = Scene::new(world, &[&ada, &yohanis, &absent]).await;
    let report = Zoom::new()
        .stay("iPhone Ada", "ada@contoh.go.id", "08:50", "11:05")
        .stay("Yohanes Tobondo", "", "09:00", "10:40")
        .stay("Galaxy A12", "", "09:10", "09:20");
    let page = scene.upload(&report).await;
    page.must_see("Belum ada yang berubah.");
    assert_eq!(
        [tile(page, "Cocok otomatis"), tile(page, "Perlu dipilih"), tile(page, "Tidak dikenal")],
        ["1", "1", "1"]
    );
    assert_eq!(number(&db, "select count(*) from evidence").await, 0);

    let row = page
        .html()
        .select(&crate::support::visitor::css("select[name^=r]"))
        .next()
        .unwrap()
        .attr("name")
        .unwrap()
        .to_owned();
    page.press("Simpan pilihan", &[(&row, &yohanis.id.to_string())]).await;
    assert_eq!(page.banner(), "Pilihan tersimpan.");
    assert_eq!(tile(page, "Akan hadir"), "2 2 JP tiap orang");
    assert_eq!(
        page.sees("td[data-l=Menjadi]"),
        ["Hadir, 2 JP", "Tidak hadir, 0 JP", "Hadir, 2 JP"]
    );
    page.press("Catat 2 hadir, 1 tidak hadir, abaikan 1 baris", &[]).await;
    assert_eq!(page.banner(), "Kehadiran tercatat: 3 keputusan, 2 di antaranya hadir.");
    page.must_see("Tercatat. 2 bukti kehadiran berlaku.");
    let all = [
        "Ada Lestari, S.Sos.: Hadir, 2 JP",
        "Tidak Datang: Tidak hadir, 0 JP",
        "Yohanis Tobondo: Hadir, 2 JP",
    ];
    assert_eq!(scene.decided().await, all);
    assert_in_order(&db).await;

    let page = &mut scene.organiser;
    page.click("Batalkan impor ini").await.must_see("Buktinya ditarik");
    page.press("Batalkan impor", &[]).await;
    page.must_see("Impor ini dibatalkan. Semua buktinya ditarik.");
    assert_eq!(number(&db, "select count(*) from learning_hours where jp <> 0").await, 0);
    assert!(scene.decided().await.iter().all(|line| line.ends_with("Belum diputuskan, 0 JP")));
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn two_reports_add_up(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let page = scene.upload(&Zoom::new().stay("Ada", "", "09:00", "10:00")).await;
    assert_eq!(page.sees("td[data-l=Menjadi]"), ["Hadir sebagian, 0 JP"]);
    page.press("Catat 1 hadir sebagian", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir sebagian, 0 JP"]);
    let page = scene.upload(&Zoom::new().stay("Ada", "", "09:50", "11:00")).await;
    assert_eq!(page.sees("td[data-l=Sekarang]"), ["Hadir sebagian, 0 JP"]);
    page.press("Ubah 1 menjadi hadir", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP"]);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_same_report_is_known_again_in_any_form(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let report = Zoom::new().stay("Ada", "", "09:00", "11:00").stay("Tamu", "", "09:00", "09:30");
    let turned = Zoom::new().stay("Tamu", "", "09:00", "09:30").stay("Ada", "", "09:00", "11:00");
    scene.upload(&report).await;
    for (name, bytes) in
        [("sama.csv", report.csv()), ("utf16.csv", report.utf16()), ("balik.csv", turned.csv())]
    {
        let page = scene.upload_bytes(name, &bytes).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(
            page.problem("file").contains("sudah diimpor 10 Mar 2026 · 19.00 WITA (impor 1)"),
            "{}",
            page.problem("file")
        );
        page.click("Buka impor 1").await.must_see("Periksa laporan Zoom sebelum dicatat");
    }
    assert_eq!(number(&db, "select count(*) from import").await, 1);
    let other = scene.upload(&Zoom::new().stay("Ada", "", "09:00", "11:01")).await;
    assert_eq!(other.status, StatusCode::OK);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_report_can_come_again_once_it_was_thrown_away_or_taken_back(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let report = Zoom::new().stay("Ada", "", "09:00", "11:00");
    scene.upload(&report).await.press("Buang pratinjau dan ganti berkas", &[]).await;
    assert_eq!(scene.organiser.banner(), "Pratinjau dibuang. Tidak ada yang tercatat.");
    scene.upload(&report).await.press("Catat 1 hadir", &[]).await;
    scene.organiser.click("Batalkan impor ini").await.press("Batalkan impor", &[]).await;
    scene.upload(&report).await.press("Catat 1 hadir", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP"]);
    assert_eq!(number(&db, "select jp from learning_hours").await, 2);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_stale_preview_is_shown_again_instead_of_being_recorded(db: PgPool) {
    let world = World::new(db.clone());
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    let mut scene = Scene::new(world, &[&ada, &bob]).await;
    let page = scene
        .upload(&Zoom::new().stay("Ada", "", "09:00", "11:00").stay("Bob", "", "09:00", "11:00"))
        .await;
    let seen = page.fill("Catat 2 hadir", &[], None);
    // In another tab, somebody decides on Bob by hand.
    let path = format!("/kelola/kelas/{}/kehadiran/{}", scene.class, bob.id);
    scene
        .organiser
        .post(&path, &[("present", "tidak"), ("reason", "Akunnya dipakai orang lain.")])
        .await;
    let page = scene.organiser.submit(seen).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(page.banner(), "Data berubah sejak pratinjau ini dibuka. Periksa lagi, lalu catat.");
    assert_eq!(number(&db, "select count(*) from evidence where kind = 'zoom_report'").await, 0);
    page.press("Catat 1 hadir", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP", "Bob: Tidak hadir, 0 JP"]);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn confirming_and_undoing_twice_is_the_same_as_once(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let page = scene.upload(&Zoom::new().stay("Ada", "", "09:00", "11:00")).await;
    let confirm = page.fill("Catat 1 hadir", &[], None);
    for _ in 0..2 {
        page.submit(confirm.clone()).await;
        assert_eq!(page.status, StatusCode::OK);
    }
    assert_eq!(number(&db, "select count(*) from evidence").await, 1);
    assert_eq!(number(&db, "select count(*) from ledger_entry").await, 1);
    let undo = page.click("Batalkan impor ini").await.fill("Batalkan impor", &[], None);
    for _ in 0..2 {
        page.submit(undo.clone()).await;
        assert_eq!(page.status, StatusCode::OK);
    }
    assert_eq!(number(&db, "select count(*) from ledger_entry").await, 2);
    // An undone report cannot be recorded by an old page.
    page.submit(confirm).await;
    assert_eq!(scene.decided().await, ["Ada: Belum diputuskan, 0 JP"]);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn two_organisers_confirm_one_report_once(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let page = scene.upload(&Zoom::new().stay("Ada", "", "09:00", "11:00")).await;
    let confirm = page.fill("Catat 1 hadir", &[], None);
    let second = scene.world.person("Kedua").role(Role::Organiser).create().await;
    let mut second = scene.world.signed_in(&second, evening()).await;
    let gate = Gate::close(&db).await;
    tokio::join!(scene.organiser.submit(confirm.clone()), second.submit(confirm), gate.open_for(2));
    assert_eq!((scene.organiser.status, second.status), (StatusCode::OK, StatusCode::OK));
    for table in ["evidence", "decision", "ledger_entry"] {
        assert_eq!(number(&db, &format!("select count(*) from {table}")).await, 1, "{table}");
    }
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn how_presence_is_counted_can_be_set_before_it_is_recorded(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let page = scene.upload(&Zoom::new().stay("Ada", "", "09:30", "10:30")).await;
    assert_eq!(page.sees("td[data-l=Menjadi]"), ["Hadir sebagian, 0 JP"]);
    page.press(
        "Simpan cara menghitung",
        &[("percent", "150"), ("started", "9"), ("ended", "11.00")],
    )
    .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.problem("percent"), "Batas hadir antara 1 dan 100 persen.");
    assert_eq!(
        (page.problem("started").as_str(), page.value("started").as_str()),
        ("Tulis jam seperti 09.00.", "9")
    );
    page.press(
        "Simpan cara menghitung",
        &[("percent", "50"), ("started", "09.00"), ("ended", "11.00")],
    )
    .await;
    page.must_see("batas hadir 60 menit (50%)");
    assert_eq!(page.sees("td[data-l=Menjadi]"), ["Hadir, 2 JP"]);
    // It really began late and ended early.
    page.press(
        "Simpan cara menghitung",
        &[("percent", "100"), ("started", "09.30"), ("ended", "10.30")],
    )
    .await;
    page.must_see("Lama kelas 60 menit, batas hadir 60 menit (100%)");
    page.press("Catat 1 hadir", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP"]);
    let path = format!("/kelola/kelas/{}/impor/1/aturan", scene.class);
    scene
        .organiser
        .post(&path, &[("percent", "1"), ("started", "09.00"), ("ended", "11.00")])
        .await;
    assert_eq!(scene.organiser.status, StatusCode::CONFLICT);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_report_is_read_again_in_another_zone(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let page = scene.upload(&Zoom::new().stay("Ada", "", "09:00", "11:00")).await;
    page.press("Baca ulang", &[("zone", "Asia/Jayapura")]).await;
    page.must_see("WIT (Jayapura), sesuai pilihan Anda");
    assert_eq!(page.sees("td[data-l=Menjadi]"), ["Hadir sebagian, 0 JP"]);
    page.press("Baca ulang", &[("order", "dmy")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.press("Baca ulang", &[]).await;
    assert_eq!(page.sees("td[data-l=Menjadi]"), ["Hadir, 2 JP"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn presence_of_less_than_the_limit_earns_nothing(db: PgPool) {
    let world = World::new(db.clone());
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    let mut scene = Scene::new(world, &[&ada, &bob]).await;
    // 96 minutes are needed.
    let report =
        Zoom::new().stay("Ada", "", "09:00:00", "10:36:00").stay("Bob", "", "09:00:00", "10:35:59");
    scene.upload(&report).await.press("Catat 1 hadir, 1 hadir sebagian", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP", "Bob: Hadir sebagian, 0 JP"]);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn rejoining_and_a_second_device_count_once(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").email("ada@contoh.go.id").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let report = Zoom::new()
        .stay("Ada", "ada@contoh.go.id", "09:00", "09:50")
        .stay("Ada", "ada@contoh.go.id", "09:40", "09:55")
        .stay("Ada", "", "09:00", "09:55");
    let page = scene.upload(&report).await;
    assert_eq!(page.sees("td[data-l=Menit]"), ["55"]);
    page.press("Catat 1 hadir sebagian", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir sebagian, 0 JP"]);
}
