//! Verbs: what may be done, by whom, and what it leaves behind. Synchronous; no HTTP, no SQL.
//!
//! An act that changes something takes the connection of its transaction and the [`Act`] that says
//! who does it and when; it writes the change, its entry in the change log and its audit event
//! together, or nothing.

pub mod application_changes;
pub mod application_uris;
pub mod application_user_lists;
pub mod application_users;
pub mod applications;
pub mod audit;
pub mod authenticate;
pub mod authority;
pub mod bearer;
mod becoming;
pub mod browser;
pub mod claims;
pub mod clients;
mod counters;
pub mod deletions;
pub mod epoch;
mod error;
pub mod everybody;
pub mod first_start;
pub mod folding;
mod generations;
pub mod guard;
pub mod half_sign_ins;
pub mod hash_line;
pub mod hashers;
pub mod installation;
mod lists;
mod obstacle;
pub mod offers;
pub mod one_time;
pub mod password;
pub mod refusals;
pub mod second_factor;
pub mod secret;
pub mod sessions;
pub mod sign_in;
pub mod sign_in_guard;
pub mod signing_keys;
pub mod spaces;
pub mod spare_time;
pub mod timekeeper;
pub mod token;
pub mod trim;
pub mod unseal;
pub mod user_changes;
pub mod user_lists;
pub mod users;
pub mod uses;
pub mod write_budget;
pub mod write_turns;

pub use authority::Authority;
pub use error::DomainError;
pub use obstacle::{Counted, Obstacle, Taken};

// What the front ends name of the layers below, so that they need not reach past this one.
pub use crate::signing::content_hash;
pub use crate::store::{AnyConnection, Reading, StoreError};

use serde_json::{Value, json};

use crate::model::audit::AuditEvent;
use crate::model::change::Change;
use crate::model::timestamp::Timestamp;
use crate::store::{audit_events, changes};

/// The members of both, the first's first.
fn with(mut details: Value, more: Value) -> Value {
    if let (Value::Object(details), Value::Object(more)) = (&mut details, more) {
        details.extend(more);
    }
    details
}

/// The members in which two objects with the same ones differ, as they were and as they are: an
/// event keeps what changed, not what the thing was besides.
fn difference(before: Value, after: Value) -> Option<Value> {
    let (Value::Object(mut before), Value::Object(mut after)) = (before, after) else {
        return None;
    };
    let same: Vec<String> = before
        .iter()
        .filter(|(name, value)| after.get(*name) == Some(value))
        .map(|(name, _)| name.clone())
        .collect();
    for name in same {
        before.shift_remove(&name);
        after.shift_remove(&name);
    }
    let differ = !before.is_empty() || !after.is_empty();
    differ.then(|| json!({"before": before, "after": after}))
}

/// One act: who does it and with what right, when, and on which request.
#[derive(Clone, Debug)]
pub struct Act {
    pub authority: Authority,
    pub now: Timestamp,
    pub request_id: Option<String>,
}

impl Act {
    /// Writes what the act did into the audit log, and into the change log what the directory
    /// must read again.
    fn record(
        &self,
        c: &mut AnyConnection,
        changed: &[Change],
        kind: &'static str,
        object: (&'static str, String),
        details: Value,
    ) -> Result<(), StoreError> {
        for change in changed {
            changes::create(c, change, self.now)?;
        }
        let event = AuditEvent {
            at: self.now,
            actor: self.authority.actor.clone(),
            kind,
            object_kind: object.0,
            object_id: object.1,
            details,
            request_id: self.request_id.clone(),
        };
        audit_events::create(c, &event)
    }
}
