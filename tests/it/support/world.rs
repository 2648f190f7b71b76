//! People, classes and places in them, made through the domain's own functions at literal times.

use std::{
    path::PathBuf,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use chrono::{DateTime, Duration, Utc};
use smartclass::{
    App, account,
    account::Role,
    attendance::{self, read},
    class::{self, Class, Lane, Part, Speaker, Speaking},
    clock::Clock,
    config::{Config, Smtp},
    enrolment::{self, State},
    ids::{ClassId, ImportId, PersonId, UnitId},
    password::Hasher,
    people::{self, NewPerson, Nip},
    router,
    schedule::{self, Plan},
};
use sqlx::{PgConnection, PgPool, Postgres, pool::PoolConnection};

use super::{Visitor, Zoom, wita};

/// The password of everybody who has one.
pub const PASSWORD: &str = "pisang goreng di teras";

/// Worked out once: hashing takes long on purpose.
static HASH: LazyLock<String> = LazyLock::new(|| {
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(Hasher::default().hash(PASSWORD.into())).unwrap()
    })
    .join()
    .unwrap()
});

/// When the world is made: a Monday, a week and a day before its classes.
pub fn monday() -> DateTime<Utc> {
    wita("2026-03-02 09:00")
}

/// When the report of a class can be had: its first evening.
pub fn evening() -> DateTime<Utc> {
    wita("2026-03-10 19:00")
}

#[derive(Clone)]
pub struct World {
    pub db: PgPool,
    people: Arc<AtomicU32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub nip: String,
}

pub fn config(base_url: &str) -> Arc<Config> {
    let addr = ([127, 0, 0, 1], 8080).into();
    Arc::new(Config {
        database_url: None,
        addr,
        base_url: base_url.into(),
        data: PathBuf::new(),
        trusted_proxies: Vec::new(),
        mail: None,
        single_sign_on: None,
    })
}

impl World {
    pub fn new(db: PgPool) -> Self {
        Self { db, people: Arc::default() }
    }

    pub async fn conn(&self) -> PoolConnection<Postgres> {
        self.db.acquire().await.unwrap()
    }

    pub fn app(&self, at: DateTime<Utc>) -> App {
        let config = config("http://127.0.0.1:8080");
        App { db: self.db.clone(), clock: Clock::Stopped(at), config, hasher: Hasher::default() }
    }

    /// The site where mails are sent: to a server that need not run, since a worker does it.
    pub fn mailing(&self, at: DateTime<Utc>) -> App {
        let from = "kelas@sulteng.example".parse().unwrap();
        let mail = Some(Smtp { url: "smtp://127.0.0.1:1".into(), from });
        let config = Config { mail, ..(*config("http://127.0.0.1:8080")).clone() };
        App { config: Arc::new(config), ..self.app(at) }
    }

    /// Somebody who looks at the site at that time and is not signed in.
    pub fn visitor(&self, at: DateTime<Utc>) -> Visitor {
        Visitor::new(router(self.app(at)))
    }

    /// The person, signed in since that time and looking at the site then.
    pub async fn signed_in(&self, person: &Person, at: DateTime<Utc>) -> Visitor {
        let token = account::sign_in(&mut *self.conn().await, person.id, false, at).await.unwrap();
        self.visitor(at).with_cookie("sid", &token)
    }

