//! A preview in words: the numbers, the rows, the effects.

use crate::{
    attendance::{Changed, ImportRow, Kept, Match, Outcome, Preview, Standing, spans_shown},
    ids::PersonId,
    web::show,
};

/// A participant of the report with what the page says of them.
pub(super) struct Row {
    pub(super) said: ImportRow,
    pub(super) minutes: i64,
    pub(super) times: String,
    pub(super) remark: String,
    pub(super) options: Vec<(PersonId, String)>,
}

impl Row {
    /// Whether this person is chosen for it.
    pub(super) fn is(&self, person: PersonId) -> bool {
        self.said.person == Some(person) && !self.said.ignored
    }
}

/// A decision that is to change, in words.
pub(super) struct Effect {
    pub(super) name: String,
    pub(super) times: String,
    pub(super) minutes: i64,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) kept: Option<Kept>,
}

/// The numbers on top of the preview.
pub(super) struct Tiles {
    pub(super) auto: usize,
    pub(super) to_choose: usize,
    pub(super) chosen: usize,
    pub(super) unknown: usize,
    pub(super) outside: usize,
    pub(super) present: usize,
    pub(super) changed: usize,
    pub(super) ignored: usize,
    pub(super) blocked: usize,
    pub(super) own: bool,
}

impl Tiles {
    pub(super) fn of(preview: &Preview) -> Self {
        let rows = &preview.rows;
        let count = |test: &dyn Fn(&ImportRow) -> bool| rows.iter().filter(|row| test(row)).count();
        let kept = |kept| preview.changes.iter().filter(move |change| change.kept == Some(kept));
        let open =
            preview.changes.iter().filter(|change| change.kept.is_none() && change.matters());
        Self {
            auto: count(&|row| row.counts() && !row.chosen),
            to_choose: count(&|row| needs_choice(row)),
            chosen: count(&|row| needs_choice(row) && row.chosen),
            unknown: count(&|row| is_unknown(row)),
            outside: count(&|row| is_outside(row)),
            present: open
                .clone()
                .filter(|change| !change.overturns())
                .filter(|change| change.after.outcome == Outcome::Present)
                .count(),
            changed: open.filter(|change| change.overturns()).count(),
            ignored: count(&|row| !row.counts()),
            blocked: kept(Kept::Certified).count(),
            own: kept(Kept::Own).any(Changed::matters),
        }
    }

    /// The effect, on the button.
    pub(super) fn button(&self) -> String {
        format!("Catat {} kehadiran, ubah {}, abaikan {}", self.present, self.changed, self.ignored)
    }
}

fn matched_by_itself(row: &ImportRow) -> bool {
    !matches!(row.matched, Match::None | Match::Ambiguous)
}

pub(super) fn needs_choice(row: &ImportRow) -> bool {
    !matched_by_itself(row) && (row.chosen || !row.candidates.is_empty()) && !is_outside(row)
}

pub(super) fn is_unknown(row: &ImportRow) -> bool {
    !matched_by_itself(row) && !row.chosen && row.candidates.is_empty()
}

pub(super) fn is_outside(row: &ImportRow) -> bool {
    row.person.is_some() && row.standing != Standing::Enrolled && !row.ignored
}

fn remark(row: &ImportRow) -> String {
    let original =
        row.original_name.as_ref().map(|name| format!("Nama asli {name}. ")).unwrap_or_default();
    let email = row.email.as_ref().map(|email| format!("Surel {email}. ")).unwrap_or_default();
    let why = match (row.matched, row.standing) {
        (_, Standing::Waiting) if row.person.is_some() => "Berada di daftar tunggu",
        (Match::Registrant | Match::Email | Match::Nip | Match::Name, Standing::Outside) => {
            "Tidak mendaftar di kelas ini"
        }
        (Match::Ambiguous, _) => "Cocok dengan lebih dari satu orang",
        (Match::None, _) if !row.candidates.is_empty() => "Mirip, tetapi tidak pasti",
        (Match::None, _) => "Tidak ada peserta yang cocok",
        (Match::Registrant | Match::Email | Match::Nip | Match::Name, _) => "Cocok",
    };
    format!("{original}{email}{why}")
}

pub(super) fn view(preview: &Preview, row: &ImportRow) -> Row {
    let label = |person: &PersonId| {
        let (name, unit) = preview.people.get(person).cloned().unwrap_or_default();
        (*person, format!("{name}, {unit}"))
    };
    let mut offered = row.candidates.clone();
    if let Some(person) = row.person.filter(|person| !offered.contains(person)) {
        offered.insert(0, person);
    }
    Row {
        minutes: show::minutes(row.seconds(&preview.case.rule.parts)),
        times: spans_shown(&row.joined, &row.departed, row.total_seconds),
        remark: remark(row),
        options: offered.iter().map(label).collect(),
        said: row.clone(),
    }
}

pub(super) fn effect(preview: &Preview, change: &Changed) -> Effect {
    let say = |outcome: Outcome, jp: i32| format!("{}, {jp} JP", outcome.label());
    let of_person =
        preview.rows.iter().filter(|row| row.counts() && row.person == Some(change.person));
    let times: Vec<String> =
        of_person.map(|row| spans_shown(&row.joined, &row.departed, row.total_seconds)).collect();
    Effect {
        name: preview.people.get(&change.person).map(|(name, _)| name.clone()).unwrap_or_default(),
        times: if times.is_empty() { "–".into() } else { times.join("; ") },
        minutes: show::minutes(change.after.seconds),
        before: change.before.map_or_else(
            || Outcome::Undecided.label().to_owned(),
            |(outcome, jp)| say(outcome, jp),
        ),
        after: say(change.after.outcome, change.after.jp),
        kept: change.kept,
    }
}
