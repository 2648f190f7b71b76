//! The private PostgreSQL cluster that the program runs when no `DATABASE_URL` is set.
//!
//! Two locks carry the whole: `lock` is held by the program, `server.lock` by every process of
//! the server, which inherits it as its standard input. Both go with their processes, however
//! those end. So a free `server.lock` proves that nobody uses the data, whatever the pid file
//! says, and only then are a dead server's remains removed.

mod error;
mod home;
mod log;
mod make;
mod programs;
mod server;
mod settings;
mod socket;
mod user;

use std::{
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

pub use error::StartError;
pub use home::{Chosen, choose_home};
use programs::Runner;
pub use programs::client_program;
use server::{POLL, PidFile, Server};
use user::User;

/// Recovery after a crash reads at most `max_wal_size` of log; a slow disk needs minutes for it.
const PATIENCE: Duration = Duration::from_mins(5);

/// A program that has just started or restarts its server has it ready by then.
const PATIENCE_TO_JOIN: Duration = Duration::from_secs(10);

/// What a committed transaction survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Everything, a power cut too.
    Durable,
    /// An orderly stop. A killed server loses its last second: for tests, twice as fast.
    Scratch,
}

/// A running cluster. Dropping it stops the server in order.
pub struct Cluster {
    home: PathBuf,
    data: PathBuf,
    socket: PathBuf,
    programs: PathBuf,
    arguments: Vec<OsString>,
    runner: Runner,
    server: Option<Server>,
    _lock: File,
}

impl Cluster {
    /// Starts the cluster in the folder, which is made on first use. Blocks until it is ready.
    pub fn start(home: &Path, durability: Durability) -> Result<Self, StartError> {
        let user = User::for_home(home)?;
        let home = home::prepare(home, &user)?;
        let lock = home::hold(&home, &user)?;
        let data = home.join("data");
        let made = version_of(&data)?;
        let programs = programs::find(&user, &data, made.as_deref())?;
        let socket = socket::folder(&home, &user)?;
        let runner = Runner::new(user)?;
        make::discard_unfinished(&home);
        if made.is_none() {
            make::cluster(&home, &programs, &runner, durability)?;
        }
        let version = version_of(&data)?.and_then(|version| version.parse().ok()).unwrap_or(0);
        let arguments = settings::arguments(&data, &socket, version, durability);
        let server = None;
        let mut cluster =
            Self { home, data, socket, programs, arguments, runner, server, _lock: lock };
        cluster.bring_up()?;
        Ok(cluster)
    }

    /// How to connect, as the owner of the database `smartclass`.
    pub fn options(&self) -> PgConnectOptions {
        options(&self.socket)
    }

    /// The same as a `DATABASE_URL`, for child processes and psql.
    pub fn url(&self) -> String {
        // The folder's characters are plain: see `socket::folder`.
        format!("postgres://smartclass@localhost:5432/smartclass?host={}", self.socket.display())
    }

    /// The cluster's folder.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Whether the server is alive. Cheap: ask as often as you like.
    pub fn is_running(&mut self) -> bool {
        self.server.as_mut().is_some_and(|server| server.is_alive(&self.data))
    }

    /// Brings a dead server back, and says whether it had to. To be called every second or so,
    /// from any thread that may block: recovery takes its time.
    pub fn restart_if_dead(&mut self) -> Result<bool, StartError> {
        if self.is_running() {
            log::shorten(&self.home);
            return Ok(false);
        }
        self.bring_up()?;
        Ok(true)
    }

    /// Stops the server: open transactions are rolled back, committed ones are on disk.
    pub fn stop(self) {
        drop(self);
    }

    /// Adopts the server that a killed program left, or starts one.
    fn bring_up(&mut self) -> Result<(), StartError> {
        self.server = None;
        match self.find_server()? {
            Found::Alive(server) => self.server = Some(Server::Adopted(server)),
            Found::Nobody(lock) => {
                let _ = fs::remove_file(self.data.join("postmaster.pid"));
                socket::clear(&self.socket);
                self.launch(lock)?;
            }
        }
        Ok(())
    }

