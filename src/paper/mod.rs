//! Draws the certificate as a PDF: from what it says to the bytes, with nothing else going in.

mod cloth;
mod faces;
mod fit;
mod ink;
mod layout;
mod letters;
mod logo;
mod origin;
mod shell;
#[cfg(test)]
mod tests;

pub use logo::{Logo, LogoError};
pub use origin::code_in;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shell::{About, Shell};
use std::collections::BTreeSet;

/// What one certificate says. Frozen when it is issued; nothing else goes into the drawing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paper {
    /// "PEMERINTAH PROVINSI SULAWESI TENGAH"
    pub government: String,
    pub agency: String,
    /// "Smart Class ASN": the last word stands below the others.
    pub product: String,
    pub number: String,
    pub legal_basis: Option<String>,
    pub name: String,
    /// 18 digits, drawn grouped 8-6-1-3; anything else is drawn as it is, nothing if empty.
    pub nip: String,
    pub position: Option<String>,
    pub unit: String,
    /// "Peserta", "Narasumber", "Moderator"
    pub role: String,
    pub theme: String,
    /// "7 September 2026"
    pub held_on: String,
    /// "2 (dua) Jam Pelajaran"
    pub learning_hours: String,
    /// "Daring melalui Zoom"
    pub mode: String,
    /// "Palu, 8 September 2026"
    pub place_and_date: String,
    /// The signer's office in one or two lines.
    pub office: Vec<String>,
    pub signer_name: String,
    pub signer_rank: Option<String>,
    pub signer_nip: Option<String>,
    /// 16 characters, shown in groups of four.
    pub code: String,
    /// `https://host/v/CODE`
    pub verify_url: String,
    pub issued_at: DateTime<Utc>,
    /// Whether it is to be signed through `BSrE`: only then it carries the two legal sentences;
    /// otherwise it says that it is not signed.
    pub signed: bool,
}

/// The certificate as a PDF of one page. The same paper and logo give the same bytes.
///
/// Any text can be drawn, and what is too long for its place is cut off with "…". Scripts whose
/// letters join or run from right to left are drawn letter by letter from left to right.
pub fn draw(paper: &Paper, logo: Option<&Logo>) -> Vec<u8> {
    let drawn = paper.drawable();
    let shell = Shell::with_letters(&drawn.letters());
    let content = layout::content(&drawn, &shell.letters, logo.map(|logo| logo.ratio));
    shell.certificate(content, logo, &paper.about())
}

/// Whether a theme fits on the certificate at the smallest size allowed for it.
pub fn theme_fits(theme: &str) -> bool {
    layout::theme(&faces::drawable(theme)).whole
}

impl Paper {
    /// The same with all text as it can be drawn.
    fn drawable(&self) -> Self {
        let own = |text: &String| faces::drawable(text);
        let maybe = |text: &Option<String>| text.as_ref().map(own).filter(|text| !text.is_empty());
        Self {
            government: own(&self.government),
            agency: own(&self.agency),
            product: own(&self.product),
            number: own(&self.number),
            legal_basis: maybe(&self.legal_basis),
            name: own(&self.name),
            nip: own(&self.nip),
            position: maybe(&self.position),
            unit: own(&self.unit),
            role: own(&self.role),
            theme: own(&self.theme),
            held_on: own(&self.held_on),
            learning_hours: own(&self.learning_hours),
            mode: own(&self.mode),
            place_and_date: own(&self.place_and_date),
            office: self.office.iter().map(own).collect(),
            signer_name: own(&self.signer_name),
            signer_rank: maybe(&self.signer_rank),
            signer_nip: maybe(&self.signer_nip),
            code: own(&self.code),
            verify_url: self.verify_url.clone(),
            ..*self
        }
    }

    /// Every letter that the drawing may need beyond the usual ones.
    fn letters(&self) -> BTreeSet<char> {
        let address = faces::drawable(&self.verify_url);
        let always = [
            &self.government,
            &self.agency,
            &self.product,
            &self.number,
            &self.name,
            &self.nip,
            &self.unit,
            &self.role,
            &self.theme,
            &self.held_on,
            &self.learning_hours,
            &self.mode,
            &self.place_and_date,
            &self.signer_name,
            &self.code,
            &address,
        ];
        let sometimes = [&self.legal_basis, &self.position, &self.signer_rank, &self.signer_nip];
        let all = always.into_iter().chain(sometimes.into_iter().flatten()).chain(&self.office);
        all.flat_map(|text| text.chars()).collect()
    }

    fn about(&self) -> About<'_> {
        About {
            title: format!("Sertifikat {} – {}", brief(&self.number), brief(&self.name)),
            author: brief(&self.agency),
            subject: brief(&self.theme),
            creator: brief(&self.product),
            date: self.issued_at.format("D:%Y%m%d%H%M%SZ").to_string(),
            code: &self.code,
        }
    }
}

/// As much of a text as belongs into a PDF's properties, which show all scripts.
fn brief(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ").chars().take(300).collect()
}
