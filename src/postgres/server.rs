//! The server as a process: its pid file, whether it lives, and how it is stopped.

use std::{
    ffi::OsString,
    fs,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::{Child, ExitStatus},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::programs::arguments_of;

pub const POLL: Duration = Duration::from_millis(5);

/// A running server: our child, or one that outlived the program that started it.
pub enum Server {
    Child(Child),
    Adopted(PidFile),
}

impl Server {
    pub fn is_alive(&mut self, data: &Path) -> bool {
        match self {
            Self::Child(child) => matches!(child.try_wait(), Ok(None)),
            Self::Adopted(server) => server.is_alive(data),
        }
    }

    /// How the child ended, when it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        match self {
            Self::Child(child) => child.try_wait().ok().flatten(),
            Self::Adopted(_) => None,
        }
    }

    pub fn pid(&self) -> i32 {
        match self {
            Self::Child(child) => child.id().cast_signed(),
            Self::Adopted(server) => server.pid,
        }
    }

    /// Fast shutdown; after 20 s immediate shutdown, which the next start recovers from.
    pub fn stop(&mut self, data: &Path) {
        for (signal, patience) in [(Signal::INT, 20), (Signal::QUIT, 10), (Signal::KILL, 5)] {
            if !self.is_alive(data) {
                return;
            }
            send(self.pid(), signal);
            let asked = Instant::now();
            while asked.elapsed() < Duration::from_secs(patience) {
                if !self.is_alive(data) {
                    return;
                }
                sleep(POLL);
            }
            tracing::warn!(?signal, "PostgreSQL has not stopped yet");
        }
    }
}

/// What the server says of itself in `postmaster.pid`.
pub struct PidFile {
    pub pid: i32,
    /// The folder of its socket.
    pub socket: Option<PathBuf>,
    ready: bool,
}

impl PidFile {
    pub fn read(data: &Path) -> Option<Self> {
        let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        let pid = lines.first()?.parse().ok()?;
        let socket = lines.get(4).filter(|folder| !folder.is_empty()).map(PathBuf::from);
        Some(Self { pid, socket, ready: lines.get(7) == Some(&"ready") })
    }

    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// Whether the pid is this cluster's server, not a stale or reused number.
    pub fn is_alive(&self, data: &Path) -> bool {
        let arguments = arguments_of(self.pid);
        arguments.get(1).is_some_and(|flag| flag == b"-D")
            && arguments.get(2).is_some_and(|folder| folder == data.as_os_str().as_bytes())
    }

    /// Whether the server was started with just these arguments.
    pub fn runs_with(&self, wanted: &[OsString]) -> bool {
        let arguments = arguments_of(self.pid);
        let given = arguments.iter().skip(1).take(wanted.len());
        given.eq(wanted.iter().map(|argument| argument.as_bytes()))
    }
}

/// Signals the process; one that is gone already is fine.
pub fn send(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process(pid, signal);
    }
}
