//! Tells which certificate a file says it is.

/// The code in a PDF's identifier, where `draw` has put it. Looks at bytes
/// alone: a stranger's file is not worth parsing.
pub fn code_in(pdf: &[u8]) -> Option<String> {
    if !pdf.starts_with(b"%PDF-") {
        return None;
    }
    let last = pdf.windows(3).rposition(|three| three == b"/ID")?;
    let rest = pdf.get(last..pdf.len().min(last + 200))?;
    let from = rest.iter().position(|byte| *byte == b'<')? + 1;
    let to = from + rest[from..].iter().position(|byte| *byte == b'>')?;
    let digits = std::str::from_utf8(&rest[from..to]).ok()?;
    let bytes: Option<Vec<u8>> = (0..digits.len() / 2)
        .map(|at| u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok())
        .collect();
    String::from_utf8(bytes?).ok()
}
