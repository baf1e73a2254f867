//! Whether a transaction failed because the database was unavailable, for whoever watches over that.

use std::sync::atomic::{AtomicBool, Ordering};

use super::StoreError;
use super::error::take_unavailable;

/// That a write failed since this was last asked.
#[derive(Default)]
pub struct Trouble(AtomicBool);

impl Trouble {
    /// Notes that a transaction could not be begun or committed.
    pub(super) fn note(&self, _: &StoreError) {
        self.0.store(true, Ordering::Release);
    }

    /// Runs the work of another, whose error does not show what the database said.
    pub(super) fn within<T, E>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        take_unavailable();
        let done = work();
        if take_unavailable() && done.is_err() {
            self.0.store(true, Ordering::Release);
        }
        done
    }

    /// Whether there was any since this was last asked.
    pub fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }
}
