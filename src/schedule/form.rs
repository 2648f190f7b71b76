//! The form in which an organiser lays down a class.

use super::Plan;
use crate::{
    class::{Class, Lane, Part, Speaker, Speaking, proposed_jp},
    web::{
        form::{Problems, compact, local},
        show,
    },
};
use chrono::{DateTime, Days, NaiveTime, Utc};
use serde::Deserialize;

/// The form as typed.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct ClassForm {
    /// Made with the page: the same form sent twice makes one class.
    pub key: String,
    /// The version that was edited.
    pub version: String,
    pub title: String,
    pub summary: String,
    pub description: String,
    pub audience: String,
    pub day: String,
    pub from: String,
    pub to: String,
    /// Empty: proposed from the minutes.
    pub jp: String,
    pub quota: String,
    pub opens: String,
    pub closes: String,
    pub presence: String,
    pub link: String,
    pub stream: String,
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
            title: String::new(),
            summary: String::new(),
            description: String::new(),
            audience: "Semua ASN Pemerintah Provinsi Sulawesi Tengah, PNS dan PPPK.".into(),
            day: String::new(),
            from: "09.00".into(),
            to: "11.00".into(),
            jp: String::new(),
            quota: "100".into(),
            opens: String::new(),
            closes: String::new(),
            presence: "80".into(),
            link: String::new(),
            stream: String::new(),
            speaker: String::new(),
            speaker_office: String::new(),
            speaker2: String::new(),
            speaker2_office: String::new(),
            moderator: String::new(),
            moderator_office: String::new(),
        }
    }
}

fn iso(at: DateTime<Utc>) -> String {
    show::local_day(at).to_string()
}

impl ClassForm {
    /// The form filled in with a class as it stands.
    pub fn of(class: &Class) -> Self {
        let of = |speaking, nth| class.speakers.iter().filter(|s| s.speaking == speaking).nth(nth);
        let name = |s: Option<&Speaker>| s.map(|s| s.name.clone()).unwrap_or_default();
        let office = |s: Option<&Speaker>| s.map(|s| s.office.clone()).unwrap_or_default();
        let (first, second) = (of(Speaking::Speaker, 0), of(Speaking::Speaker, 1));
        let moderator = of(Speaking::Moderator, 0);
        let day_before_closes = class.enrolment_closes - chrono::Duration::minutes(1);
        Self {
            key: String::new(),
            version: class.version.to_string(),
            title: class.title.clone(),
            summary: class.summary.clone(),
            description: class.description.clone(),
            audience: class.audience.clone(),
            day: iso(class.starts()),
            from: show::time(class.starts()),
            to: show::time(class.ends()),
            jp: class.jp.to_string(),
            quota: class.quota.to_string(),
            opens: class.enrolment_opens.map(iso).unwrap_or_default(),
            closes: if class.enrolment_closes == class.starts() {
                String::new()
            } else {
                iso(day_before_closes)
            },
            presence: class.presence_percent.to_string(),
            link: class.address(Lane::Zoom).unwrap_or_default().to_owned(),
            stream: class.address(Lane::Stream).unwrap_or_default().to_owned(),
            speaker: name(first),
            speaker_office: office(first),
            speaker2: name(second),
            speaker2_office: office(second),
            moderator: name(moderator),
            moderator_office: office(moderator),
        }
    }

