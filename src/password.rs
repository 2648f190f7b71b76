//! Passwords: Argon2id, a few at a time, away from the threads that serve pages.

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::sync::Semaphore;

/// How long somebody waits for their turn before they are told to try again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a password was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("Kata sandi sedikitnya 12 huruf atau angka.")]
    Short,
    #[error("Kata sandi terlalu panjang.")]
    Long,
    #[error(
        "Kata sandi ini mudah ditebak. Pakai beberapa kata yang tidak berhubungan dengan diri Anda."
    )]
    Guessable,
}

/// The server had no turn to give: too many sign-ins at once.
#[derive(Debug, thiserror::Error)]
#[error("too many passwords are being checked")]
pub struct Overloaded;

/// Hashes and checks passwords, two at a time: each takes 19 MiB and tens of milliseconds.
#[derive(Debug, Clone)]
pub struct Hasher(Arc<Semaphore>);

impl Default for Hasher {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(2)))
    }
}

/// OWASP's minimum for Argon2id: 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Stands in for the hash of a person who does not exist, so that the answer
/// takes as long as for one who does.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash_now("nobody has this password").unwrap_or_default());

fn hash_now(password: &str) -> anyhow::Result<String> {
    let hash =
        argon2().hash_password(password.as_bytes()).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(hash.to_string())
}

impl Hasher {
    /// The hash to store.
    pub async fn hash(&self, password: String) -> anyhow::Result<String> {
        self.in_turn(move || hash_now(&password)).await?
    }

    /// Whether the password is the one that was hashed; takes the same time when there is none.
    pub async fn verify(&self, password: String, hash: Option<String>) -> anyhow::Result<bool> {
        self.in_turn(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.clone());
            let fits = PasswordHash::new(&hash)
                .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
            fits && known
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let turn = tokio::time::timeout(PATIENCE, self.0.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Overloaded)??;
        Ok(tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await?)
    }
}

/// Words that guessers try first here.
const GUESSED_FIRST: [&str; 14] = [
    "password",
    "katasandi",
    "rahasia",
    "indonesia",
    "sulteng",
    "sulawesi",
    "bpsdmd",
    "smartclass",
    "qwerty",
    "asdfgh",
    "123456",
    "abcdef",
    "bismillah",
    "selamat",
];

/// Accepts 12 characters to 256 bytes. Refuses what a guesser tries first: the
/// person's own NIP, birth date or name, one character repeated, and common
/// words with little else around them.
pub fn check(password: &str, nip: &str, name: &str) -> Result<(), WeakPassword> {
    if password.chars().count() < 12 {
        return Err(WeakPassword::Short);
    }
    if password.len() > 256 {
        return Err(WeakPassword::Long);
    }
    let plain: String = password.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let mut kinds: Vec<char> = plain.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    let own = [nip, nip.get(..8).unwrap_or(nip)]
        .iter()
        .any(|part| !part.is_empty() && plain.contains(part));
    let named = name.to_lowercase();
    let named = named.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() >= 4);
    // What is left once the guessable words are cut out must still be worth guessing.
    let left = named.chain(GUESSED_FIRST).fold(plain.clone(), |left, word| left.replace(word, ""));
    if own || kinds.len() < 5 || left.chars().count() < 6 {
        Err(WeakPassword::Guessable)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), WeakPassword> {
        super::check(password, "199005052015032005", "Nurhidayah Lasimpala, A.Md.Kep.")
    }

    #[test]
    fn a_few_unrelated_words_are_accepted() {
        assert_eq!(check("pisang goreng di teras"), Ok(()));
        assert_eq!(check("SmartClass-Demo-2026"), Ok(()));
    }

    #[test]
    fn what_guessers_try_first_is_refused() {
        for weak in [
            "199005052015032005",
            "lahir 19900505 saja",
            "nurhidayah lasimpala",
            "password123456",
            "aaaaaaaaaaaaaaa",
        ] {
            assert_eq!(check(weak), Err(WeakPassword::Guessable), "{weak}");
        }
        assert_eq!(check("pendek"), Err(WeakPassword::Short));
        assert_eq!(check(&"panjang sekali ".repeat(20)), Err(WeakPassword::Long));
    }

    #[tokio::test]
    async fn only_the_password_that_was_hashed_fits() {
        let hasher = Hasher::default();
        let hash = hasher.hash("pisang goreng".into()).await.unwrap();
        assert!(hasher.verify("pisang goreng".into(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("pisang rebus".into(), Some(hash)).await.unwrap());
        assert!(!hasher.verify("nobody has this password".into(), None).await.unwrap());
    }
}
