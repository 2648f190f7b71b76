//! A real mail server, and the mails that it took.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use serde_json::Value;
use smartclass::config::Smtp;

pub struct PostOffice {
    server: Child,
    pub url: String,
    mails: Receiver<Value>,
}

/// A mail as it arrived.
#[derive(Debug)]
pub struct Mail {
    pub to: String,
    pub id: String,
    /// Head and body, long lines put together again.
    pub text: String,
}

impl PostOffice {
    pub fn open() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/smtp.mjs");
        let mut server = Command::new("node")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|_| panic!("node: run make tools"));
        let (tell, mails) = channel();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap_or_else(|| panic!("smtp-server: run make tools")).unwrap();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                tell.send(serde_json::from_str(&line).unwrap()).ok();
            }
        });
        Self { server, url: format!("smtp://127.0.0.1:{port}"), mails }
    }

    /// How the program is told of it.
    pub fn smtp(&self) -> Smtp {
        let from = "Smart Class ASN <kelas@sulteng.example>".parse().unwrap();
        Smtp { url: self.url.clone(), from }
    }

    /// The next mail that the server took; it may still be on its way.
    #[track_caller]
    pub fn next(&self) -> Mail {
        Mail::read(&self.mails.recv_timeout(Duration::from_secs(30)).unwrap())
    }

    /// The same without waiting.
    pub fn arrived(&self) -> Option<Mail> {
        self.mails.try_recv().ok().map(|mail| Mail::read(&mail))
    }

    /// Mails that were taken and not asked for.
    pub fn left(&self) -> usize {
        std::iter::from_fn(|| self.arrived()).count()
    }

    /// Lets the mails to `lambat` be answered.
    pub fn release(&mut self) {
        self.server.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Without the soft line breaks and the escapes of quoted-printable.
fn unfolded(raw: &str) -> String {
    let joined = raw.replace("\r\n", "\n").replace("=\n", "");
    let (mut bytes, mut rest) = (Vec::new(), joined.as_bytes());
    while let Some((first, more)) = rest.split_first() {
        let escaped = more.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let escaped = escaped.and_then(|two| u8::from_str_radix(two, 16).ok());
        if let Some(byte) = escaped.filter(|_| *first == b'=') {
            bytes.push(byte);
            rest = &more[2..];
        } else {
            bytes.push(*first);
            rest = more;
        }
    }
    String::from_utf8(bytes).unwrap()
}

impl Mail {
    fn read(mail: &Value) -> Self {
        let text = unfolded(mail["raw"].as_str().unwrap());
        let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap().into();
        Self { to: mail["to"][0].as_str().unwrap().into(), id, text }
    }

    /// The link in the mail, within the site.
    #[track_caller]
    pub fn link(&self) -> String {
        let at = self.text.find("/aktivasi/").unwrap();
        self.text[at..].split_whitespace().next().unwrap().into()
    }
}
