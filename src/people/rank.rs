//! Grades (golongan) and the ranks that go with them.

/// The ranks of a PNS by their grade (PP 11/2017, Perka BKN 3/2016).
const RANKS: [(&str, &str); 17] = [
    ("I/a", "Juru Muda"),
    ("I/b", "Juru Muda Tingkat I"),
    ("I/c", "Juru"),
    ("I/d", "Juru Tingkat I"),
    ("II/a", "Pengatur Muda"),
    ("II/b", "Pengatur Muda Tingkat I"),
    ("II/c", "Pengatur"),
    ("II/d", "Pengatur Tingkat I"),
    ("III/a", "Penata Muda"),
    ("III/b", "Penata Muda Tingkat I"),
    ("III/c", "Penata"),
    ("III/d", "Penata Tingkat I"),
    ("IV/a", "Pembina"),
    ("IV/b", "Pembina Tingkat I"),
    ("IV/c", "Pembina Utama Muda"),
    ("IV/d", "Pembina Utama Madya"),
    ("IV/e", "Pembina Utama"),
];

/// The grades of a PPPK, which have no ranks.
const CONTRACT: [&str; 17] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV",
    "XVI", "XVII",
];

/// The rank that a text names by its grade, as `Penata Muda Tingkat I (III/b)`; a PPPK's grade
/// alone, as `IX`. Nothing where no grade is found.
pub fn rank(text: &str) -> Option<String> {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let is = |word: &str, name: &str| word.eq_ignore_ascii_case(name);
    let of = |grade: &str, step: &str| {
        RANKS.iter().find(|(name, _)| {
            name.split_once('/').is_some_and(|(g, s)| is(grade, g) && is(step, s))
        })
    };
    let (whole, name) = match words.as_slice() {
        [.., grade, step] if of(grade, step).is_some() => of(grade, step)?,
        [.., last] => {
            if let Some(found) = last.split_at_checked(last.len() - 1).and_then(|(g, s)| of(g, s)) {
                found
            } else {
                let alone = words.len() == 1 || (words.len() == 2 && is(words[0], "golongan"));
                let grade = CONTRACT.iter().find(|name| alone && is(last, name))?;
                return Some((*grade).to_owned());
            }
        }
        [] => return None,
    };
    Some(format!("{name} ({whole})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grade_is_found_however_it_is_written() {
        for text in [
            "III/b",
            "iii/B",
            "III b",
            "IIIb",
            "Penata Muda Tk. I - III/b",
            "Penata Muda Tk.I (III/b)",
        ] {
            assert_eq!(rank(text).as_deref(), Some("Penata Muda Tingkat I (III/b)"), "{text}");
        }
    }

    #[test]
    fn a_contract_has_a_grade_without_a_rank() {
        assert_eq!(rank("ix").as_deref(), Some("IX"));
        assert_eq!(rank("Golongan VII").as_deref(), Some("VII"));
    }

    #[test]
    fn what_is_no_grade_is_none() {
        for text in ["", "-", "III/f", "V/a", "Penata", "XVIII", "Penata Tingkat I"] {
            assert_eq!(rank(text), None, "{text}");
        }
    }
}
