//! From bytes to text: what kind of file it is, and which of the usual encodings it is in.

use super::FileError;

/// What a file that may be a table is made of.
#[derive(Debug, PartialEq)]
pub(super) enum Content {
    Text(String),
    /// A zip archive, which may be an .xlsx workbook.
    Archive,
}

/// Tells text and archives apart and refuses by name what people upload by mistake.
pub(super) fn content(bytes: &[u8]) -> Result<Content, FileError> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Ok(Content::Archive);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        return Err(old_workbook(bytes));
    }
    if is_image(bytes) {
        return Err(FileError::Image);
    }
    let text = text(bytes);
    let start = text.trim_start();
    if start.is_empty() {
        return Err(FileError::Empty);
    }
    if start.starts_with("%PDF-") {
        return Err(FileError::Pdf);
    }
    if is_web_page(start) {
        return Err(FileError::WebPage);
    }
    Ok(Content::Text(text))
}

/// Excel keeps a workbook with a password inside the container of the old format.
fn old_workbook(bytes: &[u8]) -> FileError {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(name.len()).any(|window| window == name) {
        FileError::PasswordProtected
    } else {
        FileError::OldWorkbook
    }
}

fn is_image(bytes: &[u8]) -> bool {
    let starts: [&[u8]; 5] = [b"\x89PNG", b"\xFF\xD8\xFF", b"GIF8", b"II*\0", b"MM\0*"];
    starts.iter().any(|start| bytes.starts_with(start))
        || (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"))
        || (bytes.starts_with(b"BM") && bytes.get(6..10) == Some(&[0; 4]))
        || (bytes.get(4..8) == Some(b"ftyp"))
}

fn is_web_page(start: &str) -> bool {
    let head: String = start.chars().take(2000).collect::<String>().to_lowercase();
    let tags = ["<!doctype html", "<html", "<head", "<body", "<table", "<script", "<meta", "<div"];
    head.starts_with('<') && tags.iter().any(|tag| head.contains(tag))
}

/// Decodes UTF-8, UTF-16 (either end first, marked or not) and Windows-1252, even mixed,
/// with line ends made `\n` and invisible marks left out.
pub(super) fn text(bytes: &[u8]) -> String {
    let decoded = match (bytes, wide_without_mark(bytes)) {
        ([0xFF, 0xFE, rest @ ..], _) => wide(rest, u16::from_le_bytes),
        ([0xFE, 0xFF, rest @ ..], _) => wide(rest, u16::from_be_bytes),
        (_, Some(End::Little)) => wide(bytes, u16::from_le_bytes),
        (_, Some(End::Big)) => wide(bytes, u16::from_be_bytes),
        (_, None) => narrow(bytes),
    };
    visible(&decoded).replace("\r\n", "\n").replace('\r', "\n")
}

/// Without the characters that nobody sees: NUL bytes, byte-order and direction marks.
pub fn visible(text: &str) -> String {
    text.chars().filter(|character| !is_invisible(*character)).collect()
}

fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\0' | '\u{FEFF}' | '\u{061C}' | '\u{200B}' | '\u{2060}' | '\u{200E}' | '\u{200F}'
            | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    )
}

enum End {
    Little,
    Big,
}

/// A table is mostly ASCII, so as UTF-16 nearly every other byte of it is zero.
fn wide_without_mark(bytes: &[u8]) -> Option<End> {
    let head = &bytes[..bytes.len().min(4096)];
    let zeros =
        |first: usize| head.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = head.len() / 4;
    match head.len() {
        0..4 => None,
        _ if odd > many && even < odd / 4 => Some(End::Little),
        _ if even > many && odd < even / 4 => Some(End::Big),
        _ => None,
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
    char::decode_utf16(units).map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// UTF-8 where it is valid; each other byte as Windows-1252, as Excel writes it.
fn narrow(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| windows_1252(*byte)));
    }
    text
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž',
        '\u{8F}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}
