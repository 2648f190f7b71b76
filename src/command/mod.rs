//! What each subcommand does.

pub mod check;
pub mod demo;
pub mod serve;

use crate::NewAdmin;
use anyhow::Context;
use chrono::{DateTime, Utc};
use smartclass::{
    account::{self, Role},
    clock::Clock,
    config::{Config, VARIABLES},
    database, people,
    postgres::{Cluster, Durability, choose_home},
    web::show,
};
use sqlx::{PgPool, postgres::PgConnectOptions};
use std::{fmt::Write as _, io::Write as _, process::ExitCode, str::FromStr};

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

/// The database: the one that was named, or the private cluster, which lives
/// as long as this value.
pub struct Database {
    pub options: PgConnectOptions,
    pub cluster: Option<Cluster>,
}

impl Database {
    /// To be called from the main thread: the server ends with the thread that started it.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        if let Some(url) = &config.database_url {
            let options = PgConnectOptions::from_str(url).context("DATABASE_URL")?;
            return Ok(Self { options, cluster: None });
        }
        let chosen = choose_home(&config.data)?;
        if let Some(wanted) = &chosen.instead_of {
            let (wanted, data) = (wanted.display(), chosen.data.display());
            say(&format!(
                "Folder data: {data}, karena server basis data tidak dapat mencapai {wanted}"
            ))?;
        }
        let cluster = Cluster::start(&chosen.data.join("postgres"), Durability::Durable)?;
        Ok(Self { options: cluster.options(), cluster: Some(cluster) })
    }

    /// A pool on the database, its schema up to date.
    pub async fn ready(&self) -> anyhow::Result<PgPool> {
        database::migrate(self.options.clone()).await.context("skema tidak dapat dimutakhirkan")?;
        database::connect(self.options.clone()).await.context("basis data tidak dapat dihubungi")
    }
}

/// Does some work on the database and stops what was started for it.
pub fn with_database<T>(work: impl AsyncFnOnce(PgPool) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let config = Config::from_env()?;
    let database = Database::open(&config)?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let pool = database.ready().await?;
        let done = work(pool.clone()).await;
        pool.close().await;
        done
    })
}

pub fn migrate() -> anyhow::Result<ExitCode> {
    with_database(async |_| Ok(ExitCode::SUCCESS))
}

/// A first administrator, with a link to set the password.
pub fn create_admin(new: &NewAdmin) -> anyhow::Result<ExitCode> {
    let base_url = Config::from_env()?.base_url;
    with_database(async |pool| {
        let now = Clock::System.now();
        let nip = people::Nip::parse(&new.nip, show::local_day(now)).context("--nip")?;
        let mut tx = pool.begin().await?;
        let unit = people::root_unit(&mut tx).await?;
        let person = people::NewPerson {
            name: new.name.trim().to_owned(),
            nip,
            email: Some(people::read_email(&new.email).context("--email")?),
            unit,
            position: None,
            rank: None,
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
