//! The part of the four faces that one PDF carries: a set of letters, renumbered.

use super::faces::Face;
use printpdf::{FontType, ParsedFont, PdfFont};
use std::collections::{BTreeMap, BTreeSet};
use subsetter::GlyphRemapper;

/// The letters that almost every certificate keeps to. Names in Latin script with the marks
/// of transliterated Arabic are inside; anything else gets a subset of its own.
const USUAL: &str = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`\
    abcdefghijklmnopqrstuvwxyz{|}~·–—‘’“”…°²³½ÀÁÈÉÖÜàáâäçèéêëíîïñóôöúûüĀāĪīŪūŌō\u{2bb}\u{2bc}";

/// Where a letter lies: its face, and its number there.
pub type Place = (Face, u16);

pub struct Letters {
    places: [BTreeMap<char, Place>; 4],
    chosen: BTreeSet<char>,
}

impl Letters {
    pub fn usual() -> BTreeSet<char> {
        USUAL.chars().collect()
    }

    pub fn has_all(&self, wanted: &BTreeSet<char>) -> bool {
        wanted.is_subset(&self.chosen)
    }

    /// A letter outside the set is drawn as a question mark.
    pub fn place(&self, face: Face, letter: char) -> Place {
        let places = &self.places[face as usize];
        places.get(&letter).or_else(|| places.get(&'?')).copied().unwrap_or((face, 0))
    }

    /// The set cut out of the original fonts, and the four fonts to embed for it.
    pub fn cut(chosen: BTreeSet<char>) -> (Self, Vec<(Face, PdfFont)>) {
        let mut remappers: [GlyphRemapper; 4] = std::array::from_fn(|_| GlyphRemapper::new());
        let places = Face::ALL.map(|face| {
            let found = chosen.iter().filter_map(|letter| Some((*letter, face.find(*letter)?)));
            found
                .map(|(letter, (home, glyph))| {
                    (letter, (home, remappers[home as usize].remap(glyph)))
                })
                .collect()
        });
        let letters = Self { places, chosen };
        let fonts = Face::ALL.map(|face| (face, letters.font(face, &remappers[face as usize])));
        (letters, fonts.into())
    }

    /// All letters drawn from one face, the last one first: where two letters share a glyph,
    /// text copied from the PDF gets the one that was shown last, which is the plainer one.
    pub fn of(&self, face: Face) -> String {
        self.table(face).into_keys().rev().collect()
    }

    fn table(&self, face: Face) -> BTreeMap<char, u16> {
        let places = self.places.iter().flatten();
        places
            .filter(|(_, (home, _))| *home == face)
            .map(|(letter, (_, glyph))| (*letter, *glyph))
            .collect()
    }

    fn font(&self, face: Face, remapper: &GlyphRemapper) -> PdfFont {
        let whole = &face.original().parsed;
        let widths = (0..).zip(remapper.remapped_gids());
        PdfFont::new(ParsedFont {
            original_bytes: subset(face.original().bytes, remapper),
            font_index: 0,
            font_name: Some(face.subset_name().to_owned()),
            codepoint_to_glyph: self
                .table(face)
                .into_iter()
                .map(|(letter, glyph)| (letter.into(), glyph))
                .collect(),
            glyph_widths: widths
                .map(|(new, old)| (new, whole.get_glyph_width(old).unwrap_or(0)))
                .collect(),
            units_per_em: whole.units_per_em,
            font_metrics: whole.font_metrics.clone(),
            font_type: if face == Face::Sans {
                FontType::TrueType
            } else {
                FontType::OpenTypeCFF(())
            },
            pdf_font_metrics: whole.pdf_font_metrics.clone(),
        })
    }
}

#[expect(clippy::expect_used, reason = "the fonts are compiled in, and every test cuts them")]
fn subset(bytes: &[u8], remapper: &GlyphRemapper) -> Vec<u8> {
    subsetter::subset(bytes, 0, remapper).expect("a built-in font can be cut")
}
