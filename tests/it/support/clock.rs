//! A clock that stands still until it is advanced.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mintmark::ambient::{Clock, SystemClock};
use mintmark::model::timestamp::Timestamp;

pub struct TestClock {
    started_at: Timestamp,
    passed: AtomicU64,
}

impl TestClock {
    /// A clock that shows the time of its making, at the full second.
    pub fn new() -> Self {
        Self {
            started_at: Timestamp::from_seconds(SystemClock.now().seconds()),
            passed: AtomicU64::new(0),
        }
    }

    pub fn advance(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        self.passed.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.passed.load(Ordering::SeqCst)).unwrap();
        Timestamp::from_millis(self.started_at.millis() + passed)
    }

    fn monotonic(&self) -> Duration {
        // Far from zero, so that nothing can hide behind the beginning.
        Duration::from_secs(1_000_000) + Duration::from_millis(self.passed.load(Ordering::SeqCst))
    }
}
