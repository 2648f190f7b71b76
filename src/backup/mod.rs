//! A copy of an installation in a folder: its database and the keys that its data depends on,
//! both encrypted with a passphrase. `docs/decisions/0014-backup.md` has the reasons.
//!
//! The folder holds `database.enc` (what `pg_dump` writes), `keys.enc` (a JSON object of file
//! names and their bytes in hex) and `manifest.json`, which is written last and readable: without
//! it the copy is not whole. The key that signs certificates is never part of it.

mod crypt;
mod manifest;
mod tools;

use crate::{account, act::Act, assets::hex, database, mail, seal::KEY_FILES};
use anyhow::{Context, anyhow, bail, ensure};
use chrono::{DateTime, Utc};
use crypt::Cipher;
pub use crypt::{Passphrase, WeakPassphrase};
pub use manifest::{Counts, Head, Manifest};
use manifest::{DATABASE, KEYS};
use sqlx::{Connection, PgConnection, PgPool};
use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Read},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};
pub use tools::Server;

/// Writes a copy of the installation into the folder, which is made, or is there and empty.
///
/// The database is as it was at one moment, however long the copying takes; the program goes on
/// serving meanwhile. Fails without a copy when the folder of keys is not the one with which the
/// database was sealed.
pub async fn make(
    folder: &Path,
    server: &Server,
    keys: &Path,
    passphrase: &Passphrase,
    now: DateTime<Utc>,
) -> anyhow::Result<Manifest> {
    let named = || folder.display().to_string();
    // Before the database: what is remembered of seals may be behind it, never ahead.
    let key_files = read_keys(keys)?;
    let mut db = PgConnection::connect_with(&server.options).await?;
    let mut tx = db.begin_with("begin isolation level repeatable read read only").await?;
    let snapshot = sqlx::query_scalar!(r#"select pg_export_snapshot() as "snapshot!""#);
    let snapshot = snapshot.fetch_one(&mut *tx).await?;
    let head = head(&mut tx, now).await?;
    sealed_here(&mut tx, &key_files, keys).await?;
    let dump = tools::find("pg_dump", head.postgres)?;

    prepare(folder).with_context(named)?;
    let cipher = Cipher::new(passphrase, &head)?;
    // The snapshot stands as long as this transaction, which waits meanwhile.
    let (database, keys) = tokio::task::block_in_place(|| {
        let database = write(&folder.join(DATABASE), |file| {
            tools::dump(&dump, server, &snapshot, |plain| cipher.seal(DATABASE, plain, file))
        })?;
        let keys = write(&folder.join(KEYS), |file| {
            cipher.seal(KEYS, &mut serde_json::to_vec(&key_files)?.as_slice(), file)
        })?;
        anyhow::Ok((database, keys))
    })?;
    drop(tx);
    let files = BTreeMap::from([(DATABASE.to_owned(), database), (KEYS.to_owned(), keys)]);
    let manifest = Manifest { head, files };
    manifest.write(folder).with_context(named)?;
    Ok(manifest)
}

/// A copy whose files are as they were written and open with the passphrase.
pub struct Opened<'a> {
    folder: &'a Path,
    pub manifest: Manifest,
    cipher: Cipher,
    keys: BTreeMap<String, String>,
}

/// Reads the whole copy. Fails on anything that is missing, damaged, changed or strange, and on
/// another passphrase.
pub fn open<'a>(folder: &'a Path, passphrase: &Passphrase) -> anyhow::Result<Opened<'a>> {
    let manifest = Manifest::read(folder)?;
    let schema = manifest.head.schema;
    ensure!(
        database::newest() >= schema,
        "dicadangkan oleh program yang lebih baru (skema {schema}); pakai program itu"
    );
    for (name, written) in &manifest.files {
        let path = folder.join(name);
        let found = manifest::fingerprint(&path).with_context(|| path.display().to_string())?;
        ensure!(found == *written, "{}: rusak atau berubah sejak dicadangkan", path.display());
    }
    let cipher = Cipher::new(passphrase, &manifest.head)?;
    let mut keys = Vec::new();
    cipher
        .open(KEYS, &mut file(folder, KEYS)?, &mut keys)
        .context("kata sandi cadangan bukan yang dipakai ketika mencadangkan")?;
    let keys: BTreeMap<String, String> = serde_json::from_slice(&keys).context(KEYS)?;
    if let Some(strange) = keys.keys().find(|name| !KEY_FILES.contains(&name.as_str())) {
        bail!("{KEYS}: berisi {strange:?}, yang bukan berkas kunci");
    }
    cipher.open(DATABASE, &mut file(folder, DATABASE)?, &mut io::sink())?;
    Ok(Opened { folder, manifest, cipher, keys })
}

