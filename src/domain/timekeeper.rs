//! The server's time of day: what the clock shows, as long as that can be so.
//!
//! A clock can be set wrong, and set right again. So nothing is decided by what it shows alone. The
//! server's time goes on with the time since the machine was started, which nobody can set and which
//! a suspended machine does not stop, and the clock is looked at four times a second:
//!
//! - **It is ahead by up to a minute**: the server's time follows.
//! - **It jumped ahead farther**: the server's time follows when that has stood for two minutes. A
//!   slip that is mended before has no effect at all.
//! - **It is behind**: the server's time never goes back. It goes on at half speed until the clock has
//!   caught up, so that what had ended stays ended, and events keep their order.
//!
//! The highest time that a server was sure of is kept in the database. The next start begins with that
//! at least, and a running server that reads there a time which another wrote goes on from it. A time that is far ahead of it is served by, but it is not sure: it is not written
//! down, and nothing is deleted for good by it ([`super::deletions`]).

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use serde_json::json;

use super::{Act, DomainError};
use crate::alarms::{Alarm, Alarms};
use crate::ambient::Clock;
use crate::model::timestamp::Timestamp;
use crate::store::{AnyConnection, clock_marks};

const SECOND: i64 = 1000;
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// By how much, in milliseconds, clock and line may differ without a reason to follow: two clocks are
/// not read at once.
const NOISE: i64 = 20;
/// Up to how far ahead the clock is followed at once, in milliseconds.
const FOLLOWED: i64 = 60 * SECOND;
/// For how long a clock that jumped farther must go on as it does before it is followed.
const JUMP_STANDS: Duration = Duration::from_secs(120);
/// By how much, in milliseconds, such a clock may differ from itself meanwhile.
const SAME_JUMP: i64 = 5 * SECOND;
/// From how far behind, or apart, it is told, in milliseconds.
const TOLD: i64 = 5 * SECOND;
/// How far a start may be ahead of the database and be sure at once, in milliseconds.
const SURE_AT_ONCE: i64 = 3600 * SECOND;
/// How far it may be ahead as a server is that was switched off for a while, in milliseconds.
const SWITCHED_OFF: i64 = 7 * 24 * 3600 * SECOND;
/// How long the server must have run, and its clock must have gone on without a jump, before anything
/// is deleted for good.
const STEADY: Duration = HOUR;

/// `off_by` before it was measured.
const UNKNOWN: i64 = i64::MIN;

const BEHIND: &str = "The clock shows an earlier time than one that was seen already. What had \
    ended stays ended; the server's time goes on at half speed until the clock has caught up.";
const JUMPED: &str = "The clock jumped ahead. It is not followed unless it goes on so for two \
    minutes, and nothing is deleted for good meanwhile.";
const AHEAD: &str = "The clock is far ahead of everything that the database knows. Nothing is \
    deleted for good until it has gone on so for up to a day.";
const APART: &str = "The clocks of this machine and of the database's differ by five seconds or \
    more. Tokens of one node can be refused by another.";

/// The server's time of day.
pub struct Timekeeper {
    clock: Arc<dyn Clock>,
    alarms: Arc<Alarms>,
    line: ArcSwap<Line>,
    state: Mutex<State>,
    /// How far the clock is ahead of the database's, in milliseconds.
    off_by: AtomicI64,
}

/// How the server's time goes on from some moment.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// When that was, since the machine was started.
    from: Duration,
    /// What the server's time was then, in milliseconds.
    shows: i64,
    /// Whether it goes at half speed.
    half: bool,
}

impl Line {
    fn at(self, moment: Duration) -> i64 {
        let passed = millis(moment.saturating_sub(self.from));
        let passed = if self.half { passed / 2 } else { passed };
        self.shows.saturating_add(passed)
    }
}

struct State {
    /// The highest time that was sure when what is not sure began: at the start what the database
    /// knew, later what the server's time was when the clock jumped.
    floor: Option<i64>,
    /// Since when the clock has gone on without a jump.
    steady_since: Duration,
    /// The jump that is not followed yet: since when, and how far the clock is ahead of the time
    /// since the machine's start.
    jump: Option<(Duration, i64)>,
    /// Until when the clock must go on as it does before its time is sure; nothing when it is.
    unsure_until: Option<Duration>,
    /// Whether that is worth telling: a server that was switched off for the night is no alarm.
    is_told: bool,
}

