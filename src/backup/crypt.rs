//! Encrypting with a passphrase: Argon2id (RFC 9106) makes the key, AES-256-GCM closes pieces of
//! 64 KiB one by one, so that a file of any size needs little memory.
//!
//! Each piece is bound to its place by its nonce, to its file and copy by the associated data, and
//! says whether it is the last (the STREAM construction, Hoang, Reyhanitabar, Rogaway and Vizár
//! 2015): pieces that are cut off, swapped or taken from elsewhere do not open.

use super::Head;
use crate::assets::hex;
use anyhow::{anyhow, ensure};
use argon2::{Algorithm, Argon2, Params, Version};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::io::{self, BufRead, BufReader, Read, Write};

/// Bytes of a piece before it is closed.
const PIECE: usize = 64 * 1024;

/// 256 MiB and two passes: a copy is opened seldom, and guessed at by whoever stole it.
const MEMORY_KIB: u32 = 256 * 1024;
const PASSES: u32 = 2;

/// Characters of a passphrase, at least.
const SHORTEST: usize = 16;

/// With what a copy is closed.
pub struct Passphrase(String);

/// Why a passphrase was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "sedikitnya 16 karakter; pakai beberapa kata acak dan simpan di tempat lain daripada cadangannya"
)]
pub struct WeakPassphrase;

impl Passphrase {
    pub fn new(text: String) -> Result<Self, WeakPassphrase> {
        if text.chars().count() < SHORTEST { Err(WeakPassphrase) } else { Ok(Self(text)) }
    }
}

/// The salt of a new copy.
pub(super) fn salt() -> anyhow::Result<String> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)?;
    Ok(hex(&salt))
}

/// Closes and opens the files of one copy.
pub(super) struct Cipher {
    key: [u8; 32],
    /// What every piece is bound to.
    head: Vec<u8>,
}

