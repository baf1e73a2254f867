//! Slows guessing of passwords and codes, without ever locking anybody out: past a number of
//! failures within a minute, further tries wait until it is over.
//!
//! Unlike a client's secret, a password can be guessed; so a slowed try is not even looked at. Then
//! whoever wants to keep somebody out could fail in their name. Hence the browsers in which the person
//! signed in before have a counter of their own, which nobody else can raise; one for all of them, so
//! that to have many is worth no more guesses.
//!
//! What is right is slowed too where it comes too often: a right password costs as much to verify as a
//! wrong one, and leaves a session and an event behind.

use std::net::IpAddr;

use super::counters::{Counter, Counters, seconds_left};
use super::guard::GuardLimits;
use crate::model::network::counted_address;
use crate::model::text::fold;
use crate::model::timestamp::Timestamp;

/// How many times as many failures one account may have from everywhere together as from one peer.
const PEERS_PER_ACCOUNT: u32 = 3;
/// How many sign-ins a minute of one account leave an event each, wherever they come from: the log keeps
/// them for a year, and whoever has a password could fill the disk. Further ones are told as refusals
/// are, one row for each peer and minute.
const LISTED: u32 = 30;

pub struct SignInGuard {
    limits: GuardLimits,
    /// How many right ones a second of one account and peer are let in.
    per_second: u32,
    counters: Counters,
    successes: Counters,
    listed: Counters,
}

/// One try, counted as a failure until it turns out to be none.
#[must_use]
pub struct Attempt {
    counted: Vec<Counter>,
    at: Timestamp,
}

impl SignInGuard {
    pub fn new(limits: GuardLimits, per_second: u32) -> Self {
        Self {
            limits,
            per_second,
            counters: Counters::new(),
            successes: Counters::of_seconds(),
            listed: Counters::new(),
        }
    }

    /// Counts a try before it is looked at, so that many at once are counted too. `is_known` says that
    /// somebody signed in with this login from this browser before. When there were too many, the
    /// answer is how many seconds to wait, whether there is such a login or not.
    pub fn begin(
        &self,
        login: &str,
        peer: IpAddr,
        is_known: bool,
        now: Timestamp,
    ) -> Result<Attempt, u64> {
        let login = fold(login);
        let peer = counted_address(peer);
        let GuardLimits {
            per_client,
            per_peer,
        } = self.limits;
        let of = match is_known {
            true => vec![(self.counters.of(("known", &login)), per_client)],
            false => vec![
                (self.counters.of(("pair", &login, peer)), per_client),
                (self.counters.of(("peer", peer)), per_peer),
                (
                    self.counters.of(("account", &login)),
                    per_client.saturating_mul(PEERS_PER_ACCOUNT),
                ),
            ],
        };
        let mut attempt = Attempt {
            counted: Vec::with_capacity(of.len()),
            at: now,
        };
        for (counter, limit) in of {
            let count = self.counters.raise(counter, now);
            attempt.counted.push(counter);
            if count > limit {
                self.take_back(attempt);
                return Err(seconds_left(now));
            }
        }
        Ok(attempt)
    }

    /// Whether so many were right in this second that a further one would be slowed.
    pub fn is_too_often(&self, login: &str, peer: IpAddr, now: Timestamp) -> bool {
        let of = self.of_successes(login, peer);
        self.successes.count(of, now) >= self.per_second
    }

    /// Counts one that was right; answers whether it is let in.
    pub fn succeeded(&self, login: &str, peer: IpAddr, now: Timestamp) -> bool {
        let of = self.of_successes(login, peer);
        self.successes.raise(of, now) <= self.per_second
    }

    /// Whether one that was let in has an event of its own.
    pub fn is_listed(&self, login: &str, now: Timestamp) -> bool {
        let of = self.listed.of(fold(login));
        self.listed.raise(of, now) <= LISTED
    }

    fn of_successes(&self, login: &str, peer: IpAddr) -> Counter {
        self.successes.of((fold(login), counted_address(peer)))
    }

    /// Counts a try as none: it was right, or was not looked at after all.
    pub fn take_back(&self, attempt: Attempt) {
        for counter in attempt.counted {
            self.counters.lower(counter, attempt.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: GuardLimits = GuardLimits {
        per_client: 2,
        per_peer: 5,
    };

    fn guard() -> SignInGuard {
        SignInGuard::new(LIMITS, 3)
    }

    fn peer(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn fail(guard: &SignInGuard, login: &str, from: u8, is_known: bool) -> bool {
        let now = Timestamp::from_seconds(90);
        guard.begin(login, peer(from), is_known, now).is_ok()
    }

    #[test]
    fn an_account_is_slowed_for_everybody_but_a_browser_that_is_known() {
        let guard = guard();
        let tries = |from| [(); 3].map(|()| fail(&guard, "Ivan", from, false));
        assert_eq!(tries(1), [true, true, false]);
        assert_eq!(tries(2), [true, true, false]);
        assert_eq!(tries(3), [true, true, false]);
        assert!(!fail(&guard, "ivan", 4, false), "in whatever case");
        assert!(fail(&guard, "olga", 4, false));
        assert!(fail(&guard, "ivan", 4, true));
        assert!(fail(&guard, "Ivan", 5, true));
        assert!(!fail(&guard, "ivan", 6, true), "they share a counter");
        let later = Timestamp::from_seconds(120);
        assert!(guard.begin("ivan", peer(1), false, later).is_ok());
    }

    #[test]
    fn a_peer_is_slowed_whatever_the_login_and_what_was_right_is_not_counted() {
        let guard = guard();
        let now = Timestamp::from_seconds(90);
        for _ in 0..10 {
            let right = guard.begin("right", peer(1), false, now);
            guard.take_back(right.unwrap_or_else(|_| panic!("it is slowed")));
        }
        for n in 0..5 {
            assert!(fail(&guard, &n.to_string(), 1, false));
        }
        let slowed = guard.begin("another", peer(1), false, now);
        assert_eq!(slowed.err(), Some(30));
        assert!(fail(&guard, "another", 2, false));
    }

    #[test]
    fn what_is_right_too_often_within_a_second_is_slowed_for_that_account_and_peer() {
        let guard = guard();
        let now = Timestamp::from_seconds(90);
        let right = |login, from| guard.succeeded(login, peer(from), now);
        assert_eq!(
            [(); 4].map(|()| right("Ivan", 1)),
            [true, true, true, false]
        );
        assert!(guard.is_too_often("ivan", peer(1), now), "in whatever case");
        assert!(right("ivan", 2) && right("olga", 1));
        assert!(!guard.is_too_often("ivan", peer(2), now));
        assert!(!guard.is_too_often("ivan", peer(1), now.plus_seconds(1)));
    }
}
