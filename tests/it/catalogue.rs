//! Finding a class, and the one thing that can be done next.

use smartclass::schedule;
use sqlx::PgPool;

use crate::support::{
    Visitor, World, form, wita,
    world::{evening, monday},
};

async fn found(visitor: &mut Visitor, query: &[(&str, &str)]) -> Vec<String> {
    visitor.open(&format!("/kelas?{}", form::encoded(query))).await;
    assert_eq!(visitor.status, 200, "{query:?}");
    visitor.sees(".card h3")
}

async fn library(world: &World) {
    world.class().title("Penyusunan Laporan Kinerja").starts("2026-03-10 09:00").create().await;
    world
        .class()
        .title("Arsip Digital")
        .summary("Menata dokumen kantor.")
        .starts("2026-03-11 09:00")
        .create()
        .await;
    world
        .class()
        .title("Pelayanan Prima")
        .speaker("Ma’ruf Nūr, S.Kom.")
        .starts("2026-04-02 09:00")
        .create()
        .await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn words_are_found_in_every_form(db: PgPool) {
    let world = World::new(db);
    library(&world).await;
    let visitor = &mut world.visitor(monday());
    for (words, titles) in [
        ("menyusun", vec!["Penyusunan Laporan Kinerja"]),
        ("LAPORAN", vec!["Penyusunan Laporan Kinerja"]),
        ("lapor", vec!["Penyusunan Laporan Kinerja"]),
        ("digital", vec!["Arsip Digital"]),
        ("dokumen", vec!["Arsip Digital"]),
        ("penataan dokumen", vec!["Arsip Digital"]),
        ("nur", vec!["Pelayanan Prima"]),
        ("Nūr", vec!["Pelayanan Prima"]),
        ("layanan", vec!["Pelayanan Prima"]),
        ("arsip prima", vec![]),
        // Half a word, whatever the stemmer makes of it.
        ("digit", vec!["Arsip Digital"]),
        ("pelay", vec!["Pelayanan Prima"]),
        ("pelayan", vec!["Pelayanan Prima"]),
        ("penyus", vec!["Penyusunan Laporan Kinerja"]),
        ("dok kant", vec!["Arsip Digital"]),
        ("arsip yang digit", vec!["Arsip Digital"]),
        ("di dalam untuk pelay dan prim", vec!["Pelayanan Prima"]),
        ("maruf nū", vec![]),
        ("ma’ruf nū", vec!["Pelayanan Prima"]),
        ("Ma'ruf NUR", vec!["Pelayanan Prima"]),
    ] {
        assert_eq!(found(visitor, &[("q", words)]).await, titles, "{words:?}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn words_that_say_nothing_exclude_nothing(db: PgPool) {
    let world = World::new(db);
    library(&world).await;
    let visitor = &mut world.visitor(monday());
    assert_eq!(found(visitor, &[("q", "yang dan untuk")]).await.len(), 3);
    assert_eq!(found(visitor, &[("q", "  ")]).await.len(), 3);
    assert_eq!(found(visitor, &[("q", "arsip yang digital")]).await, ["Arsip Digital"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_search_may_hold_any_character(db: PgPool) {
    let world = World::new(db);
    library(&world).await;
    let visitor = &mut world.visitor(monday());
    let long = "kata ".repeat(500);
    for words in [
        "'",
        "\\",
        "a\\'b",
        "& | ! <-> :*",
        "(",
        "%",
        "c:\\dir\\'x",
        "http://x.id/a?b='c'",
        "😀",
        "a-b_c",
        "''''",
        &long,
    ] {
        found(visitor, &[("q", words)]).await;
        assert_eq!(visitor.value("q"), words);
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn classes_are_filtered_by_month_and_by_free_seats(db: PgPool) {
    let world = World::new(db);
    library(&world).await;
    let full =
        world.class().title("Kelas Penuh").seats(1).starts("2026-04-03 09:00").create().await;
    let ada = world.person("Ada").create().await;
    world.enrol(full, &ada).await;
    let visitor = &mut world.visitor(monday());
    assert_eq!(found(visitor, &[]).await.len(), 4);
    assert_eq!(visitor.sees("h2.month-h"), ["Maret 2026", "April 2026"]);
    assert_eq!(visitor.sees("#b option"), ["Semua bulan", "Maret 2026", "April 2026"]);
    visitor.press("Terapkan saringan", &[("bulan", "2026-04")]).await;
    assert_eq!(visitor.sees(".card h3"), ["Pelayanan Prima", "Kelas Penuh"]);
    visitor.press("Terapkan saringan", &[("tempat", "ada")]).await;
    assert_eq!(visitor.sees(".card h3"), ["Pelayanan Prima"]);
    visitor
        .press("Cari", &[("q", "penuh")])
        .await
        .must_see("Tidak ada kelas yang cocok dengan “penuh”.");
    visitor.must_see("Coba tanpa saringan bulan.").must_see("Anda dapat masuk daftar tunggu");
    visitor.click("Lihat semua kelas").await;
    assert_eq!(visitor.sees(".card").len(), 4);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_class_late_on_the_last_day_belongs_to_its_local_month(db: PgPool) {
    let world = World::new(db);
    // Still 31 March in UTC.
    world.class().title("April").starts("2026-04-01 07:00").create().await;
    let visitor = &mut world.visitor(monday());
    assert_eq!(found(visitor, &[("bulan", "2026-04")]).await, ["April"]);
    assert_eq!(found(visitor, &[("bulan", "2026-03")]).await, [""; 0]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_second_page_goes_on_where_the_first_ended(db: PgPool) {
    let world = World::new(db);
    for n in 1..=22 {
        world
            .class()
            .title(&format!("Kelas ke {n:02}"))
            .starts(&format!("2026-03-{:02} 09:00", n + 5))
            .create()
            .await;
    }
    let visitor = &mut world.visitor(monday());
    let first = found(visitor, &[("q", "kelas")]).await;
    assert_eq!((first.len(), first[0].as_str()), (20, "Kelas ke 01"));
    visitor.must_see("22 kelas, diurutkan dari yang terdekat");
    visitor.click("Berikutnya").await;
    assert_eq!(visitor.sees(".card h3"), ["Kelas ke 21", "Kelas ke 22"]);
    assert_eq!(visitor.value("q"), "kelas");
    visitor.click("Sebelumnya").await;
    assert_eq!(visitor.sees(".card").len(), 20);
    for (page, cards) in
        [("9", 2), ("9223372036854775807", 2), ("-1", 20), ("0", 20), ("banyak", 20)]
    {
        assert_eq!(found(visitor, &[("hal", page)]).await.len(), cards, "{page}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn classes_that_are_over_are_not_listed(db: PgPool) {
    let world = World::new(db);
    world.class().create().await;
    let last_minute = wita("2026-03-10 10:59:59");
    assert_eq!(found(&mut world.visitor(last_minute), &[]).await.len(), 1);
    assert_eq!(found(&mut world.visitor(wita("2026-03-10 11:00")), &[]).await.len(), 0);
}

/// What the page says of the seats, and the one thing that can be pressed or followed.
async fn next(visitor: &mut Visitor, address: &str) -> (String, String) {
    visitor.open(address).await;
    let state = visitor.sees(".state").remove(0);
    let act = visitor.sees(".aside .btn, .aside p:not(.state):not(.note):not(:has(.big))");
    (state, act.first().cloned().unwrap_or_default())
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn there_is_one_next_thing_to_do(db: PgPool) {
    let world = World::new(db);
    let class = world.class().seats(2).create().await;
    let address = world.address(class).await;
    let people = world.people(4).await;
    let says = |state: &str, act: &str| (state.to_owned(), act.to_owned());
    let mut ada = world.signed_in(&people[0], monday()).await;
    let mut last = world.signed_in(&people[3], monday()).await;

    assert_eq!(
        next(&mut world.visitor(monday()), &address).await,
        says("Tersisa 2 tempat", "Masuk untuk mendaftar")
    );
    assert_eq!(next(&mut ada, &address).await, says("Tersisa 2 tempat", "Daftar"));
    world.enrol(class, &people[0]).await;
    assert_eq!(next(&mut ada, &address).await, says("Anda terdaftar", "Buka halaman kelas saya"));
    world.enrol(class, &people[1]).await;
    let full = "Penuh. Anda dapat masuk daftar tunggu";
    assert_eq!(next(&mut last, &address).await, says(full, "Masuk daftar tunggu"));
    world.enrol(class, &people[2]).await;
    let full = "Penuh, 1 orang menunggu. Anda dapat masuk daftar tunggu";
    assert_eq!(next(&mut last, &address).await, says(full, "Masuk daftar tunggu"));
    let mut waiting = world.signed_in(&people[2], monday()).await;
    assert_eq!(
        next(&mut waiting, &address).await,
        says("Anda di daftar tunggu, urutan ke-1", "Buka halaman kelas saya")
    );
    let mut over = world.signed_in(&people[3], evening()).await;
    assert_eq!(next(&mut over, &address).await, says("Selesai", "Kelas ini sudah selesai."));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn when_nothing_can_be_done_the_page_says_why(db: PgPool) {
    let world = World::new(db);
    let closed = world.class().title("Tutup").closes("2026-03-01 00:00").create().await;
    let later = world.class().title("Nanti").opens("2026-03-05 00:00").create().await;
    let cancelled = world.class().title("Batal").create().await;
    let by = world.organiser().await;
    schedule::cancel(&mut *world.conn().await, cancelled, "Gempa.", by.id, monday()).await.unwrap();
    let visitor = &mut world.visitor(monday());
    for (class, act) in [
        (closed, "Pendaftaran kelas ini sudah ditutup."),
        (later, "Pendaftaran dibuka 5 Mar 2026 · 00.00 WITA."),
        (cancelled, "Kelas ini dibatalkan oleh penyelenggara."),
    ] {
        let address = world.address(class).await;
        assert_eq!(next(visitor, &address).await.1, act);
        assert_eq!(visitor.sees("main .btn"), [""; 0]);
    }
    visitor.must_see("Gempa.");
    visitor.open("/kelas").await;
    let lines = visitor.sees(".card .state");
    assert_eq!(lines, ["Pendaftaran ditutup", "Pendaftaran dibuka 5 Mar 2026 00.00"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_list_tells_each_visitor_where_they_stand(db: PgPool) {
    let world = World::new(db);
    let (one, two) = (
        world.class().title("Satu").create().await,
        world.class().title("Dua").seats(1).create().await,
    );
    let people = world.people(2).await;
    world.enrol(two, &people[1]).await;
    world.enrol(one, &people[0]).await;
    world.enrol(two, &people[0]).await;
    let mut visitor = world.signed_in(&people[0], monday()).await;
    visitor.open("/kelas").await;
    assert_eq!(visitor.sees(".card .state"), ["Anda terdaftar", "Anda di daftar tunggu"]);
    world.withdraw(one, &people[0]).await;
    visitor.open("/kelas").await;
    assert_eq!(visitor.sees(".card .state")[0], "Tersisa sekitar 30 tempat");
}
