//! A book that only grows, and tells when somebody tampers with it.

use chrono::NaiveDate;
use smartclass::{
    clock,
    ids::ClassId,
    ledger::{self, New, Verified},
};
use sqlx::PgPool;

use crate::support::{
    Person, World, Zoom, assert_in_order, refusal, run, wita,
    world::{evening, monday},
};

async fn verified(world: &World) -> Result<Verified, String> {
    ledger::verify(&mut *world.conn().await).await.unwrap()
}

async fn write(world: &World, person: &Person, jp: i32, reverses: Option<i32>, class: ClassId) {
    let entry = New {
        person: person.id,
        happened_on: NaiveDate::from_ymd_opt(2026, 3, 10).unwrap(),
        jp,
        class: Some(class),
        decision: None,
        reverses,
        note: "Arsip | Digital".into(),
    };
    let mut tx = world.db.begin().await.unwrap();
    ledger::append(&mut tx, &[entry], person.id, monday()).await.unwrap();
    tx.commit().await.unwrap();
}

/// Ada was present, by two reports of which one was taken back; Bob was present once.
async fn history(world: &World) -> (ClassId, Person, Person) {
    let class = world.class().create().await;
    let (ada, bob, by) = (
        world.person("Ada").create().await,
        world.person("Bob").create().await,
        world.organiser().await,
    );
    world.enrol(class, &ada).await;
    world.enrol(class, &bob).await;
    let first = world.import(class, &Zoom::new().stay("Ada", "", "09:00", "11:00"), &by).await;
    world.undo(first, &by).await;
    world
        .import(
            class,
            &Zoom::new().stay("Ada", "", "09:00", "10:50").stay("Bob", "", "09:00", "11:00"),
            &by,
        )
        .await;
    (class, ada, bob)
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_history_is_in_order(db: PgPool) {
    let world = World::new(db.clone());
    assert_eq!(verified(&world).await, Ok(Verified { people: 0, entries: 0 }));
    history(&world).await;
    assert_eq!(verified(&world).await, Ok(Verified { people: 2, entries: 4 }));
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn entries_and_decisions_are_never_changed_or_removed(db: PgPool) {
    let world = World::new(db.clone());
    history(&world).await;
    for table in ["ledger_entry", "decision"] {
        for sql in [
            format!("update {table} set jp = jp + 1"),
            format!("delete from {table}"),
            format!("truncate {table} cascade"),
        ] {
            let refusal = refusal(&db, &sql).await;
            assert!(refusal.contains("only ever grows"), "{sql}: {refusal}");
        }
    }
    assert_eq!(verified(&world).await, Ok(Verified { people: 2, entries: 4 }));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_gets_past_the_triggers_is_found_out(db: PgPool) {
    let world = World::new(db.clone());
    let (class, ada, bob) = history(&world).await;
    run(&db, "alter table ledger_entry disable trigger user, drop constraint ledger_entry_person_id_reverses_fkey; create table kept as select * from ledger_entry").await;
    run(&db, "create table ends as select * from ledger_head").await;
    let (a, b) = (ada.id, bob.id);
    for (tampering, found) in [
        (
            format!("update ledger_entry set jp = 20 where person_id = {b}"),
            "nomor 1 tidak sesuai sidiknya",
        ),
        (
            format!("update ledger_entry set note = 'Lain' where person_id = {a} and number = 2"),
            "nomor 2 tidak sesuai sidiknya",
        ),
        (
            format!("update ledger_entry set year = 2025 where person_id = {b}"),
            "nomor 1 tidak sesuai sidiknya",
        ),
        (
            format!("update ledger_entry set recorded_by = {a} where person_id = {b}"),
            "nomor 1 tidak sesuai sidiknya",
        ),
        (
            format!("delete from ledger_entry where person_id = {a} and number = 3"),
            "berakhir pada catatan 2",
        ),
        (
            format!("delete from ledger_entry where person_id = {a} and number = 2"),
            "nomor 2 hilang",
        ),
        (
            format!("delete from ledger_entry where person_id = {a} and number = 1"),
            "nomor 1 hilang",
        ),
        (format!("delete from ledger_entry where person_id = {a}"), "seluruh buku hilang"),
        (format!("delete from ledger_head where person_id = {a}"), "bukan pada ujung yang disegel"),
        (
            format!("update ledger_head set number = 2 where person_id = {a}"),
            "bukan pada ujung yang disegel",
        ),
        (
            format!("update ledger_entry set person_id = {a}, number = 4 where person_id = {b}"),
            "nomor 4 tidak sesuai sidiknya",
        ),
    ] {
        run(&db, &tampering).await;
        let problem = verified(&world).await.unwrap_err();
        assert!(problem.contains(found), "{tampering}: {problem}");
        run(&db, "truncate ledger_entry; insert into ledger_entry select * from kept").await;
        run(&db, "truncate ledger_head; insert into ledger_head select * from ends").await;
        assert!(verified(&world).await.is_ok(), "after {tampering}");
    }
    assert_eq!(world.find(class).await.jp, 2);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn hours_without_a_decision_and_a_decision_without_hours_are_found(db: PgPool) {
    let world = World::new(db.clone());
    let (class, _, bob) = history(&world).await;
    let other = world.class().title("Kelas Lain").create().await;
    write(&world, &bob, 5, None, other).await;
    let problem = verified(&world).await.unwrap_err();
    assert_eq!(problem, format!("orang {}: kelas {other} diputuskan 0 JP, tercatat 5 JP", bob.id));
    write(&world, &bob, -5, Some(2), other).await;
    assert!(verified(&world).await.is_ok());
    write(&world, &bob, -2, Some(1), class).await;
    let problem = verified(&world).await.unwrap_err();
    assert_eq!(problem, format!("orang {}: kelas {class} diputuskan 2 JP, tercatat 0 JP", bob.id));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_entry_is_taken_back_once(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().create().await;
    let ada = world.person("Ada").create().await;
    write(&world, &ada, 2, None, class).await;
    write(&world, &ada, -2, Some(1), class).await;
    let mut tx = db.begin().await.unwrap();
    let again = New {
        person: ada.id,
        happened_on: NaiveDate::from_ymd_opt(2026, 3, 10).unwrap(),
        jp: -2,
        class: Some(class),
        decision: None,
        reverses: Some(1),
        note: "lagi".into(),
    };
    assert!(ledger::append(&mut tx, &[again], ada.id, monday()).await.is_err());
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn two_at_once_write_one_chain(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().create().await;
    let ada = world.person("Ada").create().await;
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (world, ada) = (world.clone(), ada.clone());
        running.spawn(async move { write(&world, &ada, 1, None, class).await });
    }
    running.join_all().await;
    let numbers = crate::support::column(
        &db,
        "select number::text from ledger_entry order by ledger_entry.number",
    )
    .await;
    assert_eq!(numbers, ["1", "2", "3", "4", "5", "6", "7", "8"]);
    // Every hash follows from the one before; only the class's total has no decision.
    assert!(verified(&world).await.unwrap_err().contains("diputuskan 0 JP"));
}

#[test]
fn the_year_turns_at_midnight_in_the_province() {
    assert_eq!(clock::year_of("2026-12-31T15:59:59Z".parse().unwrap()), 2026);
    assert_eq!(clock::year_of("2026-12-31T16:00:00Z".parse().unwrap()), 2027);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_class_counts_in_the_year_of_its_own_local_day(db: PgPool) {
    let world = World::new(db.clone());
    // Ends in the old year, and begins in the new one: both are 31 December in UTC.
    let old = world.class().title("Tahun lama").starts("2026-12-31 21:00").create().await;
    let new = world.class().title("Tahun baru").starts("2027-01-01 00:30").create().await;
    let (ada, by) = (world.person("Ada").create().await, world.organiser().await);
    for (class, day, from, to) in
        [(old, "2026-12-31", "21:00", "23:00"), (new, "2027-01-01", "00:30", "02:30")]
    {
        world.enrol(class, &ada).await;
        let report = Zoom::new().on(day, "Ada", "", from, to);
        let expected = smartclass::attendance::read::expected(&world.find(class).await);
        let upload =
            smartclass::attendance::read::Upload::read("a.csv", report.csv(), &expected).unwrap();
        let mut tx = db.begin().await.unwrap();
        let now = wita("2027-01-02 09:00");
        let import =
            smartclass::attendance::upload(&mut tx, class, &upload, by.id, now).await.unwrap();
        let seen = smartclass::attendance::preview(&mut tx, import, by.id).await.unwrap().digest;
        smartclass::attendance::confirm(&mut tx, import, &seen, by.id, now).await.unwrap();
        tx.commit().await.unwrap();
    }
    let years = ledger::years(&mut *world.conn().await, ada.id).await.unwrap();
    assert_eq!(years, [(2027, 2), (2026, 2)]);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_book_shows_every_entry_and_the_sum_up_to_it(db: PgPool) {
    let world = World::new(db);
    let (_, ada, _) = history(&world).await;
    let mut visitor = world.signed_in(&ada, evening()).await;
    visitor.open("/saya/jp").await;
    assert_eq!(visitor.sees("h1"), ["Buku JP 2026"]);
    visitor.must_see("2 dari 20 JP. Sisa 18 JP sampai 31 Desember.");
    assert_eq!(visitor.sees("tbody td.jp"), ["+2", "−2", "+2"]);
    assert_eq!(visitor.sees("tbody td[data-l=Jumlah]"), ["2", "0", "2"]);
    assert_eq!(visitor.sees("tbody tr.undo th"), ["Koreksi: impor 1 dibatalkan"]);
    assert_eq!(visitor.sees("tfoot td.jp"), ["2"]);
    visitor.must_see("Hadir 110 menit dari 120 menit; batasnya 96 menit (80%).");
    visitor.open("/saya/jp?tahun=2025").await.must_see("Belum ada JP pada tahun 2025.");
    visitor.open("/saya/jp?tahun=dahulu").await;
    assert_eq!(visitor.status, 200);
    visitor.open("/saya").await.must_see("2 dari 20 JP");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_reads_the_book_of_another(db: PgPool) {
    let world = World::new(db);
    history(&world).await;
    let carla = world.person("Carla").create().await;
    let mut visitor = world.signed_in(&carla, evening()).await;
    visitor.open("/saya/jp").await.must_see("0 dari 20 JP");
    assert_eq!(visitor.sees("tbody tr"), [""; 0]);
}
