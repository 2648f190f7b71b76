//! Laying a class down, publishing it, changing it, calling it off.

mod form;
mod parts;
mod publishing;

use axum::http::StatusCode;
use smartclass::ids::ClassId;
use sqlx::PgPool;

use crate::support::{
    Visitor, World, Zoom, assert_in_order, column,
    world::{evening, monday},
};

const FORM: [(&str, &str); 9] = [
    ("title", "Etika Pelayanan Publik"),
    ("summary", "Melayani dengan ramah."),
    ("description", "Menyapa\nMendengar"),
    ("day", "2026-03-20"),
    ("from", "9.00"),
    ("to", "12.30"),
    ("quota", "40"),
    ("link", "https://us02web.zoom.us/j/84512207741?pwd=abc"),
    ("speaker", "Dr. Yohanis Tobondo, S.Pd."),
];

async fn organiser(world: &World) -> Visitor {
    world.signed_in(&world.organiser().await, monday()).await
}

fn id(visitor: &Visitor) -> ClassId {
    ClassId(visitor.at.rsplit('/').next().unwrap().parse().unwrap())
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_class_is_laid_down_published_and_found(db: PgPool) {
    let world = World::new(db);
    let mut visitor = organiser(&world).await;
    visitor
        .open("/kelola/jadwal")
        .await
        .click("Buat kelas")
        .await
        .press("Simpan draf", &FORM)
        .await;
    let class = id(&visitor);
    assert_eq!(visitor.banner(), "Draf kelas tersimpan. Periksa isinya, lalu terbitkan.");
    let mut public = world.visitor(monday());
    public.open("/kelas").await.must_see("Tidak ada kelas yang cocok");
    visitor.click("Periksa dan terbitkan").await.press("Terbitkan kelas", &[]).await;
    assert_eq!(visitor.banner(), "Kelas sudah terbit.");
    let found = world.find(class).await;
    assert_eq!(found.slug.as_deref(), Some("etika-pelayanan-publik"));
    // 210 minutes are four times 45.
    assert_eq!((found.jp, found.quota, found.presence_percent), (4, 40, 80));
    assert_eq!(found.zoom_meeting_id.as_deref(), Some("84512207741"));
    public.open("/kelas").await.click("Etika Pelayanan Publik").await;
    assert_eq!(public.sees(".prose li"), ["Menyapa", "Mendengar"]);
    assert!(!public.page().contains("84512207741"), "the link is for participants");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn publishing_fixes_the_address_and_the_hours(db: PgPool) {
    let world = World::new(db);
    let class = world.class().title("Arsip Digital").create().await;
    let address = world.address(class).await;
    let mut visitor = organiser(&world).await;
    let edit = format!("/kelola/kelas/{class}/ubah");
    visitor.open(&edit).await.press("Simpan", &[("jp", "5")]).await;
    assert_eq!(visitor.problem("jp"), "JP tetap 2 sejak kelas diterbitkan.");
    assert_eq!(visitor.value("jp"), "5");
    visitor.open(&edit).await.press("Simpan", &[("title", "Arsip Kertas")]).await;
    assert_eq!(visitor.sees("h1"), ["Arsip Kertas"]);
    assert_eq!(world.address(class).await, address);
    visitor.open(&address).await;
    assert_eq!(visitor.status, StatusCode::OK);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn equal_themes_have_addresses_of_their_own(db: PgPool) {
    let world = World::new(db);
    let mut addresses = Vec::new();
    for title in ["Étika", "Etika!", "etika", "baru", "???"] {
        let class = world.class().title(title).create().await;
        addresses.push(world.address(class).await);
    }
    assert_eq!(
        addresses,
        ["/kelas/etika", "/kelas/etika-2", "/kelas/etika-3", "/kelas/kelas-baru", "/kelas/kelas-"]
    );
    let mut visitor = world.visitor(monday());
    for address in addresses {
        visitor.open(&address).await;
        assert_eq!(visitor.status, StatusCode::OK, "{address}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_quota_cannot_go_below_the_seats_taken(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(3).create().await;
    for person in world.people(3).await {
        world.enrol(class, &person).await;
    }
    let mut visitor = organiser(&world).await;
    visitor
        .open(&format!("/kelola/kelas/{class}/ubah"))
        .await
        .press("Simpan", &[("quota", "2")])
        .await;
    assert_eq!(
        visitor.problem("quota"),
        "Kuota tidak boleh kurang dari 3, jumlah peserta yang sudah terdaftar."
    );
    assert_eq!((world.find(class).await.quota, visitor.value("quota").as_str()), (3, "2"));
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn calling_a_class_off_shows_on_its_peoples_pages(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(1).create().await;
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    world.enrol(class, &ada).await;
    world.enrol(class, &bob).await;
    let mut visitor = organiser(&world).await;
    visitor.open(&format!("/kelola/kelas/{class}")).await.click("Batalkan kelas").await;
    visitor.must_see("1 peserta dan 1 orang di daftar tunggu akan melihat");
    visitor.press("Batalkan kelas", &[("why", "")]).await;
    assert_eq!(visitor.problem("why"), "Isi alasan.");
    visitor.press("Batalkan kelas", &[("why", "Narasumber berhalangan.")]).await;
    for person in [&ada, &bob] {
        let mut learner = world.signed_in(person, monday()).await;
        learner.open("/saya/kelas?bagian=dibatalkan").await.must_see("Dibatalkan penyelenggara");
        learner
            .click("Menyusun Arsip Digital")
            .await
            .must_see("Kelas ini dibatalkan oleh penyelenggara.");
        learner.click("halaman kelas").await.must_see("Narasumber berhalangan.");
        learner.open("/saya").await.must_see("Penyelenggara membatalkan kelas ini.");
    }
    visitor
        .open(&format!("/kelola/kelas/{class}/ubah"))
        .await
        .press("Simpan", &[("title", "Hidup lagi")])
        .await;
    assert_eq!(visitor.problem("title"), "Kelas yang dibatalkan tidak dapat diubah.");
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_class_with_attendance_is_neither_moved_nor_called_off(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().create().await;
    let (ada, by) = (world.person("Ada").create().await, world.organiser().await);
    world.enrol(class, &ada).await;
    world.import(class, &Zoom::new().stay("Ada", "", "09:00", "11:00"), &by).await;
    let mut visitor = world.signed_in(&by, evening()).await;
    visitor
        .open(&format!("/kelola/kelas/{class}/ubah"))
        .await
        .press("Simpan", &[("to", "12.00")])
        .await;
    assert!(
        visitor.problem("day").contains("waktunya tidak dapat diubah"),
        "{}",
        visitor.problem("day")
    );
    visitor.post(&format!("/kelola/kelas/{class}/batal"), &[("why", "Salah")]).await;
    assert_eq!(visitor.status, StatusCode::CONFLICT);
    visitor.must_see("kelas tidak dapat dibatalkan");
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_draft_is_nobodys_business(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().draft().create().await;
    assert_eq!(column(&db, "select slug from class").await, [""]);
    let ada = world.person("Ada").create().await;
    let mut visitor = world.signed_in(&ada, monday()).await;
    visitor.open("/kelas").await;
    assert_eq!(visitor.sees(".card"), [""; 0]);
    visitor.open(&format!("/saya/kelas/{class}")).await;
    assert_eq!(visitor.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_history_of_a_class_names_who_did_what(db: PgPool) {
    let world = World::new(db);
    let mut visitor = organiser(&world).await;
    visitor
        .open("/kelola/kelas/baru")
        .await
        .press("Simpan draf", &FORM)
        .await
        .click("Periksa dan terbitkan")
        .await
        .press("Terbitkan kelas", &[])
        .await;
    visitor.click("Ubah kelas").await.press("Simpan", &[("quota", "41")]).await;
    assert_eq!(visitor.sees("tbody th"), ["Diubah", "Diterbitkan", "Dibuat"]);
    assert_eq!(visitor.sees("td[data-l=Oleh]"), ["Ratna Organizer, S.Sos."; 3]);
}
