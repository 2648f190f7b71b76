//! Certificates from issue to check, revocation and undo.

use axum::http::StatusCode;
use chrono::{DateTime, Duration, Utc};
use smartclass::{
    attendance::{self, Verdict},
    certificate::{self, Certificate, Checked},
    class::Lane,
    ids::ClassId,
    settings::{self, Certificates, Signer},
};
use sqlx::PgPool;

use crate::support::{
    World, Zoom, assert_in_order, column, number, run,
    world::{Person, evening},
};

const SITE: &str = "https://belajar.example";

/// A world in which somebody signs, and numbers begin where paper ended.
async fn world(db: &PgPool) -> World {
    let world = World::new(db.clone());
    let signer = Signer {
        from: "2020-01-01".parse().unwrap(),
        until: None,
        acting: false,
        office: "Kepala Badan".into(),
        name: "Dr. Irwan Tolambu, M.Si.".into(),
        rank: None,
        nip: None,
    };
    let year = smartclass::clock::year_of(evening());
    let settings = Certificates {
        signers: vec![signer],
        first_numbers: vec![(year, 41)],
        ..Certificates::default()
    };
    settings::set_certificates(&mut *world.conn().await, &settings, None, evening()).await.unwrap();
    world
}

/// A class at which all of them were present, by hand.
async fn attended(world: &World, people: &[Person], by: &Person) -> ClassId {
    let class = world.class().seats(100).create().await;
    let mut db = world.conn().await;
    for person in people {
        world.enrol(class, person).await;
        let verdict = Verdict { present: true, lane: Lane::Zoom, reason: "daftar hadir".into() };
        attendance::set(&mut db, class, person.id, &verdict, by.id, evening()).await.unwrap();
    }
    class
}

/// Issues in a transaction of its own; says how many.
async fn issue(db: &PgPool, class: ClassId, by: &Person, now: DateTime<Utc>) -> usize {
    let mut tx = db.begin().await.unwrap();
    let issued = certificate::issue_class(&mut tx, class, SITE, by.id, now).await.unwrap();
    tx.commit().await.unwrap();
    issued.len()
}

async fn of_class(world: &World, class: ClassId) -> Vec<Certificate> {
    certificate::of_class(&mut *world.conn().await, class).await.unwrap()
}

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
    let issued: Vec<usize> = futures(all).await;
    assert_eq!(issued, [5, 5, 5, 5]);
    let numbers = column(&db, "select number::text from certificate order by number").await;
    let expected: Vec<String> = (41..61).map(|number| number.to_string()).collect();
    assert_eq!(numbers, expected);
    assert_eq!(number(&db, "select last::bigint from certificate_counter").await, 60);
}

