//! Sign-ins: what one costs, and what two hundred at once do to those who read.

use std::{
    fs,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use smartclass::account::DEMO_PASSWORD;
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::{answer, line, resident};

/// Sign-ins one after the other, whose cost is counted.
const IN_A_ROW: u32 = 20;

/// Sign-ins at once, as at the beginning of a class.
const AT_ONCE: usize = 200;

/// Readers of the catalogue meanwhile, and their pause between two pages.
const READERS: usize = 8;
const PAUSE: Duration = Duration::from_millis(20);

pub async fn sign_ins(site: SocketAddr, pool: &PgPool) -> anyhow::Result<()> {
    let nips = sqlx::query_scalar!(
        "select n.nip from person_nip n join password using (person_id)
         where n.ended_at is null order by n.nip limit 1000"
    )
    .fetch_all(pool)
    .await?;
    ensure!(nips.len() > AT_ONCE, "fewer people than needed");

    let before = processor()?;
    for nip in &nips[..IN_A_ROW as usize] {
        sign_in(site, nip).await?;
    }
    let spent = processor()?.saturating_sub(before) / IN_A_ROW;
    line("sign-in, processor time", &format!("{} ms", spent.as_millis()), "≤ 60 ms");

    let stop = Arc::new(AtomicBool::new(false));
    let most = Arc::new(AtomicU64::new(0));
    let mut reading = JoinSet::new();
    for _ in 0..READERS {
        reading.spawn(read(site, stop.clone(), most.clone()));
    }
    let begun = Instant::now();
    let mut entering = JoinSet::new();
    for nip in nips.into_iter().rev().take(AT_ONCE) {
        entering.spawn(async move { sign_in(site, &nip).await });
    }
    while let Some(entered) = entering.join_next().await {
        entered??;
    }
    let took = begun.elapsed();
    stop.store(true, Ordering::Relaxed);
    let mut waits = Vec::new();
    while let Some(read) = reading.join_next().await {
        waits.extend(read??);
    }
    waits.sort_unstable();
    let p95 = waits.get(waits.len() * 95 / 100).context("nothing was read")?;
    let took = format!("{} ms", took.as_millis());
    line(&format!("{AT_ONCE} sign-ins at once, all let in after"), &took, "≤ 10000 ms");
    line("catalogue meanwhile, p95", &format!("{} ms", p95.as_millis()), "≤ 50 ms");
    let most = most.load(Ordering::Relaxed) / 1024;
    line("resident meanwhile, client included", &format!("{most} MB"), "≤ 200 MB");
    Ok(())
}

/// Signs in as somebody of the demo world, who is let in.
async fn sign_in(site: SocketAddr, nip: &str) -> anyhow::Result<()> {
    let body = format!("nip={nip}&password={DEMO_PASSWORD}");
    let request = format!(
        "POST /masuk HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(site).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut got = String::new();
    stream.read_to_string(&mut got).await?;
    let head = got.lines().next().unwrap_or_default();
    ensure!(head.starts_with("HTTP/1.1 303") && got.contains("set-cookie: sid="), "{head}");
    Ok(())
}

/// How long each page of the catalogue took, until told to stop.
async fn read(
    site: SocketAddr,
    stop: Arc<AtomicBool>,
    most: Arc<AtomicU64>,
) -> anyhow::Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(site).await?;
    let mut waits = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        answer(&mut stream, "GET /kelas HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await?;
        waits.push(begun.elapsed());
        most.fetch_max(resident()?, Ordering::Relaxed);
        tokio::time::sleep(PAUSE).await;
    }
    Ok(waits)
}

/// The processor time that all threads of this process have used, which is not that of the
/// database server.
fn processor() -> anyhow::Result<Duration> {
    let mut all = 0;
    for thread in fs::read_dir("/proc/self/task")? {
        // One that has just ended counts for nothing: those that hash passwords stay.
        let stat = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
        all += stat.split(' ').next().and_then(|spent| spent.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(Duration::from_nanos(all))
}
