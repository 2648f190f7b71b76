//! The forms of the settings, and what they must say.

use super::{Certificates, Signer, Targets, Version};
use crate::web::form::Problems;
use serde::Deserialize;

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct CertificateForm {
    /// What stood when the form was opened.
    pub(super) version: String,
    pub(super) government: String,
    pub(super) agency: String,
    pub(super) pattern: String,
    pub(super) digits: String,
    pub(super) first: String,
    pub(super) place: String,
    pub(super) legal_basis: String,
}

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SignerForm {
    pub(super) signer_name: String,
    pub(super) office: String,
    pub(super) acting: String,
    pub(super) rank: String,
    pub(super) signer_nip: String,
    pub(super) from: String,
    pub(super) until: String,
}

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct TargetForm {
    /// What stood when the form was opened.
    pub(super) version: String,
    pub(super) year: String,
    pub(super) pns: String,
    pub(super) pppk: String,
    pub(super) notice: String,
}

/// The id of a version, as a hidden field carries it.
pub(super) fn version(last: Option<&Version>) -> String {
    last.map(|version| version.id.to_string()).unwrap_or_default()
}

impl CertificateForm {
    pub(super) fn of(settings: &Certificates, year: i32, last: Option<&Version>) -> Self {
        Self {
            version: version(last),
            government: settings.government.clone(),
            agency: settings.agency.clone(),
            pattern: settings.pattern.clone(),
            digits: settings.digits.to_string(),
            first: settings.first_number(year).to_string(),
            place: settings.place.clone(),
            legal_basis: settings.legal_basis.clone().unwrap_or_default(),
        }
    }

    /// What stands and was typed otherwise, by its label.
    pub(super) fn differences(&self, stands: &Self) -> Vec<(&'static str, String)> {
        type Field = (&'static str, fn(&CertificateForm) -> &String);
        let fields: [Field; 7] = [
            ("Pemerintah", |form| &form.government),
            ("Badan", |form| &form.agency),
            ("Pola nomor", |form| &form.pattern),
            ("Banyak angka nomor urut", |form| &form.digits),
            ("Nomor pertama", |form| &form.first),
            ("Tempat", |form| &form.place),
            ("Dasar hukum", |form| &form.legal_basis),
        ];
        let differs = fields.into_iter().filter(|(_, of)| of(self).trim() != of(stands).trim());
        differs.map(|(label, of)| (label, of(stands).clone())).collect()
    }

    pub(super) fn parse(
        &self,
        before: &Certificates,
        year: i32,
        counting: bool,
    ) -> Result<Certificates, Problems> {
        let mut problems = Problems::default();
        let government = problems.text("government", "nama pemerintah", &self.government, 80);
        let agency = problems.text("agency", "nama badan", &self.agency, 80);
        let pattern = problems.text("pattern", "pola nomor", &self.pattern, 60);
        if pattern
            .as_ref()
            .is_some_and(|pattern| !(pattern.contains("{nomor}") && pattern.contains("{tahun}")))
        {
            problems.note::<()>(
                "pattern",
                "Pola harus memuat {nomor} dan {tahun}, agar setiap nomor berbeda.",
            );
        }
        let digits = match problems.number("digits", "Banyak angka", &self.digits) {
            Some(digits @ 1..=9) => Some(digits),
            Some(_) => problems.note("digits", "Banyak angka antara 1 dan 9."),
            None => None,
        };
        let first = match problems.number("first", "Nomor pertama", &self.first) {
            Some(first @ 1..=9_999_999) => Some(first),
            Some(_) => problems.note("first", "Nomor pertama antara 1 dan 9.999.999."),
            None => None,
        };
        if counting && first.is_some_and(|first| first != before.first_number(year)) {
            problems.note::<()>(
                "first",
                format!(
                    "Nomor tahun {year} sudah terpakai, jadi nomor pertamanya tidak dapat diubah."
                ),
            );
        }
        let place = problems.text("place", "tempat", &self.place, 40);
        let legal_basis = problems.optional("legal_basis", "dasar hukum", &self.legal_basis, 160);
        match (government, agency, pattern, digits, first, place) {
            (
                Some(government),
                Some(agency),
                Some(pattern),
                Some(digits),
                Some(first),
                Some(place),
            ) if problems.none() => {
                let mut first_numbers = before.first_numbers.clone();
                first_numbers.retain(|(of, _)| *of != year);
                first_numbers.push((year, first));
                Ok(Certificates {
                    government,
                    agency,
                    pattern,
                    digits,
                    place,
                    legal_basis,
                    first_numbers,
                    signers: before.signers.clone(),
                })
            }
            _ => Err(problems),
        }
    }
}

impl SignerForm {
    pub(super) fn parse(&self) -> Result<Signer, Problems> {
        let mut problems = Problems::default();
        let name = problems.text("signer_name", "nama dengan gelar", &self.signer_name, 80);
        let office = problems.text("office", "jabatan", &self.office, 70);
        let from = problems.date("from", &self.from);
        let until = match self.until.trim() {
            "" => None,
            typed => problems.date("until", typed),
        };
        let nip = crate::web::form::compact(&self.signer_nip);
        if !(nip.is_empty() || nip.len() == 18 && nip.bytes().all(|byte| byte.is_ascii_digit())) {
            problems.note::<()>("signer_nip", "NIP terdiri atas 18 angka.");
        }
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            problems.note::<()>("until", "Hari terakhir tidak boleh sebelum hari pertama.");
        }
        let rank = problems.optional("rank", "pangkat", &self.rank, 80);
        match (name, office, from) {
            (Some(name), Some(office), Some(from)) if problems.none() => Ok(Signer {
                from,
                until,
                acting: self.acting == "ya",
                office,
                name,
                rank,
                nip: Some(nip).filter(|nip| !nip.is_empty()),
            }),
            _ => Err(problems),
        }
    }
}

