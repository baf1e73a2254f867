//! Time and randomness: the only place that asks the operating system for either.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use uuid::Uuid;

use crate::model::timestamp::Timestamp;

/// The two clocks: the calendar's, for what is written down, and one that never goes back, for
/// what is waited for.
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> Timestamp;
    /// Time since some fixed moment of this process; unaffected by a change of the calendar.
    fn monotonic(&self) -> Duration;
}

/// The operating system's clocks.
pub struct SystemClock;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one place")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        START.elapsed()
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
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = String::with_capacity(length);
    while text.len() < length {
        for byte in random_bytes::<32>() {
            // 248 = 4 x 62: a remainder of all 256 values would favour the first eight characters.
            if byte < 248 && text.len() < length {
                text.push(char::from(ALPHABET[usize::from(byte % 62)]));
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
