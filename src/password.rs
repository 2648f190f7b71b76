//! Passwords: Argon2id, a few at a time, away from the threads that serve pages.

use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::phc::{Output, ParamsString, Salt},
};
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::sync::Semaphore;
use zxcvbn::{
    Score,
    feedback::{Feedback, Warning},
    zxcvbn,
};

/// How many passwords are worked on at a time.
const AT_A_TIME: usize = 2;

/// How many wait for it at most: those of a whole class that begins, a few seconds' work. Who waits
/// takes no memory to speak of.
const WAITING: usize = 256;

/// How long somebody waits for their turn before they are told to try again.
const PATIENCE: Duration = Duration::from_secs(15);

/// Why a password was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("Kata sandi sedikitnya 12 karakter.")]
    Short,
    #[error("Kata sandi terlalu panjang: paling banyak 256 karakter.")]
    Long,
    #[error(
        "Kata sandi ini memuat nama, NIP, atau tanggal lahir Anda, yang juga diketahui orang lain. Pakai beberapa kata yang tidak berhubungan dengan diri Anda."
    )]
    Own,
    #[error(
        "Kata sandi ini sama atau mirip dengan yang dipakai banyak orang, jadi ditebak lebih dulu. Pakai beberapa kata yang tidak berhubungan."
    )]
    Common,
    #[error(
        "Kata sandi ini berupa pengulangan atau urutan, misalnya aaaa, 12345, atau qwerty. Pakai beberapa kata yang tidak berhubungan."
    )]
    Pattern,
    #[error("Kata sandi ini mudah ditebak. Tambahkan satu atau dua kata yang tidak berhubungan.")]
    Guessable,
}

/// The server had no turn to give: too many sign-ins at once.
#[derive(Debug, thiserror::Error)]
#[error("too many passwords are being checked")]
pub struct Overloaded;

/// Hashes and checks passwords, two at a time: each takes 19 MiB and tens of milliseconds.
#[derive(Debug, Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    /// Places for those whose turn it is and those who wait for theirs.
    places: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
            places: Arc::new(Semaphore::new(AT_A_TIME + WAITING)),
        }
    }
}

/// OWASP's minimum for Argon2id: 19 MiB, two passes, one lane.
fn params() -> Params {
    Params::new(19 * 1024, 2, 1, None).unwrap_or_default()
}

/// Blocks of 1 KiB, more than 32 MiB of them: so much glibc's allocator asks of the system each time
/// and gives back at once. Less it would keep, for each of the threads that ever worked a
/// password out. What is not used of it costs nothing.
const GIVEN_BACK: usize = 33 * 1024;

/// Argon2id of the password, as many bytes as there are in `out`.
fn work_out(password: &str, salt: &[u8], params: Params, out: &mut [u8]) -> anyhow::Result<()> {
    let blocks = params.block_count();
    let mut memory = Vec::with_capacity(blocks.max(GIVEN_BACK));
    memory.resize(blocks, Block::new());
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.as_bytes(), salt, out, &mut memory)
        .map_err(|error| anyhow::anyhow!("{error}"))
}

/// Stands in for the hash of a person who does not exist, so that the answer
/// takes as long as for one who does.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash_now("nobody has this password").unwrap_or_default());

fn hash_now(password: &str) -> anyhow::Result<String> {
    let (mut salt, mut out) = ([0; 16], [0; Params::DEFAULT_OUTPUT_LEN]);
    getrandom::fill(&mut salt)?;
    work_out(password, &salt, params(), &mut out)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params())?,
        salt: Some(Salt::new(&salt)?),
        hash: Some(Output::new(&out)?),
    };
    Ok(hash.to_string())
}

/// Whether that is the hash of the password; not for a hash of another form.
fn fits(password: &str, hash: &str) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let (salt, wanted) = (hash.salt?, hash.hash?);
    let own = hash.algorithm == Algorithm::Argon2id.ident();
    let params = Params::try_from(&hash).ok().filter(|_| own)?;
    let mut out = vec![0; wanted.len()];
    work_out(password, &salt, params, &mut out).ok()?;
    // Compared in constant time.
    Some(Output::new(&out).ok()? == wanted)
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
            fits(&password, &hash) == Some(true) && known
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let _place = self.places.try_acquire().map_err(|_| Overloaded)?;
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Overloaded)??;
        Ok(tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await?)
    }
}

/// Words that guessers try first here, beside those that they try first everywhere.
const GUESSED_FIRST: [&str; 22] = [
    "katasandi",
    "rahasia",
    "indonesia",
    "merdeka",
    "pancasila",
    "sulteng",
    "sulawesi",
    "tengah",
    "bpsdmd",
    "smartclass",
    "bismillah",
    "selamat",
    "sayang",
    "asn",
    "pns",
    "pppk",
    "bkd",
    "palu",
    "pemprov",
    "provinsi",
    "pegawai",
    "belajar",
];

