//! `/kelola/audit`: the log as pages and as .xlsx.

pub mod affected;

use super::{Filter, Line, Place, words::Said};
use crate::{
    account::Page,
    act::{self, Note},
    app::Db,
    clock::{Now, ZONE},
    error::{Error, Result},
    people,
    web::{
        form,
        paging::Wanted,
        sheet::{self, Cell},
        show,
    },
};
use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{Html, Response},
};
use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use serde::Deserialize;
use sqlx::{Connection, PgConnection, Postgres, Transaction};

/// Entries on a page.
const PAGE: usize = 50;

/// The most that goes into a workbook.
const MOST: usize = 10_000;

/// What is looked for, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    oleh: String,
    orang: String,
    unit: String,
    kelas: String,
    perbuatan: String,
    dari: String,
    sampai: String,
    /// Where the page begins.
    sebelum: String,
}

impl Search {
    /// Nothing for a name that nobody and nothing has.
    async fn filter(&self, db: &mut PgConnection) -> sqlx::Result<Option<Filter>> {
        let mut filter = Filter {
            act: Some(self.perbuatan.trim().to_owned()).filter(|act| !act.is_empty()),
            from: day(&self.dari),
            until: day(&self.sampai).and_then(|day| day.checked_add_days(Days::new(1))),
            ..Filter::default()
        };
        for (typed, ids) in [(&self.oleh, &mut filter.by), (&self.orang, &mut filter.people)] {
            if !form::sought(typed).is_empty() {
                let found = people::search(db, typed, None, Wanted::default()).await?;
                *ids = Some(found.people.iter().map(|person| person.id.0).collect());
            }
        }
        let (unit, class) = (form::sought(&self.unit), form::sought(&self.kelas));
        if !unit.is_empty() {
            filter.units = Some(super::units_named(db, &unit).await?);
        }
        if !class.is_empty() {
            filter.classes = Some(super::classes_named(db, &class).await?);
        }
        let ids = [&filter.by, &filter.people, &filter.units, &filter.classes];
        let nobody = ids.into_iter().flatten().any(Vec::is_empty);
        Ok((!nobody).then_some(filter))
    }

    /// What narrows, for the addresses of other pages.
    fn query(&self) -> String {
        [
            ("oleh", &self.oleh),
            ("orang", &self.orang),
            ("unit", &self.unit),
            ("kelas", &self.kelas),
            ("perbuatan", &self.perbuatan),
            ("dari", &self.dari),
            ("sampai", &self.sampai),
        ]
        .into_iter()
        .filter(|(_, value)| !value.trim().is_empty())
        .fold(String::new(), |query, (name, value)| {
            format!("{query}{name}={}&", show::encoded(value))
        })
    }

    /// Whether more than who acted is looked for.
    fn narrowed(&self) -> bool {
        let more =
            [&self.orang, &self.unit, &self.kelas, &self.perbuatan, &self.dari, &self.sampai];
        more.into_iter().any(|typed| !typed.trim().is_empty())
    }

    fn place(&self) -> Option<Place> {
        let (at, id) = self.sebelum.split_once('-')?;
        Some((DateTime::from_timestamp_micros(at.parse().ok()?)?, id.parse().ok()?))
    }
}

/// The beginning of a day in the province.
fn day(typed: &str) -> Option<DateTime<Utc>> {
    let day: NaiveDate = typed.trim().parse().ok()?;
    let midnight = ZONE.from_local_datetime(&day.and_hms_opt(0, 0, 0)?).earliest()?;
    Some(midnight.to_utc())
}

/// Each filter has its own best way through the log: one plan for all would read all of it.
async fn planned(db: &mut PgConnection) -> sqlx::Result<Transaction<'_, Postgres>> {
    db.begin_with("begin; set local plan_cache_mode = force_custom_plan").await
}

/// An entry and what it says.
struct Shown {
    line: Line,
    said: Vec<Said>,
}

impl Shown {
    /// Beside its words only as much as fits a list.
    fn first(&self) -> &[Said] {
        &self.said[..self.said.len().min(FIRST)]
    }

    fn rest(&self) -> usize {
        self.said.len().saturating_sub(FIRST)
    }

