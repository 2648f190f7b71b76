//! Writes text and the QR code of one certificate as PDF page content.

use super::{cloth::PAGE_HEIGHT, faces::Face, fit, letters::Letters};
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write;

/// How a line of text looks; sizes and tracking (space added after each letter) in pt.
#[derive(Clone, Copy)]
pub struct Style {
    pub face: Face,
    pub size: f32,
    pub tracking: f32,
    pub color: u32,
}

impl Style {
    pub const fn new(face: Face, size: f32, color: u32) -> Self {
        Self { face, size, tracking: 0.0, color }
    }

    pub const fn tracked(self, tracking: f32) -> Self {
        Self { tracking, ..self }
    }
}

/// Page content in the making; positions in pt from the top left, `y` on the baseline.
pub struct Ink<'a> {
    letters: &'a Letters,
    content: String,
}

impl<'a> Ink<'a> {
    pub const fn new(letters: &'a Letters) -> Self {
        Self { letters, content: String::new() }
    }

    pub fn finish(self) -> Vec<u8> {
        self.content.into_bytes()
    }

    /// A line from `x` on, of whatever width it takes; gives that width.
    pub fn text(&mut self, x: f32, y: f32, style: Style, text: &str) -> f32 {
        let spaced = style.tracking > 0.0 && !text.is_empty();
        if spaced {
            // Readers take wide tracking for spaces between words; this tells them the words.
            self.push(format_args!("/Span <</ActualText <FEFF{}>>> BDC\n", utf16(text)));
        }
        self.push(format_args!(
            "BT {} rg {:.2} Tc 1 0 0 1 {x:.2} {:.2} Tm",
            rgb(style.color),
            style.tracking,
            PAGE_HEIGHT - y
        ));
        let mut open: Option<Face> = None;
        for letter in text.chars() {
            let (face, glyph) = self.letters.place(style.face, letter);
            if open != Some(face) {
                let end = if open.is_some() { "> Tj" } else { "" };
                self.push(format_args!("{end} /{} {:.3} Tf <", face.resource(), style.size));
                open = Some(face);
            }
            self.push(format_args!("{glyph:04X}"));
        }
        let end = if open.is_some() { "> Tj" } else { "" };
        self.push(format_args!("{end} ET\n"));
        if spaced {
            self.push(format_args!("EMC\n"));
        }
        style.face.width(text, style.size) + f32::from(count(text)) * style.tracking
    }

    /// A line that must not be wider than `width` pt: set smaller, then cut off with "…".
    pub fn line(&mut self, x: f32, y: f32, width: f32, style: Style, text: &str) {
        let tracking = f32::from(count(text)) * style.tracking;
        let (style, width) = if tracking < width / 3.0 {
            (style, width - tracking)
        } else {
            (style.tracked(0.0), width)
        };
        let (size, text) = fit::line(style.face, text, style.size, width);
        self.text(x, y, Style { size, ..style }, &text);
    }

    /// A line that ends at `right` and reaches at most `width` pt to the left.
    pub fn line_to(&mut self, right: f32, y: f32, width: f32, style: Style, text: &str) {
        let (size, text) = fit::line(style.face, text, style.size, width);
        self.text(right - style.face.width(&text, size), y, Style { size, ..style }, &text);
    }

    /// The address as a QR code of level M in a square of `side` pt: one path, one box per run
    /// of dark modules. An address too long for any QR code leaves the place empty.
    pub fn qr(&mut self, x: f32, y: f32, side: f32, color: u32, address: &str) {
        let Ok(code) = QrCode::with_error_correction_level(address, EcLevel::M) else { return };
        let modules = code.to_colors();
        let module = side / f32::from(u16::try_from(code.width()).unwrap_or(u16::MAX));
        let top = PAGE_HEIGHT - y;
        self.push(format_args!(
            "q {} rg {module:.5} 0 0 -{module:.5} {x} {top:.2} cm\n",
            rgb(color)
        ));
        for (row, line) in modules.chunks(code.width()).enumerate() {
            let mut column = 0;
            for run in line.chunk_by(|a, b| a == b) {
                if run[0] == Color::Dark {
                    self.push(format_args!("{column} {row} {} 1 re\n", run.len()));
                }
                column += run.len();
            }
        }
        self.push(format_args!("f Q\n"));
    }

    /// The logo, as large as a box allows, in the middle of it.
    pub fn logo(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), ratio: f32) {
        let (w, h) =
            if ratio > width / height { (width, width / ratio) } else { (height * ratio, height) };
        let (x, y) = (x + (width - w) / 2.0, PAGE_HEIGHT - y - height.midpoint(h));
        self.push(format_args!("q {w:.2} 0 0 {h:.2} {x:.2} {y:.2} cm /Logo Do Q\n"));
    }

    fn push(&mut self, text: std::fmt::Arguments) {
        self.content.write_fmt(text).unwrap_or_default();
    }
}

fn count(text: &str) -> u16 {
    u16::try_from(text.chars().count()).unwrap_or(u16::MAX)
}

fn utf16(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |hex, unit| hex + &format!("{unit:04X}"))
}

fn rgb(color: u32) -> String {
    let [_, r, g, b] = color.to_be_bytes().map(|part| f32::from(part) / 255.0);
    format!("{r:.3} {g:.3} {b:.3}")
}
