//! Clients that send too slowly, take too slowly or say nothing, over a real socket.

use std::{
    net::SocketAddr,
    num::NonZeroU32,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    routing::{get, post},
};
use smartclass::listen::{self, Limits};
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::support::{
    World, column,
    network::{Server, status},
    world::{evening, monday},
};

/// Half a second of patience, and 1 KiB a second.
fn limits() -> Limits {
    let patience = Duration::from_millis(500);
    let floor = NonZeroU32::new(1024).unwrap();
    Limits { connections: 10, head: patience, stall: patience, floor }
}

/// More than the system keeps for a reader that takes nothing.
const LARGE: usize = 24 * 1024 * 1024;

/// A site that is told when to stop.
struct Site {
    addr: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

fn site(limits: Limits) -> Site {
    let routes = Router::new()
        .route("/", get(|| async { "ada" }))
        .route("/panjang", get(|| async { vec![b'x'; LARGE] }))
        .route("/lama", get(|| async { sleep(Duration::from_millis(800)).await }))
        .route("/isi", post(|body: Bytes| async move { body.len().to_string() }));
    let listener = listen::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let addr = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(listen::serve(listener, routes, limits, async {
        stopped.await.ok();
    }));
    Site { addr, stop, ended }
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// What comes until the connection ends, which must be before two seconds are over.
async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    let ended = timeout(Duration::from_secs(2), stream.read_to_end(&mut rest)).await;
    // Somebody who is cut off in the middle of a word may hear of it as an error.
    let _ = ended.unwrap();
    rest
}

/// Sends the pieces with a pause after each, until nobody takes them any more.
async fn dribble(
    stream: &mut TcpStream,
    pieces: impl Iterator<Item = &[u8]>,
    pause: Duration,
) -> bool {
    for piece in pieces {
        if stream.write_all(piece).await.is_err() {
            return false;
        }
        sleep(pause).await;
    }
    true
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut() {
    let site = site(limits());
    let begun = Instant::now();
    let mut stream = TcpStream::connect(site.addr).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let lines = std::iter::repeat_n(b"a: b\r\n".as_slice(), 40);
    let all = dribble(&mut stream, lines, Duration::from_millis(50)).await;
    assert!(!all, "it went on for two seconds");
    assert!(begun.elapsed() >= limits().head);
    assert_eq!(rest(&mut stream).await, b"");
}

#[tokio::test]
async fn a_body_that_trickles_is_cut_though_something_always_comes() {
    let site = site(limits());
    let mut stream = TcpStream::connect(site.addr).await.unwrap();
    stream
        .write_all(b"POST /isi HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        .await
        .unwrap();
    let bytes = std::iter::repeat_n(b"a".as_slice(), 40);
    dribble(&mut stream, bytes, Duration::from_millis(50)).await;
    let answer = String::from_utf8(rest(&mut stream).await).unwrap();
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_body_that_comes_slowly_and_steadily_goes_through() {
    let site = site(limits());
    let mut stream = TcpStream::connect(site.addr).await.unwrap();
    let head =
        b"POST /isi HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5000\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let pieces = std::iter::repeat_n([b'a'; 250].as_slice(), 20);
    assert!(dribble(&mut stream, pieces, Duration::from_millis(60)).await);
    let answer = String::from_utf8(rest(&mut stream).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("5000"), "{answer}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_upload_that_stands_still_holds_no_connection_and_is_answered_as_unreadable(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().create().await;
    let organiser = world.organiser().await;
    let cookies = world.signed_in(&organiser, evening()).await.cookies();
    let server = Server::within(limits(), (*db.connect_options()).clone(), evening()).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let half =
        b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nName";
    let kind = "multipart/form-data; boundary=b";
    let path = format!("/kelola/kelas/{class}/impor");
    let whole = server.request(&path, &cookies, kind, &[half.as_slice(), &[b'x'; 5000]].concat());
    stream.write_all(&whole[..whole.len() - 4000]).await.unwrap();
    sleep(Duration::from_millis(300)).await;
    assert_eq!(server.busy(), 0);
    let answer = String::from_utf8_lossy(&rest(&mut stream).await).into_owned();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_eq!(server.busy(), 0);
    let again = server.form("/keluar", &cookies, "");
    assert_eq!(status(server.addr, &again).await, 303, "others are served as before");
    server.stop().await;
}

/// A client for whom its system keeps little of an answer.
async fn small_reader(addr: SocketAddr, path: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(64 * 1024).unwrap();
    let mut stream = socket.connect(addr).await.unwrap();
    let ask = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_reader_that_does_not_take_its_answer_is_cut() {
    let site = site(limits());
    let mut stream = small_reader(site.addr, "/panjang").await;
    sleep(limits().stall * 2).await;
    assert!(rest(&mut stream).await.len() < LARGE);
}

#[tokio::test]
async fn a_reader_that_takes_its_answer_slowly_and_steadily_gets_all_of_it() {
    let site = site(limits());
    let mut stream = small_reader(site.addr, "/panjang").await;
    let (begun, mut taken, mut some) = (Instant::now(), 0, vec![0; 256 * 1024]);
    while begun.elapsed() < limits().stall * 2 {
        taken += stream.read(&mut some).await.unwrap();
        sleep(Duration::from_millis(20)).await;
    }
    assert!(taken < LARGE, "that was not slow");
    assert!(taken + rest(&mut stream).await.len() > LARGE);
}

#[tokio::test]
async fn an_idle_connection_is_closed_quietly() {
    let site = site(limits());
    let mut stream = TcpStream::connect(site.addr).await.unwrap();
    let mut answer = [0; 4096];
    for _ in 0..2 {
        stream.write_all(GET).await.unwrap();
        let length = stream.read(&mut answer).await.unwrap();
        assert!(answer[..length].starts_with(b"HTTP/1.1 200"));
        sleep(limits().head / 2).await;
    }
    let ended = timeout(Duration::from_secs(2), stream.read(&mut answer)).await.unwrap();
    assert_eq!(ended.unwrap(), 0);
}

#[tokio::test]
async fn a_request_that_takes_longer_than_any_client_may_is_not_cut() {
    let site = site(limits());
    let mut stream = small_reader(site.addr, "/lama").await;
    assert!(rest(&mut stream).await.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn whoever_comes_beyond_the_limit_waits_until_somebody_is_gone() {
    let site = site(Limits { connections: 1, ..limits() });
    let begun = Instant::now();
    let _idle = TcpStream::connect(site.addr).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let mut stream = small_reader(site.addr, "/").await;
    assert!(rest(&mut stream).await.starts_with(b"HTTP/1.1 200"));
    assert!(begun.elapsed() >= limits().head);
}

#[tokio::test]
async fn whoever_is_told_to_stop_answers_what_is_under_way_and_takes_nobody_up() {
    let site = site(Limits { head: Duration::from_mins(1), ..limits() });
    let mut hesitant = TcpStream::connect(site.addr).await.unwrap();
    hesitant.write_all(b"GET / HT").await.unwrap();
    let mut idle = TcpStream::connect(site.addr).await.unwrap();
    idle.write_all(GET).await.unwrap();
    let mut running = small_reader(site.addr, "/lama").await;
    sleep(Duration::from_millis(200)).await;
    site.stop.send(()).unwrap();
    sleep(Duration::from_millis(50)).await;
    assert!(TcpStream::connect(site.addr).await.is_err(), "nobody listens any more");
    assert!(rest(&mut idle).await.starts_with(b"HTTP/1.1 200"));
    assert!(!site.ended.is_finished());
    assert!(rest(&mut running).await.starts_with(b"HTTP/1.1 200"));
    timeout(Duration::from_secs(2), site.ended).await.unwrap().unwrap();
    drop(hesitant);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_log_knows_the_client_and_whom_a_proxy_on_this_machine_names(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let cookies = world.signed_in(&ada, monday()).await.cookies();
    let server = Server::start((*db.connect_options()).clone(), monday()).await;
    for named in ["", "X-Forwarded-For: 198.51.100.1, 203.0.113.9\r\n"] {
        let ask = format!(
            "GET /kelola/audit HTTP/1.1\r\nHost: x\r\nCookie: {cookies}\r\n{named}Connection: close\r\n\r\n"
        );
        assert_eq!(status(server.addr, ask.as_bytes()).await, 403);
    }
    let clients = "select client from audit_entry where act like 'Ditolak%' order by id";
    assert_eq!(column(&db, clients).await, ["127.0.0.1", "203.0.113.9"]);
    server.stop().await;
}
