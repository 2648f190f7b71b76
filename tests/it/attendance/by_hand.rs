//! What an organiser decides by hand.

use axum::http::StatusCode;
use smartclass::account::Role;
use sqlx::PgPool;

use super::Scene;
use crate::support::{
    Gate, World, Zoom, assert_in_order, number, refusal,
    world::{evening, monday},
};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_verdict_needs_a_reason_and_can_be_taken_back(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    scene
        .upload(&Zoom::new().stay("Ada", "", "09:00", "10:00"))
        .await
        .press("Catat 1 hadir sebagian", &[])
        .await;
    let page = &mut scene.organiser;
    page.click("Lihat kehadiran").await.click("Ada").await;
    page.press("Simpan keputusan", &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        [page.problem("present"), page.problem("reason")],
        ["Pilih hadir atau tidak hadir.", "Isi alasan."]
    );
    page.press(
        "Simpan keputusan",
        &[("present", "ya"), ("reason", "Siaran terputus dari pihak kami.")],
    )
    .await;
    assert_eq!(page.banner(), "Ditetapkan hadir.");
    page.must_see("Ditetapkan hadir oleh penyelenggara: Siaran terputus dari pihak kami.");
    assert_in_order(&db).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP"]);
    let mut ada = scene.world.signed_in(&ada, evening()).await;
    ada.open("/saya/jp").await.must_see("Siaran terputus dari pihak kami.");
    scene.organiser.press("Tarik ketetapan, kembali mengikuti laporan", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir sebagian, 0 JP"]);
    ada.open("/saya/jp").await;
    assert_eq!(ada.sees("tbody td.jp"), ["+2", "−2"]);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_word_by_hand_outlasts_later_reports(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let path = format!("/kelola/kelas/{}/kehadiran/{}", scene.class, ada.id);
    scene
        .organiser
        .open(&path)
        .await
        .press("Simpan keputusan", &[("present", "tidak"), ("reason", "Akun dipinjamkan.")])
        .await;
    scene
        .world
        .import(scene.class, &Zoom::new().stay("Ada", "", "09:00", "11:00"), &scene.by)
        .await;
    assert_eq!(scene.decided().await, ["Ada: Tidak hadir, 0 JP"]);
    scene
        .organiser
        .open(&path)
        .await
        .press("Tarik ketetapan, kembali mengikuti laporan", &[])
        .await;
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP"]);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_decides_on_themselves(db: PgPool) {
    let world = World::new(db.clone());
    let mut scene = Scene::new(world, &[]).await;
    scene.world.enrol(scene.class, &scene.by).await;
    let path = format!("/kelola/kelas/{}/kehadiran/{}", scene.class, scene.by.id);
    scene
        .organiser
        .open(&path)
        .await
        .must_see("Anda tidak dapat memutuskan kehadiran Anda sendiri.");
    assert_eq!(scene.organiser.sees("main button"), [""; 0]);
    for (path, typed) in [
        (path.clone(), vec![("present", "ya"), ("reason", "Saya hadir.")]),
        (format!("{path}/tarik"), vec![]),
    ] {
        scene.organiser.post(&path, &typed).await;
        assert_eq!(scene.organiser.status, StatusCode::CONFLICT);
    }
    let by = scene.by.id;
    let class = scene.class;
    let refusal = refusal(&db, &format!(
        "insert into evidence (class_id, person_id, lane, kind, present, reason, recorded_at, recorded_by)
         values ({class}, {by}, 'zoom', 'by_hand', true, 'x', now(), {by})"
    )).await;
    assert!(refusal.contains("check constraint"), "{refusal}");
    assert_eq!(number(&db, "select count(*) from decision").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nothing_is_decided_before_the_class_begins(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let scene = Scene::new(world, &[&ada]).await;
    let mut early = scene.world.signed_in(&scene.by, monday()).await;
    let path = format!("/kelola/kelas/{}/kehadiran/{}", scene.class, ada.id);
    early.open(&path).await;
    assert_eq!(early.sees("main button"), [""; 0]);
    early.post(&path, &[("present", "ya"), ("reason", "Pasti datang.")]).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    early.must_see("Kelas ini belum dimulai.");
    assert_eq!(number(&db, "select count(*) from decision").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_page_of_a_person_tells_the_whole_story(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let import = scene
        .world
        .import(
            scene.class,
            &Zoom::new().stay("Ada", "", "09:02", "09:41").stay("Ada", "", "09:44", "11:00"),
            &scene.by,
        )
        .await;
    scene.world.undo(import, &scene.by).await;
    let page =
        scene.organiser.open(&format!("/kelola/kelas/{}/kehadiran/{}", scene.class, ada.id)).await;
    page.must_see("09.02–09.41, 09.44–11.00").must_see("Ditarik 10 Mar 2026 · 19.00 WITA");
    assert_eq!(page.sees("tbody th .tag"), ["Belum diputuskan", "Hadir"]);
    let auditor =
        scene.world.person("Auditor").role(smartclass::account::Role::Auditor).create().await;
    let mut auditor = scene.world.signed_in(&auditor, evening()).await;
    auditor
        .open(&format!("/kelola/kelas/{}/kehadiran/{}", scene.class, ada.id))
        .await
        .must_see("09.02–09.41");
    assert_eq!(auditor.sees("main button"), [""; 0]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn two_organisers_decide_one_after_the_other(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let second = scene.world.person("Kedua").role(Role::Organiser).create().await;
    let mut second = scene.world.signed_in(&second, evening()).await;
    let path = format!("/kelola/kelas/{}/kehadiran/{}", scene.class, ada.id);
    let gate = Gate::close(&db).await;
    tokio::join!(
        scene.organiser.post(&path, &[("present", "ya"), ("reason", "Hadir di ruang.")]),
        second.post(&path, &[("present", "ya"), ("reason", "Tampak di layar.")]),
        gate.open_for(2)
    );
    let answers = (scene.organiser.status, second.status);
    assert_eq!(answers, (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    assert_eq!(number(&db, "select max(revision) from decision").await, 2);
    assert_eq!(number(&db, "select count(*) from ledger_entry").await, 1);
    assert_in_order(&db).await;
}
