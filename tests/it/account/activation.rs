//! The link with which a person sets their password.

use std::process::Command;

use axum::http::StatusCode;
use chrono::Duration;
use smartclass::account::{self, Role};
use sqlx::{ConnectOptions, PgPool};

use crate::support::{
    Gate, Person, World, column,
    world::{PASSWORD, monday},
};

const NEW: &str = "lemari kuning di lorong";

async fn link(world: &World, person: &Person) -> String {
    let token = account::invite(&mut *world.conn().await, person.id, None, monday()).await.unwrap();
    format!("/aktivasi/{token}")
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_link_works_once(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada Lestari").create().await;
    let link = link(&world, &ada).await;
    let mut visitor = world.visitor(monday());
    visitor.open(&link).await.must_see("Untuk akun Ada Lestari.");
    let filled = visitor.fill("Simpan dan masuk", &[("password", NEW), ("again", NEW)], None);
    visitor.submit(filled.clone()).await;
    assert_eq!(
        (visitor.at.as_str(), visitor.banner().as_str()),
        ("/saya", "Akun Anda aktif. Selamat belajar.")
    );
    let mut other = world.visitor(monday());
    other.open(&link).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    other.must_see("Tautan tidak berlaku lagi");
    other.submit(filled).await;
    assert_eq!((other.status, other.cookie("sid")), (StatusCode::NOT_FOUND, None));
    other.open("/masuk").await.press("Masuk", &[("nip", &ada.nip), ("password", NEW)]).await;
    assert_eq!(other.at, "/saya");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn two_at_once_use_a_link_once(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let link = link(&world, &ada).await;
    let (mut one, mut two) = (world.visitor(monday()), world.visitor(monday()));
    let typed = [("password", NEW), ("again", NEW)];
    tokio::join!(one.post(&link, &typed), two.post(&link, &typed));
    let let_in = [&one, &two].into_iter().filter(|visitor| visitor.cookie("sid").is_some()).count();
    assert_eq!(let_in, 1);
    assert_eq!(column(&db, "select count(*)::text from sign_in").await, ["1"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_link_works_for_a_day(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let link = link(&world, &ada).await;
    for (after, status) in [
        (Duration::hours(24) - Duration::seconds(1), StatusCode::OK),
        (Duration::hours(24), StatusCode::NOT_FOUND),
    ] {
        let mut visitor = world.visitor(monday() + after);
        visitor.open(&link).await;
        assert_eq!(visitor.status, status);
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_new_link_ends_the_one_before(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").create().await;
    let (first, second) = (link(&world, &ada).await, link(&world, &ada).await);
    let mut visitor = world.visitor(monday());
    visitor.open(&first).await;
    assert_eq!(visitor.status, StatusCode::NOT_FOUND);
    visitor.open(&second).await;
    assert_eq!(visitor.status, StatusCode::OK);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn of_links_made_at_the_same_time_one_works(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let gate = Gate::before(&db, "select from person for update").await;
    let make = || async {
        let mut tx = db.begin().await.unwrap();
        account::invite(&mut tx, ada.id, None, monday()).await.unwrap();
        tx.commit().await.unwrap();
    };
    tokio::join!(make(), make(), gate.open_for(2));
    let open = "select count(*)::text from activation where used_at is null";
    assert_eq!(column(&db, open).await, ["1"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_password_that_goes_while_it_is_checked_lets_nobody_in(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").with_password().create().await;
    let gone = Gate::before(&db, "delete from password").await;
    let mut visitor = world.visitor(monday());
    let typed = [("nip", ada.nip.as_str()), ("password", PASSWORD)];
    tokio::join!(visitor.post("/masuk", &typed), gone.open_for(1));
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(visitor.cookie("sid"), None);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_password_that_is_set_ends_every_link(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let link = link(&world, &ada).await;
    account::set_password(&mut *world.conn().await, ada.id, "-", monday()).await.unwrap();
    let mut visitor = world.visitor(monday());
    assert_eq!(visitor.open(&link).await.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_weak_password_is_refused_in_words(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Wahyuni Lestari").create().await;
    let link = link(&world, &ada).await;
    let long = "panjang sekali ".repeat(20);
    for (weak, words) in [
        ("pendek", "Kata sandi sedikitnya 12 karakter."),
        (&long, "Kata sandi terlalu panjang"),
        (&ada.nip, "Kata sandi ini memuat nama, NIP, atau tanggal lahir Anda"),
        ("wahyuni lestari", "Kata sandi ini memuat nama, NIP, atau tanggal lahir Anda"),
        ("aaaaaaaaaaaaaaaa", "Kata sandi ini berupa pengulangan atau urutan"),
        ("iloveyou1234", "Kata sandi ini sama atau mirip dengan yang dipakai banyak orang"),
        (account::DEMO_PASSWORD, "Kata sandi ini sama atau mirip dengan yang dipakai banyak orang"),
    ] {
        let mut visitor = world.visitor(monday());
        visitor
            .open(&link)
            .await
            .press("Simpan dan masuk", &[("password", weak), ("again", weak)])
            .await;
        assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY, "{weak}");
        let said = visitor.problem("password");
        assert!(said.starts_with(words), "{weak}: {said}");
    }
    let mut visitor = world.visitor(monday());
    visitor
        .open(&link)
        .await
        .press("Simpan dan masuk", &[("password", NEW), ("again", PASSWORD)])
        .await;
    assert_eq!(visitor.problem("again"), "Kedua kata sandi tidak sama. Ketik ulang keduanya.");
    assert_eq!(column(&db, "select hash from password").await, [""; 0]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_new_password_ends_every_sign_in_made_with_the_old_one(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").with_password().create().await;
    let mut lost = world.signed_in(&ada, monday()).await;
    let link = link(&world, &ada).await;
    let mut visitor = world.visitor(monday());
    visitor.open(&link).await.press("Simpan dan masuk", &[("password", NEW), ("again", NEW)]).await;
    lost.open("/saya").await;
    assert_eq!(lost.at, "/masuk");
    lost.press("Masuk", &[("nip", &ada.nip), ("password", PASSWORD)]).await;
    assert_eq!(lost.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_administrator_records_a_person_and_hands_over_a_link(db: PgPool) {
    let world = World::new(db.clone());
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let unit = world.root().await.to_string();
    let mut admin = world.signed_in(&admin, monday()).await;
    let typed = [
        ("name", "Nurhidayah, A.Md."),
        ("nip", "19900505 201503 2 005"),
        ("email", "Nur@Contoh.go.id"),
        ("unit", &unit),
    ];
    admin.open("/kelola/orang/baru").await;
    admin.press("Simpan", &[("name", "Nurhidayah, A.Md."), ("nip", "1990")]).await;
    assert_eq!(admin.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(admin.value("name"), "Nurhidayah, A.Md.");
    assert_eq!(admin.problem("nip"), "NIP terdiri atas 18 angka; yang ditulis 4 angka.");
    assert_eq!(admin.problem("unit"), "Pilih unit kerja.");
    admin.press("Simpan", &typed).await;
    let link = admin.sees("#tautan").remove(0);
    let mut new = world.visitor(monday());
    new.open(link.strip_prefix("http://127.0.0.1:8080").unwrap())
        .await
        .must_see("Nurhidayah, A.Md.");
    assert!(!column(&db, "select encode(token_hash, 'hex') from activation").await.contains(&link));
    for (field, words) in [
        ("nip", "NIP ini sudah tercatat."),
        ("email", "Alamat surel ini sudah dipakai orang lain."),
    ] {
        let other = typed.map(|(name, value)| match name {
            "nip" if field == "email" => (name, "199005052015032006"),
            "email" if field == "nip" => (name, "lain@contoh.go.id"),
            _ => (name, value),
        });
        admin.open("/kelola/orang/baru").await.press("Simpan", &other).await;
        assert_eq!(
            (admin.status, admin.problem(field).as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, words)
        );
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_command_line_reads_an_address_as_the_form_does(db: PgPool) {
    let create = |email: &str| {
        let new = ["--nip", "199005052015032005", "--name", "Ada", "--email", email];
        Command::new(env!("CARGO_BIN_EXE_smartclass"))
            .args(["admin", "create"])
            .args(new)
            .env("DATABASE_URL", db.connect_options().to_url_lossy().as_str())
            .output()
            .unwrap()
    };
    let refused = create("ada@contoh");
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("--email: Tulis alamat surel"), "{said}");
    assert_eq!(column(&db, "select name from person").await, [""; 0]);
    let made = create("Ada@Contoh.id");
    let said = String::from_utf8_lossy(&made.stdout).into_owned();
    assert!(made.status.success() && said.contains("/aktivasi/"), "{made:?}");
    assert_eq!(column(&db, "select email from person").await, ["ada@contoh.id"]);
}
