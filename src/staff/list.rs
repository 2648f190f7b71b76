//! From a file to the rows of a staff list.

use super::columns::{Column, known};
use crate::table::{self, Cell, FileError, Sought};
use std::collections::BTreeMap;

/// The biggest list that is read, in bytes; one of 60,000 people has about 15 MB as CSV.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

const SOUGHT: Sought = Sought { max_bytes: MAX_BYTES, known, is_one: is_list };

/// Rows at the top among which the header is looked for.
const TOP: usize = 30;

/// Why nothing was read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    #[error("{0} Unggah daftar pegawai sebagai .xlsx atau CSV.")]
    File(#[from] FileError),
    #[error(
        "Berkas ini bukan daftar pegawai: tidak ada baris judul dengan kolom NIP dan NAMA. Beri judul pada kolomnya, lalu unggah kembali."
    )]
    NotList,
    #[error(
        "Kolom {} muncul lebih dari sekali: “{}” dan “{}”. Beri judul lain pada yang tidak dipakai.",
        .0[0], .0[1], .0[2]
    )]
    Twice([String; 3]),
    #[error(
        "Berkas ini memuat lebih dari satu lembar daftar pegawai: {}. Simpan satu lembar per berkas.",
        .0.join(", ")
    )]
    ManySheets(Vec<String>),
    #[error("Daftar ini tidak memuat satu orang pun di bawah baris judulnya.")]
    Nobody,
}

/// A staff list as it was written.
#[derive(Debug, PartialEq)]
pub struct List {
    /// The header over each column that is used.
    pub headers: BTreeMap<Column, String>,
    /// Headers of columns that are not.
    pub unused: Vec<String>,
    pub rows: Vec<Row>,
}

/// One person of a list.
#[derive(Debug, PartialEq)]
pub struct Row {
    /// As the spreadsheet or an editor numbers it.
    pub line: u64,
    /// What is not empty.
    pub cells: BTreeMap<Column, Cell>,
}

impl Row {
    /// The text in that column; nothing where the cell is empty.
    pub fn text(&self, column: Column) -> Option<&str> {
        self.cells.get(&column).map(Cell::text).filter(|text| !text.is_empty())
    }
}

/// Reads a staff list: .xlsx, or separated text of any delimiter and encoding.
pub fn read(bytes: &[u8]) -> Result<List, ListError> {
    let table = table::read(bytes, &SOUGHT)?;
    if table.sheets.len() > 1 {
        return Err(ListError::ManySheets(table.sheets));
    }
    let header = header(&table.rows).ok_or(ListError::NotList)?;
    let (columns, headers, unused) = header.columns()?;
    let rows = table.rows.into_iter().skip(header.below);
    let mut rows: Vec<Row> = rows
        .filter(|row| !is_numbering(&row.cells))
        .filter_map(|row| pick(row, &columns))
        .collect();
    // A total, a place and a signature may stand below the list.
    while rows.last().is_some_and(|row| row.cells.len() == 1) {
        rows.pop();
    }
    if rows.is_empty() {
        return Err(ListError::Nobody);
    }
    Ok(List { headers, unused, rows })
}

fn is_list(rows: &[table::Row]) -> bool {
    header(rows).is_some()
}

struct Header {
    names: Vec<String>,
    /// How many rows it and what stands above it take.
    below: usize,
}

/// The header: one row, or two of which the upper spans columns of the lower.
fn header(rows: &[table::Row]) -> Option<Header> {
    let top = &rows[..rows.len().min(TOP)];
    let one = |at: usize| Some(Header { names: names(&top.get(at)?.cells), below: at + 1 });
    let two = |at: usize| {
        let (upper, lower) = (&top.get(at)?.cells, &top.get(at + 1)?.cells);
        Some(Header { names: joined(upper, lower), below: at + 2 })
    };
    let found = (0..top.len()).find_map(|at| one(at).filter(Header::is_header).map(|h| (at, h)));
    let Some((at, single)) = found else {
        return (0..top.len()).find_map(|at| two(at).filter(Header::is_header));
    };
    // The row below may say what a spanning name leaves open, as Gelar over Depan and Belakang.
    match two(at).filter(|double| double.is_header() && double.count() > single.count()) {
        Some(double) => Some(double),
        None => Some(single),
    }
}

impl Header {
    fn is_header(&self) -> bool {
        let has = |column| self.names.iter().any(|name| Column::of(name) == Some(column));
        has(Column::Nip) && has(Column::Name)
    }

    fn count(&self) -> usize {
        self.names.iter().filter(|name| Column::of(name).is_some()).count()
    }

    /// Which column stands where, the headers that are used, and those that are not.
    #[expect(clippy::type_complexity, reason = "taken apart where it is called, once")]
    fn columns(
        &self,
    ) -> Result<(BTreeMap<usize, Column>, BTreeMap<Column, String>, Vec<String>), ListError> {
        let (mut places, mut headers, mut unused) =
            (BTreeMap::new(), BTreeMap::<Column, String>::new(), Vec::new());
        for (place, name) in self.names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let Some(column) = Column::of(name) else {
                unused.push(name.clone());
                continue;
            };
            if let Some(first) = headers.insert(column, name.clone()) {
                let words = [first.to_uppercase(), first, name.clone()];
                return Err(ListError::Twice(words));
            }
            places.insert(place, column);
        }
        Ok((places, headers, unused))
    }
}

fn names(cells: &[Cell]) -> Vec<String> {
    cells.iter().map(|cell| cell.text().split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Each name of the lower row behind the one that spans it.
fn joined(upper: &[Cell], lower: &[Cell]) -> Vec<String> {
    let (upper, lower) = (names(upper), names(lower));
    let name = |names: &[String], at: usize| names.get(at).cloned().unwrap_or_default();
    let mut spanning = String::new();
    (0..upper.len().max(lower.len()))
        .map(|at| {
            let (over, under) = (name(&upper, at), name(&lower, at));
            if !over.is_empty() {
                spanning.clone_from(&over);
            }
            match (over.is_empty(), under.is_empty()) {
                (_, true) => over,
                _ if Column::of(&under).is_some() => under,
                _ => format!("{spanning} {under}"),
            }
        })
        .collect()
}

/// A row below the header that numbers its columns: 1, 2, 3.
fn is_numbering(cells: &[Cell]) -> bool {
    let filled: Vec<&str> = cells.iter().map(Cell::text).filter(|text| !text.is_empty()).collect();
    let small = |text: &&str| text.trim_matches(['(', ')']).parse::<u16>().is_ok_and(|n| n <= 256);
    filled.len() >= 2 && filled.iter().all(small)
}

/// The cells that are used; nothing where a row holds neither NIP nor name, as totals and
/// signatures below the list.
fn pick(row: table::Row, columns: &BTreeMap<usize, Column>) -> Option<Row> {
    let cells: BTreeMap<Column, Cell> = row
        .cells
        .into_iter()
        .enumerate()
        .filter(|(_, cell)| !cell.is_empty())
        .filter_map(|(place, cell)| Some((*columns.get(&place)?, cell)))
        .collect();
    let named = cells.contains_key(&Column::Nip) || cells.contains_key(&Column::Name);
    named.then_some(Row { line: row.line, cells })
}
