//! Whatever is typed or put into an address, the answer is a page in words.

use std::collections::BTreeSet;

use smartclass::{account::Role, routes};
use sqlx::PgPool;

use crate::support::{
    Visitor, World, Zoom,
    form::encoded,
    visitor::css,
    world::{evening, monday},
};

/// Values that no page offers, for every name that an address may have.
const NONSENSE: [&str; 9] = [
    "\0",
    "a\0b",
    "abc",
    "-1",
    "99999999999999999999999999",
    "2147483647",
    "-5000-01",
    "\u{202e}\u{1f600}'\"%_\\",
    "2026-13",
];
const NAMES: [&str; 9] = ["q", "hal", "bulan", "bagian", "tahun", "kode", "baris", "unit", "ke"];

/// Everybody's pages of a world with a class, people and a report.
async fn visitors(db: PgPool) -> (Vec<Visitor>, Vec<String>) {
    let world = World::new(db);
    let class = world.class().create().await;
    let by = world.organiser().await;
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let ada = world.person("Ada").create().await;
    world.enrol(class, &ada).await;
    let import = world.upload(class, &Zoom::new().stay("Ada", "", "09:00", "11:00"), &by).await;
    let known = [
        ("{class}", class.to_string()),
        ("{person}", ada.id.to_string()),
        ("{import}", import.to_string()),
        ("{unit}", world.unit("Dinas Sosial").await.to_string()),
        ("{slug}", world.find(class).await.slug.unwrap()),
    ];
    let gets = routes::table().into_iter().filter(|route| route.method == "GET");
    let fill =
        |path: &str| known.iter().fold(path.to_owned(), |at, (name, is)| at.replace(name, is));
    let pages = gets.map(|route| fill(route.path)).collect();
    let mut visitors = Vec::new();
    for person in [&by, &admin, &ada] {
        visitors.push(world.signed_in(person, evening()).await);
    }
    (visitors, pages)
}

fn must_answer(visitor: &Visitor, what: &str) {
    assert!(!visitor.status.is_server_error(), "{what}: {}", visitor.status);
    assert!(visitor.status != 400 || visitor.page().contains("<h1>"), "{what}: no page");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn no_address_breaks_a_page(db: PgPool) {
    let (mut visitors, pages) = visitors(db).await;
    for path in pages.iter().filter(|path| !path.contains('{')) {
        for visitor in &mut visitors {
            for wrong in NONSENSE {
                let query = encoded(&NAMES.map(|name| (name, wrong)));
                visitor.peek(&format!("{path}?{query}")).await;
                must_answer(visitor, &format!("{path} {wrong:?}"));
            }
        }
    }
    for path in ["/kelas/%00", "/v/%00", "/aktivasi/a%00", "/saya/sertifikat/%00.pdf", "/%00"] {
        visitors[0].peek(path).await;
        must_answer(&visitors[0], path);
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_page_that_is_no_number_is_the_first(db: PgPool) {
    let world = World::new(db);
    world.class().create().await;
    let admin = world.person("Admin").role(Role::Administrator).create().await;
    let mut visitor = world.signed_in(&admin, monday()).await;
    for hal in ["abc", "-1", "99999999999999999999", "7"] {
        visitor.open(&format!("/kelola/orang?hal={hal}")).await.must_see("Admin");
        visitor.open(&format!("/kelas?bulan=abc&hal={hal}")).await;
        assert_eq!(visitor.sees(".card").len(), 1, "{hal}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn no_field_of_any_form_breaks_on_a_zero_byte(db: PgPool) {
    let (mut visitors, pages) = visitors(db).await;
    let mut tried = BTreeSet::new();
    for path in pages.iter().filter(|path| !path.contains('{')) {
        for visitor in &mut visitors {
            for (method, address, fields) in forms(visitor, path).await {
                for wrong in
                    fields.iter().filter(|field| tried.insert(format!("{address} {field}")))
                {
                    let pairs: Vec<_> = fields
                        .iter()
                        .map(|name| (name.as_str(), if name == wrong { "a\0b" } else { "1" }))
                        .collect();
                    match method.as_str() {
                        "post" => visitor.post(&address, &pairs).await,
                        _ => visitor.peek(&format!("{address}?{}", encoded(&pairs))).await,
                    };
                    must_answer(visitor, &format!("{address} {wrong}"));
                }
            }
        }
    }
    assert!(tried.len() > 40, "{tried:?}");
}

/// The method, address and fields of each form on the page.
async fn forms(visitor: &mut Visitor, path: &str) -> Vec<(String, String, Vec<String>)> {
    visitor.peek(path).await;
    let html = visitor.html();
    let (form, field) = (css("form"), css("[name]"));
    html.select(&form)
        .filter(|form| form.attr("action") != Some("/keluar"))
        .map(|form| {
            let names = form.select(&field).filter_map(|one| one.attr("name"));
            (
                form.attr("method").unwrap_or("get").to_owned(),
                form.attr("action").unwrap_or(path).to_owned(),
                names.map(str::to_owned).collect(),
            )
        })
        .collect()
}
