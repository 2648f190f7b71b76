//! The code that a certificate is checked by.

use std::fmt;

/// Crockford's base 32: no I, L, O and U, so that a code read from paper is read right.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 80 random bits, printed as 16 characters in four groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// A code that nobody can guess.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        // 256 is a multiple of 32: each letter is equally likely.
        Ok(Self(random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()))
    }

    /// Reads a code as people type it: in any case, with spaces or hyphens,
    /// and with the letters that look like digits.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 64 {
            return None;
        }
        let plain: String = crate::web::form::compact(typed)
            .to_ascii_uppercase()
            .chars()
            .map(|c| match c {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            })
            .collect();
        let fits = plain.len() == 16 && plain.bytes().all(|byte| ALPHABET.contains(&byte));
        fits.then_some(Self(plain))
    }

    /// `8HW2-QP6N-4CYE-0A7T`
    pub fn grouped(&self) -> String {
        [0, 4, 8, 12].map(|at| &self.0[at..at + 4]).join("-")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = Code::parse("8HW2QP6N4CYE0A71").unwrap();
        assert_eq!(Code::parse(" 8hw2 qp6n-4cye-oa7l "), Some(code.clone()));
        assert_eq!(code.grouped(), "8HW2-QP6N-4CYE-0A71");
        for wrong in
            ["", "8HW2QP6N4CYE0A7", "8HW2QP6N4CYE0A7U", "8HW2QP6N4CYE0A7TT", "é8HW2QP6N4CYE0A7"]
        {
            assert_eq!(Code::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn two_new_codes_differ() {
        let (one, two) = (Code::new().unwrap(), Code::new().unwrap());
        assert_ne!(one, two);
        assert_eq!(Code::parse(&one.to_string()), Some(one));
    }
}
