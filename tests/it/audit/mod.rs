//! The audit log: what is noted, of whom, and what never is.

mod affected;
mod pages;
mod seals;

use std::net::SocketAddr;

use axum::{Extension, extract::ConnectInfo};
use smartclass::{account::Role, router, routes};
use sqlx::PgPool;

use crate::support::{
    Visitor, World, Zoom, column, number, refusal, run,
    world::{PASSWORD, evening, monday},
};

/// Tables whose changes are not noted, and why.
const NOT_NOTED: &[(&str, &str)] = &[
    ("_sqlx_migrations", "the program's own version"),
    ("audit_entry", "the log itself"),
    ("audit_sealed", "made of the log"),
    ("seal", "made of the log"),
    ("seal_key", "made of the log"),
    ("ledger_sealed", "made of the ledger"),
    ("person_change", "a history: what it says is noted of person and person_nip"),
    ("unit_change", "a history: what it says is noted of unit"),
    ("class_event", "a history: what it says is noted of class"),
    ("enrolment_event", "a history: what it says is noted of enrolment"),
    ("ledger_entry", "append-only and chained for itself; follows from decision"),
    ("ledger_head", "the end of the ledger's chain"),
    ("certificate_counter", "technical; the certificates are noted"),
    ("certificate_file", "append-only; digests of files that were drawn"),
    ("installation", "written once, when the demo world is made"),
    ("sign_in", "secrets, and seen with every page; sign-ins are noted by themselves"),
    ("sign_in_try", "technical, short-lived; refused sign-ins are noted by themselves"),
    ("known_device", "secrets"),
    ("pending_sign_in", "secrets, short-lived; sign-ins are noted by themselves"),
    ("passkey_challenge", "secrets, short-lived"),
    ("passkey_holder", "a random number for each holder of a passkey, which is noted"),
    ("code_try", "technical, short-lived"),
    ("mail", "an outbox: what each mail tells of is noted"),
    ("sso_attempt", "secrets, short-lived"),
    ("correction_request", "a history of itself; frozen by triggers"),
    ("correction_answer", "a history of itself; frozen by triggers"),
    ("destruction", "a history of itself; append-only"),
    ("link_request", "short-lived, and of strangers: a link that is mailed is noted"),
];

