//! Forgets the events that were kept long enough.

use std::thread;
use std::time::Duration;

use super::report;
use crate::app::App;
use crate::domain::audit::{STEP, trim as trim_step};
use crate::store::StoreError;

/// How many steps one round takes at most, so that even the last one, when the process ends, is
/// soon done: 10,000 events.
const STEPS: usize = 20;
/// How long other writers have their turn between two steps.
const PAUSE: Duration = Duration::from_millis(5);

pub(super) fn trim(app: &App, is_failing: &mut bool) {
    report(trim_steps(app), "trim the audit log", is_failing);
}

fn trim_steps(app: &App) -> Result<(), StoreError> {
    let kept = i64::try_from(app.settings.audit_kept.as_secs()).unwrap_or(i64::MAX);
    let before = app.clock.now().plus_seconds(kept.saturating_neg());
    for _ in 0..STEPS {
        let trimmed = app.database.write(|c| trim_step(c, before))?;
        if i64::try_from(trimmed).is_ok_and(|trimmed| trimmed < STEP) {
            break;
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}
