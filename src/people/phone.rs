//! Telephone numbers.

/// Why a text is no telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Tulis nomor telepon seperti 0812 3456 7890.")]
pub struct PhoneError;

/// The number with its country, as `+6281234567890` (E.164): at most 15 digits. A number that
/// begins with 0 or 8 is Indonesian.
pub fn read_phone(typed: &str) -> Result<String, PhoneError> {
    let known = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')' | '+');
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let whole = match digits.as_bytes() {
        _ if typed.trim_start().starts_with('+') => digits,
        [b'0', b'0', ..] => digits[2..].to_owned(),
        [b'0', ..] => format!("62{}", &digits[1..]),
        [b'8', ..] => format!("62{digits}"),
        _ => digits,
    };
    let plausible = (9..=15).contains(&whole.len()) && !whole.starts_with('0');
    if typed.chars().all(known) && plausible { Ok(format!("+{whole}")) } else { Err(PhoneError) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_the_same_however_it_is_written() {
        for typed in ["0812 3456 7890", "812-3456-7890", "+62 812.3456.7890", "6281234567890"] {
            assert_eq!(read_phone(typed).as_deref(), Ok("+6281234567890"), "{typed}");
        }
        assert_eq!(read_phone("(0451) 421-234").as_deref(), Ok("+62451421234"));
        assert_eq!(read_phone("+1 202 555 0100").as_deref(), Ok("+12025550100"));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for typed in ["", "0812", "tidak ada", "0812 3456 7890 / 0813", "08123456789012345"] {
            assert_eq!(read_phone(typed), Err(PhoneError), "{typed}");
        }
    }
}
