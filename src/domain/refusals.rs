//! Refused authentications of known clients, for the audit log: one row for each client, peer and
//! minute, written in batches, so that guessing cannot fill the disk.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::authenticate::Refusal;
use crate::model::audit::{Actor, AuditEvent};
use crate::model::ids::ClientId;
use crate::model::timestamp::Timestamp;
use crate::store::{AnyConnection, StoreError, audit_events};

/// How many different refusals are remembered at once; more are only logged.
const CAPACITY: usize = 10_000;

type Name = (ClientId, IpAddr, i64);

struct Noted {
    refusal: Refusal,
    at: Timestamp,
    is_written: bool,
}

/// Refusals that were noted in this minute, and those that wait to be written.
#[derive(Default)]
pub struct Refusals {
    noted: Mutex<HashMap<Name, Noted>>,
}

impl Refusals {
    /// Notes that a known client was refused.
    pub fn note(&self, client: &ClientId, peer: IpAddr, refusal: Refusal, now: Timestamp) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= CAPACITY {
            return;
        }
        let name = (client.clone(), peer, now.seconds().div_euclid(60));
        noted.entry(name).or_insert(Noted {
            refusal,
            at: now,
            is_written: false,
        });
    }

    /// What waits to be written, as audit events. Forgets what was written in earlier minutes.
    pub fn take(&self, now: Timestamp) -> Vec<AuditEvent> {
        let minute = now.seconds().div_euclid(60);
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut events = Vec::new();
        for ((client, peer, _), entry) in noted.iter_mut().filter(|(_, e)| !e.is_written) {
            entry.is_written = true;
            events.push(AuditEvent {
                at: entry.at,
                actor: Actor::Server.to_string(),
                kind: "token.refused",
                object_kind: "client",
                object_id: client.to_string(),
                details: json!({"reason": entry.refusal.to_string(), "peer": peer.to_string()}),
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
        let id = ClientId::parse("mmk_a").unwrap();
        let peer = IpAddr::from([192, 0, 2, 1]);
        let at = Timestamp::from_seconds;
        for second in 0..50 {
            refusals.note(&id, peer, Refusal::WrongSecret, at(second));
        }
        let events = refusals.take(at(50));
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].details["reason"], "wrong secret");
        refusals.note(&id, peer, Refusal::WrongSecret, at(55));
        assert_eq!(refusals.take(at(59)).len(), 0);
        refusals.note(&id, peer, Refusal::WrongSecret, at(60));
        assert_eq!(refusals.take(at(61)).len(), 1);
        assert_eq!(refusals.noted.lock().unwrap().len(), 1);
    }
}
