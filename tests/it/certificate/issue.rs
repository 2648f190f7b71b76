//! Who gets a certificate, under which number, and what takes it back.

use axum::http::StatusCode;
use chrono::Duration;
use smartclass::{attendance, certificate};
use sqlx::PgPool;

use super::{SITE, all_at_once, attended, issue, of_class, world};
use crate::support::{World, Zoom, assert_in_order, column, number, run, world::evening};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn numbers_have_no_gaps_whoever_gives_up_half_way(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(5).await, world.organiser().await);
    let mut classes = Vec::new();
    for _ in 0..4 {
        classes.push(attended(&world, &people, &by).await);
    }
    let mut given_up = db.begin().await.unwrap();
    certificate::issue_class(&mut given_up, classes[0], SITE, by.id, evening()).await.unwrap();
    given_up.rollback().await.unwrap();
    let all = classes.iter().map(|class| issue(&db, *class, &by, evening()));
    let issued: Vec<usize> = all_at_once(all).await;
    assert_eq!(issued, [5, 5, 5, 5]);
    let numbers = column(&db, "select number::text from certificate order by number").await;
    let expected: Vec<String> = (41..61).map(|number| number.to_string()).collect();
    assert_eq!(numbers, expected);
    assert_eq!(number(&db, "select last::bigint from certificate_counter").await, 60);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_double_click_issues_once(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(3).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    let mut issued = all_at_once((0..4).map(|_| issue(&db, class, &by, evening()))).await;
    issued.sort_unstable();
    assert_eq!(issued, [0, 0, 0, 3]);
    // The index holds even where the lock did not: the negative control of both.
    let twice = crate::support::refusal(
        &db,
        "insert into certificate (class_id, person_id, kind, year, number, label, code, paper, issued_at, issued_by)
         select class_id, person_id, kind, year, number + 900, label || 'x', reverse(code), paper, issued_at, issued_by
         from certificate limit 1",
    )
    .await;
    assert!(twice.contains("certificate_live_once"), "{twice}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_issues_or_revokes_their_own(db: PgPool) {
    let world = world(&db).await;
    let (first, second) = (world.organiser().await, world.person("Kedua").create().await);
    let class = attended(&world, std::slice::from_ref(&first), &second).await;
    assert_eq!(issue(&db, class, &first, evening()).await, 0);
    assert_eq!(issue(&db, class, &second, evening()).await, 1);
    let own = of_class(&world, class).await.remove(0);
    let mut conn = world.conn().await;
    let refused = certificate::revoke(&mut conn, own.id, "salah", first.id, evening()).await;
    assert!(refused.unwrap_err().to_string().contains("sendiri"));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn undo_keeps_those_whose_certificates_are_live_until_they_are_revoked(db: PgPool) {
    let world = world(&db).await;
    let by = world.organiser().await;
    let ada = world.person("Ada").email("ada@contoh.go.id").create().await;

    let class = world.class().create().await;
    world.enrol(class, &ada).await;
    let report = Zoom::new().stay("Ada", "ada@contoh.go.id", "09:00", "11:00");
    let import = world.import(class, &report, &by).await;
    issue(&db, class, &by, evening()).await;
    let mut organiser = world.signed_in(&by, evening()).await;
    organiser.open(&format!("/kelola/kelas/{class}/impor/{import}/batal")).await;
    organiser.must_see("Tidak dapat dibatalkan sebelum sertifikatnya dicabut").must_see("Ada");
    organiser.press("Batalkan impor", &[]).await.must_see("dibatalkan, kecuali bagi 1 orang");
    assert_eq!(number(&db, "select sum(jp)::bigint from ledger_entry").await, 2);
    let path = format!("/kelola/kelas/{class}/kehadiran/{}", ada.id);
    let by_hand = [("present", "tidak"), ("reason", "keliru")];
    organiser.open(&path).await.press("Simpan keputusan", &by_hand).await;
    assert_eq!(organiser.status, StatusCode::CONFLICT);
    let live = of_class(&world, class).await.remove(0);
    let mut conn = world.conn().await;
    certificate::revoke(&mut conn, live.id, "keliru", by.id, evening()).await.unwrap();
    world.undo(import, &by).await;
    assert_eq!(number(&db, "select sum(jp)::bigint from ledger_entry").await, 0);
    assert_eq!(number(&db, "select count(*) from import where undone_at is not null").await, 1);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nothing_is_issued_while_nobody_signs(db: PgPool) {
    let world = World::new(db.clone());
    let (people, by) = (world.people(1).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    let mut conn = world.conn().await;
    let later = evening() + Duration::hours(1);
    let refused = certificate::issue_class(&mut conn, class, SITE, by.id, later).await;
    assert!(refused.unwrap_err().to_string().contains("penanda tangan"));
    assert_eq!(number(&db, "select count(*) from certificate_counter").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn only_a_class_that_is_public_and_stands_is_certified(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(2).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    let path = format!("/kelola/kelas/{class}/sertifikat");
    let mut organiser = world.signed_in(&by, evening()).await;
    organiser.open(&path).await;
    let button = organiser.fill("Terbitkan sertifikat (2)", &[], None);
    for (state, words) in [("cancelled", "Kelas ini dibatalkan"), ("draft", "Kelas ini masih draf")]
    {
        run(&db, &format!("update class set state = '{state}'")).await;
        organiser.open(&path).await.must_see(words);
        assert_eq!(organiser.sees("main button"), [""; 0], "no button to press");
        organiser.submit(button.clone()).await.must_see(words);
        assert_eq!(organiser.status, StatusCode::CONFLICT);
    }
    assert_eq!(number(&db, "select count(*) from certificate").await, 0);
    assert_eq!(number(&db, "select count(*) from certificate_counter").await, 0);
    run(&db, "update class set state = 'published'").await;
    organiser.submit(button).await;
    assert_eq!(number(&db, "select count(*) from certificate").await, 2);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_is_absent_from_a_report_that_was_taken_back_for_some(db: PgPool) {
    let world = world(&db).await;
    let by = world.organiser().await;
    let class = world.class().create().await;
    for name in ["Ada", "Bob", "Carla"] {
        world.enrol(class, &world.person(name).create().await).await;
    }
    let report = Zoom::new().stay("Ada", "", "09:00", "11:00").stay("Bob", "", "09:00", "09:30");
    let import = world.import(class, &report, &by).await;
    issue(&db, class, &by, evening()).await;
    world.undo(import, &by).await;
    let lines = attendance::lines(&mut *world.conn().await, class).await.unwrap();
    let outcomes: Vec<_> = lines.iter().map(|line| line.outcome.label()).collect();
    assert_eq!(outcomes, ["Hadir", "Belum diputuskan", "Belum diputuskan"]);
    assert_in_order(&db).await;
}
