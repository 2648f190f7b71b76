//! PostgreSQL's own `pg_dump` and `pg_restore`, as child processes.

use crate::postgres::client_program;
use anyhow::{Context, anyhow, ensure};
use openidconnect::url::{Url, form_urlencoded};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::{
    env,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

/// How to reach the database.
pub struct Server {
    pub options: PgConnectOptions,
    /// `DATABASE_URL`, for what the options do not give back, as the password.
    pub url: Option<String>,
}

/// The program of that major version, else the newest.
pub(super) fn find(program: &'static str, version: u32) -> anyhow::Result<PathBuf> {
    client_program(program, version).with_context(|| {
        format!("{program} tidak ditemukan; pasang klien PostgreSQL {version} (paket postgresql-client), atau tetapkan SMARTCLASS_PG_BIN")
    })
}

/// Hands over what `pg_dump` writes of the database as the snapshot has it.
pub(super) fn dump(
    program: &Path,
    server: &Server,
    snapshot: &str,
    take: impl FnOnce(&mut dyn Read) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut command = command(program, server)?;
    command.args(["--format=custom", "--no-owner", "--no-privileges", "--no-password"]);
    command.arg(format!("--snapshot={snapshot}")).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut running = Running::start(command)?;
    let mut out = running.child.stdout.take().context("pg_dump")?;
    let taken = take(&mut out);
    drop(out);
    // What the program complains of says more than what its reader missed.
    running.end().and(taken)
}

/// Restores what is written to it, all of it or nothing.
pub(super) fn restore(
    program: &Path,
    server: &Server,
    give: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut command = command(program, server)?;
    command.args(["--no-owner", "--no-privileges", "--no-password", "--exit-on-error"]);
    let name = server.options.get_database().unwrap_or(server.options.get_username());
    command.args(["--single-transaction", "--dbname"]).arg(name);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut running = Running::start(command)?;
    let mut to = running.child.stdin.take().context("pg_restore")?;
    let given = give(&mut to);
    if given.is_err() {
        // Before its input ends, which it might take for the end of the copy.
        let _ = running.child.kill();
    }
    drop(to);
    running.end().and(given)
}

/// A child whose complaints are kept.
struct Running {
    child: Child,
    complaints: thread::JoinHandle<String>,
}

impl Running {
    fn start(mut command: Command) -> anyhow::Result<Self> {
        let name = command.get_program().display().to_string();
        let mut child = command.stderr(Stdio::piped()).spawn().with_context(|| name.clone())?;
        let mut from = child.stderr.take().context(name)?;
        let complaints = thread::spawn(move || {
            let mut text = Vec::new();
            let _ = from.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        Ok(Self { child, complaints })
    }

    fn end(mut self) -> anyhow::Result<()> {
        let status = self.child.wait()?;
        let complaints = self.complaints.join().map_err(|_| anyhow!("pg_dump"))?;
        let first = complaints.lines().find(|line| line.contains("error")).unwrap_or(&complaints);
        ensure!(status.success(), "PostgreSQL: {}", first.trim());
        Ok(())
    }
}

/// The program, told by its environment where the database is: arguments can be seen by every
/// user of the machine.
fn command(program: &Path, server: &Server) -> anyhow::Result<Command> {
    let options = &server.options;
    let mut command = Command::new(program);
    command.current_dir("/").env("LC_ALL", "C.UTF-8").env("PGOPTIONS", "-c timezone=UTC");
    // Neither the passphrase nor another secret of ours is its business.
    for (name, _) in env::vars_os() {
        if name == "DATABASE_URL" || name.as_encoded_bytes().starts_with(b"SMARTCLASS_") {
            command.env_remove(name);
        }
    }
    match options.get_socket() {
        Some(socket) => command.env("PGHOST", socket),
        None => command.env("PGHOST", options.get_host()),
    };
    command.env("PGPORT", options.get_port().to_string()).env("PGUSER", options.get_username());
    command.env("PGDATABASE", options.get_database().unwrap_or(options.get_username()));
    command.env("PGSSLMODE", ssl_mode(options.get_ssl_mode()));
    let Some(url) = &server.url else { return Ok(command) };
    let url = Url::parse(url).context("DATABASE_URL")?;
    if let Some(password) = url.password() {
        command.env("PGPASSWORD", percent_decoded(password));
    }
    for (name, value) in url.query_pairs() {
        let variable = match &*name {
            "password" => "PGPASSWORD",
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
            "sslcert" | "ssl-cert" => "PGSSLCERT",
            "sslkey" | "ssl-key" => "PGSSLKEY",
            _ => continue,
        };
        command.env(variable, &*value);
    }
    Ok(command)
}

fn ssl_mode(mode: PgSslMode) -> &'static str {
    match mode {
        PgSslMode::Disable => "disable",
        PgSslMode::Allow => "allow",
        PgSslMode::Prefer => "prefer",
        PgSslMode::Require => "require",
        PgSslMode::VerifyCa => "verify-ca",
        PgSslMode::VerifyFull => "verify-full",
    }
}

/// A part of an address as it was meant.
fn percent_decoded(text: &str) -> String {
    // Read as the value of a form, in which a plus would be a space.
    let form = format!("p={}", text.replace('+', "%2B"));
    form_urlencoded::parse(form.as_bytes()).map(|(_, value)| value.into_owned()).collect()
}
