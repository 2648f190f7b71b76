//! The records of people: finding them.

use smartclass::account::Role;
use sqlx::PgPool;

use crate::support::{World, Zoom, column, world::monday};

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
