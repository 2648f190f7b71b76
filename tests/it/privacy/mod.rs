//! What people may ask of their own data.

mod data;
mod erase;
mod requests;
mod retention;
