//! Keeps the server's time: looks at the clock, writes down the highest time, asks the database's.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::report;
use crate::alarms::Alarm;
use crate::ambient::Clock;
use crate::app::App;
use crate::store::{StoreError, clock_marks};

/// How often the highest time is written down, and the database's clock asked.
const EVERY: Duration = Duration::from_secs(60);

const HANGS: &str = "The database does not answer, though its connections stand. Known clients get \
     tokens for a while, everything else is refused.";

pub(super) fn look(app: &App, _: &mut bool) {
    app.time.look();
    app.directory.beat();
    app.directory.count_silence();
    match app.directory.hangs() {
        true => app.alarms.raise(Alarm::DatabaseHangs, HANGS),
        false => {
            app.alarms.lower(Alarm::DatabaseHangs);
            let requests = app.given_up.swap(0, Ordering::Relaxed);
            if requests > 0 {
                tracing::warn!(requests, "the database answers again: so many did not wait");
            }
        }
    }
}

/// The job: it remembers when it last did it, and does it at once when it begins.
pub(super) fn keeping() -> impl FnMut(&App, &mut bool) + Send + 'static {
    let mut kept_at: Option<Duration> = None;
    move |app, is_failing| {
        let moment = app.time.since_boot();
        let is_due = |at: Duration| moment.saturating_sub(at) >= EVERY;
        if !kept_at.is_none_or(is_due) {
            return;
        }
        let done = keep(app);
        if done.is_ok() {
            kept_at = Some(moment);
        }
        report(done, "write down the time", is_failing);
    }
}

/// Reads what another server wrote down, writes down the highest time, if it is sure and rose, and asks
/// the database's clock.
pub fn keep(app: &App) -> Result<(), StoreError> {
    let known = app.database.read(clock_marks::find)?;
    if let Some(known) = known {
        app.time.learn(known);
    }
    app.time.look();
    if let Some(highest) = app.time.highest()
        && known.is_none_or(|known| known < highest)
    {
        app.database.write(|c| clock_marks::raise(c, highest))?;
    }
    let (asked, there) = app.database.read_log(|c| {
        let asked = app.time.since_boot();
        Ok::<_, StoreError>((asked, clock_marks::find_now_there(c)?))
    })?;
    if let Some(there) = there {
        app.time.compare(there, asked, app.time.since_boot());
    }
    Ok(())
}
