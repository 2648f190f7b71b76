//! What people may ask of their own data (UU 27/2022): to see all of it, to have
//! it put right, to know why and for how long it is kept, and to have an account erased.

mod data;
mod erase;
mod notice;
mod request;
mod retention;
pub mod web;

pub use data::{Item, everything};
pub use erase::{ERASED, EraseError, Going, erase, erased_at, going, may_erase};
pub use notice::{Notice, notice, notice_of, notice_versions, set_notice};
pub use request::{
    ANSWERED_WITHIN, About, Answer, AnswerError, Asked, Choice, FIELDS, MOST_OPEN, NewRequest,
    Request, Verdict, answer, answerable, ask, choices, find, of_person, open,
};
pub use retention::{Retention, retention, retention_version, set_retention, sweep};
