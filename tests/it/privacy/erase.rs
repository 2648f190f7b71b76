//! An account erased on request.

use axum::http::StatusCode;
use smartclass::{
    account::{self, Role},
    privacy, router,
};
use sqlx::PgPool;

use crate::{
    certificate,
    support::{
        Person, Visitor, World, Zoom, assert_in_order, column, number, refusal, run,
        world::{evening, monday},
    },
};

/// Tables in which the person stays, and why.
const KEPT: [(&str, &str); 14] = [
    ("certificate", "kept by law"),
    ("class_speaker", "as announced"),
    ("decision", "kept by law"),
    ("destruction", "says what went"),
    ("enrolment", "behind decisions"),
    ("evidence", "behind decisions"),
    ("import_row", "behind evidence; what is none goes in time"),
    ("ledger_entry", "kept by law"),
    ("ledger_head", "seals the book"),
    ("person_nip", "the core of the record"),
    ("proposal", "what became of the record"),
    ("role_grant", "who could do what, and when"),
    ("person", "the core of the record; ways to reach them go"),
    ("unit_change", "acts in office"),
];

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn each_table_is_erased_or_kept_with_a_reason(db: PgPool) {
    let tables = "select distinct conrelid::regclass::text from pg_constraint k
                  join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any(k.conkey)
                  where contype = 'f' and confrelid = 'person'::regclass and attname = 'person_id'";
    let undecided = async || {
        let mut tables = column(&db, tables).await;
        tables.retain(|table| {
            !privacy::ERASED.contains(&table.as_str()) && KEPT.iter().all(|(kept, _)| kept != table)
        });
        tables
    };
    assert_eq!(undecided().await, [""; 0]);
    run(&db, "create table locker (person_id bigint references person)").await;
    assert_eq!(undecided().await, ["locker"]);
}

async fn leave(db: &PgPool, person: &Person) {
    run(db, &format!("update person set standing = 'retired' where id = {}", person.id)).await;
}

async fn visit(world: &World, person: &Person) -> Visitor {
    let token = account::sign_in(&mut *world.conn().await, person.id, false, evening()).await;
    Visitor::new(router(world.mailing(evening()))).with_cookie("sid", &token.unwrap())
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_erased_account_leaves_hours_and_name_and_nothing_to_reach_the_person_by(db: PgPool) {
    let world = World::new(db.clone());
    let (organiser, address) = (world.organiser().await, "ada@sulteng.example");
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let ada = world.person("Ada").email(address).with_password().create().await;
    let class = world.class().create().await;
    world.enrol(class, &ada).await;
    world.import(class, &Zoom::new().stay("Ada", "", "09:00", "11:00"), &organiser).await;
    let mut own = world.signed_in(&ada, monday()).await;
    own.open("/saya/permintaan/baru").await;
    let typed = [("subject", "phone"), ("wanted", "rahasia"), ("reason", "rahasia")];
    own.press("Kirim permintaan", &typed).await;
    account::invite(&mut *world.conn().await, ada.id, Some(admin.id), monday()).await.unwrap();
    let hours = "select format('%s %s', number, hash) from ledger_entry";
    let before = column(&db, hours).await;
    let path = format!("/kelola/orang/{}/hapus-data", ada.id);
    let mut visitor = visit(&world, &admin).await;
    visitor.open(&path).await.must_see("tidak lagi bekerja");
    visitor.post(&path, &[]).await;
    assert!(visitor.status.is_client_error(), "{}", visitor.status);
    assert_eq!(number(&db, "select count(*) from password").await, 1, "still here");
    leave(&db, &ada).await;
    visitor.open(&format!("/kelola/orang/{}", ada.id)).await.click("Hapus data akun").await;
    let button = visitor.fill("Hapus data akun", &[], None);
    visitor.press("Hapus data akun", &[]).await;
    assert!(visitor.banner().contains("dihapus"), "{}", visitor.page());
    visitor.submit(button).await;
    let left = format!(
        "select 'sign_in' from sign_in where person_id = {0} union all select 'password' from password
         union all select 'activation' from activation union all select 'device' from known_device
         union all select 'email' from person where email = '{address}'
         union all select 'words' from correction_request where wanted <> '' or reason <> ''
         union all select 'change' from person_change where before = '{address}'",
        ada.id
    );
    assert_eq!(column(&db, &left).await, [""; 0]);
    let told = column(&db, "select kind || ' ' || recipient from mail").await;
    assert_eq!(told, [format!("account_erased {address}")]);
    assert_eq!(column(&db, hours).await, before);
    let record =
        "select p.name || ' ' || n.nip from person p join person_nip n on n.person_id = p.id";
    assert!(column(&db, record).await.contains(&format!("Ada {}", ada.nip)));
    let log = column(
        &db,
        "select format('%s %s %s', person_id, by, counts ->> 'passwords') from destruction",
    );
    assert_eq!(log.await, [format!("{} {} 1", ada.id, admin.id)], "once");
    assert!(refusal(&db, "delete from destruction").await.contains("only ever grows"));
    assert_eq!(number(&db, "select count(*) from correction_answer").await, 1, "nothing waits");
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn no_account_is_erased_beyond_reach_or_while_it_holds_a_role(db: PgPool) {
    let world = World::new(db.clone());
    let (here, there) = (world.unit("Dinas Sosial").await, world.unit("Dinas Pangan").await);
    let admin = world.person("Admin").role(Role::Administrator).unit(here).create().await;
    let far = world.person("Jauh").unit(there).with_password().create().await;
    let held = world.person("Operator").role(Role::UnitOperator).unit(here).with_password();
    let held = held.create().await;
    let mut visitor = visit(&world, &admin).await;
    for (person, status) in [(&far, StatusCode::NOT_FOUND), (&held, StatusCode::CONFLICT)] {
        leave(&db, person).await;
        visitor.post(&format!("/kelola/orang/{}/hapus-data", person.id), &[]).await;
        assert_eq!(visitor.status, status, "{}", person.name);
    }
    assert_eq!(number(&db, "select count(*) from password").await, 2);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_certificate_of_an_erased_account_is_verified_with_its_number_masked(db: PgPool) {
    let world = certificate::world(&db).await;
    let (people, by) = (world.people(1).await, world.organiser().await);
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let class = certificate::attended(&world, &people, &by).await;
    certificate::issue(&db, class, &by, evening()).await;
    let code = certificate::of_class(&world, class).await[0].code.clone();
    run(&db, &format!("update person set phone = '+6281234567890' where id = {}", people[0].id))
        .await;
    leave(&db, &people[0]).await;
    let mut tx = db.begin().await.unwrap();
    privacy::erase(&mut tx, people[0].id, admin.id, false, evening()).await.unwrap();
    tx.commit().await.unwrap();
    let mut anybody = world.visitor(evening());
    anybody.open(&format!("/v/{code}")).await.must_see(&people[0].name);
    assert!(!anybody.page().contains(&people[0].nip[..14]), "{}", anybody.page());
}
