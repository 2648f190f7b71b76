//! Places the words of a certificate on the page. Positions are pt from the top left.

use super::{
    Paper,
    faces::{self, Face},
    fit::{self, Block},
    ink::{Ink, Style},
    letters::Letters,
};

/// Left edge and width of the text, in pt.
const LEFT: f32 = 204.0;
const WIDTH: f32 = 579.0;
/// Left edge and width of the place for date, office and signer.
const SIGNER: f32 = 540.0;
const SIGNER_WIDTH: f32 = 243.0;
/// Left edge and width of the words beside the QR code.
const CHECK: f32 = 298.0;
const CHECK_WIDTH: f32 = 226.0;

const BLACK: u32 = 0x1f_17_20;
const GREY: u32 = 0x51_47_51;
const PLUM: u32 = 0x5b_16_40;

/// The logo's place: 38 by 44 pt, with the heading beside it.
const LOGO: (f32, f32) = (204.0, 50.0);
const LOGO_BOX: (f32, f32) = (38.0, 44.0);
const BESIDE_LOGO: f32 = 258.0;

const NOT_SIGNED: &str = "Belum ditandatangani secara elektronik";
/// To be printed only on what is signed with a certificate of the state's authority, `BSrE`.
const LEGAL: [&str; 2] = [
    "UU ITE No. 11 Tahun 2008 Pasal 5 Ayat 1: \"Informasi Elektronik dan/atau Dokumen Elektronik dan/atau hasil \
     cetaknya merupakan alat bukti hukum yang sah.\"",
    "Dokumen ini telah ditandatangani secara elektronik menggunakan sertifikat elektronik yang diterbitkan oleh \
     Balai Sertifikasi Elektronik (BSrE), Badan Siber dan Sandi Negara.",
];

/// The page content for a paper whose text can be drawn, in the order in which it is read.
pub fn content(paper: &Paper, letters: &Letters, logo_ratio: Option<f32>) -> Vec<u8> {
    let mut ink = Ink::new(letters);
    heading(&mut ink, paper, logo_ratio);
    numbering(&mut ink, paper);
    recipient(&mut ink, paper);
    subject(&mut ink, paper);
    facts(&mut ink, paper);
    signature(&mut ink, paper);
    check(&mut ink, paper);
    ink.finish()
}

pub fn name(name: &str) -> Block {
    fit::block(Face::Bold, name, WIDTH, &fit::NAME)
}

pub fn theme(theme: &str) -> Block {
    fit::block(Face::Regular, theme, WIDTH, &fit::THEME)
}

fn heading(ink: &mut Ink, paper: &Paper, logo_ratio: Option<f32>) {
    let x = if let Some(ratio) = logo_ratio {
        ink.logo(LOGO, LOGO_BOX, ratio);
        BESIDE_LOGO
    } else {
        LEFT
    };
    let width = 650.0 - x;
    ink.line(x, 67.0, width, Style::new(Face::Sans, 7.6, GREY).tracked(1.05), &paper.government);
    ink.line(x, 85.5, width, Style::new(Face::Bold, 14.0, BLACK), &paper.agency);
    let (first, last) = product(paper);
    let y = if last.is_empty() { 75.0 } else { 70.0 };
    ink.line_to(747.0, y, 90.0, Style::new(Face::Bold, 8.0, BLACK), first);
    ink.line_to(747.0, 80.0, 90.0, Style::new(Face::Regular, 8.0, GREY), last);
}

/// The product's name and, apart from it, the last word.
fn product(paper: &Paper) -> (&str, &str) {
    paper.product.rsplit_once(' ').unwrap_or((&paper.product, ""))
}

fn numbering(ink: &mut Ink, paper: &Paper) {
    ink.text(201.5, 154.0, Style::new(Face::Regular, 50.0, PLUM).tracked(6.5), "SERTIFIKAT");
    let number = format!("Nomor : {}", paper.number);
    ink.line(LEFT, 176.0, WIDTH, Style::new(Face::Regular, 12.0, BLACK), &number);
    if let Some(basis) = &paper.legal_basis {
        ink.line(LEFT, 190.5, WIDTH, Style::new(Face::Italic, 9.0, GREY), basis);
    }
}

fn recipient(ink: &mut Ink, paper: &Paper) {
    let name = name(&paper.name);
    let size = name.size;
    // Large capitals stand a little inside their width: moved out to look flush.
    let x = LEFT - 0.04 * size;
    let last = match name.lines.len() {
        0 | 1 => 254.0,
        2 if size > 20.0 => 261.0,
        2 => 259.0,
        3 => 263.0,
        _ => 265.0,
    };
    let first = last - name.depth(1.1);
    // Two lines of a large size reach up to these words, which then make room.
    let above = (first - size * 0.76 - 4.0).min(218.0);
    ink.text(LEFT, above, Style::new(Face::Italic, 12.5, GREY), "diberikan kepada");
    for (below, line) in (0u8..).zip(&name.lines) {
        let y = first + f32::from(below) * size * 1.1;
        ink.text(x, y, Style::new(Face::Bold, size, BLACK), line);
    }
    let nip = nip(&paper.nip);
    let position = paper.position.clone().unwrap_or_default();
    let both: Vec<String> = [nip, position].into_iter().filter(|part| !part.is_empty()).collect();
    let plain = Style::new(Face::Regular, 12.0, BLACK);
    ink.line(LEFT, 281.0, WIDTH, plain, &both.join("  ·  "));
    ink.line(LEFT, 296.5, WIDTH, plain, &paper.unit);
}

