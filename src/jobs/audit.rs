//! Forgets the events that were kept long enough.

use std::thread;
use std::time::Duration;

use super::{report, server_act};
use crate::ambient::Clock;
use crate::app::App;
use crate::domain::audit;
use crate::domain::deletions::Kind;
use crate::store::StoreError;

/// How many steps one round takes at most, so that it is soon done: 10,000 events.
const STEPS: usize = 20;
/// How long other writers have their turn between two steps.
const PAUSE: Duration = Duration::from_millis(5);
/// How long a round that left nothing behind is followed by none. Each step leaves an event of its
/// own, and the log is not to be filled with those.
const REST: Duration = Duration::from_secs(3600);

/// The job: it remembers when it last left nothing behind.
pub(super) fn trimming() -> impl FnMut(&App, &mut bool) + Send + 'static {
    let mut rests_since: Option<Duration> = None;
    move |app, is_failing| {
        let moment = app.time.since_boot();
        if rests_since.is_some_and(|since| moment.saturating_sub(since) < REST) {
            return;
        }
        let done = trim(app);
        rests_since = matches!(done, Ok(true)).then_some(moment);
        report(done.map(drop), "trim the audit log", is_failing);
    }
}

/// Deletes events that were kept long enough, if that may be now. Answers whether none are left of
/// which that is certain.
pub fn trim(app: &App) -> Result<bool, StoreError> {
    let act = server_act(app);
    let kept = i64::try_from(app.settings.audit_kept.as_secs()).unwrap_or(i64::MAX);
    let before = act.now.plus_seconds(kept.saturating_neg());
    let due = app.database.read(|c| audit::due(c, before))?;
    if !app.deletions.may(Kind::AuditEvents, due) {
        return Ok(false);
    }
    let mut deleted = 0;
    let mut is_done = false;
    for _ in 0..STEPS {
        let step = app.database.write(|c| audit::trim(c, &act, before))?;
        deleted += step;
        is_done = step < audit::STEP as usize;
        if is_done {
            break;
        }
        thread::sleep(PAUSE);
    }
    if deleted > 0 {
        let before = before.to_string();
        tracing::info!(
            deleted,
            before,
            "audit events were kept long enough: deleted"
        );
    }
    Ok(is_done)
}
