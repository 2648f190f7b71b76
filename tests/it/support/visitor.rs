//! A visitor who uses the site as a browser without JavaScript would: opens pages, fills in the
//! forms that are really there, presses buttons by their words, follows where they lead.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use scraper::{ElementRef, Html, Selector};
use tower::ServiceExt;

use super::form::{self, Filled, encoded};

pub struct Visitor {
    site: Router,
    /// The address of the page, with its query.
    pub at: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    pub fn new(site: Router) -> Self {
        Self {
            site,
            at: "/".into(),
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            cookies: BTreeMap::new(),
        }
    }

    pub fn with_cookie(mut self, name: &str, value: &str) -> Self {
        self.cookies.insert(name.into(), value.into());
        self
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// The `Cookie` header that the browser would send.
    pub fn cookies(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// Opens an address, and the ones that it leads to.
    pub async fn open(&mut self, path: &str) -> &mut Self {
        self.ask(Method::GET, path, &[], Body::empty()).await;
        Box::pin(self.follow_on()).await
    }

    /// Asks once, without going where the answer leads.
    pub async fn peek(&mut self, path: &str) -> &mut Self {
        self.ask(Method::GET, path, &[], Body::empty()).await;
        self
    }

    /// Posts what no page need offer, without going where the answer leads.
    pub async fn post(&mut self, path: &str, typed: &[(&str, &str)]) -> &mut Self {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.ask(Method::POST, path, &[kind], Body::from(encoded(typed))).await;
        self
    }

    /// Sends the request with these headers as well, without going where the answer leads.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> &mut Self {
        self.ask(method, path, headers, Body::empty()).await;
        self
    }

    /// Presses the button of those words, with the form around it filled in. What is not filled
    /// in stays as the page has it.
    pub async fn press(&mut self, button: &str, typed: &[(&str, &str)]) -> &mut Self {
        let filled = self.fill(button, typed, None);
        self.submit(filled).await
    }

    /// Presses the button with a file chosen in that field.
    pub async fn upload(
        &mut self,
        button: &str,
        field: &str,
        name: &str,
        bytes: &[u8],
    ) -> &mut Self {
        let filled = self.fill(button, &[], Some((field, name, bytes)));
        self.submit(filled).await
    }

    /// What pressing the button would send, for those who send it late or twice.
    pub fn fill(
        &self,
        button: &str,
        typed: &[(&str, &str)],
        file: Option<(&str, &str, &[u8])>,
    ) -> Filled {
        form::fill(&self.html(), &self.at, button, typed, file)
            .unwrap_or_else(|missing| panic!("{missing} at {} in\n{}", self.at, self.page()))
    }

    /// Sends a filled form and goes where the answer leads.
    pub async fn submit(&mut self, filled: Filled) -> &mut Self {
        self.submit_only(filled).await;
        Box::pin(self.follow_on()).await
    }

    /// Sends a filled form and stays with its answer.
    pub async fn submit_only(&mut self, filled: Filled) -> &mut Self {
        let kind = ("content-type", filled.kind.as_str());
        self.ask(filled.method, &filled.path, &[kind], Body::from(filled.body)).await;
        self
    }

    /// Follows the link of those words.
    pub async fn click(&mut self, words: &str) -> &mut Self {
        let href = self
            .html()
            .select(&css("a[href]"))
            .find(|link| text(*link) == words)
            .and_then(|link| link.attr("href"))
            .map(|href| form::resolve(&self.at, href));
        let Some(href) = href else {
            panic!("no link {words:?} at {} in\n{}", self.at, self.page());
        };
        self.open(&href).await
    }

    async fn ask(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) {
        let mut request =
            Request::builder().method(method).uri(path).header("host", "127.0.0.1:8080");
        if !headers.iter().any(|(name, _)| matches!(*name, "sec-fetch-site" | "origin")) {
            request = request.header("sec-fetch-site", "same-origin");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !self.cookies.is_empty() {
            request = request.header(header::COOKIE, self.cookies());
        }
        let response = self.site.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        path.clone_into(&mut self.at);
        self.status = response.status();
        self.headers = response.headers().clone();
        self.body = response.into_body().collect().await.unwrap().to_bytes();
        self.keep_cookies();
    }

    fn keep_cookies(&mut self) {
        for cookie in self.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (pair, rest) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
    }

    /// Where the answer leads.
    pub fn location(&self) -> Option<&str> {
        self.headers.get(header::LOCATION).map(|place| place.to_str().unwrap())
    }

    async fn follow_on(&mut self) -> &mut Self {
        for _ in 0..5 {
            match self.location() {
                Some(place) if place.starts_with('/') => {
                    let place = place.to_owned();
                    self.ask(Method::GET, &place, &[], Body::empty()).await;
                }
                _ => return self,
            }
        }
        panic!("led around in a ring at {}", self.at);
    }

    /// The page as it was sent.
    pub fn page(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn html(&self) -> Html {
        Html::parse_document(&self.page())
    }

    /// The text of each element that the selector finds.
    pub fn sees(&self, selector: &str) -> Vec<String> {
        self.html().select(&css(selector)).map(text).collect()
    }

    /// Whether the text stands on the page itself.
    pub fn sees_text(&self, wanted: &str) -> bool {
        self.sees("main").iter().any(|main| main.contains(wanted))
    }

    /// Fails with the page when the text is not there.
    #[track_caller]
    pub fn must_see(&self, wanted: &str) -> &Self {
        assert!(self.sees_text(wanted), "no {wanted:?} at {}: {:?}", self.at, self.sees("main"));
        self
    }

    /// What the field holds.
    #[track_caller]
    pub fn value(&self, field: &str) -> String {
        let html = self.html();
        let found = html.select(&css(&format!("[name=\"{field}\"]"))).next();
        let found = found.unwrap_or_else(|| panic!("no field {field:?} in\n{}", self.page()));
        form::value(found).unwrap_or_default()
    }

    /// What the page says is wrong with the field.
    pub fn problem(&self, field: &str) -> String {
        self.sees(&format!("#{field}-e")).join(" ").replace("Kesalahan: ", "")
    }

    /// The message that the last page left behind.
    pub fn banner(&self) -> String {
        self.sees(".banner").join(" ")
    }
}

pub fn css(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

/// The text as a reader hears it: whitespace is one space.
pub fn text(element: ElementRef<'_>) -> String {
    let text = element.text().collect::<Vec<_>>().join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
