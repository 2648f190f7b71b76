//! Makes a cluster. It takes its name only when it is complete, so a half-made one is never used.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use super::{Durability, StartError, home::make_private, log, programs::Runner};

/// The program's role owns its database and may make others (tests do), and no more than that.
const CONTENTS: &str = "create role smartclass login createdb;\n\
                        create database smartclass owner smartclass;\n";

/// Where unfinished clusters lie, beside the finished one.
const UNFINISHED: &str = "data.new.";

/// Makes `data` in the folder.
pub fn cluster(
    home: &Path,
    programs: &Path,
    runner: &Runner,
    durability: Durability,
) -> Result<(), StartError> {
    let new = home.join(format!("{UNFINISHED}{}", std::process::id()));
    make_private(&new, runner.user())?;
    let made = fill(home, &new, programs, runner, durability).and_then(|()| {
        let data = home.join("data");
        fs::rename(&new, &data).map_err(StartError::file(&data, "dibuat"))?;
        let folder = File::open(home).and_then(|folder| folder.sync_all());
        folder.map_err(StartError::file(home, "disimpan"))
    });
    if made.is_err() {
        discard_unfinished(home);
    }
    made
}

/// Removes what a start that was killed left. Its `initdb` may live on for a moment, without
/// a folder to write to.
pub fn discard_unfinished(home: &Path) {
    for folder in fs::read_dir(home).into_iter().flatten().flatten() {
        if folder.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let gone = (0..5).any(|_| fs::remove_dir_all(folder.path()).is_ok());
            if !gone {
                tracing::warn!(folder = %folder.path().display(), "what an interrupted start left could not be removed");
            }
        }
    }
}

fn fill(
    home: &Path,
    new: &Path,
    programs: &Path,
    runner: &Runner,
    durability: Durability,
) -> Result<(), StartError> {
    let mut command = runner.command(&programs.join("initdb"), "KILL", new);
    command.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]);
    command.args(["--data-checksums", "--no-instructions", "--no-sync", "-D"]).arg(new);
    finish(home, runner, command, "")?;

    let mut command = runner.command(&programs.join("postgres"), "KILL", new);
    command.args(["--single", "-F", "-D"]).arg(new).arg("postgres");
    finish(home, runner, command, CONTENTS)?;

    if durability == Durability::Durable {
        // One flush for the file system instead of one for each of a thousand files.
        let flushed = File::open(new).and_then(|new| Ok(rustix::fs::syncfs(new)?));
        flushed.map_err(StartError::file(new, "disimpan"))?;
    }
    Ok(())
}

/// Runs the command to its end. `postgres --single` reports a failed statement in words only.
fn finish(
    home: &Path,
    runner: &Runner,
    mut command: Command,
    input: &str,
) -> Result<(), StartError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = runner.spawn(command)?;
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(input.as_bytes()); // one that has ended says why below
    }
    let done = child.wait_with_output().map_err(StartError::file(home, "dibuat"))?;
    let said = String::from_utf8_lossy(&done.stderr);
    if done.status.success() && !said.contains("ERROR:") && !said.contains("FATAL:") {
        return Ok(());
    }
    Err(match log::no_room(home, &said) {
        Some(reason) => StartError::DiskFull { home: home.to_owned(), reason },
        None => StartError::NotMade { home: home.to_owned(), reason: log::reason(&said) },
    })
}
