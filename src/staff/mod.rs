//! Staff lists: the people of the province as another system or an office wrote them down.
//!
//! A list is read ([`read`]), each of its rows is judged against the records as they stand
//! ([`judge()`]), and what is new or different is recorded ([`record()`]). An empty cell says nothing,
//! and neither does somebody's absence from the list: nothing is ever emptied or removed.

mod cells;
mod columns;
mod import;
mod judge;
mod list;
mod record;
#[cfg(test)]
mod tests;
mod undo;
mod units;
pub mod web;

pub use columns::Column;
pub use import::{Import, StaffError, confirm, discard, file, find, recent, store};
pub use judge::{Difference, Judged, Judgement, Standing, Verdict, Wrong, judge, standing};
pub use list::{List, ListError, MAX_BYTES, Row, read};
pub use record::{Source, lock, record};
pub use undo::{Undo, undo, undoable};
