//! Who the participants of a report are. Matching by name alone credits the
//! wrong person in every system that does it; here a name counts only when it
//! is exact and fits one person who enrolled, and anything weaker is left for
//! somebody to decide.

mod alike;

use super::{Match, report::Participant};
use crate::ids::PersonId;
use alike::Words;
use std::collections::{BTreeMap, BTreeSet};

/// Somebody whom a participant may be.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub person: PersonId,
    pub name: String,
    /// Lower case.
    pub emails: Vec<String>,
    /// Every NIP they hold or held.
    pub nips: Vec<String>,
    /// Whether they enrolled in the class: hold a seat, or wait for one.
    pub enrolled: bool,
}

/// What was found out about one participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub matched: Match,
    pub person: Option<PersonId>,
    /// Whom it may be, the likeliest first; the person alone when that is certain.
    pub candidates: Vec<PersonId>,
}

/// Matches each participant, in their order. Takes up to a second for the largest report: not on
/// a thread that serves pages.
pub fn match_all(participants: &[Participant], candidates: &[Candidate]) -> Vec<Found> {
    let index = Index::of(candidates);
    let mut found: Vec<Found> =
        participants.iter().map(|participant| index.find(participant)).collect();
    doubt_second_claims(participants, candidates, &mut found);
    found
}

/// A name alone is too weak when somebody with better proof is that person
/// already, and the two carry different e-mail addresses; or when two
/// participants of different addresses claim one person by name.
fn doubt_second_claims(
    participants: &[Participant],
    candidates: &[Candidate],
    found: &mut [Found],
) {
    let mut claims: BTreeMap<PersonId, Vec<usize>> = BTreeMap::new();
    for (at, one) in found.iter().enumerate() {
        if let Some(person) = one.person {
            claims.entry(person).or_default().push(at);
        }
    }
    let known: BTreeMap<PersonId, &[String]> =
        candidates.iter().map(|one| (one.person, one.emails.as_slice())).collect();
    for (person, claimants) in claims {
        let known = known.get(&person).copied().unwrap_or_default();
        let is_known = |email: &str| known.iter().any(|one| one == email);
        let strange: BTreeSet<&str> = claimants
            .iter()
            .filter_map(|at| participants[*at].email.as_deref())
            .filter(|email| !is_known(email))
            .collect();
        let proven = claimants.iter().any(|at| found[*at].matched < Match::Name);
        for at in claimants {
            let email = participants[at].email.as_deref();
            let other = email.is_some_and(|email| !is_known(email));
            if found[at].matched == Match::Name && other && (proven || strange.len() > 1) {
                found[at] = Found { matched: Match::None, person: None, candidates: vec![person] };
            }
        }
    }
}

struct Index<'a> {
    by_email: BTreeMap<&'a str, BTreeSet<PersonId>>,
    by_nip: BTreeMap<&'a str, PersonId>,
    /// Of those who enrolled.
    by_name: BTreeMap<String, BTreeSet<PersonId>>,
    /// Of those who enrolled.
    words: Words,
}

impl<'a> Index<'a> {
    fn of(candidates: &'a [Candidate]) -> Self {
        let mut index = Self {
            by_email: BTreeMap::new(),
            by_nip: BTreeMap::new(),
            by_name: BTreeMap::new(),
            words: Words::default(),
        };
        for candidate in candidates {
            for email in &candidate.emails {
                index.by_email.entry(email).or_default().insert(candidate.person);
            }
            index.by_nip.extend(candidate.nips.iter().map(|nip| (nip.as_str(), candidate.person)));
            if candidate.enrolled {
                let name = normal(&candidate.name);
                index.words.add(candidate.person, &name);
                index.by_name.entry(name).or_default().insert(candidate.person);
            }
        }
        index
    }

    fn find(&self, participant: &Participant) -> Found {
        let names = [Some(&participant.name), participant.original_name.as_ref()];
        let names: Vec<&String> = names.into_iter().flatten().collect();
        let by_email = participant.email.as_deref().and_then(|email| self.by_email.get(email));
        let nips: BTreeSet<PersonId> = names
            .iter()
            .flat_map(|name| nips_in(name))
            .filter_map(|nip| self.by_nip.get(nip.as_str()).copied())
            .collect();
        let emails = by_email.cloned().unwrap_or_default();
        match (one(&emails), one(&nips)) {
            // Two proofs that contradict each other prove nothing.
            (Some(email), Some(nip)) if email != nip => return ambiguous(vec![email, nip]),
            (Some(person), _) if nips.len() <= 1 => return certain(Match::Email, person),
            (None, Some(person)) if emails.is_empty() => return certain(Match::Nip, person),
            _ if !emails.is_empty() || !nips.is_empty() => {
                return ambiguous(emails.union(&nips).copied().collect());
            }
            _ => {}
        }
        let bearers: BTreeSet<PersonId> = names
            .iter()
            .filter_map(|name| self.by_name.get(&normal(name)))
            .flatten()
            .copied()
            .collect();
        match one(&bearers) {
            Some(person) => certain(Match::Name, person),
            None if bearers.is_empty() => {
                Found { matched: Match::None, person: None, candidates: self.alike(&names) }
            }
            None => ambiguous(bearers.into_iter().collect()),
        }
    }

