//! What people may ask of their own data (UU 27/2022): to see all of it, and to have it put right.

mod data;
mod request;
pub mod web;

pub use data::{Item, everything};
pub use request::{
    ANSWERED_WITHIN, About, Answer, AnswerError, Asked, Choice, FIELDS, NewRequest, Request,
    Verdict, answer, answerable, ask, choices, find, of_person, open,
};
