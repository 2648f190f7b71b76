//! One person at a time, through the pages.

use axum::http::StatusCode;
use smartclass::{
    enrolment::{self, EnrolError, State, enrol},
    schedule,
};
use sqlx::{AssertSqlSafe, Executor, PgPool};

use crate::support::{
    Person, World, assert_in_order, number, run, wita,
    world::{evening, monday, plan},
};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_last_seat_goes_to_one_person(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(1).create().await;
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    let (first, second) = tokio::join!(world.enrol(class, &ada), world.enrol(class, &bob));
    assert_ne!(first, second);
    assert!([first, second].contains(&State::Waiting));
    assert_in_order(&db).await;
}

/// The database once took another plan for the same query, and seated everybody.
#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn one_free_seat_goes_to_one_person_whatever_the_database_knows_of_the_table(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(1).create().await;
    let people = world.people(6).await;
    world.enrol(class, &people[0]).await;
    run(&db, "analyze enrolment").await;
    for person in &people[1..] {
        assert_eq!(world.enrol(class, person).await, State::Waiting);
    }
    world.withdraw(class, &people[0]).await;
    let found = world.find(class).await;
    assert_eq!((found.taken, found.waiting), (1, 4));
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_learner_enrols_and_withdraws_on_the_pages(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().create().await;
    let ada = world.person("Ada").create().await;
    let mut ada = world.signed_in(&ada, monday()).await;
    ada.open(&world.address(class).await).await.press("Daftar", &[]).await;
    assert_eq!(ada.at, format!("/saya/kelas/{class}"));
    assert_eq!(ada.sees(".state"), ["Anda terdaftar"]);
    assert!(ada.banner().contains("Tempat Anda sudah dipesan"), "{}", ada.banner());
    ada.must_see(&format!("SC-{class}-"));
    ada.click("Batalkan pendaftaran")
        .await
        .must_see("Jika mendaftar lagi, Anda masuk antrean paling akhir.");
    ada.press("Batalkan pendaftaran", &[]).await;
    assert_eq!(ada.sees(".state"), ["Pendaftaran dibatalkan"]);
    assert_eq!(world.find(class).await.taken, 0);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_queue_tells_everybody_their_place(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(1).create().await;
    let people = world.people(3).await;
    world.enrol(class, &people[0]).await;
    world.enrol(class, &people[1]).await;
    let mut third = world.signed_in(&people[2], monday()).await;
    third.open(&world.address(class).await).await.must_see("Anda akan berada di urutan ke-2.");
    third.press("Masuk daftar tunggu", &[]).await.must_see("Daftar tunggu, urutan ke-2 dari 2");
    world.withdraw(class, &people[1]).await;
    third.open(&format!("/saya/kelas/{class}")).await.must_see("Daftar tunggu, urutan ke-1 dari 1");
    world.withdraw(class, &people[0]).await;
    third
        .open(&format!("/saya/kelas/{class}"))
        .await
        .must_see("Anda mendapat tempat dari daftar tunggu");
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_double_click_enrols_once(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().create().await;
    let ada = world.person("Ada").create().await;
    let mut ada = world.signed_in(&ada, monday()).await;
    ada.open(&world.address(class).await).await;
    let twice = ada.fill("Daftar", &[], None);
    ada.submit(twice.clone()).await;
    ada.submit(twice).await;
    assert_eq!(ada.status, StatusCode::OK);
    assert!(ada.banner().contains("tidak tercatat dua kali"), "{}", ada.banner());
    assert_eq!(number(&db, "select count(*) from enrolment").await, 1);
    assert_eq!(world.find(class).await.taken, 1);
    let mut two = [world.conn().await, world.conn().await];
    let [a, b] = &mut two;
    let bob = world.person("Bob").create().await;
    let (a, b) = tokio::join!(enrol(a, class, bob.id, monday()), enrol(b, class, bob.id, monday()));
    assert_eq!([a.is_ok(), b.is_ok()].into_iter().filter(|ok| *ok).count(), 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_second_click_does_not_take_a_second_seat(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(2).create().await;
    let ada = world.person("Ada").create().await;
    world.enrol(class, &ada).await;
    let mut ada = world.signed_in(&ada, monday()).await;
    ada.post(&format!("{}/daftar", world.address(class).await), &[]).await;
    assert_eq!((ada.status, world.find(class).await.taken), (StatusCode::SEE_OTHER, 1));
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn every_refusal_says_why(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let later = world.class().title("Nanti").opens("2026-03-05 00:00").create().await;
    let closed = world.class().title("Tutup").closes("2026-03-01 00:00").create().await;
    let cancelled = world.class().title("Batal").create().await;
    let draft = world.class().title("Draf").draft().create().await;
    let mut conn = world.conn().await;
    schedule::cancel(&mut conn, cancelled, "Narasumber sakit.", ada.id, monday()).await.unwrap();
    let mut visitor = world.signed_in(&ada, monday()).await;
    for (class, words) in [
        (later, "Pendaftaran kelas ini belum dibuka."),
        (closed, "Pendaftaran kelas ini sudah ditutup."),
        (cancelled, "Kelas ini dibatalkan oleh penyelenggara"),
    ] {
        visitor.open(&world.address(class).await).await;
        assert_eq!(visitor.sees("main button"), [""; 0], "nothing to press for {words:?}");
        visitor.post(&format!("{}/daftar", world.address(class).await), &[]).await;
        assert_eq!(visitor.status, StatusCode::CONFLICT);
        visitor.must_see(words);
    }
    assert!(enrol(&mut conn, draft, ada.id, monday()).await.is_err());
    assert_eq!(number(&db, "select count(*) from enrolment").await, 0);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn enrolment_closes_on_the_second(db: PgPool) {
    let world = World::new(db);
    let class = world.class().opens("2026-03-05 00:00").closes("2026-03-08 00:00").create().await;
    let people = world.people(4).await;
    let mut conn = world.conn().await;
    let mut at = async |person: &Person, at| enrol(&mut conn, class, person.id, wita(at)).await;
    assert!(matches!(at(&people[0], "2026-03-04 23:59:59").await, Err(EnrolError::NotYetOpen)));
    assert!(matches!(at(&people[1], "2026-03-05 00:00:00").await, Ok(State::Active)));
    assert!(matches!(at(&people[2], "2026-03-07 23:59:59").await, Ok(State::Active)));
    assert!(matches!(at(&people[3], "2026-03-08 00:00:00").await, Err(EnrolError::Closed)));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_seat_can_be_given_up_until_the_deadline(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().create().await;
    let ada = world.person("Ada").create().await;
    world.enrol(class, &ada).await;
    let mut late = world.signed_in(&ada, wita("2026-03-10 00:00")).await;
    late.open(&format!("/saya/kelas/{class}")).await;
    assert_eq!(late.sees("main .danger"), [""; 0]);
    late.post(&format!("/saya/kelas/{class}/batal"), &[]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.must_see("Batas waktu pembatalan sudah lewat.");
    let mut tx = db.begin().await.unwrap();
    enrolment::withdraw(&mut tx, class, ada.id, wita("2026-03-09 23:59")).await.unwrap();
    tx.commit().await.unwrap();
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn who_enrols_again_goes_last(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(1).create().await;
    let people = world.people(3).await;
    for person in &people {
        world.enrol(class, person).await;
    }
    world.withdraw(class, &people[0]).await;
    assert_eq!(world.enrol(class, &people[0]).await, State::Waiting);
    let mut conn = world.conn().await;
    let standing = |n: usize| people[n].id;
    for (person, position) in [(1, None), (2, Some(1)), (0, Some(2))] {
        let found = enrolment::standing(&mut conn, class, standing(person)).await.unwrap().unwrap();
        assert_eq!(found.position, position, "{person}");
    }
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_slips_past_the_queue(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(1).create().await;
    let people = world.people(3).await;
    world.enrol(class, &people[0]).await;
    world.enrol(class, &people[1]).await;
    // A seat is free and the first in the queue has not been given it yet.
    run(&db, "update class set quota = 2").await;
    assert_eq!(world.enrol(class, &people[2]).await, State::Waiting);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn more_seats_go_to_the_queue_in_its_order(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(1).create().await;
    let people = world.people(5).await;
    for person in &people {
        world.enrol(class, person).await;
    }
    let by = world.organiser().await;
    let mut visitor = world.signed_in(&by, monday()).await;
    visitor
        .open(&format!("/kelola/kelas/{class}/ubah"))
        .await
        .press("Simpan", &[("quota", "3")])
        .await;
    assert!(
        visitor.banner().contains("2 orang dari daftar tunggu mendapat tempat"),
        "{}",
        visitor.banner()
    );
    let participants = enrolment::participants(&mut *world.conn().await, class).await.unwrap();
    let seated: Vec<_> = participants.iter().map(|one| (one.name.as_str(), one.state)).collect();
    let expected = [
        ("Orang 1", State::Active),
        ("Orang 2", State::Active),
        ("Orang 3", State::Active),
        ("Orang 4", State::Waiting),
        ("Orang 5", State::Waiting),
    ];
    assert_eq!(seated, expected);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_freed_seat_and_its_new_holder_come_together_or_not_at_all(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(1).create().await;
    let people = world.people(2).await;
    world.enrol(class, &people[0]).await;
    world.enrol(class, &people[1]).await;
    let mut tx = db.begin().await.unwrap();
    enrolment::withdraw(&mut tx, class, people[0].id, monday()).await.unwrap();
    drop(tx); // the program dies before it commits
    let found = world.find(class).await;
    assert_eq!((found.taken, found.waiting), (1, 1));
    world.withdraw(class, &people[0]).await;
    let found = world.find(class).await;
    assert_eq!((found.taken, found.waiting), (1, 0));
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_is_seated_once_the_class_has_begun(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(1).create().await;
    let people = world.people(2).await;
    world.enrol(class, &people[0]).await;
    world.enrol(class, &people[1]).await;
    let by = world.organiser().await;
    let mut tx = db.begin().await.unwrap();
    enrolment::remove_by(&mut tx, class, people[0].id, by.id, "pindah", evening()).await.unwrap();
    tx.commit().await.unwrap();
    let found = world.find(class).await;
    assert_eq!((found.taken, found.waiting), (0, 1));
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_organiser_removes_somebody_with_a_reason(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(1).create().await;
    let people = world.people(2).await;
    world.enrol(class, &people[0]).await;
    world.enrol(class, &people[1]).await;
    let by = world.organiser().await;
    let mut visitor = world.signed_in(&by, monday()).await;
    visitor.open(&format!("/kelola/kelas/{class}/peserta")).await.click("Keluarkan Orang 1").await;
    visitor.press("Keluarkan peserta", &[("why", " ")]).await;
    assert_eq!(
        (visitor.status, visitor.problem("why")),
        (StatusCode::UNPROCESSABLE_ENTITY, "Isi alasan.".into())
    );
    visitor.press("Keluarkan peserta", &[("why", "Mengundurkan diri lewat telepon.")]).await;
    let kept =
        crate::support::column(&db, "select reason from enrolment_event where state = 'withdrawn'")
            .await;
    assert_eq!(kept, ["Mengundurkan diri lewat telepon."]);
    assert_eq!(visitor.sees("tbody th"), ["Orang 2"]);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_zoom_link_opens_a_quarter_of_an_hour_before_and_to_seats_only(db: PgPool) {
    let world = World::new(db);
    let class = world.class().seats(1).create().await;
    let people = world.people(2).await;
    world.enrol(class, &people[0]).await;
    world.enrol(class, &people[1]).await;
    let link = format!("/saya/kelas/{class}/zoom");
    let mut early = world.signed_in(&people[0], wita("2026-03-10 08:44:59")).await;
    early.peek(&link).await.must_see("15 menit sebelum kelas dimulai");
    let mut in_time = world.signed_in(&people[0], wita("2026-03-10 08:45")).await;
    in_time.peek(&link).await;
    assert_eq!(in_time.location(), Some("https://zoom.us/j/84512207741"));
    let mut waiting = world.signed_in(&people[1], wita("2026-03-10 09:00")).await;
    waiting.peek(&link).await.must_see("hanya untuk peserta yang mendapat tempat");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn fewer_seats_than_taken_cannot_be_stored_at_all(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(2).create().await;
    for person in world.people(2).await {
        world.enrol(class, &person).await;
    }
    let mut conn = world.conn().await;
    let (by, less) = (world.organiser().await, schedule::Plan { quota: 1, ..plan() });
    let version = world.find(class).await.version;
    let refused = schedule::change(&mut conn, class, version, &less, by.id, monday()).await;
    assert!(matches!(refused, Err(schedule::ScheduleError::QuotaBelowTaken(2))));
    let refusal = crate::support::refusal(&db, "update class set quota = 1").await;
    assert!(refusal.contains("never_overbooked"), "{refusal}");
}

/// PostgreSQL may work a subquery out once or once for each row. Where that subquery takes locks,
/// it gives other rows each time.
#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn one_freed_seat_goes_to_one_person_however_the_query_is_planned(db: PgPool) {
    const WAYS: [&str; 7] =
        ["hashjoin", "mergejoin", "hashagg", "material", "seqscan", "indexscan", "bitmapscan"];
    let world = World::new(db.clone());
    let class = world.class().seats(1).create().await;
    let people = world.people(5).await;
    world.enrol(class, &people[0]).await;
    // What the planner knows is from before the crowd.
    run(&db, "analyze enrolment").await;
    for person in &people[1..] {
        world.enrol(class, person).await;
    }
    for barred in 0..1 << WAYS.len() {
        let mut tx = db.begin().await.unwrap();
        tx.execute("set local plan_cache_mode = force_custom_plan").await.unwrap();
        for (place, way) in WAYS.iter().enumerate() {
            let bar = format!("set local enable_{way} = {}", barred >> place & 1 == 0);
            tx.execute(AssertSqlSafe(bar)).await.unwrap();
        }
        enrolment::withdraw(&mut tx, class, people[0].id, monday()).await.unwrap();
        let all = enrolment::participants(&mut tx, class).await.unwrap();
        let seated: Vec<_> = all.iter().filter(|one| one.state == State::Active).collect();
        assert_eq!((seated.len(), seated[0].person), (1, people[1].id), "without {barred:07b}");
    }
}
