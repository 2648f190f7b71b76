//! Encodings, delimiters, what spreadsheets do to files, and files that are no reports.

use super::*;

fn sample() -> String {
    stay("Nyoman \u{201c}Ni\u{201d} Ayu", "ayu@x.id", "09:00:00 AM", "10:00:00 AM").replace('"', "")
}

fn same(bytes: &[u8]) {
    let report = read(bytes, &expected(), &Hints::default()).unwrap();
    assert_eq!(report.names(), ["Nyoman \u{201c}Ni\u{201d} Ayu"]);
    assert_eq!(report.participants[0].segments, [span("09:00", "10:00")]);
    assert_eq!(report.format, Format::A);
}

#[test]
fn any_usual_encoding_is_read() {
    let text = sample();
    let marked = format!("\u{feff}{text}");
    let little =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let big = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
    same(text.as_bytes());
    same(marked.as_bytes());
    same(&little(&marked));
    same(&big(&marked));
    same(&little(&text));
    same(&big(&text));
    same(text.replace("Budi", "B\0udi").replace(',', "\0,").as_bytes());
    let mut windows: Vec<u8> = Vec::new();
    for character in text.chars() {
        match character {
            '\u{201c}' => windows.push(0x93),
            '\u{201d}' => windows.push(0x94),
            _ => windows.push(u8::try_from(character).unwrap()),
        }
    }
    same(&windows);
}

#[test]
fn any_delimiter_line_end_and_quoting_is_read() {
    let text = sample();
    same(text.replace(',', ";").as_bytes());
    same(text.replace(',', "\t").as_bytes());
    same(text.replace("\r\n", "\n").as_bytes());
    same(text.replace("\r\n", "\r").as_bytes());
    same(text.trim_end().as_bytes());
    same(format!("sep=;\r\n{}", text.replace(',', ";")).as_bytes());
    same(text.replace("\r\n", ",,,,\r\n").as_bytes());
    same(text.replace("\r\n", "\r\n,,,,\r\n\r\n").as_bytes());
    let quoted: Vec<String> =
        text.lines().map(|line| format!("\"{}\"", line.replace(',', "\",\""))).collect();
    same(quoted.join("\r\n").as_bytes());
}

#[test]
fn lines_that_a_spreadsheet_kept_in_one_cell_are_opened() {
    let folded: Vec<String> =
        sample().lines().map(|line| format!("\"{}\";;", line.replace('"', "\"\""))).collect();
    same(folded.join("\r\n").as_bytes());
}

#[test]
fn a_heading_in_the_middle_starts_the_table_again() {
    let text = sample() + "\r\n" + &sample().replace("10:00:00 AM", "11:00:00 AM");
    let report = read_text(&text).unwrap();
    assert_eq!(report.participants[0].segments, [span("09:00", "11:00")]);
    assert_eq!((&report.participants[0].lines, report.skipped.len()), (&vec![2, 5], 0));
}

#[test]
fn lines_are_counted_as_an_editor_does() {
    let text = "\r\n\r\nName (original name),Email,Join time,Leave time\r\n\r\n\
        \"Budi\r\nSantoso\",,03/22/2025 09:00,03/22/2025 10:00\r\n,,,\r\nAni,,kapan,03/22/2025 10:00\r\n";
    let report = read_text(text).unwrap();
    assert_eq!(report.names(), ["Budi Santoso"]);
    assert_eq!((&report.participants[0].lines, report.skipped_lines()), (&vec![5], vec![8]));
}

#[test]
fn an_unclosed_quote_does_not_swallow_the_rest() {
    let text = "Name (original name),Email,Join time,Leave time\n\
        \"Budi,,03/22/2025 09:00,03/22/2025 10:00\nAni,,03/22/2025 09:00,03/22/2025 10:00\n";
    assert_eq!(read_text(text).unwrap().names(), ["\"Budi", "Ani"]);
}

#[test]
fn what_is_no_report_is_refused_by_what_it_is() {
    let wide_name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let container = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 rest".to_vec();
    let cases: Vec<(Vec<u8>, ReportError)> = vec![
        (Vec::new(), ReportError::File(FileError::Empty)),
        (b"\xEF\xBB\xBF \r\n\t\0".to_vec(), ReportError::File(FileError::Empty)),
        (b"\x89PNG\r\n\x1a\n".to_vec(), ReportError::File(FileError::Image)),
        (b"\xFF\xD8\xFF\xE0".to_vec(), ReportError::File(FileError::Image)),
        (b"\0\0\0\x18ftypheic".to_vec(), ReportError::File(FileError::Image)),
        (b"%PDF-1.7\n".to_vec(), ReportError::File(FileError::Pdf)),
        (b"\n<!DOCTYPE html><html>".to_vec(), ReportError::File(FileError::WebPage)),
        (b"<table><tr><td>Name".to_vec(), ReportError::File(FileError::WebPage)),
        (container.clone(), ReportError::File(FileError::OldWorkbook)),
        ([container, wide_name].concat(), ReportError::File(FileError::PasswordProtected)),
        (b"PK\x03\x04 nothing".to_vec(), ReportError::File(FileError::DamagedWorkbook)),
        (b"NIP,Nama,Email\n1,Budi,b@x.id\n".to_vec(), ReportError::NotReport),
        (b"halo".to_vec(), ReportError::NotReport),
        (vec![b'a'; MAX_BYTES + 1], ReportError::File(FileError::TooBig(MAX_BYTES))),
        ("a,b\n".repeat(MAX_ROWS + 1).into_bytes(), ReportError::File(FileError::TooManyRows)),
        (
            format!("{}x\n", ",".repeat(255)).repeat(20_000).into_bytes(),
            ReportError::File(FileError::TooManyRows),
        ),
    ];
    for (bytes, refusal) in cases {
        assert_eq!(read(&bytes, &expected(), &Hints::default()), Err(refusal));
    }
}

#[test]
fn a_refusal_says_what_was_looked_for() {
    let text = ReportError::NotReport.to_string();
    assert!(text.contains("Join time") && text.contains("Waktu bergabung"));
    let order =
        ReportError::ImpossibleOrder { given: DateOrder::Dmy, possible: vec![DateOrder::Mdy] };
    assert_eq!(
        order.to_string(),
        "Urutan tanggal hari/bulan/tahun tidak mungkin untuk berkas ini; yang mungkin: bulan/hari/tahun. Pilih urutan lain."
    );
}
