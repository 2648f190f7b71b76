//! What was issued, done and set before stays as it was.

use smartclass::{
    account::Role,
    certificate,
    people::{self, Correction, NewPerson, Nip, unit},
    settings,
};
use sqlx::PgPool;

use super::{attended, issue, of_class, world};
use crate::support::{column, number, refusal, run, world::evening};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_certificate_is_never_changed_but_for_one_revocation(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(2).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    issue(&db, class, &by, evening()).await;
    let one = of_class(&world, class).await.remove(0);
    certificate::revoke(&mut *world.conn().await, one.id, "salah nama", by.id, evening())
        .await
        .unwrap();
    let changes = [
        "update certificate set paper = jsonb_set(paper, '{name}', '\"Lain\"') where revoked_at is null",
        "update certificate set number = number + 100 where revoked_at is null",
        "update certificate set label = label || 'x' where revoked_at is null",
        "update certificate set code = reverse(code) where revoked_at is null",
        "update certificate set kind = 'speaker' where revoked_at is null",
        "update certificate set issued_at = issued_at + interval '1 day' where revoked_at is null",
        "update certificate set revoked_because = 'lain' where revoked_at is not null",
        "update certificate set revoked_at = null, revoked_by = null, revoked_because = null where revoked_at is not null",
    ];
    for sql in changes {
        let refusal = refusal(&db, sql).await;
        assert!(refusal.contains("frozen as issued"), "{sql}: {refusal}");
    }
    for sql in ["delete from certificate", "truncate certificate cascade"] {
        let refusal = refusal(&db, sql).await;
        assert!(refusal.contains("only ever grows"), "{sql}: {refusal}");
    }
    // Without the triggers nothing would stop it.
    run(&db, "alter table certificate disable trigger user").await;
    for sql in changes {
        run(&db, sql).await;
    }
    run(&db, "delete from certificate").await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn histories_are_never_changed_or_removed(db: PgPool) {
    let world = world(&db).await;
    let (people, by) = (world.people(1).await, world.organiser().await);
    let class = attended(&world, &people, &by).await;
    issue(&db, class, &by, evening()).await;
    let one = of_class(&world, class).await.remove(0);
    let mut conn = world.conn().await;
    certificate::pdf(&mut conn, &one, evening()).await.unwrap();
    settings::set_logo(&mut conn, None, by.id, evening()).await.unwrap();
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let targets = settings::Targets { year: 2026, pns: 24, pppk: 20, pppk_notice: None };
    settings::set_targets(&mut conn, &targets, admin.id, evening()).await.unwrap();
    let tables = [
        ("setting", "topic = 'x'"),
        ("target_version", "minimum = 0"),
        ("logo", "image = null"),
        ("class_event", "detail = 'x'"),
        ("enrolment_event", "reason = 'x'"),
        ("certificate_file", "sha256 = sha256 || 'x'"),
    ];
    for (table, change) in tables {
        assert!(number(&db, &format!("select count(*) from {table}")).await > 0, "{table}");
        let all = [
            format!("update {table} set {change}"),
            format!("delete from {table}"),
            format!("truncate {table} cascade"),
        ];
        for sql in &all {
            let refusal = refusal(&db, sql).await;
            assert!(refusal.contains("only ever grows"), "{sql}: {refusal}");
        }
        // Without the triggers nothing would stop it.
        run(&db, &format!("alter table {table} disable trigger user")).await;
        run(&db, &all[0]).await;
        run(&db, &format!("alter table {table} enable trigger user")).await;
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_certificate_keeps_the_name_that_it_was_issued_to(db: PgPool) {
    let world = world(&db).await;
    let (ada, by) = (world.person("Ada Lestrai").create().await, world.organiser().await);
    let class = attended(&world, std::slice::from_ref(&ada), &by).await;
    assert_eq!(issue(&db, class, &by, evening()).await, 1);
    let before = column(&db, "select paper::text from certificate").await;
    assert!(before[0].contains("Ada Lestrai"), "{before:?}");
    let mut conn = world.conn().await;
    let record = NewPerson {
        name: "Ada Lestari".into(),
        nip: Nip::recorded(ada.nip.clone()),
        email: None,
        unit: world.root().await,
        position: None,
        rank: None,
        service: people::Service::default(),
    };
    let correction = Correction { record, version: 1, nip_was_wrong: false };
    people::change(&mut conn, ada.id, &correction, by.id, evening()).await.unwrap();
    assert_eq!(column(&db, "select paper::text from certificate").await, before);
    let mut visitor = world.visitor(evening());
    let code = of_class(&world, class).await.remove(0).code;
    visitor.open(&format!("/v/{code}")).await.must_see("Ada Lestrai");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_certificate_keeps_the_name_that_the_unit_had(db: PgPool) {
    let world = world(&db).await;
    let social = world.unit("Dinas Sosial").await;
    let ada = world.person("Ada").unit(social).create().await;
    let by = world.organiser().await;
    let class = attended(&world, std::slice::from_ref(&ada), &by).await;
    issue(&db, class, &by, evening()).await;
    let mut conn = world.conn().await;
    let name = ("Dinas Sosial dan Desa", None);
    unit::rename(&mut conn, social, name, 1, by.id, evening()).await.unwrap();
    let unit = "select paper ->> 'unit' from certificate order by id";
    assert_eq!(column(&db, unit).await, ["Dinas Sosial"]);
    // What is issued afterwards has the new one.
    let later = attended(&world, &[ada], &by).await;
    issue(&db, later, &by, evening()).await;
    assert_eq!(column(&db, unit).await, ["Dinas Sosial", "Dinas Sosial dan Desa"]);
}
