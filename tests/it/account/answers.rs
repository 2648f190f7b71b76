//! What every answer carries, and whom the site listens to.

use axum::http::{Method, StatusCode};
use sqlx::PgPool;

use crate::support::{Visitor, World, number, world::monday};

fn assert_protected(visitor: &Visitor, kind: &str) {
    let header = |name: &str| {
        let value = visitor.headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_else(|| panic!("{kind} has no {name}"))
    };
    let policy = header("content-security-policy");
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{kind}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{kind}: {policy}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{kind}");
    assert_eq!(header("referrer-policy"), "same-origin", "{kind}");
    assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{kind}");
    assert!(header("permissions-policy").contains("camera=()"), "{kind}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn every_kind_of_answer_is_protected(db: PgPool) {
    let world = World::new(db);
    let class = world.class().create().await;
    let organiser = world.organiser().await;
    let mut visitor = world.signed_in(&organiser, monday()).await;
    let style = smartclass::assets::href("app.css");
    let sheet = format!("/kelola/kelas/{class}/peserta.xlsx");
    for (path, status) in [
        ("/kelas", 200),
        ("/masuk", 303),
        ("/healthz", 200),
        ("/readyz", 200),
        (style, 200),
        ("/static/none", 404),
        ("/tidak/ada", 404),
        ("/keluar", 404),
        ("/kelola/orang", 403),
        ("/saya/kelas/1", 404),
        (sheet.as_str(), 200),
        ("/kelas?hal=banyak", 200),
        ("/kelas?q=satu&q=dua", 400),
        ("/saya/kelas/satu", 400),
    ] {
        visitor.peek(path).await;
        assert_eq!(visitor.status.as_u16(), status, "{path}");
        assert_protected(&visitor, path);
    }
    for (path, typed, status) in [
        ("/kelola/kelas", vec![("title", "")], 422),
        ("/kelola/kelas", vec![], 422),
        ("/kelola/orang", vec![], 403),
        ("/kelas/tidak-ada/daftar", vec![], 404),
    ] {
        visitor.post(path, &typed).await;
        assert_eq!(visitor.status.as_u16(), status, "{path}");
        assert_protected(&visitor, path);
    }
    visitor.send(Method::POST, "/keluar", &[("sec-fetch-site", "cross-site")]).await;
    assert_protected(&visitor, "a refusal to listen");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn every_mistake_is_answered_with_a_page_in_indonesian(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let mut visitor = world.signed_in(&ada, monday()).await;
    for path in [
        "/tidak/ada",
        "/keluar",
        "/kelola/orang",
        "/saya/kelas/1",
        "/saya/kelas/satu",
        "/kelas?q=satu&q=dua",
        "/kelas?q=%00",
    ] {
        visitor.open(path).await;
        assert!(visitor.status.is_client_error(), "{path}: {}", visitor.status);
        assert_eq!(visitor.sees("h1").len(), 1, "{path}: {}", visitor.page());
        assert_eq!(
            visitor.html().select(&crate::support::visitor::css("html[lang=id]")).count(),
            1,
            "{path}"
        );
    }
    visitor.send(Method::POST, "/saya/profil/perangkat", &[("content-type", "text/plain")]).await;
    assert!(visitor.status.is_client_error());
    assert_eq!(visitor.sees("h1").len(), 1, "{}", visitor.page());
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn pages_of_a_person_are_kept_by_nobody(db: PgPool) {
    let world = World::new(db);
    let class = world.class().create().await;
    let organiser = world.organiser().await;
    let address = world.address(class).await;
    let sheet = format!("/kelola/kelas/{class}/peserta.xlsx");
    let mut visitor = world.signed_in(&organiser, monday()).await;
    for path in [
        "/saya",
        "/saya/profil",
        "/saya/jp",
        "/kelas",
        &address,
        "/kelola/jadwal",
        &sheet,
        "/bantuan",
    ] {
        visitor.open(path).await;
        assert_eq!(visitor.headers["cache-control"], "private, no-store", "{path}");
        assert!(visitor.headers.get_all("vary").iter().any(|vary| vary == "Cookie"), "{path}");
    }
    let mut stranger = world.visitor(monday());
    stranger.open("/kelas").await;
    assert!(stranger.headers["cache-control"].to_str().unwrap().starts_with("public"));
    // Unless it carries a message for one visitor.
    let mut told = world.visitor(monday()).with_cookie("pesan", "416e646120");
    told.open("/kelas").await;
    assert_eq!(told.headers["cache-control"], "private, no-store");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_message_is_said_once(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let class = world.class().create().await;
    let mut visitor = world.signed_in(&ada, monday()).await;
    visitor.open(&world.address(class).await).await.press("Daftar", &[]).await;
    assert_ne!(visitor.banner(), "");
    let again = visitor.at.clone();
    visitor.open(&again).await;
    assert_eq!(visitor.banner(), "");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn other_sites_cannot_act_in_somebodys_name(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let class = world.class().create().await;
    let path = format!("{}/daftar", world.address(class).await);
    let mut visitor = world.signed_in(&ada, monday()).await;
    for header in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:9999"),
    ] {
        visitor.send(Method::POST, &path, &[header]).await;
        assert_eq!(visitor.status, StatusCode::FORBIDDEN, "{header:?}");
        assert_eq!(visitor.sees("h1"), ["Permintaan datang dari situs lain"], "{header:?}");
    }
    assert_eq!(number(&db, "select count(*) from enrolment").await, 0);
    // Links from other sites work, and so do browsers that send the older header alone.
    visitor.send(Method::GET, "/saya", &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(visitor.status, StatusCode::OK);
    visitor.send(Method::POST, &path, &[("origin", "http://127.0.0.1:8080")]).await;
    assert_eq!(visitor.status, StatusCode::SEE_OTHER);
    assert_eq!(number(&db, "select count(*) from enrolment").await, 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn assets_are_kept_for_ever_under_names_that_change(db: PgPool) {
    let mut visitor = World::new(db).visitor(monday());
    for name in ["app.css", "mark.svg"] {
        visitor.open(smartclass::assets::href(name)).await;
        assert_eq!(visitor.status, StatusCode::OK);
        assert_eq!(visitor.headers["cache-control"], "public, max-age=31536000, immutable");
    }
    visitor.open("/static/../Cargo.toml").await;
    assert_eq!(visitor.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_people_type_never_becomes_markup(db: PgPool) {
    let world = World::new(db);
    let nasty = "<script>alert(1)</script>\"'>";
    let class = world.class().title("Judul <b>tebal</b> & \"kutip\"").summary(nasty).create().await;
    let mut visitor = world.visitor(monday());
    let query = crate::support::form::encoded(&[("q", nasty)]);
    for path in [world.address(class).await, format!("/kelas?{query}"), "/kelas".into()] {
        visitor.open(&path).await;
        assert_eq!(visitor.sees("script"), [""; 0], "{path}");
        assert_eq!(visitor.sees("main b"), [""; 0], "{path}");
    }
    visitor.open(&format!("/kelas?{query}")).await;
    assert_eq!(visitor.value("q"), nasty);
}
