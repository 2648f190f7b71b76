//! Role × route × whose object it is. What comes of it is a table, `matrix.txt`, that is read by people
//! and compared with what the program does.
//!
//! Every address that names an object is asked for with the visitor's own object and with another's:
//! another person's, of another unit, of another class. What posts is sent without what its form
//! asks for, so that one sees whether the object was found: 404 where not, and otherwise what the
//! form or a rule says (303, 409, 422).

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use axum::http::StatusCode;
use smartclass::account::{Permission, Role};
use sqlx::PgPool;

use super::{
    objects::{Objects, names},
    written::ROUTES,
};
use crate::support::{Visitor, World, form::Filled, world::evening};

/// Who asks: a name for the head of the table, and their role. Whoever holds one for less than the
/// province holds it for Dinas Sosial, where they work.
const VISITORS: [(&str, Option<Role>, bool); 8] = [
    ("learner", None, false),
    // Speaks in the class that is theirs.
    ("speaker", None, false),
    ("operator", Some(Role::UnitOperator), false),
    ("organiser", Some(Role::Organiser), true),
    ("leader", Some(Role::Leader), false),
    ("auditor", Some(Role::Auditor), true),
    ("admin-unit", Some(Role::Administrator), false),
    ("admin", Some(Role::Administrator), true),
];

/// Where an object that is another's, or not there, is answered by something else than 404 or 403:
/// whose it is, for whom, at which addresses, and why.
const REASONS: &[(&str, &str, &str, &str)] = &[
    ("other", "organiser auditor", "/kelola/kelas/{class}", "classes belong to no unit"),
    ("other", "organiser", "/kelola/sertifikat/", "certificates belong to classes"),
    ("other", "admin", "/kelola/orang/{person}", "every person is within their reach"),
    ("other", "admin", "/kelola/unit/{unit}", "every unit is within their reach"),
    ("other", "admin", "/kelola/permintaan/", "every record is within their reach"),
    ("other", "admin", "/kelola/orang/impor/{list}", "they see everybody's lists"),
    ("none", "admin", "/kelola/pengaturan/penanda-tangan/", "pressed twice: it is gone, as asked"),
];

/// What belongs to nobody in particular: it is there or not.
const NOBODYS: [&str; 3] = ["slug", "entry", "signer"];

/// Whose each object of the address is: every way to mix one's own with another's, and one's own with
/// one that is not there.
fn mixtures(path: &str) -> Vec<Vec<&'static str>> {
    let names = names(path);
    let owners = |name: &str| match name {
        "request" => vec!["own", "other", "hours"],
        name if NOBODYS.contains(&name) => vec!["own"],
        _ => vec!["own", "other"],
    };
    let mixed = names.iter().fold(vec![vec![]], |ways, name| {
        let with = |way: &Vec<&'static str>| {
            owners(name).into_iter().map(|owner| [&way[..], &[owner]].concat()).collect::<Vec<_>>()
        };
        ways.iter().flat_map(with).collect()
    });
    let missing = (0..names.len())
        .map(|gone| (0..names.len()).map(|n| if n == gone { "none" } else { "own" }).collect());
    mixed.into_iter().chain(missing).collect()
}

/// Addresses that name an object and are not open to everybody.
fn routes() -> impl Iterator<Item = (&'static str, &'static str)> {
    let objects = ROUTES
        .iter()
        .filter(|(_, path, who)| *who != Permission::Public && !names(path).is_empty());
    objects.map(|(method, path, _)| (*method, *path))
}

/// What one visitor gets at each address, in the order of the table.
async fn column_of(world: &World, n: usize) -> Vec<StatusCode> {
    let (name, role, everywhere) = VISITORS[n];
    let mut visitor = world.person("Pengamat");
    if !everywhere {
        visitor = visitor.unit(world.unit("Dinas Sosial").await);
    }
    if let Some(role) = role {
        visitor = visitor.role(role);
    }
    let person = visitor.create().await;
    let mut objects = Objects::make(world, &person, name == "speaker").await;
    let mut answers = Vec::new();
    for (method, path) in routes() {
        for whose in mixtures(path) {
            let mut visitor: Visitor = world.signed_in(&person, evening()).await;
            let address = objects.address(path, &whose);
            if method == "GET" {
                visitor.peek(&address).await;
            } else {
                let filled = Filled { path: address.clone(), ..objects.form(path) };
                visitor.submit_only(filled).await;
                if visitor.status.is_success() || visitor.status.is_redirection() {
                    objects = Objects::make(world, &person, name == "speaker").await;
                }
            }
            let (status, to) = (visitor.status, visitor.location().unwrap_or_default());
            assert!(!status.is_server_error(), "{name}: {method} {address}: {status}");
            assert!(!to.starts_with("/masuk"), "{name} is signed in, at {address}");
            answers.push(status);
        }
    }
    answers
}

/// The table as text: a line for each address and mixture, a column for each visitor.
fn table(columns: &[Vec<StatusCode>]) -> String {
    let mut text = format!("{:<70} {:<12}", "address", "whose");
    for (name, ..) in VISITORS {
        write!(text, " {name:>10}").unwrap();
    }
    text.push('\n');
    let lines = routes().flat_map(|(method, path)| {
        mixtures(path)
            .into_iter()
            .map(move |whose| (format!("{method:<4} {path}"), whose.join(" ")))
    });
    for (line, (address, whose)) in lines.enumerate() {
        write!(text, "{address:<70} {whose:<12}").unwrap();
        for column in columns {
            write!(text, " {:>10}", column[line].as_u16()).unwrap();
        }
        text.push('\n');
    }
    text
}

