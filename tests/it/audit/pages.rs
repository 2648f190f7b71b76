//! The log as administrators and auditors read it.

use smartclass::{
    account::Role,
    seal::{Keys, Sealer},
};
use sqlx::PgPool;

use crate::support::{
    Visitor, World, number, run,
    world::{evening, monday},
};

async fn reader(world: &World) -> Visitor {
    let auditor = world.person("Auditor").role(Role::Auditor).create().await;
    world.signed_in(&auditor, evening()).await
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_entry_is_readable_and_says_whether_it_is_sealed(db: PgPool) {
    let world = World::new(db.clone());
    let admin = world.person("Admin Satu").role(Role::Administrator).create().await;
    let ada = world.person("Ada").create().await;
    let mut visitor = world.signed_in(&admin, monday()).await;
    visitor.open(&format!("/kelola/orang/{}/ubah", ada.id)).await;
    visitor.press("Simpan", &[("name", "Ada, S.E.")]).await;
    let mut reader = reader(&world).await;
    reader.open("/kelola/audit?perbuatan=Mengubah+data+orang").await;
    assert_eq!(reader.sees("li h2"), ["Mengubah data orang"]);
    reader.must_see("Oleh Admin Satu · Data orang · Ada, S.E.");
    reader.must_see("Nama: Ada → Ada, S.E.");
    reader.must_see("Belum disegel");
    let folder = std::env::temp_dir().join(format!("keys-page-{}", std::process::id()));
    let mut sealer = Sealer::new(Keys::open(&folder).unwrap());
    // Transactions of other tests may hold the last entries up.
    let open = "select count(*) from audit_entry where act = 'Mengubah data orang'
                and id not in (select entry_id from audit_sealed)";
    while number(&db, open).await > 0 {
        sealer.run(&db, evening()).await.unwrap();
    }
    std::fs::remove_dir_all(folder).unwrap();
    reader.open("/kelola/audit?perbuatan=Mengubah+data+orang").await.must_see("Tersegel, nomor");
    let id = crate::support::column(
        &db,
        "select id::text from audit_entry where act = 'Mengubah data orang'",
    )
    .await;
    reader.open(&format!("/kelola/audit/{}", id[0])).await;
    assert_eq!(reader.sees("tbody tr"), ["Nama Ada Ada, S.E."]);
    reader.open("/kelola/audit/999999").await;
    assert_eq!(reader.status, 404);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_log_is_narrowed_by_who_whom_what_and_when(db: PgPool) {
    let world = World::new(db.clone());
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    let class = world.class().title("Arsip Digital").create().await;
    run(&db, "alter table audit_entry disable trigger user; truncate audit_entry").await;
    for (by, person, class, act, at) in [
        (ada.id.0, bob.id.0, "null".to_owned(), "Satu", "2026-03-01 15:59:59Z"),
        (bob.id.0, ada.id.0, class.to_string(), "Dua", "2026-03-01 16:00:00Z"),
        (ada.id.0, ada.id.0, "null".to_owned(), "Tiga", "2026-03-03 01:00:00Z"),
    ] {
        run(&db, &format!("insert into audit_entry (at, by, act, person_id, class_id, xid) values ('{at}', {by}, '{act}', {person}, {class}, '1')")).await;
    }
    let mut reader = reader(&world).await;
    run(&db, "delete from audit_entry where about is not null").await;
    for (query, acts) in [
        ("", vec!["Tiga", "Dua", "Satu"]),
        ("?oleh=ada", vec!["Tiga", "Satu"]),
        (&format!("?oleh={}", bob.nip), vec!["Dua"]),
        ("?orang=Ada", vec!["Tiga", "Dua"]),
        ("?kelas=arsip", vec!["Dua"]),
        ("?perbuatan=Satu", vec!["Satu"]),
        ("?dari=2026-03-02", vec!["Tiga", "Dua"]),
        ("?sampai=2026-03-01", vec!["Satu"]),
        ("?dari=2026-03-02&sampai=2026-03-02", vec!["Dua"]),
        ("?oleh=Tidak+Ada", vec![]),
        ("?unit=Tidak+Ada", vec![]),
        ("?dari=kapan&sebelum=x", vec!["Tiga", "Dua", "Satu"]),
    ] {
        reader.open(&format!("/kelola/audit{query}")).await;
        assert_eq!(reader.sees("li h2"), acts, "{query}");
    }
    reader.open("/kelola/audit.xlsx?oleh=ada").await;
    assert_eq!(reader.status, 200);
    assert!(reader.body.starts_with(b"PK"));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn older_entries_are_on_the_pages_that_follow(db: PgPool) {
    let world = World::new(db.clone());
    let mut reader = reader(&world).await;
    run(&db, "alter table audit_entry disable trigger user; truncate audit_entry;
        insert into audit_entry (at, act, xid) select '2026-03-01', 'Uji ' || n, '1' from generate_series(1, 120) n").await;
    reader.open("/kelola/audit").await;
    let mut seen = reader.sees("li h2");
    while reader.sees("nav.pages a[rel=next]").len() == 1 {
        reader.click("Lebih lama").await;
        seen.extend(reader.sees("li h2"));
    }
    let all: Vec<String> = (1..=120).rev().map(|n| format!("Uji {n}")).collect();
    assert_eq!(seen, all);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_administrator_of_one_unit_does_not_read_the_log(db: PgPool) {
    let world = World::new(db);
    let unit = world.unit("Dinas Sosial").await;
    let admin = world.person("Admin").role(Role::Administrator).unit(unit).create().await;
    let mut visitor = world.signed_in(&admin, evening()).await;
    visitor.open("/kelola/audit").await;
    assert_eq!(visitor.status, 403);
}
