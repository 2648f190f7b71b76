//! Slows down whoever asks the public check or for links too often, or fails to sign in too often,
//! by the address they come from.

use crate::{app::App, config::Config, error::Error};
use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::{Extensions, HeaderMap, request::Parts},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

/// Clients remembered at a time.
const MOST: usize = 10_000;

/// For each client, the time until which its requests have used up its share.
pub struct Throttle {
    /// One request in this time, in the long run: an office shares its address.
    each: TimeDelta,
    /// So much may be used up at once.
    ahead: TimeDelta,
    used: Mutex<HashMap<IpAddr, DateTime<Utc>>>,
}

impl Throttle {
    /// Admits so many requests at once, and then one in that time.
    fn new(at_once: i32, each: TimeDelta) -> Self {
        Self { each, ahead: each * at_once, used: Mutex::default() }
    }

    /// Counts a request, or says in how many seconds the next may come.
    fn admit(&self, client: IpAddr, now: DateTime<Utc>) -> Result<(), i64> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= MOST {
            used.retain(|_, until| *until > now);
        }
        if used.len() >= MOST {
            used.clear(); // better forgetful than out of memory
        }
        let until = used.entry(household(client)).or_insert(now);
        *until = self.next(until, now)?;
        Ok(())
    }

    /// The same without counting.
    fn would_admit(&self, client: IpAddr, now: DateTime<Utc>) -> Result<(), i64> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.get_mut(&household(client)).map_or(Ok(()), |until| self.next(until, now).map(|_| ()))
    }

    /// Until when one request more uses up the client's share, where that is not too much.
    fn next(&self, until: &mut DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, i64> {
        // A clock that was set back must shut nobody out for longer.
        *until = (*until).clamp(now, now + self.ahead);
        let next = *until + self.each;
        if next > now + self.ahead {
            return Err((next - now - self.ahead).num_seconds().max(1));
        }
        Ok(next)
    }
}

/// What is slowed down.
pub struct Throttles {
    /// Public checks of certificates.
    checks: Throttle,
    /// Sign-ins that failed, whatever the NIP: one guess at each of many is told by no count of a
    /// NIP.
    failures: Throttle,
    /// Links asked for, whatever the NIP.
    links: Throttle,
    /// Visitors sent to the provider of single sign-on.
    sent: Throttle,
}

impl Default for Throttles {
    fn default() -> Self {
        Self {
            checks: Throttle::new(60, TimeDelta::milliseconds(500)),
            failures: Throttle::new(120, TimeDelta::seconds(1)),
            links: Throttle::new(30, TimeDelta::seconds(20)),
            sent: Throttle::new(120, TimeDelta::milliseconds(500)),
        }
    }
}

/// The address, or for IPv6 the network of one subscriber.
fn household(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Who really asks: the peer, or whom the nearest trusted proxies name in `X-Forwarded-For`.
/// Whatever stands before that was written by the client itself.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let named = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let mut hops: Vec<&str> = named.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut client = peer.to_canonical();
    while trusted.contains(&client) || client.is_loopback() {
        match hops.pop().map(str::parse::<IpAddr>) {
            Some(Ok(hop)) => client = hop.to_canonical(),
            _ => break,
        }
    }
    client
}

/// The same of a request; unspecified where no socket is known.
pub fn client_of(extensions: &Extensions, headers: &HeaderMap, config: &Config) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip());
    client(peer, headers, &config.trusted_proxies)
}

/// Who asks and when, with the counts of all.
struct Asking {
    client: IpAddr,
    now: DateTime<Utc>,
    throttles: Arc<Throttles>,
}

impl Asking {
    fn of<S>(parts: &Parts, state: &S) -> Self
    where
        App: FromRef<S>,
    {
        let app = App::from_ref(state);
        let client = client_of(&parts.extensions, &parts.headers, &app.config);
        let throttles = parts.extensions.get::<Arc<Throttles>>().cloned().unwrap_or_default();
        Self { client, now: app.clock.now(), throttles }
    }
}

/// A check of somebody who has not asked too often.
pub struct Unhurried;

