//! How people get in: with a slip, and with a link in a mail.

#[path = "../it/support/post.rs"]
#[expect(dead_code, reason = "the other tests use the rest")]
mod post;

use super::{PASSWORD, driver::Browser, driver::pictures, person, run, start};
use post::{Mail, PostOffice};
use smartclass::{
    App, account::Role, clock::Clock, config::Config, password::Hasher, router, seal::Keys, worker,
};
use sqlx::PgPool;
use std::{fs, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch};

const NEW: &str = "lemari kuning di lorong";
const NEWER: &str = "jembatan panjang berkabut";
const LEARNER: &str = "199005052015032005";

/// Serves the site with its worker, which hands mails over to the server. The worker goes on
/// until the sender is dropped.
async fn site(pool: &PgPool, office: &PostOffice) -> (String, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let base_url = format!("http://{addr}");
    let config = Config {
        database_url: None,
        addr,
        base_url: base_url.clone(),
        data: "data".into(),
        trusted_proxies: Vec::new(),
        mail: Some(office.smtp()),
        single_sign_on: None,
    };
    let app = App {
        db: pool.clone(),
        clock: Clock::Stopped(start()),
        config: Arc::new(config),
        hasher: Hasher::default(),
    };
    let (stop, stopped) = watch::channel(false);
    let folder = std::env::temp_dir().join(format!("keys-{}", addr.port()));
    let keys = Keys::open(&folder).unwrap();
    tokio::spawn(worker::run(app.clone(), keys, stopped));
    tokio::spawn(async move { axum::serve(listener, router(app)).await.unwrap() });
    (base_url, stop)
}

/// The next mail; the worker runs beside the test and must not be held up.
async fn mail(office: &PostOffice) -> Mail {
    for _ in 0..600 {
        if let Some(mail) = office.arrived() {
            return mail;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no mail came");
}

async fn set_password(site: &Browser, password: &str) {
    site.sees("Untuk akun Nurhidayah").await;
    site.fill("Kata sandi baru", password).await;
    site.fill("Ketik sekali lagi", password).await;
    site.press("Simpan dan masuk").await;
    site.sees("Akun Anda aktif").await;
}

/// Prints slips for nine people, who do not fit on one sheet, and gives the learner's code.
async fn print_slips(site: &Browser) -> String {
    site.sign_in("198001012005011001", PASSWORD).await;
    site.go("/kelola/orang").await;
    site.press("Slip aktivasi").await;
    site.look("slip-pilih").await;
    site.press("Buat slip untuk yang dicentang").await;
    site.sees("Centang orang yang akan diberi slip.").await;
    site.look("slip-pilih-salah").await;
    site.press("Buat slip untuk 9 orang ini").await;
    site.sees("9 slip.").await;
    site.look("slip-cetak").await;
    let file = pictures().join("slip.pdf");
    fs::write(&file, site.print().await).unwrap();
    let file = file.to_str().unwrap();
    let facts = run("pdfinfo", &[file]);
    assert!(facts.contains("Pages:           2"), "{facts}");
    assert!(facts.contains("(A4)"), "{facts}");
    let first = run("pdftotext", &["-layout", "-l", "1", file, "-"]);
    assert_eq!(first.matches("jangan difoto").count(), 8, "{first}");
    assert!(!first.contains("Smart Class ASN"), "nothing but slips is printed: {first}");
    let picture = pictures().join("slip");
    run("pdftoppm", &["-r", "60", "-png", file, picture.to_str().unwrap()]);
    let text = site.text().await;
    let after = text.split("Nurhidayah").nth(1).unwrap();
    let code = |line: &&str| line.len() == 19 && line.matches('-').count() == 3;
    after.lines().map(str::trim).find(code).unwrap().to_owned()
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn people_get_in_with_a_slip_and_with_a_mail(pool: PgPool) {
    let office = PostOffice::open();
    crate::without_second_factor(&pool).await;
    person(&pool, "Sigit Administrator", "198001012005011001", Some(Role::Administrator)).await;
    person(&pool, "Nurhidayah Lasimpala, A.Md.Kep.", LEARNER, None).await;
    for n in 1..=8 {
        person(&pool, &format!("Warga{n} Biasa"), &format!("19930606202012100{n}"), None).await;
    }
    let (base, _working) = site(&pool, &office).await;
    let site = Browser::open(&base).await;
    let code = print_slips(&site).await;

    site.sign_out().await;
    site.go("/masuk").await;
    site.look("masuk-tiga-jalan").await;
    site.press("Ketik kode dari slip").await;
    site.look("aktivasi-kode").await;
    site.fill("NIP", "19900505 201503 2 005").await;
    site.fill("Kode", "K7QM 2XRA 9PWD HC4T").await;
    site.press("Lanjut").await;
    site.sees("NIP atau kode tidak cocok").await;
    site.look("aktivasi-kode-salah").await;
    site.fill("Kode", &code.to_lowercase()).await;
    site.press("Lanjut").await;
    site.look("aktivasi").await;
    set_password(&site, NEW).await;
    site.sign_in(LEARNER, NEW).await;
    let notice = mail(&office).await;
    assert!(notice.to == "nurhidayah@sulteng.example" && notice.id.starts_with("<password-set."));

    site.sign_out().await;
    site.go("/lupa-sandi").await;
    site.look("lupa-sandi").await;
    site.fill("NIP", LEARNER).await;
    site.press("Kirim tautan").await;
    site.sees("Periksa kotak surel Anda").await;
    site.look("lupa-sandi-diminta").await;
    let reminder = mail(&office).await;
    assert_eq!(reminder.to, "nurhidayah@sulteng.example");
    assert!(reminder.text.contains(&format!("{base}/aktivasi/")), "{}", reminder.text);
    fs::write(pictures().join("surel.txt"), &reminder.text).unwrap();
    site.go(&reminder.link()).await;
    set_password(&site, NEWER).await;
    site.sign_in(LEARNER, NEWER).await;
    assert!(mail(&office).await.id.starts_with("<password-set."));

    site.sign_in("198001012005011001", PASSWORD).await;
    site.go("/kelola/orang?q=nurhidayah").await;
    site.press("Nurhidayah").await;
    site.sees("Terkirim").await;
    site.press("Kirim tautan lewat surel").await;
    site.sees("Tautan aktivasi dikirim ke n…@sulteng.example.").await;
    site.look("orang-surel").await;
    site.close().await;
}
