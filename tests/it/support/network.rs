//! The site behind a real socket, on threads of its own, and a client that can hang up.

use std::{net::SocketAddr, thread};

use chrono::{DateTime, Utc};
use smartclass::{
    App,
    clock::Clock,
    listen::{self, Limits},
    password::Hasher,
    router,
};
use sqlx::{PgPool, postgres::PgConnectOptions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::{Builder, Runtime},
    sync::{Mutex, MutexGuard, oneshot},
};

use super::world::config;

/// One pool of the served size at a time: the cluster of the tests has few connections.
static ALONE: Mutex<()> = Mutex::const_new(());

pub async fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().await
}

/// The site as it is served: its own runtime, its own pool of connections.
pub struct Server {
    pub addr: SocketAddr,
    db: PgPool,
    runtime: Option<Runtime>,
    _alone: MutexGuard<'static, ()>,
}

impl Server {
    pub async fn start(database: PgConnectOptions, at: DateTime<Utc>) -> Self {
        Self::within(Limits::default(), database, at).await
    }

    /// The same with other limits to slow clients.
    pub async fn within(limits: Limits, database: PgConnectOptions, at: DateTime<Utc>) -> Self {
        let alone = alone().await;
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (tell, told) = oneshot::channel();
        runtime.spawn(async move {
            let db = smartclass::database::connect(database).await.unwrap();
            let listener = listen::bind(([127, 0, 0, 1], 0).into()).unwrap();
            tell.send((listener.local_addr().unwrap(), db.clone())).ok();
            let config = config("http://127.0.0.1:8080");
            let app = App { db, clock: Clock::Stopped(at), config, hasher: Hasher::default() };
            listen::serve(listener, router(app), limits, std::future::pending()).await;
        });
        let (addr, db) = told.await.unwrap();
        Self { addr, db, runtime: Some(runtime), _alone: alone }
    }

    /// Ends the connections, so that the database can be dropped.
    pub async fn stop(self) {
        self.db.close().await;
    }

    /// Connections to the database that are in use.
    pub fn busy(&self) -> usize {
        self.db.size() as usize - self.db.num_idle()
    }

    /// A form sent by the holder of the cookie, as bytes on the wire.
    pub fn form(&self, path: &str, cookie: &str, body: &str) -> Vec<u8> {
        let kind = "application/x-www-form-urlencoded";
        self.request(path, cookie, kind, body.as_bytes())
    }

    pub fn request(&self, path: &str, cookie: &str, kind: &str, body: &[u8]) -> Vec<u8> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.addr,
            body.len()
        );
        [head.as_bytes(), body].concat()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            thread::spawn(move || runtime.shutdown_background()).join().ok();
        }
    }
}

/// Sends the bytes and gives the answer as it came.
pub async fn answer(addr: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends the bytes and gives the status of the answer.
pub async fn status(addr: SocketAddr, request: &[u8]) -> u16 {
    answer(addr, request).await.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Sends the bytes, waits, and hangs up whatever comes.
pub async fn hang_up(addr: SocketAddr, request: &[u8], after: std::time::Duration) {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.set_zero_linger().ok();
    stream.write_all(request).await.ok();
    tokio::time::sleep(after).await;
}
