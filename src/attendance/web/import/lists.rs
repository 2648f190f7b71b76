//! The lists of a preview, each a page at a time, and the address that says which page.

use crate::web::paging::{Wanted, paged};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Rows of a list that are shown at a time.
const SHOWN: usize = 50;

/// The lists by their names in an address: to choose, without a seat, unknown, matched, effects.
const NAMES: [&str; 5] = ["pilih", "luar", "asing", "cocok", "ubah"];

/// Which page of each list is shown. A list that is not named is as it first stands.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(from = "BTreeMap<String, String>")]
pub(crate) struct Places(BTreeMap<&'static str, usize>);

impl From<BTreeMap<String, String>> for Places {
    fn from(said: BTreeMap<String, String>) -> Self {
        let place = |name: &&'static str| Some((*name, said.get(*name)?.parse().ok()?));
        Self(NAMES.iter().filter_map(place).collect())
    }
}

impl Places {
    /// With one list moved, as the button `pilih=2` says; and that list.
    pub(super) fn moved(&self, button: &str) -> Option<(Self, &'static str)> {
        let (list, page) = button.split_once('=')?;
        let list = NAMES.into_iter().find(|name| *name == list)?;
        Some((self.with(list, page.parse().ok()?), list))
    }

    /// With one list at that page.
    fn with(&self, list: &'static str, page: usize) -> Self {
        let mut places = self.clone();
        places.0.insert(list, page);
        places
    }

    /// As the fields of a form.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.0.iter().map(|(name, page)| (*name, *page))
    }

    /// As the address of a row's own page ends: it leads back to its list.
    pub(super) fn beside<T>(&self, list: &List<T>) -> String {
        self.with(list.name, list.here).pairs()
    }

    /// As in an address: `pilih=2&cocok=1`.
    pub(super) fn pairs(&self) -> String {
        let pairs: Vec<String> =
            self.fields().map(|(name, page)| format!("{name}={page}")).collect();
        pairs.join("&")
    }

    /// As an address ends.
    pub(super) fn query(&self) -> String {
        if self.0.is_empty() { String::new() } else { format!("?{}", self.pairs()) }
    }
}

/// One page of a list.
pub(super) struct List<T> {
    pub(super) name: &'static str,
    pub(super) rows: Vec<T>,
    /// On all pages.
    pub(super) all: usize,
    pub(super) here: usize,
    pub(super) pages: usize,
    /// Whether somebody turned its pages.
    pub(super) open: bool,
}

impl<T> List<T> {
    pub(super) fn of<S>(
        name: &'static str,
        all: Vec<S>,
        places: &Places,
        view: impl Fn(S) -> T,
    ) -> Self {
        let wanted = places.0.get(name).copied();
        let page =
            u32::try_from(wanted.unwrap_or(1)).map_or_else(|_| Wanted::default(), Wanted::from);
        let count = all.len();
        let (rows, here, pages) = paged(all, page, SHOWN);
        let rows = rows.into_iter().map(view).collect();
        Self { name, rows, all: count, here, pages, open: wanted.is_some() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(pairs: &[(&str, &str)]) -> Places {
        let said: BTreeMap<String, String> =
            pairs.iter().map(|(name, page)| ((*name).into(), (*page).into())).collect();
        said.into()
    }

    #[test]
    fn an_address_keeps_the_pages_of_all_lists() {
        let (moved, list) =
            places(&[("luar", "3"), ("baris", "7"), ("ubah", "banyak")]).moved("pilih=2").unwrap();
        assert_eq!((moved.query().as_str(), list), ("?luar=3&pilih=2", "pilih"));
        assert_eq!(Places::default().query(), "");
    }

    #[test]
    fn a_button_of_no_list_moves_nothing() {
        for button in ["", "pilih", "pilih=dua", "lain=2"] {
            assert!(Places::default().moved(button).is_none(), "{button}");
        }
    }

    #[test]
    fn every_row_of_a_list_is_on_one_of_its_pages() {
        let seen: Vec<usize> = ["1", "2", "3"]
            .into_iter()
            .flat_map(|page| {
                List::of("asing", (0..120).collect(), &places(&[("asing", page)]), |n| n).rows
            })
            .collect();
        assert_eq!(seen, (0..120).collect::<Vec<usize>>());
    }
}
