//! Who may use which address: every route, for everybody.
//!
//! To add a route, add its line to `written.rs`. `{name}` is filled in by `address`.

mod matrix;
mod objects;
mod written;

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use smartclass::{
    account::{
        Permission::{
            self, Administer, Answer, Audit, Configure, Inspect, Keep, Learner, Organise, Public,
            Report,
        },
        Role,
    },
    ids::ClassId,
    routes,
};
use sqlx::PgPool;

use written::ROUTES;

use crate::support::{
    Visitor, World, Zoom, column,
    world::{evening, monday},
};

/// Whom each permission lets in, of those with a role.
fn roles(permission: Permission) -> &'static [Role] {
    match permission {
        Public | Learner => &Role::ALL,
        Organise => &[Role::Organiser],
        Inspect => &[Role::Organiser, Role::Auditor],
        Report => &[Role::Organiser, Role::Leader, Role::Auditor, Role::UnitOperator],
        Keep => &[Role::Administrator, Role::UnitOperator],
        Audit => &[Role::Auditor, Role::Administrator],
        Answer => &[Role::Organiser, Role::Administrator],
        Administer | Configure => &[Role::Administrator],
    }
}

type Table = BTreeMap<(String, String), String>;

fn table<'a>(routes: impl Iterator<Item = (&'a str, &'a str, Permission)>) -> Table {
    routes.map(|(method, path, who)| ((method.into(), path.into()), format!("{who:?}"))).collect()
}

/// Lines that stand in one table and not, or not so, in the other.
fn differences(one: &Table, other: &Table) -> Vec<(String, String)> {
    let differs = |at: &&(String, String)| one.get(*at) != other.get(*at);
    one.keys().chain(other.keys()).filter(differs).cloned().collect()
}

#[test]
fn every_address_has_the_permission_that_is_written_here() {
    let served = routes::table();
    let served =
        table(served.iter().map(|route| (route.method.as_str(), route.path, route.permission)));
    let written = table(ROUTES.iter().copied());
    assert_eq!(differences(&served, &written), []);
    assert_eq!(written.len(), ROUTES.len(), "a line is written twice");
}

#[test]
fn a_missing_and_a_changed_line_are_noticed() {
    let written = table(ROUTES.iter().copied());
    let missing = table(ROUTES.iter().copied().skip(1));
    assert_eq!(differences(&written, &missing), [("GET".into(), "/".into())]);
    let changed = table(ROUTES.iter().map(|(method, path, who)| {
        (*method, *path, if *path == "/kelola/orang/baru" { Organise } else { *who })
    }));
    assert_eq!(differences(&written, &changed).len(), 2);
}

/// The address with its parameters filled in by what exists in the world.
fn address(path: &str, known: &[(&str, String)]) -> String {
    let mut address = path.to_owned();
    for (name, value) in known {
        address = address.replace(&format!("{{{name}}}"), value);
    }
    while let (Some(from), Some(to)) = (address.find('{'), address.find('}')) {
        address.replace_range(from..=to, "1");
    }
    address
}

#[test]
fn parameters_are_filled_in_with_what_is_known_or_one() {
    assert_eq!(address("/a/{class}/b/{x}", &[("class", "7".into())]), "/a/7/b/1");
}

async fn known(world: &World, class: ClassId) -> Vec<(&'static str, String)> {
    let ada = world.person("Ada").create().await;
    world.enrol(class, &ada).await;
    let organiser = world.organiser().await;
    let import =
        world.upload(class, &Zoom::new().stay("Ada", "", "09:00", "11:00"), &organiser).await;
    let slug = world.find(class).await.slug.unwrap();
    vec![
        ("class", class.to_string()),
        ("person", ada.id.to_string()),
        ("import", import.to_string()),
        ("unit", world.unit("Dinas Sosial").await.to_string()),
        ("slug", slug),
    ]
}

