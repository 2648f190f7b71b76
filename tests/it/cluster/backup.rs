//! A copy of an installation opens with its passphrase alone, and comes back as it was.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use smartclass::{
    account,
    postgres::{Cluster, Durability},
    seal::{Keys, Sealer},
};
use sqlx::PgPool;

use super::{
    command::{on, said, smartclass},
    program::Folder,
};
use crate::support::{
    Person, World, Zoom, column, number, run,
    world::{evening, monday},
};

const PASSPHRASE: &str = "kuda laut empat musim";

/// A database with a history, the folder of the data beside it, and a place for its copy.
struct Source {
    db: PgPool,
    world: Arc<World>,
    ada: Person,
    folder: Folder,
}

impl Source {
    async fn new(db: PgPool) -> Self {
        let (world, folder) = (Arc::new(World::new(db.clone())), Folder::new());
        let class = world.class().create().await;
        let ada = world.person("Ada Ledger").with_password().create().await;
        world.enrol(class, &ada).await;
        let report = Zoom::new().stay("Ada Ledger", "", "09:00", "11:00");
        world.import(class, &report, &world.organiser().await).await;
        let mut sealer = Sealer::new(Keys::open(&folder.0.join("keys")).unwrap());
        while sealer.run(&db, evening()).await.unwrap() == 0 {}
        world.signed_in(&ada, monday()).await;
        account::invite(&mut *world.conn().await, ada.id, None, monday()).await.unwrap();
        run(
            &db,
            &format!(
                "insert into mail (kind, subject_id, person_id, recipient, title, body, made_at)
                 values ('forgotten', 1, {}, 'ada@sulteng.example', 'Kata sandi', 'Tautan', now())",
                ada.id
            ),
        )
        .await;
        Self { db, world, ada, folder }
    }

    fn place(&self) -> PathBuf {
        self.folder.0.join("copy")
    }

    fn back_up(&self) -> Command {
        let place = self.place();
        let mut command = on(&self.db, &["backup", place.to_str().unwrap()]);
        command.env("SMARTCLASS_DATA", &self.folder.0);
        command.env("SMARTCLASS_BACKUP_PASSPHRASE", PASSPHRASE);
        command
    }

    async fn copied(db: PgPool) -> Self {
        let source = Self::new(db).await;
        said(&source.back_up().output().unwrap(), true);
        source
    }
}

/// Restores the copy into a private cluster in the folder.
fn restore(copy: &Path, into: &Folder, passphrase: &str) -> Output {
    let mut command = smartclass(&into.0, &["restore", copy.to_str().unwrap()]);
    command.env("SMARTCLASS_BACKUP_PASSPHRASE", passphrase).output().unwrap()
}

