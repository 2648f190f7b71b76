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

/// Distances of baselines: by type size for names and themes, in pt for NIP, position and unit.
const NAME_LEADING: f32 = 1.1;
const THEME_LEADING: f32 = 1.14;
const DETAIL: f32 = 15.5;

const BLACK: u32 = 0x1f_17_20;
const GREY: u32 = 0x51_47_51;
const PLUM: u32 = 0x5b_16_40;

/// The logo's place, with the heading beside it: 44 pt high, 38 wide, more for a wide one.
const LOGO: (f32, f32) = (204.0, 50.0);
const LOGO_HIGH: f32 = 44.0;
const LOGO_WIDE: std::ops::RangeInclusive<f32> = 38.0..=96.0;

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
    let x = logo_ratio.map_or(LEFT, |ratio| {
        let wide = (LOGO_HIGH * ratio).clamp(*LOGO_WIDE.start(), *LOGO_WIDE.end());
        ink.logo(LOGO, (wide, LOGO_HIGH), ratio);
        LEFT + wide + 16.0
    });
    let width = 650.0 - x;
    ink.line(x, 67.0, width, Style::new(Face::Sans, 7.6, GREY).tracked(1.05), &paper.government);
    let agency = fit::block(Face::Bold, &paper.agency, width, &fit::AGENCY);
    let y = if agency.lines.len() > 1 { 83.0 } else { 85.5 };
    block(ink, (x, y), 1.14, Style::new(Face::Bold, agency.size, BLACK), &agency);
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

/// Lines below each other from this baseline on, `leading` times their size apart.
fn block(ink: &mut Ink, (x, y): (f32, f32), leading: f32, style: Style, block: &Block) {
    for (below, line) in (0u8..).zip(&block.lines) {
        ink.text(x, y + f32::from(below) * style.size * leading, style, line);
    }
}

/// Baselines between the number and the rule above the facts.
pub struct Baselines {
    pub above: f32,
    pub name: f32,
    pub details: f32,
    pub role: f32,
    pub theme: f32,
}

impl Baselines {
    /// They are drawn for a name and a theme of one line. Whatever needs more takes it from
    /// every gap, from each by as much as it can give, so that no two parts ever touch.
    pub fn of(name: &Block, details: usize, theme: &Block) -> Self {
        const GIVES: [f32; 6] = [8.0, 4.6, 3.0, 5.5, 4.0, 12.0];
        let smaller =
            |block: &Block, by: f32| if block.lines.len() > 1 { by - block.size } else { 0.0 };
        // Smaller letters reach less far up and down.
        let (name_less, theme_less) = (smaller(name, 34.0), smaller(theme, 21.0));
        let details = f32::from(u8::try_from(details.saturating_sub(1)).unwrap_or(0)) * DETAIL;
        let more = name.depth(NAME_LEADING) - 0.86 * name_less + details - DETAIL
            + theme.depth(THEME_LEADING)
            - 0.66 * theme_less;
        let give = GIVES.map(|gap| gap * (more / GIVES.iter().sum::<f32>()).max(0.0));
        let above = 218.0 - give[0];
        let first = above + 36.0 - give[1] - 0.66 * name_less;
        let below = first + name.depth(NAME_LEADING) + 27.0 - give[2] - 0.2 * name_less;
        let role = below + details + 25.5 - give[3];
        let theme = role + 27.0 - give[4] - 0.66 * theme_less;
        Self { above, name: first, details: below, role, theme }
    }
}

fn recipient(ink: &mut Ink, paper: &Paper) {
    let (name, theme, details) = (name(&paper.name), theme(&paper.theme), details(paper));
    let at = Baselines::of(&name, details.len(), &theme);
    ink.text(LEFT, at.above, Style::new(Face::Italic, 12.5, GREY), "diberikan kepada");
    // Large capitals stand a little inside their width: moved out to look flush.
    let x = LEFT - 0.04 * name.size;
    block(ink, (x, at.name), NAME_LEADING, Style::new(Face::Bold, name.size, BLACK), &name);
    for (below, line) in (0u8..).zip(&details) {
        let y = at.details + f32::from(below) * DETAIL;
        ink.line(LEFT, y, WIDTH, Style::new(Face::Regular, 12.0, BLACK), line);
    }
    role(ink, paper, at.role);
    let plum = Style::new(Face::Regular, theme.size, PLUM);
    block(ink, (LEFT, at.theme), THEME_LEADING, plum, &theme);
}

