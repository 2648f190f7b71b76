//! Tables that people upload: separated text in any of the usual encodings, or an .xlsx workbook,
//! within limits that no file can talk its way around. Knows nothing of what the rows mean.

mod decode;
mod error;
mod grid;
mod turn;
mod workbook;

pub use error::FileError;
pub use grid::{Cell, Row};
pub use turn::Turn;

pub use decode::visible;

use decode::Content;

/// The biggest workbook that is read, in bytes once unpacked.
pub const MAX_UNPACKED: u64 = 100 * 1024 * 1024;
/// The most rows that are read, blank ones not counted.
pub const MAX_ROWS: usize = 200_000;
/// The most columns that are read.
pub const MAX_COLUMNS: usize = 256;
/// The most cells that are read, empty ones at the end of a row not counted.
pub const MAX_CELLS: usize = 4_000_000;

/// What kind of table is looked for.
#[derive(Clone, Copy)]
pub struct Sought {
    /// The biggest file, in bytes.
    pub max_bytes: usize,
    /// How many of a row's cells are names of its columns; by these the delimiter is found.
    pub known: fn(&[Cell]) -> usize,
    /// Whether a sheet with these rows is one.
    pub is_one: fn(&[Row]) -> bool,
}

/// A table as it stands in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub rows: Vec<Row>,
    /// The sheets of a workbook that are such tables, in order; the rows are the first one's. A
    /// hidden one counts only when none is seen. Empty for separated text.
    pub sheets: Vec<String>,
}

/// Reads the table in a file. A workbook without such a sheet gives one without rows.
pub fn read(bytes: &[u8], sought: &Sought) -> Result<Table, FileError> {
    if bytes.len() > sought.max_bytes {
        return Err(FileError::TooBig(sought.max_bytes));
    }
    match decode::content(bytes)? {
        Content::Archive => workbook::read(bytes, sought),
        Content::Text(text) => {
            Ok(Table { rows: grid::separated(&text, sought.known)?, sheets: Vec::new() })
        }
    }
}
