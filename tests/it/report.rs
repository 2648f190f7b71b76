//! The recap: as a page and as a workbook, for those whose units it is about.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::NaiveDate;
use smartclass::{
    account::{self, Role},
    ids::UnitId,
    ledger::{self, New},
};
use sqlx::PgPool;

use crate::support::{
    Person, Visitor, World, number, run,
    world::{evening, monday},
};

async fn unit(db: &PgPool, name: &str) -> UnitId {
    UnitId(number(db, &format!("select id from unit where name = '{name}'")).await)
}

/// People of that unit with these hours each.
async fn staff(world: &World, unit: UnitId, hours: &[i32]) -> Vec<Person> {
    let mut people = Vec::new();
    for jp in hours {
        let person = world.person("Pegawai").create().await;
        run(&world.db, &format!("update person set unit_id = {unit} where id = {}", person.id))
            .await;
        let entry = New {
            person: person.id,
            happened_on: NaiveDate::from_ymd_opt(2026, 3, 10).unwrap(),
            jp: *jp,
            class: None,
            decision: None,
            reverses: None,
            note: "Kelas".into(),
        };
        let mut tx = world.db.begin().await.unwrap();
        ledger::append(&mut tx, &[entry], person.id, monday()).await.unwrap();
        tx.commit().await.unwrap();
        people.push(person);
    }
    people
}

/// Two units with hours, and who operates the first.
async fn world(db: &PgPool) -> (World, Visitor) {
    let world = World::new(db.clone());
    let (health, social) = (unit(db, "Dinas Kesehatan").await, unit(db, "Dinas Sosial").await);
    let people = staff(&world, health, &[20, 8, 2]).await;
    staff(&world, social, &[12, 31]).await;
    let mut conn = world.conn().await;
    account::grant(&mut conn, people[2].id, Role::UnitOperator, health, None, monday())
        .await
        .unwrap();
    let operator = world.signed_in(&people[2], evening()).await;
    (world, operator)
}

/// The table of units as the page has it, cell by cell.
fn table(visitor: &Visitor) -> Vec<Vec<String>> {
    let cells = visitor.sees(".units tr > th[scope=row], .units td.r");
    cells.chunks(4).map(<[String]>::to_vec).collect()
}

/// The first sheet's cells, below its head.
fn sheet(bytes: &[u8]) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
    let cells = book.worksheet_range_at(0).unwrap().unwrap();
    cells.rows().skip(1).map(<[Data]>::to_vec).collect()
}

