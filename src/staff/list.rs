//! From a file to the rows of a staff list.

use super::{
    chosen::{Columns, ColumnsError},
    columns::{Column, known},
};
use crate::{
    table::{self, Cell, FileError, Sought},
    web::form::compact,
};
use std::collections::BTreeMap;

/// The biggest list that is read, in bytes; one of 60,000 people has about 15 MB as CSV.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

/// A list whose columns have names that are known.
const NAMED: Sought = Sought { max_bytes: MAX_BYTES, known, is_one: |rows| header(rows).is_some() };

/// One whose columns have other names. It is looked for where no sheet has known ones.
const UNNAMED: Sought = Sought {
    max_bytes: MAX_BYTES,
    known: |cells| usize::from(cells.iter().any(is_nip)),
    is_one: |rows| guessed(rows).is_some(),
};

/// Rows at the top among which the header is looked for.
const TOP: usize = 30;

/// Texts of a column that show what it holds, and the rows among which they are looked for.
const SAMPLES: (usize, usize) = (3, 200);

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
        "Berkas ini memuat lebih dari satu lembar daftar pegawai: {}. Simpan satu lembar per berkas.",
        .0.join(", ")
    )]
    ManySheets(Vec<String>),
    #[error(transparent)]
    Columns(#[from] ColumnsError),
}

/// A column of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Where it stands, from 0.
    pub place: usize,
    /// Its header; `Kolom C` where there is none.
    pub name: String,
    /// The first texts below the header.
    pub samples: Vec<String>,
}

/// A file with a staff list, before anything is known of its columns.
#[derive(Debug)]
pub struct File {
    /// The columns that have a header or texts, in order.
    pub heads: Vec<Head>,
    /// What stands below the header.
    rows: Vec<table::Row>,
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

/// Reads a staff list by the names of its columns.
pub fn read(bytes: &[u8]) -> Result<List, ListError> {
    let file = open(bytes)?;
    let columns = Columns::named(&file.heads);
    Ok(file.list(&columns)?)
}

/// Opens a staff list: .xlsx, or separated text of any delimiter and encoding.
pub fn open(bytes: &[u8]) -> Result<File, ListError> {
    let named = table::read(bytes, &NAMED)?;
    let (table, header) = if let Some(header) = header(&named.rows) {
        (named, header)
    } else {
        let other = table::read(bytes, &UNNAMED)?;
        let header = guessed(&other.rows).ok_or(ListError::NotList)?;
        (other, header)
    };
    if table.sheets.len() > 1 {
        return Err(ListError::ManySheets(table.sheets));
    }
    let below = table.rows.into_iter().skip(header.below);
    let rows: Vec<table::Row> = below.filter(|row| !is_numbering(&row.cells)).collect();
    Ok(File { heads: heads(&header.names, &rows), rows })
}

impl File {
    /// The list, read with these columns.
    pub fn list(self, columns: &Columns) -> Result<List, ColumnsError> {
        let headers = columns.headers(&self.heads)?;
        let unused = self.heads.iter().filter(|head| columns.at(head.place).is_none());
        let unused = unused.map(|head| head.name.clone()).collect();
        let mut rows: Vec<Row> =
            self.rows.into_iter().filter_map(|row| pick(row, columns)).collect();
        // A total, a place and a signature may stand below the list.
        while rows.last().is_some_and(|row| row.cells.len() == 1) {
            rows.pop();
        }
        if rows.is_empty() {
            return Err(ColumnsError::Nobody);
        }
        Ok(List { headers, unused, rows })
    }
}

/// The columns with what stands over and in them.
fn heads(names: &[String], rows: &[table::Row]) -> Vec<Head> {
    let top = &rows[..rows.len().min(SAMPLES.1)];
    let width = top.iter().map(|row| row.cells.len()).max().unwrap_or(0).max(names.len());
    let head = |place: usize| {
        let name = names.get(place).filter(|name| !name.is_empty()).cloned();
        let samples = samples(top, place);
        if name.is_none() && samples.is_empty() {
            return None;
        }
        let name = name.unwrap_or_else(|| format!("Kolom {}", letters(place)));
        Some(Head { place, name, samples })
    };
    (0..width).filter_map(head).collect()
}

fn samples(rows: &[table::Row], place: usize) -> Vec<String> {
    let mut samples: Vec<String> = Vec::new();
    for cell in rows.iter().filter_map(|row| row.cells.get(place)) {
        let text = match cell {
            Cell::Date(at) => at.format("%d/%m/%Y").to_string(),
            cell => cell.text().chars().take(60).collect(),
        };
        if samples.len() < SAMPLES.0 && !text.is_empty() && !samples.contains(&text) {
            samples.push(text);
        }
    }
    samples
}

/// A column's letters, as a spreadsheet has them.
fn letters(place: usize) -> String {
    let letter = |n: usize| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[n % 26]);
    let above = (place / 26).checked_sub(1).map(letter);
    above.into_iter().chain([letter(place)]).collect()
}

struct Header {
    names: Vec<String>,
    /// How many rows it and what stands above it take.
    below: usize,
}

/// The header where no names are known: three texts or more, right above the first NIP.
fn guessed(rows: &[table::Row]) -> Option<Header> {
    let top = &rows[..rows.len().min(TOP)];
    let first = top.iter().position(|row| row.cells.iter().any(is_nip))?;
    let at = (0..first).rev().find(|at| !is_numbering(&top[*at].cells))?;
    let is_text = |cell: &&Cell| cell.text().chars().any(char::is_alphabetic);
    let texts = top[at].cells.iter().filter(is_text).count();
    (texts >= 3).then(|| Header { names: names(&top[at].cells), below: at + 1 })
}

/// Whether the cell reads as a NIP, be it one that a spreadsheet rounded.
fn is_nip(cell: &Cell) -> bool {
    let digits = compact(cell.text().trim_start_matches('\''));
    digits.len() == 18 && digits.bytes().all(|byte| byte.is_ascii_digit())
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
fn pick(row: table::Row, columns: &Columns) -> Option<Row> {
    let cells: BTreeMap<Column, Cell> = row
        .cells
        .into_iter()
        .enumerate()
        .filter(|(_, cell)| !cell.is_empty())
        .filter_map(|(place, cell)| Some((columns.at(place)?, cell)))
        .collect();
    let named = cells.contains_key(&Column::Nip) || cells.contains_key(&Column::Name);
    named.then_some(Row { line: row.line, cells })
}
