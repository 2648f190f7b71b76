//! Workbooks: real date cells, and archives made to harm.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const WORKBOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Catatan" sheetId="1" r:id="rId1"/><sheet name="Laporan" sheetId="2" r:id="rId2"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>"#;
const ROOT: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>"#;

pub fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn sheet(rows: &str) -> String {
    format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    )
}

fn texts(row: u32, texts: &[&str]) -> String {
    let cell = |text: &&str| format!(r#"<c t="inlineStr"><is><t>{text}</t></is></c>"#);
    format!(r#"<row r="{row}">{}</row>"#, texts.iter().map(cell).collect::<String>())
}

/// A workbook whose second sheet has these rows, and perhaps another part.
pub fn workbook(rows: &str, extra: &[(&str, &[u8])]) -> Vec<u8> {
    let (notes, report) = (sheet(&texts(1, &["Catatan rapat"])), sheet(rows));
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("_rels/.rels", ROOT.as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
        ("xl/styles.xml", STYLES.as_bytes()),
        ("xl/worksheets/sheet1.xml", notes.as_bytes()),
        ("xl/worksheets/sheet2.xml", report.as_bytes()),
    ];
    parts.extend(extra);
    archive(&parts)
}

/// A workbook that names its one sheet of notes so many times.
fn repeated(times: usize, rows: &str) -> Vec<u8> {
    let named = |n: usize| format!(r#"<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>"#);
    let sheets = (1..=times).map(named).collect::<String>();
    let start = WORKBOOK.split_once("<sheets>").unwrap().0;
    let book = format!("{start}<sheets>{sheets}</sheets></workbook>");
    archive(&[
        ("_rels/.rels", ROOT.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
        ("xl/styles.xml", STYLES.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet(rows).as_bytes()),
    ])
}

#[test]
fn one_part_named_as_many_sheets_is_not_read_for_ever() {
    let rows = (1..=9).map(|row| texts(row, &["a"; 250])).collect::<String>();
    let few = read_bytes(&repeated(64, &rows));
    assert_eq!(few, Err(ReportError::NotReport));
    let many = read_bytes(&repeated(65, &rows));
    assert_eq!(many, Err(ReportError::File(FileError::TooManySheets)));
}

fn header(row: u32) -> String {
    texts(row, &["Name (original name)", "Email", "Join time", "Leave time"])
}

/// A row whose times are date cells, as days since 1900.
fn dated(row: u32, name: &str, join: f64, leave: f64) -> String {
    format!(
        r#"<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>{name}</t></is></c><c r="C{row}" s="1"><v>{join}</v></c><c r="D{row}" s="1"><v>{leave}</v></c></row>"#
    )
}

fn read_bytes(bytes: &[u8]) -> Result<Report, ReportError> {
    read(bytes, &expected(), &Hints::default())
}

/// 22 March 2025 as a spreadsheet counts.
const DAY: f64 = 45_738.0;

#[test]
fn date_cells_are_times_and_rows_keep_their_numbers() {
    let rows = header(3) + &dated(7, "Budi (Budi Santoso)", DAY + 0.375, DAY + 10.5 / 24.0);
    let report = read_bytes(&workbook(&rows, &[])).unwrap();
    assert_eq!(report.participants[0].segments, [span("09:00", "10:30")]);
    assert_eq!((report.format, &report.participants[0].lines), (Format::D, &vec![7]));
    assert_eq!((report.date_order, report.days_exchanged), (Some(DateOrder::Ymd), false));
}

#[test]
fn text_cells_are_read_like_separated_text() {
    let rows =
        header(1) + &texts(2, &["Budi", "", "03/22/2025 09:00:00 AM", "03/22/2025 10:00:00 AM"]);
    let report = read_bytes(&workbook(&rows, &[])).unwrap();
    assert_eq!((report.date_order, report.seconds_of("Budi")), (Some(DateOrder::Mdy), 3600));
}

#[test]
fn lines_in_one_cell_are_opened() {
    let rows = texts(1, &["Name (original name),Email,Join time,Leave time"])
        + &texts(2, &["Budi,,03/22/2025 09:00,03/22/2025 10:00"]);
    assert_eq!(read_bytes(&workbook(&rows, &[])).unwrap().seconds_of("Budi"), 3600);
}

#[test]
fn numbers_are_read_as_a_report_would_write_them() {
    let rows = texts(1, &["Topic", "ID", "Start time"])
        + r#"<row r="2"><c t="inlineStr"><is><t>Etika</t></is></c><c><v>81234567890</v></c></row>"#
        + &texts(4, &["Name (original name)", "Email", "Total duration (minutes)"])
        + r#"<row r="5"><c t="inlineStr"><is><t>Budi</t></is></c><c/><c><v>12.0</v></c></row>"#;
    let report = read_bytes(&workbook(&rows, &[])).unwrap();
    assert_eq!(report.meeting_id.as_deref(), Some("81234567890"));
    assert_eq!((report.format, report.seconds_of("Budi")), (Format::E, 720));
}

#[test]
fn days_that_a_spreadsheet_took_for_months_are_exchanged_back() {
    let class = Span { from: makassar("2025-03-04T09:00"), to: makassar("2025-03-04T12:00") };
    let expected = Expected { parts: vec![class], meeting_id: None };
    let third_of_april = 45_750.0;
    let rows = header(1) + &dated(2, "Budi", third_of_april + 0.375, third_of_april + 0.5);
    let report = read(&workbook(&rows, &[]), &expected, &Hints::default()).unwrap();
    assert!(report.days_exchanged && report.order_why().contains("ditukar kembali"));
    assert_eq!(report.participants[0].segments, [class]);
    // The operator may say that they are right, and then they are another day's.
    let hints = |exchanged| Hints { exchanged: Some(exchanged), ..Hints::default() };
    let as_written = read(&workbook(&rows, &[]), &expected, &hints(false));
    assert!(matches!(as_written, Err(ReportError::OtherDay { .. })));
    assert!(read(&workbook(&rows, &[]), &expected, &hints(true)).unwrap().days_exchanged);
    let text = header(1) + &texts(2, &["Budi", "", "03/04/2025 09:00", "03/04/2025 10:00"]);
    let refused = read(&workbook(&text, &[]), &expected, &hints(true));
    assert_eq!(refused, Err(ReportError::ImpossibleExchange));
}

#[test]
fn archives_that_are_no_workbook_are_refused() {
    assert_eq!(
        read_bytes(&archive(&[("laporan.csv", b"x")])),
        Err(ReportError::File(FileError::NotWorkbook))
    );
    let document = archive(&[("word/document.xml", b"<w/>")]);
    assert_eq!(read_bytes(&document), Err(ReportError::File(FileError::NotWorkbook)));
    let broken = archive(&[("xl/workbook.xml", b"<workbook")]);
    assert_eq!(read_bytes(&broken), Err(ReportError::File(FileError::DamagedWorkbook)));
    let other = workbook(&texts(1, &["NIP", "Nama"]), &[]);
    assert_eq!(read_bytes(&other), Err(ReportError::NotReport));
}

#[test]
fn a_workbook_that_unpacks_too_big_is_refused() {
    let zeros = vec![0; usize::try_from(MAX_UNPACKED).unwrap() + 1];
    let mut bytes = workbook(&header(1), &[("xl/media/image1.png", &zeros)]);
    assert_eq!(read_bytes(&bytes), Err(ReportError::File(FileError::UnpacksTooBig)));
    // The same with a directory that says it is small.
    let size = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    let places: Vec<usize> = (0..bytes.len() - 4).filter(|at| bytes[*at..at + 4] == size).collect();
    assert!(places.len() >= 2);
    for at in places {
        bytes[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    assert!(matches!(
        read_bytes(&bytes),
        Err(ReportError::File(FileError::UnpacksTooBig | FileError::DamagedWorkbook))
    ));
}

#[test]
fn a_cell_in_the_farthest_corner_costs_nothing() {
    let rows = header(1)
        + &dated(2, "Budi", DAY + 0.375, DAY + 0.5)
        + r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    assert_eq!(read_bytes(&workbook(&rows, &[])).unwrap().names(), ["Budi"]);
}

#[test]
fn a_made_up_count_of_shared_texts_is_refused() {
    for count in ["99999999999", "18446744073709551615", "999999999999999999999999"] {
        let texts = format!(r#"<sst uniqueCount = " {count}"><si><t>a</t></si></sst>"#);
        let wide: Vec<u8> = texts.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for part in [texts.as_bytes(), &wide] {
            let bytes = workbook(&header(1), &[("xl/SharedStrings.xml", part)]);
            assert_eq!(
                read_bytes(&bytes),
                Err(ReportError::File(FileError::DamagedWorkbook)),
                "{count}"
            );
        }
    }
}
