//! The time, as a value: the only place that reads it, and the agency's zone.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;
use std::convert::Infallible;

/// The zone of the province, WITA: UTC+8 without summer time.
pub const ZONE: Tz = chrono_tz::Asia::Makassar;

/// The calendar year of a moment, as the province counts it.
pub fn year_of(at: DateTime<Utc>) -> i32 {
    at.with_timezone(&ZONE).year()
}

#[derive(Debug, Clone, Copy, Default)]
pub enum Clock {
    #[default]
    System,
    /// Stands still; for tests and the making of the demo world.
    Stopped(DateTime<Utc>),
}

impl Clock {
    /// The time now, in whole microseconds as the database keeps it.
    pub fn now(self) -> DateTime<Utc> {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the clock")]
            Self::System => {
                let now = Utc::now();
                DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
            }
            Self::Stopped(at) => at,
        }
    }
}

/// The time at which the request arrived.
#[derive(Debug, Clone, Copy)]
pub struct Now(pub DateTime<Utc>);

impl<S> FromRequestParts<S> for Now
where
    Clock: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self(Clock::from_ref(state).now()))
    }
}
