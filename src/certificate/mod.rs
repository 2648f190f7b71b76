#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "certificate_kind", rename_all = "lowercase")]
pub enum Kind { Participant, Speaker, Moderator }