    fn seal(&self) -> String {
        match self.line.seal {
            Some(number) => format!("Tersegel, nomor {}", show::number(number)),
            None => "Belum disegel".to_owned(),
        }
    }
}

/// Changes shown in the list; all are on the entry's own page.
const FIRST: usize = 3;

async fn shown(db: &mut PgConnection, lines: Vec<Line>) -> sqlx::Result<Vec<Shown>> {
    let names = super::names(db, &lines).await?;
    Ok(lines
        .into_iter()
        .map(|line| {
            let said = line.changes(&names);
            Shown { line, said }
        })
        .collect())
}

async fn look(
    db: &mut PgConnection,
    search: &Search,
    before: Option<Place>,
    most: usize,
) -> sqlx::Result<Vec<Shown>> {
    let Some(filter) = search.filter(db).await? else { return Ok(Vec::new()) };
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut tx = planned(db).await?;
    let lines = super::find(&mut tx, &filter, before, most).await?;
    let shown = shown(&mut tx, lines).await?;
    tx.commit().await?;
    Ok(shown)
}

#[derive(Template)]
#[template(path = "audit/index.html")]
struct AuditPage {
    page: Page,
    search: Search,
    acts: Vec<String>,
    entries: Vec<Shown>,
    /// Where the page of older entries begins.
    older: Option<String>,
}

pub(crate) async fn index(
    mut db: Db,
    page: Page,
    Query(search): Query<Search>,
) -> Result<Html<String>> {
    let acts = super::acts(&mut db).await?;
    let mut entries = look(&mut db, &search, search.place(), PAGE + 1).await?;
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let older = entries
        .last()
        .filter(|_| more)
        .map(|last| format!("{}-{}", last.line.at.timestamp_micros(), last.line.id));
    Ok(Html(AuditPage { page, search, acts, entries, older }.render()?))
}

#[derive(Template)]
#[template(path = "audit/entry.html")]
struct EntryPage {
    page: Page,
    entry: Shown,
}

pub(crate) async fn entry(mut db: Db, page: Page, Path(id): Path<i64>) -> Result<Html<String>> {
    let line = super::entry(&mut db, id).await?;
    let entry = shown(&mut db, vec![line]).await?.pop().ok_or(Error::NotFound)?;
    Ok(Html(EntryPage { page, entry }.render()?))
}

pub(crate) async fn workbook(
    mut db: Db,
    Now(now): Now,
    Query(search): Query<Search>,
) -> Result<Response> {
    act::note(&mut db, "Mengunduh catatan audit", Note::default(), now).await?;
    let entries = look(&mut db, &search, None, MOST).await?;
    drop(db);
    let rows = entries.into_iter().map(|entry| {
        let changes = entry.said.iter().map(Said::sentence).collect::<Vec<_>>().join("\n");
        let line = &entry.line;
        vec![
            Cell::from(line.id),
            show::machine(line.at).into(),
            line.who().into(),
            line.client.clone().unwrap_or_default().into(),
            line.act.as_str().into(),
            line.thing().unwrap_or_default().into(),
            line.row_key.clone().unwrap_or_default().into(),
            line.concerned().join("; ").into(),
            changes.chars().take(CELL).collect::<String>().into(),
            entry.seal().into(),
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let heads = [
        ("Nomor", 10),
        ("Waktu", 26),
        ("Oleh", 32),
        ("Dari alamat", 18),
        ("Perbuatan", 32),
        ("Data", 22),
        ("Kunci", 12),
        ("Mengenai", 40),
        ("Perubahan", 80),
        ("Segel", 20),
    ];
    let made = tokio::task::spawn_blocking(move || sheet::workbook("Audit", &heads, &rows));
    let bytes = made.await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?;
    Ok(sheet::download("audit", bytes))
}

/// The most characters that a cell of Excel holds, and some to spare.
const CELL: usize = 32_000;

impl Said {
    /// `Nama: Ada → Ada, S.E.`
    fn sentence(&self) -> String {
        match (self.before.as_str(), self.after.as_str()) {
            ("", after) => format!("{}: {after}", self.field),
            (before, "") => format!("{}: {before} → –", self.field),
            (before, after) => format!("{}: {before} → {after}", self.field),
        }
    }
}
