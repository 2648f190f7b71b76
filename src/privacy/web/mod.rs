//! `/privasi`, `/saya/data`, `/saya/permintaan`, `/kelola/permintaan`, and what the agency decides.

pub(crate) mod answers;
pub(crate) mod data;
pub(crate) mod erase;
pub(crate) mod notice;
pub(crate) mod requests;
pub(crate) mod settings;
