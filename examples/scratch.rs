//! Gives a command a database of its own: `scratch [--durable] HOME -- COMMAND…`.
//!
//! Starts the cluster in HOME, runs the command with `DATABASE_URL` set, stops the cluster and
//! ends as the command did.

use std::{
    env,
    ffi::OsString,
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{Command, ExitCode, ExitStatus},
};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};
use smartclass::postgres::{Cluster, Durability};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    let Request { home, durability, command } = Request::parse(env::args_os().skip(1))?;
    let cluster = Cluster::start(&home, durability)?;
    let status = tokio::runtime::Runtime::new()?.block_on(follow(&command, &cluster.url()));
    cluster.stop();
    let status = status?;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    Ok(ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}

struct Request {
    home: PathBuf,
    durability: Durability,
    command: Vec<OsString>,
}

impl Request {
    fn parse(arguments: impl Iterator<Item = OsString>) -> anyhow::Result<Self> {
        let mut arguments = arguments.peekable();
        let durable = arguments.next_if(|first| first == "--durable").is_some();
        let durability = if durable { Durability::Durable } else { Durability::Scratch };
        let (home, dashes) = (arguments.next(), arguments.next());
        let command: Vec<_> = arguments.collect();
        match (home, dashes) {
            (Some(home), Some(dashes)) if dashes == "--" && !command.is_empty() => {
                Ok(Self { home: home.into(), durability, command })
            }
            _ => bail!("usage: scratch [--durable] HOME -- COMMAND…"),
        }
    }
}

/// Runs the command to its end. Ctrl-C reaches it by itself; SIGTERM is passed on.
async fn follow(command: &[OsString], url: &str) -> anyhow::Result<ExitStatus> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut child = Command::new(&command[0])
        .args(&command[1..])
        .env("DATABASE_URL", url)
        .spawn()
        .with_context(|| command[0].display().to_string())?;
    let pid = Pid::from_child(&child);
    let mut end = tokio::task::spawn_blocking(move || child.wait());
    loop {
        tokio::select! {
            status = &mut end => return Ok(status??),
            _ = interrupted.recv() => {}
            _ = terminated.recv() => kill_process(pid, Signal::TERM)?,
        }
    }
}
