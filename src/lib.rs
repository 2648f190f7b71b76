//! Smart Class ASN: classes for civil servants, attendance from evidence, a
//! ledger of learning hours, and certificates that anyone can verify.
//!
//! Each module may use only those above it; a test holds them to it.

pub mod account;
pub mod app;
pub mod assets;
pub mod attendance;
pub mod catalogue;
pub mod certificate;
pub mod class;
pub mod clock;
pub mod config;
pub mod database;
pub mod enrolment;
pub mod error;
pub mod help;
pub mod home;
pub mod ids;
pub mod ledger;
pub mod paper;
pub mod password;
pub mod people;
pub mod postgres;
pub mod report;
pub mod routes;
pub mod schedule;
pub mod settings;
pub mod web;

pub use app::App;
pub use routes::router;
