//! Refused authentications of known clients and users, for the audit log: one row for each of them,
//! peer and minute, written in batches, so that guessing cannot fill the disk.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use crate::model::audit::{Actor, AuditEvent};
use crate::model::client::client_kind;
use crate::model::ids::{ClientId, UserId};
use crate::model::network::counted_address;
use crate::model::timestamp::Timestamp;
use crate::store::{AnyConnection, Database, StoreError, audit_events, clients};

/// How many different refusals are remembered at once; more are only logged.
const CAPACITY: usize = 10_000;
/// How many are written in one transaction.
const AT_ONCE: usize = 500;

/// What a client is called until it is known of which kind it is.
const CLIENT: &str = "client";

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
            Refused::Client(id) => ("token.refused", CLIENT, id.to_string()),
            Refused::User(id) => ("user.sign_in_refused", "user", id.to_string()),
        }
    }
}

/// Who was refused, the peer as it is counted, and the minute.
type Name = (Refused, IpAddr, i64);

struct Noted {
    reason: String,
    peer: IpAddr,
    at: Timestamp,
    is_written: bool,
}

/// Refusals that were noted in this minute, and those that wait to be written.
#[derive(Default)]
pub struct Refusals {
    noted: Mutex<HashMap<Name, Noted>>,
    /// One writes at a time, so that nothing is written twice.
    writing: Mutex<()>,
}

impl Refusals {
    /// Notes that somebody who is known was refused, and why.
    pub fn note(&self, whom: Refused, peer: IpAddr, reason: impl ToString, now: Timestamp) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= CAPACITY {
            return;
        }
        let name = (whom, counted_address(peer), now.seconds().div_euclid(60));
        noted.entry(name).or_insert_with(|| Noted {
            reason: reason.to_string(),
            peer,
            at: now,
            is_written: false,
        });
    }

    /// Writes what waits into the audit log, some at a time: others write too. What cannot be
    /// written goes on waiting.
    pub fn flush(&self, database: &Database, now: Timestamp) -> Result<(), StoreError> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let waiting = self.waiting(AT_ONCE, now);
            if waiting.is_empty() {
                return Ok(());
            }
            database.write(|c| write(c, &waiting))?;
            self.written(&waiting);
        }
    }

    /// At most `limit` of those that wait to be written, as audit events. Forgets what was written
    /// in earlier minutes.
    fn waiting(&self, limit: usize, now: Timestamp) -> Vec<(Name, AuditEvent)> {
        let minute = now.seconds().div_euclid(60);
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.retain(|(_, _, of), entry| *of >= minute || !entry.is_written);
        let waiting = noted.iter().filter(|(_, entry)| !entry.is_written);
        let event = |(name, entry): (&Name, &Noted)| {
            let (kind, object_kind, object_id) = name.0.columns();
            let event = AuditEvent {
                at: entry.at,
                actor: Actor::Server,
                kind,
                object_kind,
                object_id,
                details: json!({"reason": entry.reason, "peer": entry.peer.to_string()}),
                request_id: None,
            };
            (name.clone(), event)
        };
        waiting.take(limit).map(event).collect()
    }

    fn written(&self, written: &[(Name, AuditEvent)]) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, _) in written {
            if let Some(entry) = noted.get_mut(name) {
                entry.is_written = true;
            }
        }
    }
}

/// Writes these events, each client as the kind that it is.
fn write(c: &mut AnyConnection, events: &[(Name, AuditEvent)]) -> Result<(), StoreError> {
    let of_clients = events.iter().filter_map(|((whom, ..), _)| match whom {
        Refused::Client(id) => Some(id),
        Refused::User(_) => None,
    });
    let owners = clients::list_owners(c, &of_clients.collect::<Vec<_>>())?;
    for (_, event) in events {
        let owner = owners
            .get(&event.object_id)
            .filter(|_| event.object_kind == CLIENT);
        let object_kind = owner.map_or(event.object_kind, client_kind);
        let event = AuditEvent {
            object_kind,
            ..event.clone()
        };
        audit_events::create(c, &event)?;
    }
    Ok(())
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
        let first = refusals.waiting(9, at(50));
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].1.details["reason"], "wrong secret");
        // It could not be written, and waits.
        assert_eq!(refusals.waiting(9, at(51)).len(), 1);
        refusals.written(&first);
        refusals.note(whom.clone(), peer, "wrong secret", at(55));
        assert_eq!(refusals.waiting(9, at(59)).len(), 0);
        refusals.note(whom.clone(), peer, "wrong secret", at(60));
        assert_eq!(refusals.waiting(9, at(61)).len(), 1);
        assert_eq!(refusals.noted.lock().unwrap().len(), 1);
    }

    #[test]
    fn one_ipv6_host_leaves_one_event_whatever_address_it_takes() {
        let refusals = Refusals::default();
        let whom = Refused::Client(ClientId::parse("mmk_a").unwrap());
        let now = Timestamp::from_seconds(0);
        for last in 1..50_u16 {
            let peer = IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, last]);
            refusals.note(whom.clone(), peer, "wrong secret", now);
        }
        let waiting = refusals.waiting(99, now);
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].1.details["peer"], "2001:db8:0:1::1");
    }
}
