//! What the server is told at start: sized for this machine, and no door but the socket.

use std::{ffi::OsString, fs, path::Path, thread};

use super::Durability;

/// The arguments of `postgres`, the same for the same machine, folder and durability.
pub fn arguments(
    data: &Path,
    socket: &Path,
    version: u32,
    durability: Durability,
) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["-D".into(), data.into(), "-k".into(), socket.into()];
    for setting in settings(&Machine::this(), durability) {
        arguments.extend(["-c".into(), setting.into()]);
    }
    if version >= 14 {
        // One flush before recovery instead of one for each file: seconds.
        arguments.extend(["-c".into(), "recovery_init_sync_method=syncfs".into()]);
    }
    arguments
}

struct Machine {
    memory_mb: u64,
    cores: usize,
}

impl Machine {
    /// This machine, or what a container leaves of it.
    fn this() -> Self {
        let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let total = meminfo
            .lines()
            .find_map(|line| {
                line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok()
            })
            .map_or(2048, |kb: u64| kb / 1024);
        let limit = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
        let limit = limit.and_then(|bytes| bytes.trim().parse::<u64>().ok());
        Self {
            memory_mb: limit.map_or(total, |bytes| total.min(bytes / (1024 * 1024))),
            cores: thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

fn settings(machine: &Machine, durability: Durability) -> Vec<String> {
    let memory = machine.memory_mb;
    let mut settings = vec![
        "listen_addresses=".to_owned(),
        "port=5432".to_owned(),
        "unix_socket_permissions=0700".to_owned(),
        "cluster_name=smartclass".to_owned(),
        "max_connections=60".to_owned(),
        format!("effective_cache_size={}MB", (memory / 2).max(128)),
        format!("work_mem={}MB", (memory / 512).clamp(4, 32)),
        format!("maintenance_work_mem={}MB", (memory / 32).clamp(64, 512)),
        format!("max_parallel_workers={}", machine.cores),
        format!("max_parallel_workers_per_gather={}", (machine.cores / 2).min(2)),
        "random_page_cost=1.1".to_owned(), // solid-state disks
        "jit=off".to_owned(),              // costs short queries more than it saves
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        "log_line_prefix=%m [%p] %d ".to_owned(),
        // Without details and statements, which hold personal data.
        "log_error_verbosity=terse".to_owned(),
        "log_min_error_statement=panic".to_owned(),
        "log_checkpoints=off".to_owned(),
    ];
    settings.extend(of_durability(memory, durability));
    settings
}

fn of_durability(memory: u64, durability: Durability) -> Vec<String> {
    match durability {
        Durability::Durable => vec![
            format!("shared_buffers={}MB", (memory / 8).clamp(64, 1024)),
            "wal_compression=on".to_owned(),
            "max_wal_size=1GB".to_owned(),
            "min_wal_size=80MB".to_owned(),
            "checkpoint_timeout=15min".to_owned(),
        ],
        Durability::Scratch => vec![
            format!("shared_buffers={}MB", (memory / 8).clamp(64, 128)),
            "fsync=off".to_owned(),
            "synchronous_commit=off".to_owned(),
            "full_page_writes=off".to_owned(),
            "wal_level=minimal".to_owned(),
            "max_wal_senders=0".to_owned(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared_buffers(memory_mb: u64) -> String {
        let machine = Machine { memory_mb, cores: 2 };
        let settings = settings(&machine, Durability::Durable);
        settings.into_iter().find(|setting| setting.starts_with("shared_buffers")).unwrap()
    }

    #[test]
    fn an_eighth_of_the_memory_is_shared_within_bounds() {
        assert_eq!(shared_buffers(256), "shared_buffers=64MB");
        assert_eq!(shared_buffers(4096), "shared_buffers=512MB");
        assert_eq!(shared_buffers(262_144), "shared_buffers=1024MB");
    }
}
