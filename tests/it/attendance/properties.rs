//! Random reports, taken in and back in any order.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*};
use smartclass::{
    attendance::{
        self, Case, Outcome,
        read::{Upload, expected},
    },
    ids::{ClassId, ImportId},
    ledger,
};
use sqlx::PgPool;

use crate::support::{Person, World, Zoom, assert_in_order, histories, world::evening};

const PEOPLE: usize = 4;

/// Somebody's stay in minutes of the class's morning, from half past eight to half past eleven.
#[derive(Debug, Clone)]
struct Stay {
    who: usize,
    by_email: bool,
    from: u32,
    lasts: u32,
}

fn reports() -> impl Strategy<Value = Vec<Vec<Stay>>> {
    let stay = (0..PEOPLE, any::<bool>(), 0..150_u32, 1..150_u32)
        .prop_map(|(who, by_email, from, lasts)| Stay { who, by_email, from, lasts });
    vec(vec(stay, 1..10), 1..4)
}

fn clock(minute: u32) -> String {
    let minute = minute + 8 * 60 + 30;
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// With the host, who is there all morning: a report without anybody inside the class's time
/// would be taken to be written in the zone where somebody is.
fn zoom(stays: &[Stay]) -> Zoom {
    let host = Zoom::new().stay("Tuan Rumah", "", &clock(0), &clock(180));
    stays.iter().fold(host, |report, stay| {
        let email =
            if stay.by_email { format!("orang{}@contoh.go.id", stay.who) } else { String::new() };
        let until = (stay.from + stay.lasts).min(180);
        report.stay(
            &format!("Peserta {}", stay.who),
            &email,
            &clock(stay.from),
            &clock(until.max(stay.from + 1)),
        )
    })
}

type Standing = BTreeMap<String, (String, i32)>;

/// Outcome and hours of everybody, and the total of the books.
async fn standing(world: &World, class: ClassId) -> (Standing, i64) {
    let lines = attendance::lines(&mut *world.conn().await, class).await.unwrap();
    let decided = lines.into_iter().filter(|line| line.outcome != Outcome::Undecided);
    let decided =
        decided.map(|line| (line.name, (format!("{:?}", line.outcome), line.jp))).collect();
    let sql = format!("select coalesce(sum(jp), 0) from ledger_entry where class_id = {class}");
    (decided, crate::support::number(&world.db, &sql).await)
}

/// Takes a report in; nothing when the same one stands already.
async fn take(world: &World, class: ClassId, report: &Zoom, by: &Person) -> Option<ImportId> {
    let expected = expected(&world.find(class).await);
    let upload = Upload::read("laporan.csv", report.csv(), &expected).unwrap();
    let mut tx = world.db.begin().await.unwrap();
    let import = attendance::upload(&mut tx, class, &upload, by.id, evening()).await.ok()?;
    tx.commit().await.unwrap();
    world.confirm(import, by).await;
    Some(import)
}

/// What a person's hours must be, worked out minute by minute.
fn expected_minutes(reports: &[&Vec<Stay>], who: usize) -> usize {
    let there = |minute: u32| {
        reports.iter().any(|report| {
            report.iter().any(|stay| {
                let until = (stay.from + stay.lasts).min(180).max(stay.from + 1);
                stay.who == who && stay.from <= minute && minute < until
            })
        })
    };
    (30..150).filter(|minute| there(*minute)).count()
}

async fn agrees(
    world: &World,
    class: ClassId,
    standing_reports: &[&Vec<Stay>],
) -> Result<(), String> {
    let (decided, total) = standing(world, class).await;
    let mut sum = 0;
    for who in 0..PEOPLE {
        let minutes = expected_minutes(standing_reports, who);
        let outcome = match minutes {
            _ if standing_reports.is_empty() => None,
            0 => Some(("Absent", 0)),
            96.. => Some(("Present", 2)),
            _ => Some(("Partial", 0)),
        };
        sum += outcome.map_or(0, |(_, jp)| i64::from(jp));
        let found = decided.get(&format!("Peserta {who}"));
        let found = found.map(|(outcome, jp)| (outcome.as_str(), *jp));
        if found != outcome {
            return Err(format!(
                "Peserta {who} after {minutes} minutes: {found:?}, not {outcome:?}"
            ));
        }
    }
    if total == sum { Ok(()) } else { Err(format!("the books say {total}, not {sum}")) }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn any_reports_taken_in_and_back_leave_what_the_rest_says(db: PgPool) {
    let world = World::new(db.clone());
    let mut people = Vec::new();
    for who in 0..PEOPLE {
        let person =
            world.person(&format!("Peserta {who}")).email(&format!("orang{who}@contoh.go.id"));
        people.push(person.create().await);
    }
    let by = world.organiser().await;
    histories::all(12, reports(), async |reports: Vec<Vec<Stay>>| {
        let class = world.class().create().await;
        for person in &people {
            world.enrol(class, person).await;
        }
        let mut standing_reports: Vec<(ImportId, &Vec<Stay>)> = Vec::new();
        for report in &reports {
            let before = standing(&world, class).await;
            let Some(import) = take(&world, class, &zoom(report), &by).await else { continue };
            // Once more is the same as once.
            let after = standing(&world, class).await;
            if take(&world, class, &zoom(report), &by).await.is_some() {
                return Err("the same report was taken in twice".into());
            }
            // Taking it back restores what was.
            world.undo(import, &by).await;
            if standing(&world, class).await != before {
                return Err(format!("undoing {report:?} does not restore {before:?}"));
            }
            let import =
                take(&world, class, &zoom(report), &by).await.ok_or("not taken in again")?;
            if standing(&world, class).await != after {
                return Err("the second time gave something else".into());
            }
            standing_reports.push((import, report));
            let all: Vec<_> = standing_reports.iter().map(|(_, report)| *report).collect();
            agrees(&world, class, &all).await?;
        }
        // In the order in which they came: only the evidence that stands may matter.
        while !standing_reports.is_empty() {
            world.undo(standing_reports.remove(0).0, &by).await;
            let all: Vec<_> = standing_reports.iter().map(|(_, report)| *report).collect();
            agrees(&world, class, &all).await?;
        }
        settled(&world, class, &by).await
    })
    .await;
    assert_in_order(&db).await;
    assert!(ledger::verify(&mut *world.conn().await).await.unwrap().is_ok());
}

/// Deciding again changes nothing.
async fn settled(world: &World, class: ClassId, by: &Person) -> Result<(), String> {
    let case = Case::load(&mut *world.conn().await, class, by.id).await.unwrap();
    match case.changes() {
        changes if changes.is_empty() => Ok(()),
        changes => Err(format!("still to be decided: {changes:?}")),
    }
}
