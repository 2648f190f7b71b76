//! The folder of the socket. Who can enter it may connect, so it is private.

use std::{
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::{StartError, home::make_private, user::User};

/// The kernel takes 107 bytes for a socket's path; `/.s.PGSQL.5432` is 14 of them.
const LONGEST: usize = 90;

/// `run` in the cluster's folder, or a short folder in the temporary one where that path is too
/// long or has characters that mean something in a connection string.
pub fn folder(home: &Path, user: &User) -> Result<PathBuf, StartError> {
    let inside = home.join("run");
    let folder = if is_plain(&inside) { inside } else { temporary(home) };
    if make_private(&folder, user)? {
        return Ok(folder);
    }
    // In a temporary folder, anyone may have been there first.
    let found = fs::symlink_metadata(&folder).map_err(StartError::file(&folder, "dibaca"))?;
    if !found.is_dir() || found.uid() != user.uid || found.permissions().mode() & 0o077 != 0 {
        return Err(StartError::SocketFolder(folder));
    }
    Ok(folder)
}

/// Removes what a dead server left. Call when no process of it is alive.
pub fn clear(folder: &Path) {
    for stale in [".s.PGSQL.5432", ".s.PGSQL.5432.lock"] {
        let _ = fs::remove_file(folder.join(stale));
    }
}

fn temporary(home: &Path) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    home.hash(&mut hasher);
    let name = format!("smartclass-{:016x}", hasher.finish());
    let folder = env::temp_dir().join(&name);
    if is_plain(&folder) { folder } else { Path::new("/tmp").join(name) }
}

fn is_plain(path: &Path) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    let bytes = path.as_os_str().as_encoded_bytes();
    path.is_absolute() && bytes.len() <= LONGEST && bytes.iter().all(plain)
}
