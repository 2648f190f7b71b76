//! Whose data an account touched, once it was in the wrong hands.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use smartclass::account::Role;
use sqlx::PgPool;

use crate::support::{
    Person, Visitor, World, column, number, run,
    world::{evening, monday},
};

async fn admin(world: &World) -> Visitor {
    let admin = world.person("Admin Utama").role(Role::Administrator).create().await;
    world.signed_in(&admin, evening()).await
}

/// An entry of the log as the account made it, in the time of the classes.
async fn did(db: &PgPool, by: &Person, act: &str, at: &str, more: &str) {
    let (columns, values) = more.split_once(" = ").unwrap_or_default();
    let (columns, values) = if columns.is_empty() {
        (String::new(), String::new())
    } else {
        (format!(", {columns}"), format!(", {values}"))
    };
    let by = by.id;
    run(db, &format!("insert into audit_entry (at, by, act, xid{columns}) values ('2026-03-{at}+08', {by}, '{act}', '1'{values})")).await;
}

fn page(of: &Person) -> String {
    let span = "dari=2026-03-09T08:00&sampai=2026-03-09T17:00";
    format!("/kelola/audit/terdampak?akun={}&{span}", of.id)
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn those_whose_data_was_changed_or_seen_in_the_span_are_listed_and_nobody_else(db: PgPool) {
    let world = World::new(db.clone());
    let thief = world.person("Rusli").create().await;
    let people = world.people(5).await;
    let of = |n: usize| format!("person_id = {}", people[n].id);
    did(&db, &thief, "Melihat data orang", "09 07:59:59", &of(0)).await;
    did(&db, &thief, "Melihat data orang", "09 08:00:00", &of(1)).await;
    did(&db, &thief, "Melihat data orang", "09 09:30:00", &of(1)).await;
    let change = format!("about, person_id = 'person', {}", people[2].id);
    did(&db, &thief, "Mengubah data orang", "09 17:00:59", &change).await;
    did(&db, &thief, "Melihat data orang", "09 17:01:00", &of(3)).await;
    did(&db, &people[0], "Melihat data orang", "09 09:00:00", &of(4)).await;
    did(&db, &thief, "Masuk", "09 08:10:00", &format!("person_id = {}", thief.id)).await;
    let mut admin = admin(&world).await;
    admin.open(&page(&thief)).await;
    assert_eq!(admin.sees("tbody th"), ["Orang 3", "Orang 2"], "changed before seen");
    assert_eq!(admin.sees("td[data-l=Data]"), ["Diubah", "Terlihat"]);
    assert_eq!(admin.sees("td[data-l=Perbuatan]"), ["Mengubah data orang", "Melihat data orang"]);
    let seen =
        [admin.sees("td[data-l=Pertama]")[1].clone(), admin.sees("td[data-l=Terakhir]")[1].clone()];
    assert_eq!(seen, ["9 Mar 2026 · 08.00 WITA", "9 Mar 2026 · 09.30 WITA"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_looked_at_the_list_of_a_class_saw_all_of_its_people(db: PgPool) {
    let world = World::new(db.clone());
    let organiser = world.organiser().await;
    let (class, other) = (world.class().create().await, world.class().create().await);
    let people = world.people(3).await;
    world.enrol(class, &people[0]).await;
    world.enrol(class, &people[1]).await;
    world.enrol(other, &people[2]).await;
    let mut visitor = world.signed_in(&organiser, evening()).await;
    visitor.open(&format!("/kelola/kelas/{class}/peserta.xlsx")).await;
    let mut admin = admin(&world).await;
    admin.open(&format!("/kelola/audit/terdampak?akun={}", organiser.id)).await;
    assert_eq!(admin.sees("tbody th"), ["Orang 1", "Orang 2"]);
    assert_eq!(admin.sees("td[data-l=Perbuatan]")[0], "Mengunduh daftar peserta");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_cannot_be_told_by_name_is_said_with_the_number_within_reach(db: PgPool) {
    let world = World::new(db.clone());
    let (here, there) = (world.unit("Dinas Sosial").await, world.unit("Dinas Pangan").await);
    let thief = world.person("Rusli").unit(here).role(Role::UnitOperator).create().await;
    for (name, unit) in [("Satu", here), ("Dua", here), ("Lain", there)] {
        world.person(name).unit(unit).create().await;
    }
    let mut operator = world.signed_in(&thief, evening()).await;
    operator.open("/kelola/laporan/kurang.xlsx").await;
    let mut admin = admin(&world).await;
    let address = format!("/kelola/audit/terdampak?akun={}", thief.id);
    admin.open(&address).await.must_see("Membaca halaman tidak dicatat satu per satu");
    admin.must_see("terlihat: 2 orang");
    admin.must_see("Mengunduh daftar kurang JP: 1 kali");
    // A role that was taken away since then counts for the time in which it was held.
    run(
        &db,
        &format!(
            "update role_grant set revoked_at = '2026-03-10 11:30:00+00' where person_id = {}",
            thief.id
        ),
    )
    .await;
    admin.open(&address).await.must_see("terlihat: 2 orang");
    admin.open(&format!("{address}&dari=2026-03-11T00:00&sampai=2026-03-12T00:00")).await;
    admin.must_see("terlihat: 0 orang");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_account_is_found_by_name_and_the_list_narrowed_to_one_address(db: PgPool) {
    let world = World::new(db.clone());
    let thief = world.person("Rusli Wijaya").create().await;
    let people = world.people(2).await;
    for (n, client) in [(0, "203.0.113.9"), (1, "10.0.0.5")] {
        let more = format!("client, person_id = '{client}', {}", people[n].id);
        did(&db, &thief, "Melihat data orang", "09 09:00:00", &more).await;
    }
    let mut admin = admin(&world).await;
    admin.open("/kelola/audit").await.click("Cari orang terdampak").await;
    admin.press("Cari orang", &[("q", "wijaya")]).await.click("Rusli Wijaya").await;
    assert_eq!(admin.sees("tbody th"), ["Orang 1", "Orang 2"], "of the last seven days");
    admin.press("Tampilkan", &[("alamat", "203.0.113.9")]).await;
    assert_eq!(admin.sees("tbody th"), ["Orang 1"]);
    admin.press("Tampilkan", &[("sampai", "2026-03-01T00:00")]).await;
    assert_eq!(admin.problem("sampai"), "Akhir tidak dapat mendahului awal.");
    admin.open(&format!("/kelola/audit/terdampak?akun={}&dari=kemarin", thief.id)).await;
    assert!(admin.problem("dari").starts_with("Tulis tanggal dan jam"));
    admin.open("/kelola/audit/terdampak?akun=999999").await;
    assert_eq!(admin.status, 404);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_workbook_names_everybody_to_be_told_and_the_account_itself(db: PgPool) {
    let world = World::new(db.clone());
    let thief = world.person("Rusli").create().await;
    let people = world.people(60).await;
    for person in &people {
        did(
            &db,
            &thief,
            "Melihat data orang",
            "09 09:00:00",
            &format!("person_id = {}", person.id),
        )
        .await;
    }
    did(&db, &thief, "Melihat data orang", "09 09:00:00", "person_id = 999999").await;
    let mut admin = admin(&world).await;
    admin.open(&page(&thief)).await;
    assert_eq!(admin.sees("tbody th").len(), 50, "a page at a time");
    admin.click("Unduh Excel").await;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(admin.body.clone())).unwrap();
    let rows = book.worksheet_range("Terdampak").unwrap();
    let names: Vec<String> = rows.rows().skip(1).map(|row| row[0].to_string()).collect();
    assert_eq!((names.len(), names[0].as_str()), (62, "Rusli"));
    assert!(names.contains(&"Orang 60".to_owned()));
    assert!(names.contains(&"orang nomor 999999, catatannya sudah dihapus".to_owned()));
    let nip = rows.rows().find(|row| row[0] == "Orang 1").unwrap()[1].clone();
    assert_eq!(nip, Data::String(people[0].nip.clone()));
    let noted = "select act from audit_entry where act like '%terdampak' order by id";
    assert_eq!(column(&db, noted).await, ["Melihat orang terdampak", "Mengunduh orang terdampak"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_was_done_under_either_of_two_merged_records_is_listed_under_the_one_that_stays(
    db: PgPool,
) {
    let world = World::new(db.clone());
    let (thief, old) =
        (world.person("Rusli").create().await, world.person("Rusli Lama").create().await);
    let people = world.people(2).await;
    let chief = world.person("Atasan").role(Role::Administrator).create().await;
    did(&db, &old, "Melihat data orang", "09 09:00:00", &format!("person_id = {}", people[0].id))
        .await;
    did(&db, &thief, "Melihat data orang", "09 09:00:00", &format!("person_id = {}", people[1].id))
        .await;
    let mut db_ = world.conn().await;
    for (goes, stays) in [(&old, &thief), (&people[0], &people[1])] {
        smartclass::people::merge(&mut db_, goes.id, stays.id, chief.id, monday()).await.unwrap();
    }
    let mut admin = admin(&world).await;
    admin.open(&page(&old)).await;
    assert_eq!(admin.sees("h2")[0], "Rusli");
    assert_eq!(admin.sees("tbody th"), ["Orang 2"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_administrator_ends_the_sign_ins_of_somebody_within_reach_and_it_is_noted(db: PgPool) {
    let world = World::new(db.clone());
    let (here, there) = (world.unit("Dinas Sosial").await, world.unit("Dinas Pangan").await);
    let near = world.person("Dekat").unit(here).create().await;
    let far = world.person("Jauh").unit(there).create().await;
    let (mut one, mut other) =
        (world.signed_in(&near, evening()).await, world.signed_in(&near, evening()).await);
    let boss = world.person("Admin Unit").unit(here).role(Role::Administrator).create().await;
    let mut boss = world.signed_in(&boss, evening()).await;
    boss.post(&format!("/kelola/orang/{}/keluarkan", far.id), &[]).await;
    assert_eq!(boss.status, 404);
    boss.open(&format!("/kelola/orang/{}", near.id)).await;
    boss.press("Keluarkan dari semua perangkat", &[]).await;
    assert!(boss.banner().starts_with("Orang ini dikeluarkan dari semua perangkatnya."));
    for visitor in [&mut one, &mut other] {
        visitor.open("/saya").await;
        assert_eq!(visitor.at, "/masuk");
    }
    let noted = format!(
        "select count(*) from audit_entry where act = 'Mengeluarkan dari semua perangkat' and person_id = {}",
        near.id
    );
    assert_eq!(number(&db, &noted).await, 1);
    boss.open(&format!("/kelola/orang/{}", near.id))
        .await
        .press("Keluarkan dari semua perangkat", &[])
        .await;
    assert_eq!(boss.banner(), "Orang ini tidak sedang masuk di perangkat mana pun.");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_auditor_reads_the_list_and_ends_nothing(db: PgPool) {
    let world = World::new(db.clone());
    let thief = world.person("Rusli").create().await;
    let auditor = world.person("Auditor").role(Role::Auditor).create().await;
    let mut auditor = world.signed_in(&auditor, evening()).await;
    auditor.open(&page(&thief)).await.must_see("Membaca halaman tidak dicatat");
    assert_eq!(auditor.sees("form[method=post][action*=keluarkan]"), [""; 0]);
    let mut admin = admin(&world).await;
    admin.open(&page(&thief)).await.press("Keluarkan dari semua perangkat", &[]).await;
    assert_eq!(admin.at, format!("/kelola/orang/{}", thief.id));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_moment_outside_of_any_log_is_answered_in_words(db: PgPool) {
    let world = World::new(db.clone());
    let mut admin = admin(&world).await;
    for from in ["-5000-01-01T00:00", "1999-12-31T23:59", "+12000-01-01T00:00"] {
        let page = format!("/kelola/audit/terdampak?akun=1&dari={from}&sampai=2026-03-09T17:00");
        admin.open(&page).await.must_see("Tulis tanggal dan jam");
    }
}