/// Why a time is not sure enough to delete anything by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unsure {
    /// The server has not run for an hour, or its clock was set within the last hour.
    NotSteady,
    /// The clock is ahead of what the database knows, or of itself.
    Ahead,
    /// The clock is behind the highest time that was seen.
    Behind,
}

impl Timekeeper {
    /// Begins with what the clock shows, or with the highest time that the database knows.
    pub fn start(clock: Arc<dyn Clock>, alarms: Arc<Alarms>, highest: Option<Timestamp>) -> Self {
        let (moment, shown) = (clock.since_boot(), clock.now().millis());
        let floor = highest.map(Timestamp::millis);
        let line = Line {
            from: moment,
            shows: floor.map_or(shown, |floor| floor.max(shown)),
            half: floor.is_some_and(|floor| floor > shown),
        };
        let keeper = Self {
            clock,
            alarms,
            line: ArcSwap::from_pointee(line),
            state: Mutex::new(State {
                floor,
                steady_since: moment,
                jump: None,
                unsure_until: floor
                    .and_then(|floor| unsure_for(shown - floor))
                    .map(|time| moment + time),
                is_told: floor.is_some_and(|floor| shown - floor > SWITCHED_OFF),
            }),
            off_by: AtomicI64::new(UNKNOWN),
        };
        keeper.look();
        keeper
    }

    /// Looks at the clock, and lets the server's time follow it.
    pub fn look(&self) {
        let Some((moment, shown)) = self.read() else {
            return;
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let line = **self.line.load();
        let now = line.at(moment);
        let ahead = shown.saturating_sub(now);
        let follow = |shows, half| {
            self.line.store(Arc::new(Line {
                from: moment,
                shows,
                half,
            }));
        };
        if ahead > FOLLOWED {
            let offset = shown - millis(moment);
            let since = match state.jump {
                Some((since, of)) if (offset - of).abs() <= SAME_JUMP => since,
                _ => moment,
            };
            state.jump = Some((since, offset));
            state.steady_since = moment;
            if moment.saturating_sub(since) < JUMP_STANDS {
                self.tell_ahead(JUMPED, ahead);
                return;
            }
            follow(shown, false);
            state.jump = None;
            if state.unsure_until.is_none() {
                state.floor = Some(now);
            }
            let time = unsure_for(ahead.max(SURE_AT_ONCE + 1));
            state.unsure_until = time.map(|time| moment + time);
            state.is_told = true;
            self.tell_ahead(AHEAD, ahead);
            return;
        }
        state.jump = None;
        if ahead < -TOLD && state.unsure_until.is_some() {
            // What was not sure is given up.
            let floor = state.floor.unwrap_or(i64::MIN);
            follow(shown.max(floor), shown < floor);
            state.steady_since = moment;
            let time = unsure_for(shown.saturating_sub(floor));
            state.unsure_until = time.map(|time| moment + time);
            state.is_told = shown.saturating_sub(floor) > SWITCHED_OFF;
        } else if ahead < -NOISE {
            follow(now, true);
        } else if ahead > NOISE || line.half {
            follow(now.max(shown), false);
        }
        if state.unsure_until.is_some_and(|until| moment >= until) {
            state.unsure_until = None;
        }
        let behind = -shown.saturating_sub(self.line.load().at(moment));
        if behind >= TOLD {
            state.steady_since = moment;
            let cause = || format!("the clock is behind by {} s", behind / SECOND);
            self.alarms.raise_for(Alarm::ClockBehind, BEHIND, cause);
        } else {
            self.alarms.lower(Alarm::ClockBehind);
        }
        match state.unsure_until.is_some() && state.is_told {
            true => self.tell_ahead(AHEAD, shown.saturating_sub(state.floor.unwrap_or(shown))),
            false => self.alarms.lower(Alarm::ClockAhead),
        }
    }

    /// Whether anything may be deleted for good by the time that it is now.
    pub fn check_sure(&self) -> Result<(), Unsure> {
        self.look();
        let moment = self.clock.since_boot();
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.jump.is_some() || state.unsure_until.is_some() {
            return Err(Unsure::Ahead);
        }
        if self.line.load().half {
            return Err(Unsure::Behind);
        }
        match moment.saturating_sub(state.steady_since) >= STEADY {
            true => Ok(()),
            false => Err(Unsure::NotSteady),
        }
    }

    /// The time to be written down as the highest that was seen; nothing while it is not sure.
    pub fn highest(&self) -> Option<Timestamp> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.unsure_until.is_none().then(|| self.now())
    }

