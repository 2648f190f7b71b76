//! `/kelola/unit` as an administrator for the whole province uses it.

use axum::http::StatusCode;
use smartclass::{
    account::{self, Role},
    ids::UnitId,
};
use sqlx::PgPool;

use super::{HEALTH, Province, SOCIAL, of};
use crate::support::{Visitor, column, number, world::monday};

const AT: &str = "2 Mar 2026 · 09.00 WITA Siti Admin";

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_unit_is_added_once_however_often_its_form_is_sent(db: PgPool) {
    let province = Province::new(&db).await;
    let mut admin = province.signed_in().await;
    let health = province.world.unit(HEALTH).await;
    admin.open(&format!("/kelola/unit/{health}")).await.click("Tambah unit di bawahnya").await;
    let long = "a".repeat(201);
    admin.press("Tambah unit", &[("name", &long), ("code", "K-1"), ("from", "kemarin")]).await;
    assert_eq!(admin.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(admin.problem("name").contains("paling banyak 200 karakter"));
    assert_eq!(admin.problem("from"), "Tulis tanggal seperti 24/11/2026.");
    assert_eq!([admin.value("code"), admin.value("from")], ["K-1", "kemarin"]);
    let typed = [("name", "UPT RSUD Undata"), ("from", "2026-03-02")];
    let filled = admin.fill("Tambah unit", &typed, None);
    for _ in 0..2 {
        admin.submit(filled.clone()).await;
        assert_eq!(admin.banner(), "Unit ditambahkan.");
        admin.must_see("UPT RSUD Undata");
    }
    let below = format!("select name from unit where parent_id = {health}");
    assert_eq!(column(&db, &below).await, ["UPT RSUD Undata"]);
    let rows = admin.sees("tbody tr");
    assert_eq!(rows, [format!("Ditambahkan – UPT RSUD Undata {AT}")]);
    // Names of sub-units repeat; the way to them does not.
    admin.open("/kelola/orang/baru").await;
    assert!(admin.sees("#unit option").contains(&"Dinas Kesehatan › UPT RSUD Undata".into()));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_new_name_leaves_the_old_one_in_the_history(db: PgPool) {
    let province = Province::new(&db).await;
    let (mut admin, mut other) = (province.signed_in().await, province.signed_in().await);
    let social = province.world.unit(SOCIAL).await;
    let path = format!("/kelola/unit/{social}/ubah");
    other.open(&path).await;
    let taken = column(&db, &of(province.world.unit(HEALTH).await, "code")).await.remove(0);
    admin.open(&path).await.press("Simpan", &[("code", &taken)]).await;
    assert_eq!(admin.problem("code"), "Kode ini sudah dipakai unit lain.");
    let filled = admin.fill("Simpan", &[("name", "Dinas Sosial dan Desa"), ("code", "")], None);
    for _ in 0..2 {
        admin.submit(filled.clone()).await;
        assert_eq!(admin.banner(), "Perubahan tersimpan.");
    }
    let rows = [
        format!("Kode 1.06.0.00.0.00.01.0000 – {AT}"),
        format!("Nama Dinas Sosial Dinas Sosial dan Desa {AT}"),
    ];
    assert_eq!(admin.sees("tbody tr"), rows);
    // Whoever saves over a change that they have not seen is told.
    other.press("Simpan", &[("name", "Dinas Sosial dan Kota")]).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(other.problem("name").starts_with("Data unit ini diubah oleh Siti Admin pada 2 Mar"));
    assert_eq!(other.value("name"), "Dinas Sosial dan Kota");
    assert_eq!(other.sees("section dd"), ["Dinas Sosial dan Desa", "(kosong)"]);
    other.press("Simpan", &[]).await;
    assert_eq!(column(&db, &of(social, "name")).await, ["Dinas Sosial dan Kota"]);
}

/// Dinas Kesehatan with a hospital of two people, which has a pharmacy of one and a leader.
async fn hospital(province: &Province) -> [UnitId; 4] {
    let world = &province.world;
    let (health, social) = (world.unit(HEALTH).await, world.unit(SOCIAL).await);
    let hospital = province.below(health, "UPT RSUD Undata").await;
    let pharmacy = province.below(hospital, "Instalasi Farmasi").await;
    world.person("Ayu Perawat").unit(hospital).create().await;
    world.person("Budi Direktur").unit(hospital).role(Role::Leader).create().await;
    world.person("Citra Apoteker").unit(pharmacy).create().await;
    [health, social, hospital, pharmacy]
}

/// Opens the page on which the act is looked at once more.
async fn look(admin: &mut Visitor, unit: UnitId, act: &str, target: UnitId) {
    admin.open(&format!("/kelola/unit/{unit}")).await.click(act).await;
    admin.press("Periksa akibatnya", &[("ke", &target.to_string())]).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_unit_moves_with_its_people_and_units_after_a_look_at_what_follows(db: PgPool) {
    let province = Province::new(&db).await;
    let (mut admin, [health, social, hospital, _]) =
        (province.signed_in().await, hospital(&province).await);
    admin.open("/kelola/unit").await;
    let sees = |admin: &Visitor, line: &str| {
        assert!(
            admin.sees(".unit").contains(&line.to_owned()),
            "{line}: {:?}",
            admin.sees(".unit")
        );
    };
    sees(&admin, "Dinas Kesehatan 3 orang");
    look(&mut admin, hospital, "Pindahkan", social).await;
    admin.must_see("3 orang dan 1 unit di bawahnya ikut pindah.");
    admin.must_see("yang memegang peran untuk Dinas Kesehatan saja tidak lagi");
    admin.must_see("1 peran yang dipegang untuk unit ini tetap berlaku.");
    assert_eq!(column(&db, &of(hospital, "parent_id")).await, [health.to_string()]);
    let filled = admin.fill("Pindahkan unit", &[], None);
    for _ in 0..2 {
        admin.submit(filled.clone()).await;
        assert_eq!(admin.banner(), "Unit sekarang berada di bawah Dinas Sosial.");
    }
    assert_eq!(
        admin.sees("table:last-of-type tbody tr"),
        [
            format!("Unit induk Dinas Kesehatan Dinas Sosial {AT}"),
            format!("Ditambahkan – UPT RSUD Undata {AT}")
        ]
    );
    admin.open("/kelola/unit").await;
    sees(&admin, "Dinas Kesehatan 0 orang");
    sees(&admin, "Dinas Sosial 3 orang");
    admin.open(&format!("/kelola/orang?unit={social}&q=a")).await;
    assert_eq!(admin.sees("tbody th"), ["Ayu Perawat", "Citra Apoteker"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_merger_takes_people_units_and_roles_over_and_keeps_what_was(db: PgPool) {
    let province = Province::new(&db).await;
    let (mut admin, [_, social, hospital, pharmacy]) =
        (province.signed_in().await, hospital(&province).await);
    look(&mut admin, hospital, "Gabungkan", social).await;
    admin.must_see("2 orang menjadi pegawai Dinas Sosial.");
    admin.must_see("1 unit di bawahnya, dengan 1 orang, menjadi unit di bawah Dinas Sosial.");
    admin.must_see("1 peran yang dipegang untuk unit ini berakhir dan sejak itu dipegang untuk");
    admin.must_see("Budi Direktur (Pimpinan)");
    admin.must_see("UPT RSUD Undata ditutup mulai 2 Maret 2026.");
    let filled = admin.fill("Gabungkan unit", &[], None);
    admin.submit(filled.clone()).await;
    let words = "Unit digabung. 2 orang dan 1 unit pindah ke Dinas Sosial.";
    assert_eq!(
        (admin.banner().as_str(), admin.at.as_str()),
        (words, &*format!("/kelola/unit/{social}"))
    );
    let changed = "select before || ' > ' || after from person_change where field = 'unit'";
    assert_eq!(column(&db, changed).await, ["UPT RSUD Undata > Dinas Sosial"; 2]);
    let roles = "select unit_id || ' ' || (revoked_at is null) || ' ' ||
                   (coalesce(revoked_by, granted_by) is not null)
                 from role_grant where role = 'leader' order by id";
    assert_eq!(
        column(&db, roles).await,
        [format!("{hospital} false true"), format!("{social} true true")]
    );
    assert_eq!(column(&db, &of(pharmacy, "parent_id")).await, [social.to_string()]);
    let ended = of(hospital, "valid_until || ' ' || merged_into");
    assert_eq!(column(&db, &ended).await, [format!("2026-03-02 {social}")]);
    // Sent again, it does nothing again.
    let rows = "select (select count(*) from person_change) + (select count(*) from unit_change)
                  + (select count(*) from role_grant)";
    let before = number(&db, rows).await;
    admin.submit(filled).await;
    assert_eq!(admin.banner(), "Unit sudah digabung ke Dinas Sosial.");
    assert_eq!(number(&db, rows).await, before);
    // The closed unit is told of, and no longer offered.
    admin.open(&format!("/kelola/unit/{hospital}")).await;
    admin.must_see("Unit ini ditutup mulai 2 Maret 2026. Digabung ke Dinas Sosial");
    assert!(!province.open().await.iter().any(|path| path.contains("Undata")));
    admin.open("/kelola/unit").await;
    assert_eq!(admin.sees(".fold-body a"), ["Dinas Kesehatan › UPT RSUD Undata"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_role_that_is_held_for_both_units_is_held_once(db: PgPool) {
    let province = Province::new(&db).await;
    let (mut admin, [_, social, hospital, _]) =
        (province.signed_in().await, hospital(&province).await);
    let holder = "select person_id from role_grant where role = 'leader'";
    let holder = smartclass::ids::PersonId(number(&db, holder).await);
    let mut conn = province.world.conn().await;
    account::grant(&mut conn, holder, Role::Leader, social, None, monday()).await.unwrap();
    look(&mut admin, hospital, "Gabungkan", social).await;
    admin.press("Gabungkan unit", &[]).await;
    let held = "select unit_id::text from role_grant where role = 'leader' and revoked_at is null";
    assert_eq!(column(&db, held).await, [social.to_string()]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_unit_is_closed_when_it_is_empty_and_then_offered_no_longer(db: PgPool) {
    let province = Province::new(&db).await;
    let (mut admin, [_, social, hospital, pharmacy]) =
        (province.signed_in().await, hospital(&province).await);
    let path = format!("/kelola/unit/{hospital}/tutup");
    admin.open(&path).await.must_see("Masih ada 2 orang di unit ini. Pindahkan mereka dahulu");
    assert_eq!(admin.sees("main button"), [""; 0]);
    crate::support::run(&db, &format!("update person set unit_id = {social}")).await;
    let typed = [("day", "2026-03-01"), ("version", "1")];
    admin.post(&path, &typed).await;
    assert_eq!(admin.status, StatusCode::UNPROCESSABLE_ENTITY);
    admin.must_see("Masih ada 1 unit di bawah unit ini. Pindahkan atau tutup dahulu");
    admin.open(&format!("/kelola/unit/{pharmacy}/tutup")).await.press("Tutup unit", &[]).await;
    let ends = "1 peran yang dipegang untuk unit ini berakhir: Budi Direktur (Pimpinan).";
    admin.open(&path).await.must_see(ends);
    admin.press("Tutup unit", &[("day", "2026-03-03")]).await;
    assert_eq!(admin.problem("day"), "Tulis hari dari 1 Januari 2020 sampai 2 Maret 2026.");
    assert_eq!(admin.value("day"), "2026-03-03");
    let filled = admin.fill("Tutup unit", &[("day", "2026-03-01")], None);
    for _ in 0..2 {
        admin.submit(filled.clone()).await;
        assert_eq!(admin.banner(), "Unit ditutup.");
    }
    admin.must_see("Unit ini ditutup mulai 1 Maret 2026.");
    assert_eq!(admin.sees("main .row a").len(), 0, "nothing more can be done with it");
    assert_eq!(number(&db, "select count(*) from role_grant where revoked_at is null").await, 1);
    assert!(!province.open().await.iter().any(|path| path.contains("Kesehatan ›")));
    for act in ["baru", "ubah"] {
        admin.open(&format!("/kelola/unit/{hospital}/{act}")).await;
        admin.must_see("Unit ini sudah ditutup, jadi tidak dapat diubah lagi.");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_was_looked_at_before_a_change_is_looked_at_again(db: PgPool) {
    let province = Province::new(&db).await;
    let (mut admin, [health, social, hospital, _]) =
        (province.signed_in().await, hospital(&province).await);
    for (act, button) in [("Pindahkan", "Pindahkan unit"), ("Gabungkan", "Gabungkan unit")] {
        look(&mut admin, hospital, act, social).await;
        let filled = admin.fill(button, &[], None);
        let rename = format!("/kelola/unit/{hospital}/ubah");
        admin.open(&rename).await.press("Simpan", &[("name", &format!("RSUD {act}"))]).await;
        admin.submit(filled).await;
        assert_eq!(admin.status, StatusCode::UNPROCESSABLE_ENTITY);
        let said = admin.sees(".summary a").join(" ");
        assert!(
            said.contains("diubah oleh Siti Admin") && said.contains("keadaan terakhir"),
            "{said}"
        );
        assert_eq!(column(&db, &of(hospital, "parent_id")).await, [health.to_string()]);
        admin.must_see(&format!("{act} RSUD {act} ke"));
    }
    admin.press("Gabungkan unit", &[]).await;
    assert_eq!(column(&db, &of(hospital, "merged_into")).await, [social.to_string()]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn units_are_found_by_a_part_of_their_name(db: PgPool) {
    let province = Province::new(&db).await;
    hospital(&province).await;
    let mut admin = province.signed_in().await;
    admin.open("/kelola/unit?q=FARMASI").await;
    assert_eq!(admin.sees(".tree a"), ["Dinas Kesehatan › UPT RSUD Undata › Instalasi Farmasi"]);
    admin.open("/kelola/unit?q=tidak+ada").await.must_see("Tidak ada unit yang cocok");
    admin.open("/kelola/unit/999999").await;
    assert_eq!(admin.status, StatusCode::NOT_FOUND);
}
