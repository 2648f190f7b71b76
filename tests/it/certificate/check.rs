//! Anybody's check of a certificate, by its code or its file.

use axum::http::StatusCode;
use smartclass::certificate::{self, Checked};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{attended, issue, of_class, world};
use crate::support::{
    network::{self, Server},
    number, run,
    world::evening,
};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_certificate_says_for_ever_what_it_said_when_issued(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(1).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    issue(&db, class, &by, evening()).await;
    let before = of_class(&world, class).await.remove(0);
    let mut conn = world.conn().await;
    let drawn = certificate::pdf(&mut conn, &before, evening()).await.unwrap();
    run(&db, "update person set name = 'Nama Lain', position = 'Jabatan Lain'").await;
    let after = of_class(&world, class).await.remove(0);
    assert_eq!(certificate::pdf(&mut conn, &after, evening()).await.unwrap().sha256, drawn.sha256);
    let mut stranger = world.visitor(evening());
    stranger.open(&format!("/v/{}", after.code)).await.must_see(&before.paper.name);
    assert!(!stranger.sees_text("Nama Lain"));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_file_is_told_from_a_changed_one(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(2).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    issue(&db, class, &by, evening()).await;
    let all = of_class(&world, class).await;
    let mut conn = world.conn().await;
    let mut pdf = certificate::pdf(&mut conn, &all[0], evening()).await.unwrap().bytes;
    let found = certificate::check_file(&mut conn, &pdf, evening()).await.unwrap();
    assert!(matches!(found, Checked::Genuine(one) if one.id == all[0].id));
    let middle = pdf.len() / 2;
    pdf[middle] ^= 1;
    let found = certificate::check_file(&mut conn, &pdf, evening()).await.unwrap();
    assert!(matches!(found, Checked::Changed(one) if one.id == all[0].id));
    for stranger in [&b""[..], b"%PDF-1.7 /ID[<00>]", b"%PDF-1.7 /ID", b"<html>"] {
        let found = certificate::check_file(&mut conn, stranger, evening()).await.unwrap();
        assert!(matches!(found, Checked::Unknown));
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_revoked_certificate_says_so_and_names_its_successor(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(1).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    issue(&db, class, &by, evening()).await;
    let old = of_class(&world, class).await.remove(0);
    let mut organiser = world.signed_in(&by, evening()).await;
    organiser.open(&format!("/kelola/sertifikat/{}/cabut", old.id)).await;
    organiser.press("Cabut sertifikat", &[]).await;
    assert_eq!(organiser.problem("because"), "Isi alasan.");
    organiser.press("Cabut sertifikat", &[("because", "Kesalahan penulisan nama")]).await;
    organiser.press("Terbitkan sertifikat (1)", &[]).await;
    let new = of_class(&world, class).await.remove(1);
    assert_eq!(
        [old.label.as_str(), new.label.as_str()].map(|label| &label[8..13]),
        ["00041", "00042"]
    );
    let mut stranger = world.visitor(evening());
    stranger.open(&format!("/v/{}", old.code)).await;
    stranger.must_see("DICABUT").must_see("Kesalahan penulisan nama").must_see(&new.label);
    let mut learner = world.signed_in(&people[0], evening()).await;
    learner.open("/saya/sertifikat").await.must_see("Dicabut: Kesalahan penulisan nama");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_stranger_sees_what_the_paper_says_and_the_end_of_the_nip(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(1).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    issue(&db, class, &by, evening()).await;
    let one = of_class(&world, class).await.remove(0);
    let mut stranger = world.visitor(evening());
    let sloppy = format!(" {} ", one.grouped().to_lowercase().replace('0', "o").replace('-', " "));
    stranger.open("/v").await.press("Periksa", &[("kode", &sloppy)]).await;
    stranger
        .must_see("SAH")
        .must_see(&one.paper.name)
        .must_see(&one.label)
        .must_see("2 (dua) Jam Pelajaran");
    stranger.must_see(&format!("berakhir dengan {}", &one.paper.nip[14..]));
    assert!(!stranger.page().contains(&one.paper.nip[..8]), "the birth date");
    stranger.open("/v/0000000000000000").await.must_see("TIDAK DITEMUKAN");
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn looking_draws_nothing_and_shows_the_file_that_was_handed_out(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(1).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    issue(&db, class, &by, evening()).await;
    let one = of_class(&world, class).await.remove(0);
    let path = format!("/v/{}", one.code);
    let mut stranger = world.visitor(evening());
    stranger
        .open(&path)
        .await
        .must_see("belum pernah diunduh")
        .must_see("Sertifikat ini diterbitkan oleh Badan Pengembangan Sumber Daya Manusia Daerah");
    assert_eq!(number(&db, "select count(*) from certificate_file").await, 0);
    let pdf = certificate::pdf(&mut *world.conn().await, &one, evening()).await.unwrap();
    let digits = smartclass::assets::hex(&pdf.sha256);
    stranger.open(&path).await;
    let shown = stranger.sees("dd.mono").join("").replace(' ', "");
    assert!(shown.ends_with(&digits), "{shown} {digits}");
    stranger.upload("Cocokkan berkas", "pdf", "s.pdf", &pdf.bytes).await;
    assert!(stranger.banner().contains("Isinya sama persis"), "{}", stranger.banner());
    stranger.upload("Cocokkan berkas", "pdf", "s.pdf", &pdf.bytes[1..]).await;
    assert!(stranger.banner().contains("Berkas berbeda"), "{}", stranger.banner());
}

/// Asks for an unknown code so often in the name of that client; the answers.
async fn ask(server: &Server, client: &str, times: usize) -> Vec<String> {
    let request = format!(
        "GET /v/0000000000000000 HTTP/1.1\r\nHost: {}\r\nX-Forwarded-For: 9.9.9.9, {client}\r\n\
         Connection: close\r\n\r\n",
        server.addr
    );
    let mut answers = Vec::new();
    for _ in 0..times {
        answers.push(network::answer(server.addr, request.as_bytes()).await);
    }
    answers
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_tries_codes_is_slowed_down_and_nobody_else(
    options: PgPoolOptions,
    database: PgConnectOptions,
) {
    drop(options);
    let server = Server::start(database, evening()).await;
    let guesses = ask(&server, "203.0.113.9", 62).await;
    let (answered, refused) = guesses.split_at(60);
    assert!(answered.iter().all(|answer| answer.starts_with("HTTP/1.1 404")));
    for answer in refused {
        let head = answer.to_lowercase();
        assert!(head.starts_with("http/1.1 429") && head.contains("retry-after: 1"), "{answer}");
        assert!(answer.contains("Terlalu banyak percobaan"), "{answer}");
    }
    assert!(ask(&server, "203.0.113.10", 1).await[0].starts_with("HTTP/1.1 404"));
    server.stop().await;
}
