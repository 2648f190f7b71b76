//! A person in front of a real browser: opens pages, types, presses, looks.

use serde_json::json;
use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};
use thirtyfour::{cdp::Cdp, prelude::*};

const FLAGS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
];

/// Chromedriver on a free port, gone with the test.
struct Chromedriver(Child, u16);

impl Chromedriver {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let started = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver: run scripts/need chromium");
        let driver = Self(started, port);
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            sleep(Duration::from_millis(20));
        }
        driver
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A browser window. Pictures of what it saw land in `target/pictures`.
pub struct Browser {
    driver: WebDriver,
    tools: Cdp,
    base: String,
    _chromedriver: Chromedriver,
}

pub fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pictures");
    fs::create_dir_all(&folder).unwrap();
    folder
}

impl Browser {
    pub async fn open(base: &str) -> Self {
        // The client of the driver is built with the program's features, which name none.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let chromedriver = Chromedriver::start();
        let mut wanted = DesiredCapabilities::chrome();
        for flag in FLAGS {
            wanted.add_arg(flag).unwrap();
        }
        let driver =
            WebDriver::new(format!("http://127.0.0.1:{}", chromedriver.1), wanted).await.unwrap();
        let tools = driver.cdp();
        let browser = Self { driver, tools, base: base.into(), _chromedriver: chromedriver };
        browser.width(1280).await;
        browser
    }

    /// The same person, later: another address of the same site.
    pub fn at(&mut self, base: &str) {
        self.base = base.into();
    }

