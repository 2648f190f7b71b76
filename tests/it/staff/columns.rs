//! What each column holds: as its header says, or as somebody chose.

use super::{administrator, upload};
use crate::support::{Visitor, World, column, number};
use axum::http::StatusCode;
use sqlx::PgPool;

const READ: &str = "Baca ulang dengan kolom ini";

/// Headers that nobody knows.
const OTHER: &str = "\
No Induk;Pegawai;Tempat Tugas;Surat
199001012015012501;Sari Dewi;Dinas Sosial;sari@sulteng.example
199001012015012502;Budi Tahir;Dinas Kesehatan;
";

const CHOSEN: [(&str, &str); 4] = [("k0", "nip"), ("k1", "name"), ("k2", "unit"), ("k3", "email")];

async fn people(db: &PgPool) -> Vec<String> {
    let people = "select concat_ws('|', n.nip, p.name, u.name, p.email)
         from person p join person_nip n on n.person_id = p.id join unit u on u.id = p.unit_id
         where p.staff_import_id is not null order by p.id";
    column(db, people).await
}

/// The headers and what they are read as.
fn fields(visitor: &Visitor) -> Vec<(String, String)> {
    let headers = visitor.sees("#kolom tbody th").into_iter().enumerate();
    headers.map(|(at, header)| (header, visitor.value(&format!("k{at}")))).collect()
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_list_of_unknown_headers_is_recorded_with_the_columns_that_were_chosen(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, OTHER).await;
    visitor
        .must_see("Belum ada kolom yang dibaca sebagai NIP dan Nama.")
        .must_see("Sari Dewi; Budi Tahir");
    visitor.press(READ, &CHOSEN).await;
    assert_eq!(visitor.banner(), "Daftar dibaca ulang dengan kolom yang Anda pilih.");
    // What was chosen holds when the page is opened again.
    visitor.open("/kelola/orang/impor/1").await;
    assert_eq!(fields(&visitor)[2], ("Tempat Tugas".into(), "unit".into()));
    visitor.press("Catat 2 orang baru", &[]).await;
    assert_eq!(
        people(&db).await,
        [
            "199001012015012501|Sari Dewi|Dinas Sosial|sari@sulteng.example",
            "199001012015012502|Budi Tahir|Dinas Kesehatan"
        ]
    );
    visitor.click("Batalkan impor ini").await.press("Batalkan impor", &[]).await;
    assert_eq!(visitor.banner(), "Impor dibatalkan: 2 orang dihapus, 0 isian dikembalikan.");
    assert_eq!(people(&db).await, [""; 0]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_column_that_was_read_wrongly_is_put_right(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    let text = "NIP,NAMA,UNIT KERJA,INSTANSI,EMAIL\n199001012015012501,Sari,Dinas Kesehatan,Dinas Sosial,bukan surel\n";
    upload(&mut visitor, text).await;
    assert!(visitor.sees("td[data-l=Kesalahan]")[0].starts_with("EMAIL: "));
    assert_eq!(
        fields(&visitor).into_iter().map(|(_, held)| held).collect::<Vec<_>>(),
        ["nip", "name", "unit", "office", "email"]
    );
    visitor.press(READ, &[("k2", ""), ("k3", "unit"), ("k4", "position")]).await;
    assert_eq!(visitor.sees("td[data-l=Keterangan]"), ["bukan surel Dinas Sosial"]);
    visitor.press("Catat 1 orang baru", &[]).await;
    assert_eq!(people(&db).await, ["199001012015012501|Sari|Dinas Sosial"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_was_seen_with_other_columns_is_not_recorded(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, "NIP,NAMA,UNIT,X\n199001012015012501,Sari,Dinas Sosial,Analis\n").await;
    let late = visitor.fill("Catat 1 orang baru", &[], None);
    visitor.press(READ, &[("k3", "position")]).await;
    visitor.submit(late).await;
    assert_eq!(visitor.status, StatusCode::CONFLICT);
    visitor.must_see("Analis");
    assert_eq!(people(&db).await, [""; 0]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn two_headers_for_one_field_are_told_and_nothing_chosen_is_lost(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    // Twice as the headers say, and then as somebody chooses.
    upload(&mut visitor, "NIP,NIP BARU,NAMA,UNIT\n131,199001012015012501,Sari,Dinas Sosial\n")
        .await;
    visitor.must_see("Kolom NIP muncul lebih dari sekali: “NIP” dan “NIP BARU”.");
    visitor.press(READ, &[("k0", "name")]).await;
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(visitor.problem("kolom").starts_with("Kolom Nama muncul lebih dari sekali"));
    let held: Vec<String> = fields(&visitor).into_iter().map(|(_, held)| held).collect();
    assert_eq!(held, ["name", "nip", "name", "unit"]);
    visitor.press(READ, &[("k0", ""), ("k1", "")]).await;
    assert!(visitor.problem("kolom").starts_with("Belum ada kolom yang dibaca sebagai NIP."));
    visitor.press(READ, &[("k1", "nip")]).await;
    visitor.press("Catat 1 orang baru", &[]).await;
    assert_eq!(people(&db).await, ["199001012015012501|Sari|Dinas Sosial"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_list_without_a_column_of_units_says_what_follows(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, "NIP,NAMA,TEMPAT\n199001012015012501,Sari,Dinas Sosial\n").await;
    visitor.must_see("Tidak ada kolom yang dibaca sebagai Unit kerja atau OPD");
    assert_eq!(visitor.sees("td[data-l=Kesalahan]"), ["Unit kerja kosong."]);
    visitor.press(READ, &[("k2", "office")]).await;
    assert!(!visitor.sees_text("Tidak ada kolom yang dibaca"));
    visitor.must_see("Catat 1 orang baru");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn columns_that_the_file_has_not_and_unknown_fields_are_refused(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, super::LIST).await;
    let address = "/kelola/orang/impor/1/kolom";
    for typed in [
        &[("k0", "nip"), ("k1", "name"), ("k99", "unit")][..],
        &[("k0", "nip"), ("k1", "sandi")],
        &[("k-1", "nip")],
        &[("x", "nip")],
    ] {
        visitor.post(address, typed).await;
        assert_eq!(visitor.status, StatusCode::BAD_REQUEST, "{typed:?}");
    }
    assert_eq!(number(&db, "select count(columns) from staff_import").await, 0);
    visitor.open("/kelola/orang/impor/1").await.press("Catat 2 orang baru", &[]).await;
    visitor.post(address, &[("k0", "nip"), ("k1", "name")]).await;
    assert_eq!(visitor.status, StatusCode::CONFLICT);
    assert!(visitor.sees_text("Daftar ini sudah dicatat atau dibuang."));
    assert_eq!(number(&db, "select count(columns) from staff_import").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_wrong_rows_come_back_under_the_columns_that_were_chosen(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, &OTHER.replace("Dinas Sosial", "Dinas Entah")).await;
    visitor.open("/kelola/orang/impor/1/salah.xlsx").await;
    assert_eq!(visitor.status, StatusCode::CONFLICT, "nothing is judged before columns are clear");
    visitor.open("/kelola/orang/impor/1").await.press(READ, &CHOSEN).await;
    visitor.click("Unduh baris yang salah (Excel)").await;
    let file = smartclass::staff::open(&visitor.body).unwrap();
    let names: Vec<&str> = file.heads.iter().map(|head| head.name.as_str()).collect();
    assert_eq!(names, ["No Induk", "Pegawai", "Tempat Tugas", "Surat", "BARIS", "KESALAHAN"]);
}
