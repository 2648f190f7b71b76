//! `/kelola/laporan/kurang`: the people of the visitor's units who lack hours.

use crate::{
    account::{Page, Permission, SignedIn},
    act::{self, Note},
    app::Db,
    clock::{Now, year_of},
    error::{Error, Result},
    ids::UnitId,
    people::unit::{self, Node},
    report::below::{self, Below, PAGE, Sought},
    web::{
        form,
        paging::Wanted,
        sheet::{self, Cell},
        show,
    },
};
use askama::Template;
use axum::{
    extract::Query,
    response::{Html, Response},
};
use serde::Deserialize;
use sqlx::PgConnection;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    tahun: String,
    unit: String,
    q: String,
    /// `ya` for those without any hours.
    kosong: String,
    hal: Wanted,
}

#[derive(Template)]
#[template(path = "report/below.html")]
struct BelowPage {
    page: Page,
    year: i32,
    this_year: i32,
    filter: Filter,
    /// The units to choose from.
    units: Vec<Node>,
    unit: Option<UnitId>,
    people: Vec<Below>,
    all: i64,
    here: i64,
    pages: i64,
}

impl BelowPage {
    fn query(&self) -> String {
        let Filter { unit, q, kosong, .. } = &self.filter;
        let [unit, q, kosong] = [unit, q, kosong].map(|text| show::encoded(text));
        format!("unit={unit}&q={q}&kosong={kosong}&")
    }

    fn is_chosen(&self, unit: &Node) -> bool {
        self.unit == Some(unit.id)
    }

    /// The same choice in another year.
    fn year_query(&self, year: i32) -> String {
        format!("tahun={year}&{}", self.query())
    }
}

/// The units that the visitor may choose from, and the one that they chose.
async fn choose(
    db: &mut PgConnection,
    scope: &[UnitId],
    typed: &str,
) -> Result<(Vec<Node>, Option<UnitId>)> {
    let tree = unit::tree(db).await?;
    let mut units: Vec<Node> = Vec::new();
    for one in scope {
        units.extend(tree.within(*one).iter().cloned());
    }
    units.sort_by(|one, other| one.path.cmp(&other.path));
    units.dedup_by_key(|one| one.id);
    let chosen = match typed.trim() {
        "" => None,
        typed => {
            let id = typed.parse().ok().map(UnitId);
            Some(id.filter(|id| units.iter().any(|one| one.id == *id)).ok_or(Error::NotFound)?)
        }
    };
    Ok((units, chosen))
}

pub(crate) async fn index(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Query(filter): Query<Filter>,
) -> Result<Html<String>> {
    let this_year = year_of(now);
    let year = form::year(&filter.tahun).unwrap_or(this_year);
    let scope = me.units_for(Permission::Report);
    let (units, unit) = choose(&mut db, &scope, &filter.unit).await?;
    let none_yet = filter.kosong == "ya";
    let sought = Sought { year, scope: &scope, unit, words: &filter.q, none_yet };
    let (people, all) = below::below(&mut db, &sought, Some(filter.hal)).await?;
    let (here, pages) = filter.hal.of(all, PAGE);
    let shown = BelowPage { page, year, this_year, filter, units, unit, people, all, here, pages };
    Ok(Html(shown.render()?))
}

pub(crate) async fn workbook(
    mut db: Db,
    me: SignedIn,
    Now(now): Now,
    Query(filter): Query<Filter>,
) -> Result<Response> {
    let year = form::year(&filter.tahun).unwrap_or_else(|| year_of(now));
    let scope = me.units_for(Permission::Report);
    let (_, unit) = choose(&mut db, &scope, &filter.unit).await?;
    act::note(&mut db, "Mengunduh daftar kurang JP", Note::default(), now).await?;
    let none_yet = filter.kosong == "ya";
    let sought = Sought { year, scope: &scope, unit, words: &filter.q, none_yet };
    let (people, _) = below::below(&mut db, &sought, None).await?;
    drop(db);
    let made = tokio::task::spawn_blocking(move || {
        let rows: Vec<Vec<Cell>> = people
            .into_iter()
            .map(|one| {
                let missing = one.missing();
                vec![
                    one.name.into(),
                    one.nip.into(),
                    one.position.unwrap_or_default().into(),
                    one.unit.into(),
                    one.jp.into(),
                    one.target.into(),
                    missing.into(),
                ]
            })
            .collect();
        let heads = [
            ("Nama", 40),
            ("NIP", 22),
            ("Jabatan", 36),
            ("Unit kerja", 44),
            ("JP", 8),
            ("Target", 8),
            ("Kurang", 8),
        ];
        sheet::workbook(&format!("Kurang JP {year}"), &heads, &rows)
    });
    let bytes = made.await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?;
    Ok(sheet::download(&format!("kurang-jp-{year}"), bytes))
}