    pub async fn width(&self, width: u32) {
        let metrics =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600});
        self.tools.send_raw("Emulation.setDeviceMetricsOverride", metrics).await.unwrap();
    }

    pub async fn go(&self, path: &str) {
        let address =
            if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        self.driver.goto(address).await.unwrap();
    }

    pub async fn text(&self) -> String {
        // Nothing to read yet while the next page is just arriving.
        match self.driver.find(By::Tag("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until the page says these words.
    pub async fn sees(&self, words: &str) {
        let mut text = String::new();
        for _ in 0..200 {
            text = self.text().await;
            if text.contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let at = self.driver.current_url().await.unwrap();
        panic!("{words:?} is not on {at}:\n{text}");
    }

    /// Types into the field with that label.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        if field.attr("type").await.unwrap().as_deref() == Some("date") {
            let set = "arguments[0].value = arguments[1]";
            self.driver.execute(set, vec![field.to_json().unwrap(), json!(text)]).await.unwrap();
        } else {
            if field.attr("type").await.unwrap().as_deref() != Some("file") {
                field.clear().await.unwrap();
            }
            field.send_keys(text).await.unwrap();
        }
    }

    async fn field(&self, label: &str) -> WebElement {
        let xpath = format!("//*[@id = //label[normalize-space(.) = {label:?}]/@for]");
        self.driver.query(By::XPath(xpath)).desc(label).first().await.unwrap()
    }

    /// Presses the button or follows the link with these words.
    pub async fn press(&self, words: &str) {
        let xpath = format!(
            "(//main//button[starts-with(normalize-space(.), {words:?})] | //main//a[starts-with(normalize-space(.), {words:?})])[1]"
        );
        let found = self.driver.query(By::XPath(xpath)).desc(words).first().await.unwrap();
        found.click().await.unwrap();
        self.arrive(&found).await;
    }

    /// Presses a button whose page stays, and waits for what is said beside it.
    pub async fn press_in_place(&self, words: &str) -> String {
        let xpath = format!("//main//button[starts-with(normalize-space(.), {words:?})]");
        self.driver
            .query(By::XPath(xpath))
            .desc(words)
            .first()
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
        let said = By::XPath("//*[@role = 'alert' and normalize-space(.) != '']");
        self.driver.query(said).desc("an answer").first().await.unwrap().text().await.unwrap()
    }

    /// Waits until the page that held the element has given way to the next,
    /// whole: everything that is pressed here leads to another page.
    async fn arrive(&self, gone: &WebElement) {
        for _ in 0..400 {
            let ready = self.driver.execute("return document.readyState", vec![]).await;
            let whole = ready.is_ok_and(|ready| ready.json() == "complete");
            if gone.tag_name().await.is_err() && whole {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no other page came");
    }

    /// Fills in the form of a page that is not ours, and sends it.
    pub async fn submit_elsewhere(&self, typed: &[(&'static str, &str)]) {
        for (name, text) in typed {
            let field = self.driver.query(By::Name(*name)).desc(name).first().await.unwrap();
            field.send_keys(*text).await.unwrap();
        }
        let button = self.driver.query(By::Css("button[type=submit]")).first().await.unwrap();
        button.click().await.unwrap();
        self.arrive(&button).await;
    }

    pub async fn sign_in(&self, nip: &str, password: &str) {
        self.driver.delete_all_cookies().await.unwrap();
        self.go("/masuk").await;
        self.fill("NIP", nip).await;
        self.fill("Kata sandi", password).await;
        self.press("Masuk").await;
        self.sees("Catatan JP terakhir").await;
    }

    /// A key on this very machine, whose owner is always there and shows it.
    pub async fn virtual_passkey(&self) {
        self.tools.send_raw("WebAuthn.enable", json!({})).await.unwrap();
        let options = json!({"options": {"protocol": "ctap2", "transport": "internal",
            "hasResidentKey": true, "hasUserVerification": true, "isUserVerified": true,
            "automaticPresenceSimulation": true}});
        self.tools.send_raw("WebAuthn.addVirtualAuthenticator", options).await.unwrap();
    }

    /// What the page says in that element.
    pub async fn read(&self, id: &str) -> String {
        self.driver.query(By::Id(id)).first().await.unwrap().text().await.unwrap()
    }

    pub async fn sign_out(&self) {
        self.driver.delete_all_cookies().await.unwrap();
    }

    /// Takes pictures on a phone and on a desk, and holds both to the rules of
    /// accessibility and to the width of the screen.
    pub async fn look(&self, name: &str) {
        let axe = fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/browser/node_modules/axe-core/axe.min.js"),
        );
        let axe = axe.expect("axe-core: run npm ci in tests/browser");
        for width in [360, 1280] {
            self.width(width).await;
            let metrics = self.tools.send_raw("Page.getLayoutMetrics", json!({})).await.unwrap();
            let size = &metrics["cssContentSize"];
            let shot = json!({"captureBeyondViewport": true, "clip": {"x": 0, "y": 0, "width": width,
                "height": size["height"].as_f64().unwrap().min(6000.0), "scale": 1}});
            let picture = self.tools.send_raw("Page.captureScreenshot", shot).await.unwrap();
            fs::write(
                pictures().join(format!("{name}-{width}.png")),
                decode(picture["data"].as_str().unwrap()),
            )
            .unwrap();
            let wide = self
                .driver
                .execute("return document.documentElement.scrollWidth", vec![])
                .await
                .unwrap();
            assert!(
                wide.json().as_u64().unwrap() <= u64::from(width),
                "{name} scrolls sideways at {width}"
            );
            self.driver.execute(axe.as_str(), vec![]).await.unwrap();
            let found = self.driver.execute_async(RUN_AXE, vec![]).await.unwrap();
            assert_eq!(found.json(), &json!([]), "{name} at {width}");
        }
        self.width(1280).await;
    }

    /// The page as it is printed, as PDF.
    pub async fn print(&self) -> Vec<u8> {
        let paper = json!({"preferCSSPageSize": true, "printBackground": true});
        let printed = self.tools.send_raw("Page.printToPDF", paper).await.unwrap();
        decode(printed["data"].as_str().unwrap())
    }

    /// Fetches a file as the signed-in person.
    pub async fn download(&self, href: &str) -> Vec<u8> {
        let script = "const done = arguments[1]; fetch(arguments[0]).then(r => r.arrayBuffer()).then(b => {
            let s = ''; for (const x of new Uint8Array(b)) s += String.fromCharCode(x); done(btoa(s)); });";
        let found = self.driver.execute_async(script, vec![json!(href)]).await.unwrap();
        decode(found.json().as_str().unwrap())
    }

    /// Where the link with these words leads.
    pub async fn href(&self, words: &str) -> String {
        let xpath = format!("//main//a[starts-with(normalize-space(.), {words:?})]");
        let link = self.driver.query(By::XPath(xpath)).desc(words).first().await.unwrap();
        link.attr("href").await.unwrap().unwrap()
    }

    /// Walks through the page with the Tab key alone and presses what has
    /// these words; says where every stop was.
    pub async fn tab_to(&self, words: &str) -> Vec<String> {
        let mut stops = Vec::new();
        for _ in 0..80 {
            self.driver.action_chain().send_keys(Key::Tab).perform().await.unwrap();
            let now = self.driver.active_element().await.unwrap();
            let text = now.text().await.unwrap();
            if text == words {
                self.driver.action_chain().send_keys(Key::Enter).perform().await.unwrap();
                self.arrive(&now).await;
                return stops;
            }
            stops.push(text);
        }
        panic!("{words:?} is not reached by the keyboard: {stops:?}");
    }

    pub async fn close(self) {
        self.driver.quit().await.unwrap();
    }
}

const RUN_AXE: &str = "const done = arguments[arguments.length - 1];
    axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      rules: {'target-size': {enabled: true}}})
    .then(r => done(r.violations.map(v => [v.id, v.nodes.map(n => n.html).slice(0, 3)])), e => done([String(e)]));";

fn decode(base64: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = base64.bytes().filter(|byte| *byte != b'=').collect();
    digits
        .chunks(4)
        .flat_map(|four| {
            let bits = four.iter().fold(0, |bits, byte| bits << 6 | value(*byte))
                << (6 * (4 - four.len()));
            bits.to_be_bytes()[1..four.len()].to_vec()
        })
        .collect()
}
