//! Files that are no report of the class leave nothing behind.

use std::io::{Cursor, Write};

use axum::http::StatusCode;
use sqlx::PgPool;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::Scene;
use crate::support::{World, Zoom, number, world::monday};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn junk_is_refused_with_its_reason(db: PgPool) {
    let world = World::new(db.clone());
    let mut scene = Scene::new(world, &[]).await;
    let heads = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\r\n";
    let yesterday = Zoom::new().on("2026-03-09", "Ada", "", "09:00", "11:00").csv();
    let meeting = "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\r\n\
        99999999999,Lain,03/10/2026 09:00:00 AM,03/10/2026 11:00:00 AM,a@b.id,120,1\r\n\r\n";
    let crowd = (0..=10_000)
        .fold(Zoom::new(), |report, n| report.stay(&format!("Peserta {n}"), "", "09:00", "11:00"));
    crate::support::run(&db, "update class set zoom_meeting_id = '84512207741'").await;
    let other_meeting =
        [meeting.as_bytes(), &Zoom::new().stay("Ada", "", "09:00", "11:00").csv()].concat();
    for (name, bytes, reason) in [
        ("foto.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "Berkas ini gambar"),
        (
            "masuk.csv",
            b"<!DOCTYPE html><html><body>Sign in</body></html>".to_vec(),
            "Berkas ini halaman web",
        ),
        ("surat.pdf", b"%PDF-1.7\n".to_vec(), "Berkas ini PDF"),
        ("kosong.csv", Vec::new(), "Berkas kosong"),
        ("judul.csv", heads.as_bytes().to_vec(), "tidak memuat satu pun baris peserta"),
        ("lain.csv", b"a,b,c\r\n1,2,3\r\n".to_vec(), "bukan laporan kehadiran Zoom"),
        ("bom.xlsx", bomb(), "melebihi 100 MB setelah dibuka"),
        ("acak.csv", (0..=255).cycle().take(5000).collect(), "Berkas"),
        ("kemarin.csv", yesterday, "bertanggal 09-03-2026, bukan hari kelas ini"),
        ("ramai.csv", crowd.csv(), "memuat 10001 peserta; paling banyak 10000"),
        ("rapat.csv", other_meeting, "untuk rapat Zoom 99999999999"),
    ] {
        let page = scene.upload_bytes(name, &bytes).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(page.problem("file").contains(reason), "{name}: {}", page.problem("file"));
    }
    let page = scene.organiser.open(&format!("/kelola/kelas/{}/impor", scene.class)).await;
    page.press("Unggah dan periksa", &[]).await;
    assert_eq!(page.problem("file"), "Pilih berkas laporan Zoom dahulu.");
    assert_eq!(number(&db, "select count(*) from import").await, 0);
}

/// A small workbook that unpacks to more than is read.
fn bomb() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("xl/workbook.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(&vec![0; 101 << 20]).unwrap();
    zip.finish().unwrap().into_inner()
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_file_that_is_too_large_is_refused_on_a_page(db: PgPool) {
    let world = World::new(db.clone());
    let mut scene = Scene::new(world, &[]).await;
    for size in [10 * 1024 * 1024 + 1, 11 * 1024 * 1024] {
        let page = scene.upload_bytes("besar.csv", &vec![b'a'; size]).await;
        assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{size}");
        page.must_see(
            "Berkas melebihi batas yang tertulis pada formulirnya. Tidak ada yang tersimpan.",
        );
    }
    assert_eq!(number(&db, "select count(*) from import").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_form_without_a_file_part_is_refused(db: PgPool) {
    let world = World::new(db.clone());
    let mut scene = Scene::new(world, &[]).await;
    let path = format!("/kelola/kelas/{}/impor", scene.class);
    scene.organiser.post(&path, &[("file", "laporan.csv")]).await;
    assert!(scene.organiser.status.is_client_error());
    assert_eq!(scene.organiser.sees("h1").len(), 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_report_comes_after_its_class_has_begun(db: PgPool) {
    let world = World::new(db.clone());
    let mut scene = Scene::new(world, &[]).await;
    scene.organiser = scene.world.signed_in(&scene.by, monday()).await;
    let page = scene.upload(&Zoom::new().stay("Ada", "", "09:00", "11:00")).await;
    assert_eq!(page.problem("file"), "Kelas ini belum dimulai.");
    assert_eq!(number(&db, "select count(*) from import").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn names_in_a_report_never_become_markup(db: PgPool) {
    let world = World::new(db.clone());
    let mut scene = Scene::new(world, &[]).await;
    let page =
        scene.upload(&Zoom::new().stay("<script>alert(1)</script>", "", "09:00", "11:00")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.sees("script"), [""; 0]);
    page.must_see("<script>alert(1)</script>");
}
