//! What the environment says. All problems are reported at once, each with
//! the variable's name.

use lettre::{AsyncSmtpTransport, Tokio1Executor, message::Mailbox};
use openidconnect::url::{Host, Url};
use std::{
    env, fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

/// Opens and closes copies of the installation; read by those commands alone.
pub const BACKUP_PASSPHRASE: &str = "SMARTCLASS_BACKUP_PASSPHRASE";

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
    (
        "SMARTCLASS_SMTP_URL",
        "peladen surel, misalnya smtps://pemakai:sandi@surel.example.go.id atau smtp://…?tls=required; tanpa ini tidak ada surel",
    ),
    ("SMARTCLASS_MAIL_FROM", "pengirim surel, misalnya Smart Class ASN <kelas@example.go.id>"),
    (
        "SMARTCLASS_OIDC_ISSUER",
        "penyedia akun untuk masuk terpadu (OpenID Connect), misalnya https://sso.example.go.id/realms/asn; tanpa ini tidak ada masuk terpadu",
    ),
    ("SMARTCLASS_OIDC_CLIENT_ID", "nama program ini pada penyedia itu"),
    ("SMARTCLASS_OIDC_CLIENT_SECRET", "rahasia program ini pada penyedia itu"),
    (
        "SMARTCLASS_OIDC_NIP_CLAIM",
        "klaim yang berisi NIP, boleh berjenjang seperti attributes.nip, bawaan nip",
    ),
    (BACKUP_PASSPHRASE, "kata sandi cadangan untuk backup dan restore, sedikitnya 16 karakter"),
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
    /// Absent: nothing is mailed.
    pub mail: Option<Smtp>,
    /// Absent: nobody signs in with an account of another provider.
    pub single_sign_on: Option<SingleSignOn>,
}

/// Whom mails are handed to, and whom they are from.
#[derive(Clone)]
pub struct Smtp {
    /// As lettre reads it; may hold a password.
    pub url: String,
    pub from: Mailbox,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("from", &self.from).finish_non_exhaustive()
    }
}

/// The provider whose accounts people sign in with, and how it knows this program.
#[derive(Clone)]
pub struct SingleSignOn {
    /// Letter by letter as the provider calls itself.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    /// The claim that holds a NIP, or the way to it by points.
    pub nip_claim: String,
}

impl fmt::Debug for SingleSignOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingleSignOn").field("issuer", &self.issuer).finish_non_exhaustive()
    }
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
        let mail = read_mail(
            read("SMARTCLASS_SMTP_URL"),
            read("SMARTCLASS_MAIL_FROM").as_deref(),
            &mut problems,
        );
        let single_sign_on = read_single_sign_on(&read, &mut problems);
        if problems.is_empty() {
            Ok(Self { database_url, addr, base_url, data, trusted_proxies, mail, single_sign_on })
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

fn read_mail(url: Option<String>, from: Option<&str>, problems: &mut Vec<String>) -> Option<Smtp> {
    if let Some(problem) = url.as_deref().and_then(unfit_smtp_url) {
        problems.push(format!("SMARTCLASS_SMTP_URL: {problem}"));
    }
    let sender = from.map(str::parse::<Mailbox>);
    if let Some(Err(_)) = sender {
        problems.push(format!(
            "SMARTCLASS_MAIL_FROM: {:?} bukan alamat seperti Smart Class ASN <kelas@example.go.id>",
            from.unwrap_or_default()
        ));
    }
    match (url, sender) {
        (Some(url), Some(from)) => Some(Smtp { url, from: from.ok()? }),
        (Some(_), None) => {
            problems
                .push("SMARTCLASS_MAIL_FROM: wajib diisi bila SMARTCLASS_SMTP_URL diisi".into());
            None
        }
        (None, Some(_)) => {
            problems
                .push("SMARTCLASS_SMTP_URL: wajib diisi bila SMARTCLASS_MAIL_FROM diisi".into());
            None
        }
        (None, None) => None,
    }
}

/// What is wrong with the address of a mail server, without its password. Readable SMTP is for
/// the machine itself: whoever reads a link on its way could use it.
fn unfit_smtp_url(url: &str) -> Option<&'static str> {
    if AsyncSmtpTransport::<Tokio1Executor>::from_url(url).is_err() {
        return Some(
            "tulis seperti smtps://pemakai:sandi@surel.example.go.id atau smtp://…?tls=required",
        );
    }
    let rest = url.strip_prefix("smtp://")?;
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let host = place.split('/').next()?.rsplit('@').next()?;
    let encrypted = query.split('&').any(|pair| pair == "tls=required");
    (!encrypted && !is_local(host))
        .then_some("tanpa TLS hanya untuk komputer sendiri; pakai smtps:// atau ?tls=required")
}