    /// Where the class as it stands differs from what was typed: the field, and what the class has.
    pub fn differences(&self, stands: &Self) -> Vec<(&'static str, String)> {
        type Field = (&'static str, fn(&ClassForm) -> &String);
        let fields: [Field; 18] = [
            ("Tema", |form| &form.title),
            ("Ringkasan", |form| &form.summary),
            ("Yang akan dipelajari", |form| &form.description),
            ("Untuk siapa", |form| &form.audience),
            ("Tanggal", |form| &form.day),
            ("Mulai", |form| &form.from),
            ("Selesai", |form| &form.to),
            ("Batas hadir", |form| &form.presence),
            ("Kuota", |form| &form.quota),
            ("Pendaftaran dibuka", |form| &form.opens),
            ("Hari terakhir pendaftaran", |form| &form.closes),
            ("Tautan Zoom", |form| &form.link),
            ("Tautan siaran langsung", |form| &form.stream),
            ("Narasumber", |form| &form.speaker),
            ("Jabatan narasumber", |form| &form.speaker_office),
            ("Narasumber kedua", |form| &form.speaker2),
            ("Jabatan narasumber kedua", |form| &form.speaker2_office),
            ("Moderator", |form| &form.moderator),
        ];
        let differs = fields.into_iter().filter(|(_, of)| of(self).trim() != of(stands).trim());
        differs.map(|(label, of)| (label, of(stands).clone())).collect()
    }

    /// The plan that was typed, or everything that is wrong with it.
    pub fn parse(&self) -> Result<Plan, Problems> {
        let mut problems = Problems::default();
        let title = problems.text("title", "tema", &self.title, 280).map(str::to_owned);
        let summary = problems.text("summary", "ringkasan", &self.summary, 400).map(str::to_owned);
        if self.description.chars().count() > 5000 {
            problems.note::<()>("description", "Paling banyak 5.000 huruf.");
        }
        let audience = problems
            .text("audience", "untuk siapa kelas ini", &self.audience, 300)
            .map(str::to_owned);
        let part = self.part(&mut problems);
        let jp = self.jp(part, &mut problems);
        let quota = in_range(&mut problems, "quota", &self.quota, 1, 100_000, "Kuota");
        let opens = Self::moment(&mut problems, "opens", &self.opens, false);
        let closes = Self::moment(&mut problems, "closes", &self.closes, true);
        let presence = in_range(&mut problems, "presence", &self.presence, 1, 100, "Batas hadir");
        let lanes = self.lanes(&mut problems);
        let speakers = self.speakers(&mut problems);
        let (
            Some(title),
            Some(summary),
            Some(audience),
            Some(part),
            Some(jp),
            Some(quota),
            Some(presence),
        ) = (title, summary, audience, part, jp, quota, presence)
        else {
            return Err(problems);
        };
        let enrolment_closes = closes.unwrap_or(part.starts);
        if enrolment_closes > part.ends {
            problems.note::<()>("closes", "Pendaftaran ditutup paling lambat pada hari kelas.");
        }
        if opens.is_some_and(|opens| opens >= enrolment_closes) {
            problems.note::<()>("opens", "Pendaftaran harus dibuka sebelum ditutup.");
        }
        if !problems.none() {
            return Err(problems);
        }
        Ok(Plan {
            title,
            summary,
            description: self.description.trim().replace("\r\n", "\n"),
            audience,
            jp,
            quota,
            enrolment_opens: opens,
            enrolment_closes: enrolment_closes.min(part.starts),
            withdrawal_until: end_of_day_before(part.starts),
            presence_percent: presence,
            zoom_meeting_id: lanes
                .first()
                .filter(|(lane, _)| *lane == Lane::Zoom)
                .and_then(|(_, link)| meeting_id(link)),
            parts: vec![part],
            lanes,
            speakers,
        })
    }

    fn part(&self, problems: &mut Problems) -> Option<Part> {
        let day = problems.date("day", &self.day);
        let from = problems.time("from", &self.from);
        let to = problems.time("to", &self.to);
        let (day, from, to) = (day?, from?, to?);
        if to <= from {
            return problems.note("to", "Jam selesai harus sesudah jam mulai.");
        }
        Some(Part { starts: local(day, from)?, ends: local(day, to)?, really: None })
    }

    fn jp(&self, part: Option<Part>, problems: &mut Problems) -> Option<i32> {
        if self.jp.trim().is_empty() {
            return part.map(|part| proposed_jp((part.ends - part.starts).num_minutes()));
        }
        in_range(problems, "jp", &self.jp, 1, 99, "JP")
    }

    /// The beginning of a typed day, or its end.
    fn moment(
        problems: &mut Problems,
        field: &'static str,
        typed: &str,
        end: bool,
    ) -> Option<DateTime<Utc>> {
        if typed.trim().is_empty() {
            return None;
        }
        let day = problems.date(field, typed)?;
        let day = if end { day.checked_add_days(Days::new(1))? } else { day };
        local(day, NaiveTime::MIN)
    }

    fn lanes(&self, problems: &mut Problems) -> Vec<(Lane, String)> {
        let typed = [(Lane::Zoom, "link", &self.link), (Lane::Stream, "stream", &self.stream)];
        let mut lanes = Vec::new();
        for (lane, field, link) in typed {
            match link.trim() {
                "" => {}
                link if link.starts_with("https://")
                    && link.len() <= 1000
                    && !link.contains(char::is_whitespace) =>
                {
                    lanes.push((lane, link.to_owned()));
                }
                _ => {
                    problems.note::<()>(field, "Tempel tautan lengkap yang diawali https://.");
                }
            }
        }
        lanes
    }

    fn speakers(&self, problems: &mut Problems) -> Vec<Speaker> {
        let typed = [
            (Speaking::Speaker, "speaker", &self.speaker, &self.speaker_office),
            (Speaking::Speaker, "speaker2", &self.speaker2, &self.speaker2_office),
            (Speaking::Moderator, "moderator", &self.moderator, &self.moderator_office),
        ];
        let mut speakers = Vec::new();
        for (speaking, field, name, office) in typed {
            let (name, office) = (name.trim(), office.trim());
            if name.is_empty() && (field == "speaker" || !office.is_empty()) {
                problems.note::<()>(field, "Isi nama narasumber atau moderator dengan gelar.");
            } else if name.chars().count() > 120 || office.chars().count() > 200 {
                problems.note::<()>(field, "Nama paling banyak 120 huruf, jabatan 200.");
            } else if !name.is_empty() {
                speakers.push(Speaker {
                    speaking,
                    name: name.into(),
                    office: office.into(),
                    person: None,
                });
            }
        }
        speakers
    }
}

fn in_range(
    problems: &mut Problems,
    field: &'static str,
    typed: &str,
    least: i32,
    most: i32,
    what: &str,
) -> Option<i32> {
    match problems.number(field, what, typed)? {
        number if (least..=most).contains(&number) => Some(number),
        _ => problems.note(
            field,
            format!("{what} antara {} dan {}.", show::number(least), show::number(most)),
        ),
    }
}

/// People may give up their seat until the end of the day before.
fn end_of_day_before(starts: DateTime<Utc>) -> DateTime<Utc> {
    local(show::local_day(starts), NaiveTime::MIN)
        .map_or(starts, |midnight| midnight - chrono::Duration::seconds(1))
}

/// The meeting's number in a Zoom link: `https://zoom.us/j/84512207741?pwd=…`.
fn meeting_id(link: &str) -> Option<String> {
    let after = ["/j/", "/w/", "/s/"].iter().find_map(|mark| link.split_once(mark))?.1;
    let digits: String = compact(after.split(['?', '/', '#']).next()?);
    Some(digits).filter(|digits| {
        (9..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> ClassForm {
        ClassForm {
            title: "Arsip Digital".into(),
            summary: "Menata dokumen kantor.".into(),
            day: "2026-12-01".into(),
            speaker: "Nirmala Sausu, S.Sos.".into(),
            link: "https://us02web.zoom.us/j/84512207741?pwd=abc".into(),
            ..ClassForm::default()
        }
    }

    #[test]
    fn learning_hours_are_proposed_from_the_minutes() {
        assert_eq!(form().parse().unwrap().jp, 2);
        let long = ClassForm { to: "12.30".into(), ..form() };
        assert_eq!(long.parse().unwrap().jp, 4);
        let said = ClassForm { jp: "3".into(), ..form() };
        assert_eq!(said.parse().unwrap().jp, 3);
    }

    #[test]
    fn the_meeting_number_is_read_from_the_link() {
        assert_eq!(form().parse().unwrap().zoom_meeting_id.as_deref(), Some("84512207741"));
        assert_eq!(meeting_id("https://example.org/x"), None);
    }

    #[test]
    fn each_mistake_is_named_at_its_field() {
        let wrong = ClassForm {
            title: " ".into(),
            day: "32/1/2026".into(),
            to: "08.00".into(),
            quota: "0".into(),
            jp: "100".into(),
            link: "zoom.us/j/1".into(),
            speaker: String::new(),
            ..form()
        };
        let problems = wrong.parse().unwrap_err();
        for field in ["title", "day", "quota", "jp", "link", "speaker"] {
            assert!(problems.on(field).is_some(), "{field}");
        }
    }

    #[test]
    fn a_class_shows_again_as_it_was_typed() {
        let plan = form().parse().unwrap();
        assert_eq!(plan.enrolment_closes, plan.parts[0].starts);
        assert_eq!(show::moment(plan.withdrawal_until), "30 Nov 2026 · 23.59 WITA");
    }
}
