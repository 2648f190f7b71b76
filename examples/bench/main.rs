//! The figures that the product promises, beside a floor measured in the same run: a minimal
//! handler that reads one row by key and prints a small page.

#![expect(clippy::print_stdout, reason = "figures are for reading")]

mod signing_in;
mod weights;

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use axum::{Router, extract::State, response::Html, routing::get};
use chrono::{DateTime, TimeDelta, Utc};
use smartclass::{
    App, account,
    attendance::{self, read::Upload},
    certificate,
    class::{self, Part},
    clock::Clock,
    config::Config,
    database, demo, enrolment,
    ids::{ClassId, PersonId},
    listen::{self, Limits},
    paper,
    password::Hasher,
    people,
    postgres::{Cluster, Durability},
    router,
    schedule::{self, Plan},
    staff::{self, Source, UnitChoices},
};
use sqlx::{PgConnection, PgPool};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const CONNECTIONS: usize = 32;
const RUN: Duration = Duration::from_secs(3);
const RUNS: usize = 5;

fn main() -> anyhow::Result<()> {
    let cluster = Cluster::start(Path::new("target/bench"), Durability::Durable)?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(measure(&cluster))
}

async fn measure(cluster: &Cluster) -> anyhow::Result<()> {
    database::migrate(cluster.options()).await.context("remove target/bench")?;
    let pool = database::connect(cluster.options()).await?;
    let now = Clock::System.now();
    if demo::is_empty(&mut *pool.acquire().await?).await? {
        println!("making the demo world …");
        demo::fill(&pool, &demo::Size::default(), &Hasher::default(), "http://127.0.0.1:8080", now)
            .await?;
    }
    let learner = by_nip(&mut *pool.acquire().await?, demo::PRINTED[4].nip).await?;
    let token = account::sign_in(&mut *pool.acquire().await?, learner, false, now).await?;
    let site = serve(site(&pool))?;
    let floor = serve(Router::new().route("/", get(one_row)).with_state(pool.clone()))?;

    println!("{:<60}{:>12}{:>12}", "figure", "measured", "asked");
    pages(site, floor, &token).await?;
    weights::weights(site, &pool).await?;
    signing_in::sign_ins(site, &pool).await?;
    papers(&pool, learner).await?;
    report(&pool, now).await?;
    line("resident, client included", &format!("{} MB", resident()? / 1024), "≤ 80 MB");
    staff_lists(&pool, now).await?;
    line("resident with the longest list", &format!("{} MB", resident()? / 1024), "≤ 200 MB");
    pool.close().await;
    anyhow::ensure!(!MISSED.load(Ordering::Relaxed), "a figure is not what was asked");
    Ok(())
}

/// Whether a figure was not what was asked.
static MISSED: AtomicBool = AtomicBool::new(false);

fn line(figure: &str, measured: &str, asked: &str) {
    let missed = misses(measured, asked).unwrap_or(true);
    MISSED.fetch_or(missed, Ordering::Relaxed);
    println!("{figure:<60}{measured:>12}{asked:>12}{}", if missed { "  missed" } else { "" });
}

/// Nothing where one of them cannot be read.
fn misses(measured: &str, asked: &str) -> Option<bool> {
    let number = |text: &str| text.split(' ').next()?.parse::<u64>().ok();
    match asked.split_once(' ') {
        None => Some(false),
        Some(("≤", most)) => Some(number(measured)? > number(most)?),
        Some((_, least)) => Some(number(measured)? < number(least)?),
    }
}

fn site(pool: &PgPool) -> Router {
    let config = Config {
        database_url: None,
        addr: SocketAddr::from(([127, 0, 0, 1], 8080)),
        base_url: "http://127.0.0.1:8080".into(),
        data: "data".into(),
        trusted_proxies: Vec::new(),
        mail: None,
        single_sign_on: None,
    };
    router(App {
        db: pool.clone(),
        clock: Clock::System,
        config: Arc::new(config),
        hasher: Hasher::default(),
    })
}

async fn one_row(State(pool): State<PgPool>) -> Html<String> {
    let name = sqlx::query_scalar!("select name from person where id = 1").fetch_one(&pool).await;
    Html(format!("<!doctype html><title>Floor</title><h1>{}</h1>", name.unwrap_or_default()))
}

fn serve(router: Router) -> anyhow::Result<SocketAddr> {
    let listener = listen::bind(([127, 0, 0, 1], 0).into())?;
    let addr = listener.local_addr()?;
    tokio::spawn(listen::serve(listener, router, Limits::default(), std::future::pending()));
    Ok(addr)
}

