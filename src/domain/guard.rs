//! Slows guessing: counts failed authentications per (client_id, peer) and per peer.
//!
//! The counters are a fixed table addressed by a keyed hash, so that no number of distinct ids or
//! peers makes it grow. Two things that share a counter are slowed together, which errs to the
//! safe side and hurts nobody: a right secret is never slowed.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::network::counted_address;
use crate::model::timestamp::Timestamp;

const COUNTERS: usize = 1 << 16;

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
    hasher: RandomState,
    /// Each holds the minute it counts in the upper half and the count in the lower.
    counters: Box<[AtomicU64]>,
}

impl Guard {
    pub fn new(limits: GuardLimits) -> Self {
        Self {
            limits,
            hasher: RandomState::new(),
            counters: (0..COUNTERS).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Whether a further failure is to be slowed: then how many seconds to wait.
    pub fn slowed(&self, client_id: &str, peer: IpAddr, now: Timestamp) -> Option<u64> {
        let peer = counted_address(peer);
        let minute = minute(now);
        let over = self.count(self.pair(client_id, peer), minute) >= self.limits.per_client
            || self.count(self.peer(peer), minute) >= self.limits.per_peer;
        over.then(|| 60 - u64::try_from(now.seconds().rem_euclid(60)).unwrap_or(0))
    }

    /// Counts a failure.
    pub fn failed(&self, client_id: &str, peer: IpAddr, now: Timestamp) {
        let peer = counted_address(peer);
        let minute = minute(now);
        for at in [self.pair(client_id, peer), self.peer(peer)] {
            // Four thousand million failures in one minute would carry over; none can arrive.
            let raise = |value: u64| match (value >> 32) as u32 == minute {
                true => Some(value + 1),
                false => Some(u64::from(minute) << 32 | 1),
            };
            // The closure always gives a value, so the update always succeeds.
            let _ = self.counters[at].fetch_update(Ordering::AcqRel, Ordering::Acquire, raise);
        }
    }

    fn count(&self, at: usize, minute: u32) -> u32 {
        let value = self.counters[at].load(Ordering::Acquire);
        match (value >> 32) as u32 == minute {
            true => (value & u64::from(u32::MAX)) as u32,
            false => 0,
        }
    }

    fn pair(&self, client_id: &str, peer: IpAddr) -> usize {
        self.hasher.hash_one((client_id, peer)) as usize % COUNTERS
    }

    fn peer(&self, peer: IpAddr) -> usize {
        self.hasher.hash_one(peer) as usize % COUNTERS
    }
}

/// The minute, counted from the epoch; it wraps after eight thousand years.
fn minute(now: Timestamp) -> u32 {
    now.seconds().div_euclid(60) as u32
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

    #[test]
    fn the_table_does_not_grow_under_a_million_ids() {
        let guard = Guard::new(LIMITS);
        for n in 0..1_000_000_u32 {
            guard.failed(
                &n.to_string(),
                IpAddr::from(n.to_be_bytes()),
                Timestamp::from_seconds(0),
            );
        }
        assert_eq!(guard.counters.len(), COUNTERS);
    }
}