    /// Waits until it is clear whether a server can be adopted or none is left.
    fn find_server(&self) -> Result<Found, StartError> {
        let begun = Instant::now();
        let (mut ready_since, mut dead_since) = (None, None);
        loop {
            if let Some(lock) = home::try_server_lock(&self.home, self.runner.user())? {
                return Ok(Found::Nobody(lock));
            }
            let alive = PidFile::read(&self.data).filter(|server| server.is_alive(&self.data));
            let since =
                |moment: &mut Option<Instant>| moment.get_or_insert_with(Instant::now).elapsed();
            match alive {
                Some(server) if !server.runs_with(&self.arguments) => {
                    Server::Adopted(server).stop(&self.data);
                }
                Some(server) if !server.is_ready() => ready_since = None,
                // Not at once: it may just be getting its death notice from the kernel.
                Some(server) if since(&mut ready_since) > Duration::from_millis(100) => {
                    return Ok(Found::Alive(server));
                }
                // Its processes end by themselves, but not in the middle of a long query.
                None if since(&mut dead_since) > Duration::from_secs(2) => self.kill_orphans(),
                _ => {}
            }
            if begun.elapsed() > PATIENCE {
                return Err(StartError::StillRunning(self.data.clone()));
            }
            sleep(POLL);
        }
    }

    /// Ends what a dead server left. What they had committed is in the journal.
    fn kill_orphans(&self) {
        for pid in programs::processes_in(&self.data) {
            server::send(pid, Signal::KILL);
        }
        sleep(Duration::from_millis(100));
    }

    fn launch(&mut self, lock: File) -> Result<(), StartError> {
        let log = log::open(&self.home, self.runner.user())?;
        let place = log.metadata().map_or(0, |log| log.len());
        let out = log.try_clone().map_err(StartError::file(&log::path(&self.home), "ditulis"))?;
        let mut command = self.runner.command(&self.programs.join("postgres"), "INT", &self.home);
        command.args(&self.arguments).stdin(Stdio::from(lock)).stdout(out).stderr(log);
        let mut server = Server::Child(self.runner.spawn(command)?);
        let ready = self.wait_until_ready(&mut server, place);
        if ready.is_err() {
            server.stop(&self.data);
        }
        self.server = Some(server);
        ready
    }

    fn wait_until_ready(&self, server: &mut Server, place: u64) -> Result<(), StartError> {
        let begun = Instant::now();
        let log = || log::path(&self.home);
        while begun.elapsed() < PATIENCE {
            let says = PidFile::read(&self.data);
            if says.is_some_and(|says| says.is_ready() && says.pid == server.pid()) {
                return Ok(());
            }
            if server.ended().is_some() {
                let (home, text) = (self.home.clone(), log::since(&self.home, place));
                return Err(match log::no_room(&home, &text) {
                    Some(reason) => StartError::DiskFull { home, reason },
                    None => StartError::Ended { log: log(), reason: log::reason(&text) },
                });
            }
            sleep(POLL);
        }
        Err(StartError::Slow { log: log(), seconds: PATIENCE.as_secs() })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.stop(&self.data);
        }
        if !self.socket.starts_with(&self.home) {
            let _ = fs::remove_dir(&self.socket);
        }
    }
}

enum Found {
    Alive(PidFile),
    /// The lock, for the next server to hold.
    Nobody(File),
}

fn options(socket: &Path) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket)
        .port(5432)
        .ssl_mode(PgSslMode::Disable)
        .username("smartclass")
        .database("smartclass")
}

/// Whether the folder has a cluster, which starting would use and not make.
pub fn exists(home: &Path) -> Result<bool, StartError> {
    User::for_home(home)?; // whoever may not look would see nothing there
    Ok(version_of(&home.join("data"))?.is_some())
}

/// How to connect to the server that another program runs in the folder, once it is ready.
pub fn join(home: &Path) -> Result<PgConnectOptions, StartError> {
    let home = home.canonicalize().map_err(StartError::file(home, "dibaca"))?;
    let data = home.join("data");
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE_TO_JOIN {
        let server = PidFile::read(&data).filter(|server| server.is_alive(&data));
        if let Some(socket) = server.filter(PidFile::is_ready).and_then(|server| server.socket) {
            return Ok(options(&socket));
        }
        sleep(POLL);
    }
    Err(home::in_use(&home))
}

/// The version that made the data; none when there is no data yet.
fn version_of(data: &Path) -> Result<Option<String>, StartError> {
    if !data.exists() {
        return Ok(None);
    }
    match fs::read_to_string(data.join("PG_VERSION")) {
        Ok(version) if !version.trim().is_empty() => Ok(Some(version.trim().to_owned())),
        _ => Err(StartError::Damaged(data.to_owned())),
    }
}
