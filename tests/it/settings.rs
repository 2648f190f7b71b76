//! What the agency decides for itself, by its pages.

use axum::http::StatusCode;
use smartclass::{account::Role, certificate, settings};
use sqlx::PgPool;

use crate::{
    certificate::{all_at_once, attended, issue, of_class},
    support::{Gate, Visitor, World, column, number, world::evening},
};

const PATH: &str = "/kelola/pengaturan";

async fn administrator(world: &World, name: &str) -> Visitor {
    let person = world.person(name).role(Role::Administrator).create().await;
    let mut visitor = world.signed_in(&person, evening()).await;
    visitor.open(PATH).await;
    visitor
}

const SAVE: &str = "Simpan pengaturan sertifikat";
const APPOINT: &str = "Tambah penanda tangan";

fn signer<'a>(name: &'a str, from: &'a str) -> [(&'a str, &'a str); 3] {
    [("signer_name", name), ("office", "Kepala Badan"), ("from", from)]
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_first_number_is_free_until_one_was_given(db: PgPool) {
    let world = World::new(db.clone());
    let mut admin = administrator(&world, "Admin").await;
    admin.press(SAVE, &[("first", "41")]).await.must_see("800.2.4/00041/BPSDMD/2026");
    admin.press(APPOINT, &signer("Dr. Irwan Tolambu, M.Si.", "2020-01-01")).await;
    let (people, by) = (world.people(1).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    assert_eq!(issue(&db, class, &by, evening()).await, 1);
    admin.open(PATH).await.must_see("800.2.4/00042/BPSDMD/2026");
    admin.press(SAVE, &[("first", "50"), ("place", "Donggala")]).await;
    assert!(admin.problem("first").contains("sudah terpakai"), "{}", admin.problem("first"));
    assert_eq!(
        (admin.status, admin.value("first")),
        (StatusCode::UNPROCESSABLE_ENTITY, "50".into())
    );
    assert_eq!(admin.value("place"), "Donggala", "what was typed stays");
    admin.press(SAVE, &[("first", "41")]).await;
    assert!(admin.banner().contains("tersimpan"));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_pattern_must_tell_numbers_and_years_apart(db: PgPool) {
    let world = World::new(db.clone());
    let mut admin = administrator(&world, "Admin").await;
    for (field, wrong, words) in [
        ("pattern", "800.2.4/{nomor}/BPSDMD", "Pola harus memuat {nomor} dan {tahun}"),
        ("pattern", "{tahun}", "Pola harus memuat {nomor} dan {tahun}"),
        ("pattern", "", "Isi pola nomor."),
        ("digits", "0", "antara 1 dan 9"),
        ("digits", "lima", "angka bulat"),
        ("first", "0", "antara 1 dan 9.999.999"),
        ("agency", "", "Isi nama badan."),
    ] {
        admin.open(PATH).await.press(SAVE, &[(field, wrong)]).await;
        assert!(admin.problem(field).contains(words), "{wrong}: {}", admin.problem(field));
    }
    assert_eq!(number(&db, "select count(*) from setting").await, 0);
    admin.open(PATH).await;
    admin.press(SAVE, &[("pattern", "{nomor}/ST/{tahun}"), ("digits", "3")]).await;
    admin.must_see("001/ST/2026");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_signer_is_seen_and_fits_on_the_paper(db: PgPool) {
    let world = World::new(db.clone());
    let mut admin = administrator(&world, "Admin").await;
    let (name, from) = ("Pertama", "2020-01-01");
    for (field, wrong, words) in [
        ("rank", "x".repeat(81), "Tulis pangkat paling banyak 80 karakter; sekarang 81."),
        ("signer_name", "\u{200b}\u{202e}".into(), "Isi nama dengan gelar."),
    ] {
        let typed = [("signer_name", name), ("office", "Kepala Badan"), ("from", from)];
        let mut typed =
            typed.map(|(to, said)| (to, if to == field { &*wrong } else { said })).to_vec();
        if field == "rank" {
            typed.push(("rank", &wrong));
        }
        admin.open(PATH).await.press(APPOINT, &typed).await;
        assert_eq!(admin.problem(field), words);
    }
    assert_eq!(number(&db, "select count(*) from setting").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_signer_goes_by_who_they_are_and_not_by_where_they_stand(db: PgPool) {
    let world = World::new(db.clone());
    let mut admin = administrator(&world, "Admin").await;
    for name in ["Pertama", "Kedua", "Ketiga"] {
        admin.press(APPOINT, &signer(name, "2020-01-01")).await;
    }
    let remove = admin.fill("Hapus Pertama", &[], None);
    admin.submit(remove.clone()).await;
    assert!(admin.banner().contains("dihapus dari daftar"));
    admin.submit(remove).await;
    assert!(admin.banner().contains("sudah tidak ada"), "{}", admin.banner());
    let left = admin.sees("tbody th");
    assert_eq!(left, ["Kedua", "Ketiga"], "a second press takes nobody else");
    let again = admin.fill(APPOINT, &signer("Keempat", "2020-01-01"), None);
    admin.submit(again.clone()).await;
    admin.submit(again).await;
    assert_eq!(admin.sees("tbody th").len(), 3, "sent twice, added once");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn who_signs_follows_the_days_and_an_acting_head_is_named_so(db: PgPool) {
    let world = World::new(db.clone());
    let mut admin = administrator(&world, "Admin").await;
    admin
        .press(
            APPOINT,
            &[
                ("signer_name", "X"),
                ("from", "10/03/2026"),
                ("until", "09/03/2026"),
                ("signer_nip", "123"),
            ],
        )
        .await;
    assert_eq!(admin.problem("office"), "Isi jabatan.");
    assert!(admin.problem("until").contains("sebelum hari pertama"));
    assert!(admin.problem("signer_nip").contains("18 angka"));
    assert_eq!(admin.value("signer_name"), "X");
    admin.open(PATH).await.press(APPOINT, &signer("Kepala", "2020-01-01")).await;
    let [name, office, from] = signer("Pelaksana", "10/03/2026");
    let acting = [name, office, from, ("until", "10/03/2026"), ("acting", "ya")];
    admin.press(APPOINT, &acting).await.must_see("Plt. Kepala Badan");
    let (people, by) = (world.people(1).await, world.organiser().await);
    let mut signed = Vec::new();
    for days in [0, 1] {
        let class = attended(&world, &people, &by).await;
        issue(&db, class, &by, evening() + chrono::Duration::days(days)).await;
        let paper = of_class(&world, class).await.remove(0).paper.0;
        signed.push((paper.signer_name, paper.office.join(" ")));
    }
    let expected = [("Pelaksana", "Plt. Kepala Badan,"), ("Kepala", "Kepala Badan,")];
    assert_eq!(signed, expected.map(|(name, office)| (name.to_owned(), office.to_owned())));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn two_administrators_do_not_undo_each_others_changes(db: PgPool) {
    let world = World::new(db.clone());
    let (mut first, mut second) =
        (administrator(&world, "Ani").await, administrator(&world, "Budi").await);
    first.press(SAVE, &[("place", "Donggala")]).await;
    let late = second.fill(SAVE, &[("legal_basis", "Pergub 5")], None);
    second.submit(late).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(
        second.problem("government").contains("diubah oleh Ani"),
        "{}",
        second.problem("government")
    );
    second.must_see("Tempat Donggala");
    assert_eq!(second.value("legal_basis"), "Pergub 5", "what was typed stays");
    second.press(SAVE, &[("place", "Donggala")]).await;
    assert!(second.banner().contains("tersimpan"), "knowingly");
    first.open(PATH).await;
    assert_eq!([first.value("place"), first.value("legal_basis")], ["Donggala", "Pergub 5"]);
    let double = first.fill(SAVE, &[("place", "Poso")], None);
    first.submit(double.clone()).await;
    first.submit(double).await;
    assert!(first.banner().contains("tersimpan"), "a double click is no conflict");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn signers_added_at_the_same_moment_all_stay(db: PgPool) {
    let world = World::new(db.clone());
    let mut adding = Vec::new();
    for name in ["Satu", "Dua", "Tiga"] {
        let mut admin = administrator(&world, name).await;
        adding.push(async move {
            admin.press(APPOINT, &signer(name, "2020-01-01")).await;
            admin.status
        });
    }
    let gate = Gate::before(&db, "lock table setting in exclusive mode").await;
    let adding = all_at_once(adding.into_iter());
    let (statuses, ()) = tokio::join!(adding, gate.open_for(3));
    assert_eq!(statuses, [StatusCode::OK; 3]);
    let settings = settings::certificates(&mut *world.conn().await).await.unwrap();
    assert_eq!(settings.signers.len(), 3);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn targets_keep_the_version_before_and_who_changed_it(db: PgPool) {
    let world = World::new(db.clone());
    let (mut first, mut second) =
        (administrator(&world, "Ani").await, administrator(&world, "Budi").await);
    first.press("Simpan target", &[("pppk", "30"), ("notice", "24")]).await;
    assert!(first.problem("notice").contains("di bawah target PPPK"));
    first.open(PATH).await.press("Simpan target", &[("pns", "24")]).await;
    second.press("Simpan target", &[("pns", "16")]).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(second.problem("year").contains("diubah oleh Ani"));
    second.must_see("PNS, paling sedikit 24");
    assert_eq!(second.value("pns"), "16");
    second.press("Simpan target", &[]).await;
    assert!(second.banner().contains("Target tahun 2026 tersimpan"));
    let versions = "select concat_ws(' ', minimum, p.name) from target_version t left join person p
                    on p.id = changed_by where year = 2026 and t.employment = 'pns' order by t.id";
    assert_eq!(column(&db, versions).await, ["20", "24 Ani", "16 Budi"]);
    let learner = world.person("Ada").create().await;
    let mut learner = world.signed_in(&learner, evening()).await;
    learner.open("/saya").await.must_see("dari 16 JP");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_logo_is_checked_kept_and_taken_away(db: PgPool) {
    let world = World::new(db.clone());
    let mut admin = administrator(&world, "Admin").await;
    let huge = vec![0; 600_000];
    for (file, words) in [
        (&b""[..], "Pilih berkas logo dahulu"),
        (b"GIF89a", "PNG atau JPEG"),
        (b"\x89PNG\r\n\x1a\n", "rusak"),
        (&huge, "terlalu besar"),
    ] {
        let name = if file.is_empty() { "" } else { "logo.png" };
        admin.upload("Simpan logo", "logo", name, file).await;
        assert!(admin.problem("logo").contains(words), "{words}: {}", admin.problem("logo"));
    }
    admin.upload("Simpan logo", "logo", "logo.png", &vec![0; 12_000_000]).await;
    assert_eq!(admin.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(number(&db, "select count(*) from logo").await, 0);
    admin.open(PATH).await.upload("Simpan logo", "logo", "logo.png", &dot()).await;
    admin.must_see("Logo terpasang");
    admin.press(APPOINT, &signer("Kepala", "2020-01-01")).await;
    let (people, by) = (world.people(1).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    issue(&db, class, &by, evening()).await;
    let one = of_class(&world, class).await.remove(0);
    let mut conn = world.conn().await;
    let before = certificate::pdf(&mut conn, &one, evening()).await.unwrap();
    admin.press("Hapus logo", &[]).await.must_see("Belum ada logo");
    let after = certificate::pdf(&mut conn, &one, evening()).await.unwrap();
    assert!(one.logo.is_some() && before.sha256 == after.sha256, "the paper keeps its logo");
    assert!(settings::logo(&mut conn).await.unwrap().is_none());
    assert_eq!(number(&db, "select count(*) from logo where changed_by is not null").await, 2);
}

/// One dark pixel.
fn dot() -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = png::Encoder::new(&mut bytes, 1, 1);
    encoder.write_header().unwrap().write_image_data(&[9]).unwrap();
    bytes
}
