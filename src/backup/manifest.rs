//! What a copy says of itself, readable without the passphrase.

use crate::assets::hex;
use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, ErrorKind, Read},
    path::Path,
};

pub(super) const DATABASE: &str = "database.enc";
pub(super) const KEYS: &str = "keys.enc";
pub(super) const MANIFEST: &str = "manifest.json";

/// The form of copies that this program writes, and the only one so far.
pub(super) const FORMAT: u32 = 1;

/// All that stands in `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    #[serde(flatten)]
    pub head: Head,
    /// By name.
    pub files: BTreeMap<String, Written>,
}

/// What is known when the copying begins. Both files are bound to it: with another head they do
/// not open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub format: u32,
    /// The database is as it was then.
    pub made_at: DateTime<Utc>,
    /// The version of the program.
    pub program: String,
    /// The last migration.
    pub schema: i64,
    /// The major version of the server.
    pub postgres: u32,
    pub counts: Counts,
    /// Of the passphrase, 16 bytes in hex.
    pub salt: String,
}

/// How much there is, to be held against what is restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub people: i64,
    pub classes: i64,
    pub ledger_entries: i64,
    pub certificates: i64,
}

/// A file of the copy as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    pub bytes: u64,
    /// In hex.
    pub sha256: String,
}

impl Manifest {
    /// Last of all and at once: a copy with a manifest is whole.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let (aside, file) = (folder.join(".manifest"), folder.join(MANIFEST));
        super::write(&aside, |file| {
            let text = serde_json::to_string_pretty(self)? + "\n";
            io::copy(&mut text.as_bytes(), file)?;
            Ok(())
        })?;
        fs::rename(aside, file)?;
        File::open(folder)?.sync_all()?;
        Ok(())
    }

    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(MANIFEST);
        let named = || path.display().to_string();
        let text = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                anyhow::bail!("{} tidak ada: bukan cadangan, atau tidak selesai dibuat", named())
            }
            text => text.with_context(named)?,
        };
        let broken = || format!("{}: rusak", named());
        let text: serde_json::Value = serde_json::from_slice(&text).with_context(broken)?;
        ensure!(
            text["format"] == FORMAT,
            "{}: bentuk {} tidak dikenal program ini; pakai program yang lebih baru",
            named(),
            text["format"]
        );
        let manifest: Self = serde_json::from_value(text).with_context(broken)?;
        ensure!(manifest.files.keys().eq([DATABASE, KEYS]), broken());
        Ok(manifest)
    }
}

pub(super) fn fingerprint(path: &Path) -> io::Result<Written> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; 64 * 1024]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(Written { bytes, sha256: hex(&hash.finalize()) }),
            read => {
                hash.update(&piece[..read]);
                bytes += read as u64;
            }
        }
    }
}