impl TargetForm {
    pub(super) fn of(targets: &Targets, last: Option<&Version>) -> Self {
        Self {
            version: version(last),
            year: targets.year.to_string(),
            pns: targets.pns.to_string(),
            pppk: targets.pppk.to_string(),
            notice: targets.pppk_notice.map(|notice| notice.to_string()).unwrap_or_default(),
        }
    }

    /// What stands for that year and was typed otherwise, by its label.
    pub(super) fn differences(&self, stands: &Self) -> Vec<(&'static str, String)> {
        type Field = (&'static str, fn(&TargetForm) -> &String);
        let fields: [Field; 3] = [
            ("PNS, paling sedikit", |form| &form.pns),
            ("PPPK, paling sedikit", |form| &form.pppk),
            ("PPPK, beri tahu di atas", |form| &form.notice),
        ];
        let differs = fields.into_iter().filter(|(_, of)| of(self).trim() != of(stands).trim());
        differs.map(|(label, of)| (label, of(stands).clone())).collect()
    }

    pub(super) fn parse(&self) -> Result<Targets, Problems> {
        let mut problems = Problems::default();
        let mut number = |field, typed: &str, least, most, what: &str| match problems
            .number::<i32>(field, what, typed)
        {
            Some(number) if (least..=most).contains(&number) => Some(number),
            Some(_) => problems.note(field, format!("{what} antara {least} dan {most}.")),
            None => None,
        };
        let year = number("year", &self.year, 2020, 2100, "Tahun");
        let pns = number("pns", &self.pns, 0, 500, "Target");
        let pppk = number("pppk", &self.pppk, 0, 500, "Target");
        let notice = match self.notice.trim() {
            "" => None,
            typed => number("notice", typed, 0, 1000, "Batas"),
        };
        if notice.zip(pppk).is_some_and(|(notice, pppk)| notice < pppk) {
            problems.note::<()>("notice", "Batas pemberitahuan tidak boleh di bawah target PPPK.");
        }
        match (year, pns, pppk) {
            (Some(year), Some(pns), Some(pppk)) if problems.none() => {
                Ok(Targets { year, pns, pppk, pppk_notice: notice })
            }
            _ => Err(problems),
        }
    }
}
