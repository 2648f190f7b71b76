//! Slows down whoever asks the public check or for links too often, or fails to sign in too often,
//! by the address they come from.

use crate::{app::App, clock::Clock, config::Config, error::Error};
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

/// Tries to sign in that one client may have under way: a whole office that signs in at once, and
/// fewer than wait for their password to be checked, so that others find a place there as well.
const UNDER_WAY: u16 = 240;

/// What one client has used up.
struct Share {
    /// Until when its requests have used up its share.
    until: DateTime<Utc>,
    /// Its tries whose end is not known yet.
    under_way: u16,
}

/// What each client has used up.
pub struct Throttle {
    /// One request in this time, in the long run: an office shares its address.
    each: TimeDelta,
    /// So much may be used up at once.
    ahead: TimeDelta,
    used: Mutex<HashMap<IpAddr, Share>>,
}

impl Throttle {
    /// Admits so many requests at once, and then one in that time.
    fn new(at_once: i32, each: TimeDelta) -> Self {
        Self { each, ahead: each * at_once, used: Mutex::default() }
    }

    /// Counts a request, or says in how many seconds the next may come.
    fn admit(&self, client: IpAddr, now: DateTime<Utc>) -> Result<(), i64> {
        self.with(client, now, |share| {
            self.has_room(share, now)?;
            share.until += self.each;
            Ok(())
        })
    }

    /// Begins a try that is counted only if it fails, or says in how many seconds the next may
    /// come.
    ///
    /// Tries under way use up nothing: hundreds of one office that are all right at once are let
    /// in. Each that fails is counted, beyond the limit too. So no more than [`UNDER_WAY`] pass the
    /// limit together, and the time until the next one pays for every one of them.
    fn begin(&self, client: IpAddr, now: DateTime<Utc>) -> Result<(), i64> {
        self.with(client, now, |share| {
            self.has_room(share, now)?;
            if share.under_way >= UNDER_WAY {
                return Err(1);
            }
            share.under_way += 1;
            Ok(())
        })
    }

    /// Counts a try that failed, at the time when it did.
    fn count(&self, client: IpAddr, now: DateTime<Utc>) {
        self.with(client, now, |share| share.until += self.each);
    }

    /// Ends a try.
    fn end(&self, client: IpAddr) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = used.get_mut(&household(client)) {
            share.under_way = share.under_way.saturating_sub(1);
        }
    }

    fn with<T>(&self, client: IpAddr, now: DateTime<Utc>, work: impl FnOnce(&mut Share) -> T) -> T {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= MOST {
            used.retain(|_, share| share.until > now || share.under_way > 0);
        }
        if used.len() >= MOST {
            used.retain(|_, share| share.under_way > 0); // better forgetful than out of memory
        }
        let share = used.entry(household(client)).or_insert(Share { until: now, under_way: 0 });
        share.until = share.until.max(now);
        // A clock that was set back must shut nobody out for longer. What began a little earlier
        // and comes late is no such clock.
        let most = self.ahead + self.each * i32::from(UNDER_WAY) + TimeDelta::minutes(1);
        if share.until > now + most {
            share.until = now + self.ahead;
        }
        work(share)
    }

    /// Whether one request more is not too much; else the seconds until it is not.
    fn has_room(&self, share: &Share, now: DateTime<Utc>) -> Result<(), i64> {
        let over = share.until + self.each - now - self.ahead;
        if over > TimeDelta::zero() { Err(over.num_seconds().max(1)) } else { Ok(()) }
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

/// A try to sign in by a client that has not failed too often. It is under way until dropped.
pub struct Try {
    client: IpAddr,
    clock: Clock,
    throttles: Arc<Throttles>,
}

impl Try {
    /// Counts it.
    pub fn failed(&self) {
        // At the present time: it may have waited long for its password to be checked.
        self.throttles.failures.count(self.client, self.clock.now());
    }
}

impl Drop for Try {
    fn drop(&mut self) {
        self.throttles.failures.end(self.client);
    }
}

impl<S: Sync> FromRequestParts<S> for Try
where
    App: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Asking { client, now, throttles } = Asking::of(parts, state);
        throttles.failures.begin(client, now).map_err(Error::TooMany)?;
        Ok(Self { client, clock: App::from_ref(state).clock, throttles })
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
        let (office, second) = (ip("203.0.113.9"), TimeDelta::seconds(1));
        let fail = |at| {
            throttle.begin(office, at).map(|()| {
                throttle.count(office, at);
                throttle.end(office);
            })
        };
        for _ in 0..120 {
            assert_eq!(fail(now), Ok(()));
        }
        assert_eq!(fail(now), Err(1));
        assert_eq!(throttle.begin(ip("203.0.113.10"), now), Ok(()));
        assert_eq!([0, 1].map(|_| fail(now + second)), [Ok(()), Err(1)]);
    }

    #[test]
    fn guesses_at_the_same_time_that_waited_to_be_checked_are_paid_for_one_by_one() {
        let (throttle, began) = (Throttles::default().failures, DateTime::UNIX_EPOCH);
        let guesser = ip("203.0.113.9");
        let crowd = |at| (0..1000).filter(|_| throttle.begin(guesser, at).is_ok()).count();
        let checked = began + TimeDelta::seconds(15);
        let mut total = 0;
        for wave in 0..60 {
            // Late ones of the wave are counted with an earlier time than those before.
            let (from, until) = (TimeDelta::seconds(wave * 16), TimeDelta::seconds(wave * 16 - 3));
            let through = crowd(began + from);
            for at in 0..through {
                let late = if at % 2 == 0 { from } else { until };
                throttle.count(guesser, checked + late);
                throttle.end(guesser);
            }
            total += through;
        }
        let allowed = 120 + usize::from(UNDER_WAY) + 60 * 16;
        assert!(total <= allowed, "{total} of {allowed}");
        assert_eq!(throttle.begin(guesser, began - TimeDelta::days(1)), Err(1), "set back");
        let patient = began - TimeDelta::days(1) + TimeDelta::seconds(1);
        assert_eq!(throttle.begin(guesser, patient), Ok(()));
    }

    #[test]
    fn an_office_that_signs_in_rightly_at_once_is_let_in_again_and_again() {
        let (throttle, now) = (Throttles::default().failures, DateTime::UNIX_EPOCH);
        let office = ip("203.0.113.9");
        for _ in 0..10 {
            assert!((0..200).all(|_| throttle.begin(office, now).is_ok()));
            (0..200).for_each(|_| throttle.end(office));
        }
        let most = (0..1000).filter(|_| throttle.begin(office, now).is_ok()).count();
        assert_eq!(most, usize::from(UNDER_WAY));
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
