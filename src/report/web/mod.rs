//! `/kelola/laporan`: the recap that everybody asks for, as a page and as .xlsx.

pub(crate) mod below;

use super::UnitLine;
use crate::{
    account::{Page, Permission, SignedIn},
    app::Db,
    clock::{Now, year_of},
    error::Result,
    web::{
        form,
        sheet::{self, Cell},
        show,
    },
};
use askama::Template;
use axum::{
    extract::Query,
    response::{Html, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    tahun: String,
}

impl Chosen {
    fn year(&self, now: DateTime<Utc>) -> i32 {
        form::year(&self.tahun).unwrap_or_else(|| year_of(now))
    }
}

/// The spread of people by their hours, for a row of the table.
struct Band {
    label: &'static str,
    people: i64,
    /// Of all, in tenths of a percent.
    permille: i64,
}

#[derive(Template)]
#[template(path = "report/index.html")]
struct ReportPage {
    page: Page,
    year: i32,
    this_year: i32,
    lines: Vec<UnitLine>,
    sum: UnitLine,
    bands: Vec<Band>,
    as_of: String,
}

/// `38,6%`
fn percent(permille: i64) -> String {
    format!("{},{}%", permille / 10, permille % 10)
}

/// `38.6%`, for the width of a bar.
fn width(permille: i64) -> String {
    format!("{}.{}%", permille / 10, permille % 10)
}

pub(crate) async fn index(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Query(chosen): Query<Chosen>,
) -> Result<Html<String>> {
    let year = chosen.year(now);
    let lines = super::by_unit(&mut db, year, &me.units_for(Permission::Report)).await?;
    let sum = UnitLine::sum(&lines);
    let labels = ["Kurang dari 5 JP", "5 sampai 9 JP", "10 sampai 19 JP", "20 JP atau lebih"];
    let share = |people: i64| {
        if sum.people == 0 { 0 } else { (people * 1000 + sum.people / 2) / sum.people }
    };
    let bands = labels.into_iter().zip(sum.spread).map(|(label, people)| Band {
        label,
        people,
        permille: share(people),
    });
    let bands = bands.collect();
    let report = ReportPage {
        page,
        year,
        this_year: year_of(now),
        lines,
        sum,
        bands,
        as_of: show::moment(now),
    };
    Ok(Html(report.render()?))
}

pub(crate) async fn workbook(
    mut db: Db,
    me: SignedIn,
    Now(now): Now,
    Query(chosen): Query<Chosen>,
) -> Result<Response> {
    let year = chosen.year(now);
    let lines = super::by_unit(&mut db, year, &me.units_for(Permission::Report)).await?;
    drop(db);
    let sum = UnitLine::sum(&lines);
    let rows: Vec<Vec<Cell>> = lines
        .into_iter()
        .chain([sum])
        .map(|line| {
            let [s0, s1, s2, s3] = line.spread;
            let (average, share) = (Cell::Tenths(line.average()), Cell::Permille(line.permille()));
            vec![
                line.name.into(),
                line.people.into(),
                line.jp.into(),
                average,
                line.reached.into(),
                share,
                s0.into(),
                s1.into(),
                s2.into(),
                s3.into(),
            ]
        })
        .collect();
    let heads = [
        ("Perangkat Daerah", 48),
        ("ASN", 10),
        ("Jumlah JP", 12),
        ("Rata-rata JP", 14),
        ("Mencapai target", 16),
        ("Bagian", 10),
        ("< 5 JP", 10),
        ("5–9 JP", 10),
        ("10–19 JP", 10),
        ("≥ 20 JP", 10),
    ];
    let bytes =
        sheet::workbook(&format!("Rekap JP {year}"), &heads, &rows).map_err(anyhow::Error::from)?;
    Ok(sheet::download(&format!("rekap-jp-{year}"), bytes))
}
