//! The private cluster survives what happens to programs, servers, folders and disks.

mod backup;
mod command;
mod program;

use std::{
    fs::{self, File, Permissions},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, geteuid, getpgid, kill_process_group};
use smartclass::postgres::{Cluster, Durability, StartError, choose_home};

use program::{
    Disk, Folder, Program, insert_a_lot, insert_a_row, is_alive, kill, listing, one_line,
    outliving_server, sql, the_row, wait_until,
};

const NOBODY: u32 = 65534;

#[test]
fn a_new_cluster_is_what_the_program_expects() {
    let folder = Folder::new();
    let cluster = Cluster::start(&folder.home(), Durability::Durable).unwrap();
    let shown = |name| sql(&cluster.options(), name).unwrap();
    assert_eq!(shown("show server_encoding"), "UTF8");
    assert_eq!(shown("select datcollate from pg_database where datname = 'smartclass'"), "C.UTF-8");
    assert_eq!(shown("show data_checksums"), "on");
    assert_eq!(shown("show listen_addresses"), "");
    assert_eq!(shown("show timezone"), "UTC");
    assert_eq!(shown("show fsync"), "on");
    assert_eq!(shown("show max_connections"), "60");
    shown("create extension pg_trgm; create extension unaccent");
    shown("create database another");
    assert_eq!(shown("select rolsuper::text from pg_roles where rolname = current_user"), "false");
    assert_eq!(fs::metadata(cluster.home()).unwrap().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(cluster.home().join("run")).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn a_stopped_cluster_keeps_its_rows_and_leaves_no_process() {
    let folder = Folder::new();
    let cluster = Cluster::start(&folder.home(), Durability::Scratch).unwrap();
    assert_eq!(sql(&cluster.options(), "show fsync").unwrap(), "off");
    insert_a_row(&cluster.options());
    let server = folder.server();
    cluster.stop();
    assert!(!is_alive(server));
    folder.has_its_row();
}

#[test]
fn a_killed_program_takes_its_server_along_and_loses_nothing() {
    let folder = Folder::new();
    let program = Program::start_durable(&folder);
    insert_a_row(&program.options());
    let server = folder.server();
    program.kill();
    wait_until("the server is gone", || !is_alive(server));
    assert!(folder.log().contains("database system is shut down"));
    folder.has_its_row();
}

#[test]
fn a_killed_server_comes_back_with_its_data() {
    let folder = Folder::new();
    let mut cluster = Cluster::start(&folder.home(), Durability::Durable).unwrap();
    insert_a_row(&cluster.options());
    assert!(!cluster.restart_if_dead().unwrap());
    kill(folder.server());
    wait_until("the death is noticed", || !cluster.is_running());
    assert!(cluster.restart_if_dead().unwrap());
    assert_eq!(the_row(&cluster.options()), "kept");
}

#[test]
fn a_server_killed_in_a_long_query_comes_back() {
    let folder = Folder::new();
    let mut cluster = Cluster::start(&folder.home(), Durability::Durable).unwrap();
    insert_a_row(&cluster.options());
    let options = cluster.options();
    let query =
        thread::spawn(move || sql(&options, "select count(*)::text from generate_series(1, 9e9)"));
    thread::sleep(Duration::from_millis(500));
    kill(folder.server());
    wait_until("the death is noticed", || !cluster.is_running());
    assert!(cluster.restart_if_dead().unwrap());
    assert!(query.join().unwrap().is_err());
    assert_eq!(the_row(&cluster.options()), "kept");
}

#[test]
fn program_and_server_killed_together_lose_nothing() {
    let folder = Folder::new();
    let program = Program::start_durable(&folder);
    insert_a_row(&program.options());
    kill(folder.server());
    program.kill();
    folder.has_its_row();
}

#[test]
fn stale_locks_with_the_pids_of_others_are_no_obstacle() {
    let folder = Folder::new();
    let program = Program::start_durable(&folder);
    insert_a_row(&program.options());
    let server = folder.server();
    kill(server);
    program.kill();
    let (pid_file, socket) = (folder.home().join("data/postmaster.pid"), folder.home().join("run"));
    let stale = fs::read_to_string(&pid_file).unwrap();
    fs::write(&pid_file, stale.replacen(&server.to_string(), &std::process::id().to_string(), 1))
        .unwrap();
    fs::write(socket.join(".s.PGSQL.5432.lock"), stale.replacen(&server.to_string(), "1", 1))
        .unwrap();
    folder.has_its_row();
}

#[test]
fn a_half_made_cluster_is_discarded() {
    let folder = Folder::new();
    let mut program = Program::command(&folder).stdout(Stdio::null()).spawn().unwrap();
    wait_until("initdb is at work", || {
        folder.entries().iter().any(|name| name.starts_with("data.new."))
    });
    program.kill().unwrap();
    program.wait().unwrap();
    assert!(!folder.entries().contains(&"data".to_owned()));
    drop(Cluster::start(&folder.home(), Durability::Scratch).unwrap());
    assert!(!folder.entries().iter().any(|name| name.starts_with("data.new.")));
}

#[test]
fn a_second_program_says_that_the_folder_is_in_use() {
    let folder = Folder::new();
    let program = Program::start(&folder);
    let second = Program::command(&folder).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = one_line(&String::from_utf8(second.stderr).unwrap());
    assert!(
        said.contains(&format!("sedang dipakai program lain (pid {})", program.child.id())),
        "{said}"
    );
    assert_eq!(sql(&program.options(), "select 'still here'").unwrap(), "still here");
}

#[test]
fn ctrl_c_stops_the_server_in_order() {
    let folder = Folder::new();
    let program = Program::start(&folder);
    insert_a_row(&program.options());
    let group = Pid::from_child(&program.child);
    assert_ne!(getpgid(Pid::from_raw(folder.server().cast_signed())).unwrap(), group);
    kill_process_group(group, Signal::INT).unwrap();
    let server = folder.server();
    assert_eq!(program.end().code(), Some(130));
    assert!(!is_alive(server));
    assert!(folder.log().contains("database system is shut down"));
    folder.has_its_row();
}

#[test]
fn data_of_another_version_are_left_alone() {
    let folder = Folder::new();
    drop(Cluster::start(&folder.home(), Durability::Scratch).unwrap());
    let version = folder.home().join("data/PG_VERSION");
    let real = fs::read_to_string(&version).unwrap();
    fs::write(&version, "8\n").unwrap();
    let before = listing(&folder.home().join("data"));
    let error = folder.refusal();
    assert!(matches!(error, StartError::OtherVersion { .. }), "{error}");
    assert!(
        error.to_string().contains(&format!(
            "PostgreSQL 8, sedangkan yang terpasang PostgreSQL {}",
            real.trim()
        ))
    );
    assert_eq!(listing(&folder.home().join("data")), before);
}

#[test]
fn data_without_a_version_are_left_alone() {
    let folder = Folder::new();
    drop(Cluster::start(&folder.home(), Durability::Scratch).unwrap());
    fs::remove_file(folder.home().join("data/PG_VERSION")).unwrap();
    let before = listing(&folder.home().join("data"));
    assert!(matches!(folder.refusal(), StartError::Damaged(_)));
    assert_eq!(listing(&folder.home().join("data")), before);
}

#[test]
fn a_folder_of_something_else_is_left_alone() {
    let folder = Folder::new();
    fs::create_dir_all(folder.home().join("data/base")).unwrap();
    let before = fs::metadata(folder.home()).unwrap();
    assert!(matches!(folder.refusal(), StartError::NotOurs(_)));
    let after = fs::metadata(folder.home()).unwrap();
    assert_eq!((after.uid(), after.mode()), (before.uid(), before.mode()));
}

#[test]
fn a_folder_out_of_reach_is_refused_and_replaced_for_root() {
    let folder = Folder::new();
    let root = geteuid().is_root();
    fs::set_permissions(&folder.0, Permissions::from_mode(if root { 0o700 } else { 0 })).unwrap();
    let error = folder.refusal();
    let chosen = choose_home(&folder.0);
    fs::set_permissions(&folder.0, Permissions::from_mode(0o711)).unwrap();
    assert!(error.to_string().contains(folder.0.to_str().unwrap()), "{error}");
    if root {
        assert!(matches!(error, StartError::Unreachable { .. }), "{error}");
        let chosen = chosen.unwrap();
        assert_eq!(chosen.data, Path::new("/var/lib/smartclass"));
        assert_eq!(chosen.instead_of, Some(folder.0.clone()));
    }
    assert_eq!(choose_home(&folder.0).unwrap().data, folder.0);
}

#[test]
fn a_folder_of_another_user_is_refused() {
    let folder = Folder::new();
    if !geteuid().is_root() {
        let error = Cluster::start(Path::new("/"), Durability::Scratch).err().unwrap();
        assert!(matches!(error, StartError::OtherOwner { .. }), "{error}");
        return;
    }
    drop(Cluster::start(&folder.home(), Durability::Scratch).unwrap());
    let copy = folder.0.join("scratch"); // the built one may lie where the user cannot read
    // By another program: a file that this one wrote is busy while any of its children is being made.
    assert!(Command::new("cp").arg(Program::path()).arg(&copy).status().unwrap().success());
    let mut program = Command::new(copy);
    program.arg(folder.home()).args(["--", "/bin/true"]).uid(NOBODY).gid(NOBODY).current_dir("/");
    let refused = program.output().unwrap();
    let said = one_line(&String::from_utf8(refused.stderr).unwrap());
    assert!(
        said.contains("milik pengguna sistem postgres, sedangkan program berjalan sebagai nobody"),
        "{said}"
    );
}

#[test]
fn root_runs_the_server_as_the_owner_of_the_folder() {
    let folder = Folder::new();
    fs::create_dir(folder.home()).unwrap();
    let owner = if geteuid().is_root() { NOBODY } else { geteuid().as_raw() };
    chown(folder.home(), Some(owner), None).unwrap();
    let _cluster = Cluster::start(&folder.home(), Durability::Scratch).unwrap();
    assert_eq!(fs::metadata(format!("/proc/{}", folder.server())).unwrap().uid(), owner);
}

#[test]
fn a_full_disk_is_named_and_loses_nothing() {
    let folder = Folder::new();
    let Some(disk) = Disk::mount(&folder) else { return a_size_limit_loses_nothing(&folder) };
    let mut cluster = Cluster::start(&folder.home(), Durability::Durable).unwrap();
    insert_a_row(&cluster.options());
    disk.fill();
    assert!(insert_a_lot(&cluster.options()).is_err());
    kill(folder.server());
    wait_until("the death is noticed", || !cluster.is_running());
    match cluster.restart_if_dead() {
        Ok(_) => assert_eq!(the_row(&cluster.options()), "kept"), // reading needs no room
        Err(error) => assert!(matches!(error, StartError::DiskFull { .. }), "{error}"),
    }
    cluster.stop();
    disk.fill();
    let error = folder.refusal();
    assert!(matches!(error, StartError::DiskFull { .. }), "{error}");
    disk.empty();
    folder.has_its_row();
    drop(disk);
}

/// The next best thing where no small disk can be mounted: no file may grow over 17 MB.
fn a_size_limit_loses_nothing(folder: &Folder) {
    drop(Cluster::start(&folder.home(), Durability::Durable).unwrap());
    let program = Program::from(Program::limited(folder, 34_000));
    insert_a_row(&program.options());
    assert!(insert_a_lot(&program.options()).is_err());
    drop(program);
    folder.has_its_row();
}

#[test]
fn a_cluster_without_room_is_refused_and_made_later() {
    let folder = Folder::new();
    let refused = Program::limited(&folder, 2000).output().unwrap();
    let said = one_line(&String::from_utf8(refused.stderr).unwrap());
    assert!(said.contains("habis atau dibatasi (File too large)"), "{said}");
    assert!(
        !folder.entries().iter().any(|name| name.starts_with("data")),
        "{:?}",
        folder.entries()
    );
    drop(Cluster::start(&folder.home(), Durability::Scratch).unwrap());
}

#[test]
fn a_server_that_outlived_its_program_is_adopted_and_stopped() {
    let folder = Folder::new();
    let server = outliving_server(&folder, "--durable");
    let mut cluster = Cluster::start(&folder.home(), Durability::Durable).unwrap();
    assert_eq!(folder.server(), server);
    assert!(cluster.is_running());
    assert_eq!(the_row(&cluster.options()), "kept");
    cluster.stop();
    wait_until("the server is gone", || !is_alive(server));
    folder.has_its_row();
}

#[test]
fn a_surviving_server_with_other_settings_is_replaced() {
    let folder = Folder::new();
    let server = outliving_server(&folder, "");
    let cluster = Cluster::start(&folder.home(), Durability::Durable).unwrap();
    assert_ne!(folder.server(), server);
    assert_eq!(sql(&cluster.options(), "show fsync").unwrap(), "on");
    assert_eq!(the_row(&cluster.options()), "kept");
}

#[test]
fn a_server_outlives_the_thread_that_started_it() {
    let folder = Folder::new();
    let home = folder.home();
    let start = thread::spawn(move || Cluster::start(&home, Durability::Scratch).unwrap());
    let mut cluster = start.join().unwrap();
    thread::sleep(Duration::from_millis(500));
    assert!(cluster.is_running());
    assert_eq!(sql(&cluster.options(), "select 'here'").unwrap(), "here");
}

#[test]
fn a_long_or_strange_path_gets_a_short_socket_folder() {
    for name in ["n".repeat(120), "dengan spasi, koma & 100%".to_owned()] {
        let folder = Folder::new();
        let home = folder.0.join(name).join("postgres");
        let cluster = Cluster::start(&home, Durability::Scratch).unwrap();
        let url = cluster.url();
        assert_eq!(sql(&url.parse().unwrap(), "select 'here'").unwrap(), "here");
        cluster.stop();
        let socket = Path::new(url.split_once("host=").unwrap().1);
        assert!(!socket.starts_with(&home) && !socket.exists());

        fs::create_dir(socket).unwrap(); // as anyone could have done
        fs::set_permissions(socket, Permissions::from_mode(0o777)).unwrap();
        let error = Cluster::start(&home, Durability::Scratch).err().unwrap();
        fs::remove_dir(socket).unwrap();
        assert!(matches!(error, StartError::SocketFolder(_)), "{error}");
    }
}

#[test]
fn the_reason_of_a_failed_start_is_told() {
    let folder = Folder::new();
    drop(Cluster::start(&folder.home(), Durability::Scratch).unwrap());
    fs::write(folder.home().join("data/postgresql.conf"), "nonsense\n").unwrap();
    let said = one_line(&folder.refusal().to_string());
    assert!(said.contains("contains errors") && said.contains("postgres.log"), "{said}");
}

#[test]
fn missing_programs_are_named_with_the_way_out() {
    let folder = Folder::new();
    let program = Program::command(&folder).env("SMARTCLASS_PG_BIN", "/nowhere").output().unwrap();
    let said = one_line(&String::from_utf8(program.stderr).unwrap());
    assert!(said.contains("SMARTCLASS_PG_BIN menunjuk /nowhere"), "{said}");
    let said = one_line(&StartError::NoServer.to_string());
    assert!(said.contains("`postgresql`") && said.contains("DATABASE_URL"), "{said}");
}

#[test]
fn a_large_log_is_put_aside() {
    let folder = Folder::new();
    drop(Cluster::start(&folder.home(), Durability::Scratch).unwrap());
    let log = folder.home().join("postgres.log");
    File::options().append(true).open(&log).unwrap().set_len(21 * 1024 * 1024).unwrap();
    drop(Cluster::start(&folder.home(), Durability::Scratch).unwrap());
    assert!(fs::metadata(&log).unwrap().len() < 1024 * 1024);
    assert!(folder.entries().contains(&"postgres.log.1".to_owned()));
}
