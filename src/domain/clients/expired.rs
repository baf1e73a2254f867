//! Clients that ended long ago are cleared away.

use serde_json::Value;

use super::{end, summary};
use crate::domain::deletions::Due;
use crate::domain::{Act, DomainError};
use crate::model::timestamp::Timestamp;
use crate::store::{AnyConnection, clients};

/// For how long a client is kept after it has ended, in seconds: whoever wonders why a program
/// stopped working still finds it.
pub const EXPIRED_KEPT: i64 = 90 * 24 * 3600;

/// How many are cleared in one transaction, so that other writers get their turn.
const AT_ONCE: usize = 100;

/// Fewer than so many can go without a second look, though they be all.
const FEW: i64 = 10;

/// One step of clearing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    pub deleted: usize,
    pub may_be_more: bool,
}

/// How many of the clients ended more than [`EXPIRED_KEPT`] ago.
pub fn expired_due(c: &mut AnyConnection, now: Timestamp) -> Result<Due, DomainError> {
    let before = now.plus_seconds(-EXPIRED_KEPT);
    Ok(Due::of(c, FEW, |c, count, old| {
        clients::are_at_least(c, count, before, old)
    })?)
}

/// Deletes some of the clients that ended more than [`EXPIRED_KEPT`] ago.
pub fn delete_expired(c: &mut AnyConnection, act: &Act) -> Result<Step, DomainError> {
    let before = act.now.plus_seconds(-EXPIRED_KEPT);
    let expired = clients::list_expired(c, before, AT_ONCE)?;
    for client in &expired {
        let mut details = summary(client);
        details["because"] = Value::from("it expired 90 days ago");
        end(c, act, client, details)?;
    }
    Ok(Step {
        deleted: expired.len(),
        may_be_more: expired.len() == AT_ONCE,
    })
}
