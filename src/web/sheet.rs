//! Tables as .xlsx files. NIPs are written as text: as numbers Excel would
//! round their last digits.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// What stands in one cell.
pub enum Cell {
    Text(String),
    Number(i64),
    /// Tenths, shown with one decimal.
    Tenths(i64),
    /// Tenths of a percent.
    Permille(i64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

/// A workbook of one sheet, headed by `heads` with their widths in characters.
pub fn workbook(
    name: &str,
    heads: &[(&str, u16)],
    rows: &[Vec<Cell>],
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = workbook.add_worksheet();
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, (head, width)) in (0..).zip(heads) {
        sheet.write_with_format(0, column, *head, &bold)?;
        sheet.set_column_width(column, *width)?;
    }
    let (tenths, share) =
        (Format::new().set_num_format("0.0"), Format::new().set_num_format("0.0%"));
    for (row, cells) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Text(text) => sheet.write_string(row, column, text)?,
                Cell::Number(n) => sheet.write_number(row, column, real(*n))?,
                Cell::Tenths(n) => {
                    sheet.write_number_with_format(row, column, real(*n) / 10.0, &tenths)?
                }
                Cell::Permille(n) => {
                    sheet.write_number_with_format(row, column, real(*n) / 1000.0, &share)?
                }
            };
        }
    }
    workbook.save_to_buffer()
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn real(count: i64) -> f64 {
    count as f64
}

/// The workbook as a download of that file name (letters, digits, hyphens).
pub fn download(file: &str, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{file}.xlsx\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
