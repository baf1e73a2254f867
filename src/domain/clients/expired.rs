//! Clients that ended long ago are cleared away.

use serde_json::Value;

use super::{end, summary};
use crate::domain::{Act, DomainError};
use crate::store::{AnyConnection, clients};

/// For how long a client is kept after it has ended, in seconds: whoever wonders why a program
/// stopped working still finds it.
pub const EXPIRED_KEPT: i64 = 90 * 24 * 3600;

/// How many are cleared in one transaction, so that other writers get their turn.
const AT_ONCE: usize = 100;

/// Deletes some of the clients that ended more than [`EXPIRED_KEPT`] ago. Answers whether there may
/// be more.
pub fn delete_expired(c: &mut AnyConnection, act: &Act) -> Result<bool, DomainError> {
    let before = act.now.plus_seconds(-EXPIRED_KEPT);
    let expired = clients::list_expired(c, before, AT_ONCE)?;
    for client in &expired {
        let mut details = summary(client);
        details["because"] = Value::from("it expired 90 days ago");
        end(c, act, client, details)?;
    }
    Ok(expired.len() == AT_ONCE)
}
