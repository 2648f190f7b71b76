//! The NIP: the number by which the state knows a civil servant.

use chrono::{Datelike, NaiveDate};
use std::fmt;

/// An 18-digit NIP (PNS) or NI PPPK that could exist. It holds the birth date
/// and is public: never a secret, never proof of who somebody is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nip(String);

/// How somebody is employed by the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type, serde::Serialize, serde::Deserialize)]
#[sqlx(type_name = "employment", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Employment {
    Pns,
    Pppk,
}

impl Employment {
    /// As people write it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pns => "PNS",
            Self::Pppk => "PPPK",
        }
    }
}

/// Why a text is no NIP. No check digit exists, so only the parts are tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NipError {
    #[error("NIP terdiri atas 18 angka; yang ditulis {0} angka.")]
    Length(usize),
    #[error("NIP hanya berisi angka.")]
    NotDigits,
    #[error(
        "Delapan angka pertama NIP harus tanggal lahir (tahun, bulan, tanggal) seseorang berumur 17 sampai 70 tahun."
    )]
    BirthDate,
    #[error(
        "Angka ke-9 sampai ke-14 NIP harus tahun dan bulan pengangkatan, sedikitnya 17 tahun sesudah lahir."
    )]
    Appointment,
    #[error("Angka ke-15 NIP harus 1 atau 2.")]
    Sex,
    #[error("Tiga angka terakhir NIP tidak boleh 000.")]
    Serial,
}

impl Nip {
    /// Reads a NIP as people write it, with spaces or dots; `today` bounds the age.
    pub fn parse(typed: &str, today: NaiveDate) -> Result<Self, NipError> {
        let digits = crate::web::form::compact(typed);
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NipError::NotDigits);
        }
        if digits.len() != 18 {
            return Err(NipError::Length(digits.len()));
        }
        let born =
            NaiveDate::parse_from_str(&digits[..8], "%Y%m%d").map_err(|_| NipError::BirthDate)?;
        if !today.years_since(born).is_some_and(|age| (17..=70).contains(&age)) {
            return Err(NipError::BirthDate);
        }
        let number = |from: usize, to: usize| digits[from..to].parse::<i32>().unwrap_or(0);
        let (year, month) = (number(8, 12), number(12, 14));
        // 21 and above mark a PPPK contract; 01 to 12 is the month of a PNS.
        if year < born.year() + 17
            || year > today.year()
            || !(matches!(month, 1..=12) || month >= 21)
        {
            return Err(NipError::Appointment);
        }
        if !matches!(&digits[14..15], "1" | "2") {
            return Err(NipError::Sex);
        }
        if &digits[15..] == "000" {
            return Err(NipError::Serial);
        }
        Ok(Self(digits))
    }

    /// A NIP that was read when it was recorded: whose holder is older than 70 by now stays one.
    pub fn recorded(digits: String) -> Self {
        Self(digits)
    }

    /// The employment that the number itself tells.
    pub fn employment(&self) -> Employment {
        if &self.0[12..14] >= "21" { Employment::Pppk } else { Employment::Pns }
    }

    /// The 18 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Nip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(typed: &str) -> Result<Nip, NipError> {
        Nip::parse(typed, NaiveDate::from_ymd_opt(2026, 11, 24).unwrap())
    }

    #[test]
    fn spaces_and_dots_are_fine() {
        assert_eq!(parse("19801230 201001 2 005").unwrap().as_str(), "198012302010012005");
        assert_eq!(parse("19801230.201001.2.005").unwrap().employment(), Employment::Pns);
    }

    #[test]
    fn a_contract_marker_tells_a_pppk() {
        assert_eq!(parse("199306062021212006").unwrap().employment(), Employment::Pppk);
    }

    #[test]
    fn each_part_is_tested() {
        assert_eq!(parse("1980123020100120"), Err(NipError::Length(16)));
        assert_eq!(parse("19801230201001200A"), Err(NipError::NotDigits));
        assert_eq!(parse("198002302010012005"), Err(NipError::BirthDate));
        assert_eq!(parse("201512302030012005"), Err(NipError::BirthDate));
        assert_eq!(parse("198012301990012005"), Err(NipError::Appointment));
        assert_eq!(parse("198012302010132005"), Err(NipError::Appointment));
        assert_eq!(parse("198012302010013005"), Err(NipError::Sex));
        assert_eq!(parse("198012302010012000"), Err(NipError::Serial));
    }

    #[test]
    fn a_born_day_of_29_february_is_real_in_leap_years_only() {
        assert!(parse("198402292010012005").is_ok());
        assert_eq!(parse("198302292010012005"), Err(NipError::BirthDate));
    }
}