#[track_caller]
fn refused(done: &Output, because: &str) {
    let (out, err) = said(done, false);
    let line = err.lines().last().unwrap_or_default();
    assert!(out.is_empty() && line.contains(because), "{out}{err}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_was_copied_while_people_wrote_comes_back_whole_and_in_order(db: PgPool) {
    let source = Source::new(db.clone()).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn({
        let (world, stop) = (source.world.clone(), stop.clone());
        async move {
            while !stop.load(Ordering::Relaxed) {
                world.person("Seseorang").create().await;
            }
        }
    });
    let mut copying = source.back_up();
    let copied = tokio::task::spawn_blocking(move || copying.output().unwrap()).await.unwrap();
    let (copied, _) = said(&copied, true);
    stop.store(true, Ordering::Relaxed);
    writing.await.unwrap();

    let target = Folder::new();
    let (restored, _) = said(&restore(&source.place(), &target, PASSPHRASE), true);
    let amounts = copied.split_once(": ").unwrap().1.trim_end().trim_end_matches('.');
    assert!(restored.starts_with(&format!("Dipulihkan: {amounts}.\nSesuai: ")), "{restored}");
    said(&smartclass(&target.0, &["ledger", "verify"]).output().unwrap(), true);

    let cluster = Cluster::start(&target.home(), Durability::Durable).unwrap();
    let there = PgPool::connect_with(cluster.options()).await.unwrap();
    let ada = source.ada.id;
    for query in [
        format!("select name from person where id = {ada}"),
        format!("select hash from password where person_id = {ada}"),
        format!("select sum(jp)::text from ledger_entry where person_id = {ada}"),
        "select string_agg(encode(hash, 'hex'), ' ' order by chain, number) from seal".into(),
    ] {
        assert_eq!(column(&there, &query).await, column(&db, &query).await, "{query}");
    }
    for open in [
        "select count(*) from sign_in where ended_at is null",
        "select count(*) from activation where used_at is null",
        "select count(*) from mail where state = 'queued'",
    ] {
        assert_eq!((number(&db, open).await, number(&there, open).await), (1, 0), "{open}");
    }
    let last = number(&there, "select max(id) from person").await;
    let next = number(&there, "select nextval('person_id_seq')").await;
    assert!(next > last, "numbers go on where they ended: {next} after {last}");
    for name in ["seal.pk8", "seals.json"] {
        let read = |folder: &Folder| fs::read(folder.0.join("keys").join(name)).unwrap();
        assert_eq!(read(&source.folder), read(&target));
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_copy_that_is_damaged_or_incomplete_is_refused_before_anything_is_made(db: PgPool) {
    let source = Source::copied(db).await;
    let (place, target) = (source.place(), Folder::new());
    for name in ["database.enc", "keys.enc"] {
        let whole = fs::read(place.join(name)).unwrap();
        let mut flipped = whole.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 1;
        for damaged in [&flipped, &whole[..whole.len() - 1]] {
            fs::write(place.join(name), damaged).unwrap();
            refused(&restore(&place, &target, PASSPHRASE), "rusak atau berubah");
        }
        fs::write(place.join(name), whole).unwrap();
    }
    let manifest = fs::read_to_string(place.join("manifest.json")).unwrap();
    for (changed, because) in [
        (manifest.replace("\"people\": ", "\"people\": 1"), "kata sandi cadangan bukan"),
        (manifest.replace("\"format\": 1", "\"format\": 2"), "program yang lebih baru"),
        (manifest.replace("\"schema\"", "\"sch\""), "rusak"),
        (manifest.replace("keys.enc", "../../keys"), "rusak"),
    ] {
        assert_ne!(changed, manifest);
        fs::write(place.join("manifest.json"), changed).unwrap();
        refused(&restore(&place, &target, PASSPHRASE), because);
    }
    fs::remove_file(place.join("manifest.json")).unwrap();
    refused(&restore(&place, &target, PASSPHRASE), "bukan cadangan, atau tidak selesai dibuat");
    assert!(!target.home().exists());
    fs::write(place.join("manifest.json"), manifest).unwrap();
    said(&restore(&place, &target, PASSPHRASE), true);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_copy_opens_with_its_passphrase_alone(db: PgPool) {
    let source = Source::copied(db).await;
    let target = Folder::new();
    let because = "kata sandi cadangan bukan yang dipakai";
    refused(&restore(&source.place(), &target, "kuda laut empat musin"), because);
    refused(&restore(&source.place(), &target, ""), "SMARTCLASS_BACKUP_PASSPHRASE: wajib diisi");
    assert!(!target.home().exists());
    for name in ["database.enc", "keys.enc"] {
        let bytes = fs::read(source.place().join(name)).unwrap();
        let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        assert!(!holds(b"PGDMP") && !holds(b"Ada Ledger") && !holds(b"seal.pk8"), "{name}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nothing_is_restored_over_data_or_other_keys(db: PgPool) {
    let source = Source::copied(db.clone()).await;
    let people = number(&db, "select count(*) from person").await;
    let place = source.place();
    let mut over = on(&db, &["restore", place.to_str().unwrap()]);
    over.env("SMARTCLASS_DATA", &source.folder.0);
    over.env("SMARTCLASS_BACKUP_PASSPHRASE", PASSPHRASE);
    refused(&over.output().unwrap(), "basis data tujuan sudah berisi");
    assert_eq!(number(&db, "select count(*) from person").await, people);

    let target = Folder::new();
    Keys::open(&target.0.join("keys")).unwrap();
    refused(&restore(&place, &target, PASSPHRASE), "sudah ada dan berbeda");
    fs::remove_dir_all(target.0.join("keys")).unwrap();
    // The database was made and is empty still: the same command goes on.
    said(&restore(&place, &target, PASSPHRASE), true);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn no_copy_is_made_that_could_not_be_restored(db: PgPool) {
    let source = Source::new(db.clone()).await;
    let place = source.place();
    let back_up = |data: &Path, passphrase: &str| {
        let mut command = on(&db, &["backup", place.to_str().unwrap()]);
        command.env("SMARTCLASS_DATA", data).env("SMARTCLASS_BACKUP_PASSPHRASE", passphrase);
        command.output().unwrap()
    };
    refused(&back_up(&source.folder.0, "lima belas huru"), "sedikitnya 16 karakter");
    refused(&back_up(Path::new("/nowhere"), PASSPHRASE), "kunci segel tidak ada di /nowhere/keys");
    assert!(!place.exists());
    fs::create_dir(&place).unwrap();
    fs::write(place.join("catatan.txt"), "milik orang lain").unwrap();
    refused(&back_up(&source.folder.0, PASSPHRASE), "folder tidak kosong");
    assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
    run(&db, "drop schema public cascade; create schema public").await;
    refused(&back_up(&source.folder.0, PASSPHRASE), "basis data masih kosong");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_copy_by_a_newer_program_is_named_so(db: PgPool) {
    let source = Source::new(db.clone()).await;
    run(&db, "insert into _sqlx_migrations values (9999, 'later', now(), true, 'x', 0)").await;
    said(&source.back_up().output().unwrap(), true);
    let target = Folder::new();
    refused(&restore(&source.place(), &target, PASSPHRASE), "program yang lebih baru (skema 9999)");
    assert!(!target.home().exists());
}
