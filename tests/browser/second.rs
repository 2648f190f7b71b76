//! Signing in with a passkey, and with an authenticator app.

use crate::{PASSWORD, driver::Browser, person, serve};
use smartclass::{account::Role, clock::Clock};
use sqlx::{AssertSqlSafe, Executor, PgPool};
use totp_rs::{Builder, Secret};

const ORGANISER: &str = "198202022006042002";

/// Fills in NIP and password, and presses.
async fn type_password(site: &Browser) {
    site.go("/masuk").await;
    site.fill("NIP", ORGANISER).await;
    site.fill("Kata sandi", PASSWORD).await;
    site.press("Masuk").await;
}

/// The code that an app shows which was told the key on the page.
fn code(key: &str, later: u64) -> String {
    let secret = Secret::try_from_base32(key.replace(' ', "")).unwrap();
    let app = Builder::new().with_secret(secret).build().unwrap();
    app.generate(u64::try_from(Clock::System.now().timestamp()).unwrap() + later).to_string()
}

/// Lets the site believe that the passkey was used so many times.
async fn count(pool: &PgPool, times: i32) {
    let set = "update passkey set credential = jsonb_set(credential, '{cred,counter}', to_jsonb(";
    pool.execute(AssertSqlSafe(format!("{set}{times}))"))).await.unwrap();
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_passkey_is_added_and_signs_in_by_itself(pool: PgPool) {
    person(&pool, "Irfan Saputra, S.STP.", ORGANISER, Some(Role::Organiser)).await;
    let base = serve(&pool, "localhost", Clock::System).await;
    let site = Browser::open(&base).await;
    site.go("/masuk").await;
    site.sees("Masuk dengan passkey").await;
    site.look("masuk-passkey").await;
    type_password(&site).await;
    site.sees("Pasang faktor kedua dulu").await;
    site.virtual_passkey().await;
    site.go("/saya/profil").await;
    site.fill("Nama passkey baru", "Laptop kantor").await;
    site.press("Tambah passkey").await;
    site.sees("Passkey ditambahkan.").await;
    site.sees("Laptop kantor").await;
    site.look("profil-passkey").await;
    site.go("/kelola/jadwal").await;
    site.sees("Buat kelas").await;

    site.sign_out().await;
    site.go("/masuk?ke=/kelola/jadwal").await;
    site.press("Masuk dengan passkey").await;
    site.sees("Buat kelas").await;

    // After the password it stands in for a code.
    site.sign_out().await;
    type_password(&site).await;
    site.sees("Langkah kedua").await;
    site.look("masuk-kode-passkey").await;
    site.press("Masuk dengan passkey").await;
    site.sees("Catatan JP terakhir").await;

    // A key whose counter did not grow may have been copied.
    count(&pool, 99_999).await;
    site.sign_out().await;
    site.go("/masuk").await;
    let words = site.press_in_place("Masuk dengan passkey").await;
    assert!(words.starts_with("Passkey ini tidak dikenal"), "{words}");
    count(&pool, 0).await;
    site.go("/masuk?ke=/saya/profil").await;
    site.press("Masuk dengan passkey").await;
    site.sees("Laptop kantor").await;

    // A proof with it carries out what was begun too late.
    let late = "update sign_in set proved_at = proved_at - interval '16 minutes'";
    pool.execute(late).await.unwrap();
    site.press("Buat kode pemulihan baru").await;
    site.sees("Pastikan ini Anda").await;
    site.look("konfirmasi-passkey").await;
    site.press("Buktikan dengan passkey").await;
    site.sees("hanya ditampilkan sekali").await;

    site.go("/saya/profil").await;
    site.press("Lepas passkey Laptop kantor").await;
    site.sees("Passkey dilepas.").await;
    site.sign_out().await;
    site.go("/masuk").await;
    let words = site.press_in_place("Masuk dengan passkey").await;
    assert!(words.starts_with("Passkey ini tidak dikenal"), "{words}");
    site.close().await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_app_is_set_up_and_its_code_is_the_second_step(pool: PgPool) {
    person(&pool, "Irfan Saputra, S.STP.", ORGANISER, Some(Role::Organiser)).await;
    let base = serve(&pool, "127.0.0.1", Clock::System).await;
    let site = Browser::open(&base).await;
    type_password(&site).await;
    site.sees("Pasang faktor kedua dulu").await;
    site.look("autentikator").await;
    site.press("Buat kode QR").await;
    site.look("autentikator-qr").await;
    let key = site.read("kunci").await;
    site.fill("Kode dari aplikasi", "000000").await;
    site.press("Pasang").await;
    site.sees("Kode ini tidak cocok.").await;
    site.look("autentikator-salah").await;
    site.fill("Kode dari aplikasi", &code(&key, 0)).await;
    site.press("Pasang").await;
    site.sees("hanya ditampilkan sekali").await;
    site.look("kode-pemulihan").await;
    site.press("Sudah saya simpan").await;
    site.go("/saya/profil").await;
    site.sees("Passkey tidak dapat dipakai di sini").await;

    site.sign_out().await;
    type_password(&site).await;
    site.sees("Langkah kedua").await;
    site.look("masuk-kode").await;
    site.fill("Kode", &code(&key, 30)).await;
    site.press("Lanjutkan").await;
    site.sees("Catatan JP terakhir").await;
    site.go("/konfirmasi?ke=/saya/profil").await;
    site.look("konfirmasi").await;
    site.fill("Kata sandi Anda", PASSWORD).await;
    site.press("Lanjutkan").await;
    site.sees("Terpasang").await;
    site.close().await;
}
