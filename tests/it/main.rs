//! What the program promises, shown from outside: through its domain functions, its pages as a
//! visitor without JavaScript uses them, and a real socket where timing matters.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod account;
mod attendance;
mod audit;
mod busy;
mod catalogue;
mod certificate;
mod cluster;
mod demo;
mod enrolment;
mod home;
mod killed;
mod ledger;
mod mail;
mod nonsense;
mod permissions;
mod privacy;
mod report;
mod schedule;
mod settings;
mod shape;
mod slow;
mod staff;
mod support;
mod units;
