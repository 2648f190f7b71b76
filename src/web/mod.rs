//! What pages share that knows nothing of the domain: forms, files and
//! how things are shown.

pub mod download;
pub mod form;
pub mod paging;
pub mod sheet;
pub mod show;
pub mod throttle;
pub mod upload;
