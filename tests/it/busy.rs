//! What is told to those who come while the database is busy or away.

use axum::http::StatusCode;
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Gate, World, network::Server, number, world::monday};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_waits_too_long_for_a_class_is_asked_to_come_again(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let class = world.class().create().await;
    let path = format!("{}/daftar", world.address(class).await);
    let cookies = world.signed_in(&ada, monday()).await.cookies();
    let server = Server::start((*db.connect_options()).clone(), monday()).await;
    let _closed = Gate::close(&db).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream.write_all(&server.form(&path, &cookies, "")).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 5"), "{answer}");
    assert!(answer.contains("Yang Anda kirim belum tersimpan"), "{answer}");
    assert_eq!(number(&db, "select count(*) from enrolment").await, 0);
    server.stop().await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_site_without_its_database_says_so(db: PgPool) {
    let mut visitor = World::new(db.clone()).visitor(monday());
    visitor.open("/readyz").await;
    assert_eq!(visitor.status, StatusCode::OK);
    db.close().await;
    for path in ["/readyz", "/kelas"] {
        visitor.open(path).await;
        assert_eq!(visitor.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
    assert_eq!(visitor.sees("h1"), ["Layanan sedang sibuk"]);
    visitor.open("/healthz").await;
    assert_eq!(visitor.status, StatusCode::OK);
}
