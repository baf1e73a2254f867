//! Whether the database answers at all. One that is gone fails at once; one that hangs, or vanished
//! behind a network that is cut, keeps whoever asks it for as long as it likes.
//!
//! The change log is read four times a second, and the job that looks at the clock beats as often: a
//! read during which it beat several times has met a database that does not answer. What is counted are
//! beats and no time, so that a process that was suspended in the middle of a read blames nobody.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Directory, millis};

/// The beat at which silence becomes a hang: from 1.25 to 1.5 seconds after the read began.
const HANGS_FROM: u32 = 6;

impl Directory {
    /// Whether the database does not answer: its connections stand, and nothing comes.
    pub fn hangs(&self) -> bool {
        self.database.log_silence() >= HANGS_FROM
    }

    /// Whether that, or an outage, showed since then, in time since the machine was started.
    pub fn hung_since(&self, moment: Duration) -> bool {
        self.is_away() || self.hung_at.load(Ordering::Acquire) > millis(moment)
    }

    /// Counts a beat. The job that looks at the clock calls it.
    pub fn count_silence(&self) {
        self.database.count_log_beat();
        if self.hangs() {
            let now = millis(self.clock.since_boot());
            self.hung_at.store(now, Ordering::Release);
        }
    }
}
