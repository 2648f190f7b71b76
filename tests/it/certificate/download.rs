//! The PDF as a file that people keep.

use axum::http::{HeaderMap, Method, StatusCode, header};
use sqlx::PgPool;

use super::{attended, issue, of_class, world};
use crate::support::{
    Visitor, World, number,
    world::{Person, evening},
};

/// Somebody with a certificate and the address of its file, and the address of another's.
async fn holder(world: &World, db: &PgPool) -> (Person, String, String) {
    let (people, by) = (world.people(2).await, world.organiser().await);
    let class = attended(world, &people, &by).await;
    issue(db, class, &by, evening()).await;
    let all = of_class(world, class).await;
    let of = |person: &Person| {
        let one = all.iter().find(|one| one.person == person.id).unwrap();
        format!("/saya/sertifikat/{}.pdf", one.id)
    };
    (people[0].clone(), of(&people[0]), of(&people[1]))
}

fn text_of(pdf: &[u8]) -> String {
    lopdf::Document::load_mem(pdf).unwrap().extract_text(&[1]).unwrap()
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_person_downloads_their_own_and_nobody_elses(db: PgPool) {
    let world = world(&db).await;
    let (person, own, other) = holder(&world, &db).await;
    let mut learner = world.signed_in(&person, evening()).await;
    for path in [other, own.replace(".pdf", ".txt")] {
        learner.peek(&path).await;
        assert_eq!(learner.status, StatusCode::NOT_FOUND, "{path}");
    }
    learner.open("/saya/sertifikat").await;
    let links = learner.sees("main a");
    assert_eq!(links.iter().filter(|words| words.starts_with("Unduh PDF")).count(), 1);
    learner.click("Unduh PDF Menyusun Arsip Digital").await;
    assert_eq!((learner.status, learner.at.as_str()), (StatusCode::OK, own.as_str()));
    let text = text_of(&learner.body);
    assert!(text.contains(&person.name) && text.contains("800.2.4/00041/"), "{text}");
}

fn said(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

async fn ask<'a>(
    learner: &'a mut Visitor,
    method: Method,
    path: &str,
    more: &[(&str, &str)],
) -> &'a Visitor {
    let headers = [&[("accept-encoding", "gzip")], more].concat();
    learner.send(method, path, &headers).await
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_broken_download_goes_on_and_a_whole_one_is_not_repeated(db: PgPool) {
    let world = world(&db).await;
    let (person, path, _) = holder(&world, &db).await;
    let mut learner = world.signed_in(&person, evening()).await;
    let whole = ask(&mut learner, Method::GET, &path, &[]).await;
    let (bytes, headers) = (whole.body.clone(), whole.headers.clone());
    assert_eq!(said(&headers, header::CONTENT_ENCODING), "");
    assert_eq!(said(&headers, header::ACCEPT_RANGES), "bytes");
    assert_eq!(said(&headers, header::CACHE_CONTROL), "private, no-cache");
    let tag = said(&headers, header::ETAG);

    let head = ask(&mut learner, Method::HEAD, &path, &[]).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(said(&head.headers, header::CONTENT_LENGTH), bytes.len().to_string());
    assert_eq!(said(&head.headers, header::ETAG), tag);

    let broken_off = [("range", "bytes=5000-"), ("if-range", tag)];
    let rest = ask(&mut learner, Method::GET, &path, &broken_off).await;
    assert_eq!((rest.status, &rest.body[..]), (StatusCode::PARTIAL_CONTENT, &bytes[5000..]));
    let range = format!("bytes 5000-{}/{}", bytes.len() - 1, bytes.len());
    assert_eq!(said(&rest.headers, header::CONTENT_RANGE), range);

    let known = ask(&mut learner, Method::GET, &path, &[("if-none-match", tag)]).await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(said(&known.headers, header::CACHE_CONTROL), "private, no-cache");

    let page = ask(&mut learner, Method::GET, "/saya/sertifikat", &[]).await;
    assert_eq!(said(&page.headers, header::CONTENT_ENCODING), "gzip", "pages are packed");
    assert_eq!(said(&page.headers, header::CACHE_CONTROL), "private, no-store");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_sample_says_that_it_is_one_and_takes_no_number(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(1).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    let mut organiser = world.signed_in(&by, evening()).await;
    organiser.open(&format!("/kelola/kelas/{class}/sertifikat")).await;
    organiser.click("Lihat contohnya").await;
    let text = text_of(&organiser.body);
    assert!(text.contains("800.2.4/CONTOH/BPSDMD/2026") && text.contains("Orang 1"), "{text}");
    assert!(text.contains("0000-0000-0000-0000"), "{text}");
    for table in ["certificate", "certificate_counter", "certificate_file"] {
        assert_eq!(number(&db, &format!("select count(*) from {table}")).await, 0, "{table}");
    }
}
