//! Which column of a file holds what: as their names say, or as somebody chose.

use super::{
    columns::{Column, plain},
    list::Head,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What each column of a file holds, by its place from 0. Columns that are not used are not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Columns(BTreeMap<usize, Column>);

/// Why a file cannot be read with these columns.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnsError {
    #[error(
        "Kolom {} muncul lebih dari sekali: “{first}” dan “{second}”. Pilih satu saja; yang lain tidak dipakai.",
        .column.label()
    )]
    Twice { column: Column, first: String, second: String },
    #[error("Belum ada kolom yang dibaca sebagai {}. Pilih kolomnya.", labels(.0))]
    Missing(Vec<Column>),
    #[error("Daftar ini tidak memuat satu orang pun di bawah baris judulnya.")]
    Nobody,
    #[error("Tidak ada kolom berjudul “{0}”. Judul dalam berkas ini: {list}.", list = .1.join(", "))]
    NoHeader(String, Vec<String>),
}

fn labels(columns: &[Column]) -> String {
    columns.iter().map(|column| column.label()).collect::<Vec<_>>().join(" dan ")
}

impl FromIterator<(usize, Column)> for Columns {
    fn from_iter<I: IntoIterator<Item = (usize, Column)>>(columns: I) -> Self {
        Self(columns.into_iter().collect())
    }
}

impl Columns {
    /// What the names say. Two may claim to hold the same.
    pub fn named(heads: &[Head]) -> Self {
        heads.iter().filter_map(|head| Some((head.place, Column::of(&head.name)?))).collect()
    }

    /// What the column at that place holds.
    pub fn at(&self, place: usize) -> Option<Column> {
        self.0.get(&place).copied()
    }

    /// Lets the column with that header, and no other, hold it.
    pub fn choose(
        &mut self,
        heads: &[Head],
        column: Column,
        header: &str,
    ) -> Result<(), ColumnsError> {
        let mut found = heads.iter().filter(|head| plain(&head.name) == plain(header));
        let head = found.next().ok_or_else(|| {
            let names = heads.iter().map(|head| head.name.clone()).collect();
            ColumnsError::NoHeader(header.to_owned(), names)
        })?;
        if let Some(other) = found.next() {
            let (first, second) = (head.name.clone(), other.name.clone());
            return Err(ColumnsError::Twice { column, first, second });
        }
        self.0.retain(|_, held| *held != column);
        self.0.insert(head.place, column);
        Ok(())
    }

    /// The header over each column that is used. Each may be held once, and a list without NIP or
    /// name is none.
    pub(super) fn headers(&self, heads: &[Head]) -> Result<BTreeMap<Column, String>, ColumnsError> {
        let mut headers = BTreeMap::<Column, String>::new();
        for head in heads {
            let Some(column) = self.at(head.place) else { continue };
            if let Some(first) = headers.insert(column, head.name.clone()) {
                return Err(ColumnsError::Twice { column, first, second: head.name.clone() });
            }
        }
        let needed = [Column::Nip, Column::Name].into_iter();
        let missing: Vec<Column> = needed.filter(|column| !headers.contains_key(column)).collect();
        if missing.is_empty() { Ok(headers) } else { Err(ColumnsError::Missing(missing)) }
    }
}
