//! The rows of an .xlsx workbook, measured before it is unpacked.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Dimensions, ExcelDateTime, Reader, Sheet, SheetVisible, Xlsx};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use zip::ZipArchive;
use zip::result::ZipError;

use super::decode::visible;
use super::grid::{Cell, Row, Rows};
use super::{FileError, MAX_CELLS, MAX_COLUMNS, MAX_UNPACKED, Sought, Table};

/// The most sheets that are looked through: one for each OPD, and some.
const MAX_SHEETS: usize = 64;

/// The most cells that are looked at in all sheets together, empty ones with a format of their
/// own included: a million rows of them are no more than careless.
const MAX_LOOKED_AT: usize = 8 * MAX_CELLS;

/// The most texts that a workbook within the other limits has reason to share.
const MAX_SHARED_TEXTS: usize = 2_000_000;

/// The first sheet that is what is sought, and the names of all that are.
pub(super) fn read(bytes: &[u8], sought: &Sought) -> Result<Table, FileError> {
    measure(bytes)?;
    // calamine reads what strangers upload; a panic in it is a damaged workbook, not our end.
    catch_unwind(AssertUnwindSafe(|| table(bytes, sought)))
        .unwrap_or(Err(FileError::DamagedWorkbook))
}

/// Refuses an archive that is no workbook or would unpack too big. What its directory says is
/// not trusted: every part is unpacked once, and thrown away.
fn measure(bytes: &[u8]) -> Result<(), FileError> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileError::DamagedWorkbook)?;
    let is_workbook =
        archive.file_names().any(|name| name.is_ok_and(|name| is_part(&name, "workbook.xml")));
    if !is_workbook {
        return Err(FileError::NotWorkbook);
    }
    let mut left = MAX_UNPACKED;
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).map_err(|error| match error {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
                FileError::PasswordProtected
            }
            _ => FileError::DamagedWorkbook,
        })?;
        if part.size() > left {
            return Err(FileError::UnpacksTooBig);
        }
        let name = part.name().map_err(|_| FileError::DamagedWorkbook)?;
        let shares_texts = is_part(&name, "sharedstrings.xml");
        let mut texts = Vec::new();
        let mut limited = part.by_ref().take(left + 1);
        let size = if shares_texts {
            limited.read_to_end(&mut texts).map(|size| size as u64)
        } else {
            std::io::copy(&mut limited, &mut std::io::sink())
        };
        let size = size.map_err(|_| FileError::DamagedWorkbook)?;
        left = left.checked_sub(size).ok_or(FileError::UnpacksTooBig)?;
        check_shared_texts(&texts)?;
    }
    Ok(())
}

fn is_part(name: &str, part: &str) -> bool {
    name.to_ascii_lowercase().ends_with(part)
}

/// calamine makes room for as many shared texts as the file says it has, before it sees any.
fn check_shared_texts(xml: &[u8]) -> Result<(), FileError> {
    const ESCAPE: u8 = 0x1B; // not in XML; some encodings could hide the count behind it
    let narrow: Cow<'_, [u8]> = if xml.contains(&0) {
        xml.iter().copied().filter(|byte| *byte != 0).collect()
    } else {
        Cow::Borrowed(xml)
    };
    let plain = String::from_utf8_lossy(&narrow);
    let too_many = |after: &str| {
        let digits = after.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '>');
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        end > 0 && digits[..end].parse::<usize>().is_ok_and(|count| count > MAX_SHARED_TEXTS)
            || end > 20
    };
    if xml.contains(&ESCAPE) || plain.split("uniqueCount").skip(1).any(too_many) {
        return Err(FileError::DamagedWorkbook);
    }
    Ok(())
}

fn table(bytes: &[u8], sought: &Sought) -> Result<Table, FileError> {
    let mut workbook: Xlsx<_> =
        Xlsx::new(Cursor::new(bytes)).map_err(|_| FileError::DamagedWorkbook)?;
    let mut table = Table { rows: Vec::new(), sheets: Vec::new() };
    let mut sheets = workbook.sheets_metadata().to_vec();
    sheets.sort_by_key(|sheet| sheet.visible != SheetVisible::Visible);
    // A workbook can name one part as any number of sheets, which costs it nothing.
    if sheets.len() > MAX_SHEETS {
        return Err(FileError::TooManySheets);
    }
    let mut left = MAX_LOOKED_AT;
    for Sheet { name, visible, .. } in sheets {
        if visible != SheetVisible::Visible && !table.sheets.is_empty() {
            break;
        }
        // A sheet that cannot be read is a chart or a macro; another may be the table.
        let Ok(cells) = workbook.worksheet_cells_reader(&name) else { continue };
        let rows = sheet(cells, &mut left)?;
        if (sought.is_one)(&rows) {
            if table.sheets.is_empty() {
                table.rows = rows;
                let merged = workbook.merge_cells_by_sheet_name(&name);
                spread(&mut table.rows, &merged.unwrap_or_default());
            }
            table.sheets.push(name);
        }
    }
    Ok(table)
}

