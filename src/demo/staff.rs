//! Recording the people of the demo world.

use super::{
    cast::{ADMINISTRATOR, CAST, NAMESAKES},
    dice::Dice,
    names::{self, Sex},
    offices::{OFFICES, OfficeOf, SEATS},
    parts::{self, PARTS},
    posts, twice,
};
use crate::{
    account,
    ids::{PersonId, UnitId},
    people::{
        self, NewPerson, Nip,
        unit::{self, NewUnit},
    },
    web::show,
};
use anyhow::Context;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Somebody who was recorded.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub id: PersonId,
    /// With titles.
    pub name: String,
    /// Without.
    pub bare: String,
    pub nip: String,
    pub email: Option<String>,
    pub position: String,
    /// How often, in a hundred, they enrol in a class that they hear of.
    pub zeal: i32,
}

/// Everybody: the cast, the officials by unit, the namesakes, the rest.
pub(super) struct Staff(pub Vec<Person>);

/// The zeal of those who miss hardly a class.
pub(super) const DILIGENT: i32 = 90;

/// Where the namesakes begin.
const NAMESAKES_FROM: usize = CAST.len() + OFFICES.len() * SEATS;

impl Staff {
    pub fn cast(&self, part: usize) -> &Person {
        &self.0[part]
    }

    /// An official of a unit.
    pub fn official(&self, unit: &str, seat: usize) -> &Person {
        let office = OFFICES.iter().position(|office| office.unit == unit).unwrap_or(0);
        &self.0[CAST.len() + office * SEATS + seat]
    }

    /// One of the pairs who share a name.
    pub fn namesakes(&self, pair: usize) -> &[Person] {
        let from = NAMESAKES_FROM + pair * 2;
        &self.0[from..from + 2]
    }

    /// Those who enrol as they like.
    pub fn others(&self) -> &[Person] {
        &self.0[CAST.len()..]
    }
}

/// Records people, and gives all of them the same password.
pub(super) struct Recruiter<'a> {
    pub db: &'a mut PgConnection,
    pub dice: &'a mut Dice,
    /// The hash of that password.
    pub hash: &'a str,
    /// When the staff was recorded.
    pub begun: DateTime<Utc>,
    today: NaiveDate,
    units: BTreeMap<String, UnitId>,
    names: BTreeSet<String>,
    nips: BTreeSet<Nip>,
    mailboxes: BTreeMap<String, usize>,
    people: Vec<Person>,
}

/// What is drawn of somebody before the rest follows.
struct Draft {
    sex: Sex,
    born: i32,
    appointed: i32,
    contract: bool,
}

