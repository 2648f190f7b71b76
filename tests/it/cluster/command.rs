//! The commands beside the program that serves, without one, and in the wrong place.

use std::{
    fs,
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::PgPool;

use super::program::{Folder, kill, one_line, wait_until};
use crate::support::{run, url};

pub fn smartclass(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smartclass"));
    command.args(arguments).env_remove("DATABASE_URL").env("SMARTCLASS_DATA", data);
    command.env("RUST_LOG", "off").current_dir("/");
    command
}

pub fn on(db: &PgPool, arguments: &[&str]) -> Command {
    let mut command = smartclass(Path::new("/nowhere"), arguments);
    command.env("DATABASE_URL", url(db));
    command
}

const ADMIN: [&str; 8] = [
    "admin",
    "create",
    "--nip",
    "198001012005011001",
    "--name",
    "Nama, S.Kom.",
    "--email",
    "nama@contoh.go.id",
];

#[track_caller]
pub fn said(done: &Output, success: bool) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (out, err) = (text(&done.stdout), text(&done.stderr));
    assert_eq!(done.status.success(), success, "{out}{err}");
    (out, err)
}

/// The program, serving its private cluster in the folder.
struct Site {
    child: Child,
    addr: SocketAddr,
}

impl Site {
    fn serve(folder: &Folder) -> Self {
        let addr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = smartclass(&folder.0, &["serve"]);
        command.env("SMARTCLASS_ADDR", addr.to_string());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_until("the site answers", || TcpStream::connect(addr).is_ok());
        Self { child, addr }
    }

    /// The status and the whole answer.
    fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.addr).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.addr)
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
    }

    /// The statuses of so many requests at once.
    fn crowd(&self, path: &str, size: usize) -> Vec<u16> {
        thread::scope(|scope| {
            let visits: Vec<_> = (0..size).map(|_| scope.spawn(|| self.get(path).0)).collect();
            visits.into_iter().map(|visit| visit.join().unwrap()).collect()
        })
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}

#[test]
fn commands_work_beside_the_program_that_serves_and_after_it() {
    let folder = Folder::new();
    let site = Site::serve(&folder);
    let (link, _) = said(&smartclass(&folder.0, &ADMIN).output().unwrap(), true);
    let path = one_line(&link).split_once(":8080").unwrap().1.to_owned();
    assert_eq!(site.get(&path).0, 200, "{link}");
    let verify = || said(&smartclass(&folder.0, &["ledger", "verify"]).output().unwrap(), true);
    let first = |said: &(String, String)| said.0.lines().next().map(str::to_owned);
    let beside = verify();
    assert_eq!(first(&beside).as_deref(), Some("Sesuai: 0 catatan milik 0 orang."));
    assert!(beside.0.contains("\nSegel: "), "{}", beside.0);
    drop(site);
    assert_eq!(first(&verify()), first(&beside));
}

#[test]
fn a_check_in_the_wrong_folder_says_so_and_makes_nothing() {
    let folder = Folder::new();
    for check in
        [&["ledger", "verify"][..], &["certificate", "verify", "x.pdf"], &["demo", "people"]]
    {
        let (out, err) = said(&smartclass(&folder.0, check).output().unwrap(), false);
        assert!(out.is_empty() && one_line(&err).contains("belum ada basis data"), "{out}{err}");
    }
    assert!(!folder.home().exists());
    let (out, err) = said(&smartclass(&folder.0, &["migrate"]).output().unwrap(), true);
    assert!(out.is_empty() && err.contains("Membuat basis data baru"), "{out}{err}");
}

#[sqlx::test(migrations = false)]
async fn a_check_leaves_an_empty_database_as_it_is(db: PgPool) {
    let (_, err) = said(&on(&db, &["ledger", "verify"]).output().unwrap(), false);
    assert!(one_line(&err).contains("jalankan `smartclass migrate`"), "{err}");
    let tables = "select count(*) from pg_tables where schemaname = 'public'";
    assert_eq!(crate::support::number(&db, tables).await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_schema_of_another_program_is_named_with_the_way_out(db: PgPool) {
    run(&db, "update _sqlx_migrations set checksum = 'x' where version = 2").await;
    for command in [&["serve"][..], &["ledger", "verify"]] {
        let (_, err) = said(&on(&db, command).output().unwrap(), false);
        let name = db.connect_options().get_database().unwrap().to_owned();
        assert!(one_line(&err).contains("migrasi 2") && err.contains(&name), "{err}");
        assert!(err.contains("SMARTCLASS_DATA"), "{err}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_reader_that_has_seen_enough_ends_a_command_quietly(db: PgPool) {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let done = on(&db, &["ledger", "verify"]).stdout(writer).output().unwrap();
    assert_eq!((done.status.code(), done.stderr), (Some(141), vec![]));
}

#[test]
fn the_site_heals_after_the_death_of_its_database_server() {
    let folder = Folder::new();
    let site = Site::serve(&folder);
    assert_eq!(site.crowd("/kelas", 20), [200; 20]);
    thread::sleep(Duration::from_millis(1200)); // its connections are idle now
    kill_and_await(&folder);
    assert_eq!(site.crowd("/kelas", 20), [200; 20], "no connection is used that died");
    kill(folder.server());
    let mut seen = site.crowd("/kelas", 20);
    wait_until("the site is ready", || {
        seen.push(site.get("/readyz").0);
        seen.ends_with(&[200])
    });
    assert!(seen.iter().all(|status| [200, 503].contains(status)), "{seen:?}");
}

/// Kills the server and waits, without a request, until another is ready.
fn kill_and_await(folder: &Folder) {
    let before = folder.server();
    kill(before);
    wait_until("another server is ready", || {
        let says = fs::read_to_string(folder.home().join("data/postmaster.pid"));
        says.is_ok_and(|says| {
            !says.starts_with(&before.to_string()) && says.trim_end().ends_with("ready")
        })
    });
}