/// Gives what stands in a cell that spans several rows to each of them that has others. No more
/// cells than a sheet may have: a file can let any number of spans overlap.
fn spread(rows: &mut [Row], merged: &[Dimensions]) {
    let mut left = MAX_CELLS;
    for region in merged.iter().filter(|region| region.start.0 < region.end.0) {
        let column = region.start.1 as usize;
        let (first, last) = (line(region.start.0), line(region.end.0));
        let from = rows.partition_point(|row| row.line < first);
        let to = rows.partition_point(|row| row.line <= last);
        let Some((top, below)) = rows[from..to].split_first_mut() else { continue };
        let Some(value) = top.cells.get(column).filter(|_| top.line == first).cloned() else {
            continue;
        };
        for row in below.iter_mut().take(left) {
            if row.cells.len() <= column {
                row.cells.resize(column + 1, Cell::Text(String::new()));
            }
            row.cells[column] = value.clone();
        }
        left = left.saturating_sub(below.len());
    }
}

type Cells<'a, 'b> = calamine::XlsxCellReader<'a, Cursor<&'b [u8]>>;

/// Reads cell by cell: a table of the sheet's whole extent could be made as big as one likes.
fn sheet(mut cells: Cells<'_, '_>, left: &mut usize) -> Result<Vec<Row>, FileError> {
    let mut rows = Rows::default();
    let mut text_left = usize::try_from(MAX_UNPACKED).unwrap_or(usize::MAX);
    let mut current = (0, Vec::new());
    while let Some(found) = cells.next_cell().map_err(|_| FileError::DamagedWorkbook)? {
        *left = left.checked_sub(1).ok_or(FileError::TooManyRows)?;
        let (row, column) = found.get_position();
        if row != current.0 {
            rows.push(line(current.0), std::mem::take(&mut current.1))?;
            current.0 = row;
        }
        let column = column as usize;
        let value = cell(found.get_value());
        if value.is_empty() || column >= MAX_COLUMNS {
            continue;
        }
        text_left = text_left.checked_sub(value.text().len()).ok_or(FileError::UnpacksTooBig)?;
        let room = current.1.len().max(column + 1);
        current.1.resize(room, Cell::Text(String::new()));
        current.1[column] = value;
    }
    rows.push(line(current.0), current.1)?;
    Ok(rows.finish())
}

fn line(row: u32) -> u64 {
    u64::from(row) + 1
}

fn cell(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::DateTime(at) if at.is_datetime() => match date(at) {
            Some(at) => Cell::Date(at),
            None => Cell::Text(String::new()),
        },
        DataRef::String(text) | DataRef::DateTimeIso(text) => text_cell(text),
        DataRef::SharedString(text) => text_cell(text),
        DataRef::Bool(yes) => text_cell(if *yes { "TRUE" } else { "FALSE" }),
        DataRef::Int(number) => Cell::Number(number.to_string()),
        // Shortest form that reads back the same: 12 and not 12.0, as a person would have it.
        DataRef::Float(number) => Cell::Number(number.to_string()),
        DataRef::DateTime(_) | DataRef::DurationIso(_) | DataRef::Error(_) | DataRef::Empty => {
            Cell::Text(String::new())
        }
    }
}

fn text_cell(text: &str) -> Cell {
    Cell::Text(visible(text).trim().to_owned())
}

/// To the nearest second, since a spreadsheet keeps times as fractions of a day.
fn date(at: &ExcelDateTime) -> Option<NaiveDateTime> {
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    let day = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?;
    let at = day.and_hms_opt(hour.into(), minute.into(), second.into())?;
    Some(if milli >= 500 { at + TimeDelta::seconds(1) } else { at })
}
