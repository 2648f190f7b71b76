//! The server's log: kept small, and read for the reason when the server does not start.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::{StartError, user::User};

const LARGEST: u64 = 20 * 1024 * 1024;

/// The server writes its journal in files of this size.
const LEAST_MB: u64 = 16;

pub fn path(home: &Path) -> PathBuf {
    home.join("postgres.log")
}

/// The log, open at its end. It is emptied rather than renamed when it is shortened, so the
/// server can write on.
pub fn open(home: &Path, user: &User) -> Result<File, StartError> {
    let path = path(home);
    shorten(home);
    let log = File::options().create(true).append(true).open(&path);
    let log = log.map_err(StartError::file(&path, "ditulis"))?;
    user.own(&path)?;
    Ok(log)
}

/// Above 20 MB, the log moves to `postgres.log.1`.
pub fn shorten(home: &Path) {
    let path = path(home);
    if fs::metadata(&path).is_ok_and(|log| log.len() > LARGEST) {
        let emptied = fs::copy(&path, home.join("postgres.log.1"))
            .and_then(|_| File::options().write(true).open(&path)?.set_len(0));
        if let Err(error) = emptied {
            tracing::warn!(%error, "the log of PostgreSQL could not be shortened");
        }
    }
}

/// What was written after the place.
pub fn since(home: &Path, place: u64) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut log = File::open(path(home))?;
        log.seek(SeekFrom::Start(place))?;
        let mut text = Vec::new();
        log.take(1024 * 1024).read_to_end(&mut text)?;
        Ok(text)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

/// The line that says why: the worst kind of failure first, else the last line.
pub fn reason(text: &str) -> String {
    let kinds = ["PANIC:", "FATAL:", "ERROR:", "error:"];
    let worst = kinds.iter().find_map(|kind| {
        text.lines().find_map(|line| line.find(kind).map(|start| &line[start + kind.len()..]))
    });
    let last = || text.lines().map(str::trim).rfind(|line| !line.is_empty());
    worst.or_else(last).unwrap_or("tanpa keterangan").trim().trim_end_matches('.').to_owned()
}

/// Why there is no room, when that is what stopped the server. A full disk may have kept it from
/// saying so in the log.
pub fn no_room(home: &Path, text: &str) -> Option<String> {
    let words = ["No space left on device", "Disk quota exceeded", "File too large"];
    if let Some(words) = words.into_iter().find(|words| text.contains(words)) {
        return Some(words.to_owned());
    }
    let disk = rustix::fs::statvfs(home).ok()?;
    let free_mb = disk.f_bavail * disk.f_frsize / (1024 * 1024);
    (free_mb < LEAST_MB).then(|| format!("tersisa {free_mb} MB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_worst_line() {
        let text = "x LOG:  starting\nx FATAL:  lock file is empty.\nx LOG:  shut down\n";
        assert_eq!(reason(text), "lock file is empty");
        assert_eq!(reason("one\nlast words\n\n"), "last words");
        assert_eq!(reason(""), "tanpa keterangan");
    }
}