    pub fn person(&self, name: &str) -> NewOne<'_> {
        NewOne {
            world: self,
            name: name.into(),
            email: None,
            role: None,
            unit: None,
            password: false,
            second: true,
        }
    }

    pub async fn organiser(&self) -> Person {
        self.person("Ratna Organizer, S.Sos.").role(Role::Organiser).create().await
    }

    /// People named `Orang 1` and so on.
    pub async fn people(&self, count: usize) -> Vec<Person> {
        let mut people = Vec::new();
        for n in 1..=count {
            people.push(self.person(&format!("Orang {n}")).create().await);
        }
        people
    }

    pub fn class(&self) -> NewClass<'_> {
        NewClass { world: self, plan: plan(), draft: false }
    }

    pub async fn find(&self, class: ClassId) -> Class {
        class::find(&mut *self.conn().await, class).await.unwrap()
    }

    /// The class's address for the public.
    pub async fn address(&self, class: ClassId) -> String {
        format!("/kelas/{}", self.find(class).await.slug.unwrap())
    }

    pub async fn enrol(&self, class: ClassId, person: &Person) -> State {
        let mut tx = self.db.begin().await.unwrap();
        let state = enrolment::enrol(&mut tx, class, person.id, monday()).await.unwrap();
        tx.commit().await.unwrap();
        state
    }

    pub async fn withdraw(&self, class: ClassId, person: &Person) {
        let mut tx = self.db.begin().await.unwrap();
        enrolment::withdraw(&mut tx, class, person.id, monday()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Uploads the report and confirms it as it stands.
    pub async fn import(&self, class: ClassId, report: &Zoom, by: &Person) -> ImportId {
        let import = self.upload(class, report, by).await;
        self.confirm(import, by).await;
        import
    }

    pub async fn upload(&self, class: ClassId, report: &Zoom, by: &Person) -> ImportId {
        let expected = read::expected(&self.find(class).await);
        let upload = read::Upload::read("laporan.csv", report.csv(), &expected).unwrap();
        let mut tx = self.db.begin().await.unwrap();
        let import = attendance::upload(&mut tx, class, &upload, by.id, evening()).await.unwrap();
        tx.commit().await.unwrap();
        import
    }

    pub async fn confirm(&self, import: ImportId, by: &Person) {
        let mut tx = self.db.begin().await.unwrap();
        let seen = attendance::preview(&mut tx, import, by.id).await.unwrap().digest;
        attendance::confirm(&mut tx, import, &seen, by.id, evening()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn undo(&self, import: ImportId, by: &Person) {
        let mut tx = self.db.begin().await.unwrap();
        attendance::undo(&mut tx, import, by.id, evening()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn root(&self) -> UnitId {
        people::root_unit(&mut *self.conn().await).await.unwrap()
    }

    /// The code that the person's app shows at that moment.
    pub async fn code(&self, person: &Person, at: DateTime<Utc>) -> String {
        let standing = account::second::standing(&mut *self.conn().await, person.id).await;
        standing.unwrap().unwrap().0.code(at).unwrap()
    }

    /// The unit of that name.
    pub async fn unit(&self, name: &str) -> UnitId {
        let units = people::units(&mut *self.conn().await, monday()).await.unwrap();
        units.into_iter().find(|unit| unit.name == name).unwrap().id
    }
}

/// Somebody to be recorded.
pub struct NewOne<'a> {
    world: &'a World,
    name: String,
    email: Option<String>,
    role: Option<Role>,
    unit: Option<UnitId>,
    password: bool,
    second: bool,
}

/// An authenticator for the person, confirmed an hour before the world is made.
pub async fn set_up(db: &mut PgConnection, person: PersonId) {
    let before = monday() - Duration::hours(1);
    let secret = account::second::begin(db, person, before).await.unwrap().unwrap();
    let code = secret.code(before).unwrap();
    assert!(account::second::confirm(db, person, &code, &[], before).await.unwrap());
}

impl NewOne<'_> {
    pub fn email(mut self, email: &str) -> Self {
        self.email = Some(email.into());
        self
    }

    pub fn role(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    /// Works in that unit, for which the role is held as well; at the root unless told.
    pub fn unit(mut self, unit: UnitId) -> Self {
        self.unit = Some(unit);
        self
    }

    /// With the password of everybody who has one.
    pub fn with_password(mut self) -> Self {
        self.password = true;
        self
    }

    /// Without the second factor that the role asks for.
    pub fn password_only(mut self) -> Self {
        self.password = true;
        self.second = false;
        self
    }

    pub async fn create(self) -> Person {
        let n = self.world.people.fetch_add(1, Ordering::Relaxed);
        let nip = format!("199001{:02}2015011{:03}", 1 + n / 999, 1 + n % 999);
        let today = monday().date_naive();
        let mut tx = self.world.db.begin().await.unwrap();
        let unit = match self.unit {
            Some(unit) => unit,
            None => people::root_unit(&mut tx).await.unwrap(),
        };
        let new = NewPerson {
            name: self.name.clone(),
            nip: Nip::parse(&nip, today).unwrap(),
            email: self.email,
            unit,
            position: None,
            rank: None,
            service: people::Service::default(),
        };
        let id = people::add(&mut tx, &new, None, monday()).await.unwrap();
        if let Some(role) = self.role {
            account::grant(&mut tx, id, role, unit, None, monday()).await.unwrap();
            if role.needs_second() && self.second {
                set_up(&mut tx, id).await;
            }
        }
        if self.password {
            account::set_password(&mut tx, id, &HASH, monday()).await.unwrap();
        }
        tx.commit().await.unwrap();
        Person { id, name: self.name, nip }
    }
}

/// Two hours on the morning of 10 March, 30 seats.
pub fn plan() -> Plan {
    let starts = wita("2026-03-10 09:00");
    Plan {
        title: "Menyusun Arsip Digital".into(),
        summary: "Satu pagi di Zoom.".into(),
        description: String::new(),
        audience: "Semua ASN".into(),
        jp: 2,
        quota: 30,
        enrolment_opens: None,
        enrolment_closes: starts,
        withdrawal_until: wita("2026-03-09 23:59"),
        presence_percent: 80,
        zoom_meeting_id: None,
        parts: vec![Part { starts, ends: wita("2026-03-10 11:00"), really: None }],
        lanes: vec![(Lane::Zoom, "https://zoom.us/j/84512207741".into())],
        speakers: vec![speaker("Nirmala Sausu, S.Sos.")],
    }
}

pub fn speaker(name: &str) -> Speaker {
    Speaker {
        speaking: Speaking::Speaker,
        name: name.into(),
        office: "Arsiparis".into(),
        person: None,
    }
}

/// A class to be laid down, and published unless it is to stay a draft.
pub struct NewClass<'a> {
    world: &'a World,
    pub plan: Plan,
    draft: bool,
}

impl NewClass<'_> {
    pub fn title(mut self, title: &str) -> Self {
        self.plan.title = title.into();
        self
    }

    pub fn summary(mut self, summary: &str) -> Self {
        self.plan.summary = summary.into();
        self
    }

    pub fn speaker(mut self, name: &str) -> Self {
        self.plan.speakers = vec![speaker(name)];
        self
    }

    pub fn seats(mut self, seats: i32) -> Self {
        self.plan.quota = seats;
        self
    }

    pub fn opens(mut self, at: &str) -> Self {
        self.plan.enrolment_opens = Some(wita(at));
        self
    }

    pub fn closes(mut self, at: &str) -> Self {
        self.plan.enrolment_closes = wita(at);
        self
    }

    /// Two hours from then on.
    pub fn starts(mut self, at: &str) -> Self {
        let starts = wita(at);
        self.plan.parts = vec![Part { starts, ends: starts + Duration::hours(2), really: None }];
        self.plan.enrolment_closes = starts;
        self.plan.withdrawal_until = starts - Duration::hours(10);
        self
    }

    pub fn draft(mut self) -> Self {
        self.draft = true;
        self
    }

    pub async fn create(self) -> ClassId {
        let mut tx = self.world.db.begin().await.unwrap();
        let by = self.world.person("Pembuat Kelas").create().await.id;
        let class = schedule::create(&mut tx, &self.plan, None, by, monday()).await.unwrap();
        if !self.draft {
            schedule::publish(&mut tx, class, by, monday()).await.unwrap();
        }
        tx.commit().await.unwrap();
        class
    }
}
