//! One type per table's key, so that a class can never be passed for a person.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(serde::Serialize, serde::Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }
    )+};
}

ids! {
    /// A unit of the province: the root, an OPD, a bidang, a school.
    UnitId,
    /// A person, whatever NIP they hold at the time.
    PersonId,
    /// One scheduled class.
    ClassId,
    /// One person's seat or place in the queue of one class.
    EnrolmentId,
    /// One uploaded report of a class.
    ImportId,
    /// One uploaded staff list.
    StaffImportId,
    /// One participant of a report.
    ImportRowId,
    /// One piece of evidence of presence.
    EvidenceId,
    /// One decision on presence.
    DecisionId,
    /// One certificate, live or revoked.
    CertificateId,
    /// One request for a correction.
    RequestId,
}
