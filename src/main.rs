//! The program: reads the command line and does what it says.

mod command;

use clap::{Args, Parser, Subcommand};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Smart Class ASN: kelas, kehadiran, Jam Pelajaran, dan sertifikat.
#[derive(Parser)]
#[command(version, about, after_help = command::environment())]
struct Line {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Menjalankan layanan (bawaan)
    Serve(Serve),
    /// Memutakhirkan skema basis data
    Migrate,
    /// Membuat administrator pertama dan mencetak tautan aktivasinya
    #[command(subcommand)]
    Admin(Admin),
}

#[derive(Args, Default)]
pub struct Serve {
    /// Mengisi basis data yang kosong dengan dunia contoh
    #[arg(long)]
    demo: bool,
}

#[derive(Subcommand)]
enum Admin {
    Create(NewAdmin),
}

#[derive(Args)]
pub struct NewAdmin {
    /// NIP, 18 angka
    #[arg(long)]
    nip: String,
    /// Nama dengan gelar
    #[arg(long)]
    name: String,
    /// Alamat surel
    #[arg(long)]
    email: String,
}

fn main() -> ExitCode {
    let line = Line::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let done = match line.command.unwrap_or_else(|| Command::Serve(Serve::default())) {
        Command::Serve(serve) => command::serve::run(&serve),
        Command::Migrate => command::migrate(),
        Command::Admin(Admin::Create(new)) => command::create_admin(&new),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("smartclass: {error:#}");
            ExitCode::FAILURE
        }
    }
}
