//! Upload, preview, corrections, confirmation, undo: nothing is written before
//! the organiser has seen what would be, and everything can be taken back.

pub mod act;
mod lists;
pub mod preview;
pub mod row;
pub mod undo;
pub mod upload;
mod view;

use crate::{
    attendance::{self, Import, ImportError},
    error::{Error, Result},
    ids::{ClassId, ImportId},
};

/// The import of that class, or nothing.
async fn of_class(db: &mut sqlx::PgConnection, class: ClassId, import: ImportId) -> Result<Import> {
    let import = attendance::find(db, import).await?;
    if import.class == class { Ok(import) } else { Err(Error::NotFound) }
}

impl From<ImportError> for Error {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Database(error) => error.into(),
            ImportError::Unmatched(error) => Self::Internal(error.into()),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
