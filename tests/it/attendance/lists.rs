//! The lists of a preview: whatever was found can be seen, and set right.

use axum::http::StatusCode;
use sqlx::PgPool;

use super::{Scene, field, tile};
use crate::support::{
    Visitor, World, Zoom, assert_in_order, column, number, visitor::css, world::evening,
};

/// Who stands for the rows that were found by themselves, and by what.
fn matched(visitor: &Visitor) -> [Vec<String>; 2] {
    ["Dicatat untuk", "Dikenali dari"].map(|label| visitor.sees(&format!("td[data-l='{label}']")))
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn somebody_at_anothers_account_can_be_set_right(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let budi = world.person("Budi").email("budi@contoh.go.id").create().await;
    let mut scene = Scene::new(world, &[&ada, &budi]).await;
    let page =
        scene.upload(&Zoom::new().stay("HP Budi", "budi@contoh.go.id", "09:00", "11:00")).await;
    page.must_see("1 nama yang langsung dikenali");
    let [who, how] = matched(page);
    assert!(who[0].starts_with("Budi, "), "{who:?}");
    assert_eq!(how, ["alamat surel"]);
    page.click("Ubah orang untuk HP Budi").await.must_see("budi@contoh.go.id");
    page.press("Cari", &[("q", "ada")]).await.press("Pilih Ada", &[]).await;
    assert_eq!((page.banner().as_str(), page.at.contains("cocok=1")), ("Orang dipilih.", true));
    let [who, how] = matched(page);
    assert!(who[0].starts_with("Ada, "), "{who:?}");
    assert_eq!(how, ["dipilih penyelenggara"]);
    page.press("Catat 1 hadir, 1 tidak hadir", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP", "Budi: Tidak hadir, 0 JP"]);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_was_found_can_be_left_out_and_taken_back(db: PgPool) {
    let world = World::new(db.clone());
    let budi = world.person("Budi").email("budi@contoh.go.id").create().await;
    let mut scene = Scene::new(world, &[&budi]).await;
    let page =
        scene.upload(&Zoom::new().stay("HP Budi", "budi@contoh.go.id", "09:00", "11:00")).await;
    page.click("Ubah orang untuk HP Budi").await.press("Abaikan baris ini", &[]).await;
    assert_eq!(page.banner(), "Baris diabaikan.");
    assert_eq!(matched(page).concat(), ["Bukan siapa-siapa", "diabaikan penyelenggara"]);
    assert_eq!(tile(page, "Cocok otomatis"), "0");
    page.click("Ubah orang untuk HP Budi").await;
    let back = page.sees("tbody button").remove(0);
    page.press(&back, &[]).await;
    assert_eq!(matched(page)[1], ["alamat surel"]);
    assert_eq!(tile(page, "Cocok otomatis"), "1");
    page.press("Catat 1 hadir", &[]).await;
    assert_eq!(scene.decided().await, ["Budi: Hadir, 2 JP"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_wrong_person_without_a_seat_is_changed_and_takes_the_tick_away(db: PgPool) {
    let world = World::new(db.clone());
    let (oki, ola) =
        (world.person("Oki Luar").create().await, world.person("Ola Luar").create().await);
    let mut scene = Scene::new(world, &[]).await;
    let page = scene.upload(&Zoom::new().stay("Redmi 9", "", "09:00", "11:00")).await;
    page.click("Cari orang untuk Redmi 9").await.press("Cari", &[("q", &oki.nip)]).await;
    page.press("Pilih Oki Luar", &[]).await;
    let tick = field(page, "input[type=checkbox][name^=w]");
    page.press("Simpan pilihan", &[(&tick, "ya")]).await;
    assert_eq!(tile(page, "Akan hadir"), "1 2 JP tiap orang");
    page.click("Ubah orang untuk Redmi 9").await.press("Cari", &[("q", &ola.nip)]).await;
    page.press("Pilih Ola Luar", &[]).await;
    assert_eq!(tile(page, "Di luar kelas"), "1");
    assert_eq!(tile(page, "Akan hadir"), "0 2 JP tiap orang");
    page.click("Ubah orang untuk Redmi 9").await.press("Kosongkan pilihan", &[]).await;
    assert_eq!(page.banner(), "Pilihan dikosongkan.");
    assert_eq!(tile(page, "Di luar kelas"), "0");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_row_that_is_the_organisers_own_is_left_to_another(db: PgPool) {
    let world = World::new(db.clone());
    let mut scene = Scene::new(world, &[]).await;
    let by = scene.by.clone();
    scene.world.enrol(scene.class, &by).await;
    let page = scene.upload(&Zoom::new().stay(&by.nip, "", "09:00", "11:00")).await;
    page.click(&format!("Ubah orang untuk {}", by.nip)).await;
    page.must_see("Baris ini atas nama Anda.");
    assert_eq!(page.sees("main form"), [""; 0]);
    let row = crate::support::number(&db, "select id from import_row").await.to_string();
    let path = format!("/kelola/kelas/{}/impor/1/pilih", scene.class);
    scene.organiser.post(&path, &[("row", &row), ("person", "abaikan")]).await;
    assert_eq!(scene.organiser.status, StatusCode::CONFLICT);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_choice_is_kept_when_the_page_of_a_list_is_turned(db: PgPool) {
    let world = World::new(db.clone());
    let one = world.person("Sitti Rahma").create().await;
    let two = world.person("Sitti Rahma, S.H.").create().await;
    let mut scene = Scene::new(world, &[&one, &two]).await;
    let report = (0..60).fold(Zoom::new(), |report, n| {
        report.stay("Sitti Rahma", &format!("r{n}@contoh.go.id"), "09:00", "11:00")
    });
    let page = scene.upload(&report).await;
    assert_eq!((tile(page, "Perlu dipilih").as_str(), choices(page).len()), ("60", 50));
    let first = choices(page);
    page.press("Berikutnya", &[(&first[0], &one.id.to_string())]).await;
    assert_eq!(choices(page).len(), 10);
    page.press("Simpan pilihan", &[(&choices(page)[9], &two.id.to_string())]).await;
    assert_eq!((page.banner().as_str(), choices(page).len()), ("Pilihan tersimpan.", 10));
    page.press("Sebelumnya", &[]).await;
    assert_eq!((choices(page), page.value(&first[0])), (first, one.id.to_string()));
    page.press("Catat 2 hadir, abaikan 58 baris", &[]).await;
    assert_eq!(scene.decided().await.len(), 2);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn every_one_of_three_hundred_people_is_on_a_page(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(300).create().await;
    let people = world.people(300).await;
    let mut report = Zoom::new();
    for person in &people {
        world.enrol(class, person).await;
        report = report.stay(&person.name, "", "09:00", "11:00");
    }
    let by = world.organiser().await;
    let organiser = world.signed_in(&by, evening()).await;
    let mut scene = Scene { world, class, by, organiser };
    let page = scene.upload(&report).await;
    let mut seen = [Vec::new(), Vec::new()];
    // The pager of the names comes first; at its end the first is that of the effects.
    for (list, rows) in ["table.pick tbody th", "table:not(.pick) tbody th"].iter().zip(&mut seen) {
        rows.extend(page.sees(list));
        for _ in 1..6 {
            page.press("Berikutnya", &[]).await;
            rows.extend(page.sees(list));
        }
        rows.sort();
        rows.dedup();
    }
    assert_eq!([seen[0].len(), seen[1].len()], [300, 300]);
    assert!(!page.sees("button").contains(&"Berikutnya".to_owned()));
    page.press("Catat 300 hadir", &[]).await;
    assert_eq!(page.banner(), "Kehadiran tercatat: 300 keputusan, 300 di antaranya hadir.");
    assert_in_order(&db).await;
}

/// The names of the fields in which a person is chosen.
fn choices(visitor: &Visitor) -> Vec<String> {
    let (html, fields) = (visitor.html(), css("select[name^=r]"));
    html.select(&fields).filter_map(|one| one.attr("name").map(str::to_owned)).collect()
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn choices_are_of_the_report_and_no_more_than_a_page_could_send(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    scene.upload(&Zoom::new().stay("Redmi 9", "", "09:00", "11:00")).await;
    let other = number(&db, "select id from import_row").await;
    scene.upload(&Zoom::new().stay("Vivo", "", "09:00", "11:00")).await;
    let preview = scene.organiser.at.clone();
    let row = number(&db, "select max(id) from import_row").await;
    let person = ada.id.to_string();
    let send = |rows: Vec<i64>| {
        let keys: Vec<String> = rows.iter().map(|row| format!("r{row}")).collect();
        let (mut organiser, preview) = (scene.world.visitor(evening()), preview.clone());
        let (cookie, person) = (scene.organiser.cookie("sid").unwrap().to_owned(), person.clone());
        async move {
            organiser = organiser.with_cookie("sid", &cookie);
            let typed: Vec<_> = keys.iter().map(|key| (key.as_str(), person.as_str())).collect();
            organiser.post(&preview, &typed).await.status
        }
    };
    let chosen =
        "select coalesce(string_agg(name, ' '), '') from import_row where person_id is not null";
    assert_eq!(send((row..=row + 1000).collect()).await, StatusCode::BAD_REQUEST);
    assert_eq!(column(&db, chosen).await, [""]);
    assert_eq!(send(vec![other, row, row + 1]).await, StatusCode::SEE_OTHER);
    assert_eq!(column(&db, chosen).await, ["Vivo"], "of the report that was shown alone");
}
