//! What surrounds every page: who looks at it, where they are, and a word on
//! what they just did.

use super::{Permission, SignedIn};
use crate::{assets::hex, error::Error, web::show};
use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderValue, Method, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use std::convert::Infallible;

/// Put into each request by the guard.
#[derive(Clone)]
pub struct Visitor(pub Option<SignedIn>);

/// The cookie that carries one message to the next page.
pub const FLASH: &str = "pesan";

/// The name of the sign-in cookie. Over TLS the prefix makes browsers insist
/// that it came from this host alone.
pub fn sign_in_cookie(secure: bool) -> &'static str {
    if secure { "__Host-sid" } else { "sid" }
}

/// The name of the cookie by which a device is known.
pub fn device_cookie(secure: bool) -> &'static str {
    if secure { "__Host-device" } else { "device" }
}

/// The name of the cookie of a sign-in that waits for the second factor.
pub fn pending_cookie(secure: bool) -> &'static str {
    if secure { "__Host-pending" } else { "pending" }
}

/// The sign-in page that leads back to where the visitor wanted to go.
pub fn sign_in_address(request: &Request) -> String {
    let wanted = request.uri().path_and_query().map_or("/", |at| at.as_str());
    if *request.method() == Method::GET && wanted != "/saya" {
        format!("/masuk?ke={}", show::encoded(wanted))
    } else {
        "/masuk".to_owned()
    }
}

/// Words for the next page, on their way to the guard.
#[derive(Clone)]
struct Said(String);

/// Leads to another page, which says these words once.
pub fn flash(to: &str, words: &str) -> Response {
    say(Redirect::to(to).into_response(), words)
}

/// Lets the next page say these words once, whatever the answer is.
pub fn say(mut response: Response, words: &str) -> Response {
    response.extensions_mut().insert(Said(words.to_owned()));
    response
}

/// Lets the browser carry the words of [`flash`] to the next page.
pub fn send_flash(response: &mut Response, secure: bool) {
    if let Some(Said(words)) = response.extensions_mut().remove() {
        set_flash(response, &hex(words.as_bytes()), 60, secure);
    }
}

/// Takes the message back once a page has said it.
pub fn forget_flash(response: &mut Response, secure: bool) {
    set_flash(response, "", 0, secure);
}

fn set_flash(response: &mut Response, value: &str, seconds: u32, secure: bool) {
    let secure = if secure { "; Secure" } else { "" };
    let cookie =
        format!("{FLASH}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

fn read_flash(hex: &str) -> Option<String> {
    if hex.len() > 2000 || !hex.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).ok())
        .collect();
    String::from_utf8(bytes?).ok()
}

/// A link in the bar or below it.
pub struct Link {
    pub href: &'static str,
    pub words: &'static str,
    pub current: bool,
}

/// What the layout needs to know.
pub struct Page {
    pub visitor: Option<SignedIn>,
    pub path: String,
    pub flash: Option<String>,
}

impl Page {
    /// The visitor's name for the bar.
    pub fn name(&self) -> Option<String> {
        self.visitor.as_ref().map(|visitor| show::name_short(&visitor.name))
    }

    fn under(&self, start: &str) -> bool {
        self.path == start
            || self.path.strip_prefix(start).is_some_and(|rest| rest.starts_with('/'))
    }

    fn link(&self, href: &'static str, words: &'static str) -> Link {
        Link { href, words, current: self.under(href) }
    }

    /// Whether the visitor looks at their own data.
    pub fn at_profile(&self) -> bool {
        ["/saya/profil", "/saya/data", "/saya/permintaan"].iter().any(|part| self.under(part))
    }

    /// At most five things, the same on a phone and on a desk.
    pub fn bar(&self) -> Vec<Link> {
        let mut bar = vec![self.link("/kelas", "Kelas")];
        if self.visitor.is_none() {
            bar.push(Link { words: "Verifikasi", href: "/v", current: self.under("/v") });
        } else {
            bar.push(Link {
                href: "/saya",
                words: "Belajar",
                current: self.under("/saya") && !self.at_profile(),
            });
        }
        if let Some(first) = self.manage().first() {
            bar.push(Link { href: first.href, words: "Kelola", current: self.under("/kelola") });
        }
        bar.push(self.link("/bantuan", "Bantuan"));
        bar
    }

    fn manage(&self) -> Vec<Link> {
        let all = [
            (Permission::Inspect, "/kelola/jadwal", "Jadwal"),
            (Permission::Report, "/kelola/laporan", "Laporan"),
            (Permission::Keep, "/kelola/orang", "Orang"),
            (Permission::Administer, "/kelola/unit", "Unit"),
            (Permission::Answer, "/kelola/permintaan", "Permintaan"),
            (Permission::Configure, "/kelola/pengaturan", "Pengaturan"),
            (Permission::Audit, "/kelola/audit", "Audit"),
        ];
        let Some(visitor) = &self.visitor else { return Vec::new() };
        let mine = all.into_iter().filter(|(permission, _, _)| visitor.may(*permission));
        mine.map(|(_, href, words)| {
            let current =
                self.under(href) || (href == "/kelola/jadwal" && self.under("/kelola/kelas"));
            Link { href, words, current }
        })
        .collect()
    }

    /// The pages inside the part of the bar where the visitor is.
    pub fn sub(&self) -> Vec<Link> {
        if self.under("/kelola") {
            self.manage()
        } else if self.under("/saya") && self.visitor.is_some() && !self.at_profile() {
            let home = Link { href: "/saya", words: "Beranda", current: self.path == "/saya" };
            vec![
                home,
                self.link("/saya/kelas", "Kelas saya"),
                self.link("/saya/jp", "Buku JP"),
                self.link("/saya/sertifikat", "Sertifikat"),
            ]
        } else {
            Vec::new()
        }
    }

    /// What the part is called.
    pub fn part(&self) -> &'static str {
        if self.under("/kelola") { "Kelola" } else { "Belajar" }
    }

    /// Whether the visitor may use addresses of this permission.
    pub fn may(&self, permission: Permission) -> bool {
        self.visitor.as_ref().is_some_and(|visitor| visitor.may(permission))
    }
}

impl<S: Sync> FromRequestParts<S> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let visitor = parts.extensions.get::<Visitor>().and_then(|visitor| visitor.0.clone());
        let jar = CookieJar::from_headers(&parts.headers);
        let flash = jar.get(FLASH).and_then(|cookie| read_flash(cookie.value()));
        Ok(Self { visitor, path: parts.uri.path().to_owned(), flash })
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Error;

    /// Never fails behind a permission other than `Public`.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts
            .extensions
            .get::<Visitor>()
            .and_then(|visitor| visitor.0.clone())
            .ok_or(Error::Forbidden)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_its_cookie() {
        let words = "Anda terdaftar – sampai jumpa";
        assert_eq!(read_flash(&hex(words.as_bytes())).as_deref(), Some(words));
        assert_eq!(read_flash("zz"), None);
        assert_eq!(read_flash("é"), None);
    }
}
