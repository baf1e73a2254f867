//! What runs by itself: following the change log, writing noted refusals and uses, trimming the logs,
//! deleting sessions that have ended, clearing clients that expired long ago.

mod audit;
pub mod check;
pub mod expired;
pub mod uses;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::app::App;
use crate::domain::{one_time, sessions};
use crate::store::{StoreError, changes};

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
/// How much of the change log is kept, in seconds; who was away longer loads afresh.
const LOG_KEPT: i64 = 24 * 3600;

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
            every(FOLLOW_EVERY, "job-follow", app, &stop, follow),
            every(FLUSH_EVERY, "job-refusals", app, &stop, flush),
            every(FLUSH_EVERY, "job-uses", app, &stop, uses::flush),
            every(TRIM_EVERY, "job-trim", app, &stop, trim),
            every(CLEAR_EVERY, "job-expired", app, &stop, expired::clear),
            every(AUDIT_EVERY, "job-audit", app, &stop, audit::trim),
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
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
        uses::flush_last(&self.app);
    }
}

fn every(
    time: Duration,
    name: &str,
    app: &Arc<App>,
    stop: &Arc<Stop>,
    job: fn(&App, &mut bool),
) -> JoinHandle<()> {
    let (app, stop) = (app.clone(), stop.clone());
    let thread = std::thread::Builder::new().name(name.to_owned());
    let rounds = move || {
        let mut is_failing = false;
        loop {
            let goes_on = stop.wait(time);
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

fn follow(app: &App, is_failing: &mut bool) {
    report(app.directory.follow(), "follow the change log", is_failing);
}

fn flush(app: &App, is_failing: &mut bool) {
    let written = app.refusals.flush(&app.database, app.clock.now());
    report(written, "write refusals", is_failing);
}

fn trim(app: &App, is_failing: &mut bool) {
    let before = app.clock.now().plus_seconds(-LOG_KEPT);
    let trimmed = app.database.write(|c| {
        changes::delete_before(c, before)?;
        sessions::trim(c, app.clock.now())?;
        one_time::trim(c, app.clock.now()).map(|_| ())
    });
    report::<StoreError>(
        trimmed,
        "trim the change log, the sessions and their forms",
        is_failing,
    );
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