/// Tables that are neither noted nor excepted, and exceptions that are noted or gone.
async fn forgotten(db: &PgPool) -> Vec<String> {
    let noted = "select distinct c.relname::text from pg_trigger t join pg_class c on c.oid = t.tgrelid
                 where t.tgname like 'audit_%' and t.tgname <> 'audit_truncate' and t.tgenabled = 'O'";
    let noted = column(db, noted).await;
    let tables =
        column(db, "select tablename::text from pg_tables where schemaname = 'public'").await;
    let excepted = |table: &String| NOT_NOTED.iter().any(|(name, _)| name == table);
    let mut wrong: Vec<String> =
        tables.iter().filter(|table| noted.contains(table) == excepted(table)).cloned().collect();
    wrong.extend(
        NOT_NOTED
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .filter(|name| !tables.contains(name) && name != "_sqlx_migrations"),
    );
    wrong
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn every_table_is_noted_or_excepted_with_a_reason(db: PgPool) {
    assert_eq!(forgotten(&db).await, [""; 0]);
    run(&db, "create table forgotten (id int)").await;
    assert_eq!(forgotten(&db).await, ["forgotten"]);
}

#[test]
fn every_address_that_writes_says_what_it_does() {
    for route in routes::table() {
        let says = route.act.chars().count() > 4 && route.act != "Membuka halaman";
        assert_eq!(
            says,
            route.method == "POST",
            "{} {}: {:?}",
            route.method,
            route.path,
            route.act
        );
    }
}

/// The entries since then, each as a line.
async fn entries(db: &PgPool, after: i64) -> Vec<String> {
    let sql = format!(
        "select concat_ws(' | ', act, by::text, client, about, before::text, after::text)
         from audit_entry where id > {after} order by id"
    );
    column(db, &sql).await
}

async fn last(db: &PgPool) -> i64 {
    number(db, "select coalesce(max(id), 0) from audit_entry").await
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_change_is_noted_with_who_what_where_before_and_after(db: PgPool) {
    let world = World::new(db.clone());
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let ada = world.person("Ada").create().await;
    let token = smartclass::account::sign_in(&mut *world.conn().await, admin.id, false, monday())
        .await
        .unwrap();
    let client: SocketAddr = ([127, 0, 0, 1], 9).into();
    let site = router(world.app(monday())).layer(Extension(ConnectInfo(client)));
    let mut visitor = Visitor::new(site).with_cookie("sid", &token);
    visitor.open(&format!("/kelola/orang/{}/ubah", ada.id)).await;
    let before = last(&db).await;
    visitor.press("Simpan", &[("name", "Ada, S.E.")]).await;
    visitor.must_see("Perubahan tersimpan.");
    let noted = entries(&db, before).await;
    let (change, look) = (&noted[0], &noted[1]);
    let by = admin.id;
    assert_eq!(
        *change,
        format!(
            r#"Mengubah data orang | {by} | 127.0.0.1 | person | {{"name": "Ada"}} | {{"name": "Ada, S.E."}}"#
        )
    );
    assert_eq!(*look, format!("Melihat data orang | {by} | 127.0.0.1"));
    assert_eq!(noted.len(), 2);
    let at = format!("select at::text from audit_entry where id = {}", before + 1);
    assert_eq!(column(&db, &at).await, ["2026-03-02 01:00:00+00"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_changes_nothing_and_what_is_rolled_back_is_not_noted(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    let before = last(&db).await;
    run(&db, "update person set name = name, version = version + 1").await;
    run(&db, "update class set taken = taken").await;
    run(&db, &format!("begin; update person set name = 'X' where id = {}; rollback", ada.id)).await;
    assert_eq!(entries(&db, before).await, [""; 0]);
    run(&db, "update person set name = 'X'").await;
    assert!(entries(&db, before).await[0].starts_with("di luar program | "));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn one_statement_over_many_rows_notes_each_with_its_own_values(db: PgPool) {
    let world = World::new(db.clone());
    world.people(3).await;
    let before = last(&db).await;
    run(&db, "update person set position = 'Jabatan ' || name where name like 'Orang %'").await;
    let noted = column(
        &db,
        &format!(
            "select after ->> 'position' || ' ' || p.name from audit_entry e join person p on p.id = e.person_id
             where e.id > {before} order by 1"
        ),
    )
    .await;
    assert_eq!(noted, [1, 2, 3].map(|n| format!("Jabatan Orang {n} Orang {n}")));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn secrets_and_files_are_never_noted(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().create().await;
    let by = world.organiser().await;
    let ada = world.person("Ada").with_password().create().await;
    world.enrol(class, &ada).await;
    world.import(class, &Zoom::new().stay("Ada", "", "09:00", "11:00"), &by).await;
    let mut db_conn = world.conn().await;
    smartclass::account::invite(&mut db_conn, ada.id, None, monday()).await.unwrap();
    let noted = "select distinct about from audit_entry where about is not null order by 1";
    let noted = column(&db, noted).await;
    for table in ["activation", "class", "decision", "enrolment", "evidence", "import", "password"]
    {
        assert!(noted.iter().any(|one| one == table), "{table}: {noted:?}");
    }
    let secret = "select distinct about || '.' || key from audit_entry,
        jsonb_each_text(coalesce(before, '{}') || coalesce(after, '{}'))
        where key ~ 'hash|sha256|image|^file$|code$' and about <> 'unit'
           or value ~ '^\\\\x' or value like '$argon2%'";
    assert_eq!(column(&db, secret).await, [""; 0]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn sign_ins_and_refusals_are_noted_without_the_nip(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").with_password().create().await;
    let before = last(&db).await;
    let mut visitor = world.visitor(monday());
    visitor.open("/masuk").await;
    visitor.press("Masuk", &[("nip", &ada.nip), ("password", "salah sekali")]).await;
    visitor.press("Masuk", &[("nip", &ada.nip), ("password", PASSWORD)]).await;
    visitor.open("/kelola/orang").await;
    assert_eq!(visitor.status, 403);
    let id = ada.id;
    let masked = format!("1990••••••••••••{}", &ada.nip[16..]);
    assert_eq!(
        entries(&db, before).await,
        [
            format!(r#"Masuk ditolak | {{"nip": "{masked}"}}"#),
            format!("Masuk | {id}"),
            format!(r#"Ditolak: tidak berwenang | {id} | {{"halaman": "/kelola/orang"}}"#),
        ]
    );
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_database_refuses_to_change_the_log(db: PgPool) {
    let world = World::new(db.clone());
    world.person("Ada").create().await;
    for table in ["audit_entry", "audit_sealed", "seal", "seal_key", "ledger_sealed"] {
        let refusal = refusal(&db, &format!("truncate {table} cascade")).await;
        assert!(refusal.contains("only ever grows"), "{table}: {refusal}");
    }
    for sql in ["update audit_entry set act = 'Lain'", "delete from audit_entry"] {
        let refusal = refusal(&db, sql).await;
        assert!(refusal.contains("only ever grows"), "{sql}: {refusal}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_is_said_of_personal_data_that_is_looked_at(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().create().await;
    let by = world.organiser().await;
    let mut visitor = world.signed_in(&by, evening()).await;
    let before = last(&db).await;
    visitor.open(&format!("/kelola/kelas/{class}/peserta.xlsx")).await;
    visitor.open(&format!("/kelola/kelas/{class}/kehadiran")).await;
    assert_eq!(
        entries(&db, before).await,
        [
            format!("Mengunduh daftar peserta | {}", by.id),
            format!("Melihat daftar kehadiran | {}", by.id)
        ]
    );
}
