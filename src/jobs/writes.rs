//! Notices that nothing can be written any more, and that it can again.

use std::time::Duration;

use crate::alarms::Alarm;
use crate::ambient::{Clock, random_base62};
use crate::app::App;
use crate::store::{StoreError, clock_marks};

/// How often it is tried while there is doubt.
const EVERY: Duration = Duration::from_secs(2);

/// How much is written then, in bytes.
const PADDING: usize = 128 * 1024;

const TEXT: &str = "Nothing can be written to the database. What only reads goes on.";

/// What a database says that is full or takes no writes; of anything else, such as a writer who takes
/// long, one failure alone means nothing.
const CERTAIN: [&str; 6] = [
    "full",
    "readonly",
    "read-only",
    "disk I/O",
    "No space left",
    "could not extend",
];

/// The job: it remembers when it last tried, and how often in a row that failed.
pub(super) fn watching() -> impl FnMut(&App, &mut bool) + Send + 'static {
    let mut tried_at: Option<Duration> = None;
    let mut failures = 0;
    move |app, _| {
        let is_doubted = app.database.write_trouble.take()
            || failures > 0
            || app.alarms.is_raised(Alarm::WritesFail);
        let moment = app.time.since_boot();
        let is_recent = |at: Duration| moment.saturating_sub(at) < EVERY;
        if !is_doubted {
            return;
        }
        if tried_at.is_some_and(is_recent) {
            failures = failures.max(1);
            return;
        }
        tried_at = Some(moment);
        // While the database is away, that is what is told.
        let tried = match app.directory.is_away() {
            true => return,
            false => write(app),
        };
        match tried {
            Ok(()) => {
                failures = 0;
                app.database.write_trouble.take();
                app.alarms.lower(Alarm::WritesFail);
            }
            Err(e) => {
                failures += 1;
                if failures >= 3 || is_certain(&e) {
                    let cause = || e.to_string();
                    app.alarms.raise_for(Alarm::WritesFail, TEXT, cause);
                }
            }
        }
    }
}

/// Writes about as much as the largest change does, and takes it away again: where a file has a few pages
/// left, something small can be written for a while.
fn write(app: &App) -> Result<(), StoreError> {
    // Nothing that a database could press into less.
    let padding = random_base62(PADDING);
    app.database
        .write(|c| clock_marks::update_padding(c, Some(&padding)))?;
    app.database.write(|c| clock_marks::update_padding(c, None))
}

fn is_certain(error: &StoreError) -> bool {
    let text = error.to_string();
    CERTAIN.iter().any(|sign| text.contains(sign))
}
