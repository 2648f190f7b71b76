//! What pages share that knows nothing of the domain: forms, spreadsheets and
//! how things are shown.

pub mod form;
pub mod sheet;
pub mod show;
