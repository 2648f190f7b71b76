//! The rows of the file, from separated text or from a workbook, before anything is known of their meaning.

use chrono::NaiveDateTime;

use super::{FileError, MAX_CELLS, MAX_COLUMNS, MAX_ROWS};

/// One row that is not blank.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Where it starts, counted from 1 as an editor or a spreadsheet does.
    pub line: u64,
    /// Trimmed; empty ones at the end left out.
    pub cells: Vec<Cell>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    /// A number cell of a workbook, shortest form. From the sixteenth digit on a spreadsheet has
    /// made zeros of what was typed.
    Number(String),
    /// A date cell of a workbook.
    Date(NaiveDateTime),
}

impl Cell {
    /// The text; a date has none.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) => text,
            Self::Date(_) => "",
        }
    }

    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}

/// Collects rows and stops at the limits.
#[derive(Default)]
pub(super) struct Rows {
    rows: Vec<Row>,
    cells: usize,
}

impl Rows {
    /// Adds the row unless it is blank.
    pub fn push(&mut self, line: u64, mut cells: Vec<Cell>) -> Result<(), FileError> {
        while cells.last().is_some_and(Cell::is_empty) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        self.cells += cells.len();
        if self.rows.len() >= MAX_ROWS || self.cells > MAX_CELLS {
            return Err(FileError::TooManyRows);
        }
        self.rows.push(unfold(Row { line, cells }));
        Ok(())
    }

    pub fn finish(self) -> Vec<Row> {
        self.rows
    }
}

/// The rows of separated text.
pub(super) fn separated(text: &str, known: fn(&[Cell]) -> usize) -> Result<Vec<Row>, FileError> {
    let first = text.lines().next().unwrap_or_default().trim();
    match first.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")) {
        Some(_) => {
            let delimiter = first[4..].chars().next().unwrap_or('\t');
            split(text, delimiter).map(|rows| rows.into_iter().filter(|row| row.line > 1).collect())
        }
        None => split(text, delimiter(text, known)),
    }
}

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// The delimiter under which the most column names are recognised near the top.
fn delimiter(text: &str, known: fn(&[Cell]) -> usize) -> char {
    let mut end = text.len().min(64 * 1024);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let recognised = |delimiter: char| {
        Splitter::new(&text[..end], delimiter).map(|(_, cells)| known(&cells)).max().unwrap_or(0)
    };
    let mut best = (DELIMITERS[0], 0);
    for delimiter in DELIMITERS {
        let count = recognised(delimiter);
        if count > best.1 {
            best = (delimiter, count);
        }
    }
    best.0
}

fn split(text: &str, delimiter: char) -> Result<Vec<Row>, FileError> {
    let mut rows = Rows::default();
    for (line, cells) in Splitter::new(text, delimiter) {
        rows.push(line, cells)?;
    }
    Ok(rows.finish())
}

/// A spreadsheet that expects another delimiter keeps a whole line in one cell. Opens it again.
fn unfold(row: Row) -> Row {
    let mut filled = row.cells.iter().filter(|cell| !cell.is_empty());
    let (Some(Cell::Text(text)), None) = (filled.next(), filled.next()) else { return row };
    let lines = DELIMITERS.iter().filter(|delimiter| text.contains(**delimiter));
    let opened = lines.filter_map(|delimiter| Splitter::new(text, *delimiter).next());
    match opened.map(|(_, cells)| cells).max_by_key(Vec::len) {
        Some(cells) if cells.len() >= 3 => Row { line: row.line, cells },
        _ => row,
    }
}

/// Reads separated text row by row, as many columns as any table has. Unlike the csv crate it
/// knows each row's line, blank lines included, and an unclosed quote does not swallow the rest
/// of the file.
struct Splitter<'a> {
    text: &'a str,
    delimiter: char,
    at: usize,
    line: u64,
    unclosed: u8,
}

impl<'a> Splitter<'a> {
    fn new(text: &'a str, delimiter: char) -> Self {
        Self { text, delimiter, at: 0, line: 1, unclosed: 0 }
    }

    /// The cell that starts here, trimmed, and the character that ends it.
    fn cell(&mut self) -> (Cell, Option<char>) {
        let rest = &self.text[self.at..];
        let quoted = rest.trim_start_matches(' ').strip_prefix('"').filter(|_| self.unclosed < 16);
        let mut cell = String::new();
        if let Some(inside) = quoted {
            if let Some(after) = quoted_cell(inside, &mut cell) {
                self.at = self.text.len() - after.len();
            } else {
                self.unclosed += 1;
                cell.clear();
            }
        }
        let rest = &self.text[self.at..];
        let end = rest.find([self.delimiter, '\n']).unwrap_or(rest.len());
        cell.push_str(&rest[..end]);
        let ended_by = rest[end..].chars().next();
        self.at += end + ended_by.map_or(0, char::len_utf8);
        (Cell::Text(cell.trim().to_owned()), ended_by)
    }
}

/// Reads up to the closing quote and returns what follows it; nothing when there is none.
fn quoted_cell<'a>(inside: &'a str, cell: &mut String) -> Option<&'a str> {
    let mut rest = inside;
    loop {
        let (before, after) = rest.split_once('"')?;
        cell.push_str(before);
        match after.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            None => return Some(after),
        }
    }
}

impl Iterator for Splitter<'_> {
    type Item = (u64, Vec<Cell>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.text.len() {
            return None;
        }
        let (start, line) = (self.at, self.line);
        let mut cells = Vec::new();
        loop {
            let (cell, ended_by) = self.cell();
            if cells.len() < MAX_COLUMNS {
                cells.push(cell);
            }
            if ended_by != Some(self.delimiter) {
                break;
            }
        }
        self.line += self.text[start..self.at].matches('\n').count() as u64;
        Some((line, cells))
    }
}
