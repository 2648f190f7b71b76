//! The demo world is what its sign-ins promise, and stays so.

use chrono::{DateTime, Datelike, Duration, TimeZone, Utc, Weekday};
use smartclass::{
    account,
    attendance::{
        self, ImportRow, Standing,
        read::{Upload, expected},
    },
    class::State,
    clock::ZONE,
    demo::{self, Awaited, PRINTED, Size},
    enrolment::{self, State as Seat},
    ids::{ClassId, PersonId},
    ledger,
    password::Hasher,
    people,
    schedule::{self, Scheduled, Shelf},
};
use sqlx::{PgConnection, PgPool};

use crate::support::World;

const BASE: &str = "http://127.0.0.1:8080";

/// A Tuesday, 11.00 WITA.
fn tuesday() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 24, 3, 0, 0).unwrap()
}

fn small() -> Size {
    Size { people: 240, classes: 20, ..Size::default() }
}

async fn filled(pool: &PgPool, size: &Size, now: DateTime<Utc>) {
    demo::fill(pool, size, &Hasher::default(), BASE, now).await.unwrap();
}

async fn learner(db: &mut PgConnection) -> PersonId {
    people::by_nip(db, "199005052015032005").await.unwrap().unwrap()
}

async fn every_class(db: &mut PgConnection, now: DateTime<Utc>) -> Vec<Scheduled> {
    let mut classes = Vec::new();
    for shelf in [Shelf::Past, Shelf::Coming, Shelf::Drafts] {
        classes.extend(schedule::shelf(db, shelf, now).await.unwrap());
    }
    classes
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_learner_has_twelve_of_twenty_hours_and_classes_to_come(pool: PgPool) {
    filled(&pool, &small(), tuesday()).await;
    let mut db = pool.acquire().await.unwrap();
    let learner = learner(&mut db).await;
    let progress = ledger::progress(&mut db, learner, 2026).await.unwrap();
    assert_eq!((progress.jp, progress.target), (12, 20));
    assert!(ledger::progress(&mut db, learner, 2025).await.unwrap().jp > 0);
    let mine = enrolment::mine(&mut db, learner).await.unwrap();
    let coming: Vec<_> = mine.iter().filter(|class| class.starts > tuesday()).collect();
    assert!(coming.iter().filter(|class| class.state == Seat::Active).count() >= 2);
    assert!(coming.iter().any(|class| class.from_queue), "a seat was won");
    let waiting: Vec<_> = coming.iter().filter(|class| class.state == Seat::Waiting).collect();
    assert_eq!(waiting.iter().map(|class| class.position).collect::<Vec<_>>(), [Some(3)]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn every_state_of_a_class_is_there(pool: PgPool) {
    let now = tuesday();
    filled(&pool, &small(), now).await;
    let mut db = pool.acquire().await.unwrap();
    let classes = every_class(&mut db, now).await;
    assert_eq!(classes.len(), 20);
    let published = |class: &&Scheduled| class.state == State::Published;
    let some = |what: &str, test: &dyn Fn(&&Scheduled) -> bool| {
        assert!(classes.iter().filter(published).any(|class| test(&class)), "{what}");
    };
    some("over and decided", &|class| class.ends < now && class.attended);
    some("over, its report not there yet", &|class| {
        class.ends < now && !class.attended && class.taken > 0
    });
    some("running", &|class| class.starts < now && now < class.ends);
    some("to come", &|class| now < class.starts && class.taken < class.quota);
    some("full with a queue", &|class| {
        now < class.starts && class.taken == class.quota && class.waiting > 0
    });
    assert_eq!(classes.iter().filter(|class| class.state == State::Draft).count(), 2);
    assert_eq!(classes.iter().filter(|class| class.state == State::Cancelled).count(), 1);
    let mut opens_later = 0;
    for class in &classes {
        let class = smartclass::class::find(&mut db, class.id).await.unwrap();
        opens_later += usize::from(class.enrolment_opens.is_some_and(|opens| now < opens));
        let day = class.starts().with_timezone(&ZONE).weekday();
        assert!(!matches!(day, Weekday::Sat | Weekday::Sun), "{}", class.title);
    }
    assert_eq!(opens_later, 1);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_class_waits_for_a_report_that_has_to_be_corrected(pool: PgPool) {
    filled(&pool, &small(), tuesday()).await;
    let mut db = pool.acquire().await.unwrap();
    let Awaited { class, bytes, .. } = demo::report(&mut db, tuesday()).await.unwrap().unwrap();
    let class = smartclass::class::find(&mut db, class).await.unwrap();
    let upload = Upload::read("laporan.csv", bytes, &expected(&class)).unwrap();
    let by = people::by_nip(&mut db, PRINTED[1].nip).await.unwrap().unwrap();
    let import = attendance::upload(&mut db, class.id, &upload, by, tuesday()).await.unwrap();
    let preview = attendance::preview(&mut db, import, by).await.unwrap();
    let some = |what: &str, test: &dyn Fn(&ImportRow) -> bool| {
        assert!(preview.rows.iter().any(test), "{what}");
    };
    some("renamed", &|row| row.original_name.is_some());
    some("known", &|row| row.person.is_some() && row.standing == Standing::Enrolled);
    some("without a seat", &|row| row.person.is_some() && row.standing == Standing::Outside);
    some("unknown", &|row| row.person.is_none());
    let learner = learner(&mut db).await;
    let before = ledger::progress(&mut db, learner, 2026).await.unwrap().jp;
    attendance::confirm(&mut db, import, &preview.digest, by, tuesday()).await.unwrap();
    let after = ledger::progress(&mut db, learner, 2026).await.unwrap().jp;
    assert_eq!(after, before + class.jp);
    assert!(demo::report(&mut db, tuesday()).await.unwrap().is_none());
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_ledger_of_the_demo_world_is_in_order(pool: PgPool) {
    filled(&pool, &small(), tuesday()).await;
    let mut db = pool.acquire().await.unwrap();
    let verified = ledger::verify(&mut db).await.unwrap().unwrap();
    assert!(verified.entries > 100, "{verified:?}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn everybody_printed_can_sign_in_and_some_share_a_name(pool: PgPool) {
    filled(&pool, &small(), tuesday()).await;
    let mut db = pool.acquire().await.unwrap();
    assert!(account::is_demo(&mut db).await.unwrap());
    let everybody = demo::sign_ins(&mut db).await.unwrap();
    assert_eq!(everybody.len(), 240);
    for (printed, role) in
        PRINTED.iter().zip(["administrator", "organiser", "unit_operator", "leader", "", ""])
    {
        let one = everybody.iter().find(|one| one.nip == printed.nip).unwrap();
        let roles = if role.is_empty() { vec!["learner"] } else { vec!["learner", role] };
        assert_eq!(one.roles(), roles, "{}", printed.who);
    }
    let (_, hash) = account::credential(&mut db, PRINTED[0].nip).await.unwrap().unwrap();
    assert!(Hasher::default().verify(account::DEMO_PASSWORD.into(), Some(hash)).await.unwrap());
    for name in ["Sitti Rahma", "Yohanis Tobondo"] {
        assert_eq!(everybody.iter().filter(|one| one.name.contains(name)).count(), 2, "{name}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn people_work_in_units_below_an_opd_too(pool: PgPool) {
    filled(&pool, &small(), tuesday()).await;
    let mut db = pool.acquire().await.unwrap();
    let tree = people::unit::tree(&mut db).await.unwrap();
    let parts: Vec<_> = tree.nodes().iter().filter(|node| node.depth == 2).collect();
    assert!(parts.len() >= 10 && parts.iter().filter(|part| part.own > 0).count() >= 10);
    let operator = people::by_nip(&mut db, PRINTED[2].nip).await.unwrap().unwrap();
    let operator = people::find(&mut db, operator).await.unwrap();
    assert_eq!(operator.unit, "Dinas Kesehatan");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_long_list_has_pages_that_lead_to_each_other(pool: PgPool) {
    filled(&pool, &small(), tuesday()).await;
    let mut db = pool.acquire().await.unwrap();
    let id = people::by_nip(&mut db, PRINTED[0].nip).await.unwrap().unwrap();
    let token = account::sign_in(&mut db, id, false, tuesday()).await.unwrap();
    let site = World::new(pool.clone()).visitor(tuesday());
    let mut administrator = site.with_cookie("sid", &token);
    administrator.open("/kelola/orang").await;
    assert_eq!(administrator.sees("nav[aria-label=Halaman] a").last().unwrap(), "Berikutnya");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_database_that_holds_something_is_left_alone(pool: PgPool) {
    filled(&pool, &small(), tuesday()).await;
    let again = demo::fill(&pool, &small(), &Hasher::default(), BASE, tuesday()).await.unwrap_err();
    assert!(again.to_string().contains("sudah berisi"), "{again}");
    let mut db = pool.acquire().await.unwrap();
    assert_eq!(demo::sign_ins(&mut db).await.unwrap().len(), 240);
}

#[test]
fn a_world_that_cannot_be_made_is_refused() {
    let wrong = [
        Size { people: 5001, ..Size::default() },
        Size { people: 10, ..Size::default() },
        Size { classes: 3, ..Size::default() },
        Size { years: 0, ..Size::default() },
    ];
    assert!(wrong.iter().all(|size| size.check().is_err()));
    assert!(Size::default().check().is_ok());
}

/// All that somebody would notice of a world, as text.
async fn seen(db: &mut PgConnection, now: DateTime<Utc>) -> String {
    let mut text = format!("{:?}\n", demo::sign_ins(db).await.unwrap());
    for class in every_class(db, now).await {
        let Scheduled { id, title, starts, quota, taken, waiting, .. } = class;
        let lines = attended(db, id).await;
        text += format!("{id} {title} {starts} {quota} {taken} {waiting}\n{lines:?}\n").as_str();
    }
    text
}

async fn attended(db: &mut PgConnection, class: ClassId) -> Vec<(String, i32, i32)> {
    let lines = attendance::lines(db, class).await.unwrap();
    lines.into_iter().map(|line| (line.nip, line.seconds, line.jp)).collect()
}

/// The worlds of two databases of their own.
async fn two_worlds(pool: &PgPool, sizes: [Size; 2]) -> [String; 2] {
    let mut worlds = [String::new(), String::new()];
    for (world, size) in worlds.iter_mut().zip(sizes) {
        filled(pool, &size, tuesday()).await;
        let mut db = pool.acquire().await.unwrap();
        *world = seen(&mut db, tuesday()).await;
        empty(&mut db).await;
    }
    worlds
}

/// Takes everything away and counts ids from 1 again, though histories only grow.
async fn empty(db: &mut PgConnection) {
    for (before, sql) in [
        (
            "disable",
            "truncate person, class, installation, certificate_counter restart identity cascade;
             delete from unit where parent_id <> (select id from unit where parent_id is null)",
        ),
        ("enable", "select"),
    ] {
        let all = format!(
            "do $$ declare history regclass; begin
               for history in select distinct tgrelid::regclass from pg_trigger where not tgisinternal loop
                 execute format('alter table %s {before} trigger user', history);
               end loop;
             end $$; {sql}"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(all)).execute(&mut *db).await.unwrap();
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_same_seed_makes_the_same_world_and_another_another(pool: PgPool) {
    let [one, same] = two_worlds(&pool, [small(), small()]).await;
    let differs = one.lines().zip(same.lines()).find(|(one, same)| one != same);
    assert_eq!((differs, one.len()), (None, same.len()));
    filled(&pool, &Size { seed: 2, ..small() }, tuesday()).await;
    let mut db = pool.acquire().await.unwrap();
    assert!(one != seen(&mut db, tuesday()).await, "the worlds are the same");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_world_can_be_made_on_any_day(pool: PgPool) {
    let new_year = Utc.with_ymd_and_hms(2026, 12, 31, 16, 30, 0).unwrap();
    let sunday_night = Utc.with_ymd_and_hms(2027, 2, 28, 14, 0, 0).unwrap();
    let early = Utc.with_ymd_and_hms(2027, 1, 5, 20, 0, 0).unwrap();
    for now in [new_year, sunday_night, early, tuesday() + Duration::hours(9)] {
        filled(&pool, &small(), now).await;
        let mut db = pool.acquire().await.unwrap();
        assert_eq!(every_class(&mut db, now).await.len(), 20, "{now}");
        ledger::verify(&mut db).await.unwrap().unwrap();
        empty(&mut db).await;
    }
}
