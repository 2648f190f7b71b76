//! Reading a report against a class, and what identifies what was read.

use super::{
    case::real,
    report::{Expected, Hints, Participant, Report, ReportError, read},
};
use crate::class::Class;
use sha2::{Digest, Sha256};

/// What a report of the class must agree with.
pub fn expected(class: &Class) -> Expected {
    Expected {
        parts: class.parts.iter().map(real).collect(),
        meeting_id: class.zoom_meeting_id.clone(),
    }
}

/// A file that was read, with what tells it apart.
#[derive(Debug, Clone)]
pub struct Upload {
    pub file_name: String,
    pub bytes: Vec<u8>,
    pub report: Report,
}

impl Upload {
    /// Reads the file. Takes up to seconds for the largest: not on a thread that serves pages.
    pub fn read(file_name: &str, bytes: Vec<u8>, expected: &Expected) -> Result<Self, ReportError> {
        let report = read(&bytes, expected, &Hints::default())?;
        let file_name = file_name.chars().filter(|c| !c.is_control()).take(200).collect();
        Ok(Self { file_name, bytes, report })
    }

    /// Of the file as it is.
    pub fn file_sha256(&self) -> Vec<u8> {
        Sha256::digest(&self.bytes).to_vec()
    }

    /// Of what the report says: the same whatever the encoding, the delimiter,
    /// the order of rows, or the spreadsheet that saved it.
    pub fn content_sha256(&self) -> Vec<u8> {
        let mut lines: Vec<String> = self.report.participants.iter().map(line).collect();
        lines.sort_unstable();
        Sha256::digest(lines.join("\n")).to_vec()
    }
}

/// What is said of one participant. Whoever has an id or an address is told by
/// it: which of their display names is met first depends on the order of rows.
fn line(participant: &Participant) -> String {
    let Participant { name, original_name, email, registrant_id, total_seconds, .. } = participant;
    let plain = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let who = match (registrant_id, email) {
        (Some(id), _) => format!("id {}", id.to_lowercase()),
        (None, Some(email)) => format!("email {email}"),
        (None, None) => format!("{:?} {:?}", plain(name), original_name.as_deref().map(plain)),
    };
    let spans = participant.segments.iter();
    let spans: Vec<String> =
        spans.map(|span| format!("{}-{}", span.from.timestamp(), span.to.timestamp())).collect();
    format!("{who}|{total_seconds:?}|{}", spans.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attendance::report::Span;

    fn content(rows: &[&str]) -> Vec<u8> {
        let head = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest";
        let text = format!("{head}\n{}\n", rows.join("\n"));
        let part = Span {
            from: "2026-03-10T01:00:00Z".parse().unwrap(),
            to: "2026-03-10T03:00:00Z".parse().unwrap(),
        };
        let expected = Expected { parts: vec![part], meeting_id: None };
        Upload::read("a.csv", text.into_bytes(), &expected).unwrap().content_sha256()
    }

    #[test]
    fn the_order_of_rows_makes_no_other_report() {
        let phone =
            "iPhone,ada@x.id,03/10/2026 09:00:00 AM,03/10/2026 09:30:00 AM,30,No".to_owned();
        let laptop = phone.replace("iPhone", "Ada").replace("09:", "10:");
        let guest = phone.replace("iPhone,ada@x.id", "BUDI,");
        let again = guest.replace("BUDI", "Budi").replace("09:", "10:");
        let one = content(&[&phone, &laptop, &guest, &again]);
        assert_eq!(one, content(&[&again, &laptop, &guest, &phone]));
        assert_ne!(one, content(&[&phone, &laptop, &guest]));
    }
}
