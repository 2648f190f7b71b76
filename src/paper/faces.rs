//! The four faces of the certificate: which face has which letter, and how wide it is.

use printpdf::{FontId, ParsedFont};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// Libertinus Serif in three cuts, and `DejaVu` Sans for labels and for what Libertinus lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    Regular,
    Bold,
    Italic,
    Sans,
}

/// A whole font as its crate ships it, of which every PDF carries a part.
pub struct Original {
    pub bytes: &'static [u8],
    pub parsed: ParsedFont,
}

impl Face {
    pub const ALL: [Self; 4] = [Self::Regular, Self::Bold, Self::Italic, Self::Sans];

    /// Name of the face among the resources of the page.
    pub const fn resource(self) -> &'static str {
        match self {
            Self::Regular => "Serif",
            Self::Bold => "SerifBold",
            Self::Italic => "SerifItalic",
            Self::Sans => "Sans",
        }
    }

    pub fn id(self) -> FontId {
        FontId(self.resource().to_owned())
    }

    /// PostScript name with the six-letter tag by which PDF marks a subset.
    pub const fn subset_name(self) -> &'static str {
        match self {
            Self::Regular => "SCREGU+LibertinusSerif-Regular",
            Self::Bold => "SCBOLD+LibertinusSerif-Bold",
            Self::Italic => "SCITAL+LibertinusSerif-Italic",
            Self::Sans => "SCSANS+DejaVuSans",
        }
    }

    pub fn original(self) -> &'static Original {
        &ORIGINALS[self as usize]
    }

    /// Where a letter is drawn from: this face, else `DejaVu` Sans, else Libertinus Serif.
    /// `None` if no face has it.
    pub fn find(self, letter: char) -> Option<(Self, u16)> {
        [self, Self::Sans, Self::Regular].into_iter().find_map(|face| {
            let glyph = face.original().parsed.lookup_glyph_index(letter.into())?;
            (glyph != 0).then_some((face, glyph))
        })
    }

    /// Advance of one letter in thousandths of the type size, rounded down as in the PDF's
    /// own table of widths, so that what is measured is what is drawn.
    pub fn advance(self, letter: char) -> f32 {
        let Some((face, glyph)) = self.find(letter) else { return 0.0 };
        let font = &face.original().parsed;
        let width = f32::from(font.get_glyph_width(glyph).unwrap_or(0));
        (width * 1000.0 / f32::from(font.units_per_em)).trunc()
    }

    /// Width of a line in pt at a size in pt.
    pub fn width(self, text: &str, size: f32) -> f32 {
        text.chars().map(|letter| self.advance(letter)).sum::<f32>() * size / 1000.0
    }
}

/// Text as it can be drawn: composed letters, single spaces, no control or formatting
/// characters, and "?" for a character that no face has.
pub fn drawable(text: &str) -> String {
    let words: Vec<String> = text
        .nfc()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .filter(|letter| !is_invisible(*letter))
        .map(|letter| if Face::Regular.find(letter).is_some() { letter } else { '?' })
        .collect::<String>()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    words.join(" ")
}

/// Soft hyphens, joiners, direction marks, variation selectors and tags: they draw nothing.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

static ORIGINALS: LazyLock<[Original; 4]> = LazyLock::new(|| {
    let mut libertinus = typst_assets::fonts();
    let mut next = || read(libertinus.next().unwrap_or_default());
    [next(), next(), next(), read(dejavu::sans::regular())]
});

#[expect(clippy::expect_used, reason = "the fonts are compiled in, and every test reads them")]
fn read(bytes: &'static [u8]) -> Original {
    let parsed = ParsedFont::from_bytes(bytes, 0, &mut Vec::new());
    Original { bytes, parsed: parsed.expect("a built-in font can be read") }
}
