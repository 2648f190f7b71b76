//! What was typed becomes a plan, or everything that is wrong with it.

use super::ClassForm;
use crate::{
    class::{Lane, Part, Speaker, Speaking, minutes, proposed_jp},
    schedule::Plan,
    web::{
        form::{Problems, compact, local, seen},
        show,
    },
};
use chrono::{DateTime, Days, NaiveTime, Utc};

/// When people may enrol, and until when they may give up their seat.
struct Enrolling {
    opens: Option<DateTime<Utc>>,
    closes: DateTime<Utc>,
    withdrawal: DateTime<Utc>,
}

/// Where a day without a time of day leads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Beginning,
    End,
}

/// A moment as typed: the names of its two fields, and what they hold.
type Typed<'a> = ([&'static str; 2], &'a str, &'a str);

impl ClassForm {
    /// The plan that was typed, or everything that is wrong with it.
    pub fn parse(&self) -> Result<Plan, Problems> {
        let mut problems = Problems::default();
        let p = &mut problems;
        let title = p.text("title", "tema", &self.title, 280);
        let summary = p.text("summary", "ringkasan", &self.summary, 400);
        if self.description.chars().count() > 5000 {
            p.note::<()>("description", "Paling banyak 5.000 karakter.");
        }
        let audience = p.text("audience", "untuk siapa kelas ini", &self.audience, 300);
        let parts = self.times.parse(p);
        let jp = self.jp(parts.as_deref(), p);
        let presence = in_range(p, "presence", &self.presence, 1, 100, "Batas hadir");
        let quota = in_range(p, "quota", &self.quota, 1, 100_000, "Kuota");
        let enrolling = self.enrolling(parts.as_deref(), p);
        let (lanes, speakers) = (self.lanes(p), self.speakers(p));
        let plan = || {
            let Enrolling { opens, closes, withdrawal } = enrolling?;
            Some(Plan {
                title: title?,
                summary: summary?,
                description: seen(&self.description).replace("\r\n", "\n"),
                audience: audience?,
                jp: jp?,
                quota: quota?,
                enrolment_opens: opens,
                enrolment_closes: closes,
                withdrawal_until: withdrawal,
                presence_percent: presence?,
                zoom_meeting_id: meeting_id(&self.link),
                parts: parts?,
                lanes,
                speakers,
            })
        };
        plan().filter(|_| problems.none()).ok_or(problems)
    }

    /// The hours that were typed, or those that are proposed.
    pub(super) fn hours(&self) -> Option<i32> {
        let problems = &mut Problems::default();
        let parts = self.times.parse(problems);
        self.jp(parts.as_deref(), problems)
    }

    fn jp(&self, parts: Option<&[Part]>, problems: &mut Problems) -> Option<i32> {
        if self.jp.trim().is_empty() {
            return parts.map(|parts| proposed_jp(minutes(parts)));
        }
        in_range(problems, "jp", &self.jp, 1, 99, "JP")
    }

    fn enrolling(&self, parts: Option<&[Part]>, problems: &mut Problems) -> Option<Enrolling> {
        let starts = parts.and_then(<[Part]>::first).map(|part| part.starts);
        let opens = (["opens", "opens_time"], &*self.opens, &*self.opens_time);
        let closes = (["closes", "closes_time"], &*self.closes, &*self.closes_time);
        let withdraw = (["withdraw", "withdraw_time"], &*self.withdraw, &*self.withdraw_time);
        let opens = moment(problems, opens, Edge::Beginning);
        let closes = before_start(problems, closes, starts, "Pendaftaran ditutup");
        let withdrawal = before_start(problems, withdraw, starts, "Batas pembatalan");
        let starts = starts?;
        let closes = closes.unwrap_or(starts);
        if opens.is_some_and(|opens| opens >= closes) {
            problems.note::<()>("opens", "Pendaftaran harus dibuka sebelum ditutup.");
        }
        let withdrawal = withdrawal.map_or_else(|| end_of_day_before(starts), last_second);
        Some(Enrolling { opens, closes, withdrawal })
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
        match seen(&self.room).as_str() {
            "" => {}
            room if room.chars().count() <= 200 => lanes.push((Lane::Room, room.to_owned())),
            _ => {
                problems.note::<()>("room", "Tulis ruang paling banyak 200 karakter.");
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
            let (name, office) = (seen(name), seen(office));
            if name.is_empty() && (field == "speaker" || !office.is_empty()) {
                problems.note::<()>(field, "Isi nama narasumber atau moderator dengan gelar.");
            } else if name.chars().count() > 120 || office.chars().count() > 200 {
                problems.note::<()>(field, "Nama paling banyak 120 karakter, jabatan 200.");
            } else if !name.is_empty() {
                speakers.push(Speaker { speaking, name, office, person: None });
            }
        }
        speakers
    }
}

/// A moment that was typed; none when its day is empty.
fn moment(problems: &mut Problems, typed: Typed<'_>, edge: Edge) -> Option<DateTime<Utc>> {
    let ([field, time_field], day, time) = typed;
    if day.trim().is_empty() {
        if !time.trim().is_empty() {
            problems.note::<()>(field, "Isi juga tanggalnya, atau kosongkan jamnya.");
        }
        return None;
    }
    let day = problems.date(field, day);
    let time = match time.trim() {
        "" => None,
        time => Some(problems.time(time_field, time)?),
    };
    match (time, edge) {
        (Some(time), _) => local(day?, time),
        (None, Edge::Beginning) => local(day?, NaiveTime::MIN),
        (None, Edge::End) => local(day?.checked_add_days(Days::new(1))?, NaiveTime::MIN),
    }
}

/// A moment not after the class's start; the end of that very day means the start.
fn before_start(
    problems: &mut Problems,
    typed: Typed<'_>,
    starts: Option<DateTime<Utc>>,
    what: &str,
) -> Option<DateTime<Utc>> {
    let at = moment(problems, typed, Edge::End)?;
    let starts = starts?;
    let whole_day = typed.2.trim().is_empty();
    if at <= starts {
        Some(at)
    } else if whole_day && show::local_day(at).pred_opt() == Some(show::local_day(starts)) {
        Some(starts)
    } else {
        problems.note(typed.0[0], format!("{what} paling lambat saat kelas dimulai."))
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

/// People may give up their seat until the end of the day before, unless the form says otherwise.
pub(super) fn end_of_day_before(starts: DateTime<Utc>) -> DateTime<Utc> {
    local(show::local_day(starts), NaiveTime::MIN).map_or(starts, last_second)
}

/// The end of a day is the last second of it, so that it is shown as that day.
fn last_second(at: DateTime<Utc>) -> DateTime<Utc> {
    if is_midnight(at) { at - chrono::Duration::seconds(1) } else { at }
}

pub(super) fn is_midnight(at: DateTime<Utc>) -> bool {
    local(show::local_day(at), NaiveTime::MIN) == Some(at)
}

/// The meeting's number in a Zoom link: `https://zoom.us/j/84512207741?pwd=…`.
pub(super) fn meeting_id(link: &str) -> Option<String> {
    let after = ["/j/", "/w/", "/s/"].iter().find_map(|mark| link.split_once(mark))?.1;
    let digits: String = compact(after.split(['?', '/', '#']).next()?);
    Some(digits).filter(|digits| {
        (9..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    })
}
