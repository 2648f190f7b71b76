//! The system user that the server runs as: PostgreSQL refuses to be root.

use std::{
    fs, io,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::{Command, Stdio},
};

use super::StartError;

#[derive(Clone, Debug)]
pub struct User {
    pub uid: u32,
    gid: u32,
    pub name: String,
    /// Whether the program is root and becomes this user for the server.
    switches: bool,
}

impl User {
    /// Whoever runs the program; for root, the owner of the folder, else `postgres` or `nobody`.
    pub fn for_home(home: &Path) -> Result<Self, StartError> {
        let owner = match fs::metadata(home) {
            Ok(folder) => Some((folder.uid(), folder.gid())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(StartError::file(home, "dibaca")(error)),
        };
        let me = rustix::process::geteuid();
        if !me.is_root() {
            let uid = me.as_raw();
            let user = Self {
                uid,
                gid: rustix::process::getegid().as_raw(),
                name: name(uid),
                switches: false,
            };
            return match owner {
                Some((owner, _)) if owner != uid => Err(StartError::OtherOwner {
                    home: home.to_owned(),
                    owner: name(owner),
                    user: user.name,
                }),
                _ => Ok(user),
            };
        }
        match owner {
            Some((uid, gid)) if uid != 0 => Ok(Self { uid, gid, name: name(uid), switches: true }),
            _ => system_user(),
        }
    }

    /// Makes the command run as this user, without root's groups.
    pub fn run(&self, command: &mut Command) {
        if self.switches {
            command.uid(self.uid).gid(self.gid); // std drops the supplementary groups with it
        }
    }

    /// Gives what root has made to the user.
    pub fn own(&self, path: &Path) -> Result<(), StartError> {
        if self.switches {
            chown(path, Some(self.uid), Some(self.gid))
                .map_err(StartError::file(path, "diserahkan kepada pengguna PostgreSQL"))?;
        }
        Ok(())
    }

    /// Whether the user can enter the folder. Tried, not computed: access lists count too.
    pub fn can_enter(&self, folder: &Path) -> bool {
        let mut visit = Command::new("/bin/true");
        visit.current_dir(folder).stdin(Stdio::null());
        self.run(&mut visit);
        let visited = visit.status();
        !visited.is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
    }

    pub fn switches(&self) -> bool {
        self.switches
    }
}

fn system_user() -> Result<User, StartError> {
    let passwd = passwd();
    let find = |wanted: &str| {
        passwd.lines().map(|line| line.split(':').collect::<Vec<_>>()).find_map(|fields| {
            let [name, _, uid, gid, ..] = fields[..] else { return None };
            let (uid, gid) = (uid.parse().ok()?, gid.parse().ok()?);
            (name == wanted).then(|| User { uid, gid, name: name.to_owned(), switches: true })
        })
    };
    find("postgres").or_else(|| find("nobody")).ok_or(StartError::NoUser)
}

fn name(uid: u32) -> String {
    let uid = uid.to_string();
    passwd()
        .lines()
        .find(|line| line.split(':').nth(2) == Some(&uid))
        .and_then(|line| line.split(':').next())
        .map_or_else(|| format!("nomor {uid}"), str::to_owned)
}

fn passwd() -> String {
    fs::read("/etc/passwd")
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}
