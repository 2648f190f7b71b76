//! The program is killed in the middle of its work, or fails at any write: all of it is there, or
//! none. Without its transaction the same checks find what is half-way.

use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::Duration,
};

use smartclass::{
    account, attendance, certificate,
    clock::Clock,
    ids::{ClassId, ImportId},
    settings,
};
use sqlx::{PgConnection, PgPool};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::support::{
    World, Zoom, assert_in_order, disorder, gaps, network::alone, number, run, url, world::Person,
};

const PEOPLE: usize = 30;
const ROUNDS: u64 = 16;
/// A slow machine needs more before the work is done in time.
const MOST_ROUNDS: u64 = 100;

/// The program itself, on the test's database.
struct Program {
    child: Child,
    addr: SocketAddr,
}

impl Program {
    async fn start(db: &PgPool) -> Self {
        let addr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_smartclass"))
            .arg("serve")
            .env("DATABASE_URL", url(db))
            .env("SMARTCLASS_ADDR", addr.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let program = Self { child, addr };
        for _ in 0..1000 {
            if TcpStream::connect(addr).await.is_ok() {
                return program;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("the program does not answer");
    }

    /// Posts a form and kills the program after that long; says whether it had answered.
    async fn post_and_die(mut self, path: &str, token: &str, body: &str, after: Duration) -> bool {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nCookie: sid={token}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.addr,
            body.len()
        );
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        let answered =
            timeout(after, stream.read_exact(&mut answer)).await.is_ok_and(|read| read.is_ok());
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        answered && answer.ends_with(b"303")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Later each round, so that every moment of the work is hit.
fn moment(round: u64) -> Duration {
    Duration::from_millis(4 + round * 14)
}

async fn token(world: &World, by: &Person) -> String {
    account::sign_in(&mut *world.conn().await, by.id, false, Clock::System.now()).await.unwrap()
}

/// A class whose report was read and waits to be confirmed, and what the page would send.
async fn waiting_report(
    world: &World,
    people: &[Person],
    by: &Person,
) -> (ClassId, String, String) {
    let class = world.class().seats(100).create().await;
    let mut report = Zoom::new();
    for (n, person) in people.iter().enumerate() {
        world.enrol(class, person).await;
        report = report.stay(
            &format!("Peserta {n}"),
            &format!("orang{n}@contoh.go.id"),
            "09:00",
            "11:00",
        );
    }
    let import = world.upload(class, &report, by).await;
    let digest = attendance::preview(&mut *world.conn().await, import, by.id).await.unwrap().digest;
    (
        class,
        format!("/kelola/kelas/{class}/impor/{import}"),
        format!("terlihat={digest}&aksi=catat"),
    )
}

fn import_of(path: &str) -> ImportId {
    path.rsplit('/').next().unwrap().parse().map(ImportId).unwrap()
}

async fn people(world: &World) -> Vec<Person> {
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        let person = world.person(&format!("Peserta {n}")).email(&format!("orang{n}@contoh.go.id"));
        people.push(person.create().await);
    }
    people
}

async fn appoint_signer(world: &World) {
    let signer = settings::Signer {
        from: "2020-01-01".parse().unwrap(),
        until: None,
        acting: false,
        office: "Kepala Badan".into(),
        name: "Penanda Tangan".into(),
        rank: None,
        nip: None,
    };
    let own = settings::Certificates { signers: vec![signer], ..settings::Certificates::default() };
    let now = Clock::System.now();
    settings::set_certificates(&mut *world.conn().await, &own, None, now).await.unwrap();
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_report_is_confirmed_whole_or_not_at_all(db: PgPool) {
    let _alone = alone().await;
    let world = World::new(db.clone());
    let (people, by) = (people(&world).await, world.organiser().await);
    let token = token(&world, &by).await;
    let (mut whole, mut none) = (0, 0);
    for round in 0..MOST_ROUNDS {
        if round >= ROUNDS && whole > 0 && none > 0 {
            break;
        }
        let (class, path, body) = waiting_report(&world, &people, &by).await;
        let program = Program::start(&db).await;
        let acked = program.post_and_die(&path, &token, &body, moment(round)).await;
        sleep(Duration::from_millis(50)).await; // the server notices that its client is gone
        let count = |table: &str| format!("select count(*) from {table} where class_id = {class}");
        let found = [
            number(&db, &count("evidence")).await,
            number(&db, &count("decision")).await,
            number(&db, &count("ledger_entry")).await,
        ];
        let confirmed =
            number(&db, &format!("{} and confirmed_at is not null", count("import"))).await;
        let all = i64::try_from(PEOPLE).unwrap();
        assert!(
            [[0; 3], [all; 3]].contains(&found) && confirmed == found[0] / all,
            "{round}: {found:?}"
        );
        assert!(!acked || confirmed == 1, "what was acknowledged is there");
        if confirmed == 1 {
            whole += 1;
        } else {
            none += 1;
        }
        assert_in_order(&db).await;
    }
    assert!(
        whole > 0 && none > 0,
        "the work was hit on both sides: {whole} whole, {none} not at all"
    );
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn certificates_are_issued_whole_or_not_at_all_and_without_gaps(db: PgPool) {
    let _alone = alone().await;
    let world = World::new(db.clone());
    appoint_signer(&world).await;
    let (people, by) = (people(&world).await, world.organiser().await);
    let token = token(&world, &by).await;
    let mut issued = Vec::new();
    for round in 0..MOST_ROUNDS {
        if round >= ROUNDS && issued.contains(&true) && issued.contains(&false) {
            break;
        }
        let (class, path, _) = waiting_report(&world, &people, &by).await;
        world.confirm(import_of(&path), &by).await;
        let program = Program::start(&db).await;
        let path = format!("/kelola/kelas/{class}/sertifikat");
        let acked = program.post_and_die(&path, &token, "", moment(round)).await;
        sleep(Duration::from_millis(50)).await;
        let count =
            number(&db, &format!("select count(*) from certificate where class_id = {class}"))
                .await;
        assert!(count == 0 || count == i64::try_from(PEOPLE).unwrap(), "{round}: {count}");
        assert!(!acked || count > 0, "what was acknowledged is there");
        issued.push(count > 0);
        assert_eq!(gaps(&db).await, [""; 0]);
    }
    assert!(issued.contains(&true) && issued.contains(&false), "hit on both sides: {issued:?}");
}

/// Lets writing to the table fail, while some work is done.
async fn failing<T>(db: &PgPool, table: &str, work: impl Future<Output = Result<T, String>>) {
    run(
        db,
        "create or replace function fail() returns trigger language plpgsql
         as $$ begin raise 'the fail-point'; end $$",
    )
    .await;
    let trigger = format!("after insert or update on {table} execute function fail()");
    run(db, &format!("create trigger fail {trigger}")).await;
    let failed = work.await.err().unwrap_or_else(|| panic!("nothing is written to {table}"));
    assert!(failed.contains("the fail-point"), "{table}: {failed}");
    run(db, &format!("drop trigger fail on {table}")).await;
}

async fn confirm(db: &mut PgConnection, import: ImportId, by: &Person) -> Result<(), String> {
    let seen = attendance::preview(db, import, by.id).await.unwrap().digest;
    let now = Clock::System.now();
    let done = attendance::confirm(db, import, &seen, by.id, now).await;
    done.map(|_| ()).map_err(|error| error.to_string())
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_confirmation_that_fails_at_any_write_never_was(db: PgPool) {
    let world = World::new(db.clone());
    let (people, by) = (people(&world).await, world.organiser().await);
    let (_, path, _) = waiting_report(&world, &people, &by).await;
    let import = import_of(&path);
    let tables = ["evidence", "import", "decision", "ledger_entry", "ledger_head"];
    for table in tables {
        let mut tx = db.begin().await.unwrap();
        failing(&db, table, confirm(&mut tx, import, &by)).await;
        tx.rollback().await.unwrap();
        let left = "select count(*) from evidence, import where confirmed_at is not null";
        assert_eq!(number(&db, left).await, 0, "{table}");
        assert_in_order(&db).await;
    }
    failing(&db, "ledger_entry", confirm(&mut *world.conn().await, import, &by)).await;
    let found = disorder(&db).await;
    assert_eq!(
        found.len(),
        PEOPLE + 1,
        "the hours of each, and a book that is not whole: {found:?}"
    );
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_issue_that_fails_at_any_write_never_was(db: PgPool) {
    let world = World::new(db.clone());
    appoint_signer(&world).await;
    let (people, by) = (people(&world).await, world.organiser().await);
    let (class, path, _) = waiting_report(&world, &people, &by).await;
    world.confirm(import_of(&path), &by).await;
    let issue = async |db: &mut PgConnection| {
        let base_url = "http://127.0.0.1:8080";
        let done = certificate::issue_class(db, class, base_url, by.id, Clock::System.now()).await;
        done.map_err(|error| error.to_string())
    };
    for table in ["certificate_counter", "certificate"] {
        let mut tx = db.begin().await.unwrap();
        failing(&db, table, issue(&mut tx)).await;
        tx.rollback().await.unwrap();
        assert_eq!(number(&db, "select count(*) from certificate_counter").await, 0, "{table}");
        assert_eq!(number(&db, "select count(*) from certificate").await, 0, "{table}");
    }
    failing(&db, "certificate", issue(&mut *world.conn().await)).await;
    assert_eq!(gaps(&db).await.len(), PEOPLE, "the check finds numbers that nobody has");
}
