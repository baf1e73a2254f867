//! Slows guessing: counts failed authentications per (client_id, peer) and per peer.
//!
//! Two that share a counter are slowed together, which errs to the safe side and hurts nobody: a
//! right secret is never slowed.

use std::net::IpAddr;

use super::counters::{Counter, Counters, seconds_left};
use crate::model::network::counted_address;
use crate::model::timestamp::Timestamp;

/// How many failures a minute are answered plainly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GuardLimits {
    /// Of one client_id from one peer.
    pub per_client: u32,
    /// Of one peer, whatever the client_id.
    pub per_peer: u32,
}

/// The counters of failures.
pub struct Guard {
    limits: GuardLimits,
    counters: Counters,
}

impl Guard {
    pub fn new(limits: GuardLimits) -> Self {
        Self {
            limits,
            counters: Counters::new(),
        }
    }

    /// Whether a further failure is to be slowed: then how many seconds to wait.
    pub fn slowed(&self, client_id: &str, peer: IpAddr, now: Timestamp) -> Option<u64> {
        let [of_pair, of_peer] = self.counters_of(client_id, peer);
        let over = self.counters.count(of_pair, now) >= self.limits.per_client
            || self.counters.count(of_peer, now) >= self.limits.per_peer;
        over.then(|| seconds_left(now))
    }

    /// Counts a failure.
    pub fn failed(&self, client_id: &str, peer: IpAddr, now: Timestamp) {
        for counter in self.counters_of(client_id, peer) {
            self.counters.raise(counter, now);
        }
    }

    fn counters_of(&self, client_id: &str, peer: IpAddr) -> [Counter; 2] {
        let peer = counted_address(peer);
        [self.counters.of((client_id, peer)), self.counters.of(peer)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: GuardLimits = GuardLimits {
        per_client: 10,
        per_peer: 100,
    };

    fn peer(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn the_eleventh_failure_of_a_pair_is_slowed_until_the_minute_ends() {
        let guard = Guard::new(LIMITS);
        let now = Timestamp::from_seconds(61);
        for _ in 0..10 {
            assert_eq!(guard.slowed("a", peer(1), now), None);
            guard.failed("a", peer(1), now);
        }
        assert_eq!(guard.slowed("a", peer(1), now), Some(59));
        assert_eq!(guard.slowed("b", peer(1), now), None);
        assert_eq!(guard.slowed("a", peer(2), now), None);
        assert_eq!(
            guard.slowed("a", peer(1), Timestamp::from_seconds(120)),
            None
        );
    }

    #[test]
    fn many_ids_from_one_peer_are_slowed_together() {
        let guard = Guard::new(LIMITS);
        let now = Timestamp::from_seconds(0);
        for n in 0..100 {
            guard.failed(&format!("client-{n}"), peer(1), now);
        }
        assert_eq!(guard.slowed("another", peer(1), now), Some(60));
        assert_eq!(guard.slowed("another", peer(2), now), None);
    }
}
