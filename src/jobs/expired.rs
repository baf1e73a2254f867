//! Clears the clients that expired long ago.

use super::report;
use crate::app::App;
use crate::domain::{Act, Authority, DomainError, clients};
use crate::model::audit::Actor;

pub(super) fn clear(app: &App, is_failing: &mut bool) {
    report(clear_expired(app), "clear expired clients", is_failing);
}

/// Deletes the clients that expired long ago, some at a time.
pub fn clear_expired(app: &App) -> Result<(), DomainError> {
    let act = Act {
        authority: Authority::unlimited(Actor::Server),
        now: app.clock.now(),
        request_id: None,
    };
    while app.write(|c| clients::delete_expired(c, &act))? {}
    Ok(())
}