impl<S: Sync> FromRequestParts<S> for Unhurried
where
    App: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Asking { client, now, throttles } = Asking::of(parts, state);
        throttles.checks.admit(client, now).map_err(Error::TooMany)?;
        Ok(Self)
    }
}

/// A link asked for by a client that has not asked too often.
pub struct Asked;

impl<S: Sync> FromRequestParts<S> for Asked
where
    App: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Asking { client, now, throttles } = Asking::of(parts, state);
        throttles.links.admit(client, now).map_err(Error::TooMany)?;
        Ok(Self)
    }
}

/// A visitor to be sent to the provider of single sign-on, of a client that has not sent too many.
pub struct Sent;

impl<S: Sync> FromRequestParts<S> for Sent
where
    App: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Asking { client, now, throttles } = Asking::of(parts, state);
        throttles.sent.admit(client, now).map_err(Error::TooMany)?;
        Ok(Self)
    }
}

/// A try to sign in by a client that has not failed too often.
pub struct Try(Asking);

impl Try {
    /// Counts it.
    pub fn failed(&self) {
        // Several at once may pass the limit together; each is refused from then on.
        let _ = self.0.throttles.failures.admit(self.0.client, self.0.now);
    }
}

impl<S: Sync> FromRequestParts<S> for Try
where
    App: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let asking = Asking::of(parts, state);
        let failures = &asking.throttles.failures;
        failures.would_admit(asking.client, asking.now).map_err(Error::TooMany)?;
        Ok(Self(asking))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn sixty_at_once_then_two_a_second_for_each_client() {
        let (throttle, now) = (Throttles::default().checks, DateTime::UNIX_EPOCH);
        let ask = |who: &str, at| throttle.admit(ip(who), at).err();
        let first: Vec<_> = (0..61).filter_map(|_| ask("203.0.113.9", now)).collect();
        assert_eq!(first, [1]);
        assert_eq!(ask("203.0.113.10", now), None);
        let later = now + TimeDelta::seconds(1);
        assert_eq!([0, 1, 2].map(|_| ask("203.0.113.9", later)), [None, None, Some(1)]);
        assert_eq!(ask("203.0.113.9", now - TimeDelta::days(1)), Some(1), "the clock was set back");
        assert_eq!(ask("203.0.113.9", now - TimeDelta::days(1) + throttle.ahead), None);
        let subscriber = (0..61).filter_map(|n| ask(&format!("2001:db8::{n:x}"), now));
        assert_eq!(subscriber.collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn a_hundred_and_twenty_failures_at_once_then_one_a_second() {
        let (throttle, now) = (Throttles::default().failures, DateTime::UNIX_EPOCH);
        let office = ip("203.0.113.9");
        for _ in 0..120 {
            assert_eq!(throttle.would_admit(office, now), Ok(()));
            throttle.admit(office, now).unwrap();
        }
        assert_eq!(throttle.would_admit(office, now), Err(1));
        assert_eq!(throttle.would_admit(ip("203.0.113.10"), now), Ok(()));
        assert_eq!(throttle.would_admit(office, now + TimeDelta::seconds(1)), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttles::default().checks;
        for n in 0..25_000_u32 {
            throttle.admit(Ipv4Addr::from(n).into(), DateTime::UNIX_EPOCH).unwrap();
        }
        assert!(throttle.used.lock().unwrap().len() <= MOST);
    }

    #[test]
    fn only_a_trusted_proxy_says_who_the_client_is() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "9.9.9.9, 203.0.113.9, 10.0.0.2".parse().unwrap());
        let trusted = [ip("10.0.0.1"), ip("10.0.0.2")];
        let who = |peer, trusted: &[IpAddr]| client(ip(peer), &headers, trusted).to_string();
        assert_eq!(who("10.0.0.1", &trusted), "203.0.113.9");
        assert_eq!(who("127.0.0.1", &trusted), "203.0.113.9", "on the machine itself");
        assert_eq!(who("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(who("198.51.100.1", &trusted), "198.51.100.1");
    }
}
