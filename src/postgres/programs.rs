//! Finding the server's programs, and running them.

use std::{
    env, fs, io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
};

use super::{StartError, user::User};

/// Where packages put the programs of each version: `{before}{version}{after}`.
const PLACES: [(&str, &str, &str); 2] =
    [("/usr/lib/postgresql", "", "bin"), ("/usr", "pgsql-", "bin")];

/// What makes a folder that of a server.
const SERVER: [&str; 2] = ["initdb", "postgres"];

/// The folder with `initdb` and `postgres`: `$SMARTCLASS_PG_BIN`, else the version that made
/// the data, else the newest, else what is on `PATH`.
pub fn find(user: &User, data: &Path, made: Option<&str>) -> Result<PathBuf, StartError> {
    let folder = if let Some(folder) = env::var_os("SMARTCLASS_PG_BIN").filter(|it| !it.is_empty())
    {
        let folder = PathBuf::from(folder);
        complete(&folder).then_some(folder.clone()).ok_or(StartError::NoServerIn(folder))?
    } else {
        pick(installed(), made).or_else(on_path).ok_or(StartError::NoServer)?
    };
    if !user.can_enter(&folder) {
        return Err(StartError::NotRunnable { programs: folder, user: user.name.clone() });
    }
    match made {
        Some(made) if version(&folder).as_deref() != Some(made) => Err(StartError::OtherVersion {
            data: data.to_owned(),
            made: made.to_owned(),
            found: version(&folder).unwrap_or_else(|| "?".to_owned()),
        }),
        _ => Ok(folder),
    }
}

/// The folder of the wanted version, else the newest.
fn pick(mut installed: Vec<(u32, PathBuf)>, made: Option<&str>) -> Option<PathBuf> {
    installed.sort();
    let made = made.and_then(|made| made.parse().ok());
    let same = installed.iter().position(|(version, _)| Some(*version) == made);
    match same {
        Some(place) => Some(installed.swap_remove(place).1),
        None => installed.pop().map(|(_, folder)| folder),
    }
}

/// A program that talks to servers, as `pg_dump`: from `$SMARTCLASS_PG_BIN`, else of that major
/// version, else the newest, else the one on `PATH`.
pub fn client_program(name: &str, version: u32) -> Option<PathBuf> {
    let named = env::var_os("SMARTCLASS_PG_BIN").filter(|it| !it.is_empty()).map(PathBuf::from);
    let found = || pick(installed_with(&[name]), Some(&version.to_string()));
    let on_path = || env::split_paths(&env::var_os("PATH")?).find(|it| it.join(name).is_file());
    let folder = named.filter(|it| it.join(name).is_file()).or_else(found).or_else(on_path)?;
    Some(folder.join(name))
}

/// The folders that hold a server.
fn installed() -> Vec<(u32, PathBuf)> {
    installed_with(&SERVER)
}

fn installed_with(wanted: &[&str]) -> Vec<(u32, PathBuf)> {
    let versions = |(place, prefix, bin): (&str, &str, &str)| {
        let folders = fs::read_dir(place).into_iter().flatten().flatten();
        let found = folders.filter_map(|folder| {
            let version = folder.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            let folder = folder.path().join(bin);
            holds(&folder, wanted).then_some((version, folder))
        });
        found.collect::<Vec<_>>()
    };
    PLACES.into_iter().flat_map(versions).collect()
}

fn on_path() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .filter_map(|folder| folder.join("initdb").canonicalize().ok())
        .filter_map(|initdb| Some(initdb.parent()?.to_owned()))
        .find(|folder| complete(folder))
}

fn complete(folder: &Path) -> bool {
    holds(folder, &SERVER)
}

fn holds(folder: &Path, programs: &[&str]) -> bool {
    programs.iter().all(|program| folder.join(program).is_file())
}

/// The major version, as `PG_VERSION` has it: "15" of "postgres (PostgreSQL) 15.18 (Debian)".
fn version(folder: &Path) -> Option<String> {
    let said = Command::new(folder.join("postgres")).arg("--version").output().ok()?.stdout;
    let said = String::from_utf8(said).ok()?;
    let number = said.split(' ').find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(number.chars().take_while(char::is_ascii_digit).collect())
}

/// Runs programs as the server's user, from one thread that lives as long as it does.
///
/// The kernel's death notice follows the thread that forked, not the process; were it a worker
/// of a thread pool, the server would stop when the pool shrinks.
pub struct Runner {
    user: User,
    /// Whether util-linux's `setpriv` is here (BusyBox's has no --pdeathsig). Without it a
    /// server that outlives the program is adopted by the next.
    notices_death: bool,
    orders: mpsc::Sender<Order>,
}

type Order = (Command, mpsc::Sender<io::Result<Child>>);

impl Runner {
    pub fn new(user: User) -> Result<Self, StartError> {
        let (orders, receiver) = mpsc::channel::<Order>();
        thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || {
                for (mut command, reply) in receiver {
                    let _ = reply.send(command.spawn());
                }
            })
            .map_err(StartError::file(Path::new("thread"), "dibuat"))?;
        let mut probe = Command::new("setpriv");
        probe.args(["--pdeathsig", "INT", "setpriv", "--version"]);
        probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let notices_death = probe.status().is_ok_and(|status| status.success());
        Ok(Self { user, notices_death, orders })
    }

    /// A program that gets the signal when this program dies in any way. It inherits no
    /// settings and no secrets from the environment.
    pub fn command(&self, program: &Path, on_death: &str, folder: &Path) -> Command {
        let mut command = if self.notices_death {
            // setpriv runs as the user already: becoming another user would clear the notice.
            let mut command = Command::new("setpriv");
            command.args(["--pdeathsig", on_death, "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        self.user.run(&mut command);
        command.env_clear().env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        for kept in ["PATH", "LD_LIBRARY_PATH"] {
            command.envs(env::var_os(kept).map(|value| (kept, value)));
        }
        // Ctrl-C is for the program, which then stops the server in order.
        command.current_dir(folder).stdin(Stdio::null()).process_group(0);
        command
    }

    pub fn spawn(&self, command: Command) -> Result<Child, StartError> {
        let program = PathBuf::from(command.get_program());
        let (reply, receiver) = mpsc::channel();
        self.orders
            .send((command, reply))
            .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
            .and_then(|()| receiver.recv().unwrap_or_else(|gone| Err(io::Error::other(gone))))
            .map_err(StartError::file(&program, "dijalankan"))
    }

    pub fn user(&self) -> &User {
        &self.user
    }
}

/// The command line of a process; nothing of a dead or strange one.
pub fn arguments_of(pid: i32) -> Vec<Vec<u8>> {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()
}

/// The processes that work in the folder, as every process of a server does in its data.
pub fn processes_in(folder: &Path) -> Vec<i32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let working = processes
        .filter(|process| fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == folder));
    working.filter_map(|process| process.file_name().to_str()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions() -> Vec<(u32, PathBuf)> {
        [9, 17, 15].map(|version| (version, PathBuf::from(version.to_string()))).to_vec()
    }

    #[test]
    fn the_version_that_made_the_data_is_taken_else_the_newest() {
        assert_eq!(pick(versions(), Some("15")), Some("15".into()));
        assert_eq!(pick(versions(), Some("14")), Some("17".into()));
        assert_eq!(pick(versions(), None), Some("17".into()));
        assert_eq!(pick(Vec::new(), None), None);
    }
}
