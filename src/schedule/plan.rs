//! What an organiser lays down for a class.

use crate::class::{Class, Lane, Part, Speaker};
use chrono::{DateTime, Utc};

/// A class as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// 1 to 280 characters: it must fit the certificate.
    pub title: String,
    pub summary: String,
    pub description: String,
    pub audience: String,
    pub jp: i32,
    pub quota: i32,
    pub enrolment_opens: Option<DateTime<Utc>>,
    pub enrolment_closes: DateTime<Utc>,
    pub withdrawal_until: DateTime<Utc>,
    pub presence_percent: i32,
    pub zoom_meeting_id: Option<String>,
    pub parts: Vec<Part>,
    pub lanes: Vec<(Lane, String)>,
    pub speakers: Vec<Speaker>,
}

impl Plan {
    /// What was laid down for a class that stands.
    pub fn of(class: &Class) -> Self {
        let bare = |part: &Part| Part { really: None, ..*part };
        Self {
            title: class.title.clone(),
            summary: class.summary.clone(),
            description: class.description.clone(),
            audience: class.audience.clone(),
            jp: class.jp,
            quota: class.quota,
            enrolment_opens: class.enrolment_opens,
            enrolment_closes: class.enrolment_closes,
            withdrawal_until: class.withdrawal_until,
            presence_percent: class.presence_percent,
            zoom_meeting_id: class.zoom_meeting_id.clone(),
            parts: class.parts.iter().map(bare).collect(),
            lanes: class.lanes.clone(),
            speakers: class.speakers.clone(),
        }
    }

    /// A form names speakers only: whoever was known to be a person stays one.
    pub fn keep_people(&mut self, class: &Class) {
        for speaker in &mut self.speakers {
            let before = class.speakers.iter().find(|before| before.name == speaker.name);
            speaker.person = before.and_then(|before| before.person);
        }
    }

    /// When the first part begins.
    pub fn starts(&self) -> DateTime<Utc> {
        self.parts.iter().map(|part| part.starts).min().unwrap_or(self.enrolment_closes)
    }

    /// When the last part ends.
    pub fn ends(&self) -> DateTime<Utc> {
        self.parts.iter().map(|part| part.ends).max().unwrap_or(self.enrolment_closes)
    }
}
