//! What each subcommand does.

pub mod backup;
pub mod check;
pub mod demo;
pub mod serve;
pub mod staff;
pub mod work;

use crate::NewAdmin;
use anyhow::Context;
use chrono::{DateTime, Utc};
use smartclass::{
    account::{self, Role},
    act::Act,
    clock::Clock,
    config::{Config, VARIABLES},
    database, people,
    postgres::{self, Cluster, Durability, StartError, choose_home},
    web::{form, show},
};
use sqlx::{PgPool, postgres::PgConnectOptions};
use std::{
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
};

/// Every variable of the environment, for `--help`.
pub fn environment() -> String {
    VARIABLES.iter().fold("Lingkungan:\n".to_owned(), |mut text, (name, meaning)| {
        let _ = writeln!(text, "  {name:<22} {meaning}");
        text
    })
}

/// A moment with its zone, as RFC 3339 writes it.
pub fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).map_err(|error| error.to_string())
}

/// Writes a line for the user or the next program.
pub fn say(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// Tells the user what is not the answer itself.
fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "smartclass: {text}");
}

/// What is to be done with the database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Serving it, alone.
    Serve,
    /// Writing to it, beside the program that serves it or without one.
    Write,
    /// Looking at what is there: nothing is made or brought up to date.
    Look,
}

/// The database: the one that was named, or the private cluster, which lives
/// as long as this value unless another program runs it.
pub struct Database {
    pub options: PgConnectOptions,
    /// The folder with the keys that its data depends on.
    pub keys: PathBuf,
    /// For messages.
    place: String,
    pub cluster: Option<Cluster>,
}

impl Database {
    /// To be called from the main thread: the server ends with the thread that started it.
    pub fn open(config: &Config, purpose: Purpose) -> anyhow::Result<Self> {
        if let Some(url) = &config.database_url {
            let options = PgConnectOptions::from_str(url).context("DATABASE_URL")?;
            let name = options.get_database().unwrap_or(options.get_username());
            let place = format!("{name} di {} (DATABASE_URL)", options.get_host());
            return Ok(Self { options, keys: config.data.join("keys"), place, cluster: None });
        }
        let chosen = choose_home(&config.data)?;
        if let Some(wanted) = &chosen.instead_of {
            let (wanted, data) = (wanted.display(), chosen.data.display());
            note(&format!(
                "Folder data: {data}, karena server basis data tidak dapat mencapai {wanted}"
            ));
        }
        Self::private(&chosen.data, purpose)
    }

    fn private(data: &Path, purpose: Purpose) -> anyhow::Result<Self> {
        let (home, keys) = (&data.join("postgres"), data.join("keys"));
        let place = format!("di {}", home.display());
        if !postgres::exists(home)? {
            anyhow::ensure!(
                purpose != Purpose::Look,
                "belum ada basis data {place}; jalankan dari folder tempat layanan berjalan, tetapkan SMARTCLASS_DATA, atau isi DATABASE_URL"
            );
            note(&format!("Membuat basis data baru {place}"));
        }
        match Cluster::start(home, Durability::Durable) {
            Err(StartError::InUse { .. }) if purpose != Purpose::Serve => {
                Ok(Self { options: postgres::join(home)?, keys, place, cluster: None })
            }
            started => {
                let cluster = started?;
                Ok(Self { options: cluster.options(), keys, place, cluster: Some(cluster) })
            }
        }
    }

    /// Brings the schema up to date.
    async fn migrate(&self) -> anyhow::Result<()> {
        database::migrate(self.options.clone()).await.with_context(|| self.named())
    }

    /// The pool of the pages, on an up-to-date schema.
    pub async fn serve(&self) -> anyhow::Result<PgPool> {
        self.migrate().await?;
        database::connect(self.options.clone()).await.with_context(|| self.named())
    }

    async fn command(&self, purpose: Purpose) -> anyhow::Result<PgPool> {
        if purpose != Purpose::Look {
            self.migrate().await?;
        }
        let pool = database::connect_patiently(self.options.clone()).await;
        let pool = pool.with_context(|| self.named())?;
        database::check(&pool).await.with_context(|| self.named())?;
        Ok(pool)
    }

    fn named(&self) -> String {
        format!("basis data {}", self.place)
    }
}

/// Does some work on the database and stops what was started for it.
pub fn with_database<T>(
    purpose: Purpose,
    work: impl AsyncFnOnce(PgPool) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    with_keys(purpose, async |pool, _| work(pool).await)
}

/// The same, with the folder of the keys.
pub fn with_keys<T>(
    purpose: Purpose,
    work: impl AsyncFnOnce(PgPool, &Path) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let config = Config::from_env()?;
    let database = Database::open(&config, purpose)?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let pool = database.command(purpose).await?;
        let done = work(pool.clone(), &database.keys).await;
        pool.close().await;
        done
    })
}

pub fn migrate() -> anyhow::Result<ExitCode> {
    with_database(Purpose::Write, async |_| Ok(ExitCode::SUCCESS))
}

/// A first administrator, with a link to set the password.
pub fn create_admin(new: &NewAdmin) -> anyhow::Result<ExitCode> {
    let base_url = Config::from_env()?.base_url;
    with_database(Purpose::Write, async |pool| {
        let now = Clock::System.now();
        let nip = people::Nip::parse(&new.nip, show::local_day(now)).context("--nip")?;
        let mut tx = Act::command("perintah: admin create").begin(&pool, now).await?;
        let unit = people::root_unit(&mut tx).await?;
        let person = people::NewPerson {
            name: form::seen(&new.name),
            nip,
            email: Some(people::read_email(&new.email).context("--email")?),
            unit,
            position: None,
            rank: None,
            service: people::Service::default(),
        };
        anyhow::ensure!(
            (1..=120).contains(&person.name.chars().count()),
            "--name: 1 sampai 120 karakter"
        );
        let person = people::add(&mut tx, &person, None, now).await?;
        account::grant(&mut tx, person, Role::Administrator, unit, None, now).await?;
        let token = account::invite(&mut tx, person, None, now).await?;
        tx.commit().await?;
        say(&format!("{base_url}/aktivasi/{token}"))?;
        Ok(ExitCode::SUCCESS)
    })
}