    /// Those who enrolled and share a telling part of the name, the likeliest first.
    fn alike(&self, names: &[&String]) -> Vec<PersonId> {
        let said = names
            .iter()
            .flat_map(|name| normal(name).split(' ').map(str::to_owned).collect::<Vec<_>>())
            .filter(|word| word.chars().count() >= 3);
        self.words.alike(&said.collect())
    }
}

fn one(people: &BTreeSet<PersonId>) -> Option<PersonId> {
    let mut people = people.iter();
    people.next().filter(|_| people.next().is_none()).copied()
}

fn certain(matched: Match, person: PersonId) -> Found {
    Found { matched, person: Some(person), candidates: vec![person] }
}

fn ambiguous(candidates: Vec<PersonId>) -> Found {
    Found { matched: Match::Ambiguous, person: None, candidates }
}

/// Runs of 18 digits in a display name. Spaces, dots and hyphens do not break a run, but it
/// begins and ends where digits do: a number before a NIP is not part of it.
pub fn nips_in(name: &str) -> Vec<String> {
    let joins = |c: char| matches!(c, ' ' | '.' | '-' | '\u{a0}');
    let mut nips = Vec::new();
    for run in name.split(|c: char| !c.is_ascii_digit() && !joins(c)) {
        let groups: Vec<&str> = run.split(joins).filter(|group| !group.is_empty()).collect();
        for start in 0..groups.len() {
            let mut nip = String::new();
            for group in &groups[start..] {
                nip.push_str(group);
                if nip.len() >= 18 {
                    break;
                }
            }
            if nip.len() == 18 {
                nips.push(nip);
            }
        }
    }
    nips
}

/// Titles before a name, as they remain without points.
const TITLES: [&str; 22] = [
    "dr", "drs", "dra", "drh", "drg", "ir", "prof", "h", "hj", "kh", "ust", "tgk", "bapak", "ibu",
    "bpk", "pak", "bu", "sdr", "sdri", "apt", "ns", "pdt",
];

