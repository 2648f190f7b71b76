//! Reading a report against a class, and what identifies what was read.

use super::report::{Expected, Hints, Participant, Report, ReportError, Span, read};
use crate::class::Class;
use sha2::{Digest, Sha256};

/// What a report of the class must agree with.
pub fn expected(class: &Class) -> Expected {
    let parts = class.parts.iter().map(|part| {
        let (from, to) = part.really.unwrap_or((part.starts, part.ends));
        Span { from, to }
    });
    Expected { parts: parts.collect(), meeting_id: class.zoom_meeting_id.clone() }
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

fn line(participant: &Participant) -> String {
    let spans: Vec<String> = participant
        .segments
        .iter()
        .map(|span| format!("{}-{}", span.from.timestamp(), span.to.timestamp()))
        .collect();
    let Participant { name, original_name, email, registrant_id, total_seconds, .. } = participant;
    format!(
        "{name:?}|{original_name:?}|{email:?}|{registrant_id:?}|{total_seconds:?}|{}",
        spans.join(",")
    )
}