impl<'a> Recruiter<'a> {
    pub async fn new(
        db: &'a mut PgConnection,
        dice: &'a mut Dice,
        hash: &'a str,
        begun: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Self> {
        let units =
            people::units(db, now).await?.into_iter().map(|unit| (unit.name, unit.id)).collect();
        let names = CAST.iter().map(|actor| bare(actor.name)).collect();
        Ok(Self {
            db,
            dice,
            hash,
            begun,
            today: show::local_day(now),
            units,
            names,
            nips: BTreeSet::new(),
            mailboxes: BTreeMap::new(),
            people: Vec::new(),
        })
    }

    /// Records so many people in all.
    pub async fn record(mut self, people: usize) -> anyhow::Result<Staff> {
        self.cast().await?;
        self.divide().await?;
        for office in &OFFICES {
            for seat in 0..SEATS {
                self.official(office, seat).await?;
            }
        }
        for (nip, name, email, unit) in NAMESAKES {
            self.namesake(nip, name, email, unit).await?;
        }
        let (by, unit) = (self.people[ADMINISTRATOR].id, self.unit("Dinas Sosial")?);
        self.nips.extend(twice::record(self.db, unit, by, self.begun).await?);
        let ladder: Vec<usize> =
            (0..OFFICES.len()).flat_map(|at| vec![at; OFFICES[at].weight]).collect();
        while self.people.len() < people {
            let office = *self.dice.pick(&ladder);
            self.ordinary(&OFFICES[office]).await?;
        }
        Ok(Staff(self.people))
    }

    async fn cast(&mut self) -> anyhow::Result<()> {
        let root = people::root_unit(self.db).await?;
        for actor in &CAST {
            let unit = self.unit(actor.unit)?;
            let new = NewPerson {
                name: actor.name.to_owned(),
                nip: Nip::parse(actor.nip, self.today)?,
                email: Some(actor.email.to_owned()),
                unit,
                position: Some(actor.position.to_owned()),
                rank: Some(actor.rank.to_owned()),
                service: people::Service::default(),
            };
            let person = self.add(new, 0).await?;
            if let Some(role) = actor.role {
                let at = if actor.everywhere { root } else { unit };
                account::grant(self.db, person, role, at, self.recorder(person), self.begun)
                    .await?;
            }
        }
        Ok(())
    }

    /// Adds the units below each OPD.
    async fn divide(&mut self) -> anyhow::Result<()> {
        let by = self.people[ADMINISTRATOR].id;
        for (office, parts) in PARTS {
            let parent = self.unit(office)?;
            for name in parts {
                let valid_from = unit::find(self.db, parent).await?.valid_from;
                let new = NewUnit { parent, name: (*name).to_owned(), code: None, valid_from };
                let id = unit::add(self.db, &new, None, by, self.begun).await?;
                self.units.insert(new.name, id);
            }
        }
        Ok(())
    }

    /// Where the next person of an office works: in turn there and in each of its parts.
    fn place(&self, office: &OfficeOf) -> anyhow::Result<UnitId> {
        let parts = parts::of(office.unit);
        let turn = self.people.len() % (parts.len() + 1);
        self.unit(parts.get(turn).copied().unwrap_or(office.unit))
    }

    async fn official(&mut self, office: &OfficeOf, seat: usize) -> anyhow::Result<()> {
        let sex =
            if self.dice.chance(if seat == 0 { 30 } else { 45 }) { Sex::Woman } else { Sex::Man };
        let age = if seat == 0 { self.dice.between(50, 57) } else { self.dice.between(44, 55) };
        let born = self.today.year() - age;
        let draft =
            Draft { sex, born, appointed: born + self.dice.between(23, 28), contract: false };
        let degrees: &[&str] = match (office.unit, seat) {
            ("Dinas Kesehatan", 0) => &["M.Kes."],
            ("Dinas Kesehatan", _) => &["S.K.M., M.Kes."],
            ("Dinas Pendidikan Daerah", _) => &["S.Pd., M.Pd."],
            _ => &[
                "S.Sos., M.Si.",
                "S.H., M.H.",
                "S.E., M.M.",
                "S.STP., M.AP.",
                "S.T., M.T.",
                "S.IP., M.Si.",
            ],
        };
        let before = if (office.unit, seat) == ("Dinas Kesehatan", 0) { "dr." } else { "" };
        let after = *self.dice.pick(degrees);
        let rank = posts::rank_of_official(self.dice, seat);
        let unit = self.unit(office.unit)?;
        self.complete(&draft, unit, (before, after), (office.position(seat), rank)).await
    }

    async fn namesake(
        &mut self,
        nip: &str,
        name: &str,
        email: &str,
        unit: &str,
    ) -> anyhow::Result<()> {
        let school = unit == "Dinas Pendidikan Daerah";
        let nip = Nip::parse(nip, self.today)?;
        let (position, rank) = match nip.employment() {
            people::Employment::Pppk => ("Perawat Ahli Pertama", "Golongan IX"),
            people::Employment::Pns if school => ("Guru Ahli Muda", "Penata (III/c)"),
            people::Employment::Pns => ("Penelaah Teknis Kebijakan", "Penata (III/c)"),
        };
        let new = NewPerson {
            name: name.to_owned(),
            nip,
            email: Some(email.to_owned()).filter(|email| !email.is_empty()),
            unit: self.unit(unit)?,
            position: Some(position.to_owned()),
            rank: Some(rank.to_owned()),
            service: people::Service::default(),
        };
        self.add(new, 40).await?;
        Ok(())
    }

    async fn ordinary(&mut self, office: &OfficeOf) -> anyhow::Result<()> {
        let sex = if self.dice.chance(54) { Sex::Woman } else { Sex::Man };
        let since = self.begun.year();
        let born = self.dice.between(since - 55, since - 23);
        let contract = since >= 2021 && self.dice.chance(28);
        let appointed = if contract {
            self.dice.between(2021, since)
        } else {
            (born + self.dice.between(22, 31)).min(since)
        };
        let draft = Draft { sex, born, appointed, contract };
        let post = posts::draw(self.dice, office.trade, sex == Sex::Woman);
        let after = *self.dice.pick(post.after);
        let place = if contract {
            post.on_contract()
        } else {
            post.after_years(self.today.year() - appointed)
        };
        let unit = self.place(office)?;
        self.complete(&draft, unit, (post.before, after), place).await
    }

    /// Finds a name, a NIP and perhaps an e-mail address, and records.
    async fn complete(
        &mut self,
        draft: &Draft,
        unit: UnitId,
        (before, after): (&str, &str),
        (position, rank): (String, &str),
    ) -> anyhow::Result<()> {
        let (bare, muslim) = self.name(draft.sex);
        let pilgrim = muslim && self.today.year() - draft.born >= 45 && self.dice.chance(25);
        let hajj = match draft.sex {
            _ if !pilgrim => "",
            Sex::Man => "H.",
            Sex::Woman => "Hj.",
        };
        let words = [before, hajj, &bare].into_iter().filter(|word| !word.is_empty());
        let mut name = words.collect::<Vec<_>>().join(" ");
        if !after.is_empty() {
            name = format!("{name}, {after}");
        }
        let email = if self.dice.chance(92) { Some(self.mailbox(&bare)) } else { None };
        let nip = self.nip(draft)?;
        let zeal = match self.dice.between(1, 100) {
            ..=14 => self.dice.between(DILIGENT, 100),
            15..=55 => self.dice.between(15, 45),
            _ => self.dice.between(2, 14),
        };
        self.add(
            NewPerson {
                name,
                nip,
                email,
                unit,
                position: Some(position),
                rank: Some(rank.to_owned()),
                service: people::Service::default(),
            },
            zeal,
        )
        .await?;
        Ok(())
    }

    fn unit(&self, name: &str) -> anyhow::Result<UnitId> {
        self.units.get(name).copied().with_context(|| format!("unit {name:?} tidak ada"))
    }

    /// A name that nobody has yet, as far as that can be had.
    fn name(&mut self, sex: Sex) -> (String, bool) {
        let mut drawn = names::draw(self.dice, sex, 0);
        for tried in 1..50 {
            if self.names.insert(drawn.0.clone()) {
                break;
            }
            drawn = names::draw(self.dice, sex, tried);
        }
        drawn
    }

    /// Of the last two words of the name; a number tells equal ones apart.
    fn mailbox(&mut self, bare: &str) -> String {
        let words: Vec<&str> = bare.split(' ').collect();
        let mailbox = words[words.len().saturating_sub(2)..].join(".").to_lowercase();
        let used = self.mailboxes.entry(mailbox.clone()).or_default();
        *used += 1;
        let number = if *used > 1 { used.to_string() } else { String::new() };
        format!("{mailbox}{number}@sulteng.example")
    }

    fn nip(&mut self, draft: &Draft) -> anyhow::Result<Nip> {
        let sex = if draft.sex == Sex::Man { 1 } else { 2 };
        let Draft { born, appointed, .. } = draft;
        for _ in 0..1000 {
            let (month, day) = (self.dice.between(1, 12), self.dice.between(1, 28));
            let marker = if draft.contract { 21 } else { self.dice.between(1, 6) };
            let serial = self.dice.between(1, 40);
            let digits =
                format!("{born:04}{month:02}{day:02}{appointed:04}{marker:02}{sex}{serial:03}");
            let nip = Nip::parse(&digits, self.today)?;
            if self.nips.insert(nip.clone()) {
                return Ok(nip);
            }
        }
        anyhow::bail!("tidak ada lagi NIP yang dapat dibuat untuk kelahiran {born}")
    }

    /// Who records: the administrator; the administrator was recorded by nobody.
    fn recorder(&self, person: PersonId) -> Option<PersonId> {
        self.people.get(ADMINISTRATOR).map(|first| first.id).filter(|first| *first != person)
    }

    async fn add(&mut self, new: NewPerson, zeal: i32) -> anyhow::Result<PersonId> {
        let by = self.people.get(ADMINISTRATOR).map(|first| first.id);
        let id = people::add(self.db, &new, by, self.begun).await?;
        account::set_password(self.db, id, self.hash, self.begun).await?;
        self.nips.insert(new.nip.clone());
        let NewPerson { name, nip, email, position, .. } = new;
        let (bare, nip) = (bare(&name), nip.as_str().to_owned());
        self.people.push(Person {
            id,
            name,
            bare,
            nip,
            email,
            position: position.unwrap_or_default(),
            zeal,
        });
        Ok(id)
    }
}

/// A name without its titles.
/// Without titles.
pub(super) fn bare(name: &str) -> String {
    let name = name.split(',').next().unwrap_or(name);
    let words = name
        .split(' ')
        .skip_while(|word| matches!(*word, "dr." | "drh." | "apt." | "H." | "Hj." | "Drs."));
    words.collect::<Vec<_>>().join(" ")
}
