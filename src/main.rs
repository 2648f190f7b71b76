//! The program: reads the command line and does what it says.

mod command;

use clap::{Args, Parser, Subcommand};
use smartclass::demo;
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
    /// Mengisi basis data kosong dengan dunia contoh
    Demo(Demo),
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Demo {
    #[command(subcommand)]
    command: Option<DemoCommand>,
    #[command(flatten)]
    size: DemoSize,
}

#[derive(Subcommand)]
enum DemoCommand {
    /// Mencetak semua orang di dunia contoh sebagai CSV: NIP, name, unit, roles
    People,
}

#[derive(Args)]
struct DemoSize {
    /// Jumlah orang, paling banyak 5.000
    #[arg(long, default_value_t = demo::Size::default().people)]
    people: u32,
    /// Jumlah kelas
    #[arg(long, default_value_t = demo::Size::default().classes)]
    classes: u32,
    /// Jumlah tahun yang berisi kelas, termasuk tahun ini
    #[arg(long, default_value_t = demo::Size::default().years)]
    years: u32,
    /// Benih: benih yang sama membuat dunia yang sama
    #[arg(long, default_value_t = demo::Size::default().seed)]
    seed: u64,
}

impl DemoSize {
    fn size(&self) -> demo::Size {
        demo::Size { people: self.people, classes: self.classes, years: self.years, seed: self.seed }
    }
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
        Command::Demo(line) => command::demo::run(&line),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("smartclass: {error:#}");
            ExitCode::FAILURE
        }
    }
}
