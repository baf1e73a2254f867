//! What is deleted for good because it is old, and when that may be.
//!
//! | what | old by | guard | test |
//! | --- | --- | --- | --- |
//! | audit events (`jobs/audit.rs`) | `--audit-kept` | [`Deletions::may`], also not nearly all of them | `clocks::deletions`, `clocks::binary` |
//! | clients that ended (`jobs/expired.rs`) | 90 days | the same | the same |
//! | changes, sessions, one-time forms (`jobs/trim.rs`) | 24 h, 12 h, 12 h | [`Deletions::may`]; followers of a trimmed log load afresh | `clocks::deletions` |
//! | an ended secret, when its client is rotated (`domain/clients/secrets.rs`) | its own end | a person or program asks for it, by the server's time; it ends within 7 days at most | `api::keys` |
//! | counts of uses by day (`model/uses.rs`) | | by number, not by date: a day far ahead takes one place | `model::uses` |
//! | last uses of secrets (`model/uses.rs`) | | by number | `model::uses` |
//! | the oldest session of a person who has too many (`domain/sessions.rs`) | | by number | `pages::sessions` |
//! | steps of one-time codes (`domain/second_factor.rs`) | | not deleted, but never taken twice: the server's time does not follow a jump of less than two minutes | `clocks::binary` |
//! | refusals in memory (`domain/refusals.rs`) | the minute | nothing that is not written is forgotten | `domain::refusals` |
//! | counters of failures (`domain/counters.rs`) | the minute | the server's time, which goes on whatever the clock does | `domain::counters`, `domain::timekeeper` |
//!
//! Every other comparison with the time of day says whether something holds now, and can be made again:
//! the ends of clients, secrets, sessions and tokens. They are made with the server's time
//! ([`super::timekeeper`]), which never goes back. `tests/tidy.rs` holds that nothing else in `store/`
//! deletes by a time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::timekeeper::{Timekeeper, Unsure};
use crate::alarms::{Alarm, Alarms};
use crate::ambient::Clock;
use crate::store::{AnyConnection, StoreError};

/// For how long it must be so that nearly everything would go before it goes.
const NEARLY_ALL_STANDS: Duration = Duration::from_secs(24 * 3600);

/// Up to how many it asks.
const MANY: i64 = 10_000_000;

const NOT_STEADY: &str = "Something is due to be deleted for good. It waits until the server has run, \
    and its clock has gone on without a jump, for an hour.";
const CLOCK_WRONG: &str = "Something is due to be deleted for good. It waits until the time is sure: \
    the clock is ahead of what the database knows, or behind it.";
const NEARLY_ALL: &str = "Nearly all of something is due to be deleted for good. It waits until that \
    has been so for a day.";

/// What is deleted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    AuditEvents,
    Clients,
    /// What is short-lived anyway: entries of the change log, sessions, their forms.
    ShortLived,
}

/// How much is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    Nothing,
    Some,
    /// Nine in ten of all that there is.
    NearlyAll,
}

impl Due {
    /// Asks whether there are at least so many that are old (`true`), or that are not; from `few` on it
    /// counts whether they are nearly all. It asks by doubling, since to count millions takes long.
    pub(super) fn of(
        c: &mut AnyConnection,
        few: i64,
        mut are: impl FnMut(&mut AnyConnection, i64, bool) -> Result<bool, StoreError>,
    ) -> Result<Self, StoreError> {
        if !are(c, 1, true)? {
            return Ok(Due::Nothing);
        }
        if !are(c, few, true)? {
            return Ok(Due::Some);
        }
        let mut size = few;
        while size < MANY && are(c, size * 2, true)? {
            size *= 2;
        }
        match are(c, size / 9, false)? {
            true => Ok(Due::Some),
            false => Ok(Due::NearlyAll),
        }
    }
}

/// Whether what is old may be deleted now.
pub struct Deletions {
    time: Arc<Timekeeper>,
    alarms: Arc<Alarms>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Since when nearly all of it is due, by the time since the machine's start.
    nearly_all_since: BTreeMap<Kind, Duration>,
    /// What is due and waits, and why.
    waiting: BTreeMap<Kind, &'static str>,
}

impl Deletions {
    pub fn new(time: Arc<Timekeeper>, alarms: Arc<Alarms>) -> Self {
        Self {
            time,
            alarms,
            state: Mutex::default(),
        }
    }

    /// Whether what is due may be deleted now; what may not waits, and that is told.
    pub fn may(&self, kind: Kind, due: Due) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let sure = self.time.check_sure();
        let moment = self.time.since_boot();
        // What an unsure clock makes old is counted from when it is sure.
        let mut stands = true;
        if due == Due::NearlyAll && sure.is_ok() {
            let since = *state.nearly_all_since.entry(kind).or_insert(moment);
            stands = moment.saturating_sub(since) >= NEARLY_ALL_STANDS;
        } else {
            state.nearly_all_since.remove(&kind);
        }
        let waits = match (due, sure) {
            (Due::Nothing, _) => None,
            (_, Err(Unsure::NotSteady)) => Some(NOT_STEADY),
            (_, Err(Unsure::Ahead | Unsure::Behind)) => Some(CLOCK_WRONG),
            (_, Ok(())) => (!stands).then_some(NEARLY_ALL),
        };
        match waits {
            Some(text) => drop(state.waiting.insert(kind, text)),
            None => drop(state.waiting.remove(&kind)),
        }
        // What is short-lived waits at every start: that is nothing to tell.
        let told = |(kind, _): &(&Kind, &&'static str)| **kind != Kind::ShortLived;
        match state.waiting.iter().find(told) {
            Some((of, text)) => {
                let cause = || format!("{of:?}");
                self.alarms.raise_for(Alarm::DeletionWaits, text, cause);
            }
            None => self.alarms.lower(Alarm::DeletionWaits),
        }
        due != Due::Nothing && waits.is_none()
    }
}