/// "NIP 19900505 201503 2 005", or nothing.
fn nip(nip: &str) -> String {
    let digits: String = nip.chars().filter(|letter| !letter.is_whitespace()).collect();
    if digits.len() == 18 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("NIP {} {} {} {}", &digits[..8], &digits[8..14], &digits[14..15], &digits[15..])
    } else if nip.is_empty() {
        String::new()
    } else {
        format!("NIP {nip}")
    }
}

fn subject(ink: &mut Ink, paper: &Paper) {
    let (y, size) = (322.0, 13.0);
    let quiet = Style::new(Face::Italic, size, GREY);
    let (role_size, role) = fit::line(Face::Bold, &paper.role, size, 240.0);
    let after = format!("pada {} dengan tema", product(paper).0);
    let mut x = LEFT;
    x += ink.text(x, y, quiet, "sebagai") + 4.2;
    x += ink.text(x, y, Style::new(Face::Bold, role_size, BLACK), &role) + 3.6;
    ink.line(x, y, LEFT + WIDTH - x, quiet, &after);
    let Block { size, lines, .. } = theme(&paper.theme);
    let first = match lines.len() {
        0 | 1 => 349.0,
        2 => 342.0,
        _ => 338.5,
    };
    for (below, line) in (0u8..).zip(&lines) {
        let y = first + f32::from(below) * size * 1.14;
        ink.text(LEFT, y, Style::new(Face::Regular, size, PLUM), line);
    }
}

fn facts(ink: &mut Ink, paper: &Paper) {
    let facts = [
        (204.0, 193.0, "TANGGAL", &paper.held_on),
        (409.0, 183.0, "NILAI", &paper.learning_hours),
        (604.0, 179.0, "PELAKSANAAN", &paper.mode),
    ];
    for (x, width, label, value) in facts {
        ink.text(x, 392.0, Style::new(Face::Sans, 6.6, GREY).tracked(0.9), label);
        ink.line(x, 409.0, width, Style::new(Face::Bold, 13.5, BLACK), value);
    }
}

fn signature(ink: &mut Ink, paper: &Paper) {
    let plain = Style::new(Face::Regular, 11.5, BLACK);
    ink.line(SIGNER, 445.0, SIGNER_WIDTH, plain, &paper.place_and_date);
    for (line, y) in paper.office.iter().zip([460.0, 473.5]) {
        ink.line(SIGNER, y, SIGNER_WIDTH, plain, line);
    }
    if !paper.signed {
        ink.text(SIGNER, 494.0, Style::new(Face::Italic, 9.5, GREY), NOT_SIGNED);
    }
    ink.line(SIGNER, 513.0, SIGNER_WIDTH, Style::new(Face::Bold, 12.0, BLACK), &paper.signer_name);
    let below = [paper.signer_rank.clone(), paper.signer_nip.as_deref().map(nip)];
    for (line, y) in below.iter().flatten().zip([526.5, 539.5]) {
        ink.line(SIGNER, y, SIGNER_WIDTH, Style::new(Face::Regular, 10.5, GREY), line);
    }
}

fn check(ink: &mut Ink, paper: &Paper) {
    ink.qr(LEFT, 436.0, 78.0, BLACK, &paper.verify_url);
    let small = Style::new(Face::Regular, 9.0, GREY);
    ink.text(CHECK, 445.0, Style::new(Face::Bold, 10.5, BLACK), "Periksa keaslian");
    ink.line(CHECK, 460.0, CHECK_WIDTH, Style::new(Face::Regular, 10.5, BLACK), &address(paper));
    let code = grouped(&paper.code);
    ink.line(CHECK, 476.0, CHECK_WIDTH, Style::new(Face::Sans, 9.2, BLACK).tracked(0.5), &code);
    ink.text(CHECK, 494.0, small, "Pindai kode QR, atau buka alamat di atas");
    ink.text(CHECK, 505.5, small, "lalu masukkan kode ini.");
    if paper.signed {
        for (line, y) in LEGAL.into_iter().zip([555.0, 563.6]) {
            ink.line(LEFT, y, WIDTH, Style::new(Face::Regular, 7.1, GREY), line);
        }
    }
}

/// The address to type by hand: without the scheme and the code.
fn address(paper: &Paper) -> String {
    let url = faces::drawable(&paper.verify_url);
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(&url);
    host.strip_suffix(&paper.code).unwrap_or(host).trim_end_matches('/').to_owned()
}

/// "7QF4-M2KD-9TXA-3HBW"
fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().filter(|letter| *letter != '-').collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}
