//! What is known of somebody's service beyond who they are.

use chrono::NaiveDate;

/// Whether somebody still serves here. Those who left sign in no more and count for no target.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "standing", rename_all = "snake_case")]
pub enum Standing {
    #[default]
    Active,
    /// On leave or studying; learns and counts as everybody.
    Leave,
    Retired,
    /// Serves another government.
    Moved,
    Dismissed,
    Died,
}

impl Standing {
    pub const ALL: [Self; 6] =
        [Self::Active, Self::Leave, Self::Retired, Self::Moved, Self::Dismissed, Self::Died];

    /// As forms and the history keep it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Leave => "leave",
            Self::Retired => "retired",
            Self::Moved => "moved",
            Self::Dismissed => "dismissed",
            Self::Died => "died",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "Aktif",
            Self::Leave => "Cuti atau tugas belajar",
            Self::Retired => "Pensiun",
            Self::Moved => "Pindah instansi",
            Self::Dismissed => "Diberhentikan",
            Self::Died => "Meninggal",
        }
    }

    /// The standing of that code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// Whether the person still serves here.
    pub fn is_here(self) -> bool {
        matches!(self, Self::Active | Self::Leave)
    }
}

/// The kind of a position (UU 20/2023; eselon in brackets).
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "position_kind", rename_all = "snake_case")]
pub enum PositionKind {
    /// Pimpinan Tinggi (I and II).
    Leading,
    /// Administrator (III).
    Administrator,
    /// Pengawas (IV).
    Supervisor,
    /// Fungsional.
    Functional,
    /// Pelaksana.
    Executive,
}

impl PositionKind {
    pub const ALL: [Self; 5] =
        [Self::Leading, Self::Administrator, Self::Supervisor, Self::Functional, Self::Executive];

    /// As forms and the history keep it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Leading => "leading",
            Self::Administrator => "administrator",
            Self::Supervisor => "supervisor",
            Self::Functional => "functional",
            Self::Executive => "executive",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Leading => "Pimpinan Tinggi (eselon I–II)",
            Self::Administrator => "Administrator (eselon III)",
            Self::Supervisor => "Pengawas (eselon IV)",
            Self::Functional => "Fungsional",
            Self::Executive => "Pelaksana",
        }
    }

    /// The kind of that code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// The part of a record that most lists leave out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Service {
    /// As [`super::read_phone`] gives it.
    pub phone: Option<String>,
    pub kind: Option<PositionKind>,
    /// The first day of the employment (TMT).
    pub from: Option<NaiveDate>,
    /// The last day, where a contract names one.
    pub until: Option<NaiveDate>,
    pub standing: Standing,
    /// The day on which the standing began, where it was said.
    pub since: Option<NaiveDate>,
}
