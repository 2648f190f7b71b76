//! Dangerous acts ask for a proof that is not older than a quarter of an hour.

use axum::http::{Method, StatusCode};
use chrono::{DateTime, Duration, Utc};
use smartclass::{
    account::{PROOF_LASTS, Role, TRIES},
    routes,
};
use sqlx::PgPool;

use crate::support::{
    Person, Visitor, World, number, run,
    world::{PASSWORD, monday},
};

fn later() -> DateTime<Utc> {
    monday() + PROOF_LASTS + Duration::seconds(1)
}

/// An administrator who signed in on Monday and looks at the site at that time.
async fn admin(world: &World, at: DateTime<Utc>) -> (Person, Visitor) {
    let admin = world.person("Admin").role(Role::Administrator).with_password().create().await;
    let token = world.signed_in(&admin, monday()).await.cookie("sid").unwrap().to_owned();
    (admin, world.visitor(at).with_cookie("sid", &token))
}

const ROLES: &str = "select count(*) from role_grant where role = 'leader'";

async fn give_role(visitor: &mut Visitor, person: &Person) {
    visitor.open(&format!("/kelola/orang/{}", person.id)).await;
    visitor.press("Beri peran", &[("role", "leader")]).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_signed_in_a_short_while_ago_notices_nothing(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = admin(&world, monday() + PROOF_LASTS).await;
    let ada = world.person("Ada").create().await;
    let before = visitor.cookie("sid").unwrap().to_owned();
    give_role(&mut visitor, &ada).await;
    assert!(visitor.banner().starts_with("Peran Pimpinan diberikan."));
    assert_eq!(number(&db, ROLES).await, 1);
    assert_eq!(visitor.cookie("sid"), Some(&*before));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_late_form_asks_for_the_password_and_then_does_what_it_said(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = admin(&world, later()).await;
    let ada = world.person("Ada").create().await;
    let before = visitor.cookie("sid").unwrap().to_owned();
    give_role(&mut visitor, &ada).await;
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    visitor.must_see("Pastikan ini Anda");
    assert_eq!(visitor.value("role"), "leader");
    assert_eq!(number(&db, ROLES).await, 0);
    visitor.press("Lanjutkan", &[("proof_password", "bukan kata sandinya")]).await;
    assert!(visitor.problem("proof_password").starts_with("Kata sandi ini tidak cocok."));
    assert!(!visitor.page().contains("bukan kata sandinya"));
    assert_eq!(number(&db, ROLES).await, 0);
    visitor.press("Lanjutkan", &[("proof_password", PASSWORD)]).await;
    assert!(visitor.banner().starts_with("Peran Pimpinan diberikan."));
    assert_eq!(number(&db, ROLES).await, 1);
    // The sign-in goes on under a new token, and the old one is worth nothing.
    assert_ne!(visitor.cookie("sid"), Some(&*before));
    visitor.open("/kelola/orang").await;
    assert_eq!(visitor.at, "/kelola/orang");
    let mut thief = world.visitor(later()).with_cookie("sid", &before);
    thief.open("/saya").await;
    assert_eq!(thief.at, "/masuk");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nothing_that_was_typed_is_lost(db: PgPool) {
    let world = World::new(db);
    let (_, mut visitor) = admin(&world, later()).await;
    let ada = world.person("Ada").create().await;
    visitor.open(&format!("/kelola/orang/{}/ubah", ada.id)).await;
    let typed = [
        ("name", "Ada \"Lestari\" & <Anak>, S.Sos."),
        ("position", "Analis + Penata é"),
        ("email", "ada@sulteng.example"),
    ];
    visitor.press("Simpan", &typed).await.must_see("Pastikan ini Anda");
    visitor.press("Lanjutkan", &[("proof_password", PASSWORD)]).await;
    assert_eq!(visitor.banner(), "Perubahan tersimpan.");
    visitor.open(&format!("/kelola/orang/{}/ubah", ada.id)).await;
    for (field, value) in typed {
        assert_eq!(visitor.value(field), value);
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_page_that_asks_leads_back_to_it(db: PgPool) {
    let world = World::new(db);
    let (_, mut visitor) = admin(&world, later()).await;
    visitor.open("/kelola/pengaturan").await;
    assert_eq!(visitor.at, "/konfirmasi?ke=/kelola/pengaturan");
    visitor.press("Lanjutkan", &[("proof_password", "salah sekali ini")]).await;
    assert_eq!(visitor.value("ke"), "/kelola/pengaturan");
    visitor.press("Lanjutkan", &[("proof_password", PASSWORD)]).await;
    assert_eq!((visitor.at.as_str(), visitor.status), ("/kelola/pengaturan", StatusCode::OK));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_form_with_a_file_that_comes_late_leads_back_to_its_page(db: PgPool) {
    let world = World::new(db);
    let (_, mut visitor) = admin(&world, later()).await;
    let headers = [
        ("content-type", "multipart/form-data; boundary=x"),
        ("referer", "http://127.0.0.1:8080/kelola/pengaturan?a=1"),
    ];
    visitor.send(Method::POST, "/kelola/pengaturan/logo", &headers).await;
    assert_eq!(visitor.location(), Some("/konfirmasi?ke=/kelola/pengaturan%3Fa%3D1"));
    let headers = [headers[0], ("referer", "http://127.0.0.1:8080//evil.example")];
    visitor.send(Method::POST, "/kelola/pengaturan/logo", &headers).await;
    assert_eq!(visitor.location(), Some("/konfirmasi?ke=/saya"));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn guesses_at_a_proof_are_slowed_down_as_at_sign_in(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = admin(&world, later()).await;
    let ada = world.person("Ada").create().await;
    give_role(&mut visitor, &ada).await;
    for _ in 0..TRIES {
        visitor.press("Lanjutkan", &[("proof_password", "tebakan yang salah")]).await;
        assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    visitor.press("Lanjutkan", &[("proof_password", PASSWORD)]).await;
    assert_eq!(visitor.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(visitor.problem("proof_password").starts_with("Terlalu banyak percobaan."));
    assert_eq!(visitor.value("role"), "leader", "what was typed is still there");
    assert_eq!(number(&db, ROLES).await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn without_a_password_the_app_proves_and_only_then(db: PgPool) {
    let world = World::new(db.clone());
    let (boss, mut visitor) = admin(&world, later()).await;
    let code = world.code(&boss, later()).await;
    let path = "/saya/profil/kode-pemulihan";
    visitor.post(path, &[("proof_code", &code)]).await;
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY, "the password is asked for");
    run(&db, "delete from password").await;
    visitor.post(path, &[("proof_password", PASSWORD)]).await;
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(visitor.value("proof_code"), "");
    visitor.press("Lanjutkan", &[("proof_code", &code)]).await;
    visitor.must_see("hanya ditampilkan sekali");
}

#[test]
fn every_dangerous_act_is_marked() {
    let marked = |path: &str| routes::table().iter().any(|one| one.path == path && one.fresh);
    for path in [
        "/kelola/orang",
        "/kelola/orang/{person}/peran",
        "/kelola/orang/{person}/peran/{grant}/cabut",
        "/kelola/orang/{person}/aktivasi",
        "/kelola/orang/{person}/faktor-kedua",
        "/kelola/orang/{person}/ubah",
        "/kelola/orang/{person}/keluarkan",
        "/kelola/orang/impor/{list}",
        "/kelola/orang/impor/{list}/batal",
        "/kelola/unit/{unit}/pindah",
        "/kelola/unit/{unit}/gabung",
        "/kelola/unit/{unit}/tutup",
        "/kelola/kelas/{class}/impor/{import}/batal",
        "/kelola/sertifikat/{file}/cabut",
        "/kelola/pengaturan",
        "/saya/profil/autentikator",
        "/saya/profil/autentikator/hapus",
        "/saya/profil/passkey",
        "/saya/profil/passkey/hapus",
        "/saya/profil/kode-pemulihan",
    ] {
        assert!(marked(path), "{path}");
    }
    let settings = |path: &str| path.starts_with("/kelola/pengaturan");
    assert!(routes::table().iter().all(|one| one.fresh || !settings(one.path)));
    assert!(!marked("/kelola/kelas"));
}