fn file() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/permissions/matrix.txt")
}

/// Lines that only one of the tables has.
fn difference(written: &str, found: &str) -> Vec<String> {
    let (was, is): (BTreeSet<&str>, BTreeSet<&str>) =
        (written.lines().collect(), found.lines().collect());
    let gone = was.difference(&is).map(|line| format!("- {line}"));
    let new = is.difference(&was).map(|line| format!("+ {line}"));
    gone.chain(new).collect()
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn every_role_finds_what_the_table_says_of_its_own_and_of_others(db: PgPool) {
    let world = World::new(db);
    let mut columns = Vec::new();
    for n in 0..VISITORS.len() {
        columns.push(column_of(&world, n).await);
    }
    let found = table(&columns);
    if std::env::var_os("SMARTCLASS_WRITE_MATRIX").is_some() {
        fs::write(file(), &found).unwrap();
    }
    let differing = difference(&fs::read_to_string(file()).unwrap_or_default(), &found);
    assert!(
        differing.is_empty(),
        "tests/it/permissions/matrix.txt says otherwise (-) than the program does (+):\n{}\n\
         Where the program is right: SMARTCLASS_WRITE_MATRIX=1 with this test writes it anew; read what changed.",
        differing.join("\n")
    );
}

/// Cells of what is another's, or not there, that are neither 404 nor 403 though no reason says why.
fn unexplained(table: &str) -> Vec<String> {
    let mut lines = table.lines();
    let roles: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().skip(2).collect();
    let mut found = Vec::new();
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (address, cells) = words.split_at(words.len() - roles.len());
        let (path, whose) = (address[1], &address[2..]);
        let Some(whose) = ["none", "other"].into_iter().find(|one| whose.contains(one)) else {
            continue;
        };
        let explained = |role: &str| {
            REASONS.iter().any(|(of, to, start, _)| {
                *of == whose && to.split(' ').any(|one| one == role) && path.starts_with(start)
            })
        };
        for (role, cell) in roles.iter().zip(cells) {
            if !matches!(*cell, "404" | "403") && !explained(role) {
                found.push(format!("{role} gets {cell} at {}", address.join(" ")));
            }
        }
    }
    found
}

#[test]
fn whatever_is_found_of_others_has_a_reason() {
    let table = fs::read_to_string(file()).unwrap();
    assert_eq!(unexplained(&table), [""; 0]);
    let open = table.replace("404", "200");
    assert!(unexplained(&open).len() > 100, "one more would be noticed");
}

/// What a form or a query names instead of the address.
#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_belongs_to_others_is_not_found_by_way_of_a_form_or_a_query_either(db: PgPool) {
    let world = World::new(db.clone());
    let here = world.unit("Dinas Sosial").await;
    for role in [Role::UnitOperator, Role::Administrator] {
        let person = world.person("Pengamat").unit(here).role(role).create().await;
        let Objects { kinds, .. } = Objects::make(&world, &person, false).await;
        let find = |name| kinds.iter().find(|kind| kind.name == name).unwrap();
        let (unit, people, class) = (find("unit"), find("person"), find("class"));
        let (other_unit, far) = (unit.other.clone().unwrap(), people.other.clone().unwrap());
        let near = &people.own;
        let mut visitor = world.signed_in(&person, evening()).await;
        let mut looks = vec![
            format!("/kelola/orang?unit={other_unit}"),
            format!("/kelola/orang/slip?unit={other_unit}"),
        ];
        if role == Role::UnitOperator {
            looks.push(format!("/kelola/laporan/kurang?unit={other_unit}"));
            looks.push(format!("/kelola/laporan/kurang.xlsx?unit={other_unit}"));
        } else {
            looks.push(format!("/kelola/orang/{near}/gabung?dengan={far}"));
        }
        for look in looks {
            visitor.peek(&look).await;
            assert_eq!(visitor.status, 404, "{role:?}: {look}");
        }
        visitor.post("/kelola/orang/slip", &[("orang", far.as_str())]).await;
        assert_eq!(visitor.status, 404, "a slip for somebody else's person");
        if role == Role::Administrator {
            let merge = format!("/kelola/orang/{near}/gabung");
            visitor.post(&merge, &[("dengan", far.as_str())]).await;
            assert_eq!(visitor.status, 404);
            for act in ["pindah", "gabung"] {
                let path = format!("/kelola/unit/{}/{act}", unit.own);
                visitor.post(&path, &[("ke", other_unit.as_str())]).await;
                assert_eq!(visitor.problem("ke"), "Pilih unit tujuan.");
            }
        }
        visitor.open("/saya/permintaan/baru").await;
        let key = visitor.value("key");
        let subject = format!("kelas-{}", class.other.clone().unwrap());
        let typed =
            [("key", key.as_str()), ("subject", &subject), ("wanted", "2"), ("reason", "x")];
        visitor.post("/saya/permintaan", &typed).await;
        assert!(!visitor.problem("subject").is_empty(), "a class of somebody else");
    }
}
