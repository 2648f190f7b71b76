//! Which person a name in Zoom stands for, from end to end.

use axum::http::StatusCode;
use sqlx::PgPool;

use super::{Scene, field, tile};
use crate::support::{World, Zoom, assert_in_order};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_address_is_trusted_before_a_nip_and_a_nip_before_a_name(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").email("ada@contoh.go.id").create().await;
    let bob = world.person("Bob").create().await;
    let carla = world.person("Carla").create().await;
    let nip = bob.nip.clone();
    let mut scene = Scene::new(world, &[&ada, &bob, &carla]).await;
    // All three call themselves Carla, in a way.
    let report = Zoom::new()
        .stay("Carla A", "ADA@contoh.go.id", "09:00", "11:00")
        .stay(&format!("{nip} Carla"), "", "09:00", "10:50")
        .stay("CARLA, S.Kom.", "", "09:00", "10:00");
    let page = scene.upload(&report).await;
    assert_eq!(tile(page, "Cocok otomatis"), "3");
    assert_eq!(page.sees("td[data-l=Menit]"), ["120", "110", "60"]);
    page.press("Catat 2 hadir, 1 hadir sebagian", &[]).await;
    assert_eq!(
        scene.decided().await,
        ["Ada: Hadir, 2 JP", "Bob: Hadir, 2 JP", "Carla: Hadir sebagian, 0 JP"]
    );
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_name_that_fits_two_people_is_left_to_the_organiser(db: PgPool) {
    let world = World::new(db.clone());
    let one = world.person("Sitti Rahma, S.Sos.").create().await;
    let two = world.person("Hj. Sitti Rahma").create().await;
    let mut scene = Scene::new(world, &[&one, &two]).await;
    let page = scene.upload(&Zoom::new().stay("sitti rahma", "", "09:00", "11:00")).await;
    assert_eq!(
        [tile(page, "Cocok otomatis"), tile(page, "Perlu dipilih"), tile(page, "Akan hadir")],
        ["0", "1", "0 2 JP tiap orang"]
    );
    page.must_see("Cocok dengan lebih dari satu orang");
    let row = field(page, "select[name^=r]");
    assert_eq!(page.value(&row), "");
    // Choosing and recording in one go shows the effect first.
    page.press("Catat 2 tidak hadir, abaikan 1 baris", &[(&row, &two.id.to_string())]).await;
    assert_eq!(page.banner(), "Pilihan tersimpan dan jumlahnya berubah. Periksa lagi, lalu catat.");
    page.press("Catat 1 hadir, 1 tidak hadir", &[]).await;
    assert_eq!(
        scene.decided().await,
        ["Hj. Sitti Rahma: Hadir, 2 JP", "Sitti Rahma, S.Sos.: Tidak hadir, 0 JP"]
    );
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn those_without_a_seat_are_credited_only_when_the_organiser_says_so(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().seats(1).create().await;
    let ada = world.person("Ada").create().await;
    let waiting = world.person("Wati Menunggu").email("wati@contoh.go.id").create().await;
    world.person("Oki Luar").email("oki@contoh.go.id").create().await;
    world.enrol(class, &ada).await;
    world.enrol(class, &waiting).await;
    let by = world.organiser().await;
    let organiser = world.signed_in(&by, crate::support::world::evening()).await;
    let mut scene = Scene { world, class, by, organiser };
    let report = Zoom::new()
        .stay("Ada", "", "09:00", "11:00")
        .stay("Wati Menunggu", "wati@contoh.go.id", "09:00", "11:00")
        .stay("Oki Luar", "oki@contoh.go.id", "09:00", "11:00");
    let page = scene.upload(&report).await;
    assert_eq!(tile(page, "Di luar kelas"), "2");
    assert_eq!(page.sees("td[data-l=Keadaan]"), ["Tidak mendaftar", "Daftar tunggu"]);
    let box_of = field(page, "input[type=checkbox][name^=w]");
    page.press("Simpan pilihan", &[(&box_of, "ya")]).await;
    page.press("Catat 2 hadir, abaikan 1 baris", &[]).await;
    assert_eq!(scene.decided().await, ["Ada: Hadir, 2 JP", "Oki Luar: Hadir, 2 JP"]);
    let found = scene.world.find(scene.class).await;
    assert_eq!((found.taken, found.waiting), (1, 1), "the quota is untouched");
    scene
        .organiser
        .open(&format!("/kelola/kelas/{}/kehadiran", scene.class))
        .await
        .must_see("di luar kuota");
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_walk_in_can_be_unticked_again(db: PgPool) {
    let world = World::new(db.clone());
    world.person("Oki Luar").email("oki@contoh.go.id").create().await;
    let mut scene = Scene::new(world, &[]).await;
    let page = scene
        .upload(&Zoom::new().stay("Oki", &"oki@contoh.go.id".to_uppercase(), "09:00", "11:00"))
        .await;
    let tick = field(page, "input[type=checkbox][name^=w]");
    page.press("Simpan pilihan", &[(&tick, "ya")]).await;
    assert_eq!(tile(page, "Akan hadir"), "1 2 JP tiap orang");
    page.press("Simpan pilihan", &[(&tick, "")]).await;
    assert_eq!(tile(page, "Akan hadir"), "0 2 JP tiap orang");
    page.press("Catat tanpa mengubah keputusan, abaikan 1 baris", &[]).await;
    assert_eq!(scene.decided().await, [""; 0]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_unknown_name_can_be_looked_up(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada Lestari").create().await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let page = scene.upload(&Zoom::new().stay("Redmi 9", "", "09:00", "11:00")).await;
    assert_eq!(tile(page, "Tidak dikenal"), "1");
    page.click("Cari orang untuk Redmi 9").await.press("Cari", &[("q", "lestari")]).await;
    page.press("Pilih Ada Lestari", &[]).await;
    assert_eq!(page.banner(), "Orang dipilih.");
    page.press("Catat 1 hadir", &[]).await;
    assert_eq!(scene.decided().await, ["Ada Lestari: Hadir, 2 JP"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_row_can_be_ignored(db: PgPool) {
    let world = World::new(db.clone());
    let (one, two) = (
        world.person("Sitti Rahma").create().await,
        world.person("Sitti Rahma, S.H.").create().await,
    );
    let mut scene = Scene::new(world, &[&one, &two]).await;
    let page = scene.upload(&Zoom::new().stay("Sitti Rahma", "", "09:00", "11:00")).await;
    let row = field(page, "select[name^=r]");
    page.press("Simpan pilihan", &[(&row, &one.id.to_string())]).await;
    page.press("Simpan pilihan", &[(&row, "abaikan")]).await;
    page.press("Catat 2 tidak hadir, abaikan 1 baris", &[]).await;
    assert!(scene.decided().await.iter().all(|line| line.ends_with("Tidak hadir, 0 JP")));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_organiser_is_never_chosen_by_themselves(db: PgPool) {
    let world = World::new(db.clone());
    let mut scene = Scene::new(world, &[]).await;
    let by = scene.by.clone();
    scene.world.enrol(scene.class, &by).await;
    let class = scene.class;
    let page = scene.upload(&Zoom::new().stay("Redmi 9", "", "09:00", "11:00")).await;
    page.click("Cari orang untuk Redmi 9").await.press("Cari", &[("q", &by.nip)]).await;
    page.press(&format!("Pilih {}", by.name), &[]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    page.must_see("Anda tidak dapat memutuskan kehadiran Anda sendiri.");
    // Nor by a form that no page offers.
    let preview = format!("/kelola/kelas/{class}/impor/1");
    page.open(&preview).await;
    let sent = page.value("terlihat");
    let id = crate::support::number(&db, "select id from import_row").await;
    let chosen = (format!("r{id}"), by.id.to_string());
    page.post(&preview, &[("terlihat", &sent), (&chosen.0, &chosen.1), ("aksi", "simpan")]).await;
    let chosen =
        crate::support::number(&db, "select count(*) from import_row where person_id is not null")
            .await;
    assert_eq!(chosen, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_nip_that_was_given_up_still_tells_the_person(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let old = ada.nip.clone();
    crate::support::run(&db, &format!(
        "update person_nip set ended_at = now() where nip = '{old}';
         insert into person_nip (nip, person_id, recorded_at) values ('199001012015012999', {}, now())", ada.id
    )).await;
    let mut scene = Scene::new(world, &[&ada]).await;
    let page =
        scene.upload(&Zoom::new().stay(&format!("{old}_Peserta"), "", "09:00", "11:00")).await;
    assert_eq!(tile(page, "Cocok otomatis"), "1");
}
