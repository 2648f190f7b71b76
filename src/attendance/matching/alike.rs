//! Names that share a telling part, found through the words that they are made of: comparing every
//! participant with everybody would keep a large report waiting for seconds.

use crate::ids::PersonId;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// At most this many likenesses are offered.
const OFFERED: usize = 8;

/// The words of people's names.
#[derive(Default)]
pub(super) struct Words {
    people: Vec<Named>,
    known: Vec<Word>,
    by_text: HashMap<String, usize>,
    /// A slip leaves the first or the last half of a word whole.
    by_half: HashMap<Half, Vec<usize>>,
}

struct Named {
    person: PersonId,
    /// How many different words the name has.
    words: usize,
}

struct Word {
    text: String,
    /// In whose names it is.
    bearers: Vec<usize>,
}

#[derive(PartialEq, Eq, Hash)]
struct Half {
    /// Of the whole word, in characters.
    length: usize,
    last: bool,
    text: String,
}

impl Words {
    /// Adds somebody by their name as it is compared.
    pub(super) fn add(&mut self, person: PersonId, name: &str) {
        let words: BTreeSet<&str> = name.split(' ').collect();
        let bearer = self.people.len();
        self.people.push(Named { person, words: words.len() });
        for word in words {
            let at = self.place(word);
            self.known[at].bearers.push(bearer);
        }
    }

    fn place(&mut self, word: &str) -> usize {
        if let Some(at) = self.by_text.get(word) {
            return *at;
        }
        let at = self.known.len();
        let letters: Vec<char> = word.chars().collect();
        for half in halves(&letters, letters.len()) {
            self.by_half.entry(half).or_default().push(at);
        }
        self.known.push(Word { text: word.to_owned(), bearers: Vec::new() });
        self.by_text.insert(word.to_owned(), at);
        at
    }

    /// Whose names have one of the words that were said, or one like it; the likeliest first.
    pub(super) fn alike(&self, said: &BTreeSet<String>) -> Vec<PersonId> {
        let found: BTreeSet<usize> = said.iter().flat_map(|word| self.like(word)).collect();
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for bearer in found.into_iter().flat_map(|at| &self.known[at].bearers) {
            *shared.entry(*bearer).or_default() += 1;
        }
        let scored = shared.into_iter().map(|(bearer, shared)| {
            let Named { person, words } = self.people[bearer];
            (shared * 100 / words.max(1), person)
        });
        let mut scored: Vec<_> = scored.filter(|(score, _)| *score > 0).collect();
        scored.sort_by_key(|(score, person)| (std::cmp::Reverse(*score), *person));
        scored.into_iter().take(OFFERED).map(|(_, person)| person).collect()
    }

    /// The words that are like this one.
    fn like(&self, said: &str) -> Vec<usize> {
        let letters: Vec<char> = said.chars().collect();
        let lengths = letters.len().saturating_sub(1)..=letters.len() + 1;
        let halves = lengths.flat_map(|length| halves(&letters, length));
        let near = halves.filter_map(|half| self.by_half.get(&half)).flatten().copied();
        near.filter(|at| like(&self.known[*at].text, said)).collect()
    }
}

/// What a word of that length has for halves if only its other half differs from this one.
fn halves(letters: &[char], length: usize) -> [Half; 2] {
    let (first, last) = (length / 2, length - length / 2);
    let start = &letters[..first.min(letters.len())];
    let end = &letters[letters.len().saturating_sub(last)..];
    [(false, start), (true, end)].map(|(last, text)| Half {
        length,
        last,
        text: text.iter().collect(),
    })
}

/// Whether two words are the same but for a slip: one letter changed, added,
/// left out, or an ending cut off.
fn like(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if short.len() < 4 || long.len() - short.len() > 1 {
        return false;
    }
    let start = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
    let end = short.iter().rev().zip(long.iter().rev()).take_while(|(a, b)| a == b).count();
    start + end + 1 >= long.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, without an index.
    fn plainly_alike(people: &[String], said: &BTreeSet<String>) -> Vec<PersonId> {
        let mut scored = Vec::new();
        for (person, name) in (0..).map(PersonId).zip(people) {
            let words: BTreeSet<&str> = name.split(' ').collect();
            let shared = words.iter().filter(|word| said.iter().any(|one| like(word, one))).count();
            scored.push((shared * 100 / words.len(), person));
        }
        scored.retain(|(score, _)| *score > 0);
        scored.sort_by_key(|(score, person)| (std::cmp::Reverse(*score), *person));
        scored.into_iter().take(OFFERED).map(|(_, person)| person).collect()
    }

    fn index(people: &[String]) -> Words {
        let mut words = Words::default();
        for (person, name) in (0..).map(PersonId).zip(people) {
            words.add(person, name);
        }
        words
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_index_finds_whom_comparing_everybody_would(
            people in prop::collection::vec("[abé]{0,6}( [abé]{1,6}){0,3}", 1..12),
            said in prop::collection::btree_set("[abé]{1,6}", 0..5),
        ) {
            prop_assert_eq!(index(&people).alike(&said), plainly_alike(&people, &said));
        }
    }

    #[test]
    fn a_slip_is_one_letter_of_a_longer_word() {
        for (one, other) in
            [("yohanis", "yohanes"), ("rahma", "rahmah"), ("nuraini", "uraini"), ("éaaa", "eaaa")]
        {
            assert!(like(one, other) && like(other, one), "{one} {other}");
        }
        for (one, other) in
            [("ani", "ana"), ("rahma", "rahmani"), ("rahma", "ramha"), ("abcd", "𠀀")]
        {
            assert!(!like(one, other) && !like(other, one), "{one} {other}");
        }
    }
}
