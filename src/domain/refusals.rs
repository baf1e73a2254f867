//! What known clients and users were refused, for the audit log: one row for each of them, kind, peer
//! and minute, written in batches, so that guessing cannot fill the disk.
//!
//! Both what is remembered and what one client or user leaves in a minute are bounded. Whatever is
//! beyond a bound is counted, and the count becomes a row when the minute is over: one for each
//! client or user, or one for all of whom nothing could be remembered at all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;

use crate::model::audit::{Actor, AuditEvent};
use crate::model::client::client_kind;
use crate::model::ids::{ClientId, UserId};
use crate::model::network::counted_address;
use crate::model::timestamp::Timestamp;
use crate::store::{AnyConnection, Database, StoreError, audit_events, clients};

/// How many different refusals of clients are remembered at once, and how many of users: a flood
/// against the ones leaves room to the others.
const CAPACITY: usize = 10_000;
/// From how many peers one client or user leaves a row in a minute; more are counted in one.
const PEERS: u32 = 20;
/// How many are written in one transaction.
const AT_ONCE: usize = 500;

/// What a client is called until it is known of which kind it is.
const CLIENT: &str = "client";

/// Why a change was refused that would be beyond the caller's budget.
pub const BEYOND_BUDGET: &str = "more changes than the budget";

/// Who was refused, and what.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Refused {
    /// A client, a token.
    Client(ClientId),
    /// A client, a call with a token of its own: it may not be used now, from there or any more.
    Call(ClientId),
    /// A client, a call that it may not make.
    Forbidden(ClientId),
    /// A user, the sign-in.
    User(UserId),
    /// A user, nothing: they signed in more often than each can have an event.
    SignIns(UserId),
    /// A client, a change beyond its budget.
    ClientChange(ClientId),
    /// A user, a change beyond their budget.
    UserChange(UserId),
}

impl Refused {
    /// The client, if it is one.
    pub fn client(&self) -> Option<&ClientId> {
        match self {
            Refused::Client(id)
            | Refused::Call(id)
            | Refused::Forbidden(id)
            | Refused::ClientChange(id) => Some(id),
            Refused::User(_) | Refused::SignIns(_) | Refused::UserChange(_) => None,
        }
    }