/// NIP and position, in one line where they fit, and the unit.
fn details(paper: &Paper) -> Vec<String> {
    let (nip, position) = (nip(&paper.nip), paper.position.clone().unwrap_or_default());
    let apart = [nip.as_str(), position.as_str()].map(str::to_owned);
    let both: Vec<String> = apart.iter().filter(|part| !part.is_empty()).cloned().collect();
    let both = both.join("  ·  ");
    let fits = Face::Regular.width(&both, 12.0) <= WIDTH;
    let above = if fits { vec![both] } else { apart.into() };
    above.into_iter().chain([paper.unit.clone()]).filter(|line| !line.is_empty()).collect()
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

fn role(ink: &mut Ink, paper: &Paper, y: f32) {
    let size = 13.0;
    let quiet = Style::new(Face::Italic, size, GREY);
    let (role_size, role) = fit::line(Face::Bold, &paper.role, size, 240.0);
    let after = format!("pada {} dengan tema", product(paper).0);
    let mut x = LEFT;
    x += ink.text(x, y, quiet, "sebagai") + 4.2;
    x += ink.text(x, y, Style::new(Face::Bold, role_size, BLACK), &role) + 3.6;
    ink.line(x, y, LEFT + WIDTH - x, quiet, &after);
}

fn facts(ink: &mut Ink, paper: &Paper) {
    let facts = [
        ("TANGGAL", &paper.held_on),
        ("NILAI", &paper.learning_hours),
        ("PELAKSANAAN", &paper.mode),
    ];
    let value = Style::new(Face::Bold, 13.5, BLACK);
    let places = columns(facts.map(|(_, text)| value.face.width(text, value.size)));
    for ((label, text), (x, width)) in facts.into_iter().zip(places) {
        ink.text(x, 392.0, Style::new(Face::Sans, 6.6, GREY).tracked(0.9), label);
        ink.line(x, 409.0, width, value, text);
    }
}

/// Left edges and widths of the facts: the usual ones, or as each needs where one is too long.
fn columns(natural: [f32; 3]) -> [(f32, f32); 3] {
    let usual = [(204.0, 193.0), (409.0, 183.0), (604.0, 179.0)];
    if natural.iter().zip(usual).all(|(needed, (_, width))| *needed <= width) {
        return usual;
    }
    let all: f32 = natural.iter().sum();
    let scale = ((WIDTH - 2.0 * 18.0) / all).min(1.0);
    let gap = (WIDTH - all * scale) / 2.0;
    let mut x = LEFT;
    natural.map(|needed| {
        let place = (x, needed * scale);
        x += needed * scale + gap;
        place
    })
}

fn signature(ink: &mut Ink, paper: &Paper) {
    let plain = Style::new(Face::Regular, 11.5, BLACK);
    ink.line(SIGNER, 445.0, SIGNER_WIDTH, plain, &paper.place_and_date);
    for (line, y) in paper.office.iter().zip([460.0, 473.5]) {
        ink.line(SIGNER, y, SIGNER_WIDTH, plain, line);
    }
    let name = fit::block(Face::Bold, &paper.signer_name, SIGNER_WIDTH, &fit::SIGNER);
    let (first, above) = if name.lines.len() > 1 { (508.5, 491.5) } else { (513.0, 494.0) };
    if !paper.signed {
        ink.text(SIGNER, above, Style::new(Face::Italic, 9.5, GREY), NOT_SIGNED);
    }
    block(ink, (SIGNER, first), 1.1, Style::new(Face::Bold, name.size, BLACK), &name);
    let last = first + name.depth(1.1);
    let below = [paper.signer_rank.clone(), paper.signer_nip.as_deref().map(nip)];
    for (line, below) in below.iter().flatten().zip([13.5, 26.5]) {
        let quiet = Style::new(Face::Regular, 10.5, GREY);
        ink.line(SIGNER, last + below, SIGNER_WIDTH, quiet, line);
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
