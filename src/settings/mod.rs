//! What the agency decides for itself. Each change keeps the version before it.

mod form;
mod targets;
pub mod web;

pub use targets::{Targets, last_target, lock_targets, set_targets, targets};

use crate::{assets::hex, ids::PersonId, web::show};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

/// What certificates say of the agency, and how they are numbered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Certificates {
    /// In capitals, on top.
    pub government: String,
    pub agency: String,
    /// `{nomor}` and `{tahun}` stand for the number and the year of issue.
    pub pattern: String,
    /// The number is filled up with zeros to this many digits.
    pub digits: usize,
    pub place: String,
    /// An optional line under the number.
    pub legal_basis: Option<String>,
    /// The first number of a year, where part of it exists on paper already.
    pub first_numbers: Vec<(i32, i32)>,
    pub signers: Vec<Signer>,
}

/// Who signs certificates, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    pub from: NaiveDate,
    /// The last day; none while it is open.
    pub until: Option<NaiveDate>,
    /// Acting for the holder of the office: *Plt.*
    pub acting: bool,
    pub office: String,
    /// With titles.
    pub name: String,
    pub rank: Option<String>,
    pub nip: Option<String>,
}

impl Default for Certificates {
    fn default() -> Self {
        Self {
            government: "PEMERINTAH PROVINSI SULAWESI TENGAH".into(),
            agency: "Badan Pengembangan Sumber Daya Manusia Daerah".into(),
            // 800.2.4 is the records classification of training certificates.
            pattern: "800.2.4/{nomor}/BPSDMD/{tahun}".into(),
            digits: 5,
            place: "Palu".into(),
            legal_basis: None,
            first_numbers: Vec::new(),
            signers: Vec::new(),
        }
    }
}

impl Certificates {
    /// The printed number.
    pub fn label(&self, number: i32, year: i32) -> String {
        let number = format!("{number:0width$}", width = self.digits.min(9));
        self.pattern.replace("{nomor}", &number).replace("{tahun}", &year.to_string())
    }

    /// The first number of a year.
    pub fn first_number(&self, year: i32) -> i32 {
        self.first_numbers.iter().find(|(of, _)| *of == year).map_or(1, |(_, first)| *first)
    }

    /// Who signs on that day; the latest to begin where several do.
    pub fn signer(&self, day: NaiveDate) -> Option<&Signer> {
        let on_duty = self
            .signers
            .iter()
            .filter(|s| s.from <= day && s.until.is_none_or(|until| day <= until));
        on_duty.max_by_key(|signer| signer.from)
    }
}

impl Signer {
    /// Tells this signer from the others, wherever they stand in the list.
    pub fn key(&self) -> String {
        hex(&Sha256::digest(format!("{self:?}"))[..8])
    }

    /// The office as it stands on the certificate, in at most two lines.
    pub fn office_lines(&self) -> Vec<String> {
        let office =
            if self.acting { format!("Plt. {}", self.office) } else { self.office.clone() };
        let words: Vec<&str> = office.split_whitespace().collect();
        let line = |words: &[&str]| words.join(" ");
        if office.chars().count() <= 36 || words.len() < 2 {
            return vec![format!("{},", line(&words))];
        }
        // Two lines, as even as the words allow.
        let longer = |at: &usize| {
            line(&words[..*at]).chars().count().max(line(&words[*at..]).chars().count())
        };
        let at = (1..words.len()).min_by_key(longer).unwrap_or(1);
        vec![line(&words[..at]), format!("{},", line(&words[at..]))]
    }
}

/// The version of a setting that stands: a form that was opened before it is stale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub by: Option<String>,
}

impl Version {
    /// What somebody is told whose form is older.
    pub fn newer(&self) -> String {
        let by = self.by.as_deref().unwrap_or("orang lain");
        format!(
            "Pengaturan ini diubah oleh {by} pada {} sejak halaman ini dibuka.",
            show::moment(self.at)
        )
    }
}

const CERTIFICATES: &str = "certificates";

/// Makes others who change settings wait until the end of the transaction, so
/// that what is read now is what is changed. Readers do not wait.
pub async fn lock(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("lock table setting in share row exclusive mode").execute(db).await?;
    Ok(())
}

/// The settings of certificates as they stand.
pub async fn certificates(db: &mut PgConnection) -> sqlx::Result<Certificates> {
    Ok(read(db, CERTIFICATES).await?.unwrap_or_default())
}

/// Stores the settings of certificates.
pub async fn set_certificates(
    db: &mut PgConnection,
    value: &Certificates,
    by: Option<PersonId>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    write(db, CERTIFICATES, value, by, now).await
}

