//! The key that signs seals, and what this installation remembers of its own seals outside of
//! the database: whoever rewrites the database cannot rewrite that.

use super::Chain;
use crate::assets::hex;
use anyhow::{Context, anyhow};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// The private key, PKCS #8.
const KEY_FILE: &str = "seal.pk8";

/// What was sealed last.
const MEMORY_FILE: &str = "seals.json";

/// All that a copy of an installation needs of the folder.
pub const KEY_FILES: [&str; 2] = [KEY_FILE, MEMORY_FILE];

/// The folder with the key, and the key.
pub struct Keys {
    folder: PathBuf,
    pair: Ed25519KeyPair,
}

impl Keys {
    /// Reads the key of that folder, and makes one where there is none.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(KEY_FILE);
        let named = || file.display().to_string();
        if !file.exists() {
            make(folder, &file).with_context(named)?;
        }
        let pkcs8 = fs::read(&file).with_context(named)?;
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8)
            .map_err(|why| anyhow!("bukan kunci segel ({why})"))
            .with_context(named)?;
        Ok(Self { folder: folder.to_owned(), pair })
    }

    /// The half that everybody may know.
    pub fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    pub(super) fn sign(&self, hash: &[u8]) -> Vec<u8> {
        self.pair.sign(hash).as_ref().to_owned()
    }

    /// Remembers the last seal of a chain, and the keys that were known then. Keys that came
    /// later by another hand stay strange.
    pub(super) fn remember(
        &self,
        chain: Chain,
        number: i32,
        hash: &[u8],
        known: &[Vec<u8>],
    ) -> anyhow::Result<()> {
        let mut memory = Memory::read(&self.folder)?.unwrap_or_else(|| Memory {
            keys: known.iter().map(|key| hex(key)).collect(),
            last: BTreeMap::new(),
        });
        memory.keys.insert(hex(self.public()));
        memory.last.insert(chain.code().to_owned(), Last { number, hash: hex(hash) });
        let file = self.folder.join(MEMORY_FILE);
        write_aside(&self.folder, serde_json::to_string_pretty(&memory)?.as_bytes())
            .and_then(|aside| fs::rename(aside, &file))
            .with_context(|| file.display().to_string())
    }
}

/// Whoever comes second finds the key of the first.
fn make(folder: &Path, file: &Path) -> anyhow::Result<()> {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_| anyhow!("tidak ada sumber bilangan acak"))?;
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let aside = write_aside(folder, pkcs8.as_ref())?;
    let linked = fs::hard_link(&aside, file);
    fs::remove_file(&aside)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes the bytes to a file beside, for this user alone.
fn write_aside(folder: &Path, bytes: &[u8]) -> std::io::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(std::io::Error::other)?;
    let aside = folder.join(format!(".{}", hex(&random)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(aside)
}

#[derive(Serialize, Deserialize)]
pub(super) struct Last {
    pub number: i32,
    pub hash: String,
}

/// What the folder remembers.
#[derive(Serialize, Deserialize)]
pub(super) struct Memory {
    pub keys: BTreeSet<String>,
    pub last: BTreeMap<String, Last>,
}

impl Memory {
    /// Nothing where nothing was sealed yet.
    pub fn read(folder: &Path) -> anyhow::Result<Option<Self>> {
        let file = folder.join(MEMORY_FILE);
        match fs::read(&file) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map(Some).with_context(|| file.display().to_string())
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| file.display().to_string()),
        }
    }
}
