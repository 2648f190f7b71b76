//! The part of the PDF that many certificates share, built once: fonts, ornament, page, catalog.
//!
//! printpdf draws the ornament and embeds the fonts; each certificate then adds its own page
//! content and its title to a copy, without compressing the shared part again.

use super::{cloth, faces::Face, letters::Letters, logo::Logo};
use lopdf::{
    Dictionary, Document, Object, ObjectId, Stream, StringFormat, dictionary, text_string,
};
use printpdf::{Op, PdfDocument, PdfFontHandle, PdfPage, PdfSaveOptions, Pt, TextItem};
use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
};

static USUAL: LazyLock<Arc<Shell>> = LazyLock::new(|| Arc::new(Shell::new(Letters::usual())));

pub struct Shell {
    pub letters: Letters,
    document: Document,
    page: ObjectId,
    text: ObjectId,
    title: ObjectId,
}

/// What the PDF says about itself outside the page.
pub struct About<'a> {
    pub title: String,
    pub author: String,
    pub subject: String,
    pub creator: String,
    /// As PDF writes dates: `D:20260907010000Z`.
    pub date: String,
    /// Makes the PDF's identifier, in place of random bytes.
    pub code: &'a str,
}

impl Shell {
    /// The shared shell if its letters are enough; else one made for just these letters, which
    /// is slower but keeps the PDF small.
    pub fn with_letters(wanted: &BTreeSet<char>) -> Arc<Self> {
        if USUAL.letters.has_all(wanted) {
            return Arc::clone(&USUAL);
        }
        Arc::new(Self::new(wanted | &Letters::usual()))
    }

    fn new(chosen: BTreeSet<char>) -> Self {
        let (letters, fonts) = Letters::cut(chosen);
        let mut drawing = PdfDocument::new("");
        drawing.resources.fonts.map.extend(fonts.into_iter().map(|(face, font)| (face.id(), font)));
        let page = |ops| PdfPage {
            ops,
            ..PdfPage::new(Pt(cloth::PAGE_WIDTH).into(), Pt(cloth::PAGE_HEIGHT).into(), vec![])
        };
        // printpdf embeds the glyphs that it sees used: the second page shows them all, and goes.
        drawing.with_pages(vec![page(cloth::ornament()), page(specimen(&letters))]);
        let options = PdfSaveOptions { optimize: false, ..PdfSaveOptions::default() };
        let mut document = drawing.to_lopdf_document(&options, &mut Vec::new());
        document.delete_pages(&[2]);
        Self::finish_shared(letters, document)
    }

    fn finish_shared(letters: Letters, mut document: Document) -> Self {
        let page = document.page_iter().next().unwrap_or_default();
        let (text, title) = (document.new_object_id(), document.new_object_id());
        if let Ok(page) = document.get_dictionary_mut(page) {
            let ornament = page.get(b"Contents").cloned().unwrap_or(Object::Null);
            page.set("Contents", vec![ornament, text.into()]);
            page.remove(b"Annots");
        }
        if let Ok(catalog) = document.catalog_mut() {
            catalog.set("Lang", text_string("id-ID"));
            catalog.set("PageLayout", "SinglePage");
            catalog.set("ViewerPreferences", dictionary! { "DisplayDocTitle" => true });
        }
        "1.7".clone_into(&mut document.version);
        document.trailer.set("Info", title);
        document.prune_objects();
        document.compress();
        Self { letters, document, page, text, title }
    }

    /// One certificate: the shared part with this content and title.
    pub fn certificate(&self, content: Vec<u8>, logo: Option<&Logo>, about: &About) -> Vec<u8> {
        let mut document = self.document.clone();
        let mut content = Stream::new(Dictionary::new(), content);
        // Deflating into memory cannot fail; uncompressed content would be as valid.
        content.compress().unwrap_or_default();
        document.set_object(self.text, content);
        document.set_object(self.title, about.dictionary());
        document.trailer.set("ID", vec![about.identifier(), about.identifier()]);
        if let Some(logo) = logo {
            let image = document.add_object(logo.image.clone());
            self.give(&mut document, image);
        }
        let mut bytes = Vec::with_capacity(96 * 1024);
        // Writing into memory cannot fail.
        document.save_to(&mut bytes).unwrap_or_default();
        bytes
    }

    /// Puts the logo among the resources of the page.
    fn give(&self, document: &mut Document, image: ObjectId) {
        let page = document.get_dictionary(self.page);
        let resources = page.and_then(|page| page.get(b"Resources")).and_then(Object::as_reference);
        if let Ok(resources) = resources.and_then(|id| document.get_dictionary_mut(id)) {
            resources.set("XObject", dictionary! { "Logo" => image });
        }
    }
}

impl About<'_> {
    fn dictionary(&self) -> Dictionary {
        dictionary! {
            "Title" => text_string(&self.title),
            "Author" => text_string(&self.author),
            "Subject" => text_string(&self.subject),
            "Creator" => text_string(&self.creator),
            "Producer" => text_string("printpdf"),
            "CreationDate" => text_string(&self.date),
            "ModDate" => text_string(&self.date),
        }
    }

    fn identifier(&self) -> Object {
        Object::String(self.code.as_bytes().to_vec(), StringFormat::Hexadecimal)
    }
}

fn specimen(letters: &Letters) -> Vec<Op> {
    let all = Face::ALL.map(|face| {
        [
            Op::StartTextSection,
            Op::SetFont { font: PdfFontHandle::External(face.id()), size: Pt(10.0) },
            Op::ShowText { items: vec![TextItem::Text(letters.of(face))] },
            Op::EndTextSection,
        ]
    });
    all.into_iter().flatten().collect()
}