impl Cipher {
    pub fn new(passphrase: &Passphrase, head: &Head) -> anyhow::Result<Self> {
        let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|why| anyhow!("{why}"))?;
        let mut key = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.0.as_bytes(), head.salt.as_bytes(), &mut key)
            .map_err(|why| anyhow!("{why}"))?;
        Ok(Self { key, head: serde_json::to_vec(head)? })
    }

    /// Closes all that can be read.
    pub fn seal(&self, name: &str, plain: &mut dyn Read, to: &mut dyn Write) -> anyhow::Result<()> {
        let file = self.file(name)?;
        let mut plain = BufReader::with_capacity(PIECE, plain);
        for number in 0.. {
            let mut piece = read_up_to(&mut plain, PIECE)?;
            let last = plain.fill_buf()?.is_empty();
            let (nonce, bound) = file.place(number, last);
            file.key
                .seal_in_place_append_tag(nonce, bound, &mut piece)
                .map_err(|_| anyhow!("tidak dapat dienkripsi"))?;
            to.write_all(&piece)?;
            if last {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Opens all that can be read. What was written when this fails is to be thrown away.
    pub fn open(
        &self,
        name: &str,
        closed: &mut dyn Read,
        to: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let file = self.file(name)?;
        let size = PIECE + AES_256_GCM.tag_len();
        let mut closed = BufReader::with_capacity(size, closed);
        for number in 0.. {
            let mut piece = read_up_to(&mut closed, size)?;
            let last = closed.fill_buf()?.is_empty();
            let (nonce, bound) = file.place(number, last);
            let plain = file.key.open_in_place(nonce, bound, &mut piece);
            let plain = plain.map_err(|_| {
                anyhow!("{name}: tidak dapat dibuka; berkas atau manifest.json berubah")
            })?;
            to.write_all(plain)?;
            if last {
                return Ok(());
            }
        }
        Ok(())
    }

    fn file(&self, name: &str) -> anyhow::Result<Closed> {
        let key = UnboundKey::new(&AES_256_GCM, &self.key).map_err(|_| anyhow!("kunci"))?;
        ensure!(name.len() <= 255, "nama berkas terlalu panjang");
        let bound = [self.head.as_slice(), b"\n", name.as_bytes()].concat();
        Ok(Closed { key: LessSafeKey::new(key), name: name.as_bytes()[0], bound })
    }
}

/// One file of the copy.
struct Closed {
    key: LessSafeKey,
    /// The first letter, which is another for each file of a copy, so that no nonce comes twice.
    name: u8,
    bound: Vec<u8>,
}

impl Closed {
    fn place(&self, number: u64, last: bool) -> (Nonce, Aad<Vec<u8>>) {
        let mut nonce = [0; NONCE_LEN];
        nonce[0] = self.name;
        nonce[4..].copy_from_slice(&number.to_be_bytes());
        let bound = [self.bound.as_slice(), &[u8::from(last)]].concat();
        (Nonce::assume_unique_for_key(nonce), Aad::from(bound))
    }
}

/// So many bytes, fewer at the end alone.
fn read_up_to(from: &mut impl Read, size: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(size + AES_256_GCM.tag_len());
    from.take(size as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::Counts;

    /// A cipher without the work that a passphrase takes.
    fn cipher(program: &str) -> Cipher {
        let counts = Counts { people: 1, classes: 2, ledger_entries: 3, certificates: 4 };
        let head = Head {
            format: 1,
            made_at: chrono::DateTime::UNIX_EPOCH,
            program: program.into(),
            schema: 10,
            postgres: 15,
            counts,
            salt: String::new(),
        };
        Cipher { key: [7; 32], head: serde_json::to_vec(&head).unwrap_or_default() }
    }

    fn sealed(name: &str, plain: &[u8]) -> Vec<u8> {
        let mut closed = Vec::new();
        let done = cipher("1").seal(name, &mut { plain }, &mut closed);
        assert!(done.is_ok());
        closed
    }

    fn opened(cipher: &Cipher, name: &str, closed: &[u8]) -> Option<Vec<u8>> {
        let mut plain = Vec::new();
        cipher.open(name, &mut { closed }, &mut plain).ok().map(|()| plain)
    }

    #[test]
    fn what_was_closed_opens_at_every_size_around_a_piece() {
        for size in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 5] {
            let plain: Vec<u8> = (0..=250).cycle().take(size).collect();
            let closed = sealed("database.enc", &plain);
            assert_eq!(opened(&cipher("1"), "database.enc", &closed), Some(plain));
        }
    }

    #[test]
    fn pieces_that_were_cut_off_swapped_repeated_or_changed_do_not_open() {
        let closed = sealed("database.enc", &vec![1; 3 * PIECE]);
        let (a, rest) = closed.split_at(PIECE + 16);
        let (b, c) = rest.split_at(PIECE + 16);
        for forged in [
            vec![a, b],
            vec![a],
            vec![],
            vec![b, a, c],
            vec![a, c],
            vec![a, a, b, c],
            vec![a, b, c, c],
            vec![a, b, &c[..c.len() - 1]],
        ] {
            assert_eq!(opened(&cipher("1"), "database.enc", &forged.concat()), None);
        }
        let mut changed = closed;
        changed[5] ^= 1;
        assert_eq!(opened(&cipher("1"), "database.enc", &changed), None);
    }

    #[test]
    fn a_file_opens_only_as_itself_and_with_the_head_it_was_made_with() {
        let closed = sealed("keys.enc", b"{}");
        assert_eq!(opened(&cipher("1"), "keys.enc", &closed).as_deref(), Some(&b"{}"[..]));
        assert_eq!(opened(&cipher("1"), "database.enc", &closed), None);
        assert_eq!(opened(&cipher("2"), "keys.enc", &closed), None);
    }

    #[test]
    fn a_short_passphrase_is_refused() {
        assert!(Passphrase::new("kuda laut empat".into()).is_err());
        assert!(Passphrase::new("kuda laut empat!".into()).is_ok());
    }
}
