//! A person's own pages: what comes next, what came of it, what is to be done.

use axum::http::StatusCode;
use smartclass::{class::Part, enrolment};
use sqlx::PgPool;

use crate::support::{
    World, Zoom, wita,
    world::{evening, monday},
};

/// The middle of the day after the class.
fn after() -> chrono::DateTime<chrono::Utc> {
    wita("2026-03-11 12:00")
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn who_stayed_too_short_reads_that_and_why_on_every_page_of_their_own(db: PgPool) {
    let world = World::new(db);
    let class = world.class().create().await;
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    let organiser = world.organiser().await;
    for person in [&ada, &bob] {
        world.enrol(class, person).await;
    }
    let report = Zoom::new().stay("Ada", "", "09:00", "09:40").stay("Lain", "", "09:00", "11:00");
    world.import(class, &report, &organiser).await;
    let mut ada = world.signed_in(&ada, after()).await;
    ada.open("/saya/kelas?bagian=selesai").await;
    assert_eq!(ada.sees("main .tag"), ["Hadir sebagian"]);
    ada.must_see("0 JP");
    ada.click("Menyusun Arsip Digital").await.must_see("40 menit");
    ada.open("/saya/jp").await.must_see("Kelas tanpa JP").must_see("40 menit");
    ada.open("/saya/jp?tahun=2025").await;
    assert!(!ada.sees_text("Kelas tanpa JP"));
    let mut bob = world.signed_in(&bob, after()).await;
    bob.open("/saya/jp").await;
    assert_eq!(bob.sees("main .tag"), ["Tidak hadir"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn who_was_present_gets_from_the_class_to_the_certificate(db: PgPool) {
    let world = World::new(db);
    let class = world.class().create().await;
    let ada = world.person("Ada").create().await;
    let organiser = world.organiser().await;
    world.enrol(class, &ada).await;
    let mut early = world.signed_in(&ada, after()).await;
    early.open(&format!("/saya/kelas/{class}")).await.must_see("Kehadiran belum diputuskan.");
    world.import(class, &Zoom::new().stay("Ada", "", "09:00", "11:00"), &organiser).await;
    let mut ada = world.signed_in(&ada, after()).await;
    ada.open(&format!("/saya/kelas/{class}")).await.must_see("120 menit").must_see("2 JP");
    ada.must_see("Sertifikat tampil di sini setelah diterbitkan.");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_way_into_zoom_is_open_around_each_part_of_a_class_and_not_between(db: PgPool) {
    let world = World::new(db);
    let mut plan = world.class();
    let part = |from, to| Part { starts: wita(from), ends: wita(to), really: None };
    plan.plan.parts = vec![
        part("2026-03-10 09:00", "2026-03-10 11:00"),
        part("2026-03-11 09:00", "2026-03-11 11:00"),
    ];
    let class = plan.create().await;
    let ada = world.person("Ada").create().await;
    world.enrol(class, &ada).await;
    for (at, open) in [
        ("2026-03-10 08:44", false),
        ("2026-03-10 08:45", true),
        ("2026-03-10 11:00", true),
        ("2026-03-10 20:00", false),
        ("2026-03-11 08:50", true),
    ] {
        let mut ada = world.signed_in(&ada, wita(at)).await;
        for page in ["/saya".to_owned(), format!("/saya/kelas/{class}")] {
            ada.open(&page).await;
            assert_eq!(!ada.sees("main .btn[href$='/zoom']").is_empty(), open, "{page} at {at}");
        }
        ada.peek(&format!("/saya/kelas/{class}/zoom")).await;
        assert_eq!(ada.status.is_redirection(), open, "{at}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn no_button_leads_to_a_link_that_is_not_there(db: PgPool) {
    let world = World::new(db);
    let mut plan = world.class();
    plan.plan.lanes.clear();
    let class = plan.create().await;
    let ada = world.person("Ada").create().await;
    world.enrol(class, &ada).await;
    let mut ada = world.signed_in(&ada, wita("2026-03-10 09:10")).await;
    for page in ["/saya".to_owned(), format!("/saya/kelas/{class}")] {
        ada.open(&page).await;
        assert!(!ada.sees_text("Zoom"), "{page}");
    }
    ada.open(&format!("/saya/kelas/{class}/zoom")).await;
    assert_eq!(ada.status, StatusCode::CONFLICT);
    ada.must_see("Tautan Zoom belum diumumkan.");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn who_waits_may_leave_the_queue_until_the_class_begins(db: PgPool) {
    let world = World::new(db);
    let class = world.class().seats(1).create().await;
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    world.enrol(class, &ada).await;
    world.enrol(class, &bob).await;
    let late = wita("2026-03-10 08:00"); // past the limit for seats
    let page = format!("/saya/kelas/{class}");
    let mut seated = world.signed_in(&ada, late).await;
    seated.open(&page).await;
    assert!(!seated.sees_text("Batalkan pendaftaran"));
    let mut waits = world.signed_in(&bob, late).await;
    waits.open(&page).await.click("Keluar dari daftar tunggu").await;
    waits.press("Keluar dari daftar tunggu", &[]).await;
    assert_eq!(waits.sees(".state"), ["Pendaftaran dibatalkan"]);
    assert_eq!(world.find(class).await.waiting, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn who_was_taken_off_the_list_reads_by_whom_and_why(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().create().await;
    let ada = world.person("Ada").create().await;
    let organiser = world.organiser().await;
    world.enrol(class, &ada).await;
    let mut tx = db.begin().await.unwrap();
    enrolment::remove_by(&mut tx, class, ada.id, organiser.id, "Bukan sasaran kelas.", monday())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut ada = world.signed_in(&ada, monday()).await;
    ada.open(&format!("/saya/kelas/{class}")).await;
    assert_eq!(ada.sees(".state"), ["Penyelenggara mengeluarkan Anda dari kelas ini"]);
    ada.must_see("Bukan sasaran kelas.");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn who_waited_in_vain_is_not_told_that_they_had_a_seat(db: PgPool) {
    let world = World::new(db);
    let class = world.class().seats(1).create().await;
    for person in world.people(2).await {
        world.enrol(class, &person).await;
    }
    let late = world.person("Zita").create().await;
    world.enrol(class, &late).await;
    let mut late = world.signed_in(&late, after()).await;
    late.open("/saya/kelas?bagian=selesai").await.must_see("Tidak mendapat tempat");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn who_has_no_seat_is_shown_classes_with_seats_left(db: PgPool) {
    let world = World::new(db);
    let gone = world.class().title("Ditinggalkan").create().await;
    let full = world.class().title("Penuh").seats(1).create().await;
    world.class().title("Longgar").create().await;
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    world.enrol(gone, &ada).await;
    world.withdraw(gone, &ada).await;
    world.enrol(full, &bob).await;
    world.enrol(full, &ada).await;
    let mut ada = world.signed_in(&ada, monday()).await;
    ada.open("/saya").await;
    assert_eq!(ada.sees(".agenda strong"), ["Ditinggalkan", "Longgar"]);
    assert_eq!(ada.sees(".tasks .plain"), ["Menunggu, ke-1"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_home_page_sums_the_year_and_january_keeps_the_last_one_at_hand(db: PgPool) {
    let world = World::new(db);
    let class = world.class().create().await;
    let ada = world.person("Ada").create().await;
    let organiser = world.organiser().await;
    world.enrol(class, &ada).await;
    world.import(class, &Zoom::new().stay("Ada", "", "09:00", "11:00"), &organiser).await;
    let mut this = world.signed_in(&ada, evening()).await;
    this.open("/saya").await.must_see("2 dari 20 JP").must_see("Sisa 18 JP sampai 31 Desember");
    assert_eq!(this.sees(".ledger .jp"), ["+2"]);
    assert!(!this.sees_text("Tahun 2025"));
    let mut next = world.signed_in(&ada, wita("2027-01-04 09:00")).await;
    next.open("/saya").await.must_see("Anda belum punya JP tahun ini");
    next.click("Tahun 2026: 2 JP").await.must_see("Kurang 18 JP dari target tahun 2026");
}
