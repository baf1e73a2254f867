//! Counters of what happened within a minute, or a second: a fixed table addressed by a keyed hash, so
//! that no number of distinct names makes it grow. Two names that share a counter are counted together.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::timestamp::Timestamp;

const COUNTERS: usize = 1 << 16;
/// How many of those that count within a second.
const OF_SECONDS: usize = 1 << 14;

/// One of the counters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counter(usize);

pub struct Counters {
    hasher: RandomState,
    /// How long is counted together, in seconds.
    window: i64,
    /// Each holds the window it counts in the upper half and the count in the lower.
    table: Box<[AtomicU64]>,
}

impl Counters {
    pub fn new() -> Self {
        Self::with(60, COUNTERS)
    }

    /// Of what happens within a second.
    pub fn of_seconds() -> Self {
        Self::with(1, OF_SECONDS)
    }

    fn with(window: i64, counters: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            window,
            table: (0..counters).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Which window `now` lies in, counted from the epoch; of seconds they wrap after 136 years.
    fn window(&self, now: Timestamp) -> u32 {
        now.seconds().div_euclid(self.window) as u32
    }

    /// The counter of a name.
    pub fn of(&self, name: impl Hash) -> Counter {
        Counter(self.hasher.hash_one(name) as usize % self.table.len())
    }

    /// How often it was raised in the window of `now`.
    pub fn count(&self, at: Counter, now: Timestamp) -> u32 {
        let value = self.table[at.0].load(Ordering::Acquire);
        match (value >> 32) as u32 == self.window(now) {
            true => (value & u64::from(u32::MAX)) as u32,
            false => 0,
        }
    }

    /// Counts one more, and answers how many that makes in the window.
    pub fn raise(&self, at: Counter, now: Timestamp) -> u32 {
        let window = self.window(now);
        // Four thousand million in one window would carry over; none can arrive.
        let raised = |value: u64| match (value >> 32) as u32 == window {
            true => value + 1,
            false => u64::from(window) << 32 | 1,
        };
        let raise = |value| Some(raised(value));
        // The closure always gives a value, so the update always succeeds.
        let before = self.table[at.0].fetch_update(Ordering::AcqRel, Ordering::Acquire, raise);
        let before = before.unwrap_or_else(|unchanged| unchanged);
        (raised(before) & u64::from(u32::MAX)) as u32
    }

    /// Takes back one that was counted at `then`, unless its window is over.
    pub fn lower(&self, at: Counter, then: Timestamp) {
        let window = self.window(then);
        let lower = |value: u64| {
            let counts = (value >> 32) as u32 == window && value & u64::from(u32::MAX) > 0;
            counts.then(|| value - 1)
        };
        // Nothing to take back is no failure.
        let _ = self.table[at.0].fetch_update(Ordering::AcqRel, Ordering::Acquire, lower);
    }
}

/// How many seconds of the minute of `now` are left.
pub fn seconds_left(now: Timestamp) -> u64 {
    60 - u64::try_from(now.seconds().rem_euclid(60)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_back_was_not_counted_and_another_minute_is_left_alone() {
        let counters = Counters::new();
        let at = counters.of("x");
        let (then, later) = (Timestamp::from_seconds(59), Timestamp::from_seconds(60));
        assert_eq!(counters.raise(at, then), 1);
        assert_eq!(counters.raise(at, then), 2);
        counters.lower(at, then);
        assert_eq!(counters.count(at, then), 1);
        counters.raise(at, later);
        counters.lower(at, then);
        assert_eq!(counters.count(at, later), 1);
        counters.lower(at, later);
        counters.lower(at, later);
        assert_eq!(counters.count(at, later), 0);
        assert_eq!(seconds_left(then), 1);
    }

    #[test]
    fn the_table_does_not_grow_under_a_million_names() {
        let counters = Counters::new();
        for n in 0..1_000_000_u32 {
            counters.raise(counters.of(n), Timestamp::from_seconds(0));
        }
        assert_eq!(counters.table.len(), COUNTERS);
    }
}
