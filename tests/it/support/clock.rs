//! A clock that stands still until it is advanced, and that breaks or hangs when it is told to.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use mintmark::ambient::{Clock, SystemClock};
use mintmark::model::timestamp::Timestamp;

pub struct TestClock {
    started_at: Timestamp,
    passed: AtomicU64,
    /// How far the calendar was set, in milliseconds.
    set_by: AtomicI64,
    fault: Mutex<Option<(Thread, Fault)>>,
    mended: Condvar,
}

/// On which of the server's threads a fault shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Thread {
    /// Where requests are answered in place, when one asks for the time of day.
    Worker,
    /// Where what waits for the database runs, when it asks for the monotonic time.
    Blocking,
    /// Where the change log is followed, when that asks for the monotonic time.
    Follower,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// One panic with this message.
    Panic(String),
    /// It stands until [`TestClock::mend`].
    Hang,
}

impl TestClock {
    /// A clock that shows the time of its making, at the full second.
    pub fn new() -> Self {
        Self {
            started_at: Timestamp::from_seconds(SystemClock.now().seconds()),
            passed: AtomicU64::new(0),
            set_by: AtomicI64::new(0),
            fault: Mutex::new(None),
            mended: Condvar::new(),
        }
    }

    /// Lets the clock fail on the next such thread that asks.
    pub fn fail(&self, on: Thread, fault: Fault) {
        *self.fault.lock().unwrap() = Some((on, fault));
    }

    /// Lets what hangs go on.
    pub fn mend(&self) {
        *self.fault.lock().unwrap() = None;
        self.mended.notify_all();
    }

    /// Whether a fault was asked for and has not shown.
    pub fn is_armed(&self) -> bool {
        self.fault.lock().unwrap().is_some()
    }

    fn fail_here(&self, asked: Thread) {
        let current = std::thread::current();
        let here = match current.name() {
            Some(name) if name.starts_with("actix") => Thread::Worker,
            Some(name) if name.starts_with("tokio") => Thread::Blocking,
            Some("job-follow") => Thread::Follower,
            _ => return,
        };
        let mut fault = self.fault.lock().unwrap();
        if here != asked || fault.as_ref().is_none_or(|(on, _)| *on != here) {
            return;
        }
        if let Some((_, Fault::Panic(message))) = fault.as_ref() {
            let message = message.clone();
            *fault = None;
            drop(fault);
            panic!("{message}");
        }
        drop(self.mended.wait_while(fault, |f| f.is_some()).unwrap());
    }

    pub fn advance(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        self.passed.fetch_add(millis, Ordering::SeqCst);
    }
}

impl TestClock {
    /// Sets the calendar, so many seconds on or back. No time passes by that.
    pub fn set_by(&self, seconds: i64) {
        self.set_by.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.fail_here(Thread::Worker);
        let passed = i64::try_from(self.passed.load(Ordering::SeqCst)).unwrap();
        let set_by = self.set_by.load(Ordering::SeqCst);
        Timestamp::from_millis(self.started_at.millis() + passed + set_by)
    }

    fn since_boot(&self) -> Duration {
        self.fail_here(Thread::Worker);
        self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        self.fail_here(Thread::Blocking);
        self.fail_here(Thread::Follower);
        // Far from zero, so that nothing can hide behind the beginning.
        Duration::from_secs(1_000_000) + Duration::from_millis(self.passed.load(Ordering::SeqCst))
    }
}
