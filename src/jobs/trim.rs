//! Trims what is short-lived: entries of the change log, sessions that ended, the forms sent in them.

use super::{report, server_act};
use crate::app::App;
use crate::domain::deletions::{Due, Kind};
use crate::domain::{DomainError, trim as domain};

pub(super) fn trim(app: &App, is_failing: &mut bool) {
    let what = "trim the change log, the sessions and their forms";
    report(trim_short_lived(app), what, is_failing);
}

/// Deletes what has ended of it, if that may be now.
pub fn trim_short_lived(app: &App) -> Result<(), DomainError> {
    if !app.deletions.may(Kind::ShortLived, Due::Some) {
        return Ok(());
    }
    let act = server_act(app);
    let trimmed = app.database.write(|c| domain::short_lived(c, &act))?;
    if !trimmed.is_nothing() {
        let domain::Trimmed {
            changes,
            sessions,
            forms,
        } = trimmed;
        tracing::info!(changes, sessions, forms, "short-lived rows: deleted");
    }
    Ok(())
}