/// A cell of the page that stands for this number.
fn shown(cell: &Data, percent: bool) -> String {
    let Data::Float(number) = cell else { panic!("{cell:?} is no number") };
    let text = if percent { format!("{:.1}%", number * 100.0) } else { format!("{number:.1}") };
    text.replace('.', ",")
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_unit_operator_sees_their_own_unit_and_no_other(db: PgPool) {
    let (world, mut operator) = world(&db).await;
    operator.open("/kelola/laporan?tahun=2026").await.must_see("1 dari 3 ASN");
    assert_eq!(table(&operator)[0], ["Dinas Kesehatan", "3", "10,0", "33,3%"]);
    assert!(!operator.page().contains("Dinas Sosial"));
    operator.peek("/kelola/laporan/rekap.xlsx?tahun=2026").await;
    let rows = sheet(&operator.body);
    assert_eq!(rows.len(), 2, "one unit and the sum: {rows:?}");
    assert!(!format!("{rows:?}").contains("Dinas Sosial"));

    // Who may see all does see what was hidden.
    let mut organiser = world.signed_in(&world.organiser().await, evening()).await;
    organiser.open("/kelola/laporan?tahun=2026").await.must_see("Dinas Sosial");
    organiser.peek("/kelola/laporan/rekap.xlsx?tahun=2026").await;
    assert!(format!("{:?}", sheet(&organiser.body)).contains("Dinas Sosial"));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn people_of_units_below_count_for_their_opd(db: PgPool) {
    let (world, mut operator) = world(&db).await;
    let below = "insert into unit (parent_id, name, valid_from)
                 select id, $name$, '2020-01-01' from unit where name = ";
    for (name, above) in
        [("'UPT RSUD Undata'", "'Dinas Kesehatan'"), ("'Instalasi Farmasi'", "'UPT RSUD Undata'")]
    {
        run(&db, &format!("{}{above}", below.replace("$name$", name))).await;
    }
    staff(&world, unit(&db, "UPT RSUD Undata").await, &[20]).await;
    let pharmacist = staff(&world, unit(&db, "Instalasi Farmasi").await, &[4, 10]).await.remove(0);
    operator.open("/kelola/laporan?tahun=2026").await;
    assert_eq!(table(&operator)[0], ["Dinas Kesehatan", "6", "10,7", "33,3%"]);
    assert_eq!(table(&operator).len(), 2, "one unit and the sum");

    // Who operates a part sees it under the name of its OPD, and no more.
    let part = unit(&db, "Instalasi Farmasi").await;
    let mut conn = world.conn().await;
    account::grant(&mut conn, pharmacist.id, Role::UnitOperator, part, None, monday())
        .await
        .unwrap();
    let mut pharmacist = world.signed_in(&pharmacist, evening()).await;
    pharmacist.open("/kelola/laporan?tahun=2026").await;
    assert_eq!(table(&pharmacist)[0], ["Dinas Kesehatan", "2", "7,0", "0,0%"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_workbook_has_the_numbers_of_the_page(db: PgPool) {
    let (world, _) = world(&db).await;
    let mut organiser = world.signed_in(&world.organiser().await, evening()).await;
    organiser.open("/kelola/laporan?tahun=2026").await;
    let page = table(&organiser);
    let path = "/kelola/laporan/rekap.xlsx?tahun=2026";
    let gzip = [("accept-encoding", "gzip")];
    organiser.send(axum::http::Method::GET, path, &gzip).await;
    assert!(!organiser.headers.contains_key("content-encoding"), "it is packed already");
    let rows = sheet(&organiser.body);
    assert_eq!(rows.len(), page.len());
    for (row, line) in rows.iter().zip(&page) {
        let same =
            [row[0].to_string(), row[1].to_string(), shown(&row[3], false), shown(&row[5], true)];
        assert_eq!(&same[..], line);
        let spread: i64 =
            row[6..].iter().map(|cell| cell.to_string().parse::<i64>().unwrap()).sum();
        assert_eq!(spread.to_string(), line[1], "everybody stands in one band");
    }
    let sum = rows.last().unwrap();
    assert_eq!((sum[2].to_string(), sum[4].to_string()), ("73".into(), "2".into()));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_operator_sees_who_lacks_hours_and_how_many(db: PgPool) {
    let (world, mut operator) = world(&db).await;
    run(&db, "update person set name = 'Ida' where id = (select min(id) from person)").await;
    operator.open("/kelola/laporan").await.click("Lihat yang belum").await;
    let missing = |visitor: &Visitor| visitor.sees("td[data-l=Kurang]");
    assert_eq!(missing(&operator), ["18 JP", "12 JP"]);
    operator.press("Tampilkan", &[("kosong", "ya")]).await.must_see("Tidak ada yang cocok");
    operator.click("Lihat semua yang belum mencapai target").await;
    operator.press("Tampilkan", &[("q", "Pegawai")]).await;
    assert_eq!(missing(&operator), ["18 JP", "12 JP"]);
    operator.press("Tampilkan", &[("q", "Ida")]).await;
    assert_eq!(missing(&operator), [""; 0]);
    let foreign = unit(&db, "Dinas Sosial").await;
    operator.open(&format!("/kelola/laporan/kurang?unit={foreign}")).await;
    assert_eq!(operator.status, axum::http::StatusCode::NOT_FOUND);
    operator.open("/kelola/laporan/kurang.xlsx?tahun=2026").await;
    let rows = sheet(&operator.body);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0][6], Data::Float(18.0));
    assert!(matches!(&rows[0][1], Data::String(nip) if nip.len() == 18), "a NIP stays text");
    let leader = world.person("Lala").role(Role::Leader).create().await;
    let mut leader = world.signed_in(&leader, evening()).await;
    leader.open("/kelola/laporan/kurang").await;
    assert_eq!(missing(&leader), ["20 JP", "18 JP", "12 JP", "8 JP"]);
}
