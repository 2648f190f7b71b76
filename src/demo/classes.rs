//! Making the classes and filling their seats.

use super::{
    calendar,
    cast::{DEPUTY, LEARNER, ORGANISER},
    dice::Dice,
    offices::BPSDMD,
    programme::{Fate, Outline},
    staff::{DILIGENT, Person, Staff},
};
use crate::{
    class::{Lane, Part, Speaker, Speaking},
    enrolment::{self, State},
    ids::{ClassId, PersonId},
    schedule::{self, Plan},
    web::show,
};
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use std::collections::BTreeSet;

const AUDIENCE: &str = "Semua ASN Pemerintah Provinsi Sulawesi Tengah, PNS dan PPPK.";
const CALLED_OFF: &str = "Narasumber mendampingi penanganan banjir di Kabupaten Parigi Moutong. Tema ini akan dijadwalkan ulang; pantau daftar kelas.";

/// A class that was made.
pub(super) struct Made<'a> {
    pub id: ClassId,
    pub outline: &'a Outline,
}

/// Makes the class, publishes it, and enrols people, each in their time.
pub(super) async fn make<'a>(
    db: &mut PgConnection,
    dice: &mut Dice,
    staff: &Staff,
    outline: &'a Outline,
    now: DateTime<Utc>,
) -> anyhow::Result<Made<'a>> {
    let organiser = staff.cast(ORGANISER).id;
    let published = (outline.starts - Duration::days(28)).min(now - Duration::days(9));
    let plan = plan(dice, staff, outline, now);
    let drafted = published - Duration::days(2);
    let id = schedule::create(db, &plan, None, organiser, drafted).await?;
    let made = Made { id, outline };
    if outline.fate == Fate::Draft {
        return Ok(made);
    }
    schedule::publish(db, id, organiser, published).await?;
    if outline.fate != Fate::OpensLater {
        fill(db, dice, staff, &made, plan.quota, (published, outline.starts.min(now))).await?;
    }
    if outline.fate == Fate::Cancelled {
        schedule::cancel(db, id, CALLED_OFF, organiser, now - Duration::hours(5)).await?;
    }
    Ok(made)
}

fn plan(dice: &mut Dice, staff: &Staff, outline: &Outline, now: DateTime<Utc>) -> Plan {
    let theme = outline.theme;
    let title = match outline.edition {
        1 => theme.title.to_owned(),
        edition => format!("{} (Angkatan {edition})", theme.title),
    };
    let speaker = staff.official(theme.unit, theme.seat);
    let moderator = if dice.chance(50) { staff.cast(DEPUTY) } else { staff.official(BPSDMD, 1) };
    let parts = vec![Part { starts: outline.starts, ends: outline.ends(), really: None }];
    let draft = outline.fate == Fate::Draft;
    let mut lanes = vec![(Lane::Zoom, format!("https://zoom.us/j/{}", outline.meeting_id))];
    if dice.chance(30) {
        lanes.push((Lane::Stream, "https://siaran.sulteng.example/smart-class".to_owned()));
    }
    let midnight = calendar::at(show::local_day(outline.starts), 0, 0);
    let today = show::local_day(now);
    let opens = calendar::at(calendar::workdays_after(today).nth(4).unwrap_or(today), 8, 0);
    Plan {
        title,
        summary: theme.summary.to_owned(),
        description: theme.learned.to_owned(),
        audience: AUDIENCE.to_owned(),
        jp: outline.jp,
        quota: quota(dice, staff, outline.fate),
        enrolment_opens: Some(opens).filter(|_| outline.fate == Fate::OpensLater),
        enrolment_closes: outline.starts,
        withdrawal_until: midnight - Duration::seconds(1),
        presence_percent: 80,
        zoom_meeting_id: Some(outline.meeting_id.clone()).filter(|_| !draft),
        parts,
        lanes: if draft { Vec::new() } else { lanes },
        speakers: vec![speaks(speaker, Speaking::Speaker), speaks(moderator, Speaking::Moderator)],
    }
}

fn speaks(person: &Person, speaking: Speaking) -> Speaker {
    Speaker {
        speaking,
        name: person.name.clone(),
        office: person.position.clone(),
        person: Some(person.id),
    }
}

/// Seats, in round numbers: for those who wait the class is small.
fn quota(dice: &mut Dice, staff: &Staff, fate: Fate) -> i32 {
    let people = i32::try_from(staff.0.len()).unwrap_or(i32::MAX);
    let tens = match fate {
        Fate::Full => (people / 300).clamp(2, 10),
        Fate::Won => (people / 400).clamp(2, 8),
        _ => dice.between(people / 50, people / 28).clamp(4, 100),
    };
    tens * 10
}

