//! Folders, disks and programs for the cluster's tests, and what one asks of them.

use std::{
    env,
    fs::{self, File, Permissions},
    io::{BufRead, BufReader},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use smartclass::postgres::{Cluster, Durability, StartError};
use sqlx::{ConnectOptions, Row, postgres::PgConnectOptions};

/// A folder that the server's user can pass through; gone with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("cluster-{}-{number}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o711)).unwrap();
        Self(folder)
    }

    pub fn home(&self) -> PathBuf {
        self.0.join("postgres")
    }

    pub fn server(&self) -> u32 {
        let pid_file = fs::read_to_string(self.home().join("data/postmaster.pid")).unwrap();
        pid_file.lines().next().unwrap().parse().unwrap()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.home().join("postgres.log")).unwrap()
    }

    pub fn entries(&self) -> Vec<String> {
        listing(&self.home())
    }

    pub fn refusal(&self) -> StartError {
        Cluster::start(&self.home(), Durability::Scratch).err().unwrap()
    }

    #[track_caller]
    pub fn has_its_row(&self) {
        let cluster = Cluster::start(&self.home(), Durability::Scratch).unwrap();
        assert_eq!(the_row(&cluster.options()), "kept");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A small disk of its own on the folder.
pub struct Disk(PathBuf);

impl Disk {
    pub fn mount(folder: &Folder) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=120m,mode=711", "tmpfs"]).arg(&folder.0);
        mount.output().is_ok_and(|done| done.status.success()).then(|| Self(folder.0.clone()))
    }

    pub fn fill(&self) {
        let filler = File::options().create(true).append(true).open(self.0.join("filler"));
        assert!(std::io::copy(&mut std::io::repeat(1), &mut filler.unwrap()).is_err());
    }

    pub fn empty(&self) {
        fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// A program with a cluster: `examples/scratch.rs`, until its standard input ends.
pub struct Program {
    pub child: Child,
    url: String,
}

impl Program {
    pub fn path() -> PathBuf {
        let tests = env::current_exe().unwrap();
        let path = tests.parent().unwrap().parent().unwrap().join("examples/scratch");
        assert!(path.exists(), "first: cargo build --example scratch");
        path
    }

    pub fn command(folder: &Folder) -> Command {
        Self::with(folder, "", "")
    }

    pub fn limited(folder: &Folder, blocks: u32) -> Command {
        Self::with(folder, "--durable", &format!("ulimit -f {blocks};"))
    }

    pub fn with(folder: &Folder, durable: &str, first: &str) -> Command {
        let mut shell = Command::new("/bin/sh");
        let run = r#"exec "$0" $2 "$1" -- /bin/sh -c 'echo $DATABASE_URL; read line'"#;
        shell.arg("-c").arg(format!("{first} {run}"));
        shell.arg(Self::path()).arg(folder.home()).arg(durable).current_dir("/").process_group(0);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped());
        shell
    }

    pub fn start(folder: &Folder) -> Self {
        Self::from(Self::command(folder))
    }

    pub fn start_durable(folder: &Folder) -> Self {
        Self::from(Self::with(folder, "--durable", ""))
    }

    pub fn from(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim().to_owned() }
    }

    pub fn options(&self) -> PgConnectOptions {
        self.url.parse().unwrap()
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn end(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A server with a row, whose program was killed and could not take it along: no `setpriv`.
pub fn outliving_server(folder: &Folder, durable: &str) -> u32 {
    let mut command = Program::with(folder, durable, "");
    command.env("PATH", "/nowhere");
    let program = Program::from(command);
    insert_a_row(&program.options());
    program.kill();
    let server = folder.server();
    thread::sleep(Duration::from_millis(300));
    assert!(is_alive(server));
    server
}

pub fn insert_a_row(options: &PgConnectOptions) {
    sql(options, "create table note (text text); insert into note values ('kept')").unwrap();
}

pub fn insert_a_lot(options: &PgConnectOptions) -> Result<String, sqlx::Error> {
    sql(options, "create table lot as select md5(n::text) from generate_series(1, 2000000) n")
}

#[track_caller]
pub fn the_row(options: &PgConnectOptions) -> String {
    sql(options, "select string_agg(text, ',') from note").unwrap()
}

/// The first value of the first row, if there is one.
pub fn sql(options: &PgConnectOptions, text: &'static str) -> Result<String, sqlx::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut db = options.connect().await?;
        let rows = sqlx::raw_sql(text).fetch_all(&mut db).await?;
        rows.first().map_or_else(|| Ok(String::new()), |row| row.try_get_unchecked(0))
    })
}

pub fn kill(pid: u32) {
    kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
}

/// Neither gone nor waiting to be reaped.
pub fn is_alive(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

#[track_caller]
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "waited in vain until {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

pub fn listing(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[track_caller]
pub fn one_line(text: &str) -> String {
    let text = text.trim();
    assert!(!text.is_empty() && !text.contains('\n'), "{text}");
    text.to_owned()
}
