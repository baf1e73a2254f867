//! Whether the process may have been suspended since it last read the change log.
//!
//! A process that stood still for half a minute holds requests that waited as long, and goes on as if
//! nothing had happened: no thread of it knows. So a job beats four times a second, and whoever is
//! about to decide from memory compares the time with the last beat. After a gap the beat counts again
//! only when the log was read, or could not be read, by an attempt that began after it.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Directory, PATIENCE, millis};
use crate::store::StoreError;

/// How long the last beat may be ago.
const GAP: Duration = Duration::from_secs(1);
/// From when on a gap is a warning: a machine with much to do can make shorter ones.
const WARNED: Duration = Duration::from_secs(5);
/// How often the log is tried to be read for one who waits.
const TRIES: usize = 3;

/// What the beats know, in milliseconds since the machine was started.
pub(super) struct Beats {
    last_at: u64,
    /// When the last gap ended.
    gap_until: u64,
    /// When the last attempt to read the log began that has ended.
    read_from: u64,
}

impl Beats {
    pub fn begin(at: u64) -> Self {
        Self {
            last_at: at,
            gap_until: 0,
            read_from: at,
        }
    }
}

impl Directory {
    /// Whether nothing may be decided from memory before [`Self::wake`].
    pub fn may_have_slept(&self) -> bool {
        let now = millis(self.clock.since_boot());
        now.saturating_sub(self.awake_at.load(Ordering::Acquire)) > millis(GAP)
    }

    /// Whether the process may have been suspended since then, in time since the machine was started.
    pub fn may_have_slept_since(&self, moment: Duration) -> bool {
        let beats = self.beats.lock().unwrap_or_else(PoisonError::into_inner);
        let now = millis(self.clock.since_boot());
        beats.gap_until > millis(moment) || now.saturating_sub(beats.last_at) > millis(GAP)
    }

    /// Says that the process runs. The job that looks at the clock calls it.
    pub fn beat(&self) {
        self.beat_after(None);
    }

    /// As [`Self::beat`], when an attempt to read the log has ended that began then.
    pub(super) fn beat_after(&self, read_from: Option<u64>) {
        let mut beats = self.beats.lock().unwrap_or_else(PoisonError::into_inner);
        let now = millis(self.clock.since_boot());
        let gap = Duration::from_millis(now.saturating_sub(beats.last_at));
        beats.last_at = beats.last_at.max(now);
        if gap > GAP {
            beats.gap_until = now;
            let seconds = gap.as_secs();
            let what = "the process was suspended for so many seconds: \
                        the change log is read before anything is decided";
            match gap >= WARNED {
                true => tracing::warn!(seconds, what, "suspended"),
                false => tracing::info!(seconds, what, "suspended"),
            }
        }
        beats.read_from = beats.read_from.max(read_from.unwrap_or(0));
        if beats.read_from >= beats.gap_until {
            self.awake_at.fetch_max(now, Ordering::AcqRel);
        }
    }

    /// Reads the log, if the process may have slept. It may wait for the database.
    ///
    /// # Errors
    /// When it is still so that nothing may be decided. Where the database is away, the log cannot be
    /// read, and the rules for that hold.
    pub fn wake(&self) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            // Whoever reads it now may wait for a database that hangs.
            let Some(alone) = self.alone_within(PATIENCE) else {
                break;
            };
            // Another may have done it meanwhile.
            if !self.may_have_slept() {
                return Ok(());
            }
            if let Err(e) = self.follow_alone(&alone) {
                tracing::debug!(cause = e.to_string(), "the log cannot be read after a gap");
            }
        }
        match self.may_have_slept() {
            true => Err(StoreError::Unavailable(
                "the process was suspended and has not read the change log yet".to_owned(),
            )),
            false => Ok(()),
        }
    }
}
