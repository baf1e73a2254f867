//! What is short-lived is deleted when it has ended, and that leaves an event.

use serde_json::json;

use super::{Act, DomainError, one_time, sessions};
use crate::store::{AnyConnection, changes};

/// How much of the change log is kept, in seconds; who was away longer loads afresh.
const LOG_KEPT: i64 = 24 * 3600;

/// How many of each were deleted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Trimmed {
    pub changes: usize,
    pub sessions: usize,
    pub forms: usize,
}

impl Trimmed {
    pub fn is_nothing(self) -> bool {
        self.changes + self.sessions + self.forms == 0
    }
}

/// Deletes the old entries of the change log, and the sessions that ended with their forms. One event
/// says how many; none where there was nothing.
pub fn short_lived(c: &mut AnyConnection, act: &Act) -> Result<Trimmed, DomainError> {
    let trimmed = Trimmed {
        changes: changes::delete_before(c, act.now.plus_seconds(-LOG_KEPT))?,
        sessions: sessions::trim(c, act.now)?,
        forms: one_time::trim(c, act.now)?,
    };
    if !trimmed.is_nothing() {
        let details = json!({
            "changes": trimmed.changes,
            "sessions": trimmed.sessions,
            "forms": trimmed.forms,
        });
        let object = ("database", String::new());
        act.record(c, &[], "database.trimmed", object, details)?;
    }
    Ok(trimmed)
}
