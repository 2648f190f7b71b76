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
    /// By what its person is known.
    pub(super) how: &'static str,
    /// Whose it is, in words.
    pub(super) who: String,
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

/// In which list a participant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Known by itself, and perhaps set right since.
    Matched,
    /// May be one of several, or was chosen by hand.
    ToChoose,
    /// Somebody without a seat.
    Outside,
    Unknown,
}

pub(super) fn kind(row: &ImportRow) -> Kind {
    if row.person.is_some() && row.standing != Standing::Enrolled && !row.ignored {
        Kind::Outside
    } else if found_by_itself(row) {
        Kind::Matched
    } else if row.chosen || !row.candidates.is_empty() {
        Kind::ToChoose
    } else {
        Kind::Unknown
    }
}

fn found_by_itself(row: &ImportRow) -> bool {
    !matches!(row.matched, Match::None | Match::Ambiguous)
}

/// Whether the row stands for whom it was found to be.
fn as_found(row: &ImportRow) -> bool {
    found_by_itself(row) && !row.ignored && row.person == row.candidates.first().copied()
}

/// The numbers on top of the preview.
pub(super) struct Tiles {
    pub(super) auto: usize,
    pub(super) to_choose: usize,
    pub(super) chosen: usize,
    pub(super) unknown: usize,
    pub(super) outside: usize,
    pub(super) present: usize,
    pub(super) ignored: usize,
    pub(super) blocked: usize,
    pub(super) own: bool,
    /// First decisions, by what they are to be.
    first: Vec<(Outcome, usize)>,
    /// Earlier decisions that change, by what they become.
    changed: Vec<(Outcome, usize)>,
}

impl Tiles {
    pub(super) fn of(preview: &Preview) -> Self {
        let rows = &preview.rows;
        let count = |test: &dyn Fn(&ImportRow) -> bool| rows.iter().filter(|row| test(row)).count();
        let of_kind = |wanted: Kind| count(&|row| kind(row) == wanted);
        let kept = |kept| preview.changes.iter().filter(move |change| change.kept == Some(kept));
        let open =
            preview.changes.iter().filter(|change| change.kept.is_none() && change.matters());
        let (first, changed): (Vec<&Changed>, Vec<&Changed>) =
            open.partition(|change| !change.overturns());
        let present = |change: &&&Changed| change.after.outcome == Outcome::Present;
        Self {
            auto: count(&|row| row.counts() && as_found(row)),
            to_choose: of_kind(Kind::ToChoose),
            chosen: count(&|row| kind(row) == Kind::ToChoose && row.chosen),
            unknown: of_kind(Kind::Unknown),
            outside: of_kind(Kind::Outside),
            present: first.iter().filter(present).count(),
            ignored: count(&|row| !row.counts()),
            blocked: kept(Kept::Certified).count(),
            own: kept(Kept::Own).any(Changed::matters),
            first: tally(&first),
            changed: tally(&changed),
        }
    }

    /// The whole effect, on the button: what is written first, what changes, what is left out.
    pub(super) fn button(&self) -> String {
        let said = |tally: &[(Outcome, usize)], verb: &str| -> Vec<String> {
            let one = |(outcome, n): &(Outcome, usize)| {
                format!("{n} {verb}{}", outcome.label().to_lowercase())
            };
            tally.iter().map(one).collect()
        };
        let mut does = Vec::new();
        if !self.first.is_empty() {
            does.push(format!("catat {}", said(&self.first, "").join(", ")));
        }
        if !self.changed.is_empty() {
            does.push(format!("ubah {}", said(&self.changed, "menjadi ").join(", ")));
        }
        if does.is_empty() {
            does.push("catat tanpa mengubah keputusan".into());
        }
        if self.ignored > 0 {
            does.push(format!("abaikan {} baris", self.ignored));
        }
        capital(&does.join(", "))
    }
}

fn tally(changes: &[&Changed]) -> Vec<(Outcome, usize)> {
    let all = [Outcome::Present, Outcome::Partial, Outcome::Absent, Outcome::Undecided];
    let count = |wanted| changes.iter().filter(|change| change.after.outcome == wanted).count();
    all.into_iter().map(|one| (one, count(one))).filter(|(_, n)| *n > 0).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// By what the person of the row is known.
fn how(row: &ImportRow) -> &'static str {
    match row.matched {
        _ if row.ignored => "diabaikan penyelenggara",
        Match::Registrant if as_found(row) => "tautan pendaftaran pribadi",
        Match::Email if as_found(row) => "alamat surel",
        Match::Nip if as_found(row) => "NIP dalam nama",
        Match::Name if as_found(row) => "nama persis sama",
        _ if row.person.is_some() => "dipilih penyelenggara",
        _ => "belum dipilih",
    }
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
    let whose = row.person.filter(|_| !row.ignored);
    Row {
        how: how(row),
        who: whose.map_or_else(|| "Bukan siapa-siapa".into(), |person| label(&person).1),
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
