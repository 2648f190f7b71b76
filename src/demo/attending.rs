//! Taking in the reports of past classes, as an organiser does.

use super::{
    cast::{DEPUTY, LEARNER, ORGANISER},
    classes::Made,
    crowd::{self, Crowd, Known, Manner},
    dice::Dice,
    programme::{Fate, Learning},
    reports::SHAPES,
    staff::{Person, Staff},
};
use crate::{
    attendance::{
        self, Choice, Outcome, Standing, Verdict,
        read::{Upload, expected},
    },
    class::{self, Lane},
    enrolment::{self, State},
    ids::PersonId,
};
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Who decides on a class: the second organiser where the first attended.
pub(super) fn decider(staff: &Staff, fate: Fate) -> PersonId {
    let part = if organiser_attends(fate) { DEPUTY } else { ORGANISER };
    staff.cast(part).id
}

fn organiser_attends(fate: Fate) -> bool {
    fate == Fate::Reported { of_this_year: true, nth: 3 }
}

fn has_namesakes(fate: Fate) -> bool {
    fate == Fate::Reported { of_this_year: true, nth: 1 }
}

/// Uploads the class's report two hours after its end, resolves what it leaves
/// open, confirms it, and decides some by hand.
pub(super) async fn take_in(
    db: &mut PgConnection,
    dice: &mut Dice,
    staff: &Staff,
    made: &Made<'_>,
    number: usize,
) -> anyhow::Result<()> {
    let (outline, by) = (made.outline, decider(staff, made.outline.fate));
    let at = outline.ends() + Duration::hours(2);
    let crowd = crowd(db, dice, staff, made).await?;
    let class = class::find(db, made.id).await?;
    let bytes =
        SHAPES[number % SHAPES.len()].write(&class.title, &outline.meeting_id, &crowd.stays);
    let file = format!("participants_{}.csv", outline.meeting_id);
    let upload = Upload::read(&file, bytes, &expected(&class))?;
    let import = attendance::upload(db, made.id, &upload, by, at).await?;
    let open = attendance::preview(db, import, by).await?;
    let mut choices = BTreeMap::new();
    for row in &open.rows {
        let choice = match row.person {
            Some(_) if row.standing == Standing::Outside && dice.chance(60) => Choice::WalkIn(true),
            Some(_) => continue,
            None => match crowd.behind.get(&row.name) {
                Some(person) if dice.chance(70) => Choice::Person(*person),
                None if row.candidates.is_empty() => Choice::Ignore,
                _ => continue,
            },
        };
        choices.insert(row.id, choice);
    }
    attendance::choose(db, import, &choices, by, at + Duration::minutes(10)).await?;
    let seen = attendance::preview(db, import, by).await?;
    attendance::confirm(db, import, &seen.digest, by, at + Duration::minutes(20)).await?;
    by_hand(db, staff, made, by, at + Duration::hours(1)).await
}

/// Who of those with a seat came, and who came without.
async fn crowd(
    db: &mut PgConnection,
    dice: &mut Dice,
    staff: &Staff,
    made: &Made<'_>,
) -> anyhow::Result<Crowd> {
    let people: BTreeMap<PersonId, &Person> =
        staff.0.iter().map(|person| (person.id, person)).collect();
    let fate = made.outline.fate;
    let mut crowd = Crowd::default();
    let mut outside: Vec<&Person> = staff.others().iter().collect();
    for seated in enrolment::participants(db, made.id).await? {
        outside.retain(|person| person.id != seated.person);
        let Some(person) = people.get(&seated.person) else { continue };
        if seated.state == State::Active {
            let (manner, known) = attends(dice, staff, fate, person);
            crowd.comes(dice, made.outline.time(), person, manner, known);
        }
    }
    for _ in 0..2 {
        let person = *dice.pick(&outside);
        crowd.comes(dice, made.outline.time(), person, Manner::Whole, Known::ByNip);
    }
    crowd.others_come(dice, made.outline.time());
    crowd.in_order();
    Ok(crowd)
}

fn attends(dice: &mut Dice, staff: &Staff, fate: Fate, person: &Person) -> (Manner, Known) {
    let by_chance = (crowd::manner(dice, person), crowd::known(dice, person));
    let is = |people: &[Person]| people.iter().any(|one| one.id == person.id);
    match fate.learning() {
        Some(Learning::Whole) if person.id == staff.cast(LEARNER).id => {
            (Manner::Whole, Known::ByEmail)
        }
        Some(Learning::TooShort) if person.id == staff.cast(LEARNER).id => {
            (Manner::TooShort, Known::ByEmail)
        }
        _ if person.id == staff.cast(ORGANISER).id => (Manner::Away, Known::ByName),
        _ if has_namesakes(fate) && is(staff.namesakes(0)) => (Manner::Whole, Known::ByName),
        _ if has_namesakes(fate) && is(staff.namesakes(1)) => (Manner::Whole, Known::ByEmail),
        _ => by_chance,
    }
}

/// What reports cannot know: somebody who watched the stream, the organiser who
/// ran the class, two people of one name; and a decision that was taken back.
async fn by_hand(
    db: &mut PgConnection,
    staff: &Staff,
    made: &Made<'_>,
    by: PersonId,
    at: DateTime<Utc>,
) -> anyhow::Result<()> {
    let fate = made.outline.fate;
    let learner = staff.cast(LEARNER).id;
    let present =
        |reason: &str| Verdict { present: true, lane: Lane::Zoom, reason: reason.to_owned() };
    if organiser_attends(fate) {
        let verdict = present(
            "Memandu kelas dengan akun penyelenggara, jadi tidak tercatat atas namanya sendiri.",
        );
        attendance::set(db, made.id, staff.cast(ORGANISER).id, &verdict, by, at).await?;
    }
    if has_namesakes(fate) {
        for person in staff.namesakes(0) {
            let verdict = present(
                "Dua peserta bernama sama; kehadirannya dipastikan dengan tangkapan layar.",
            );
            attendance::set(db, made.id, person.id, &verdict, by, at).await?;
        }
    }
    let lines = attendance::lines(db, made.id).await?;
    let mut partial =
        lines.iter().filter(|line| line.outcome == Outcome::Partial && line.person != learner);
    if let Some(line) = partial.next() {
        let verdict = present(
            "Sambungan putus; sisanya diikuti lewat siaran langsung menurut daftar hadir unit kerja.",
        );
        attendance::set(db, made.id, line.person, &verdict, by, at).await?;
    }
    if let (Some(line), Fate::Reported { nth: 2, .. }) = (partial.next(), fate) {
        attendance::set(
            db,
            made.id,
            line.person,
            &present("Mengikuti dari ruang rapat unit kerja."),
            by,
            at,
        )
        .await?;
        attendance::drop_verdicts(db, made.id, line.person, by, at + Duration::minutes(25)).await?;
    }
    Ok(())
}