/// A name as it is compared: no titles, accents, points or capitals. What
/// follows the first comma is titles.
pub fn normal(name: &str) -> String {
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
    let bare = name.split(',').next().unwrap_or(name);
    let plain: String =
        bare.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let plain: String = plain
        .chars()
        .filter(|c| !matches!(c, '\'' | '’' | '‘' | '`' | 'ʻ' | 'ʼ' | '.'))
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let titles = words.iter().take_while(|word| TITLES.contains(word)).count();
    words.get(titles.min(words.len().saturating_sub(1))..).unwrap_or(&[]).join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(id: i64, name: &str, email: &str, nip: &str, enrolled: bool) -> Candidate {
        let emails = Some(email.to_owned()).filter(|email| !email.is_empty()).into_iter().collect();
        Candidate {
            person: PersonId(id),
            name: name.into(),
            emails,
            nips: vec![nip.into()],
            enrolled,
        }
    }

    fn people() -> Vec<Candidate> {
        vec![
            candidate(1, "Sitti Rahma, S.Sos.", "rahma@x.id", "199001012015012001", true),
            candidate(2, "Hj. Sitti Rahma", "", "198502022010012002", true),
            candidate(3, "Ma’ruf Nūr, S.Kom.", "maruf@x.id", "199203032018011003", true),
            candidate(4, "Yohanis Tobondo, S.Pd.", "", "198001012005011004", true),
            candidate(5, "Budi Luar", "budi@x.id", "198101012005011005", false),
        ]
    }

    fn participant(name: &str, email: &str) -> Participant {
        let email = Some(email.to_owned()).filter(|email| !email.is_empty());
        Participant {
            name: name.into(),
            original_name: None,
            email,
            registrant_id: None,
            segments: vec![],
            total_seconds: None,
            lines: vec![],
        }
    }

    fn found(name: &str, email: &str) -> Found {
        match_all(&[participant(name, email)], &people()).remove(0)
    }

    #[test]
    fn an_email_is_trusted_before_a_name() {
        let found = found("Yohanis Tobondo", "maruf@x.id");
        assert_eq!((found.matched, found.person), (Match::Email, Some(PersonId(3))));
    }

    #[test]
    fn a_nip_in_the_name_is_trusted_before_the_name() {
        let found = found("19800101 200501 1 004 - iPhone", "");
        assert_eq!((found.matched, found.person), (Match::Nip, Some(PersonId(4))));
    }

    #[test]
    fn a_nip_is_found_among_other_digits() {
        let nip = "198001012005011004";
        for name in [
            "7. 198001012005011004 Yohanis",
            "12 - 19800101 200501 1 004",
            "NIP.198001012005011004/Yohanis 2",
            "👤198001012005011004👤",
        ] {
            assert!(nips_in(name).contains(&nip.to_owned()), "{name}");
        }
        assert_eq!(nips_in("Yohanis 0812 3456 7890"), [""; 0]);
    }

    #[test]
    fn a_name_that_fits_two_people_is_never_guessed() {
        let found = found("sitti  rahma", "");
        assert_eq!((found.matched, found.person), (Match::Ambiguous, None));
        assert_eq!(found.candidates, [PersonId(1), PersonId(2)]);
    }

    #[test]
    fn an_exact_name_counts_whatever_its_titles_and_accents() {
        for name in
            ["MARUF NUR", "🌸 Ma’ruf\u{a0}Nur 🌸", "Dr. Ma'ruf Nur, S.Kom., M.T.", "ma’ruf nūr"]
        {
            assert_eq!(found(name, "").person, Some(PersonId(3)), "{name}");
        }
    }

    #[test]
    fn a_likeness_is_offered_but_not_taken() {
        let found = found("Yohanes Tobondo", "");
        assert_eq!((found.matched, found.person), (Match::None, None));
        assert_eq!(found.candidates, [PersonId(4)]);
        assert!(super::tests::found("iPhone", "").candidates.is_empty());
    }

    #[test]
    fn the_name_of_somebody_who_did_not_enrol_is_no_match() {
        assert_eq!(found("Budi Luar", "").person, None);
        assert_eq!(found("Budi Luar", "budi@x.id").person, Some(PersonId(5)));
    }

    #[test]
    fn contradicting_proofs_are_left_to_a_person() {
        let found = found("199001012015012001", "maruf@x.id");
        assert_eq!((found.matched, found.person), (Match::Ambiguous, None));
    }

    #[test]
    fn a_namesake_with_another_address_does_not_join_a_proven_person() {
        let both =
            [participant("Ma'ruf Nur", "maruf@x.id"), participant("Ma'ruf Nur", "lain@y.id")];
        let found = match_all(&both, &people());
        assert_eq!(found[0].person, Some(PersonId(3)));
        assert_eq!((found[1].person, &found[1].candidates[..]), (None, &[PersonId(3)][..]));
        // A second device without an address is the same person.
        let both = [participant("Ma'ruf Nur", "maruf@x.id"), participant("Ma'ruf Nur", "")];
        assert_eq!(match_all(&both, &people())[1].person, Some(PersonId(3)));
        // Two strangers of one name: neither is taken.
        let both =
            [participant("Yohanis Tobondo", "a@y.id"), participant("Yohanis Tobondo", "b@y.id")];
        assert!(match_all(&both, &people()).iter().all(|found| found.person.is_none()));
    }

    #[test]
    fn five_thousand_strangers_are_compared_with_a_thousand_people_in_moments() {
        // Numbers in letters, scattered: names as unlike each other as random ones.
        let name = |n: u64| {
            let mut left = (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mut letter = || {
                left = left.rotate_left(7).wrapping_mul(0x2545_F491_4F6C_DD1D);
                char::from(b"abcdefghijklmnoprstuwxyz"[usize::try_from(left >> 32).unwrap() % 24])
            };
            let mut word = || (0..7).map(|_| letter()).collect::<String>();
            [word(), word(), word()].join(" ")
        };
        let people: Vec<Candidate> =
            (0..1000).map(|n| candidate(n, &name(n.cast_unsigned()), "", "", true)).collect();
        let strangers: Vec<Participant> =
            (0..5000).map(|n| participant(&name(1_000_000 + n), "")).collect();
        let begun = std::time::Instant::now();
        let found = match_all(&strangers, &people);
        assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
        assert!(found.iter().all(|found| found.person.is_none()));
    }

    #[test]
    fn a_name_that_is_all_title_stays() {
        assert_eq!(normal("Ibu"), "ibu");
        assert_eq!(normal(""), "");
        assert_eq!(normal("Drs. H. Moh. Taufik, M.Si."), "moh taufik");
    }
}
