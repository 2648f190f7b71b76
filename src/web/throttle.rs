//! Slows down whoever asks the public check too often, by the address they come from.

use crate::{app::App, error::Error};
use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::{HeaderMap, request::Parts},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

/// One request in this time, in the long run: an office shares its address.
const EACH: TimeDelta = TimeDelta::milliseconds(500);
/// So much may be used up at once: 60 requests.
const AHEAD: TimeDelta = TimeDelta::seconds(30);
/// Clients remembered at a time.
const MOST: usize = 10_000;

/// For each client, the time until which its requests have used up its share.
#[derive(Default)]
pub struct Throttle(Mutex<HashMap<IpAddr, DateTime<Utc>>>);

impl Throttle {
    /// Counts a request, or says in how many seconds the next may come.
    fn admit(&self, client: IpAddr, now: DateTime<Utc>) -> Result<(), i64> {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= MOST {
            used.retain(|_, until| *until > now);
        }
        if used.len() >= MOST {
            used.clear(); // better forgetful than out of memory
        }
        let until = used.entry(household(client)).or_insert(now);
        // A clock that was set back must shut nobody out for longer.
        *until = (*until).clamp(now, now + AHEAD);
        let next = *until + EACH;
        if next > now + AHEAD {
            return Err((next - now - AHEAD).num_seconds() + 1);
        }
        *until = next;
        Ok(())
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

/// A request of somebody who has not asked too often.
pub struct Unhurried;

impl<S: Sync> FromRequestParts<S> for Unhurried
where
    App: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let app = App::from_ref(state);
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip());
        let client = client(peer, &parts.headers, &app.config.trusted_proxies);
        match parts.extensions.get::<Arc<Throttle>>() {
            Some(throttle) => {
                throttle.admit(client, app.clock.now()).map_err(Error::TooMany)?;
                Ok(Self)
            }
            None => Ok(Self),
        }
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
        let (throttle, now) = (Throttle::default(), DateTime::UNIX_EPOCH);
        let ask = |who: &str, at| throttle.admit(ip(who), at).err();
        let first: Vec<_> = (0..61).filter_map(|_| ask("203.0.113.9", now)).collect();
        assert_eq!(first, [1]);
        assert_eq!(ask("203.0.113.10", now), None);
        let later = now + TimeDelta::seconds(1);
        assert_eq!([0, 1, 2].map(|_| ask("203.0.113.9", later)), [None, None, Some(1)]);
        assert_eq!(ask("203.0.113.9", now - TimeDelta::days(1)), Some(1), "the clock was set back");
        assert_eq!(ask("203.0.113.9", now - TimeDelta::days(1) + AHEAD), None);
        let subscriber = (0..61).filter_map(|n| ask(&format!("2001:db8::{n:x}"), now));
        assert_eq!(subscriber.collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..25_000_u32 {
            throttle.admit(Ipv4Addr::from(n).into(), DateTime::UNIX_EPOCH).unwrap();
        }
        assert!(throttle.0.lock().unwrap().len() <= MOST);
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
