//! Slows guessing of passwords and codes, without ever locking anybody out: past a number of
//! failures within a minute, further tries wait until it is over.
//!
//! Unlike a client's secret, a password can be guessed; so a slowed try is not even looked at. Then
//! whoever wants to keep somebody out could fail in their name. Hence a browser in which the person
//! signed in before has a counter of its own, which nobody else can raise.

use std::net::IpAddr;

use super::counters::{Counter, Counters, seconds_left};
use super::guard::GuardLimits;
use crate::model::network::counted_address;
use crate::model::text::fold;
use crate::model::timestamp::Timestamp;

/// How many times as many failures one account may have from everywhere together as from one peer.
const PEERS_PER_ACCOUNT: u32 = 3;

pub struct SignInGuard {
    limits: GuardLimits,
    counters: Counters,
}

/// One try, counted as a failure until it turns out to be none.
#[must_use]
pub struct Attempt {
    counted: Vec<Counter>,
    at: Timestamp,
}

impl SignInGuard {
    pub fn new(limits: GuardLimits) -> Self {
        Self {
            limits,
            counters: Counters::new(),
        }
    }

    /// Counts a try before it is looked at, so that many at once are counted too. `browser` names
    /// the browser, if somebody signed in with this login there before. When there were too many,
    /// the answer is how many seconds to wait, whether there is such a login or not.
    pub fn begin(
        &self,
        login: &str,
        peer: IpAddr,
        browser: Option<&str>,
        now: Timestamp,
    ) -> Result<Attempt, u64> {
        let login = fold(login);
        let peer = counted_address(peer);
        let GuardLimits {
            per_client,
            per_peer,
        } = self.limits;
        let of = match browser {
            Some(browser) => vec![(self.counters.of(("browser", &login, browser)), per_client)],
            None => vec![
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

    fn peer(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn fail(guard: &SignInGuard, login: &str, from: u8, browser: Option<&str>) -> bool {
        let now = Timestamp::from_seconds(90);
        guard.begin(login, peer(from), browser, now).is_ok()
    }

    #[test]
    fn an_account_is_slowed_for_everybody_but_a_browser_that_is_known() {
        let guard = SignInGuard::new(LIMITS);
        let tries = |from| [(); 3].map(|()| fail(&guard, "Ivan", from, None));
        assert_eq!(tries(1), [true, true, false]);
        assert_eq!(tries(2), [true, true, false]);
        assert_eq!(tries(3), [true, true, false]);
        assert!(!fail(&guard, "ivan", 4, None), "in whatever case");
        assert!(fail(&guard, "olga", 4, None));
        assert!(fail(&guard, "ivan", 4, Some("known")));
        assert!(fail(&guard, "ivan", 5, Some("known")));
        assert!(!fail(&guard, "ivan", 6, Some("known")));
        let later = Timestamp::from_seconds(120);
        assert!(guard.begin("ivan", peer(1), None, later).is_ok());
    }

    #[test]
    fn a_peer_is_slowed_whatever_the_login_and_what_was_right_is_not_counted() {
        let guard = SignInGuard::new(LIMITS);
        let now = Timestamp::from_seconds(90);
        for _ in 0..10 {
            let right = guard.begin("right", peer(1), None, now);
            guard.take_back(right.unwrap_or_else(|_| panic!("it is slowed")));
        }
        for n in 0..5 {
            assert!(fail(&guard, &n.to_string(), 1, None));
        }
        let slowed = guard.begin("another", peer(1), None, now);
        assert_eq!(slowed.err(), Some(30));
        assert!(fail(&guard, "another", 2, None));
    }
}
