//! Note-taking software that joins meetings like a person. It learns nothing.

/// Words that follow each other in a bot's name and in no person's.
const PHRASES: &[&[&str]] = &[
    &["notetaker"],
    &["ai", "note", "taker"],
    &["ai", "companion"],
    &["airgram"],
    &["avoma", "ai"],
    &["circleback", "ai"],
    &["fathom", "ai"],
    &["fathom", "video"],
    &["fellow", "ai"],
    &["fellow", "app"],
    &["fireflies", "ai"],
    &["granola", "ai"],
    &["krisp", "ai"],
    &["meet", "geek"],
    &["meetgeek"],
    &["notta", "ai"],
    &["notta", "bot"],
    &["otter", "ai"],
    &["otter", "pilot"],
    &["otterpilot"],
    &["read", "ai"],
    &["sembly", "ai"],
    &["supernormal", "ai"],
    &["tactiq"],
    &["tl", "dv"],
    &["tldv"],
];

/// Names that a bot has only when there is nothing else in it: "Fathom", not "Fathom Wijaya".
const WHOLE: &[&str] = &["avoma", "fathom", "fireflies", "notta", "otter", "sembly"];

/// Whether the display name is that of a note-taker. Compares whole words, so that
/// "Ready" and "Notaris Otto" are people.
pub(super) fn is_note_taker(name: &str) -> bool {
    let name = name.to_lowercase();
    let words: Vec<&str> =
        name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has = |phrase: &&[&str]| words.windows(phrase.len()).any(|window| window == *phrase);
    PHRASES.iter().any(has) || matches!(words.as_slice(), [word] if WHOLE.contains(word))
}