/// Who last changed the settings of certificates, and when.
pub async fn last_change(db: &mut PgConnection) -> sqlx::Result<Option<Version>> {
    sqlx::query_as!(
        Version,
        r#"select s.id, s.changed_at as at, p.name as "by?" from setting s
         left join person p on p.id = s.changed_by where s.topic = $1 order by s.id desc limit 1"#,
        CERTIFICATES
    )
    .fetch_optional(db)
    .await
}

/// The address that was last printed on QR codes, to notice when it changes.
pub async fn noted_base_url(db: &mut PgConnection) -> sqlx::Result<Option<String>> {
    read(db, "base_url").await
}

/// Remembers the address that QR codes carry.
pub async fn note_base_url(
    db: &mut PgConnection,
    url: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    write(db, "base_url", &url, None, now).await
}

/// The value of a topic that stands.
pub(crate) async fn read<T: DeserializeOwned>(
    db: &mut PgConnection,
    topic: &str,
) -> sqlx::Result<Option<T>> {
    let value = sqlx::query_scalar!(
        "select value from setting where topic = $1 order by id desc limit 1",
        topic
    )
    .fetch_optional(db)
    .await?;
    value.map(serde_json::from_value).transpose().map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Who changed a topic, and when; the latest first.
pub(crate) async fn versions(db: &mut PgConnection, topic: &str) -> sqlx::Result<Vec<Version>> {
    sqlx::query_as!(
        Version,
        r#"select s.id, s.changed_at as at, p.name as "by?" from setting s
         left join person p on p.id = s.changed_by where s.topic = $1 order by s.id desc"#,
        topic
    )
    .fetch_all(db)
    .await
}

/// The value of a topic as that version had it.
pub(crate) async fn read_version<T: DeserializeOwned>(
    db: &mut PgConnection,
    topic: &str,
    version: i64,
) -> sqlx::Result<T> {
    let value = sqlx::query_scalar!(
        "select value from setting where topic = $1 and id = $2",
        topic,
        version
    )
    .fetch_one(db)
    .await?;
    serde_json::from_value(value).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Stores another version of a topic.
pub(crate) async fn write<T: Serialize>(
    db: &mut PgConnection,
    topic: &str,
    value: &T,
    by: Option<PersonId>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let value = serde_json::to_value(value).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query!(
        "insert into setting (topic, value, changed_at, changed_by) values ($1, $2, $3, $4)",
        topic,
        value,
        now,
        by.map(|by| by.0)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The logo as it stands: its id and its image.
pub async fn logo(db: &mut PgConnection) -> sqlx::Result<Option<(i64, Vec<u8>)>> {
    let last = sqlx::query!("select id, image from logo order by id desc limit 1")
        .fetch_optional(db)
        .await?;
    Ok(last.and_then(|row| row.image.map(|image| (row.id, image))))
}

/// The logo of that id.
pub async fn logo_of(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar!("select image from logo where id = $1", id)
        .fetch_optional(db)
        .await?
        .flatten())
}

/// Sets the logo, or takes it away.
pub async fn set_logo(
    db: &mut PgConnection,
    image: Option<&[u8]>,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into logo (image, changed_at, changed_by) values ($1, $2, $3)",
        image,
        now,
        by.0
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The last number given in a year, while certificates of it exist.
pub async fn last_number(db: &mut PgConnection, year: i32) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("select last from certificate_counter where year = $1", year)
        .fetch_optional(db)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(from: &str, until: Option<&str>, acting: bool) -> Signer {
        Signer {
            from: from.parse().unwrap(),
            until: until.map(|day| day.parse().unwrap()),
            acting,
            office: "Kepala Badan Pengembangan Sumber Daya Manusia Daerah".into(),
            name: from.into(),
            rank: None,
            nip: None,
        }
    }

    #[test]
    fn the_signer_is_the_one_on_duty_that_day() {
        let signers =
            vec![signer("2025-01-01", None, false), signer("2026-03-01", Some("2026-04-30"), true)];
        let settings = Certificates { signers, ..Certificates::default() };
        let on = |day: &str| settings.signer(day.parse().unwrap()).map(|signer| signer.acting);
        assert_eq!(
            [on("2024-12-31"), on("2026-02-28"), on("2026-03-01"), on("2026-05-01")],
            [None, Some(false), Some(true), Some(false)]
        );
    }

    #[test]
    fn an_acting_office_is_marked_and_broken_in_two() {
        let lines = signer("2026-03-01", None, true).office_lines();
        assert_eq!(lines, ["Plt. Kepala Badan Pengembangan", "Sumber Daya Manusia Daerah,"]);
    }

    #[test]
    fn the_number_is_filled_into_the_pattern() {
        assert_eq!(Certificates::default().label(123, 2026), "800.2.4/00123/BPSDMD/2026");
    }
}
