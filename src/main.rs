//! The program: reads the command line and does what it says.

mod command;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use clap::{Args, Parser, Subcommand};
use smartclass::{demo, staff::Column};
use std::{io::IsTerminal, path::PathBuf, process::ExitCode};
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
    /// Mengerjakan yang menunggu, seperti surel, tanpa menyajikan halaman
    Work,
    /// Memutakhirkan skema basis data
    Migrate,
    /// Mengelola administrator
    #[command(subcommand)]
    Admin(Admin),
    /// Mengelola data orang
    #[command(subcommand)]
    People(People),
    /// Membaca laporan Zoom tanpa basis data
    #[command(subcommand)]
    Attendance(Attendance),
    /// Memeriksa buku Jam Pelajaran
    #[command(subcommand)]
    Ledger(Ledger),
    /// Memeriksa berkas sertifikat
    #[command(subcommand)]
    Certificate(Certificate),
    /// Menyalin basis data dan kunci ke sebuah folder, terenkripsi
    Backup(Copy),
    /// Memulihkan salinan ke instalasi yang kosong
    Restore(Copy),
    /// Mengisi basis data kosong dengan dunia contoh
    Demo(Demo),
}

#[derive(Subcommand)]
enum People {
    /// Mencatat orang dari daftar pegawai dan mencetak hasilnya sebagai JSON
    Import(Import),
}

#[derive(Args)]
pub struct Import {
    /// Daftar pegawai, .xlsx atau .csv
    file: PathBuf,
    /// Hanya memeriksa; tidak ada yang dicatat
    #[arg(long)]
    dry_run: bool,
    /// Mencatat baris yang benar meskipun ada yang salah
    #[arg(long)]
    skip_wrong: bool,
    /// Isi kolom yang judulnya tidak dikenal, misalnya nip="NOMOR INDUK"; boleh berulang
    #[arg(long = "column", value_name = "ISI=JUDUL", value_parser = command::staff::column)]
    columns: Vec<(Column, String)>,
}

#[derive(Subcommand)]
enum Attendance {
    /// Mencetak isi laporan sebagai JSON
    Read(Report),
}

#[derive(Args)]
pub struct Report {
    /// Laporan kehadiran dari Zoom, .csv atau .xlsx
    file: PathBuf,
    /// Mulainya kelas, RFC 3339, misalnya 2026-11-24T09:00:00+08:00
    #[arg(long, value_parser = command::moment)]
    starts: DateTime<Utc>,
    /// Selesainya kelas, RFC 3339
    #[arg(long, value_parser = command::moment)]
    ends: DateTime<Utc>,
    /// Zona waktu laporan
    #[arg(long, default_value = "Asia/Makassar")]
    zone: Tz,
}

#[derive(Subcommand)]
enum Ledger {
    /// Menghitung ulang rantai sidik dan semua jumlah; mencetak ketidaksesuaian pertama
    Verify,
}

#[derive(Subcommand)]
enum Certificate {
    /// Nomor, pemegang, tanda tangan, dan keadaan setiap PDF
    Verify {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

#[derive(Args)]
pub struct Copy {
    /// Folder cadangan
    folder: PathBuf,
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
    /// Mencetak laporan Zoom .csv dari kelas di dunia contoh yang selesai dan belum dicatat
    Report,
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
        demo::Size {
            people: self.people,
            classes: self.classes,
            years: self.years,
            seed: self.seed,
        }
    }
}

#[derive(Args, Clone, Default)]
pub struct Serve {
    /// Mengisi basis data yang kosong dengan dunia contoh
    #[arg(long)]
    demo: bool,
    /// Tanpa pekerja di belakang layar; jalankan `smartclass work` di sampingnya
    #[arg(long)]
    no_worker: bool,
}

#[derive(Subcommand)]
enum Admin {
    /// Membuat administrator pertama dan mencetak tautan aktivasinya
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
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let coloured = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_ansi(coloured).with_env_filter(filter);
    log.with_writer(std::io::stderr).init();
    let done = match line.command.unwrap_or_else(|| Command::Serve(Serve::default())) {
        Command::Serve(serve) => command::serve::run(&serve),
        Command::Work => command::work::run(),
        Command::Migrate => command::migrate(),
        Command::Admin(Admin::Create(new)) => command::create_admin(&new),
        Command::People(People::Import(line)) => command::staff::import(&line),
        Command::Attendance(Attendance::Read(report)) => command::check::read_report(&report),
        Command::Ledger(Ledger::Verify) => command::check::ledger(),
        Command::Certificate(Certificate::Verify { files }) => command::check::certificates(&files),
        Command::Backup(copy) => command::backup::make(&copy.folder),
        Command::Restore(copy) => command::backup::restore(&copy.folder),
        Command::Demo(line) => command::demo::run(&line),
    };
    match done {
        Ok(code) => code,
        // The reader has seen enough, as `head` has. The shell's code for that.
        Err(error) if is_broken_pipe(&error) => ExitCode::from(141),
        Err(error) => {
            eprintln!("smartclass: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
