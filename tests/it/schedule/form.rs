//! What the form keeps, and what it says when two people or two clicks meet.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use smartclass::{class::Speaking, schedule::Plan};
use sqlx::PgPool;

use super::{FORM, id, organiser};
use crate::support::{
    World, number,
    visitor::css,
    wita,
    world::{monday, speaker},
};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_form_sent_twice_makes_one_class(db: PgPool) {
    let world = World::new(db.clone());
    let mut visitor = organiser(&world).await;
    let form = visitor.open("/kelola/kelas/baru").await.fill("Simpan draf", &FORM, None);
    visitor.submit(form.clone()).await;
    let first = visitor.at.clone();
    visitor.submit(form).await;
    assert_eq!(visitor.at, first);
    assert_eq!(number(&db, "select count(*) from class").await, 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_key_that_no_form_carries_is_refused(db: PgPool) {
    let world = World::new(db.clone());
    let mut visitor = organiser(&world).await;
    let mut form = visitor.open("/kelola/kelas/baru").await.fill("Simpan draf", &FORM, None);
    let body = String::from_utf8(form.body).unwrap();
    let key = visitor.value("key");
    assert!(body.contains(&format!("key={key}")));
    form.body = body.replace(&key, &"a".repeat(2700)).into_bytes();
    visitor.submit_only(form).await;
    assert_eq!(visitor.status, StatusCode::BAD_REQUEST);
    assert_eq!(number(&db, "select count(*) from class").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_saves_second_sees_what_the_first_one_changed(db: PgPool) {
    let world = World::new(db);
    let class = world.class().create().await;
    let edit = format!("/kelola/kelas/{class}/ubah");
    let mut first = organiser(&world).await;
    let mut second = world
        .signed_in(
            &world.person("Second").role(smartclass::account::Role::Organiser).create().await,
            monday(),
        )
        .await;
    first.open(&edit).await;
    second.open(&edit).await;
    first.press("Simpan", &[("quota", "77"), ("speaker", "Penutur Baru, M.Si.")]).await;
    second.press("Simpan", &[("title", "Tema Kedua")]).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(
        second
            .problem("title")
            .contains("Kelas ini diubah oleh Ratna Organizer, S.Sos. pada 2 Mar 2026"),
        "{}",
        second.problem("title")
    );
    assert_eq!(second.value("title"), "Tema Kedua");
    second.must_see("77").must_see("Penutur Baru, M.Si.");
    assert_eq!(world.find(class).await.quota, 77);
    // Knowing that, the second one may insist.
    second.press("Simpan", &[("quota", "77"), ("speaker", "Penutur Baru, M.Si.")]).await;
    let found = world.find(class).await;
    assert_eq!((found.title.as_str(), found.quota), ("Tema Kedua", 77));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_form_shows_again_what_was_saved(db: PgPool) {
    let world = World::new(db);
    let mut visitor = organiser(&world).await;
    let more = [
        ("opens", "2026-03-05"),
        ("closes", "2026-03-19"),
        ("moderator", "Rini"),
        ("moderator_office", "Staf"),
    ];
    visitor
        .open("/kelola/kelas/baru")
        .await
        .press("Simpan draf", &[FORM.as_slice(), &more].concat())
        .await;
    let class = id(&visitor);
    visitor.click("Ubah kelas").await;
    for (field, typed) in FORM.iter().chain(&more) {
        let wanted = if *typed == "9.00" { "09.00" } else { typed };
        assert_eq!(visitor.value(field), wanted, "{field}");
    }
    let before = world.find(class).await;
    visitor.press("Simpan", &[]).await;
    let after = world.find(class).await;
    assert_eq!(
        (before.enrolment_opens, before.enrolment_closes),
        (after.enrolment_opens, after.enrolment_closes)
    );
    assert_eq!(
        (before.parts, before.lanes, before.speakers),
        (after.parts, after.lanes, after.speakers)
    );
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_mistake_is_named_at_its_field_and_nothing_typed_is_lost(db: PgPool) {
    let world = World::new(db.clone());
    let mut visitor = organiser(&world).await;
    visitor.open("/kelola/kelas/baru").await;
    let wrong = [
        ("title", " "),
        ("summary", "Melayani <dengan> ramah."),
        ("day", "besok"),
        ("from", "9"),
        ("to", "08.00"),
        ("jp", "100"),
        ("quota", "nol"),
        ("presence", "101"),
        ("link", "zoom.us/j/1"),
        ("moderator_office", "Kepala"),
    ];
    visitor.press("Simpan draf", &wrong).await;
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["title", "day", "from", "jp", "quota", "presence", "link", "speaker", "moderator"]
    {
        assert_ne!(visitor.problem(field), "", "{field}");
    }
    for (field, typed) in wrong {
        assert_eq!(visitor.value(field).trim(), typed.trim(), "{field}");
    }
    let summary = visitor.sees("[role=alert] li").len();
    assert_eq!(summary, visitor.sees("p.error").len(), "the summary lists every problem");
    assert_eq!(number(&db, "select count(*) from class").await, 0);
    visitor.press("Simpan draf", &[("jp", ""), ("presence", "80"), ("moderator_office", "")]).await;
    visitor.press("Simpan draf", &FORM).await;
    assert_eq!(visitor.sees("h1"), ["Etika Pelayanan Publik"]);
}

/// Every field that can be typed into, and what somebody else writes there.
const THEIRS: [(&str, &str, &str); 25] = [
    ("title", "Tema Mereka", "Tema Mereka"),
    ("summary", "Ringkasan mereka.", "Ringkasan mereka."),
    ("description", "Pokok mereka", "Pokok mereka"),
    ("audience", "Para guru", "Para guru"),
    ("day", "2026-03-11", "Rab, 11 Mar 2026 09.00–11.00"),
    ("from", "08.15", "08.15–11.00"),
    ("to", "11.45", "09.00–11.45"),
    ("jp", "7", "7"),
    ("presence", "65", "65"),
    ("quota", "77", "77"),
    ("opens", "2026-03-04", "Rab, 4 Mar 2026"),
    ("opens_time", "08.00", "Sen, 2 Mar 2026 08.00"),
    ("closes", "2026-03-07", "Sab, 7 Mar 2026"),
    ("closes_time", "16.30", "Sen, 9 Mar 2026 16.30"),
    ("withdraw", "2026-03-06", "Jum, 6 Mar 2026"),
    ("withdraw_time", "12.15", "Min, 8 Mar 2026 12.15"),
    ("link", "https://zoom.us/j/123456789", "https://zoom.us/j/123456789"),
    ("stream", "https://siaran.example/x", "https://siaran.example/x"),
    ("room", "Aula BPSDMD", "Aula BPSDMD"),
    ("speaker", "Penutur Mereka", "Penutur Mereka"),
    ("speaker_office", "Jabatan Mereka", "Jabatan Mereka"),
    ("speaker2", "Penutur Kedua", "Penutur Kedua"),
    ("speaker2_office", "Jabatan Kedua", "Jabatan Kedua"),
    ("moderator", "Pemandu", "Pemandu"),
    ("moderator_office", "Jabatan Pemandu", "Jabatan Pemandu"),
];

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn no_field_of_the_form_is_overwritten_unseen(db: PgPool) {
    let world = World::new(db);
    let mut class = world.class().draft().opens("2026-03-02 00:00").closes("2026-03-10 00:00");
    class.plan.withdrawal_until = wita("2026-03-08 10:00");
    class.plan.speakers = ["Satu", "Dua", "Tiga"].map(speaker).into();
    class.plan.speakers[2].speaking = Speaking::Moderator;
    let edit = format!("/kelola/kelas/{}/ubah", class.create().await);
    let (mut first, mut second) = (organiser(&world).await, organiser(&world).await);
    first.open(&edit).await;
    let there = first.html();
    let fields = css("main [name]:not([type=hidden]):not(button)");
    let there: BTreeSet<&str> =
        there.select(&fields).filter_map(|field| field.attr("name")).collect();
    assert_eq!(there, THEIRS.iter().map(|(name, ..)| *name).collect(), "a field was added");
    for (field, theirs, shown) in THEIRS {
        first.open(&edit).await;
        second.open(&edit).await;
        let mine = second.value(field);
        first.press("Simpan", &[(field, theirs)]).await;
        assert_eq!(first.banner(), "Perubahan tersimpan.", "{field}");
        second.press("Simpan", &[]).await;
        assert_eq!(second.status, StatusCode::CONFLICT, "{field}");
        assert_eq!(second.value(field).trim(), mine.trim(), "{field}");
        let differs = second.sees(".inset dd");
        assert!(differs.len() == 1 && differs[0].contains(shown), "{field}: {differs:?}");
        second.press("Simpan", &[]).await;
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_form_sent_again_with_other_content_loses_neither(db: PgPool) {
    let world = World::new(db.clone());
    let mut visitor = organiser(&world).await;
    visitor.open("/kelola/kelas/baru").await;
    let first = visitor.fill("Simpan draf", &FORM, None);
    let mut other = FORM;
    other[0].1 = "Etika Layanan";
    let changed = visitor.fill("Simpan draf", &other, None);
    visitor.submit(first).await;
    let class = id(&visitor);
    visitor.submit(changed).await;
    assert_eq!(visitor.status, StatusCode::CONFLICT);
    assert!(visitor.problem("title").contains("sudah tersimpan sebagai draf"), "{}", visitor.at);
    assert_eq!(visitor.value("title"), "Etika Layanan");
    assert_eq!(visitor.sees(".inset dd"), ["Etika Pelayanan Publik"]);
    assert_eq!(world.find(class).await.title, "Etika Pelayanan Publik");
    visitor.press("Simpan", &[]).await;
    assert_eq!((id(&visitor), world.find(class).await.title.as_str()), (class, "Etika Layanan"));
    assert_eq!(number(&db, "select count(*) from class").await, 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn saving_without_a_change_changes_nothing(db: PgPool) {
    let world = World::new(db);
    let mut class = world.class().opens("2026-03-04 08:00").closes("2026-03-09 16:30");
    class.plan.withdrawal_until = wita("2026-03-08 12:15");
    class.plan.zoom_meeting_id = Some("84512207741".into());
    class.plan.speakers[0].person = Some(world.person("Nirmala").create().await.id);
    let class = class.create().await;
    let before = Plan::of(&world.find(class).await);
    let mut visitor = organiser(&world).await;
    visitor.open(&format!("/kelola/kelas/{class}/ubah")).await.press("Simpan", &[]).await;
    assert_eq!(Plan::of(&world.find(class).await), before);
}