impl Opened<'_> {
    /// Puts the copy into an installation without data and without other keys, and brings its
    /// schema up to date. Sign-ins, links, slips and mail that waited end: which of them were used, ended or
    /// sent since is not known.
    ///
    /// Either all of the database is there afterwards or nothing.
    pub async fn restore(
        self,
        server: &Server,
        keys: &Path,
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let head = &self.manifest.head;
        let mut db = PgConnection::connect_with(&server.options).await?;
        let found = postgres_version(&mut db).await?;
        ensure!(
            found >= head.postgres,
            "dicadangkan dari PostgreSQL {}, sedangkan di sini PostgreSQL {found}; pakai versi itu atau yang lebih baru",
            head.postgres
        );
        ensure!(
            empty(&mut db).await?,
            "basis data tujuan sudah berisi; pulihkan ke folder data baru (SMARTCLASS_DATA) atau basis data kosong (DATABASE_URL)"
        );
        db.close().await?;
        let program = tools::find("pg_restore", found)?;
        self.write_keys(keys)?;
        tokio::task::block_in_place(|| {
            tools::restore(&program, server, |plain| {
                self.cipher.open(DATABASE, &mut file(self.folder, DATABASE)?, plain)
            })
        })?;
        database::migrate(server.options.clone()).await?;
        let pool = database::connect_patiently(server.options.clone()).await?;
        settle(&pool, head, now).await?;
        pool.close().await;
        Ok(())
    }

    /// Keys that are there already stay when they are the same: an interrupted restoration is
    /// begun anew.
    fn write_keys(&self, folder: &Path) -> anyhow::Result<()> {
        let mut wanted = Vec::new();
        for (name, text) in &self.keys {
            let path = folder.join(name);
            let bytes = unhex(text).ok_or_else(|| anyhow!("{KEYS}: {name} tidak terbaca"))?;
            match fs::read(&path) {
                Ok(found) if found == bytes => {}
                Ok(_) => {
                    bail!("{} sudah ada dan berbeda; pulihkan ke folder data baru", path.display())
                }
                Err(error) if error.kind() == ErrorKind::NotFound => wanted.push((path, bytes)),
                Err(error) => return Err(error).context(path.display().to_string()),
            }
        }
        for name in KEY_FILES.iter().filter(|name| !self.keys.contains_key(**name)) {
            let path = folder.join(name);
            ensure!(
                !path.exists(),
                "{} sudah ada dan bukan dari cadangan ini; pulihkan ke folder data baru",
                path.display()
            );
        }
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        for (path, bytes) in wanted {
            let write = || {
                let mut file = create(&path)?;
                io::copy(&mut bytes.as_slice(), &mut file)?;
                file.sync_all()
            };
            write().with_context(|| path.display().to_string())?;
        }
        Ok(())
    }
}

/// Whether what was restored is as much as was copied; ends what may have ended since.
async fn settle(pool: &PgPool, head: &Head, now: DateTime<Utc>) -> anyhow::Result<()> {
    let mut tx = Act::command("perintah: restore").begin(pool, now).await?;
    let found = counts(&mut tx).await?;
    ensure!(
        found == head.counts,
        "yang dipulihkan tidak lengkap: {found:?}, bukan {:?}",
        head.counts
    );
    account::end_all_ways_in(&mut tx, now).await?;
    mail::give_up_all(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// What the copy says of itself.
async fn head(db: &mut PgConnection, now: DateTime<Utc>) -> anyhow::Result<Head> {
    let schema = database::version(db).await?;
    let schema = schema.context("basis data masih kosong: belum ada yang dapat dicadangkan")?;
    Ok(Head {
        format: manifest::FORMAT,
        made_at: now,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        schema,
        postgres: postgres_version(db).await?,
        counts: counts(db).await?,
        salt: crypt::salt()?,
    })
}

async fn counts(db: &mut PgConnection) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"select (select count(*) from person) as "people!", (select count(*) from class) as "classes!",
             (select count(*) from ledger_entry) as "ledger_entries!",
             (select count(*) from certificate) as "certificates!""#
    )
    .fetch_one(db)
    .await
}

/// The major version: 15.
async fn postgres_version(db: &mut PgConnection) -> sqlx::Result<u32> {
    let number =
        sqlx::query_scalar!(r#"select current_setting('server_version_num')::int as "number!""#);
    Ok(u32::try_from(number.fetch_one(db).await? / 10_000).unwrap_or(0))
}

/// Whether nothing was ever made in the database.
async fn empty(db: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select not exists (
             select from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname <> 'information_schema' and n.nspname not like 'pg\_%') as "empty!""#
    )
    .fetch_one(db)
    .await
}

/// Without the key with which it sealed, a restored installation would take its own seals for a
/// stranger's.
async fn sealed_here(
    db: &mut PgConnection,
    keys: &BTreeMap<String, String>,
    folder: &Path,
) -> anyhow::Result<()> {
    let sealed = sqlx::query_scalar!(r#"select exists (select from seal) as "sealed!""#);
    ensure!(
        !keys.is_empty() || !sealed.fetch_one(db).await?,
        "kunci segel tidak ada di {}; jalankan dengan SMARTCLASS_DATA yang dipakai layanan",
        folder.display()
    );
    Ok(())
}

/// The files of the folder that the data depends on.
fn read_keys(folder: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut keys = BTreeMap::new();
    for name in KEY_FILES {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(bytes) => keys.insert(name.to_owned(), hex(&bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error).context(path.display().to_string()),
        };
    }
    Ok(keys)
}

/// Makes the folder, for this user alone.
fn prepare(folder: &Path) -> anyhow::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    ensure!(
        fs::read_dir(folder)?.next().is_none(),
        "folder tidak kosong; cadangkan ke folder baru"
    );
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    Ok(())
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Writes a file to the disk and says what it has become.
fn write(
    path: &Path,
    content: impl FnOnce(&mut File) -> anyhow::Result<()>,
) -> anyhow::Result<manifest::Written> {
    let write = || {
        let mut file = create(path)?;
        content(&mut file)?;
        file.sync_all()?;
        anyhow::Ok(manifest::fingerprint(path)?)
    };
    write().with_context(|| path.display().to_string())
}

fn file(folder: &Path, name: &str) -> anyhow::Result<impl Read> {
    let path = folder.join(name);
    File::open(&path).map(io::BufReader::new).with_context(|| path.display().to_string())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(byte).collect()
}
