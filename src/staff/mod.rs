//! Staff lists: the people of the province as another system or an office wrote them down.
//!
//! A list is opened ([`open`]) and read by its columns ([`File::list`]), each of its rows is judged
//! against the records as they stand ([`judge()`]), and what is new or different is recorded
//! ([`record()`]). An empty cell says nothing, and neither does somebody's absence from the list:
//! nothing is ever emptied or removed. A list reaches no further than whoever brings it
//! ([`Importer`]).

mod cells;
mod chosen;
mod columns;
mod import;
mod importer;
mod judge;
mod list;
mod place;
mod record;
mod standing;
#[cfg(test)]
mod tests;
mod undo;
mod units;
pub mod web;

pub use chosen::{Columns, ColumnsError};
pub use columns::Column;
pub use import::{
    Import, Kept, StaffError, choose_columns, choose_units, confirm, discard, find, kept, recent,
    store,
};
pub use importer::Importer;
pub use judge::{Difference, Judged, Judgement, Verdict, Wrong, judge};
pub use list::{File, Head, List, ListError, MAX_BYTES, Row, open, read};
pub use place::{Doubt, UnitChoices};
pub use record::{Source, lock, record};
pub use standing::{Standing, standing};
pub use undo::{Undo, undo, undoable};
