//! Copies of the installation.

use super::{Database, Purpose, check, say};
use anyhow::Context;
use smartclass::{
    backup::{self, Head, Passphrase, Server},
    clock::Clock,
    config::{BACKUP_PASSPHRASE, Config},
    database,
    web::show,
};
use std::{env, path::Path, process::ExitCode};

fn passphrase() -> anyhow::Result<Passphrase> {
    let text = env::var(BACKUP_PASSPHRASE).ok().filter(|text| !text.is_empty());
    let text = text.with_context(|| {
        format!("{BACKUP_PASSPHRASE}: wajib diisi; cadangan dienkripsi dengan kata sandi itu")
    })?;
    Passphrase::new(text).context(BACKUP_PASSPHRASE)
}

/// The database that the environment names, as `pg_dump` reaches it.
fn open(config: &Config, purpose: Purpose) -> anyhow::Result<(Database, Server)> {
    let database = Database::open(config, purpose)?;
    let server = Server { options: database.options.clone(), url: config.database_url.clone() };
    Ok((database, server))
}

fn amounts(head: &Head) -> String {
    let counts = head.counts;
    format!(
        "{} orang, {} kelas, {} catatan JP, {} sertifikat, keadaan {}",
        show::number(counts.people),
        show::number(counts.classes),
        show::number(counts.ledger_entries),
        show::number(counts.certificates),
        show::moment(head.made_at)
    )
}

/// Copies the installation into the folder, while it serves or not.
pub fn make(folder: &Path) -> anyhow::Result<ExitCode> {
    let config = Config::from_env()?;
    let passphrase = passphrase()?;
    let (database, server) = open(&config, Purpose::Look)?;
    let now = Clock::System.now();
    let made = tokio::runtime::Runtime::new()?.block_on(backup::make(
        folder,
        &server,
        &database.keys,
        &passphrase,
        now,
    ))?;
    say(&format!("Dicadangkan ke {}: {}.", folder.display(), amounts(&made.head)))?;
    Ok(ExitCode::SUCCESS)
}

/// Restores the copy in the folder, and checks what has become of it.
pub fn restore(folder: &Path) -> anyhow::Result<ExitCode> {
    let config = Config::from_env()?;
    let opened = backup::open(folder, &passphrase()?)?;
    let head = opened.manifest.head.clone();
    let (database, server) = open(&config, Purpose::Write)?;
    let checked = tokio::runtime::Runtime::new()?.block_on(async {
        opened.restore(&server, &database.keys, Clock::System.now()).await?;
        let pool = database::connect_patiently(server.options.clone()).await?;
        let checked = check::in_order(&mut *pool.acquire().await?, &database.keys).await;
        pool.close().await;
        checked.context("cadangan terpasang, tetapi isinya tidak sesuai; jangan dipakai")
    })?;
    say(&format!("Dipulihkan: {}.\n{checked}", amounts(&head)))?;
    say(&format!(
        "Semua orang perlu masuk lagi. Tautan, slip, dan surel yang belum dipakai atau terkirim tidak berlaku lagi; buat yang baru. Yang terjadi sesudah {} tidak ada di sini: ulangi pencabutan peran dan penghapusan data pribadi sejak itu.",
        show::moment(head.made_at)
    ))?;
    Ok(ExitCode::SUCCESS)
}
