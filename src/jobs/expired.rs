//! Clears the clients that expired long ago.

use super::{report, server_act};
use crate::app::App;
use crate::domain::deletions::Kind;
use crate::domain::{DomainError, clients};

pub(super) fn clear(app: &App, is_failing: &mut bool) {
    report(clear_expired(app), "clear expired clients", is_failing);
}

/// Deletes the clients that expired long ago, some at a time, if that may be now.
pub fn clear_expired(app: &App) -> Result<(), DomainError> {
    let act = server_act(app);
    let due = app.read(|c| clients::expired_due(c, act.now))?;
    if !app.deletions.may(Kind::Clients, due) {
        return Ok(());
    }
    let mut deleted = 0;
    loop {
        let step = app.write(|c| clients::delete_expired(c, &act))?;
        deleted += step.deleted;
        if !step.may_be_more {
            break;
        }
    }
    if deleted > 0 {
        tracing::info!(deleted, "clients that ended 90 days ago: deleted");
    }
    Ok(())
}
