//! Refused authentications of known clients and users, for the audit log: one row for each of them,
//! peer and minute, written in batches, so that guessing cannot fill the disk.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use crate::model::audit::{Actor, AuditEvent};
use crate::model::ids::{ClientId, UserId};
use crate::model::timestamp::Timestamp;
use crate::store::{AnyConnection, StoreError, audit_events};

/// How many different refusals are remembered at once; more are only logged.
const CAPACITY: usize = 10_000;

/// Who was refused.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Refused {
    /// A client, a token.
    Client(ClientId),
    /// A user, the sign-in.
    User(UserId),
}

impl Refused {
    /// Kind of event, kind of object, and its id.
    fn columns(&self) -> (&'static str, &'static str, String) {
        match self {
            Refused::Client(id) => ("token.refused", "client", id.to_string()),
            Refused::User(id) => ("user.sign_in_refused", "user", id.to_string()),
        }
    }
}

type Name = (Refused, IpAddr, i64);

struct Noted {
    reason: String,
    at: Timestamp,
    is_written: bool,
}

/// Refusals that were noted in this minute, and those that wait to be written.
#[derive(Default)]
pub struct Refusals {
    noted: Mutex<HashMap<Name, Noted>>,
}

impl Refusals {
    /// Notes that somebody who is known was refused, and why.
    pub fn note(&self, whom: Refused, peer: IpAddr, reason: impl ToString, now: Timestamp) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= CAPACITY {
            return;
        }
        let name = (whom, peer, now.seconds().div_euclid(60));
        noted.entry(name).or_insert_with(|| Noted {
            reason: reason.to_string(),
            at: now,
            is_written: false,
        });
    }

    /// What waits to be written, as audit events. Forgets what was written in earlier minutes.
    pub fn take(&self, now: Timestamp) -> Vec<AuditEvent> {
        let minute = now.seconds().div_euclid(60);
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut events = Vec::new();
        for ((whom, peer, _), entry) in noted.iter_mut().filter(|(_, e)| !e.is_written) {
            entry.is_written = true;
            let (kind, object_kind, object_id) = whom.columns();
            events.push(AuditEvent {
                at: entry.at,
                actor: Actor::Server.to_string(),
                kind,
                object_kind,
                object_id,
                details: json!({"reason": entry.reason, "peer": peer.to_string()}),
                request_id: None,
            });
        }
        noted.retain(|(_, _, of), entry| *of >= minute || !entry.is_written);
        events
    }
}

/// Writes what was taken.
pub fn write(c: &mut AnyConnection, events: &[AuditEvent]) -> Result<(), StoreError> {
    events
        .iter()
        .try_for_each(|event| audit_events::create(c, event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_of_guessing_leaves_one_event() {
        let refusals = Refusals::default();
        let whom = Refused::Client(ClientId::parse("mmk_a").unwrap());
        let peer = IpAddr::from([192, 0, 2, 1]);
        let at = Timestamp::from_seconds;
        for second in 0..50 {
            refusals.note(whom.clone(), peer, "wrong secret", at(second));
        }
        let events = refusals.take(at(50));
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].details["reason"], "wrong secret");
        refusals.note(whom.clone(), peer, "wrong secret", at(55));
        assert_eq!(refusals.take(at(59)).len(), 0);
        refusals.note(whom.clone(), peer, "wrong secret", at(60));
        assert_eq!(refusals.take(at(61)).len(), 1);
        assert_eq!(refusals.noted.lock().unwrap().len(), 1);
    }
}
