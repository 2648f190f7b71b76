//! One human being who was recorded twice reads as one, and as two again.

use axum::http::StatusCode;
use smartclass::{
    account::Role,
    enrolment::State,
    ids::ClassId,
    people::{self, MergeError},
};
use sqlx::PgPool;

use crate::support::{
    Person, World, Zoom, assert_in_order, column, number,
    world::{PASSWORD, evening, monday},
};

/// Two records of Ada: under her contract she was present at one class, as a civil servant at
/// another.
struct Twice {
    world: World,
    admin: Person,
    stays: Person,
    goes: Person,
    classes: [ClassId; 2],
}

async fn twice(db: &PgPool) -> Twice {
    let world = World::new(db.clone());
    let admin = world.person("Siti Admin").role(Role::Administrator).create().await;
    let organiser = world.organiser().await;
    let goes = world.person("Ada Kontrak").email("ada@lama.id").with_password().create().await;
    let stays = world.person("Ada Lestari").email("ada@baru.id").with_password().create().await;
    let classes = [
        world.class().title("Arsip").create().await,
        world.class().title("Pajak").starts("2026-03-10 13:00").create().await,
    ];
    let times = [("09:00", "11:00"), ("13:00", "15:00")];
    for ((class, one), (from, to)) in classes.into_iter().zip([&goes, &stays]).zip(times) {
        world.enrol(class, one).await;
        world.import(class, &Zoom::new().stay(&one.name, "", from, to), &organiser).await;
    }
    Twice { world, admin, stays, goes, classes }
}

impl Twice {
    async fn merge(&self) -> Result<(), MergeError> {
        let mut tx = self.world.db.begin().await.unwrap();
        people::merge(&mut tx, self.goes.id, self.stays.id, self.admin.id, evening()).await?;
        tx.commit().await.unwrap();
        Ok(())
    }

