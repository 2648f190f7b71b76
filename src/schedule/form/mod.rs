//! The form in which an organiser lays down a class.

mod parse;
#[cfg(test)]
mod tests;
mod times;

use crate::{
    class::{Class, Lane, Speaker, Speaking},
    web::show,
};
use chrono::{DateTime, Duration, Utc};
use parse::{end_of_day_before, is_midnight};
use serde::Deserialize;
use times::{Times, shown_day};

/// The form as typed.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct ClassForm {
    /// Made with the page: the same form sent twice makes one class.
    pub key: String,
    /// The version that was edited.
    pub version: String,
    /// The button that was pressed, where it is not the one that saves.
    pub act: String,
    pub title: String,
    pub summary: String,
    pub description: String,
    pub audience: String,
    #[serde(flatten)]
    pub times: Times,
    /// Empty: proposed from the minutes.
    pub jp: String,
    pub presence: String,
    pub quota: String,
    pub opens: String,
    /// Empty: the beginning of the day.
    pub opens_time: String,
    pub closes: String,
    /// Empty: the end of the day, here and of the next.
    pub closes_time: String,
    pub withdraw: String,
    pub withdraw_time: String,
    pub link: String,
    pub stream: String,
    pub room: String,
    pub speaker: String,
    pub speaker_office: String,
    pub speaker2: String,
    pub speaker2_office: String,
    pub moderator: String,
    pub moderator_office: String,
}

impl Default for ClassForm {
    fn default() -> Self {
        Self {
            key: String::new(),
            version: String::new(),
            act: String::new(),
            title: String::new(),
            summary: String::new(),
            description: String::new(),
            audience: "Semua ASN Pemerintah Provinsi Sulawesi Tengah, PNS dan PPPK.".into(),
            times: Times::default(),
            jp: String::new(),
            presence: "80".into(),
            quota: "100".into(),
            opens: String::new(),
            opens_time: String::new(),
            closes: String::new(),
            closes_time: String::new(),
            withdraw: String::new(),
            withdraw_time: String::new(),
            link: String::new(),
            stream: String::new(),
            room: String::new(),
            speaker: String::new(),
            speaker_office: String::new(),
            speaker2: String::new(),
            speaker2_office: String::new(),
            moderator: String::new(),
            moderator_office: String::new(),
        }
    }
}

impl ClassForm {
    /// The form filled in with a class as it stands.
    pub fn of(class: &Class) -> Self {
        let of = |speaking, nth| class.speakers.iter().filter(|s| s.speaking == speaking).nth(nth);
        let name = |s: Option<&Speaker>| s.map(|s| s.name.clone()).unwrap_or_default();
        let office = |s: Option<&Speaker>| s.map(|s| s.office.clone()).unwrap_or_default();
        let address = |lane| class.address(lane).unwrap_or_default().to_owned();
        let (first, second) = (of(Speaking::Speaker, 0), of(Speaking::Speaker, 1));
        let moderator = of(Speaking::Moderator, 0);
        let (starts, until) = (class.starts(), class.withdrawal_until);
        let (opens, opens_time) = class.enrolment_opens.map(beginning).unwrap_or_default();
        // What follows the class's start by itself stays empty, so that it goes on following.
        let closes = Some(class.enrolment_closes).filter(|at| *at != starts);
        let (closes, closes_time) = closes.map(end).unwrap_or_default();
        let until = Some(until).filter(|at| *at != end_of_day_before(starts));
        let (withdraw, withdraw_time) = until.map(end).unwrap_or_default();
        Self {
            key: String::new(),
            version: class.version.to_string(),
            act: String::new(),
            title: class.title.clone(),
            summary: class.summary.clone(),
            description: class.description.clone(),
            audience: class.audience.clone(),
            times: Times::of(&class.parts),
            jp: class.jp.to_string(),
            presence: class.presence_percent.to_string(),
            quota: class.quota.to_string(),
            opens,
            opens_time,
            closes,
            closes_time,
            withdraw,
            withdraw_time,
            link: address(Lane::Zoom),
            stream: address(Lane::Stream),
            room: address(Lane::Room),
            speaker: name(first),
            speaker_office: office(first),
            speaker2: name(second),
            speaker2_office: office(second),
            moderator: name(moderator),
            moderator_office: office(moderator),
        }
    }

    /// Adds or drops a part where that button was pressed; says whether one was.
    pub fn rearrange(&mut self) -> bool {
        match std::mem::take(&mut self.act).as_str() {
            "tambah" => self.times.add(),
            "kurang" => self.times.drop_last(),
            _ => return false,
        }
        true
    }

    /// Every field that says something of the class, with its label.
    #[rustfmt::skip]
    fn shown(&self) -> [(&'static str, String); 20] {
        // Names all fields, so that a new one cannot be forgotten.
        let Self {
            key: _, version: _, act: _, title, summary, description, audience, times, jp, presence,
            quota, opens, opens_time, closes, closes_time, withdraw, withdraw_time, link, stream,
            room, speaker, speaker_office, speaker2, speaker2_office, moderator, moderator_office,
        } = self;
        let said = |text: &String| text.trim().replace("\r\n", "\n");
        let at = |day: &String, time: &String| {
            format!("{} {}", shown_day(day), time.trim()).trim().to_owned()
        };
        [
            ("Tema", said(title)),
            ("Ringkasan", said(summary)),
            ("Yang akan dipelajari", said(description)),
            ("Untuk siapa", said(audience)),
            ("Waktu", times.shown()),
            ("Jam Pelajaran (JP)", self.hours().map_or(said(jp), |jp| jp.to_string())),
            ("Batas hadir (persen)", said(presence)),
            ("Kuota", said(quota)),
            ("Pendaftaran dibuka", at(opens, opens_time)),
            ("Pendaftaran ditutup", at(closes, closes_time)),
            ("Batas pembatalan oleh peserta", at(withdraw, withdraw_time)),
            ("Tautan Zoom", said(link)),
            ("Tautan siaran langsung", said(stream)),
            ("Ruang", said(room)),
            ("Narasumber", said(speaker)),
            ("Jabatan narasumber", said(speaker_office)),
            ("Narasumber kedua", said(speaker2)),
            ("Jabatan narasumber kedua", said(speaker2_office)),
            ("Moderator", said(moderator)),
            ("Jabatan moderator", said(moderator_office)),
        ]
    }

    /// Where the class as it stands differs from what was typed: the field, and what the class has.
    pub fn differences(&self, stands: &Self) -> Vec<(&'static str, String)> {
        let pairs = self.shown().into_iter().zip(stands.shown());
        pairs
            .filter(|((_, typed), (_, stands))| typed != stands)
            .map(|(_, stands)| stands)
            .collect()
    }
}

/// A moment in two fields; the time stays empty for the beginning of a day.
fn beginning(at: DateTime<Utc>) -> (String, String) {
    let time = if is_midnight(at) { String::new() } else { show::time(at) };
    (show::local_day(at).to_string(), time)
}

/// A moment in two fields; the time stays empty for the end of a day.
fn end(at: DateTime<Utc>) -> (String, String) {
    let second = Duration::seconds(1);
    if is_midnight(at) || is_midnight(at + second) {
        return (show::local_day(at - second).to_string(), String::new());
    }
    (show::local_day(at).to_string(), show::time(at))
}
