//! `/saya/data`, `/saya/permintaan`, `/kelola/permintaan`.

pub(crate) mod answers;
pub(crate) mod data;
pub(crate) mod requests;
