//! Everything that is held about somebody, in one place.

use axum::http::header;
use serde_json::Value;
use smartclass::{account::Role, people};
use sqlx::PgPool;

use crate::support::{
    World, Zoom, column, run,
    world::{evening, monday},
};

/// Columns that tell of people and stand outside `personal_data`, and why.
const EXCEPTIONS: [(&str, &str); 27] = [
    ("certificate.logo_id", "the agency's"),
    ("certificate.number", "part of the number as printed"),
    ("enrolment_event.enrolment_id", "the key by which it is found"),
    ("ledger_head.hash", "seals the book and says nothing of the person"),
    ("ledger_head.number", "the number of the last entry of the book, which is there"),
    ("ledger_head.person_id", "repeats whose book it is"),
    ("ledger_entry.hash", "seals the book and says nothing of the person"),
    (
        "mail.body",
        "emptied once sent; before that it may hold a link, which is for the mailbox alone",
    ),
    ("password.hash", "a secret"),
    ("authenticator.secret", "a secret"),
    ("authenticator.last_step", "counts what was used"),
    ("passkey.credential", "a public key, of use to nobody else"),
    ("passkey.credential_id", "the key by which it is found"),
    ("recovery_code.code_hash", "a secret"),
    ("code_try.at", "gone within a day"),
    ("code_try.person_id", "gone within a day"),
    ("ledger_head.sealed", "how far the book is sealed"),
    ("pending_sign_in.expires_at", "gone after ten minutes"),
    ("pending_sign_in.own_device", "gone after ten minutes"),
    ("pending_sign_in.person_id", "gone after ten minutes"),
    ("sign_in.proved_at", "the last proof within a sign-in, which is there"),
    ("passkey_holder.handle", "a random number"),
    ("passkey_holder.person_id", "repeats whose passkey it is"),
    ("passkey_challenge.state", "a secret of five minutes"),
    ("passkey_challenge.person_id", "gone after five minutes"),
    ("passkey_challenge.expires_at", "gone after five minutes"),
    ("person.comparable_name", "the name in small letters"),
];

/// Columns by name alone: keys, secrets and bookkeeping wherever they stand.
const PLUMBING: [(&str, &str); 17] = [
    ("id", "a key"),
    ("token_hash", "a secret"),
    ("device", "a secret"),
    ("version", "counts changes"),
    ("form_key", "of a form"),
    ("subject_id", "a key"),
    ("class_id", "a key; the class is named"),
    ("decision_id", "a key"),
    ("import_id", "a key"),
    ("import_row_id", "a key"),
    ("evidence_ids", "keys"),
    ("candidates", "keys of people whose names are alike"),
    ("position", "the order in a list"),
    ("attempts", "of the delivery of a mail"),
    ("next_try", "of the delivery of a mail"),
    ("lease_until", "of the delivery of a mail"),
    ("useless_at", "of the delivery of a mail"),
];

/// Tables that refer to people, with their columns, and of each whether the view reads it.
const COLUMNS: &str = "
    with about as (
      select distinct conrelid as oid from pg_constraint
      where contype = 'f' and confrelid = 'person'::regclass
      union select 'person'::regclass),
    read as (
      select d.refobjid as oid, d.refobjsubid as number from pg_depend d
      join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
      where r.ev_class in ('personal_data'::regclass, 'personal_act'::regclass))
    select format('%s.%s', c.relname, a.attname) from about
    join pg_class c on c.oid = about.oid
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where not exists (select from read where read.oid = c.oid and read.number = a.attnum)";

/// Columns of tables that are not about the person, but say who acted: only that column counts.
const KEYS: &str = "
    select format('%s.%s', c.relname, a.attname) from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    join pg_attribute a on a.attrelid = c.oid and a.attnum = any(k.conkey)
    where k.contype = 'f' and k.confrelid = 'person'::regclass";

