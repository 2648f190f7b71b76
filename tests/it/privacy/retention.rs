//! Technical data goes when it is old, and nothing else does.

use axum::http::StatusCode;
use chrono::Duration;
use smartclass::{
    account::Role,
    privacy::{self, Retention},
};
use sqlx::PgPool;

use crate::support::{
    World, Zoom, assert_in_order, column, number, run,
    world::{evening, monday},
};

const PATH: &str = "/kelola/pengaturan/privasi";

/// A row just younger than its days and one just older, of each table.
const YOUNG_AND_OLD: &str = "
    with at as (select days, '2027-03-02 01:00+00'::timestamptz - make_interval(days => days, mins => more) as at, more
      from (values (180), (7), (400), (90)) d (days), (values (-1), (1)) m (more)),
    a as (insert into sign_in (token_hash, person_id, started_at, seen_at, proved_at, own_device, ended_at)
      select convert_to('s' || more, 'utf8'), p.id, at, at, at, false, at from at, p where days = 180),
    b as (insert into sign_in_try (nip, at) select 'x' || more, at from at where days = 7),
    c as (insert into known_device (token_hash, person_id, seen_at)
      select convert_to('d' || more, 'utf8'), p.id, at from at, p where days = 400),
    d as (insert into activation (token_hash, person_id, way, made_at, expires_at, used_at)
      select convert_to('l' || more, 'utf8'), p.id, 'shown', at, at, at from at, p where days = 90)
    insert into mail (kind, subject_id, person_id, recipient, title, body, made_at, state, ended_at)
      select 'activation', more, p.id, 'a@b.c', '', '', at, 'sent', at from at, p where days = 90";

const LEFT: &str = "
    select encode(token_hash, 'escape') from sign_in union all select nip from sign_in_try
    union all select encode(token_hash, 'escape') from known_device
    union all select encode(token_hash, 'escape') from activation
    union all select 'm' || subject_id from mail order by 1";

async fn sweep(world: &World, at: chrono::DateTime<chrono::Utc>) -> u64 {
    let db = &mut *world.conn().await;
    let (mut all, days) = (0, privacy::retention(db).await.unwrap());
    loop {
        match privacy::sweep(db, &days, at).await.unwrap() {
            0 => return all,
            gone => all += gone,
        }
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_is_older_than_its_days_goes_and_what_is_younger_stays(db: PgPool) {
    let world = World::new(db.clone());
    let ada = world.person("Ada").create().await;
    run(
        &db,
        &YOUNG_AND_OLD.replacen(
            "with",
            &format!("with p as (select {}::bigint as id),", ada.id),
            1,
        ),
    )
    .await;
    assert_eq!(column(&db, LEFT).await.len(), 10);
    assert_eq!(sweep(&world, monday() + Duration::days(365)).await, 5);
    assert_eq!(column(&db, LEFT).await, ["d-1", "l-1", "m-1", "s-1", "x-1"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn of_reports_only_what_is_no_evidence_goes(db: PgPool) {
    let world = World::new(db.clone());
    let organiser = world.organiser().await;
    let ada = world.person("Ada").create().await;
    let (class, other) = (world.class().create().await, world.class().create().await);
    world.enrol(class, &ada).await;
    let report =
        Zoom::new().stay("Ada", "", "09:00", "11:00").stay("Orang Luar", "", "09:00", "11:00");
    world.import(class, &report, &organiser).await;
    world.upload(other, &report, &organiser).await;
    run(&db, "update import set discarded_at = '2026-03-10 11:00+00' where confirmed_at is null")
        .await;
    let rows = "select name from import_row order by id";
    let files = "select count(*) from import where file <> ''";
    sweep(&world, evening() + Duration::days(364)).await;
    assert_eq!((column(&db, rows).await.len(), number(&db, files).await), (4, 2));
    let kept = "select count(*)::text from evidence union all select count(*)::text from decision
                union all select count(*)::text from ledger_entry";
    let before = column(&db, kept).await;
    sweep(&world, evening() + Duration::days(3660)).await;
    assert_eq!(column(&db, rows).await, ["Ada"], "evidence keeps its row");
    assert_eq!(number(&db, files).await, 1, "a report that counts keeps its file");
    assert_eq!(column(&db, kept).await, before);
    assert_in_order(&db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_days_are_the_agencys_and_no_shorter_than_a_sign_in_lasts(db: PgPool) {
    let world = World::new(db.clone());
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let mut visitor = world.signed_in(&admin, monday()).await;
    visitor.open(PATH).await.press("Simpan masa simpan", &[("sign_ins", "30")]).await;
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(visitor.problem("sign_ins").contains("91"), "{}", visitor.problem("sign_ins"));
    let late = visitor.fill("Simpan masa simpan", &[("sign_ins", "200")], None);
    visitor.press("Simpan masa simpan", &[("sign_ins", "100"), ("mails", "30")]).await;
    let days = privacy::retention(&mut *world.conn().await).await.unwrap();
    assert_eq!(days, Retention { sign_ins: 100, mails: 30, ..Retention::default() });
    visitor.submit(late).await;
    assert_eq!(visitor.status, StatusCode::CONFLICT);
    assert_eq!(visitor.value("sign_ins"), "200", "what was typed stays");
    visitor.open("/privasi").await.must_see("100 hari setelah berakhir");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_notice_says_what_is_not_filled_in_and_keeps_its_versions(db: PgPool) {
    let world = World::new(db.clone());
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    world.visitor(monday()).open("/privasi").await.must_see("Belum diisi oleh badan.");
    let mut visitor = world.signed_in(&admin, monday()).await;
    visitor.open("/privasi").await.must_see("kontak pejabat pelindungan data");
    for officer in ["ppd@lama.example", "ppd@baru.example"] {
        visitor.open(PATH).await.press("Simpan pemberitahuan", &[("officer", officer)]).await;
    }
    let mut anybody = world.visitor(monday());
    anybody.open("/privasi").await.must_see("ppd@baru.example").must_see("2 Maret 2026");
    let earlier = number(&db, "select min(id) from setting where topic = 'privacy_notice'").await;
    anybody.open(&format!("/privasi?versi={earlier}")).await;
    anybody.must_see("ppd@lama.example").must_see("versi terdahulu");
    anybody.open("/privasi?versi=999").await.must_see("ppd@baru.example");
}