    /// Kind of event, kind of object, and its id.
    fn columns(&self) -> (&'static str, &'static str, String) {
        match self {
            Refused::Client(id) => ("token.refused", CLIENT, id.to_string()),
            Refused::Call(id) => ("call.refused", CLIENT, id.to_string()),
            Refused::Forbidden(id) => ("call.forbidden", CLIENT, id.to_string()),
            Refused::User(id) => ("user.sign_in_refused", "user", id.to_string()),
            Refused::SignIns(id) => ("user.signed_in_often", "user", id.to_string()),
            Refused::ClientChange(id) => ("client.change_refused", CLIENT, id.to_string()),
            Refused::UserChange(id) => ("user.change_refused", "user", id.to_string()),
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

/// What one client or user had in one minute.
#[derive(Default)]
struct Tally {
    /// From how many peers there is a row.
    rows: u32,
    /// How many refusals are in none.
    beyond: u64,
}

/// Refusals of either clients or users: those of this minute, and those that wait to be written.
#[derive(Default)]
struct Table {
    noted: HashMap<Name, Noted>,
    tallies: HashMap<(Refused, i64), Tally>,
    /// How many refusals of a minute were of whom there was no room for a tally.
    lost: HashMap<i64, u64>,
}

/// What a row is of, to be forgotten once it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Source {
    Noted(Name),
    Tally(Refused, i64),
    Lost(i64),
}

/// Refusals that were noted in this minute, and those that wait to be written.
#[derive(Default)]
pub struct Refusals {
    of_clients: Mutex<Table>,
    of_users: Mutex<Table>,
    /// One writes at a time, so that nothing is written twice.
    writing: Mutex<()>,
}

impl Table {
    fn note(&mut self, whom: Refused, peer: IpAddr, reason: impl ToString, now: Timestamp) {
        let minute = now.seconds().div_euclid(60);
        let name = (whom.clone(), counted_address(peer), minute);
        if self.noted.contains_key(&name) {
            return;
        }
        let tally = (whom, minute);
        if self.tallies.len() >= CAPACITY && !self.tallies.contains_key(&tally) {
            *self.lost.entry(minute).or_default() += 1;
            return;
        }
        let tally = self.tallies.entry(tally).or_default();
        if tally.rows >= PEERS || self.noted.len() >= CAPACITY {
            tally.beyond += 1;
            return;
        }
        tally.rows += 1;
        let noted = Noted {
            reason: reason.to_string(),
            peer,
            at: now,
            is_written: false,
        };
        self.noted.insert(name, noted);
    }

    /// At most `limit` of the rows that wait to be written. Forgets what was written in earlier
    /// minutes, and what has nothing to tell.
    fn waiting(&mut self, limit: usize, now: Timestamp) -> Vec<(Source, AuditEvent)> {
        let minute = now.seconds().div_euclid(60);
        self.noted
            .retain(|(_, _, of), entry| *of >= minute || !entry.is_written);
        self.tallies
            .retain(|(_, of), tally| *of >= minute || tally.beyond > 0);
        let noted = self.noted.iter().filter(|(_, entry)| !entry.is_written);
        let noted = noted.map(|(name, entry)| {
            let details = json!({"reason": entry.reason, "peer": entry.peer.to_string()});
            let event = event(name.0.columns(), entry.at, details);
            (Source::Noted(name.clone()), event)
        });
        let over = |of: &i64| *of < minute;
        let tallies = self.tallies.iter().filter(|((_, of), _)| over(of));
        let tallies = tallies.map(|((whom, of), tally)| {
            let reason = "more refusals than are recorded one by one";
            let details = json!({"reason": reason, "refusals": tally.beyond});
            let event = event(whom.columns(), end_of(*of), details);
            (Source::Tally(whom.clone(), *of), event)
        });
        let lost = self.lost.iter().filter(|(of, _)| over(of));
        let lost = lost.map(|(of, count)| {
            let columns = ("refusals.dropped", "refusals", String::new());
            let details = json!({"refusals": count});
            (Source::Lost(*of), event(columns, end_of(*of), details))
        });
        noted.chain(tallies).chain(lost).take(limit).collect()
    }

    fn written(&mut self, source: &Source) {
        match source {
            Source::Noted(name) => {
                if let Some(entry) = self.noted.get_mut(name) {
                    entry.is_written = true;
                }
            }
            Source::Tally(whom, of) => {
                self.tallies.remove(&(whom.clone(), *of));
            }
            Source::Lost(of) => {
                self.lost.remove(of);
            }
        }
    }
}

impl Refusals {
    /// Notes that somebody who is known was refused, and why.
    pub fn note(&self, whom: Refused, peer: IpAddr, reason: impl ToString, now: Timestamp) {
        let table = match whom.client() {
            Some(_) => &self.of_clients,
            None => &self.of_users,
        };
        locked(table).note(whom, peer, reason, now);
    }

    /// Writes what waits into the audit log, some at a time: others write too. What cannot be
    /// written goes on waiting.
    pub fn flush(&self, database: &Database, now: Timestamp) -> Result<(), StoreError> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        for table in [&self.of_users, &self.of_clients] {
            loop {
                let waiting = locked(table).waiting(AT_ONCE, now);
                if waiting.is_empty() {
                    break;
                }
                database.write(|c| write(c, &waiting))?;
                let mut table = locked(table);
                waiting.iter().for_each(|(source, _)| table.written(source));
            }
        }
        Ok(())
    }
}

fn locked(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The last moment of a minute.
fn end_of(minute: i64) -> Timestamp {
    Timestamp::from_seconds(minute * 60 + 59)
}

fn event(
    (kind, object_kind, object_id): (&'static str, &'static str, String),
    at: Timestamp,
    details: serde_json::Value,
) -> AuditEvent {
    AuditEvent {
        at,
        actor: Actor::Server,
        kind,
        object_kind,
        object_id,
        details,
        request_id: None,
    }
}

/// Writes these events, each client as the kind that it is.
fn write(c: &mut AnyConnection, events: &[(Source, AuditEvent)]) -> Result<(), StoreError> {
    let of_clients = events.iter().filter_map(|(source, _)| match source {
        Source::Noted((whom, ..)) | Source::Tally(whom, _) => whom.client(),
        Source::Lost(_) => None,
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

    fn client(n: usize) -> Refused {
        Refused::Client(ClientId::parse(&format!("mmk_{n}")).unwrap())
    }

    fn details(waiting: &[(Source, AuditEvent)]) -> Vec<String> {
        waiting.iter().map(|(_, e)| e.details.to_string()).collect()
    }

    #[test]
    fn a_minute_of_guessing_leaves_one_event() {
        let mut table = Table::default();
        let peer = IpAddr::from([192, 0, 2, 1]);
        let at = Timestamp::from_seconds;
        for second in 0..50 {
            table.note(client(1), peer, "wrong secret", at(second));
        }
        let first = table.waiting(9, at(50));
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].1.details["reason"], "wrong secret");
        // It could not be written, and waits.
        assert_eq!(table.waiting(9, at(51)).len(), 1);
        table.written(&first[0].0);
        table.note(client(1), peer, "wrong secret", at(55));
        assert_eq!(table.waiting(9, at(59)).len(), 0);
        table.note(client(1), peer, "wrong secret", at(60));
        assert_eq!(table.waiting(9, at(61)).len(), 1);
        assert_eq!((table.noted.len(), table.tallies.len()), (1, 1));
    }

    #[test]
    fn one_ipv6_host_leaves_one_event_whatever_address_it_takes() {
        let mut table = Table::default();
        let now = Timestamp::from_seconds(0);
        for last in 1..50_u16 {
            let peer = IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, last]);
            table.note(client(1), peer, "wrong secret", now);
        }
        let waiting = table.waiting(99, now);
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].1.details["peer"], "2001:db8:0:1::1");
    }

    #[test]
    fn refusals_from_very_many_peers_are_one_row_with_their_number() {
        let mut table = Table::default();
        let at = Timestamp::from_seconds;
        for n in 0..1000_u16 {
            let [high, low] = n.to_be_bytes();
            let peer = IpAddr::from([10, 0, high, low]);
            table.note(client(1), peer, "wrong secret", at(1));
        }
        let rows = table.waiting(5000, at(2));
        assert_eq!(rows.len(), PEERS as usize);
        rows.iter().for_each(|(source, _)| table.written(source));
        assert!(table.waiting(5000, at(59)).is_empty());
        let summary = table.waiting(5000, at(60));
        let reason = "more refusals than are recorded one by one";
        let wanted = json!({"reason": reason, "refusals": 980}).to_string();
        assert_eq!(details(&summary), [wanted]);
        assert_eq!(summary[0].1.kind, "token.refused");
        table.written(&summary[0].0);
        assert!(table.waiting(5000, at(61)).is_empty());
        assert!(table.noted.is_empty() && table.tallies.is_empty());
    }

    #[test]
    fn a_flood_against_clients_is_counted_and_leaves_room_to_users() {
        let refusals = Refusals::default();
        let (peer, now) = (IpAddr::from([192, 0, 2, 1]), Timestamp::from_seconds(0));
        for n in 0..CAPACITY + 7 {
            refusals.note(client(n), peer, "wrong secret", now);
        }
        let user = UserId::new(crate::ambient::random_uuid());
        refusals.note(Refused::User(user), peer, "wrong password", now);
        assert_eq!(locked(&refusals.of_users).waiting(9, now).len(), 1);
        let mut table = locked(&refusals.of_clients);
        for (source, _) in table.waiting(2 * CAPACITY, now) {
            table.written(&source);
        }
        let after = table.waiting(9, Timestamp::from_seconds(60));
        assert_eq!(details(&after), [json!({"refusals": 7}).to_string()]);
        assert_eq!(after[0].1.kind, "refusals.dropped");
    }
}
