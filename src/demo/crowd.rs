//! Who comes to a class, when they come and go, and under which name.

use super::{
    dice::Dice,
    reports::Stay,
    staff::{DILIGENT, Person},
};
use crate::{attendance::report::Span, ids::PersonId};
use chrono::{DateTime, Duration, Utc};
use std::collections::BTreeMap;

/// How somebody attends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Whole,
    /// With a break in the connection, or a second device.
    Broken,
    /// For less than is needed.
    TooShort,
    /// Not at all.
    Away,
}

/// How somebody's name shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    ByEmail,
    ByNip,
    ByName,
    /// Only a part of the name: somebody has to say who it is.
    Hardly,
}

/// What a report says, and who is behind the names that it cannot tell.
#[derive(Default)]
pub(super) struct Crowd {
    pub stays: Vec<Stay>,
    pub behind: BTreeMap<String, PersonId>,
}

/// Names of devices whose owner nobody knows.
const DEVICES: &[&str] = &[
    "iPhone",
    "Galaxy A15",
    "OPPO A78 5G",
    "Redmi Note 13",
    "vivo 1906",
    "Laptop Ruang Rapat",
    "ASUS",
    "Infinix HOT 40",
];

/// How somebody attends, by chance.
pub(super) fn manner(dice: &mut Dice, person: &Person) -> Manner {
    let most = if person.zeal < DILIGENT { 100 } else { 86 };
    match dice.between(1, most) {
        ..=66 => Manner::Whole,
        67..=82 => Manner::Broken,
        83..=90 => Manner::TooShort,
        _ => Manner::Away,
    }
}

/// How somebody's name shows, by chance.
pub(super) fn known(dice: &mut Dice, person: &Person) -> Known {
    match dice.between(1, 100) {
        ..=58 if person.email.is_some() => Known::ByEmail,
        ..=80 => Known::ByNip,
        81..=97 => Known::ByName,
        _ => Known::Hardly,
    }
}

impl Crowd {
    /// Somebody comes.
    pub fn comes(
        &mut self,
        dice: &mut Dice,
        class: Span,
        person: &Person,
        manner: Manner,
        known: Known,
    ) {
        let (name, email) = shown(dice, person, known);
        if known == Known::Hardly {
            self.behind.insert(name.clone(), person.id);
        }
        for (from, to) in times(dice, class, manner) {
            self.stays.push(Stay {
                name: name.clone(),
                email: email.clone(),
                from,
                to,
                waiting_room: false,
            });
        }
    }

    /// The host, devices that nobody knows, a note-taker, somebody who was never let in.
    pub fn others_come(&mut self, dice: &mut Dice, class: Span) {
        let (from, to) = (class.from - Duration::minutes(25), class.to + Duration::minutes(9));
        let stay = |name: &str, email: &str, from, to, waiting_room| Stay {
            name: name.to_owned(),
            email: email.to_owned(),
            from,
            to,
            waiting_room,
        };
        self.stays.push(stay("Smart Class BPSDMD", "smartclass@sulteng.example", from, to, false));
        for _ in 0..dice.between(1, 4) {
            let late = Duration::minutes(dice.between(0, 40).into());
            let device = *dice.pick(DEVICES);
            self.stays.push(stay(device, "", class.from + late, to, false));
        }
        if dice.chance(30) {
            self.stays.push(stay("Otter.ai", "", class.from, to, false));
        }
        if dice.chance(40) {
            let (from, to) =
                (class.from + Duration::minutes(50), class.from + Duration::minutes(53));
            self.stays.push(stay("Tamu", "", from, to, true));
        }
    }

    /// Rows as a report has them: in the order of joining.
    pub fn in_order(&mut self) {
        self.stays.sort_by(|a, b| (a.from, &a.name).cmp(&(b.from, &b.name)));
    }
}

fn shown(dice: &mut Dice, person: &Person, known: Known) -> (String, String) {
    let Person { bare, nip, email, .. } = person;
    let words: Vec<&str> = bare.split(' ').collect();
    let (first, last) =
        (words.first().copied().unwrap_or(bare), words.last().copied().unwrap_or(bare));
    match known {
        Known::ByEmail => {
            let name = if dice.chance(25) { format!("{first} ({bare})") } else { bare.clone() };
            (name, email.clone().unwrap_or_default())
        }
        Known::ByNip => {
            let grouped = format!("{} {} {} {}", &nip[..8], &nip[8..14], &nip[14..15], &nip[15..]);
            let names =
                [format!("{bare}_{nip}"), format!("{nip} {bare}"), format!("{bare} NIP {grouped}")];
            (dice.pick(&names).clone(), String::new())
        }
        Known::ByName => {
            let names = [bare.clone(), bare.to_uppercase(), person.name.clone()];
            (dice.pick(&names).clone(), String::new())
        }
        Known::Hardly => {
            (format!("{first} {}.", last.chars().next().unwrap_or('X')), String::new())
        }
    }
}

fn times(dice: &mut Dice, class: Span, manner: Manner) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let mut seconds =
        |least: i32, most: i32| Duration::seconds(dice.between(least * 60, most * 60).into());
    let (starts, ends) = (class.from, class.to);
    let joined = starts + seconds(-12, 8);
    let left = ends + seconds(-4, 9);
    match manner {
        Manner::Whole => vec![(joined, left)],
        Manner::Broken => {
            let cut = starts + seconds(30, 50);
            let back = cut + seconds(0, 4);
            // A second device overlaps the first for a while.
            vec![(joined, cut), (back - seconds(0, 3), back + seconds(2, 20)), (back, left)]
        }
        Manner::TooShort => {
            let from = starts + seconds(20, 45);
            vec![(from, from + seconds(15, 50))]
        }
        Manner::Away => Vec::new(),
    }
}
