//! Looks once for damage in the database while the server runs already.

use std::sync::Arc;
use std::time::Duration;

use crate::alarms::Alarm;
use crate::app::App;

/// How long it looks at most, about.
const TIME: Duration = Duration::from_secs(5);

/// Begins to look, on a thread of its own that nobody waits for.
pub fn start(app: &Arc<App>) {
    let app = app.clone();
    let thread = std::thread::Builder::new().name("job-check".to_owned());
    // Without the thread nothing is checked, and everything else goes on.
    let _ = thread.spawn(move || look(&app));
}

fn look(app: &App) {
    match app.database.check_quickly(TIME) {
        Ok(check) => {
            if !check.left_out.is_empty() {
                let tables = check.left_out.join(", ");
                tracing::info!(
                    tables,
                    "too large to be checked beside requests: `mintmark database check` does it"
                );
            }
            if !check.findings.is_empty() {
                let text = "the database file is damaged: restore a backup";
                let cause = || check.findings.join("; ");
                app.alarms.raise_for(Alarm::DatabaseDamaged, text, cause);
            }
        }
        Err(e) => tracing::warn!(cause = e.to_string(), "the database could not be checked"),
    }
}
