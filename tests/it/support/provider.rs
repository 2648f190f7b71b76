//! A real provider of single sign-on, and people who sign in there.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Lines, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use smartclass::{
    App,
    clock::Clock,
    config::{Config, SingleSignOn},
};

use super::{
    World,
    form::encoded,
    network::answer,
    world::{config, monday},
};

pub const SITE: &str = "http://127.0.0.1:8080";

/// The site as it is with that provider; the clock stands still where a time is given.
pub fn site(world: &World, issuer: &str, at: Option<DateTime<Utc>>) -> App {
    let single_sign_on = Some(SingleSignOn {
        issuer: issuer.into(),
        client_id: "smartclass".into(),
        client_secret: "rahasia-untuk-uji".into(),
        nip_claim: "nip".into(),
    });
    let config = Arc::new(Config { single_sign_on, ..(*config(SITE)).clone() });
    App { clock: at.map_or(Clock::System, Clock::Stopped), config, ..world.app(monday()) }
}

pub struct Provider {
    server: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub issuer: String,
}

impl Provider {
    /// One that says the NIP in its own way: when it is asked for the account.
    pub fn open() -> Self {
        Self::start("userinfo")
    }

    /// One that says it in the ID token.
    pub fn open_with_tokens_that_say_all() -> Self {
        Self::start("token")
    }

    fn start(way: &str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/oidc.mjs");
        let mut server = Command::new("node")
            .arg(script)
            .args([&format!("{SITE}/masuk/sso/kembali"), way])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|_| panic!("node: run make tools"));
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let issuer = lines.next().unwrap_or_else(|| panic!("oidc-provider: run make tools"));
        Self { server, lines, issuer: issuer.unwrap() }
    }

    /// Says from now on that the account has that NIP; none where it is empty.
    pub fn account(&mut self, name: &str, nip: &str) {
        let line = format!("{name} {nip}");
        writeln!(self.server.stdin.as_mut().unwrap(), "{}", line.trim()).unwrap();
        assert_eq!(self.lines.next().unwrap().unwrap(), line.trim());
    }

    /// Opens the address in a browser that is new there, signs in and agrees. Gives where it is
    /// sent back to, within the site.
    pub async fn sign_in(&self, address: &str, name: &str) -> String {
        let mut browser = Browser { cookies: BTreeMap::new(), issuer: &self.issuer };
        let (mut place, mut form) = (address.to_owned(), None);
        for _ in 0..12 {
            if let Some(back) = place.strip_prefix(SITE) {
                return back.to_owned();
            }
            let page = browser.ask(&place, form.take().as_deref()).await;
            if let Some(next) = header(&page, "location") {
                place = self.within(&next);
                continue;
            }
            let action = between(&page, "action=\"", "\"");
            place = self.within(action.unwrap_or_else(|| panic!("no form in {page}")));
            let prompt = between(&page, "name=\"prompt\" value=\"", "\"").unwrap();
            form = Some(encoded(&[("prompt", prompt), ("login", name), ("password", "apa saja")]));
        }
        panic!("led around in a ring at {place}");
    }

    /// Opens the address and gives up there.
    pub async fn cancel(&self, address: &str) -> String {
        let mut browser = Browser { cookies: BTreeMap::new(), issuer: &self.issuer };
        let page = browser.ask(address, None).await;
        let form = self.within(&header(&page, "location").unwrap());
        let page = browser.ask(&format!("{form}/abort"), None).await;
        let page = browser.ask(&self.within(&header(&page, "location").unwrap()), None).await;
        header(&page, "location").unwrap().strip_prefix(SITE).unwrap().to_owned()
    }

    fn within(&self, place: &str) -> String {
        if place.starts_with('/') { format!("{}{place}", self.issuer) } else { place.to_owned() }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

struct Browser<'a> {
    cookies: BTreeMap<String, String>,
    issuer: &'a str,
}

impl Browser<'_> {
    /// The answer with its head, as it came.
    async fn ask(&mut self, address: &str, form: Option<&str>) -> String {
        let path = address.strip_prefix(self.issuer).unwrap_or_else(|| panic!("{address}"));
        let host = self.issuer.strip_prefix("http://").unwrap();
        let cookies: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let head = format!(
            "{path} HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\nConnection: close\r\n",
            cookies.join("; ")
        );
        let request = match form {
            None => format!("GET {head}\r\n"),
            Some(form) => format!(
                "POST {head}Content-Type: application/x-www-form-urlencoded\r\n\
                 Content-Length: {}\r\n\r\n{form}",
                form.len()
            ),
        };
        let page = answer(host.parse::<SocketAddr>().unwrap(), request.as_bytes()).await;
        for cookie in headers(&page, "set-cookie") {
            let pair = cookie.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        page
    }
}

fn headers(page: &str, name: &str) -> Vec<String> {
    let head = page.lines().skip(1).take_while(|line| !line.is_empty());
    let pairs = head.filter_map(|line| line.split_once(": "));
    let wanted = pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    wanted.map(|(_, value)| value.to_owned()).collect()
}

fn header(page: &str, name: &str) -> Option<String> {
    headers(page, name).pop()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(found, _)| found)
}