/// Asks for every address in the name of somebody, who is signed in anew for each.
async fn ask_all(
    world: &World,
    who: Option<Role>,
    signed_in: bool,
) -> Vec<(StatusCode, Option<String>)> {
    let class = world.class().create().await;
    let known = known(world, class).await;
    let mut someone = world.person("Seseorang");
    if let Some(role) = who {
        someone = someone.role(role);
    }
    let someone = someone.create().await;
    let mut answers = Vec::new();
    for (method, path, _) in ROUTES {
        let mut visitor: Visitor = if signed_in {
            world.signed_in(&someone, evening()).await
        } else {
            world.visitor(evening())
        };
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        visitor.send(method, &address(path, &known), &[]).await;
        answers.push((visitor.status, visitor.location().map(str::to_owned)));
    }
    answers
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_is_let_in_before_signing_in(db: PgPool) {
    let world = World::new(db);
    let answers = ask_all(&world, None, false).await;
    for ((method, path, permission), (status, place)) in ROUTES.iter().zip(answers) {
        let sent_away =
            status == StatusCode::SEE_OTHER && place.is_some_and(|at| at.starts_with("/masuk"));
        // The second step of signing in begins with the first.
        let second_step = (*method, *path) == ("GET", "/masuk/kode");
        assert_eq!(sent_away, *permission != Public || second_step, "{method} {path}: {status}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn each_role_is_let_in_where_its_permission_says_and_nowhere_else(db: PgPool) {
    let world = World::new(db);
    for role in std::iter::once(None).chain(Role::ALL.map(Some)) {
        let answers = ask_all(&world, role, true).await;
        for ((method, path, permission), (status, _)) in ROUTES.iter().zip(answers) {
            let open = matches!(permission, Public | Learner);
            let may = open || role.is_some_and(|role| roles(*permission).contains(&role));
            assert_eq!(
                status != StatusCode::FORBIDDEN,
                may,
                "{method} {path} for {role:?}: {status}"
            );
            assert!(!status.is_server_error(), "{method} {path} for {role:?}: {status}");
        }
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_revoked_role_no_longer_opens_anything(db: PgPool) {
    let world = World::new(db);
    let organiser = world.organiser().await;
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let mut visitor = world.signed_in(&organiser, monday()).await;
    visitor.open("/kelola/jadwal").await;
    assert_eq!(visitor.status, StatusCode::OK);
    let mut admin = world.signed_in(&admin, monday()).await;
    admin.open(&format!("/kelola/orang/{}", organiser.id)).await;
    admin.press("Cabut peran Penyelenggara BPSDMD", &[]).await;
    visitor.open("/kelola/jadwal").await;
    assert_eq!(visitor.at, "/masuk?ke=/kelola/jadwal", "signs in anew with what is left");
    let mut visitor = world.signed_in(&organiser, monday()).await;
    visitor.open("/kelola/jadwal").await;
    assert_eq!(visitor.status, StatusCode::FORBIDDEN);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_belongs_to_others_looks_as_if_it_were_not_there(db: PgPool) {
    let world = World::new(db);
    let class = world.class().create().await;
    let (ada, bob) = (world.person("Ada").create().await, world.person("Bob").create().await);
    world.enrol(class, &ada).await;
    let mut bob = world.signed_in(&bob, monday()).await;
    for path in [
        format!("/saya/kelas/{class}"),
        format!("/saya/kelas/{class}/batal"),
        "/saya/sertifikat/1.pdf".into(),
    ] {
        bob.open(&path).await;
        assert_eq!(bob.status, StatusCode::NOT_FOUND, "{path}");
    }
    bob.post(&format!("/saya/kelas/{class}/batal"), &[]).await;
    assert_eq!(bob.status, StatusCode::NOT_FOUND, "nothing is said to be withdrawn");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_administrator_does_not_learn_which_records_beyond_their_reach_are_one(db: PgPool) {
    let world = World::new(db);
    let (here, there) = (world.unit("Dinas Sosial").await, world.unit("Dinas Pangan").await);
    let admin = world.person("Admin").unit(here).role(Role::Administrator).create().await;
    let stays = world.person("Ada").unit(there).create().await;
    let goes = world.person("Ada Lama").unit(there).create().await;
    smartclass::people::merge(&mut *world.conn().await, goes.id, stays.id, admin.id, monday())
        .await
        .unwrap();
    let mut admin = world.signed_in(&admin, monday()).await;
    let with = goes.id.to_string();
    admin.post(&format!("/kelola/orang/{}/gabung", stays.id), &[("dengan", &with)]).await;
    assert_eq!(admin.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_report_is_found_under_its_own_class_only(db: PgPool) {
    let world = World::new(db);
    let organiser = world.organiser().await;
    let (class, other) = (world.class().create().await, world.class().create().await);
    let import =
        world.upload(class, &Zoom::new().stay("Ada", "", "09:00", "11:00"), &organiser).await;
    let mut visitor = world.signed_in(&organiser, evening()).await;
    for rest in ["", "/batal", "/cari?baris=1"] {
        visitor.open(&format!("/kelola/kelas/{other}/impor/{import}{rest}")).await;
        assert_eq!(visitor.status, StatusCode::NOT_FOUND, "{rest}");
    }
    visitor.open(&format!("/kelola/kelas/{class}/impor/{import}")).await;
    assert_eq!(visitor.status, StatusCode::OK);
}

/// Rows of every table, but for those that reading may add: files that were drawn, when somebody
/// was last seen, and what the audit log says of looks.
async fn rows(db: &PgPool) -> Vec<String> {
    let tables = "select tablename::text from pg_tables where schemaname = 'public'
                  and tablename not in ('certificate_file', 'sign_in', 'audit_entry') order by 1";
    let mut rows = Vec::new();
    for table in column(db, tables).await {
        let hash = format!(
            "select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t"
        );
        rows.push(format!("{table} {}", column(db, &hash).await[0]));
    }
    rows
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn looking_at_pages_changes_nothing(db: PgPool) {
    let world = World::new(db.clone());
    let class = world.class().create().await;
    let known = known(&world, class).await;
    let mut looking = Vec::new();
    for role in [Role::Organiser, Role::Administrator, Role::Auditor] {
        let person = world.person("Pengunjung").role(role).create().await;
        looking.push(world.signed_in(&person, evening()).await);
    }
    let before = rows(&db).await;
    for visitor in &mut looking {
        for (_, path, _) in ROUTES.iter().filter(|(method, ..)| *method == "GET") {
            visitor.peek(&address(path, &known)).await;
        }
    }
    assert_eq!(rows(&db).await, before);
    world.enrol(class, &world.person("Satu Lagi").create().await).await;
    assert_ne!(rows(&db).await, before, "a change would be noticed");
}
