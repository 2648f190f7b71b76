//! Who may use an address. Every address of the program declares one of these
//! in `routes.rs`; there is no way to serve a page without.

use super::SignedIn;

/// What somebody may do, beyond their own learning. Held for a unit and what lies below it;
/// see [`Role::needs_all`] for those that cannot be held for less than the whole province.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "role", rename_all = "snake_case")]
pub enum Role {
    UnitOperator,
    Organiser,
    Leader,
    Auditor,
    Administrator,
}

impl Role {
    pub const ALL: [Self; 5] =
        [Self::UnitOperator, Self::Organiser, Self::Leader, Self::Auditor, Self::Administrator];

    /// As other systems know it.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnitOperator => "unit_operator",
            Self::Organiser => "organiser",
            Self::Leader => "leader",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// As people know it.
    pub fn label(self) -> &'static str {
        match self {
            Self::UnitOperator => "Operator OPD",
            Self::Organiser => "Penyelenggara BPSDMD",
            Self::Leader => "Pimpinan",
            Self::Auditor => "Auditor (Inspektorat)",
            Self::Administrator => "Administrator",
        }
    }

    /// Whether the role is held for the whole province or not at all: classes belong to no
    /// unit, so what it opens could not be kept to one.
    pub fn needs_all(self) -> bool {
        matches!(self, Self::Organiser | Self::Auditor)
    }

    /// Whether the role opens nothing to somebody who has a password only, outside a demo world.
    pub fn needs_second(self) -> bool {
        matches!(self, Self::Organiser | Self::Administrator)
    }

    /// The role of that code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// Who may use an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Everybody, signed in or not.
    Public,
    /// Everybody who is signed in; what they see is their own.
    Learner,
    /// Runs classes: schedule, attendance, certificates.
    Organise,
    /// Reads what was decided about attendance, and why.
    Inspect,
    /// Reads the reports of their units.
    Report,
    /// Keeps the records of the people of their units.
    Keep,
    /// Keeps the people and roles of their units.
    Administer,
    /// Answers what people ask to be put right: their record, or their attendance and hours.
    Answer,
    /// Decides for the whole agency: certificates, targets.
    Configure,
    /// Reads the audit log.
    Audit,
}

/// What stands in somebody's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    SignInFirst,
    /// Theirs once they have set up a second factor.
    SecondFactorFirst,
    Forbidden,
}

impl Permission {
    /// The roles of which one opens the address.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::Public | Self::Learner => &[],
            Self::Organise => &[Role::Organiser],
            Self::Inspect => &[Role::Organiser, Role::Auditor],
            Self::Report => &[Role::Organiser, Role::Leader, Role::Auditor, Role::UnitOperator],
            Self::Keep => &[Role::Administrator, Role::UnitOperator],
            Self::Audit => &[Role::Administrator, Role::Auditor],
            Self::Answer => &[Role::Organiser, Role::Administrator],
            Self::Administer | Self::Configure => &[Role::Administrator],
        }
    }

    /// Whether the role counts only when it is held for the whole province.
    pub(super) fn needs_all(self) -> bool {
        matches!(self, Self::Organise | Self::Inspect | Self::Configure | Self::Audit)
    }

    /// Whether this visitor may pass.
    pub fn check(self, visitor: Option<&SignedIn>) -> Result<(), Refusal> {
        match (self, visitor) {
            (Self::Public, _) | (Self::Learner, Some(_)) => Ok(()),
            (_, None) => Err(Refusal::SignInFirst),
            (_, Some(visitor)) if !visitor.units_for(self).is_empty() => Ok(()),
            (_, Some(visitor)) if !visitor.with_second().units_for(self).is_empty() => {
                Err(Refusal::SecondFactorFirst)
            }
            (_, Some(_)) => Err(Refusal::Forbidden),
        }
    }
}
