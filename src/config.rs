//! What the environment says. All problems are reported at once, each with
//! the variable's name.

use std::{
    env,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

/// Every variable and what it means, for `--help`.
pub const VARIABLES: &[(&str, &str)] = &[
    (
        "DATABASE_URL",
        "PostgreSQL yang dipakai; tanpa ini program menjalankan klaster sendiri di folder data",
    ),
    ("SMARTCLASS_ADDR", "alamat yang didengarkan, bawaan 127.0.0.1:8080"),
    (
        "SMARTCLASS_BASE_URL",
        "alamat yang dilihat pengguna dan dicetak pada kode QR, bawaan http://127.0.0.1:8080",
    ),
    ("SMARTCLASS_DATA", "folder klaster, berkas, dan kunci, bawaan ./data"),
    (
        "SMARTCLASS_PG_BIN",
        "folder program server PostgreSQL (initdb, postgres), bila tidak di tempat biasa",
    ),
    (
        "SMARTCLASS_TRUSTED_PROXIES",
        "alamat IP proksi lain yang X-Forwarded-For-nya dipercaya, dipisah koma; proksi pada komputer yang sama selalu dipercaya",
    ),
    ("RUST_LOG", "kerincian catatan, bawaan info"),
];

#[derive(Debug, Clone)]
pub struct Config {
    /// Absent: the private cluster under `data`.
    pub database_url: Option<String>,
    pub addr: SocketAddr,
    /// Without a slash at the end.
    pub base_url: String,
    pub data: PathBuf,
    /// Beside those on this machine: who may say in whose name they ask.
    pub trusted_proxies: Vec<IpAddr>,
}

/// All that is wrong with the environment.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct ConfigError(Vec<String>);

impl Config {
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from(|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn from(read: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        let addr = read("SMARTCLASS_ADDR").unwrap_or_else(|| "127.0.0.1:8080".into());
        let addr = addr.parse().unwrap_or_else(|_| {
            problems.push(format!("SMARTCLASS_ADDR: {addr:?} bukan alamat seperti 127.0.0.1:8080"));
            SocketAddr::from(([127, 0, 0, 1], 8080))
        });
        let base_url = read("SMARTCLASS_BASE_URL").unwrap_or_else(|| format!("http://{addr}"));
        let base_url = base_url.trim_end_matches('/').to_owned();
        if let Some(problem) = unsafe_base_url(&base_url) {
            problems.push(format!("SMARTCLASS_BASE_URL: {problem}"));
        }
        let database_url = read("DATABASE_URL");
        if database_url.as_ref().is_some_and(|url| !url.starts_with("postgres")) {
            problems.push("DATABASE_URL: harus diawali postgres://".into());
        }
        let data = read("SMARTCLASS_DATA").map_or_else(|| PathBuf::from("data"), PathBuf::from);
        let proxies = read("SMARTCLASS_TRUSTED_PROXIES").unwrap_or_default();
        let trusted_proxies = read_proxies(&proxies, &mut problems);
        if problems.is_empty() {
            Ok(Self { database_url, addr, base_url, data, trusted_proxies })
        } else {
            Err(ConfigError(problems))
        }
    }

    /// Whether pages travel over TLS, so that cookies may insist on it.
    pub fn secure(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}

fn read_proxies(list: &str, problems: &mut Vec<String>) -> Vec<IpAddr> {
    let mut proxies = Vec::new();
    for text in list.split(',').map(str::trim).filter(|text| !text.is_empty()) {
        match text.parse() {
            Ok(proxy) => proxies.push(proxy),
            Err(_) => {
                problems.push(format!("SMARTCLASS_TRUSTED_PROXIES: {text:?} bukan alamat IP"));
            }
        }
    }
    proxies
}

/// Plain HTTP is for the machine itself: passwords would travel readable.
fn unsafe_base_url(url: &str) -> Option<String> {
    if url.starts_with("https://") {
        return None;
    }
    let Some(host) = url.strip_prefix("http://") else {
        return Some(format!(
            "{url:?} harus diawali https:// (atau http:// pada komputer sendiri)"
        ));
    };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let local = name == "localhost"
        || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    (!local).then(|| format!("{url:?} memakai http; di luar komputer sendiri pakai https://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_need_be_set() {
        let config = config(&[]).unwrap();
        assert_eq!(config.base_url, "http://127.0.0.1:8080");
        assert!(!config.secure());
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let error = config(&[
            ("SMARTCLASS_ADDR", "di sini"),
            ("DATABASE_URL", "mysql://x"),
            ("SMARTCLASS_BASE_URL", "http://asn.example"),
            ("SMARTCLASS_TRUSTED_PROXIES", "10.0.0.1, proksi"),
        ])
        .unwrap_err()
        .to_string();
        for name in [
            "SMARTCLASS_ADDR",
            "DATABASE_URL",
            "SMARTCLASS_BASE_URL",
            "SMARTCLASS_TRUSTED_PROXIES: \"proksi\"",
        ] {
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        assert!(config(&[("SMARTCLASS_BASE_URL", "http://localhost:3000/")]).is_ok());
        assert!(config(&[("SMARTCLASS_BASE_URL", "http://[::1]:3000")]).is_ok());
        assert!(config(&[("SMARTCLASS_BASE_URL", "https://asn.example")]).unwrap().secure());
    }
}
