//! One object of each kind that an address can name: the visitor's own, and another's.

use axum::http::Method;
use smartclass::{
    account::Role,
    ids::UnitId,
    people::Field,
    privacy::{self, Asked, NewRequest},
    staff,
};
use sqlx::PgPool;

use crate::{
    certificate::{attended, issue, let_sign, of_class},
    support::{
        Person, World, Zoom,
        form::Filled,
        number, run,
        world::{evening, monday},
    },
};

/// The objects of one kind: the visitor's own, and another's where there is such a thing.
pub struct Kind {
    pub name: &'static str,
    pub own: String,
    pub other: Option<String>,
}

/// One object of each kind for the visitor, and one that is another's.
pub struct Objects {
    pub kinds: Vec<Kind>,
    /// Of hours, which organisers answer.
    hours: String,
    /// Somebody whose record could be one with the visitor's own person's.
    twin: String,
}

/// Asks for a correction; gives the number of the request.
async fn asked(world: &World, person: &Person, subject: Asked) -> String {
    let form_key = format!("{}-{subject:?}", person.id);
    let new = NewRequest { subject, wanted: "Lain".into(), reason: "SK".into(), form_key };
    privacy::ask(&mut *world.conn().await, person.id, &new, monday()).await.unwrap();
    number(&world.db, "select max(id) from correction_request").await.to_string()
}

/// A unit of its own below that one.
async fn below(db: &PgPool, unit: UnitId) -> String {
    let new = format!(
        "insert into unit (parent_id, name, valid_from)
         select {unit}, 'Seksi ' || max(id), '2020-01-01' from unit"
    );
    run(db, &new).await;
    number(db, "select max(id) from unit").await.to_string()
}

async fn grant_of(db: &PgPool, person: &Person) -> String {
    let grant = format!("select id from role_grant where person_id = {}", person.id);
    number(db, &grant).await.to_string()
}

impl Objects {
    pub async fn make(world: &World, visitor: &Person, speaks: bool) -> Self {
        let db = &world.db;
        let_sign(world).await;
        let (here, there) = (world.unit("Dinas Sosial").await, world.unit("Dinas Pangan").await);
        let near = world.person("Dekat").unit(here).create().await;
        let far = world.person("Jauh").unit(there).create().await;
        let twin = world.person("Kembar").unit(here).create().await;
        let chief = world.person("Pimpinan").unit(here).role(Role::Leader).create().await;
        let other_chief = world.person("Pimpinan").unit(there).role(Role::Leader).create().await;
        let by = world.organiser().await;

        let mut own = world.class();
        own.plan.speakers[0].person = speaks.then_some(visitor.id);
        let (class, other) = (own.create().await, world.class().create().await);
        for (class, person) in [(class, &near), (class, visitor), (other, &far)] {
            world.enrol(class, person).await;
        }
        let report = |name| Zoom::new().stay(name, "", "09:00", "11:00");
        let import = world.upload(class, &report("Dekat"), &by).await;
        let other_import = world.upload(other, &report("Jauh"), &by).await;
        let past = attended(world, &[visitor.clone(), far.clone()], &by).await;
        assert_eq!(issue(db, past, &by, evening()).await, 2);
        let papers = of_class(world, past).await;
        let paper =
            |of: &Person| papers.iter().find(|paper| paper.person == of.id).unwrap().id.to_string();
        let slug = world.find(class).await.slug.unwrap();
        let kind = |name, own, other| Kind { name, own, other: Some(other) };
        let nobodys = |name, own| Kind { name, own, other: None };
        let kinds = vec![
            kind("class", class.to_string(), other.to_string()),
            kind("person", near.id.to_string(), far.id.to_string()),
            kind("holder", chief.id.to_string(), other_chief.id.to_string()),
            kind("grant", grant_of(db, &chief).await, grant_of(db, &other_chief).await),
            kind("import", import.to_string(), other_import.to_string()),
            kind("file", paper(visitor), paper(&far)),
            kind("unit", below(db, here).await, there.to_string()),
            kind("list", list(world, visitor).await, list(world, &by).await),
            kind(
                "request",
                asked(world, &near, Asked::Record(Field::Name)).await,
                asked(world, &far, Asked::Record(Field::Name)).await,
            ),
            nobodys("slug", slug),
            nobodys("entry", number(db, "select max(id) from audit_entry").await.to_string()),
            nobodys("signer", signer(world).await),
        ];
        let hours = asked(world, &near, Asked::Hours(Some(class))).await;
        Self { kinds, hours, twin: twin.id.to_string() }
    }

    /// The object of that name in an address.
    fn value(&self, path: &str, name: &str, whose: &str) -> String {
        if whose == "hours" {
            return self.hours.clone();
        }
        // Only whoever holds a role has one to be taken.
        let of = if name == "person" && path.contains("{grant}") { "holder" } else { name };
        let kind = self.kinds.iter().find(|kind| kind.name == of);
        let kind = kind.unwrap_or_else(|| panic!("no object {name:?} for {path}"));
        let value = match (whose, &kind.other) {
            ("own", _) => &kind.own,
            ("other", Some(other)) => other,
            _ => "999999999",
        };
        // A certificate is a file to read and a number to act on.
        let file = name == "file" && path.ends_with("{file}");
        if file { format!("{value}.pdf") } else { value.to_owned() }
    }

    pub fn address(&self, path: &str, whose: &[&str]) -> String {
        let filled = names(path).into_iter().zip(whose);
        filled.fold(path.to_owned(), |address, (name, whose)| {
            address.replace(&format!("{{{name}}}"), &self.value(path, name, whose))
        })
    }

    /// As much of the form as leads to the object.
    pub fn form(&self, path: &str) -> Filled {
        let own = |name| self.value(path, name, "own");
        let body = match path.rsplit('/').next().unwrap_or_default() {
            "peran" => format!("role=leader&unit={}", own("unit")),
            "gabung" if path.contains("orang") => format!("dengan={}", self.twin),
            "usulan" => "proposal=1&putusan=tolak".into(),
            "pilih" => "row=1&person=".into(),
            "{list}" => "terlihat=x".into(),
            "impor" => "--b--\r\n".into(),
            _ => String::new(),
        };
        let form = "application/x-www-form-urlencoded";
        let kind = if path.ends_with("/impor") { "multipart/form-data; boundary=b" } else { form };
        Filled {
            method: Method::POST,
            path: String::new(),
            kind: kind.into(),
            body: body.into_bytes(),
        }
    }
}

/// A staff list that waits to be looked at.
/// A staff list that this person uploaded.
async fn list(world: &World, by: &Person) -> String {
    let text = format!("NIP;NAMA;UNIT KERJA\n{};Sari Dewi;Dinas Sosial\n", by.nip);
    let db = &mut world.conn().await;
    staff::store(db, "pegawai.csv", text.as_bytes(), by.id, evening()).await.unwrap().to_string()
}

async fn signer(world: &World) -> String {
    let settings = smartclass::settings::certificates(&mut *world.conn().await).await.unwrap();
    settings.signers[0].key()
}

/// The names of an address's objects.
pub fn names(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}