/// Pages a second, the median of some runs, each beside a run of the floor.
async fn pages(site: SocketAddr, floor: SocketAddr, token: &str) -> anyhow::Result<()> {
    let cookie = format!("Cookie: sid={token}\r\n");
    for (name, path, cookie) in [("catalogue", "/kelas", ""), ("home", "/saya", &cookie)] {
        let (mut rates, mut shares) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let low = load(floor, "/", "").await?;
            let rate = load(site, path, cookie).await?;
            rates.push(rate);
            shares.push(rate * 100 / low.max(1));
        }
        line(
            &format!("{name}, pages/s at {CONNECTIONS} connections"),
            &median(rates).to_string(),
            "",
        );
        line(&format!("{name}, share of the floor"), &format!("{} %", median(shares)), "≥ 25 %");
    }
    line("floor, pages/s", &load(floor, "/", "").await?.to_string(), "");
    Ok(())
}

fn median(mut figures: Vec<u64>) -> u64 {
    figures.sort_unstable();
    figures.get(figures.len() / 2).copied().unwrap_or(0)
}

async fn load(addr: SocketAddr, path: &str, cookie: &str) -> anyhow::Result<u64> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookie}\r\n");
    let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (request, stop, count) = (request.clone(), stop.clone(), count.clone());
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(addr).await?;
                while !stop.load(Ordering::Relaxed) {
                    answer(&mut stream, &request).await?;
                    count.fetch_add(1, Ordering::Relaxed);
                }
                anyhow::Ok(())
            })
        })
        .collect();
    let begun = Instant::now();
    tokio::time::sleep(RUN).await;
    let done = count.load(Ordering::Relaxed);
    let took = begun.elapsed();
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await??;
    }
    Ok(done * 1000 / u64::try_from(took.as_millis())?.max(1))
}

/// One answer of status 200 with a known length; its body's bytes.
async fn answer(stream: &mut TcpStream, request: &str) -> anyhow::Result<usize> {
    stream.write_all(request.as_bytes()).await?;
    let mut got = Vec::with_capacity(32 * 1024);
    loop {
        anyhow::ensure!(stream.read_buf(&mut got).await? > 0, "the server hung up");
        let Some(end) = got.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&got[..end])?.to_ascii_lowercase();
        anyhow::ensure!(head.starts_with("http/1.1 200"), "{head}");
        if head.contains("transfer-encoding: chunked") {
            if got.ends_with(b"0\r\n\r\n") {
                return Ok(got.len() - end - 4);
            }
            continue;
        }
        let length =
            head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let length: usize = length.context("an answer without a length")?.parse()?;
        if got.len() >= end + 4 + length {
            return Ok(length);
        }
    }
}

async fn by_nip(db: &mut PgConnection, nip: &str) -> anyhow::Result<PersonId> {
    people::by_nip(db, nip).await?.context("not the demo world")
}

/// Certificates drawn by two threads.
async fn papers(pool: &PgPool, learner: PersonId) -> anyhow::Result<()> {
    let mut db = pool.acquire().await?;
    let own = certificate::of_person(&mut db, learner).await?;
    let class = own.first().context("no certificate")?.class;
    let papers: Vec<_> =
        certificate::of_class(&mut db, class).await?.into_iter().map(|one| one.paper.0).collect();
    let _ = paper::draw(papers.first().context("no certificate")?, None);
    let begun = Instant::now();
    let drawn: u64 = thread::scope(|scope| {
        let draw = || {
            let mut count = 0;
            for paper in papers.iter().cycle() {
                if begun.elapsed() > RUN {
                    break;
                }
                let _ = std::hint::black_box(paper::draw(paper, None));
                count += 1;
            }
            count
        };
        let threads = [scope.spawn(draw), scope.spawn(draw)];
        threads.into_iter().filter_map(|thread| thread.join().ok()).sum::<u64>()
    });
    line("certificates drawn/s, two threads", &(drawn / RUN.as_secs()).to_string(), "≥ 100");
    Ok(())
}

/// A report of 10,000 rows read, and taken in for 1,000 people; nothing of it stays.
async fn report(pool: &PgPool, now: DateTime<Utc>) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    let people = with_email(&mut tx).await?;
    let (organiser, people) = people.split_first().context("nobody")?;
    let begins = now - TimeDelta::hours(5);
    let class = new_class(&mut tx, organiser.0, begins).await?;
    let local = begins.with_timezone(&smartclass::clock::ZONE);
    let mut text = String::from(
        "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n",
    );
    for (person, email) in people {
        enrolment::enrol(&mut tx, class, *person, begins - TimeDelta::days(1)).await?;
        for stay in 0..10 {
            let (from, to) =
                (local + TimeDelta::minutes(stay * 12), local + TimeDelta::minutes(stay * 12 + 11));
            let form = "%m/%d/%Y %I:%M:%S %p";
            writeln!(text, "Peserta,{},{},{},11,No", email, from.format(form), to.format(form))?;
        }
    }
    let expected = attendance::read::expected(&class::find(&mut tx, class).await?);
    let begun = Instant::now();
    let upload = Upload::read("report.csv", text.into_bytes(), &expected)?;
    line("report of 10,000 rows read", &format!("{} ms", begun.elapsed().as_millis()), "≤ 1000 ms");
    let import = attendance::upload(&mut tx, class, &upload, organiser.0, now).await?;
    let digest = attendance::preview(&mut tx, import, organiser.0).await?.digest;
    let begun = Instant::now();
    let changed = attendance::confirm(&mut tx, import, &digest, organiser.0, now).await?;
    let took = format!("{} ms", begun.elapsed().as_millis());
    line(&format!("confirmed for {} people", changed.len()), &took, "≤ 3000 ms");
    Ok(())
}

