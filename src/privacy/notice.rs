//! What the privacy notice says that only the agency can decide: every version is kept.

use crate::{
    ids::PersonId,
    settings::{self, Version},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

const TOPIC: &str = "privacy_notice";

/// The parts of the notice that are the agency's to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notice {
    pub controller: String,
    /// Where the controller is reached.
    pub address: Option<String>,
    /// How the data protection officer is reached (UU 27/2022, Pasal 53).
    pub officer: Option<String>,
    pub basis: String,
    /// The rule of the archive by which hours, decisions and certificates are kept.
    pub archive: Option<String>,
}

impl Default for Notice {
    fn default() -> Self {
        Self {
            controller: "Badan Pengembangan Sumber Daya Manusia Daerah Provinsi Sulawesi Tengah"
                .into(),
            address: None,
            officer: None,
            basis: "Pelaksanaan tugas dalam rangka pelayanan publik (UU 27/2022 Pasal 20 ayat (2) huruf e), \
                    bukan persetujuan."
                .into(),
            archive: None,
        }
    }
}

impl Notice {
    /// What the agency has not said yet, by label.
    pub fn missing(&self) -> Vec<&'static str> {
        let parts = [
            ("alamat pengendali", &self.address),
            ("kontak pejabat pelindungan data", &self.officer),
            ("dasar penyimpanan arsip", &self.archive),
        ];
        parts.into_iter().filter(|(_, part)| part.is_none()).map(|(label, _)| label).collect()
    }
}

/// The notice as it stands.
pub async fn notice(db: &mut PgConnection) -> sqlx::Result<Notice> {
    Ok(settings::read(db, TOPIC).await?.unwrap_or_default())
}

/// Stores the notice. The settings must be locked.
pub async fn set_notice(
    db: &mut PgConnection,
    notice: &Notice,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    settings::write(db, TOPIC, notice, Some(by), now).await
}

/// Who changed the notice, and when; the latest first.
pub async fn notice_versions(db: &mut PgConnection) -> sqlx::Result<Vec<Version>> {
    settings::versions(db, TOPIC).await
}

/// The notice of that version.
pub async fn notice_of(db: &mut PgConnection, version: i64) -> sqlx::Result<Notice> {
    settings::read_version(db, TOPIC, version).await
}
