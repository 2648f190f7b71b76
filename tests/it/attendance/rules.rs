//! By whom, of which classes, and by what rule it may be decided.

use axum::http::StatusCode;
use smartclass::{account::Role, class::Lane};
use sqlx::PgPool;

use super::Scene;
use crate::support::{
    Gate, World, Zoom, assert_in_order, column, number, refusal, run,
    world::{evening, monday},
};

const HALF: [(&str, &str); 3] = [("percent", "50"), ("started", "09.00"), ("ended", "11.00")];

/// Ada was there for half of the class, which is too short; Bob was not.
async fn half_there(db: &PgPool) -> (Scene, String) {
    let world = World::new(db.clone());
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    let scene = Scene::new(world, &[&ada, &bob]).await;
    let report = Zoom::new().stay("Ada", "", "09:00", "10:00");
    scene.world.import(scene.class, &report, &scene.by).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir sebagian, 0 JP", "Bob: Tidak hadir, 0 JP"]);
    let bob = format!("/kelola/kelas/{}/kehadiran/{}", scene.class, bob.id);
    (scene, bob)
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_rule_that_was_not_confirmed_decides_nothing(db: PgPool) {
    let (mut scene, _) = half_there(&db).await;
    let page = scene.upload(&Zoom::new().stay("Tamu", "", "09:00", "09:30")).await;
    page.press("Simpan cara menghitung", &HALF).await.must_see("batas hadir 60 menit (50%)");
    assert_eq!(page.sees("td[data-l=Menjadi]"), ["Hadir, 2 JP"]);
    assert_eq!(scene.world.find(scene.class).await.presence_percent, 80);
    scene.organiser.press("Buang pratinjau dan ganti berkas", &[]).await;
    let page = scene.upload(&Zoom::new().stay("Tamu", "", "09:00", "09:31")).await;
    page.must_see("batas hadir 96 menit (80%)");
    assert_eq!(page.sees("td[data-l=Menjadi]"), [""; 0]);
    // Confirmed, it is the class's own, and its history says so.
    page.press("Simpan cara menghitung", &HALF).await;
    page.press("Ubah 1 menjadi hadir, abaikan 1 baris", &[]).await;
    assert_eq!(scene.decided().await[0], "Ada: Hadir, 2 JP");
    assert_eq!(scene.world.find(scene.class).await.presence_percent, 50);
    scene.organiser.open(&format!("/kelola/kelas/{}", scene.class)).await;
    scene.organiser.must_see("Cara menghitung kehadiran, dengan impor 3");
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_rule_that_was_proposed_for_another_day_is_void(db: PgPool) {
    let world = World::new(db.clone());
    let mut scene = Scene::new(world, &[]).await;
    let class = format!("/kelola/kelas/{}", scene.class);
    let page = scene.upload(&Zoom::new().stay("Tamu", "", "09:00", "11:00")).await;
    page.press("Simpan cara menghitung", &HALF).await;
    page.open(&format!("{class}/ubah"))
        .await
        .press("Simpan", &[("day", "2026-03-09"), ("withdraw", "2026-03-08")])
        .await;
    page.open(&format!("{class}/impor/1")).await;
    page.must_see("batas hadir 96 menit (80%)");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn deciding_on_one_by_hand_decides_on_nobody_else(db: PgPool) {
    let (mut scene, bob) = half_there(&db).await;
    run(&db, "update class set presence_percent = 50").await;
    let verdict = [("present", "ya"), ("reason", "Hadir di ruang.")];
    scene.organiser.open(&bob).await.press("Simpan keputusan", &verdict).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir sebagian, 0 JP", "Bob: Hadir, 2 JP"]);
    scene.organiser.press("Tarik ketetapan, kembali mengikuti laporan", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir sebagian, 0 JP", "Bob: Tidak hadir, 0 JP"]);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_limit_cannot_be_edited_once_attendance_was_decided(db: PgPool) {
    let (mut scene, _) = half_there(&db).await;
    let page = &mut scene.organiser;
    page.open(&format!("/kelola/kelas/{}/ubah", scene.class)).await;
    page.press("Simpan", &[("presence", "50")]).await;
    assert_eq!(
        page.problem("presence"),
        "Batas hadir tetap 80% sejak kehadiran kelas ini dicatat."
    );
    page.press("Simpan", &[("presence", "80"), ("title", "Arsip Kertas")]).await;
    assert_eq!(page.sees("h1"), ["Arsip Kertas"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn those_who_confirm_and_take_back_leave_their_own_attendance_to_another(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    scene.world.enrol(scene.class, &scene.by).await;
    let (by, class) = (scene.by.clone(), scene.class);
    let report = Zoom::new().stay("Ada", "", "09:00", "11:00").stay(&by.nip, "", "09:00", "11:00");
    let page = scene.upload(&report).await;
    page.must_see("Kehadiran Anda sendiri tidak ikut dicatat: minta penyelenggara lain");
    page.press("Catat 1 hadir", &[]).await;
    let own = format!("{}: Belum diputuskan, 0 JP", by.name);
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP", &own]);
    let refused = refusal(&db, &format!(
        "insert into decision (class_id, person_id, revision, outcome, seconds, needed, class_seconds, jp, sentence,
           evidence_ids, decided_at, decided_by)
         values ({class}, {0}, 1, 'present', 1, 1, 1, 2, 'x', '{{}}', now(), {0})", by.id
    )).await;
    assert!(refused.contains("check constraint"), "{refused}");

    let second = scene.world.person("Kedua").role(Role::Organiser).create().await;
    let mut second = scene.world.signed_in(&second, evening()).await;
    second.open(&format!("/kelola/kelas/{class}/kehadiran/{}", by.id)).await;
    second.press("Putuskan menurut laporan", &[]).await;
    let own = format!("{}: Hadir, 2 JP", by.name);
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP", &own]);

    let undo = format!("/kelola/kelas/{class}/impor/1/batal");
    scene.organiser.open(&undo).await.must_see("Kehadiran Anda sendiri tetap");
    scene.organiser.press("Batalkan impor", &[]).await.must_see("dibatalkan sebagian: 1 bukti");
    assert_eq!(scene.decided().await, ["Ada: Belum diputuskan, 0 JP", &own]);
    second.open(&undo).await.press("Batalkan impor", &[]).await;
    second.must_see("Impor ini dibatalkan. Semua buktinya ditarik.");
    assert_eq!(number(&db, "select sum(jp)::bigint from ledger_entry").await, 0);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nothing_is_decided_of_a_class_that_is_not_published(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let draft = world.class().draft().create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let class = scene.class;
    let page = scene.upload(&Zoom::new().stay("Ada", "", "09:00", "11:00")).await;
    let confirm = page.fill("Catat 1 hadir", &[], None);
    page.post(&format!("/kelola/kelas/{class}/batal"), &[("why", "Narasumber sakit.")]).await;
    page.submit(confirm).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    page.must_see("Kelas ini tidak terbit, jadi kehadirannya tidak dapat dicatat.");
    for class in [draft, class] {
        let path = format!("/kelola/kelas/{class}/kehadiran/{}", ada.id);
        page.open(&path).await;
        assert_eq!(page.sees("main button"), [""; 0]);
        page.post(&path, &[("present", "ya"), ("reason", "Hadir.")]).await;
        assert_eq!(page.status, StatusCode::CONFLICT);
    }
    assert_eq!(number(&db, "select count(*) from decision").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_class_whose_attendance_was_taken_back_can_be_moved_and_called_off(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let class = format!("/kelola/kelas/{}", scene.class);
    let page = scene.upload(&Zoom::new().stay("Ada", "", "09:30", "10:30")).await;
    let really = [("percent", "80"), ("started", "09.30"), ("ended", "10.30")];
    page.press("Simpan cara menghitung", &really).await;
    page.press("Catat 1 hadir", &[]).await;
    page.open(&class).await;
    assert!(!page.sees("main a").contains(&"Unggah laporan Zoom".to_owned()));
    scene.world.undo(smartclass::ids::ImportId(1), &scene.by).await;
    let page = &mut scene.organiser;
    page.open(&class).await.click("Unggah laporan Zoom").await;
    page.open(&format!("{class}/ubah"))
        .await
        .press("Simpan", &[("day", "2026-03-09"), ("withdraw", "2026-03-08")])
        .await;
    assert_eq!(page.banner(), "Perubahan tersimpan.");
    // The times of the old day went with it.
    assert_eq!(column(&db, "select really_started::text from class_part").await, [""]);
    page.click("Batalkan kelas").await.press("Batalkan kelas", &[("why", "Salah hari.")]).await;
    page.must_see("Dibatalkan");
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_preview_is_confirmed_or_thrown_away_and_never_changed_afterwards(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let second = scene.world.person("Kedua").role(Role::Organiser).create().await;
    let mut second = scene.world.signed_in(&second, evening()).await;
    let page = scene.upload(&Zoom::new().stay("Ada", "", "09:00", "11:00")).await;
    let confirm = page.fill("Catat 1 hadir", &[], None);
    let path = format!("/kelola/kelas/{}/impor/1", scene.class);
    let discard = format!("{path}/buang");
    let gate = Gate::close(&db).await;
    tokio::join!(
        scene.organiser.submit_only(confirm.clone()),
        second.post(&discard, &[]),
        gate.open_for(2)
    );
    let mut answers = [scene.organiser.status, second.status];
    answers.sort();
    assert_eq!(answers, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
    let row = number(&db, "select id from import_row").await;
    let ignore = format!("r{row}");
    for (path, typed) in [
        (path.clone(), vec![(ignore.as_str(), "abaikan"), ("aksi", "simpan")]),
        (format!("{path}/baca"), vec![("zone", "Asia/Jayapura")]),
        (format!("{path}/aturan"), HALF.to_vec()),
    ] {
        second.post(&path, &typed).await;
        assert_eq!(second.status, StatusCode::CONFLICT, "{path}");
    }
    assert_eq!(number(&db, "select count(*) from import_row where ignored").await, 0);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nothing_is_chosen_between_the_last_look_and_the_confirmation(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let second = scene.world.person("Kedua").role(Role::Organiser).create().await;
    let mut second = scene.world.signed_in(&second, evening()).await;
    let page = scene.upload(&Zoom::new().stay("Ada", "", "09:00", "11:00")).await;
    let confirm = page.fill("Catat 1 hadir", &[], None);
    let path = page.at.clone();
    let ignore = format!("r{}", number(&db, "select id from import_row").await);
    let ignore = [(ignore.as_str(), "abaikan"), ("aksi", "simpan")];
    let gate = Gate::close(&db).await;
    tokio::join!(
        scene.organiser.submit_only(confirm),
        second.post(&path, &ignore),
        gate.open_for(2)
    );
    let mut answers = [scene.organiser.status, second.status];
    answers.sort();
    assert_eq!(answers, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
    let unseen = "select count(*) from import_row r join evidence e on e.import_row_id = r.id where r.ignored";
    assert_eq!(number(&db, unseen).await, 0);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_credits_themselves_without_a_seat(db: PgPool) {
    let world = World::new(db.clone());
    let mut scene = Scene::new(world, &[]).await;
    let nip = scene.by.nip.clone();
    let page = scene.upload(&Zoom::new().stay(&nip, "", "09:00", "11:00")).await;
    let tick = format!("w{}", number(&db, "select id from import_row").await);
    page.press("Simpan pilihan", &[(&tick, "ya")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    page.must_see("Anda tidak dapat memutuskan kehadiran Anda sendiri.");
    assert_eq!(number(&db, "select count(*) from import_row where walk_in").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn somebody_without_a_seat_is_found_and_set_present_by_hand(db: PgPool) {
    let world = World::new(db.clone());
    let oki = world.person("Oki Luar").create().await;
    let mut class = world.class();
    class.plan.lanes.push((Lane::Stream, "https://youtube.com/live/x".into()));
    let class = class.create().await;
    let by = world.organiser().await;
    let path = format!("/kelola/kelas/{class}/kehadiran");
    let mut early = world.signed_in(&by, monday()).await;
    early.open(&path).await;
    assert_eq!(early.sees("main form"), [""; 0]);
    let mut page = world.signed_in(&by, evening()).await;
    page.open(&path).await.press("Cari", &[("q", &oki.nip)]).await;
    page.click("Oki Luar").await;
    let verdict = [("present", "ya"), ("reason", "Menonton siaran di kantor.")];
    page.press("Simpan keputusan", &verdict).await;
    assert_eq!(page.problem("lane"), "Pilih cara mengikuti kelas.");
    page.press("Simpan keputusan", &[("lane", "Siaran langsung")]).await;
    assert_eq!(page.banner(), "Ditetapkan hadir.");
    assert_eq!(column(&db, "select lane::text from evidence").await, ["stream"]);
    page.open(&path).await.must_see("di luar kuota").must_see("Oki Luar");
    assert_in_order(&db).await;
}
