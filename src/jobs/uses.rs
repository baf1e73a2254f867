//! Writes down what clients did: batch by batch, each in a transaction of its own.

use std::thread;
use std::time::Duration;

use super::report;
use crate::app::App;
use crate::domain::uses::{self, Due};
use crate::store::StoreError;

/// How long other writers have their turn between two batches.
const PAUSE: Duration = Duration::from_millis(5);
/// How long a process that ends goes on writing.
const LAST_TIME: Duration = Duration::from_millis(1500);

pub(super) fn flush(app: &App, is_failing: &mut bool) {
    report(write(app, Due::Now), "write down uses", is_failing);
    let lost = app.uses.take_lost();
    if lost > 0 {
        tracing::warn!(lost, "too much waits to be written: uses are not counted");
    }
}

/// Writes all that is left; what is noted after this is lost.
pub(super) fn flush_last(app: &App) {
    report(write(app, Due::All), "write down the last uses", &mut false);
}

/// Writes what is due. What cannot be written waits for the next time.
pub fn write(app: &App, due: Due) -> Result<(), StoreError> {
    let began = app.clock.monotonic();
    let mut batches = app.uses.take(due, began).into_iter();
    let mut done = Ok(());
    while let Some(batch) = batches.next() {
        done = app.database.write(|c| uses::write(c, &batch));
        let took = app.clock.monotonic().saturating_sub(began);
        if done.is_err() {
            app.uses.give_back(batch);
        }
        if done.is_err() {
            break;
        }
        if due == Due::All && took > LAST_TIME && batches.len() > 0 {
            let batches = batches.len();
            tracing::warn!(batches, "no time is left to write down the last uses");
            break;
        }
        if due == Due::Now && batches.len() > 0 {
            thread::sleep(PAUSE);
        }
    }
    batches.for_each(|batch| app.uses.give_back(batch));
    done
}