/// People enrol, and a few withdraw, until two days and one day before `until`.
async fn fill(
    db: &mut PgConnection,
    dice: &mut Dice,
    staff: &Staff,
    made: &Made<'_>,
    quota: i32,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> anyhow::Result<()> {
    let queue = wishes(dice, staff, made.outline, usize::try_from(quota).unwrap_or(0));
    let closing = until - Duration::days(2);
    let step = (closing - from) / i32::try_from(queue.len() + 1).unwrap_or(1);
    let mut seated = Vec::new();
    let mut at = from;
    for person in queue {
        at += step;
        if enrolment::enrol(db, made.id, person, whole_second(at)).await? == State::Active {
            seated.push(person);
        }
    }
    let kept = kept(staff);
    let mut leaving: Vec<PersonId> =
        seated.into_iter().filter(|person| !kept.contains(person)).collect();
    dice.shuffle(&mut leaving);
    leaving.truncate(withdrawals(made.outline.fate, leaving.len()));
    for (hours, person) in (1..).zip(leaving) {
        enrolment::withdraw(db, made.id, person, closing + Duration::hours(hours)).await?;
    }
    Ok(())
}

/// How many give their seat up again; in the full class nobody, so that it stays full.
fn withdrawals(fate: Fate, seated: usize) -> usize {
    match fate {
        Fate::Full => 0,
        Fate::Won => 1,
        _ => (seated / 30).min(20),
    }
}

fn whole_second(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}

/// Those who keep what they have, since something hangs on it.
fn kept(staff: &Staff) -> BTreeSet<PersonId> {
    let pairs = staff.namesakes(0).iter().chain(staff.namesakes(1));
    pairs
        .map(|person| person.id)
        .chain([staff.cast(LEARNER).id, staff.cast(ORGANISER).id])
        .collect()
}

/// Who wants a seat, in the order of asking.
fn wishes(dice: &mut Dice, staff: &Staff, outline: &Outline, quota: usize) -> Vec<PersonId> {
    let wanted = match outline.fate {
        Fate::Full => quota + 11,
        Fate::Won => quota + 5,
        Fate::Reported { nth, .. } if nth % 4 == 2 => quota * 11 / 10,
        Fate::Today => quota * 9 / 10,
        Fate::Reported { .. } | Fate::Unreported => {
            quota * usize::try_from(dice.between(70, 98)).unwrap_or(80) / 100
        }
        _ => quota * usize::try_from(dice.between(30, 60)).unwrap_or(40) / 100,
    };
    let scripted = scripted(staff, outline.fate, quota);
    let speaker = staff.official(outline.theme.unit, outline.theme.seat).id;
    let taken: BTreeSet<PersonId> =
        scripted.iter().map(|(_, person)| *person).chain([speaker]).collect();
    let mut people: Vec<&Person> =
        staff.others().iter().filter(|person| !taken.contains(&person.id)).collect();
    dice.shuffle(&mut people);
    // The diligent first, then the keen; the others fill up what is wanted.
    let (mut keen, rest): (Vec<&Person>, Vec<&Person>) =
        people.into_iter().partition(|person| dice.chance(person.zeal));
    keen.sort_by_key(|person| person.zeal < DILIGENT);
    keen.extend(rest);
    keen.truncate(wanted.saturating_sub(scripted.len()));
    dice.shuffle(&mut keen);
    let mut wishes: Vec<PersonId> = keen.into_iter().map(|person| person.id).collect();
    for (place, person) in scripted {
        wishes.insert(place.min(wishes.len()), person);
    }
    wishes
}

/// Those who are in the class for certain, and their place among those who ask.
fn scripted(staff: &Staff, fate: Fate, quota: usize) -> Vec<(usize, PersonId)> {
    let learner = staff.cast(LEARNER).id;
    let organiser = staff.cast(ORGANISER).id;
    let mut people = match fate {
        Fate::Unreported | Fate::Today | Fate::Coming { learner: true } => vec![(7, learner)],
        Fate::Full => vec![(quota + 2, learner)],
        Fate::Won => vec![(quota, learner)],
        _ if fate.learning().is_some() => vec![(5, learner)],
        _ => Vec::new(),
    };
    if let Fate::Reported { of_this_year: true, nth } = fate {
        match nth {
            1 => people.extend(
                [0, 1].iter().flat_map(|pair| staff.namesakes(*pair)).map(|person| (3, person.id)),
            ),
            3 => people.push((2, organiser)),
            _ => {}
        }
    }
    people
}
