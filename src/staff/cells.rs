//! What the cells of a row say.

use super::{
    columns::{Column, plain},
    judge::{Wrong, wrong},
    list::Row,
    standing::Known,
};
use crate::people::{self, Employment, Nip, PositionKind, Standing, rank};

/// What stands in the cell; a dash says nothing.
pub(super) fn filled(row: &Row, column: Column) -> Option<&str> {
    row.text(column).filter(|text| !matches!(*text, "-" | "–" | "—"))
}

/// A text of at most two hundred characters.
pub(super) fn text(row: &Row, column: Column) -> Result<Option<String>, Wrong> {
    let Some(text) = filled(row, column) else { return Ok(None) };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > 200 {
        return Err(wrong(column, "Paling banyak 200 karakter."));
    }
    Ok(Some(text))
}

/// The name with its titles. A list without titles in columns of their own says nothing of them:
/// a recorded name that begins as the list's does, stays.
pub(super) fn name(row: &Row, known: Option<&Known>) -> Result<String, Wrong> {
    let Some(name) = text(row, Column::Name)? else {
        return match known {
            Some(known) => Ok(known.name.clone()),
            None => Err(wrong(Column::Name, "Nama kosong.")),
        };
    };
    let (front, back) = (text(row, Column::Front)?, text(row, Column::Back)?);
    let bare = front.is_none() && back.is_none();
    if let Some(known) = known.filter(|known| bare && titled(&known.name, &name)) {
        return Ok(known.name.clone());
    }
    let mut whole = name;
    if let Some(front) = front {
        whole = format!("{front} {whole}");
    }
    if let Some(back) = back {
        whole = format!("{whole}, {back}");
    }
    if whole.chars().count() > 120 {
        return Err(wrong(Column::Name, "Nama dengan gelar paling banyak 120 karakter."));
    }
    Ok(whole)
}

/// Whether the recorded name is the bare one with titles around it.
fn titled(recorded: &str, bare: &str) -> bool {
    let (recorded, bare) = (recorded.to_lowercase(), bare.to_lowercase());
    let Some((before, after)) = recorded.split_once(&bare) else { return false };
    let titles = before.split_whitespace().all(|word| word.ends_with('.'));
    titles && (after.is_empty() || after.starts_with(','))
}

pub(super) fn email(row: &Row) -> Result<Option<String>, Wrong> {
    let Some(typed) = filled(row, Column::Email) else { return Ok(None) };
    people::read_email(typed).map(Some).map_err(|error| wrong(Column::Email, &error.to_string()))
}

/// A number that a spreadsheet took for one has lost its first zero; it is read all the same.
pub(super) fn phone(row: &Row) -> Result<Option<String>, Wrong> {
    let Some(typed) = filled(row, Column::Phone) else { return Ok(None) };
    let typed = typed.trim_start_matches('\'');
    people::read_phone(typed).map(Some).map_err(|error| wrong(Column::Phone, &error.to_string()))
}

/// The kind of the position, by its name or its echelon.
pub(super) fn position_kind(row: &Row) -> Result<Option<PositionKind>, Wrong> {
    let Some(typed) = filled(row, Column::PositionKind) else { return Ok(None) };
    let text = plain(typed);
    let words: Vec<&str> = text.split(' ').collect();
    let has = |names: &[&str]| names.iter().any(|name| words.contains(name));
    let kind = if has(&["pelaksana", "jfu"]) {
        PositionKind::Executive
    } else if has(&["fungsional", "jft", "jf"]) {
        PositionKind::Functional
    } else if has(&["pengawas", "iv"]) {
        PositionKind::Supervisor
    } else if has(&["administrator", "iii"]) {
        PositionKind::Administrator
    } else if has(&["jpt", "pimpinan", "i", "ii", "pratama", "madya", "utama"]) {
        PositionKind::Leading
    } else if has(&["struktural", "non", "none", "tidak"]) {
        // Says less than the record can.
        return Ok(None);
    } else {
        let reason = format!("Jenis jabatan “{typed}” tidak dikenal.");
        return Err(Wrong { column: Column::PositionKind, reason });
    };
    Ok(Some(kind))
}

/// Whether the person still serves.
pub(super) fn standing(row: &Row) -> Result<Option<Standing>, Wrong> {
    let Some(typed) = filled(row, Column::Standing) else { return Ok(None) };
    let text = plain(typed);
    let has = |names: &[&str]| names.iter().any(|name| text.contains(name));
    let standing = if has(&["pensiun", "bup"]) {
        Standing::Retired
    } else if has(&["meninggal", "wafat", "tewas"]) {
        Standing::Died
    } else if has(&["diberhentikan", "berhenti", "ptdh", "mengundurkan", "pemberhentian"]) {
        Standing::Dismissed
    } else if has(&["pindah", "mutasi keluar"]) {
        Standing::Moved
    } else if has(&["cltn", "cuti", "tugas belajar", "tubel"]) {
        Standing::Leave
    } else if has(&["aktif", "masih bekerja"]) && !has(&["tidak aktif", "nonaktif", "non aktif"]) {
        Standing::Active
    } else {
        let reason = format!("Kedudukan “{typed}” tidak dikenal.");
        return Err(Wrong { column: Column::Standing, reason });
    };
    Ok(Some(standing))
}

/// The rank with its grade in brackets, as certificates write it.
pub(super) fn grade(row: &Row) -> Result<Option<String>, Wrong> {
    if let Some(typed) = filled(row, Column::Grade) {
        return match rank(typed) {
            Some(rank) => Ok(Some(rank)),
            None => Err(wrong(Column::Grade, &format!("Golongan “{typed}” tidak dikenal."))),
        };
    }
    let written = text(row, Column::Rank)?;
    Ok(written.map(|written| rank(&written).unwrap_or(written)))
}

/// The list may say how somebody is employed; the number does too.
pub(super) fn check_employment(row: &Row, nip: &Nip) -> Result<(), Wrong> {
    let Some(typed) = filled(row, Column::Employment) else { return Ok(()) };
    let words = plain(typed);
    let says = |name: &str| words.split(' ').any(|word| word == name);
    let said = if says("pppk") || says("p3k") {
        Employment::Pppk
    } else if says("pns") || says("cpns") {
        Employment::Pns
    } else {
        return Ok(());
    };
    if said == nip.employment() {
        return Ok(());
    }
    let (said, own) = (said.label(), nip.employment().label());
    let reason = format!("Kolom ini menyebut {said}, sedangkan NIP-nya NIP {own}.");
    Err(Wrong { column: Column::Employment, reason })
}

/// What the list says, unless that differs in capitals, spaces and dots alone.
pub(super) fn kept(listed: Option<String>, stands: Option<&String>) -> Option<String> {
    let letters = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect::<String>()
    };
    match (listed, stands) {
        (Some(listed), Some(stands)) if letters(&listed) == letters(stands) => Some(stands.clone()),
        (Some(listed), _) => Some(listed),
        (None, stands) => stands.cloned(),
    }
}

/// Whether a spreadsheet shortened a long number, as 1,98012E+17.
pub(super) fn is_power_of_ten(text: &str) -> bool {
    text.split_once(['E', 'e']).is_some_and(|(digits, power)| {
        digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'))
            && power.trim_start_matches('+').parse::<u8>().is_ok()
    })
}
