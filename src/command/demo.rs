//! Making the demo world, and listing who can sign in to it.

use super::{Purpose, note, say, with_database};
use crate::{Demo, DemoCommand};
use anyhow::Context;
use smartclass::{
    account,
    clock::Clock,
    config::Config,
    demo::{self, PRINTED, SignIn},
    password::Hasher,
};
use std::{io::Write, process::ExitCode};

pub fn run(line: &Demo) -> anyhow::Result<ExitCode> {
    match line.command {
        Some(DemoCommand::People) => people(),
        Some(DemoCommand::Report) => report(),
        None => fill(&line.size.size()),
    }
}

fn fill(size: &demo::Size) -> anyhow::Result<ExitCode> {
    size.check()?;
    let base_url = Config::from_env()?.base_url;
    with_database(Purpose::Write, async |pool| {
        demo::fill(&pool, size, &Hasher::default(), &base_url, Clock::System.now()).await?;
        print_sign_ins()?;
        Ok(ExitCode::SUCCESS)
    })
}

/// The sign-ins to begin with, and the password of all.
pub fn print_sign_ins() -> anyhow::Result<()> {
    say(&format!("Dunia contoh. Kata sandi semua orang: {}", account::DEMO_PASSWORD))?;
    for one in PRINTED {
        say(&format!("  {}  {}", one.nip, one.who))?;
    }
    say("Laporan Zoom untuk kelas yang belum dicatat: smartclass demo report > laporan.csv")
}

/// The demo sign-ins as CSV.
fn people() -> anyhow::Result<ExitCode> {
    with_database(Purpose::Look, async |pool| {
        let mut db = pool.acquire().await?;
        anyhow::ensure!(account::is_demo(&mut db).await?, "basis data ini bukan dunia contoh");
        say("NIP,name,unit,roles")?;
        let lines: Vec<String> = demo::sign_ins(&mut db).await?.iter().map(csv_line).collect();
        say(&lines.join("\n"))?;
        Ok(ExitCode::SUCCESS)
    })
}

/// The report that a class of the demo world waits for.
fn report() -> anyhow::Result<ExitCode> {
    with_database(Purpose::Look, async |pool| {
        let mut db = pool.acquire().await?;
        anyhow::ensure!(account::is_demo(&mut db).await?, "basis data ini bukan dunia contoh");
        let awaited = demo::report(&mut db, Clock::System.now()).await?;
        let awaited = awaited.context("semua kelas yang selesai sudah memiliki laporan")?;
        std::io::stdout().write_all(&awaited.bytes)?;
        note(&format!(
            "Laporan kelas “{}”; unggah di {}/kelola/kelas/{}/impor",
            awaited.title,
            Config::from_env()?.base_url,
            awaited.class
        ));
        Ok(ExitCode::SUCCESS)
    })
}

fn csv_line(one: &SignIn) -> String {
    [&one.nip, &one.name, &one.unit, &one.roles().join("|")].map(|text| csv_cell(text)).join(",")
}

fn csv_cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
