//! Time and randomness: the only place that asks the operating system for either. And the id of the
//! request that a thread is at work for, for the few lines of the log that are written where no
//! request is known.

use std::cell::RefCell;
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use uuid::Uuid;

use crate::model::timestamp::Timestamp;

/// The clocks: the calendar's, for what is written down, one that never goes back, for what is
/// waited for, and one that goes on while the machine is suspended, for how old something is.
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> Timestamp;
    /// Time since some fixed moment of this process; unaffected by a change of the calendar.
    fn monotonic(&self) -> Duration;
    /// Time since the machine was started, that during which it was suspended too; unaffected by a
    /// change of the calendar.
    fn since_boot(&self) -> Duration;
}

/// The operating system's clocks.
pub struct SystemClock;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The time of day as precisely as it is known, for the log: how long after the beginning of 1970.
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
pub fn since_epoch() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default()
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let millis = since_epoch().as_millis();
        Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        START.elapsed()
    }

    fn since_boot(&self) -> Duration {
        #[cfg(target_os = "linux")]
        let clock = rustix::time::ClockId::Boottime;
        // Elsewhere the monotonic clock does that, or nothing does.
        #[cfg(not(target_os = "linux"))]
        let clock = rustix::time::ClockId::Monotonic;
        let time = rustix::time::clock_gettime(clock);
        // Neither is negative since the start of a machine.
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
    }
}

/// Fills `bytes` from the operating system's generator, asked directly: the one that OpenSSL keeps
/// in front of it costs each token 0.01 of a signature more.
///
/// # Panics
/// When the generator fails: nothing secret can be made then, and going on would be worse.
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
pub fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the random generator works");
}

/// `N` random bytes.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill_random(&mut bytes);
    bytes
}

/// `length` random characters of `[0-9A-Za-z]`, each equally likely.
pub fn random_base62(length: usize) -> String {
    random_text(
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        length,
    )
}

/// `length` random characters of an alphabet of ASCII, each equally likely.
pub fn random_text(alphabet: &[u8], length: usize) -> String {
    // As many values as divide evenly: a remainder of all 256 would favour the first characters.
    let even = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    while text.len() < length {
        for byte in random_bytes::<32>().map(usize::from) {
            if byte < even && text.len() < length {
                text.push(char::from(alphabet[byte % alphabet.len()]));
            }
        }
    }
    text
}

/// A new random UUID (version 4).
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
pub fn random_uuid() -> Uuid {
    Uuid::new_v4()
}

thread_local! {
    static REQUEST_ID: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The id of the request that this thread is at work for, if there is one.
pub fn request_id() -> Option<String> {
    REQUEST_ID.with_borrow(Clone::clone)
}

/// Runs `work` as a part of the request with this id, also when it panics.
pub fn within_request<T>(id: &str, work: impl FnOnce() -> T) -> T {
    struct Before(Option<String>);
    impl Drop for Before {
        fn drop(&mut self) {
            REQUEST_ID.set(self.0.take());
        }
    }
    let _before = Before(REQUEST_ID.replace(Some(id.to_owned())));
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_knows_its_request_until_the_work_ends_or_panics() {
        let inner = || within_request("b", request_id);
        let seen = within_request("a", || (request_id(), inner(), request_id()));
        let id = |text: &str| Some(text.to_owned());
        assert_eq!(seen, (id("a"), id("b"), id("a")));
        let panicked = std::panic::catch_unwind(|| within_request("c", || panic!("as planned")));
        assert!(panicked.is_err());
        assert_eq!(request_id(), None);
    }
}
