//! Commands that check: a report, the ledger, certificates.

use super::{Purpose, say, with_database, with_keys};
use crate::Report;
use anyhow::{Context, anyhow};
use smartclass::{
    attendance::report::{Expected, Hints, Span, read},
    certificate::{Checked, check_file},
    clock::Clock,
    ledger, seal,
    web::show,
};
use sqlx::PgConnection;
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// The same reader as the upload, without a database.
pub fn read_report(report: &Report) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(report.starts < report.ends, "--ends harus sesudah --starts");
    let class = Span { from: report.starts, to: report.ends };
    let bytes = fs::read(&report.file).with_context(|| report.file.display().to_string())?;
    let expected = Expected { parts: vec![class], meeting_id: None };
    let read = read(&bytes, &expected, &Hints { zone: Some(report.zone), ..Hints::default() })?;
    say(&serde_json::to_string_pretty(&read.to_json(class))?)?;
    Ok(ExitCode::SUCCESS)
}

/// Recomputes the chains and the totals.
pub fn ledger() -> anyhow::Result<ExitCode> {
    with_keys(Purpose::Look, async |pool, keys| {
        say(&in_order(&mut *pool.acquire().await?, keys).await?)?;
        Ok(ExitCode::SUCCESS)
    })
}

/// A line on the ledger and one on the seals, all in order; fails with the first break.
pub async fn in_order(db: &mut PgConnection, keys: &Path) -> anyhow::Result<String> {
    let books = ledger::verify(db).await?;
    let books = books.map_err(|problem| anyhow!("buku JP tidak sesuai: {problem}"))?;
    let seals = seal::verify(db, keys).await?;
    let seals = seals.map_err(|problem| anyhow!("segel tidak sesuai: {problem}"))?;
    Ok(format!(
        "Sesuai: {} catatan milik {} orang.\nSegel: {} atas buku JP dan {} catatan audit; {} catatan belum disegel.",
        show::number(books.entries),
        show::number(books.people),
        show::number(seals.seals),
        show::number(seals.entries - seals.unsealed),
        show::number(seals.unsealed)
    ))
}

/// Says of each file what it is.
pub fn certificates(files: &[PathBuf]) -> anyhow::Result<ExitCode> {
    with_database(Purpose::Look, async |pool| {
        let mut all_valid = true;
        for file in files {
            let bytes = fs::read(file).with_context(|| file.display().to_string())?;
            let mut db = pool.acquire().await?;
            let (state, certificate) =
                match check_file(&mut db, &bytes, Clock::System.now()).await? {
                    Checked::Unknown => ("tidak dikenal", None),
                    Checked::Changed(certificate) => ("berubah", Some(certificate)),
                    Checked::Genuine(certificate) if certificate.revoked_at.is_some() => {
                        ("dicabut", Some(certificate))
                    }
                    Checked::Genuine(certificate) => ("sah", Some(certificate)),
                };
            all_valid &= state == "sah";
            let file = file.display();
            match certificate {
                Some(found) => say(&format!(
                    "{file}: {state}; nomor {}; {}; belum ditandatangani secara elektronik",
                    found.label, found.paper.name
                ))?,
                None => say(&format!("{file}: {state}"))?,
            }
        }
        Ok(if all_valid { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}