/// All at the same time, in order of the list.
async fn futures<T: Send + 'static>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<_> = all.map(Box::pin).map(|one| (one, None)).collect();
    std::future::poll_fn(|context| {
        for (one, done) in &mut waiting {
            if done.is_none()
                && let std::task::Poll::Ready(value) = one.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        if waiting.iter().all(|(_, done)| done.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    waiting.into_iter().filter_map(|(_, done)| done).collect()
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_double_click_issues_once(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(3).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    let mut issued = futures((0..4).map(|_| issue(&db, class, &by, evening()))).await;
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
async fn a_certificate_says_for_ever_what_it_said_when_issued(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(1).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    issue(&db, class, &by, evening()).await;
    let before = of_class(&world, class).await.remove(0);
    let mut conn = world.conn().await;
    let drawn = certificate::pdf(&mut conn, &before, evening()).await.unwrap();
    run(&db, "update person set name = 'Nama Lain', position = 'Jabatan Lain'").await;
    let after = of_class(&world, class).await.remove(0);
    assert_eq!(certificate::pdf(&mut conn, &after, evening()).await.unwrap().sha256, drawn.sha256);
    let mut stranger = world.visitor(evening());
    stranger.open(&format!("/v/{}", after.code)).await.must_see(&before.paper.name);
    assert!(!stranger.sees_text("Nama Lain"));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_file_is_told_from_a_changed_one(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(2).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    issue(&db, class, &by, evening()).await;
    let all = of_class(&world, class).await;
    let mut conn = world.conn().await;
    let mut pdf = certificate::pdf(&mut conn, &all[0], evening()).await.unwrap().bytes;
    let found = certificate::check_file(&mut conn, &pdf, evening()).await.unwrap();
    assert!(matches!(found, Checked::Genuine(one) if one.id == all[0].id));
    let middle = pdf.len() / 2;
    pdf[middle] ^= 1;
    let found = certificate::check_file(&mut conn, &pdf, evening()).await.unwrap();
    assert!(matches!(found, Checked::Changed(one) if one.id == all[0].id));
    for stranger in [&b""[..], b"%PDF-1.7 /ID[<00>]", b"%PDF-1.7 /ID", b"<html>"] {
        let found = certificate::check_file(&mut conn, stranger, evening()).await.unwrap();
        assert!(matches!(found, Checked::Unknown));
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_revoked_certificate_says_so_and_names_its_successor(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(1).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    issue(&db, class, &by, evening()).await;
    let old = of_class(&world, class).await.remove(0);
    let mut organiser = world.signed_in(&by, evening()).await;
    organiser.open(&format!("/kelola/sertifikat/{}/cabut", old.id)).await;
    organiser.press("Cabut sertifikat", &[]).await;
    assert_eq!(organiser.problem("because"), "Isi alasan.");
    organiser.press("Cabut sertifikat", &[("because", "Kesalahan penulisan nama")]).await;
    organiser.press("Terbitkan sertifikat (1)", &[]).await;
    let new = of_class(&world, class).await.remove(1);
    assert_eq!(
        [old.label.as_str(), new.label.as_str()].map(|label| &label[8..13]),
        ["00041", "00042"]
    );
    let mut stranger = world.visitor(evening());
    stranger.open(&format!("/v/{}", old.code)).await;
    stranger.must_see("DICABUT").must_see("Kesalahan penulisan nama").must_see(&new.label);
    let mut learner = world.signed_in(&people[0], evening()).await;
    learner.open("/saya/sertifikat").await.must_see("Dicabut: Kesalahan penulisan nama");
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

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_stranger_sees_what_the_paper_says_and_the_end_of_the_nip(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(1).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    issue(&db, class, &by, evening()).await;
    let one = of_class(&world, class).await.remove(0);
    let mut stranger = world.visitor(evening());
    let sloppy = format!(" {} ", one.grouped().to_lowercase().replace('0', "o").replace('-', " "));
    stranger.open("/v").await.press("Periksa", &[("kode", &sloppy)]).await;
    stranger
        .must_see("SAH")
        .must_see(&one.paper.name)
        .must_see(&one.label)
        .must_see("2 (dua) Jam Pelajaran");
    stranger.must_see(&format!("berakhir dengan {}", &one.paper.nip[14..]));
    assert!(!stranger.page().contains(&one.paper.nip[..8]), "the birth date");
    stranger.open("/v/0000000000000000").await.must_see("TIDAK DITEMUKAN");
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_person_downloads_their_own_and_nobody_elses(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(2).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    issue(&db, class, &by, evening()).await;
    let all = of_class(&world, class).await;
    let own = all.iter().find(|one| one.person == people[0].id).unwrap();
    let other = all.iter().find(|one| one.person == people[1].id).unwrap();
    let mut learner = world.signed_in(&people[0], evening()).await;
    learner.peek(&format!("/saya/sertifikat/{}.pdf", other.id)).await;
    assert_eq!(learner.status, StatusCode::NOT_FOUND);
    learner.peek(&format!("/saya/sertifikat/{}.txt", own.id)).await;
    assert_eq!(learner.status, StatusCode::NOT_FOUND);
    learner.open("/saya/sertifikat").await;
    let links = learner.sees("main a");
    assert_eq!(links.iter().filter(|words| words.starts_with("Unduh PDF")).count(), 1);
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