/// Tables whose rows are about others, of which only who acted is told.
const OF_OTHERS: [&str; 7] =
    ["staff_import", "unit_change", "setting", "target_version", "logo", "class_event", "import"];

async fn forgotten(db: &PgPool) -> Vec<String> {
    let keys = column(db, KEYS).await;
    let mut columns = column(db, COLUMNS).await;
    columns.retain(|column| {
        let (table, name) = column.split_once('.').unwrap();
        let others = OF_OTHERS.contains(&table) && !keys.contains(column);
        let excepted = EXCEPTIONS.iter().any(|(one, _)| one == column)
            || (PLUMBING.iter().any(|(one, _)| *one == name) && !keys.contains(column));
        !(others || excepted)
    });
    columns.sort();
    columns
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn no_column_that_tells_of_people_is_forgotten(db: PgPool) {
    assert_eq!(forgotten(&db).await, [""; 0]);
    run(&db, "create table gift (id bigint, person_id bigint references person, what text)").await;
    run(&db, "alter table mail add column shown_by bigint references person").await;
    run(&db, "alter table known_device add column browser text").await;
    let noticed = ["gift.person_id", "gift.what", "known_device.browser", "mail.shown_by"];
    assert_eq!(forgotten(&db).await, noticed);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_file_holds_what_all_of_somebodys_records_say_and_nobody_elses(db: PgPool) {
    let world = World::new(db.clone());
    let organiser = world.organiser().await;
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let (ada, twin) = (world.person("Ada").create().await, world.person("Ada Lama").create().await);
    let bob = world.person("Bob Rahasia").create().await;
    let (class, earlier) =
        (world.class().create().await, world.class().title("Kelas Lama").create().await);
    world.enrol(class, &ada).await;
    world.enrol(class, &bob).await;
    world.enrol(earlier, &twin).await;
    let report =
        Zoom::new().stay("Ada", "", "09:00", "11:00").stay("Bob Rahasia", "", "09:00", "10:00");
    world.import(class, &report, &organiser).await;
    people::merge(&mut *world.conn().await, twin.id, ada.id, admin.id, monday()).await.unwrap();
    let mut visitor = world.signed_in(&ada, evening()).await;
    visitor.open("/saya/data.json").await;
    assert_eq!(visitor.headers[header::CONTENT_TYPE], "application/json");
    let text = visitor.page();
    let file: Value = serde_json::from_str(&text).unwrap();
    let data = &file["data"];
    assert_eq!(data["catatan"].as_array().unwrap().len(), 2, "both records");
    assert_eq!(data["nip"][1]["nip"], twin.nip.as_str());
    assert_eq!(data["keputusan"][0]["hasil"], "present");
    assert_eq!(data["jp"][0]["jp"], 2);
    assert_eq!(data["laporan_zoom"][0]["nama_di_zoom"], "Ada");
    assert_eq!(data["bukti"][0]["masuk"][0], "2026-03-10T01:00:00+00:00");
    let classes = data["pendaftaran"].as_array().unwrap();
    assert!(classes.iter().any(|one| one["kelas"] == "Kelas Lama"), "of the other record");
    assert!(!text.contains("Bob") && !text.contains("hash"), "{text}");
    visitor.open("/saya/data").await.must_see("Keputusan kehadiran").must_see("Kelas Lama");
    assert!(!visitor.sees_text("Bob"));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_secret_stands_in_no_file(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").email("ada@sulteng.example").with_password().create().await;
    let mut visitor = world.signed_in(&ada, monday()).await;
    visitor.open("/saya/data.json").await;
    let secrets = "select hash from password union select encode(token_hash, 'hex') from sign_in
                   union select encode(token_hash, 'escape') from sign_in";
    let text = visitor.page();
    assert!(text.contains("masuk_pada") && text.contains("ada@sulteng.example"), "{text}");
    for secret in column(&db, secrets).await {
        assert!(!text.contains(&secret), "{secret}");
    }
}