/// A thousand people and one, with their addresses.
/// A staff list of people who exist nowhere else, `times` different.
fn staff_list(people: usize, times: usize) -> String {
    let mut list = "NIP;NAMA;GELAR BELAKANG;GOL;JABATAN;UNIT KERJA;EMAIL\n".to_owned();
    for n in 0..people {
        let (day, serial) = (n / 999, n % 999 + 1);
        let (year, month, day) = (1970 + day / 336, day / 28 % 12 + 1, day % 28 + 1);
        let nip = format!("{year}{month:02}{day:02}20{times:02}0{}2{serial:03}", times % 9 + 1);
        let _ = writeln!(
            list,
            "{nip};Pegawai Contoh Nomor {n};S.Sos.;III/b;Analis Kebijakan Ahli Muda;Dinas Kesehatan;p{times}-{n}@contoh.example"
        );
    }
    list
}

/// Reads, judges and records long staff lists, and forgets them.
async fn staff_lists(pool: &PgPool, now: DateTime<Utc>) -> anyhow::Result<()> {
    for (people, name, asked) in
        [(15_000, "15,000", "≤ 10000 ms"), (60_000, "60,000", "≤ 40000 ms")]
    {
        let text = staff_list(people, 20);
        let begun = Instant::now();
        let list = staff::read(text.as_bytes())?;
        let mut tx = pool.begin().await?;
        staff::lock(&mut tx).await?;
        let judged =
            staff::judge(&list, &staff::standing(&mut tx, None, now).await?, &UnitChoices::new());
        anyhow::ensure!(judged.wrong().count() == 0, "the list is not right");
        let source = Source { at: now, by: None, import: None };
        staff::record(&mut tx, &judged, source, |_| ()).await?;
        let took = begun.elapsed().as_millis();
        line(&format!("staff list of {name} people recorded"), &format!("{took} ms"), asked);
        if people > 50_000 {
            searches(&mut tx).await?;
        }
        tx.rollback().await?;
    }
    Ok(())
}

/// Looks for people among all that there are: by words, by a NIP, and by nothing at all.
async fn searches(db: &mut PgConnection) -> anyhow::Result<()> {
    sqlx::query!("analyze person, person_nip").execute(&mut *db).await?; // as the server does by itself
    let mut slowest = Duration::ZERO;
    for sought in ["nomor 47123", "siti", "contoh pegawai", "19740304", "tidak ada orangnya", ""] {
        let mut times = Vec::new();
        for _ in 0..5 {
            let begun = Instant::now();
            people::search(db, sought, None, 1.into()).await?;
            times.push(u64::try_from(begun.elapsed().as_micros())?);
        }
        slowest = slowest.max(Duration::from_micros(median(times)));
    }
    line("slowest search among 60,000 people", &format!("{} ms", slowest.as_millis()), "≤ 20 ms");
    Ok(())
}

async fn with_email(db: &mut PgConnection) -> anyhow::Result<Vec<(PersonId, String)>> {
    let mut found = Vec::new();
    for page in 1_u32.. {
        let listed = people::search(db, "", None, page.into()).await?;
        anyhow::ensure!(listed.here == i64::from(page), "fewer people than needed");
        for one in listed.people {
            let record = people::find(db, one.id).await?;
            found.extend(record.email.map(|email| (record.id, email)));
            if found.len() > 1000 {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

async fn new_class(
    db: &mut PgConnection,
    by: PersonId,
    begins: DateTime<Utc>,
) -> anyhow::Result<ClassId> {
    let plan = Plan {
        title: "Kelas untuk mengukur".into(),
        summary: "Ukuran".into(),
        description: String::new(),
        audience: "Semua".into(),
        jp: 2,
        quota: 1000,
        enrolment_opens: None,
        enrolment_closes: begins,
        withdrawal_until: begins,
        presence_percent: 80,
        zoom_meeting_id: None,
        parts: vec![Part { starts: begins, ends: begins + TimeDelta::hours(2), really: None }],
        lanes: vec![],
        speakers: vec![],
    };
    let before = begins - TimeDelta::days(2);
    let class = schedule::create(db, &plan, None, by, before).await?;
    schedule::publish(db, class, by, before).await?;
    Ok(class)
}

/// Resident memory of this process, in KB.
fn resident() -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}