    /// Takes in the highest time that any server wrote down: another's clock may be ahead of this one's,
    /// and what has ended there has ended here.
    pub fn learn(&self, known: Timestamp) {
        let Some((moment, _)) = self.read() else {
            return;
        };
        let known = known.millis();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.floor = state.floor.map(|floor| floor.max(known));
        let line = **self.line.load();
        if known > line.at(moment).saturating_add(NOISE) {
            self.line.store(Arc::new(Line {
                from: moment,
                shows: known,
                half: true,
            }));
        }
    }

    /// Notes what the database's clock showed, at a moment between two of the time since the
    /// machine's start. One that took long to ask says nothing.
    pub fn compare(&self, there: Timestamp, asked: Duration, answered: Duration) {
        let took = answered.saturating_sub(asked);
        let Some((moment, shown)) = self.read().filter(|_| took < Duration::from_secs(1)) else {
            return;
        };
        let since = millis(moment.saturating_sub(asked + took / 2));
        let off_by = shown - since - there.millis();
        self.off_by.store(off_by, Ordering::Release);
        if off_by.abs() < TOLD {
            return self.alarms.lower(Alarm::ClocksApart);
        }
        let by = off_by as f64 / SECOND as f64;
        let cause = || format!("the clock is ahead of the database's by {by:.1} s");
        self.alarms.raise_for(Alarm::ClocksApart, APART, cause);
    }

    /// How far this machine's clock is ahead of the database's, in milliseconds; negative when it is
    /// behind. Nothing where that was not measured: SQLite has no clock of its own.
    pub fn off_by(&self) -> Option<i64> {
        let off_by = self.off_by.load(Ordering::Acquire);
        (off_by != UNKNOWN).then_some(off_by)
    }

    fn tell_ahead(&self, text: &'static str, by: i64) {
        let cause = || format!("the clock is ahead by {} s", by / SECOND);
        self.alarms.raise_for(Alarm::ClockAhead, text, cause);
    }

    /// Both clocks at one moment, as nearly as it goes; nothing while the process hardly runs.
    fn read(&self) -> Option<(Duration, i64)> {
        (0..4).find_map(|_| {
            let before = self.clock.since_boot();
            let shown = self.clock.now().millis();
            let took = self.clock.since_boot().saturating_sub(before);
            (took < Duration::from_millis(5)).then_some((before + took / 2, shown))
        })
    }
}

/// How far a clock is ahead of the highest time that a server was sure of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ahead {
    /// No farther than a server would be sure of at once.
    Sure,
    /// As it is where every server was switched off for a while.
    Somewhat,
    /// So far that a server would tell of it, and wait for a day.
    Far,
}

/// The same question for whoever cannot wait: a command.
pub fn reach(highest: Timestamp, shown: Timestamp) -> Ahead {
    let ahead = shown.millis().saturating_sub(highest.millis());
    if ahead <= SURE_AT_ONCE {
        Ahead::Sure
    } else if ahead <= SWITCHED_OFF {
        Ahead::Somewhat
    } else {
        Ahead::Far
    }
}

/// Takes this for the highest time that was seen, also where a higher one is written down.
pub fn trust(c: &mut AnyConnection, act: &Act, shown: Timestamp) -> Result<(), DomainError> {
    let before = clock_marks::find(c)?;
    clock_marks::replace(c, shown)?;
    let details = json!({"from": before.map(|at| at.to_string()), "to": shown.to_string()});
    let object = ("database", String::new());
    Ok(act.record(c, &[], "database.clock_trusted", object, details)?)
}

/// For how long a time that is so far ahead of what is known is not sure; nothing when it is.
fn unsure_for(ahead: i64) -> Option<Duration> {
    match reach(Timestamp::from_millis(0), Timestamp::from_millis(ahead)) {
        Ahead::Sure => None,
        Ahead::Somewhat => Some(HOUR),
        Ahead::Far => Some(DAY),
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

impl Clock for Timekeeper {
    fn now(&self) -> Timestamp {
        let line = **self.line.load();
        Timestamp::from_millis(line.at(self.clock.since_boot()))
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn since_boot(&self) -> Duration {
        self.clock.since_boot()
    }
}

#[cfg(test)]
mod tests;
