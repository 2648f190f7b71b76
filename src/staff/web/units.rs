//! Units for names that a list has otherwise, chosen by hand.

use super::{address, preview::Shown, waiting};
use crate::{
    account::{Page, SignedIn, flash},
    app::App,
    clock::Now,
    error::{Error, Result},
    ids::{StaffImportId, UnitId},
    people::{self, Unit},
    staff::{self, Doubt, Importer, Judged},
    web::{
        form::Problems,
        paging::{Wanted, paged},
    },
};
use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use std::{cmp::Reverse, collections::BTreeMap};

/// Names that are shown at a time: each has a list of all units.
const SHOWN: usize = 10;

/// One name and the units that it could mean.
pub(super) struct Line {
    pub(super) key: String,
    pub(super) doubt: Doubt,
    /// The suggestions with their paths.
    pub(super) near: Vec<Unit>,
}

impl Line {
    pub(super) fn chose(&self, unit: &Unit) -> bool {
        self.doubt.chosen == Some(unit.id)
    }

    /// Whether that unit is chosen and none of the suggestions.
    pub(super) fn elsewhere(&self, unit: &Unit) -> bool {
        self.chose(unit) && !self.near.iter().any(|near| near.id == unit.id)
    }
}

/// The form: a page of names, those of the most rows first, and all units to choose from.
pub(super) struct UnitsForm {
    pub(super) name: &'static str,
    pub(super) lines: Vec<Line>,
    pub(super) here: usize,
    pub(super) pages: usize,
    /// Names for which no unit is chosen, and those for which one is.
    pub(super) left: usize,
    pub(super) chosen: usize,
    pub(super) open: Vec<Unit>,
    /// Whether somebody turned its pages.
    pub(super) turned: bool,
}

impl UnitsForm {
    pub(super) fn of(judged: &Judged, open: Vec<Unit>, wanted: Option<Wanted>) -> Self {
        let chosen = judged.doubts.values().filter(|doubt| doubt.chosen.is_some()).count();
        let mut doubts: Vec<(&String, &Doubt)> = judged.doubts.iter().collect();
        doubts.sort_by_key(|(_, doubt)| Reverse(doubt.rows));
        let left = doubts.len() - chosen;
        let (doubts, here, pages) = paged(doubts, wanted.unwrap_or_default(), SHOWN);
        let near = |doubt: &Doubt| {
            let find = |id: &UnitId| open.iter().find(|unit| unit.id == *id).cloned();
            doubt.suggestions.iter().filter_map(find).collect()
        };
        let lines = doubts.into_iter().map(|(key, doubt)| Line {
            near: near(doubt),
            key: key.clone(),
            doubt: doubt.clone(),
        });
        let lines = lines.collect();
        Self { name: "unit", lines, here, pages, left, chosen, open, turned: wanted.is_some() }
    }
}

/// The pairs of a posted form: the key of a name as `n3`, and behind it the unit's id or nothing
/// as `u3`.
fn pairs(form: &[(String, String)]) -> Result<Vec<(&str, &str)>> {
    let mut pairs = Vec::new();
    for (field, key) in form {
        let Some(number) = field.strip_prefix('n') else { continue };
        let unit = format!("u{number}");
        let unit = form.iter().find(|(other, _)| *other == unit).ok_or(Error::BadRequest)?;
        pairs.push((key.as_str(), unit.1.as_str()));
    }
    let fits = pairs.len() <= SHOWN && pairs.iter().all(|(key, _)| key.len() <= 2_000);
    if fits { Ok(pairs) } else { Err(Error::BadRequest) }
}

/// Keeps the choices of one page of names. What cannot be chosen is said, and the rest is kept.
pub(crate) async fn choose(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(import): Path<StaffImportId>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let importer = Importer::of(&mut tx, me.id).await?;
    let found = staff::find(&mut tx, import, &importer).await?;
    let open = people::units(&mut tx, now).await?;
    let offered = |id: &str| {
        open.iter()
            .map(|unit| unit.id)
            .find(|unit| unit.to_string() == id && importer.covers(*unit))
    };
    let (mut choices, mut refused) = (BTreeMap::new(), Vec::new());
    for (key, unit) in pairs(&form)? {
        match offered(unit) {
            None if !unit.is_empty() => refused.push(format!("“{key}”")),
            choice => {
                choices.insert(key.to_owned(), choice);
            }
        }
    }
    staff::choose_units(&mut tx, import, &choices).await?;
    tx.commit().await?;
    let said = |name: &str| form.iter().find(|(field, _)| field == name).map(|(_, value)| value);
    let here = said("di").and_then(|page| page.parse::<u32>().ok()).unwrap_or(1);
    if !refused.is_empty() {
        let words = format!(
            "Unit yang dipilih untuk {} sudah ditutup atau di luar unit yang Anda kelola. Pilih unit lain.",
            refused.join(", ")
        );
        let mut problems = Problems::default();
        problems.note::<()>("unit", words);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let mut shown = Shown { problems, status, ..Shown::default() };
        shown.chosen.unit = Some(here.into());
        return waiting(&app, page, found, &importer, shown, now).await;
    }
    let turned = said("ke").and_then(|button| button.strip_prefix("unit=")?.parse::<u32>().ok());
    match turned {
        Some(page) => {
            Ok(Redirect::to(&format!("{}?unit={page}#unit", address(import))).into_response())
        }
        None => Ok(flash(&format!("{}?unit={here}", address(import)), "Pilihan unit tersimpan.")),
    }
}
