//! How people get in with an account of another provider.

use super::{PASSWORD, driver::Browser, person};
use smartclass::{
    App,
    clock::Clock,
    config::{Config, SingleSignOn},
    password::Hasher,
    router,
};
use sqlx::PgPool;
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};
use tokio::net::TcpListener;

const LEARNER: &str = "199005052015032005";

struct Provider(Child);

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A real provider that sends people back to that site and knows the learner's account; its
/// address.
fn provider(base_url: &str) -> (Provider, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/oidc.mjs");
    let mut server = Command::new("node")
        .arg(script)
        .arg(format!("{base_url}/masuk/sso/kembali"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("node: run make tools");
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let issuer = lines.next().expect("oidc-provider: run make tools").unwrap();
    writeln!(server.stdin.as_mut().unwrap(), "nurhidayah {LEARNER}").unwrap();
    lines.next().unwrap().unwrap();
    (Provider(server), issuer)
}

async fn site(pool: &PgPool) -> (String, Provider) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let base_url = format!("http://{addr}");
    let (provider, issuer) = provider(&base_url);
    let config = Config {
        database_url: None,
        addr,
        base_url: base_url.clone(),
        data: "data".into(),
        trusted_proxies: Vec::new(),
        mail: None,
        single_sign_on: Some(SingleSignOn {
            issuer,
            client_id: "smartclass".into(),
            client_secret: "rahasia-untuk-uji".into(),
            nip_claim: "nip".into(),
        }),
    };
    let app = App {
        db: pool.clone(),
        clock: Clock::System,
        config: Arc::new(config),
        hasher: Hasher::default(),
    };
    tokio::spawn(async move { axum::serve(listener, router(app)).await.unwrap() });
    (base_url, provider)
}

/// Signs in with the provider, on its own pages.
async fn at_the_provider(site: &Browser, name: &str) {
    site.go("/masuk").await;
    site.press("Masuk dengan akun 127.0.0.1").await;
    site.submit_elsewhere(&[("login", name), ("password", "apa saja")]).await;
    site.submit_elsewhere(&[]).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn people_get_in_with_an_account_of_their_agency(pool: PgPool) {
    person(&pool, "Nurhidayah Lasimpala, A.Md.Kep.", LEARNER, None).await;
    let (base, _provider) = site(&pool).await;
    let site = Browser::open(&base).await;
    site.go("/masuk").await;
    site.look("masuk-sso").await;
    at_the_provider(&site, "tamu").await;
    site.sees("Akun Anda tidak membawa NIP.").await;
    site.look("masuk-sso-gagal").await;
    site.press("Masuk dengan kata sandi").await;
    site.sign_in(LEARNER, PASSWORD).await;

    site.sign_out().await;
    at_the_provider(&site, "nurhidayah").await;
    site.sees("Catatan JP terakhir").await;
    site.go("/saya/profil").await;
    site.sees("Terhubung dengan akun 127.0.0.1 sejak").await;
    site.look("profil-sso").await;
    site.press("Putuskan").await;
    site.sees("Akun itu tidak lagi terhubung dengan Anda.").await;
    site.close().await;
}
