//! The records of people: finding them, and putting them right.

use axum::http::StatusCode;
use smartclass::account::Role;
use sqlx::PgPool;

use crate::support::{
    Person, Visitor, World, Zoom, column,
    world::{PASSWORD, monday},
};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_page_that_is_not_there_leads_to_one_that_is(db: PgPool) {
    let world = World::new(db);
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    world.people(60).await;
    let mut admin = world.signed_in(&admin, monday()).await;
    for (page, rows) in [
        ("1", 50),
        ("2", 11),
        ("99", 11),
        ("9223372036854775807", 11),
        ("0", 50),
        ("-7", 50),
        ("abc", 50),
        ("", 50),
    ] {
        admin.open(&format!("/kelola/orang?hal={page}")).await.must_see("61 orang");
        assert_eq!(admin.sees("tbody tr").len(), rows, "{page:?}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_is_looked_for_in_a_report_is_found_however_many_fit(db: PgPool) {
    let world = World::new(db.clone());
    let (class, organiser) = (world.class().create().await, world.organiser().await);
    let report = Zoom::new().stay("Entah Siapa", "", "09:00", "11:00");
    let import = world.upload(class, &report, &organiser).await;
    world.people(60).await;
    let row = &column(&db, "select id::text from import_row").await[0];
    let mut visitor = world.signed_in(&organiser, monday()).await;
    let path = format!("/kelola/kelas/{class}/impor/{import}/cari?baris={row}&q=orang");
    visitor.open(&path).await.must_see("60 orang");
    assert_eq!(visitor.sees("tbody tr").len(), 50);
    visitor.click("Berikutnya").await;
    assert_eq!(visitor.sees("tbody tr").len(), 10);
    assert_eq!(visitor.value("q"), "orang");
}

const NEW_NIP: &str = "19900505 201503 2 005";

/// An administrator at the form of a person whose name is misspelt.
async fn at_the_form(world: &World) -> (Visitor, Person) {
    let admin = world.person("Siti Admin").role(Role::Administrator).create().await;
    let ada = world.person("Ada Lestrai").with_password().create().await;
    let mut admin = world.signed_in(&admin, monday()).await;
    admin.open(&format!("/kelola/orang/{}", ada.id)).await.click("Ubah data").await;
    (admin, ada)
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_record_is_put_right_and_says_who_did_it(db: PgPool) {
    let world = World::new(db.clone());
    let (mut admin, ada) = at_the_form(&world).await;
    let unit = world.unit("Dinas Sosial").await.to_string();
    admin.press("Simpan", &[("name", ""), ("email", "ada@contoh"), ("unit", &unit)]).await;
    assert_eq!(admin.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(admin.problem("email"), "Tulis alamat surel seperti nama@sultengprov.go.id.");
    assert_eq!([admin.value("name"), admin.value("email")], ["", "ada@contoh"]);
    let typed =
        [("name", "Ada Lestari, S.E."), ("email", "Ada@Contoh.id"), ("position", "Arsiparis")];
    admin.press("Simpan", &typed).await;
    assert_eq!(admin.at, format!("/kelola/orang/{}", ada.id));
    assert_eq!(admin.banner(), "Perubahan tersimpan.");
    assert_eq!(
        admin.sees("table:last-of-type tbody tr"),
        [
            "Nama Ada Lestrai Ada Lestari, S.E. 2 Mar 2026 · 09.00 WITA Siti Admin",
            "Surel – ada@contoh.id 2 Mar 2026 · 09.00 WITA Siti Admin",
            "Unit kerja Pemerintah Provinsi Sulawesi Tengah Dinas Sosial 2 Mar 2026 · 09.00 WITA Siti Admin",
            "Jabatan – Arsiparis 2 Mar 2026 · 09.00 WITA Siti Admin",
        ]
    );
    let mut herself = world.signed_in(&ada, monday()).await;
    herself.open("/saya/profil").await.must_see("Ada Lestari, S.E.");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_new_nip_ends_the_one_before(db: PgPool) {
    let world = World::new(db.clone());
    let (mut admin, ada) = at_the_form(&world).await;
    admin.press("Simpan", &[("nip", NEW_NIP)]).await;
    admin.must_see("NIP terdahulu").must_see("sampai 2 Mar 2026 · 09.00 WITA");
    for (nip, place) in [(ada.nip.as_str(), "/masuk"), (NEW_NIP, "/saya")] {
        let mut visitor = world.visitor(monday());
        visitor.open("/masuk").await.press("Masuk", &[("nip", nip), ("password", PASSWORD)]).await;
        assert_eq!(visitor.at, place, "{nip}");
    }
    // Nobody else gets the old one; the person may have it back.
    admin.open("/kelola/orang/baru").await;
    let unit = world.root().await.to_string();
    let other = [("name", "Orang Lain"), ("nip", &*ada.nip), ("unit", &*unit)];
    admin.press("Simpan", &other).await;
    assert_eq!(admin.problem("nip"), "NIP ini sudah tercatat.");
    admin.open(&format!("/kelola/orang/{}/ubah", ada.id)).await;
    admin.press("Simpan", &[("nip", &ada.nip)]).await;
    let held = "select nip from person_nip where person_id = (select id from person where name = 'Ada Lestrai')";
    let now = column(&db, &format!("{held} and ended_at is null")).await;
    assert_eq!(now, [ada.nip.as_str()]);
    assert_eq!(column(&db, held).await.len(), 2);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_nip_that_was_a_mistake_is_free_for_whose_it_is(db: PgPool) {
    let world = World::new(db.clone());
    let (mut admin, ada) = at_the_form(&world).await;
    let taken = world.person("Orang Lain").create().await.nip;
    admin.press("Simpan", &[("nip", &taken)]).await;
    assert_eq!(admin.problem("nip"), "NIP ini sudah tercatat.");
    admin.press("Simpan", &[("nip", NEW_NIP), ("wrong_nip", "ya")]).await;
    assert!(!admin.sees_text("NIP terdahulu"));
    admin.open("/kelola/orang/baru").await;
    let unit = world.root().await.to_string();
    let owner = [("name", "Pemiliknya"), ("nip", &*ada.nip), ("unit", &*unit)];
    admin.press("Simpan", &owner).await.must_see("Tautan aktivasi");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_overwrites_a_change_that_they_have_not_seen(db: PgPool) {
    let world = World::new(db.clone());
    let (mut admin, ada) = at_the_form(&world).await;
    let second = world.person("Budi Admin").role(Role::Administrator).create().await;
    let mut second = world.signed_in(&second, monday()).await;
    second.open(&format!("/kelola/orang/{}/ubah", ada.id)).await;
    second.press("Simpan", &[("name", "Ada Lestari")]).await;
    admin.press("Simpan", &[("name", "Ada L."), ("position", "Arsiparis")]).await;
    let told =
        "Data ini diubah oleh Budi Admin pada 2 Mar 2026 · 09.00 WITA sejak halaman ini dibuka.";
    assert!(admin.problem("name").starts_with(told), "{}", admin.problem("name"));
    assert_eq!(admin.value("name"), "Ada L.");
    assert_eq!(admin.sees("section dd"), ["Ada Lestari", "(kosong)"]);
    let name = format!("select name from person where id = {}", ada.id);
    assert_eq!(column(&db, &name).await, ["Ada Lestari"]);
    admin.press("Simpan", &[]).await;
    assert_eq!(column(&db, &name).await, ["Ada L."]);
}
