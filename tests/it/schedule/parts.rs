//! Classes of several parts, on several days.

use sqlx::PgPool;

use super::{FORM, id, organiser};
use crate::support::{World, column, wita, world::monday};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_class_of_two_days_is_laid_down_and_shows_both_everywhere(db: PgPool) {
    let world = World::new(db);
    let mut visitor = organiser(&world).await;
    visitor.open("/kelola/kelas/baru").await.press("Tambah bagian", &FORM).await;
    for (field, typed) in FORM {
        assert_eq!(visitor.value(field), typed, "{field}");
    }
    let proposed = ["day2", "from2", "to2"].map(|field| visitor.value(field));
    assert_eq!(proposed, ["2026-03-21", "9.00", "12.30"]);
    let lanes = [("stream", "https://siaran.example/kelas"), ("room", "Aula BPSDMD")];
    let second = [("day2", "2026-03-22"), ("from2", "13.00"), ("to2", "14.30")];
    visitor.press("Simpan draf", &[lanes.as_slice(), &second].concat()).await;
    let class = id(&visitor);
    visitor.click("Periksa dan terbitkan").await.press("Terbitkan kelas", &[]).await;
    let days = [
        "Jumat, 20 Maret 2026, pukul 09.00 s.d. 12.30 WITA",
        "Minggu, 22 Maret 2026, pukul 13.00 s.d. 14.30 WITA",
    ];
    visitor.must_see(days[0]).must_see(days[1]);
    let found = world.find(class).await;
    assert_eq!((found.parts.len(), found.jp), (2, 6), "300 minutes in all");

    visitor.open("/kelola/jadwal").await;
    assert_eq!(visitor.sees("tr.day"), ["Jumat, 20 Maret 2026", "Minggu, 22 Maret 2026"]);
    visitor.must_see("Bagian 2 dari 2");
    let short = ["Jum, 20 Mar 2026 · 09.00–12.30 WITA", "Min, 22 Mar 2026 · 13.00–14.30 WITA"];
    let ada = world.person("Ada").create().await;
    let mut learner = world.signed_in(&ada, monday()).await;
    learner.open("/kelas").await;
    assert_eq!(learner.sees(".card .when time"), short);
    learner.open("/saya").await;
    assert_eq!(learner.sees(".agenda .when time"), short, "suggested");
    learner.click(&found.title).await.must_see(days[0]).must_see(days[1]);
    learner.must_see("Zoom atau siaran langsung atau Aula BPSDMD");
    learner.press("Daftar", &[]).await.must_see(days[0]).must_see(days[1]);
    visitor.open(&format!("/kelola/kelas/{class}/daftar-hadir")).await;
    visitor.must_see(days[0]).must_see(days[1]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn between_two_days_the_home_page_shows_the_next_one(db: PgPool) {
    let world = World::new(db);
    let mut class = world.class();
    class.plan.parts.push(smartclass::class::Part {
        starts: wita("2026-03-12 13:00"),
        ends: wita("2026-03-12 14:00"),
        really: None,
    });
    let class = class.create().await;
    let ada = world.person("Ada").create().await;
    world.enrol(class, &ada).await;
    for (at, when, joins) in [
        ("2026-03-10 10:00", "Sel, 10 Mar 2026 · 09.00–11.00 WITA", true),
        ("2026-03-11 10:00", "Kam, 12 Mar 2026 · 13.00–14.00 WITA", false),
        ("2026-03-12 12:50", "Kam, 12 Mar 2026 · 13.00–14.00 WITA", true),
    ] {
        let mut learner = world.signed_in(&ada, wita(at)).await;
        learner.open("/saya").await;
        assert_eq!(learner.sees(".agenda .when"), [when], "{at}");
        assert_eq!(!learner.sees(".agenda .btn").is_empty(), joins, "{at}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_part_is_dropped_again(db: PgPool) {
    let world = World::new(db);
    let class = world.class().create().await;
    let mut visitor = organiser(&world).await;
    visitor.open(&format!("/kelola/kelas/{class}/ubah")).await;
    visitor.press("Tambah bagian", &[]).await.press("Simpan", &[]).await;
    assert_eq!(world.find(class).await.parts.len(), 2);
    visitor.click("Ubah kelas").await.press("Hapus bagian terakhir", &[]).await;
    visitor.press("Simpan", &[("to", "12.00")]).await;
    let found = world.find(class).await;
    assert_eq!((found.parts.len(), found.ends()), (1, wita("2026-03-10 12:00")));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_a_class_says_of_its_time_cannot_differ_from_its_parts(db: PgPool) {
    let world = World::new(db.clone());
    world.class().create().await;
    for wrong in [
        "update class set ends = ends + interval '1 minute'",
        "update class_part set starts = starts - interval '1 minute'",
        "delete from class_part",
    ] {
        let refused = sqlx::raw_sql(wrong).execute(&db).await.unwrap_err();
        assert!(refused.to_string().contains("does not begin and end with its parts"), "{wrong}");
    }
    assert_eq!(column(&db, "select count(*)::text from class_part").await, ["1"]);
}
