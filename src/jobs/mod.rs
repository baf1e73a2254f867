//! What runs by itself: following the change log, writing noted refusals and uses, trimming the logs,
//! deleting sessions that have ended, clearing clients that expired long ago, keeping the time.

pub mod audit;
pub mod check;
pub mod expired;
pub mod time;
pub mod trim;
pub mod uses;
mod writes;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::alarms::Alarm;
use crate::app::App;
use crate::domain::{Act, Authority};
use crate::model::audit::Actor;

/// How often the change log is read.
const FOLLOW_EVERY: Duration = Duration::from_millis(250);
/// How often noted refusals, and uses that are due, are written.
const FLUSH_EVERY: Duration = Duration::from_secs(1);
/// How often the audit log is trimmed, step by step.
const AUDIT_EVERY: Duration = Duration::from_secs(60);
/// How often the change log is trimmed, and the sessions.
const TRIM_EVERY: Duration = Duration::from_secs(3600);
/// How often clients that expired long ago are looked for.
const CLEAR_EVERY: Duration = Duration::from_secs(3600);
/// How often the clock is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often it is asked whether the time is to be written down.
const KEEP_EVERY: Duration = Duration::from_secs(1);

/// How long the last rounds are waited for when the process ends.
const LAST_ROUNDS: Duration = Duration::from_millis(1900);

/// Whether a job has a round when the process ends. What deletes has none: a process is often
/// stopped because something is wrong, and what was not deleted is deleted by the next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Round,
    None,
}

/// The running jobs; they end, each with its last round, when this is dropped.
pub struct Jobs {
    app: Arc<App>,
    stop: Arc<Stop>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Stop {
    asked: AtomicBool,
    lock: Mutex<()>,
    told: Condvar,
}

impl Stop {
    /// Waits for `time`, or until the end is asked for. Answers whether to go on.
    fn wait(&self, time: Duration) -> bool {
        let lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let goes_on = |_: &mut ()| !self.asked.load(Ordering::Acquire);
        drop(self.told.wait_timeout_while(lock, time, goes_on));
        !self.asked.load(Ordering::Acquire)
    }
}

impl Jobs {
    pub fn start(app: &Arc<App>) -> Self {
        let stop = Arc::new(Stop::default());
        let threads = vec![
            every(FOLLOW_EVERY, Last::Round, "job-follow", app, &stop, follow),
            every(LOOK_EVERY, Last::None, "job-look", app, &stop, time::look),
            every(
                KEEP_EVERY,
                Last::None,
                "job-time",
                app,
                &stop,
                time::keeping(),
            ),
            every(
                KEEP_EVERY,
                Last::None,
                "job-writes",
                app,
                &stop,
                writes::watching(),
            ),
            every(FLUSH_EVERY, Last::Round, "job-refusals", app, &stop, flush),
            every(
                FLUSH_EVERY,
                Last::Round,
                "job-uses",
                app,
                &stop,
                uses::flush,
            ),
            every(TRIM_EVERY, Last::None, "job-trim", app, &stop, trim::trim),
            every(
                CLEAR_EVERY,
                Last::None,
                "job-expired",
                app,
                &stop,
                expired::clear,
            ),
            every(
                AUDIT_EVERY,
                Last::None,
                "job-audit",
                app,
                &stop,
                audit::trimming(),
            ),
        ];
        Self {
            app: app.clone(),
            stop,
            threads,
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        {
            let _lock = self
                .stop
                .lock
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            self.stop.asked.store(true, Ordering::Release);
        }
        self.stop.told.notify_all();
        let (app, threads) = (self.app.clone(), std::mem::take(&mut self.threads));
        let (done, is_done) = mpsc::channel();
        let last = move || {
            for thread in threads {
                let _ = thread.join();
            }
            uses::flush_last(&app);
            // What the next start begins with; not worth waiting for a database that is away.
            if !app.directory.is_away() {
                report(time::keep(&app), "write down the time", &mut false);
            }
            let _ = done.send(());
        };
        let thread = std::thread::Builder::new().name("job-last".to_owned());
        // Without a thread for it, nothing of it is done: a stop waits for no database.
        let is_done = thread.spawn(last).is_ok() && is_done.recv_timeout(LAST_ROUNDS).is_ok();
        if !is_done {
            tracing::warn!(
                "the database did not answer in time: the last rounds are not waited for"
            );
        }
    }
}

fn every(
    time: Duration,
    last: Last,
    name: &str,
    app: &Arc<App>,
    stop: &Arc<Stop>,
    mut job: impl FnMut(&App, &mut bool) + Send + 'static,
) -> JoinHandle<()> {
    let (app, stop) = (app.clone(), stop.clone());
    let thread = std::thread::Builder::new().name(name.to_owned());
    let rounds = move || {
        let mut is_failing = false;
        loop {
            let goes_on = stop.wait(time);
            if !goes_on && last == Last::None {
                break;
            }
            // A panic has said so already, and ends one round, not the job: if nobody followed the
            // change log any more, nobody would be served.
            let round = AssertUnwindSafe(|| job(&app, &mut is_failing));
            let _ = catch_unwind(round);
            if !goes_on {
                break;
            }
        }
    };
    // As `std::thread::spawn` has it, when the server starts.
    thread.spawn(rounds).expect("a thread can be started")
}

const MOVED: &str = "The database file was deleted, moved away or replaced under the server. Known \
     clients get tokens for a while, everything else is refused.";

fn follow(app: &App, is_failing: &mut bool) {
    match app.database.check_files() {
        Ok(()) => app.alarms.lower(Alarm::DatabaseMoved),
        Err(e) => app
            .alarms
            .raise_for(Alarm::DatabaseMoved, MOVED, || e.to_string()),
    }
    report(app.directory.follow(), "follow the change log", is_failing);
}

fn flush(app: &App, is_failing: &mut bool) {
    let written = app.refusals.flush(&app.database, app.clock.now());
    report(written, "write refusals", is_failing);
}

/// The act of the server itself, now.
fn server_act(app: &App) -> Act {
    Act {
        authority: Authority::unlimited(Actor::Server),
        now: app.clock.now(),
        request_id: None,
    }
}

/// Logs the first failure of a row of them, and the first success after it.
fn report<E: std::fmt::Display>(done: Result<(), E>, what: &str, is_failing: &mut bool) {
    match &done {
        Ok(()) if *is_failing => tracing::info!(what, "works again"),
        Err(e) if !*is_failing => tracing::error!(what, cause = e.to_string(), "failed"),
        _ => {}
    }
    *is_failing = done.is_err();
}