/// Accepts 12 characters to 256 bytes. Refuses what a guesser tries first: the
/// person's own NIP, birth date or name, what everybody here thinks of, repeats and rows, and common
/// passwords or words with little else around them.
pub fn check(password: &str, nip: &str, name: &str) -> Result<(), WeakPassword> {
    if password.chars().count() < 12 {
        return Err(WeakPassword::Short);
    }
    if password.len() > 256 {
        return Err(WeakPassword::Long);
    }
    let plain: String = password.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let name = name.to_lowercase();
    let mut words: Vec<&str> =
        name.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() >= 3).collect();
    let dates = dates(nip);
    words.extend(dates.iter().map(String::as_str));
    words.extend(nip.get(8..));
    // What is left once the guessable words are cut out must still be worth guessing.
    let little = |words: &[&str]| {
        words.iter().fold(plain.clone(), |left, word| left.replace(word, "")).chars().count() < 6
    };
    if births(nip).iter().any(|part| plain.contains(part)) || little(&words) {
        return Err(WeakPassword::Own);
    }
    words.extend(GUESSED_FIRST);
    if little(&words) {
        return Err(WeakPassword::Common);
    }
    let mut kinds: Vec<char> = plain.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    let guessed = zxcvbn(password, &words);
    if kinds.len() < 5 || guessed.score() < Score::Three {
        return Err(reason(guessed.feedback().and_then(Feedback::warning)));
    }
    Ok(())
}

/// The birth date in a NIP, the year first as there and last as people write it.
fn births(nip: &str) -> Vec<String> {
    match (nip.get(..4), nip.get(4..6), nip.get(6..8)) {
        (Some(year), Some(month), Some(day)) => {
            vec![format!("{year}{month}{day}"), format!("{day}{month}{year}")]
        }
        _ => Vec::new(),
    }
}

/// The same as people shorten it: in six digits, and the year alone.
fn dates(nip: &str) -> Vec<String> {
    match (nip.get(..4), nip.get(2..4), nip.get(4..6), nip.get(6..8)) {
        (Some(whole), Some(year), Some(month), Some(day)) => {
            vec![format!("{day}{month}{year}"), format!("{year}{month}{day}"), whole.to_owned()]
        }
        _ => Vec::new(),
    }
}

fn reason(warning: Option<Warning>) -> WeakPassword {
    use Warning as W;
    match warning {
        Some(
            W::StraightRowsOfKeysAreEasyToGuess
            | W::ShortKeyboardPatternsAreEasyToGuess
            | W::RepeatsLikeAaaAreEasyToGuess
            | W::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess
            | W::SequencesLikeAbcAreEasyToGuess,
        ) => WeakPassword::Pattern,
        Some(
            W::ThisIsATop10Password
            | W::ThisIsATop100Password
            | W::ThisIsACommonPassword
            | W::ThisIsSimilarToACommonlyUsedPassword,
        ) => WeakPassword::Common,
        _ => WeakPassword::Guessable,
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
        for fine in [
            "pisang goreng di teras",
            "SmartClass-Demo-2026",
            "teh manis hangat",
            "hujan turun sore",
            "x7Kp2mQ9vLsT",
        ] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
    }

    #[test]
    fn what_guessers_try_first_is_refused_with_the_reason() {
        for (weak, why) in [
            ("pendek", WeakPassword::Short),
            (&"panjang sekali ".repeat(20), WeakPassword::Long),
            ("199005052015032005", WeakPassword::Own),
            ("lahir 19900505 saja", WeakPassword::Own),
            ("lahir 05-05-1990 di Palu", WeakPassword::Own),
            ("nurhidayah lasimpala", WeakPassword::Own),
            ("Nurhidayah1990", WeakPassword::Own),
            ("nip 2015032005", WeakPassword::Own),
            ("050590 lasimpala", WeakPassword::Own),
            ("asn sulteng 2026", WeakPassword::Common),
            ("pppkpemprovpalu", WeakPassword::Common),
            ("iloveyou1234", WeakPassword::Common),
            ("password123456", WeakPassword::Common),
            ("P@ssw0rd1234", WeakPassword::Common),
            ("superman1234", WeakPassword::Common),
            ("1q2w3e4r5t6y", WeakPassword::Common),
            ("Sulteng2026!!", WeakPassword::Common),
            ("indonesia merdeka", WeakPassword::Common),
            ("aaaaaaaaaaaaaaa", WeakPassword::Pattern),
            ("123456789012", WeakPassword::Pattern),
            ("abcdefghijkl", WeakPassword::Pattern),
            ("kucingkucing1", WeakPassword::Pattern),
            ("bismillah1234", WeakPassword::Common),
            ("administrator1", WeakPassword::Guessable),
        ] {
            assert_eq!(check(weak), Err(why), "{weak}");
        }
    }

    #[tokio::test]
    async fn whoever_finds_too_many_waiting_is_told_at_once() {
        let hasher = Hasher::default();
        let turns = hasher.turns.acquire_many(2).await.unwrap();
        let tries = || {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.verify("tebakan".into(), None).await })
        };
        let first: Vec<_> = (0..AT_A_TIME + WAITING).map(|_| tries()).collect();
        let one_more = tries().await.unwrap().unwrap_err();
        assert!(one_more.is::<Overloaded>());
        drop(turns);
        for (number, waited) in first.into_iter().enumerate() {
            if number < 2 * AT_A_TIME {
                assert!(!waited.await.unwrap().unwrap());
            } else {
                waited.abort(); // no more of the work itself
            }
        }
    }

    #[test]
    fn a_hash_by_another_implementation_is_understood() {
        // From the tests of the reference implementation, github.com/P-H-C/phc-winner-argon2.
        let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert_eq!(fits("password", hash), Some(true));
        assert_eq!(fits("passwore", hash), Some(false));
        assert_eq!(fits("password", &hash.replace("argon2id", "argon2i")), None);
        assert_eq!(fits("password", "password"), None);
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
