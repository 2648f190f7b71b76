//! Seals: whoever gets past the triggers is found out.

use std::{path::PathBuf, time::Duration};

use smartclass::{
    ledger,
    seal::{self, Keys, Sealer},
};
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::support::{
    World, Zoom, number, run,
    world::{evening, monday},
};

/// A folder of its own for the keys of a test.
struct Folder(PathBuf);

impl Folder {
    fn new(db: &PgPool) -> Self {
        let name = db.connect_options().get_database().unwrap().to_owned();
        let folder = std::env::temp_dir().join(format!("keys-{name}-{}", std::process::id()));
        Self(folder)
    }

    fn sealer(&self) -> Sealer {
        Sealer::new(Keys::open(&self.0).unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The first break: of the books, else of the seals.
async fn found(db: &PgPool, folder: &Folder) -> String {
    let mut db = db.acquire().await.unwrap();
    let books = ledger::verify(&mut db).await.unwrap().err();
    let seals = seal::verify(&mut db, &folder.0).await.unwrap().err();
    books.or(seals).unwrap_or_default()
}

async fn unsealed(db: &PgPool) -> i64 {
    let open = "select count(*) from audit_entry e
                where not exists (select from audit_sealed where entry_id = e.id)";
    number(db, open).await
}

/// Seals until nothing is left, once every transaction that wrote has ended for sure: those of
/// other tests may hold that up, but not for ever.
async fn seal_all(db: &PgPool, sealers: &mut [Sealer]) -> u32 {
    let running =
        "select count(*) from audit_entry where xid >= pg_snapshot_xmin(pg_current_snapshot())";
    let sealing = async {
        while number(db, running).await > 0 {
            tokio::task::yield_now().await;
        }
        let mut seals = 0;
        while unsealed(db).await > 0 {
            for sealer in &mut *sealers {
                seals += sealer.run(db, evening()).await.unwrap();
            }
        }
        for sealer in &mut *sealers {
            seals += sealer.run(db, evening()).await.unwrap();
        }
        seals
    };
    let done = tokio::time::timeout(Duration::from_mins(1), sealing).await;
    done.unwrap_or_else(|_| panic!("something is never sealed"))
}

/// Ada's book of three entries, sealed after the first and after the last.
async fn sealed(db: &PgPool) -> (World, Folder, i64) {
    let (world, folder) = (World::new(db.clone()), Folder::new(db));
    let sealer = folder.sealer();
    let class = world.class().create().await;
    let (ada, by) = (world.person("Ada").create().await, world.organiser().await);
    world.enrol(class, &ada).await;
    let first = world.import(class, &Zoom::new().stay("Ada", "", "09:00", "11:00"), &by).await;
    let mut sealers = [sealer];
    assert_eq!(seal_all(db, &mut sealers).await, 2);
    assert_eq!(sealers[0].run(db, evening()).await.unwrap(), 0, "nothing new");
    world.undo(first, &by).await;
    world.import(class, &Zoom::new().stay("Ada", "", "09:00", "10:50"), &by).await;
    assert_eq!(seal_all(db, &mut sealers).await, 2);
    assert_eq!(found(db, &folder).await, "");
    for table in
        ["audit_entry", "audit_sealed", "seal", "seal_key", "ledger_sealed", "ledger_entry"]
    {
        run(db, &format!("alter table {table} disable trigger user")).await;
    }
    (world, folder, ada.id.0)
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn all_that_was_written_comes_under_seals_that_hold(db: PgPool) {
    let (world, folder, _) = sealed(&db).await;
    let verified = seal::verify(&mut *world.conn().await, &folder.0).await.unwrap().unwrap();
    assert_eq!((verified.seals, verified.unsealed), (4, 0));
    assert_eq!(verified.entries, number(&db, "select count(*) from audit_sealed").await);
    world.person("Baru").create().await;
    let verified = seal::verify(&mut *world.conn().await, &folder.0).await.unwrap().unwrap();
    assert_eq!(verified.unsealed, 2, "the person and the NIP");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_tail_that_was_cut_off_with_its_end_changed_to_fit_is_found(db: PgPool) {
    let (_, folder, ada) = sealed(&db).await;
    // The decision goes as well, so that hours and decisions agree.
    run(&db, "alter table decision disable trigger user; alter table ledger_entry drop constraint ledger_entry_decision_id_fkey").await;
    run(&db, &format!("delete from ledger_entry where person_id = {ada} and number = 3; delete from decision where revision = 3")).await;
    run(
        &db,
        &format!(
            "update ledger_head h set number = 2, sealed = 2, hash = e.hash from ledger_entry e
        where h.person_id = {ada} and e.person_id = {ada} and e.number = 2"
        ),
    )
    .await;
    assert_eq!(
        found(&db, &folder).await,
        format!("orang {ada}: catatan JP nomor 3 yang disegel (segel 2) hilang atau berubah")
    );
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_entry_that_was_changed_or_removed_is_named(db: PgPool) {
    let (_, folder, _) = sealed(&db).await;
    run(&db, "create table kept as select * from audit_entry").await;
    for column in [
        "at = now()",
        "by = 1",
        "client = 'x'",
        "act = 'x'",
        "row_key = 'x'",
        "person_id = 9",
        "after = '{}'",
    ] {
        run(&db, &format!("update audit_entry set {column} where id = 5")).await;
        assert_eq!(
            found(&db, &folder).await,
            "catatan audit 5 (segel 1) diubah sesudah disegel",
            "{column}"
        );
        run(&db, "delete from audit_entry where id = 5; insert into audit_entry overriding system value select * from kept where id = 5").await;
        assert_eq!(found(&db, &folder).await, "", "after {column}");
    }
    run(&db, "delete from audit_entry where id = 5").await;
    assert_eq!(found(&db, &folder).await, "catatan audit 5 (segel 1) hilang");
    run(&db, "delete from audit_sealed where entry_id = 5").await;
    assert_eq!(found(&db, &folder).await, "isi segel audit nomor 1 tidak sesuai sidiknya");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_seal_that_was_removed_is_named(db: PgPool) {
    let (_, folder, _) = sealed(&db).await;
    run(&db, "delete from seal where chain = 'audit' and number = 2").await;
    assert_eq!(found(&db, &folder).await, "segel audit nomor 2 hilang dari ujung rantai");
    // With all that it sealed, only what is kept outside of the database tells.
    run(&db, "delete from audit_entry e using audit_sealed s where s.entry_id = e.id and s.seal = 2; delete from audit_sealed where seal = 2").await;
    assert_eq!(found(&db, &folder).await, "segel audit nomor 2 hilang dari ujung rantai");
    run(&db, "delete from seal where chain = 'ledger' and number = 1").await;
    std::fs::remove_file(folder.0.join("seals.json")).unwrap();
    assert_eq!(found(&db, &folder).await, "segel buku JP nomor 1 hilang");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn seals_by_another_key_are_found(db: PgPool) {
    let (_, folder, _) = sealed(&db).await;
    run(&db, "create table kept as select * from seal").await;
    run(&db, "update seal set signature = decode(repeat('00', 64), 'hex') where chain = 'audit' and number = 1").await;
    assert_eq!(
        found(&db, &folder).await,
        "tanda tangan segel audit nomor 1 tidak cocok dengan kuncinya"
    );
    run(&db, "truncate seal; insert into seal select * from kept").await;
    assert_eq!(found(&db, &folder).await, "");

    // All over again with a key of one's own: everything fits, but for what is kept outside.
    run(&db, "truncate seal, audit_sealed, ledger_sealed; update ledger_head set sealed = 0; update audit_entry set act = 'Lain' where id = 5").await;
    let strange = Folder(folder.0.with_extension("strange"));
    seal_all(&db, &mut [strange.sealer()]).await;
    assert_eq!(found(&db, &strange).await, "");
    assert_eq!(
        found(&db, &folder).await,
        "segel audit nomor 1 ditandatangani dengan kunci yang tidak dikenal di sini"
    );
    // And with the right key: the last seal is not the one that was made here.
    run(&db, "truncate seal, audit_sealed, ledger_sealed; update ledger_head set sealed = 0").await;
    let thief = Folder(folder.0.with_extension("thief"));
    std::fs::create_dir_all(&thief.0).unwrap();
    std::fs::copy(folder.0.join("seal.pk8"), thief.0.join("seal.pk8")).unwrap();
    seal_all(&db, &mut [thief.sealer()]).await;
    let problem = found(&db, &folder).await;
    assert!(problem.starts_with("segel audit nomor 2 hilang"), "{problem}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn old_seals_hold_after_the_key_has_changed(db: PgPool) {
    let (world, folder, _) = sealed(&db).await;
    std::fs::remove_file(folder.0.join("seal.pk8")).unwrap();
    world.person("Baru").create().await;
    seal_all(&db, &mut [folder.sealer()]).await;
    assert_eq!(number(&db, "select count(*) from seal_key").await, 2);
    assert_eq!(found(&db, &folder).await, "");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_late_transaction_with_low_numbers_is_not_lost(db: PgPool) {
    let (world, folder) = (World::new(db.clone()), Folder::new(&db));
    let mut sealer = folder.sealer();
    sealer.run(&db, monday()).await.unwrap();
    let mut late = db.begin().await.unwrap();
    sqlx::Executor::execute(&mut *late, "update unit set name = 'Lama' where parent_id is null")
        .await
        .unwrap();
    world.person("Ada").create().await;
    for _ in 0..4 {
        sealer.run(&db, monday()).await.unwrap();
    }
    assert!(unsealed(&db).await > 0, "nothing is sealed before what may come before it has ended");
    late.commit().await.unwrap();
    world.person("Bob").create().await;
    seal_all(&db, &mut [sealer]).await;
    assert_eq!(found(&db, &folder).await, "");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nothing_is_left_unsealed_by_writers_at_the_same_time(db: PgPool) {
    let (world, folder) = (World::new(db.clone()), Folder::new(&db));
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let world = world.clone();
        writers.spawn(async move {
            for n in 0..15 {
                world.person(&format!("Orang {writer}/{n}")).create().await;
            }
        });
    }
    let (mut one, mut other) = (folder.sealer(), folder.sealer());
    let mut seals = 0;
    while !writers.is_empty() {
        let (a, b) = tokio::join!(one.run(&db, monday()), other.run(&db, monday()));
        seals += a.unwrap() + b.unwrap();
        while writers.try_join_next().is_some() {}
    }
    seals += seal_all(&db, &mut [one, other]).await;
    let verified = seal::verify(&mut *world.conn().await, &folder.0).await.unwrap();
    let verified = verified.unwrap();
    assert_eq!((verified.unsealed, verified.seals), (0, seals.into()));
    assert_eq!(verified.entries, 120);
}
