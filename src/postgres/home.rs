//! The folder of the cluster: where it may lie, and who holds it.
//!
//! ```text
//! postgres/            0700, of the server's user
//!   data/              the cluster; appears by rename when it is complete
//!   run/               the socket (0700: who can enter may connect)
//!   lock               held by the program
//!   server.lock        held by every process of the server
//!   postgres.log       what the server says
//! ```

use std::{
    fs::{self, DirBuilder, File, Permissions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use super::{StartError, server::POLL, user::User};

/// Used for root where the server's user cannot reach the data folder.
const SYSTEM_FOLDER: &str = "/var/lib/smartclass";

/// The data folder to use.
#[derive(Debug, PartialEq, Eq)]
pub struct Chosen {
    pub data: PathBuf,
    /// The wanted folder, when another had to be taken: say so at start.
    pub instead_of: Option<PathBuf>,
}

/// The wanted data folder, or `/var/lib/smartclass` for root when the server's user cannot
/// reach the wanted one. Makes nothing.
pub fn choose_home(wanted: &Path) -> Result<Chosen, StartError> {
    let wanted = std::path::absolute(wanted).map_err(StartError::file(wanted, "dibaca"))?;
    let user = User::for_home(&wanted.join("postgres"))?;
    let reachable = wanted.ancestors().find(|folder| folder.exists());
    if !user.switches() || reachable.is_none_or(|folder| user.can_enter(folder)) {
        return Ok(Chosen { data: wanted, instead_of: None });
    }
    Ok(Chosen { data: SYSTEM_FOLDER.into(), instead_of: Some(wanted) })
}

/// The folder, made where missing, private to the server's user, as an absolute path.
pub fn prepare(home: &Path, user: &User) -> Result<PathBuf, StartError> {
    make(home)?;
    let mut entries = fs::read_dir(home).map_err(StartError::file(home, "dibaca"))?;
    if entries.next().is_some() && !home.join("lock").exists() {
        return Err(StartError::NotOurs(home.to_owned())); // before its owner is changed
    }
    let home = home.canonicalize().map_err(StartError::file(home, "dibaca"))?;
    user.own(&home)?;
    fs::set_permissions(&home, Permissions::from_mode(0o700))
        .map_err(StartError::file(&home, "dijadikan pribadi"))?;
    if !user.can_enter(&home) {
        return Err(StartError::Unreachable { folder: home, user: user.name.clone() });
    }
    Ok(home)
}

/// Makes the missing folders. Others may pass through but not look: the server's user has to.
fn make(folder: &Path) -> Result<(), StartError> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent().filter(|parent| *parent != Path::new("")) {
        make(parent)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        made => made.map_err(StartError::file(folder, "dibuat"))?,
    }
    fs::set_permissions(folder, Permissions::from_mode(0o711))
        .map_err(StartError::file(folder, "dibuka"))
}

/// A folder that only the user can enter; `Ok(false)` when something is there already.
pub fn make_private(folder: &Path, user: &User) -> Result<bool, StartError> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => user.own(folder).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(StartError::file(folder, "dibuat")(error)),
    }
}

/// Holds the folder for this program. The lock goes with the process, so it is never stale.
pub fn hold(home: &Path, user: &User) -> Result<File, StartError> {
    let path = home.join("lock");
    let begun = Instant::now();
    let mut lock = loop {
        match try_lock(&path, user)? {
            Some(lock) => break lock,
            // A program killed while it started another leaves the lock to that for a moment.
            None if begun.elapsed() < Duration::from_millis(300) => sleep(POLL),
            None => return Err(in_use(home)),
        }
    };
    // Only for the other program's message: a full disk is no reason to stop here.
    let _ = lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id()));
    Ok(lock)
}

/// The refusal of a folder that another program holds.
pub fn in_use(home: &Path) -> StartError {
    let pid = fs::read_to_string(home.join("lock")).ok().map(|pid| pid.trim().to_owned());
    StartError::InUse { home: home.to_owned(), pid: pid.filter(|pid| !pid.is_empty()) }
}

/// The lock that the server's processes hold, if none of them is alive.
pub fn try_server_lock(home: &Path, user: &User) -> Result<Option<File>, StartError> {
    try_lock(&home.join("server.lock"), user)
}

fn try_lock(path: &Path, user: &User) -> Result<Option<File>, StartError> {
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(StartError::file(path, "dibuka"))?;
    user.own(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(StartError::file(path, "dikunci")(error)),
    }
}