    /// The total of the year as the person's book shows it.
    async fn hours(&self) -> Vec<String> {
        let mut ada = self.world.signed_in(&self.stays, evening()).await;
        ada.open("/saya/jp").await;
        ada.sees("tbody th[scope=row]")
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn hours_classes_and_certificates_of_both_records_read_as_one(db: PgPool) {
    let twice = twice(&db).await;
    let before = column(&db, "select t::text from ledger_entry t order by 1").await;
    let alone = twice.hours().await;
    let mut admin = twice.world.signed_in(&twice.admin, evening()).await;
    admin.open(&format!("/kelola/orang/{}", twice.stays.id)).await;
    admin.click("gabungkan kedua catatannya").await;
    admin.press("Cari", &[("q", &twice.goes.nip)]).await.click("Ada Kontrak").await;
    admin.press("Gabungkan keduanya", &[]).await;
    assert_eq!(admin.banner(), "Kedua catatan terbaca sebagai satu orang.");
    let together = twice.hours().await;
    assert_eq!((alone.len(), together.len()), (1, 2), "{alone:?} {together:?}");
    let mut ada = twice.world.signed_in(&twice.stays, evening()).await;
    ada.open("/saya").await.must_see("4 dari 20 JP");
    ada.open(&format!("/saya/kelas/{}", twice.classes[0])).await.must_see("Arsip");
    let reached =
        "select jp from learning_hours where person_id = (select min(merged_into) from person)";
    assert_eq!(number(&db, reached).await, 4);
    assert_eq!(column(&db, "select t::text from ledger_entry t order by 1").await, before);
    assert_in_order(&db).await;
    admin.open(&format!("/kelola/orang?q={}", twice.goes.nip)).await.must_see("Ada Lestari");
    admin.open(&format!("/kelola/orang/{}", twice.goes.id)).await.click("Pisahkan lagi").await;
    admin.press("Pisahkan", &[]).await;
    assert_eq!(twice.hours().await, alone);
    let history = "select field::text || ' ' || coalesce(before, '-') || ' ' || coalesce(after, '-') from person_change
                   order by id limit 2";
    let words = column(&db, history).await;
    assert_eq!(words[0], format!("merged - Ada Lestari ({})", twice.stays.nip));
    assert_eq!(words[1], format!("merged - Ada Kontrak ({})", twice.goes.nip));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn either_nip_leads_in_as_the_record_that_stays(db: PgPool) {
    let twice = twice(&db).await;
    let mut old = twice.world.signed_in(&twice.goes, evening()).await;
    twice.merge().await.unwrap();
    old.open("/saya").await;
    assert!(old.at.starts_with("/masuk"), "signed in as the record that is no more: {}", old.at);
    let mut ada = twice.world.visitor(evening());
    ada.open("/masuk").await;
    ada.press("Masuk", &[("nip", &twice.goes.nip), ("password", PASSWORD)]).await;
    ada.must_see("Ada Lestari");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_merged_record_is_left_alone_until_it_is_separate_again(db: PgPool) {
    let twice = twice(&db).await;
    twice.merge().await.unwrap();
    let mut admin = twice.world.signed_in(&twice.admin, evening()).await;
    for act in ["ubah", "aktivasi", "peran"] {
        let typed = [("role", "leader"), ("unit", "1")];
        admin.post(&format!("/kelola/orang/{}/{act}", twice.goes.id), &typed).await;
        assert_eq!(admin.status, StatusCode::CONFLICT, "{act}");
    }
    let again = twice.merge().await;
    assert!(matches!(again, Err(MergeError::Merged)));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nothing_counts_twice(db: PgPool) {
    let twice = twice(&db).await;
    let shared = twice.world.class().title("Bersama").starts("2026-03-10 16:00").create().await;
    twice.world.enrol(shared, &twice.goes).await;
    twice.world.enrol(shared, &twice.stays).await;
    let refused = twice.merge().await.unwrap_err();
    assert!(matches!(&refused, MergeError::SharedClasses(titles) if titles == &["Bersama"]));
    twice.world.withdraw(shared, &twice.stays).await;
    twice.merge().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    let again = smartclass::enrolment::enrol(&mut tx, shared, twice.stays.id, monday()).await;
    assert!(again.is_err(), "a second place in the class");
    drop(tx);
    twice.world.withdraw(shared, &twice.stays).await;
    assert_eq!(twice.world.enrol(shared, &twice.stays).await, State::Active);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn roles_and_own_records_stay_out_of_it(db: PgPool) {
    let twice = twice(&db).await;
    let mut tx = db.begin().await.unwrap();
    let own = people::merge(&mut tx, twice.goes.id, twice.stays.id, twice.stays.id, monday()).await;
    assert!(matches!(own, Err(MergeError::Own)));
    let same = people::merge(&mut tx, twice.goes.id, twice.goes.id, twice.admin.id, monday()).await;
    assert!(matches!(same, Err(MergeError::Same)));
    let leader = twice.world.person("Lala").role(Role::Leader).create().await;
    let role = people::merge(&mut tx, leader.id, twice.stays.id, twice.admin.id, monday()).await;
    assert!(matches!(role, Err(MergeError::HasRoles)));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_report_finds_the_record_that_holds_the_seat_by_any_address(db: PgPool) {
    let twice = twice(&db).await;
    let next = twice.world.class().title("Nanti").starts("2026-03-10 16:00").create().await;
    twice.world.enrol(next, &twice.goes).await;
    twice.merge().await.unwrap();
    let organiser = twice.world.organiser().await;
    let report = Zoom::new().stay("Siapa", "ada@baru.id", "16:00", "18:00");
    twice.world.import(next, &report, &organiser).await;
    let present = format!(
        "select person_id::text from decision where class_id = {next} and outcome = 'present'"
    );
    assert_eq!(column(&db, &present).await, [twice.goes.id.to_string()]);
    twice.world.signed_in(&twice.stays, evening()).await.open("/saya/jp").await.must_see("Nanti");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_decides_on_a_record_that_reads_as_their_own(db: PgPool) {
    let world = World::new(db.clone());
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let (organiser, old) = (world.organiser().await, world.person("Ratna Lama").create().await);
    let class = world.class().create().await;
    world.enrol(class, &old).await;
    let mut tx = db.begin().await.unwrap();
    people::merge(&mut tx, old.id, organiser.id, admin.id, monday()).await.unwrap();
    tx.commit().await.unwrap();
    let mut visitor = world.signed_in(&organiser, evening()).await;
    let path = format!("/kelola/kelas/{class}/kehadiran/{}", old.id);
    let typed = [("present", "ya"), ("reason", "Saya hadir, sungguh.")];
    visitor.post(&path, &typed).await;
    assert_eq!(number(&db, "select count(*) from decision").await, 0);
    world.import(class, &Zoom::new().stay("Ratna Lama", "", "09:00", "11:00"), &organiser).await;
    assert_eq!(number(&db, "select count(*) from decision").await, 0);
}
