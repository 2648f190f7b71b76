//! Asking for a correction, and answering.

use axum::http::StatusCode;
use chrono::Duration;
use smartclass::account::Role;
use sqlx::PgPool;

use crate::support::{
    Person, Visitor, World, column, number, refusal, run,
    world::{evening, monday},
};

const SEND: &str = "Kirim permintaan";
const ANSWER: &str = "Simpan jawaban";

async fn ask(world: &World, person: &Person, subject: &str) -> Visitor {
    let mut visitor = world.signed_in(person, monday()).await;
    visitor.open("/saya/permintaan/baru").await;
    let typed = [("subject", subject), ("wanted", "Ada Lasimpala"), ("reason", "SK 12/2020")];
    visitor.press(SEND, &typed).await;
    visitor
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_request_is_due_three_days_after_it_was_made_and_the_answer_is_read(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").email("ada@sulteng.example").create().await;
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let mut visitor = ask(&world, &ada, "name").await;
    visitor.must_see("paling lambat Kamis, 5 Mar 2026 pukul 09.00 WITA");
    let mut answering = Visitor::new(smartclass::router(world.mailing(monday())));
    let token =
        smartclass::account::sign_in(&mut *world.conn().await, admin.id, false, monday()).await;
    answering = answering.with_cookie("sid", &token.unwrap());
    answering.open("/kelola/permintaan").await.click("Ada").await;
    answering.must_see("Ada Lasimpala").must_see("SK 12/2020");
    answering.press(ANSWER, &[]).await;
    assert_eq!(answering.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!answering.problem("verdict").is_empty() && !answering.problem("words").is_empty());
    let typed = [("verdict", "ya"), ("words", "Nama diganti menurut SK.")];
    answering.press(ANSWER, &typed).await.must_see("Tidak ada permintaan");
    visitor.open("/saya/permintaan").await;
    visitor.must_see("Diperbaiki").must_see("Nama diganti menurut SK.").must_see("SK 12/2020");
    let mails = column(&db, "select kind || ' ' || recipient from mail").await;
    assert_eq!(mails, ["request_answered ada@sulteng.example"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_request_without_words_or_subject_is_not_kept_and_one_sent_twice_is_kept_once(
    db: PgPool,
) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut visitor = world.signed_in(&ada, monday()).await;
    visitor.open("/saya/permintaan/baru").await.press(SEND, &[("wanted", "Baru")]).await;
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(visitor.value("wanted"), "Baru", "what was typed stays");
    assert!(!visitor.problem("subject").is_empty() && !visitor.problem("reason").is_empty());
    let typed = [("subject", "rank"), ("reason", "SK")];
    let (first, again) = (visitor.fill(SEND, &typed, None), visitor.fill(SEND, &typed, None));
    visitor.submit(first).await;
    visitor.submit(again).await.must_see("Pangkat");
    assert_eq!(number(&db, "select count(*) from correction_request").await, 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn ten_requests_may_wait_and_an_answer_makes_room(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    for _ in 0..10 {
        assert_eq!(ask(&world, &ada, "name").await.banner(), "Permintaan Anda tercatat.");
    }
    let visitor = ask(&world, &ada, "name").await;
    assert!(visitor.problem("subject").contains("belum dijawab"));
    assert_eq!(visitor.value("reason"), "SK 12/2020", "what was typed stays");
    let by = world.organiser().await.id;
    let answered = format!(
        "insert into correction_answer (request_id, verdict, words, answered_at, answered_by)
         select min(id), 'done', 'Diperbaiki', now(), {by} from correction_request"
    );
    run(&db, &answered).await;
    assert_eq!(ask(&world, &ada, "name").await.banner(), "Permintaan Anda tercatat.");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn hours_are_the_organisers_to_answer_and_records_an_administrators_within_reach(db: PgPool) {
    let world = World::new(db.clone());
    let (here, there) = (world.unit("Dinas Sosial").await, world.unit("Dinas Pangan").await);
    let ada = world.person("Ada").unit(here).create().await;
    let organiser = world.organiser().await;
    let near = world.person("Dekat").role(Role::Administrator).unit(here).create().await;
    let far = world.person("Jauh").role(Role::Administrator).unit(there).create().await;
    ask(&world, &ada, "name").await;
    ask(&world, &ada, "kelas-").await;
    let ids = column(&db, "select id::text from correction_request order by about").await;
    let (record, hours) = (&ids[0], &ids[1]);
    for (person, sees) in
        [(&organiser, [false, true]), (&near, [true, false]), (&far, [false, false])]
    {
        let mut visitor = world.signed_in(person, monday()).await;
        for (id, sees) in [record, hours].into_iter().zip(sees) {
            visitor.open("/kelola/permintaan").await;
            let link = format!("a[href=\"/kelola/permintaan/{id}\"]");
            assert_eq!(!visitor.sees(&link).is_empty(), sees, "{} {id}", person.name);
            visitor.open(&format!("/kelola/permintaan/{id}")).await;
            let status = if sees { StatusCode::OK } else { StatusCode::NOT_FOUND };
            assert_eq!(visitor.status, status, "{} {id}", person.name);
            let typed = [("verdict", "tidak"), ("words", "Coba")];
            if !sees {
                visitor.post(&format!("/kelola/permintaan/{id}"), &typed).await;
                assert_eq!(visitor.status, StatusCode::NOT_FOUND);
            }
        }
    }
    assert_eq!(number(&db, "select count(*) from correction_answer").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_answers_their_own_request_and_none_is_answered_twice(db: PgPool) {
    let world = World::new(db.clone());
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let other = world.person("Lain").role(Role::Administrator).create().await;
    ask(&world, &admin, "rank").await;
    let path = format!(
        "/kelola/permintaan/{}",
        number(&db, "select max(id) from correction_request").await
    );
    let typed = [("verdict", "ya"), ("words", "Sudah")];
    let mut own = world.signed_in(&admin, monday()).await;
    own.post(&path, &typed).await;
    assert!(own.status.is_client_error() && own.sees_text("petugas lain"), "{}", own.page());
    let mut visitor = world.signed_in(&other, monday()).await;
    visitor.open(&path).await.press(ANSWER, &typed).await;
    visitor.post(&path, &[("verdict", "tidak"), ("words", "Lagi")]).await;
    assert!(visitor.sees_text("sudah dijawab"));
    assert_eq!(column(&db, "select words from correction_answer").await, ["Sudah"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_is_overdue_is_said_in_words_and_the_oldest_stands_first(db: PgPool) {
    let world = World::new(db.clone());
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    ask(&world, &bob, "name").await;
    let mut later = world.signed_in(&ada, monday() + Duration::hours(1)).await;
    later.open("/saya/permintaan/baru").await;
    let typed = [("subject", "rank"), ("wanted", "III/b"), ("reason", "SK")];
    later.press(SEND, &typed).await;
    for (hours, overdue) in [(72, 0), (73, 1), (74, 2)] {
        let mut visitor = world.signed_in(&admin, monday() + Duration::hours(hours)).await;
        visitor.open("/kelola/permintaan").await;
        assert_eq!(visitor.sees("tr .tag.bad"), vec!["Lewat batas"; overdue], "{hours}");
        assert_eq!(visitor.sees("tbody th a"), ["Bob", "Ada"]);
    }
    let mut own = world.signed_in(&bob, evening()).await;
    own.open("/saya/permintaan").await.must_see("Lewat batas");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_request_stays_as_it_was_written(db: PgPool) {
    let world = World::new(db.clone());
    ask(&world, &world.person("Ada").create().await, "name").await;
    for change in [
        "update correction_request set wanted = 'Lain'",
        "update correction_request set due_at = due_at + interval '1 day', asked_at = asked_at + interval '1 day'",
        "delete from correction_request",
        "truncate correction_request cascade",
    ] {
        assert!(refusal(&db, change).await.contains("only ever grows"), "{change}");
    }
    run(&db, "update correction_request set wanted = '', reason = ''").await;
}
