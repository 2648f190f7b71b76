//! Which unit a name means that no unit bears.

use super::{administrator, upload};
use crate::support::{World, column, number, run};
use axum::http::StatusCode;
use sqlx::PgPool;
use std::fmt::Write;

const SAVE: &str = "Simpan pilihan unit";

async fn recorded(db: &PgPool) -> Vec<String> {
    let people =
        "select concat_ws('|', p.name, u.name) from person p join unit u on u.id = p.unit_id
         where p.staff_import_id is not null order by p.id";
    column(db, people).await
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_name_goes_to_the_unit_that_was_chosen_in_each_of_its_rows(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    let text = "NIP,NAMA,UNIT KERJA\n199001012015012501,Sari,Dinas Sosail\n199001012015012502,Budi,DINAS  SOSAIL\n\
                199001012015012503,Cici,Kantor Entah\n";
    upload(&mut visitor, text).await;
    visitor.must_see("2 unit kerja tidak dikenal").must_see("2 baris");
    assert_eq!(visitor.sees("#u0 optgroup[label=Mirip] option")[0], "Dinas Sosial");
    let before = visitor.fill("Simpan pilihan unit", &[], None);
    let (social, health) = (
        world.unit("Dinas Sosial").await.to_string(),
        world.unit("Dinas Kesehatan").await.to_string(),
    );
    visitor.press(SAVE, &[("u0", &social), ("u1", &health)]).await;
    assert_eq!(visitor.banner(), "Pilihan unit tersimpan.");
    visitor.must_see("2 unit kerja Anda pilihkan");
    assert_eq!((visitor.value("u0"), visitor.value("u1")), (social, health));
    let late = visitor.fill("Catat 3 orang baru", &[], None);
    // What was chosen can be dropped; what was seen with it is then not recorded.
    visitor.submit(before.clone()).await.must_see("2 unit kerja tidak dikenal");
    visitor.submit(late.clone()).await;
    assert_eq!(visitor.status, StatusCode::CONFLICT);
    let health = world.unit("Dinas Kesehatan").await.to_string();
    visitor.press(SAVE, &[("u1", &health)]).await;
    visitor.press("Catat 1 orang baru, lewati 2 baris salah", &[]).await;
    assert_eq!(recorded(&db).await, ["Cici|Dinas Kesehatan"]);
    visitor.submit(before).await;
    assert_eq!(visitor.status, StatusCode::CONFLICT, "it is recorded by now");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_same_name_in_two_offices_can_mean_two_units(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    let text = "NIP,NAMA,UNIT KERJA,OPD\n199001012015012501,Sari,Bidang Anggrek,Dinas Sosial\n\
                199001012015012502,Budi,Bidang Anggrek,Dinas Kesehatan\n";
    upload(&mut visitor, text).await;
    assert_eq!(
        visitor.sees("label[for^=u]"),
        ["Bidang Anggrek, Dinas Kesehatan", "Bidang Anggrek, Dinas Sosial"]
    );
    let other = world.unit("Dinas Perhubungan").await.to_string();
    visitor.press(SAVE, &[("u0", &other)]).await;
    visitor.press("Catat 2 orang baru", &[]).await;
    assert_eq!(recorded(&db).await, ["Sari|Dinas Sosial", "Budi|Dinas Perhubungan"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn one_of_several_units_of_a_name_is_chosen(db: PgPool) {
    let world = World::new(db.clone());
    run(
        &db,
        "insert into unit (parent_id, name, valid_from)
         select id, 'Sekretariat', '2020-01-01' from unit where name in ('Dinas Sosial', 'Dinas Kesehatan')",
    )
    .await;
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, "NIP,NAMA,UNIT KERJA\n199001012015012501,Sari,Sekretariat\n").await;
    visitor.must_see("beberapa unit bernama begitu").must_see("tulis juga OPD-nya");
    let offered = visitor.sees("#u0 optgroup[label=Mirip] option");
    assert_eq!(offered, ["Dinas Kesehatan › Sekretariat", "Dinas Sosial › Sekretariat"]);
    let second = column(
        &db,
        "select s.id::text from unit s join unit o on o.id = s.parent_id where o.name = 'Dinas Sosial' and s.name = 'Sekretariat'",
    )
    .await;
    visitor.press(SAVE, &[("u0", &second[0])]).await.press("Catat 1 orang baru", &[]).await;
    assert_eq!(
        number(&db, &format!("select count(*) from person where unit_id = {}", second[0])).await,
        1
    );
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn choices_are_kept_when_the_page_is_turned(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    let mut text = "NIP,NAMA,UNIT KERJA\n".to_owned();
    for n in 10..35 {
        writeln!(text, "1990010120150125{n},Orang {n},Kantor Entah {n}").unwrap();
    }
    upload(&mut visitor, &text).await;
    let unit = world.unit("Dinas Sosial").await.to_string();
    assert_eq!(visitor.sees("label[for^=u]").len(), 10);
    visitor.press("Berikutnya", &[("u0", &unit)]).await;
    visitor.must_see("Kantor Entah 20");
    visitor.press("3", &[("u9", &unit)]).await;
    visitor.press(SAVE, &[("u4", &unit)]).await;
    visitor.must_see("22 unit kerja tidak dikenal, 3 unit kerja Anda pilihkan");
    visitor.press("Catat 3 orang baru, lewati 22 baris salah", &[]).await;
    let people = ["Orang 10|Dinas Sosial", "Orang 29|Dinas Sosial", "Orang 34|Dinas Sosial"];
    assert_eq!(recorded(&db).await, people);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_unit_that_was_closed_is_not_taken_and_other_choices_stay(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    let text = "NIP,NAMA,UNIT KERJA\n199001012015012501,Sari,Kantor Satu\n199001012015012502,Budi,Kantor Dua\n";
    upload(&mut visitor, text).await;
    let (social, health) = (
        world.unit("Dinas Sosial").await.to_string(),
        world.unit("Dinas Kesehatan").await.to_string(),
    );
    let both = visitor.fill(SAVE, &[("u0", &social), ("u1", &health)], None);
    run(&db, "update unit set valid_until = '2026-01-01' where name = 'Dinas Sosial'").await;
    visitor.submit(both).await;
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(visitor.problem("unit").contains("“kantor dua” sudah ditutup"));
    assert_eq!((visitor.value("u0"), visitor.value("u1")), (String::new(), health));
    // Nor does it hold once it is closed later.
    run(&db, "update unit set valid_until = '2026-01-01' where name = 'Dinas Kesehatan'").await;
    visitor.open("/kelola/orang/impor/1").await.must_see("2 unit kerja tidak dikenal");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn choices_that_no_page_offers_are_refused(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, super::LIST).await;
    let long = "x".repeat(3000);
    let many: Vec<(String, String)> = (0..20)
        .flat_map(|n| [(format!("n{n}"), format!("kantor {n}")), (format!("u{n}"), String::new())])
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    for typed in [&[("n0", "kantor")][..], &[("n0", long.as_str()), ("u0", "")], &many] {
        visitor.post("/kelola/orang/impor/1/unit", typed).await;
        assert_eq!(visitor.status, StatusCode::BAD_REQUEST);
    }
    visitor.post("/kelola/orang/impor/1/unit", &[("n0", "kantor"), ("u0", "99999")]).await;
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        column(&db, "select units::text from staff_import").await,
        ["{}"],
        "nothing is kept"
    );
    visitor.post("/kelola/orang/impor/77/unit", &[("n0", "kantor"), ("u0", "")]).await;
    assert_eq!(visitor.status, StatusCode::NOT_FOUND);
}
