//! Smart Class ASN: classes for civil servants, attendance from evidence, a
//! ledger of learning hours, and certificates that anyone can verify.
//!
//! Each module may use only those above it; a test holds them to it.

pub mod ids;
pub mod clock;
pub mod assets;
pub mod error;
pub mod config;
pub mod listen;
pub mod postgres;
pub mod database;
pub mod password;
pub mod paper;
pub mod table;
pub mod act;
pub mod app;
pub mod web;
pub mod mail;
pub mod people;
pub mod account;
pub mod staff;
pub mod settings;
pub mod class;
pub mod enrolment;
pub mod schedule;
pub mod catalogue;
pub mod ledger;
pub mod seal;
pub mod attendance;
pub mod certificate;
pub mod backup;
pub mod report;
pub mod audit;
pub mod privacy;
pub mod home;
pub mod demo;
pub mod help;
pub mod worker;
pub mod routes;

pub use app::App;
pub use routes::router;
