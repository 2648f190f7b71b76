//! Listening: takes connections up, serves them, and cuts off those whose client keeps the program
//! waiting. Nothing here knows what is served.
//!
//! There are three ways to hold a connection for nothing: a head that never ends, a body that never
//! ends, and an answer that is never taken. hyper limits the first; the other two are limited in
//! `pace`.

mod pace;

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use pace::{Given, Taken};
use rustix::process::{Resource, getrlimit};
use std::{
    io,
    net::SocketAddr,
    num::NonZeroU32,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tower::ServiceExt;

/// For how long clients are waited for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many connections there are at once. Whoever comes beyond waits, unanswered, in the
    /// queue of the operating system until one ends. So a client with that many connections holds
    /// up everybody for as long as `head` and `stall` let it; a limit for each client is the business
    /// of the proxy, since behind one all clients have its address.
    pub connections: u32,
    /// How long the head of a request may take, counted from the first moment of the connection or
    /// from the end of the answer before: so long a connection may be idle as well. Whoever may be
    /// idle for a while may as well dawdle for a while; two limits would hold nobody off.
    pub head: Duration,
    /// How long a client may make no progress with a body, or with taking an answer.
    pub stall: Duration,
    /// Bytes a second that a client must send of a body, or take of an answer, in the long run. What
    /// it is behind counts against `stall`, and what it is ahead counts for no more than that.
    pub floor: NonZeroU32,
}

impl Default for Limits {
    /// Half of the files that the program may open (`ulimit -n`) may be connections: the rest are the
    /// database's, certificates and what comes next.
    ///
    /// Half a minute is what hyper waits for a head by itself, and a tunnel or a lift on a phone.
    /// Two KiB a second is a tenth of the slowest mobile network (EDGE); the largest list of staff, 32 MB,
    /// still comes through at that.
    fn default() -> Self {
        let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        Self {
            connections: u32::try_from(files / 2).unwrap_or(u32::MAX).clamp(16, MOST),
            head: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            floor: NonZeroU32::MIN.saturating_add(2047),
        }
    }
}

/// Connections at once, however many files may be open: 10,000 that wait take about 200 MB.
const MOST: u32 = 10_000;

/// What the system keeps of an answer until it is taken, in bytes. Left to itself it would keep
/// megabytes and call the socket writable again only once a third of them is gone: a slow reader
/// would look like one that stands still.
const KEPT: u32 = 128 * 1024;

/// Clients that the system lets wait to be taken up; more than the usual 128, for a rush.
const WAITING: u32 = 1024;

/// How long the head of a client's first request may still take once the program is told to stop. hyper
/// lets whoever sent nothing go at once, and would wait for the rest of a head that has begun.
const LAST_CALL: Duration = Duration::from_secs(1);

/// Takes the address.
pub fn bind(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?; // a program that was stopped a moment ago left connections behind
    socket.set_send_buffer_size(KEPT)?; // whoever is taken up inherits it
    socket.bind(addr)?;
    socket.listen(WAITING)
}

/// Serves the site until `stop` comes true; then takes nobody up, and comes back once the requests
/// under way are answered. Handlers find their client as `ConnectInfo<SocketAddr>`.
pub async fn serve(
    listener: TcpListener,
    site: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(limits.connections as usize));
    let (going_on, stopped) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await;
            (place, accept(&listener).await)
        };
        let (place, (stream, peer)) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let serving = connection(stream, peer, site.clone(), limits, stopped.clone());
        tokio::spawn(async move {
            serving.await;
            drop(place);
        });
    }
    drop(listener);
    drop(going_on); // which is how those that serve are told
    let _ = places.acquire_many(limits.connections).await;
}

/// The next client.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // Gone before it was taken up.
            Err(error)
                if matches!(
                    error.kind(),
                    ConnectionAborted | ConnectionRefused | ConnectionReset
                ) => {}
            // Most likely too many open files: some will be closed.
            Err(error) => {
                tracing::error!(%error, "no connection can be taken up");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Serves one client to the end.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    site: Router,
    limits: Limits,
    mut stopped: watch::Receiver<()>,
) {
    // An answer of several pieces must not wait for the client to confirm the first.
    stream.set_nodelay(true).ok();
    let asked = AtomicBool::new(false);
    let service = service_fn(|mut request: Request<Incoming>| {
        asked.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(ConnectInfo(peer));
        let request = request.map(|body| Body::new(Given::new(body, &limits)));
        site.clone().oneshot(request)
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .serve_connection(TokioIo::new(Taken::new(stream, &limits)), service);
    let mut serving = pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        _ = stopped.changed() => {
            serving.as_mut().graceful_shutdown();
            match timeout(LAST_CALL, serving.as_mut()).await {
                Ok(ended) => ended,
                Err(_) if !asked.load(Ordering::Relaxed) => return,
                Err(_) => serving.await,
            }
        }
    };
    if let Err(error) = ended {
        let error: &dyn std::error::Error = &error;
        tracing::debug!(%peer, error, "a connection broke off");
    }
}