fn read_single_sign_on(
    read: &impl Fn(&str) -> Option<String>,
    problems: &mut Vec<String>,
) -> Option<SingleSignOn> {
    const NEEDED: [&str; 3] =
        ["SMARTCLASS_OIDC_ISSUER", "SMARTCLASS_OIDC_CLIENT_ID", "SMARTCLASS_OIDC_CLIENT_SECRET"];
    let nip_claim = read("SMARTCLASS_OIDC_NIP_CLAIM");
    let said = NEEDED.map(read);
    if nip_claim.is_none() && said.iter().all(Option::is_none) {
        return None;
    }
    for (name, value) in NEEDED.iter().zip(&said) {
        if value.is_none() {
            problems.push(format!("{name}: wajib diisi bila SMARTCLASS_OIDC_… lainnya diisi"));
        }
    }
    if let Some(issuer) = &said[0]
        && !Url::parse(issuer).is_ok_and(|url| is_guarded(&url))
    {
        problems.push(format!(
            "SMARTCLASS_OIDC_ISSUER: {issuer:?} harus diawali https:// (atau http:// pada komputer sendiri)"
        ));
    }
    let [issuer, client_id, client_secret] = said;
    Some(SingleSignOn {
        issuer: issuer?,
        client_id: client_id?,
        client_secret: client_secret?,
        nip_claim: nip_claim.unwrap_or_else(|| "nip".into()),
    })
}

/// Whether what is asked of the address is read by nobody on its way: TLS, or this machine.
pub fn is_guarded(url: &Url) -> bool {
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && local)
}

/// Whether the host, with a port or without, is this machine.
fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, _)) if !host.ends_with(']') => name,
        _ => host,
    };
    name == "localhost"
        || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
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
    (!is_local(host))
        .then(|| format!("{url:?} memakai http; di luar komputer sendiri pakai https://"))
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
            ("SMARTCLASS_SMTP_URL", "surel.example.go.id"),
            ("SMARTCLASS_MAIL_FROM", "Smart Class"),
        ])
        .unwrap_err()
        .to_string();
        for name in [
            "SMARTCLASS_ADDR",
            "DATABASE_URL",
            "SMARTCLASS_BASE_URL",
            "SMARTCLASS_TRUSTED_PROXIES: \"proksi\"",
            "SMARTCLASS_SMTP_URL",
            "SMARTCLASS_MAIL_FROM",
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

    fn mail(url: &str, from: &str) -> Result<Option<Smtp>, ConfigError> {
        let pairs = [("SMARTCLASS_SMTP_URL", url), ("SMARTCLASS_MAIL_FROM", from)];
        let said: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        Ok(config(&said)?.mail)
    }

    #[test]
    fn a_mail_server_needs_a_sender_and_the_reverse() {
        let sender = "Smart Class ASN <kelas@example.go.id>";
        assert!(mail("", "").unwrap().is_none());
        assert!(mail("smtps://a:b@surel.example.go.id", sender).unwrap().is_some());
        let alone = mail("smtp://localhost", "").unwrap_err().to_string();
        assert!(alone.starts_with("SMARTCLASS_MAIL_FROM"), "{alone}");
        let alone = mail("", sender).unwrap_err().to_string();
        assert!(alone.starts_with("SMARTCLASS_SMTP_URL"), "{alone}");
    }

    #[test]
    fn mail_leaves_this_machine_encrypted_and_no_password_is_told() {
        let sender = "kelas@example.go.id";
        for fine in [
            "smtp://127.0.0.1:2525",
            "smtp://localhost",
            "smtp://[::1]:25",
            "smtp://a:rahasia@surel.example.go.id?tls=required",
            "smtps://a:rahasia@surel.example.go.id:465",
        ] {
            let read = format!("{:?}", mail(fine, sender).unwrap());
            assert!(!read.contains("rahasia"), "{read}");
        }
        for wrong in [
            "smtp://a:rahasia@surel.example.go.id",
            "smtp://127.0.0.1@surel.example.go.id",
            "smtp://a:rahasia@surel.example.go.id?tls=opportunistic",
            "http://a:rahasia@surel.example.go.id",
            "rahasia",
        ] {
            let said = mail(wrong, sender).unwrap_err().to_string();
            assert!(!said.contains("rahasia"), "{said}");
        }
    }
    #[test]
    fn a_provider_is_asked_under_guard_and_its_secret_is_not_told() {
        let all = |issuer| {
            config(&[
                ("SMARTCLASS_OIDC_ISSUER", issuer),
                ("SMARTCLASS_OIDC_CLIENT_ID", "smartclass"),
                ("SMARTCLASS_OIDC_CLIENT_SECRET", "rahasia"),
            ])
        };
        for fine in ["https://sso.example.go.id/realms/asn", "http://127.0.0.1:9/x", "http://[::1]"]
        {
            let read = all(fine).unwrap().single_sign_on.unwrap();
            assert_eq!((read.issuer.as_str(), read.nip_claim.as_str()), (fine, "nip"));
            assert!(!format!("{read:?}").contains("rahasia"));
        }
        for wrong in
            ["http://sso.example.go.id", "http://127.0.0.1:80@evil.example", "sso", "ftp://x"]
        {
            let said = all(wrong).unwrap_err().to_string();
            assert!(said.starts_with("SMARTCLASS_OIDC_ISSUER"), "{said}");
        }
    }

    #[test]
    fn of_a_provider_all_is_said_or_nothing() {
        let said = config(&[("SMARTCLASS_OIDC_NIP_CLAIM", "nip")]).unwrap_err().to_string();
        for name in ["ISSUER", "CLIENT_ID", "CLIENT_SECRET"] {
            assert!(said.contains(&format!("SMARTCLASS_OIDC_{name}: wajib")), "{said}");
        }
        assert!(config(&[]).unwrap().single_sign_on.is_none());
    }
}
