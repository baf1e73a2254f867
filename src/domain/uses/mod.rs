//! The use of clients: noted in memory where a token is issued or checked, written in batches, read
//! by whoever wants to know what a key is still good for.

mod counters;

pub use counters::{Due, UseCounters};

use std::collections::HashMap;
use std::net::IpAddr;

use serde_json::json;

use crate::model::audit::{Actor, AuditEvent};
use crate::model::client::client_kind;
use crate::model::ids::{ClientId, UserId};
use crate::model::uses::Uses;
use crate::store::{AnyConnection, StoreError, audit_events, client_uses, clients};

/// What one client did since its row was last written.
#[derive(Clone, Debug)]
pub struct Noted {
    pub client: ClientId,
    /// Where its first use among these came from.
    pub first_from: IpAddr,
    pub uses: Uses,
}

/// How a client was used so far; nothing if it never was.
pub fn of(c: &mut AnyConnection, client: &ClientId) -> Result<Option<Uses>, StoreError> {
    client_uses::find(c, client)
}

/// Adds what was noted to the rows, inside one transaction: what other nodes write adds up. The
/// first use of a client leaves an audit event; what a client did that is gone by now is forgotten.
pub fn write(c: &mut AnyConnection, batch: &[Noted]) -> Result<(), StoreError> {
    let ids: Vec<&ClientId> = batch.iter().map(|noted| &noted.client).collect();
    let mut known = client_uses::list(c, &ids)?;
    // A row goes with its client, so only those without one can be gone. Clients are not looked for
    // otherwise: their table is much the larger, and its pages are seldom at hand.
    let is_new = |id: &&ClientId| !known.contains_key(id.as_str());
    let new: Vec<&ClientId> = ids.into_iter().filter(is_new).collect();
    let living = match new.is_empty() {
        true => HashMap::new(),
        false => clients::list_owners(c, &new)?,
    };
    for noted in batch {
        let id = &noted.client;
        if let Some(mut uses) = known.remove(id.as_str()) {
            uses.add(&noted.uses);
            client_uses::update(c, id, &uses)?;
        } else if let Some(owner) = living.get(id.as_str()) {
            client_uses::create(c, id, &noted.uses)?;
            audit_events::create(c, &first_use(noted, *owner))?;
        }
    }
    Ok(())
}

fn first_use(noted: &Noted, owner: Option<UserId>) -> AuditEvent {
    let id = noted.client.clone();
    let actor = match owner {
        Some(owner) => Actor::AccessKey(owner, id),
        None => Actor::ServiceClient(id),
    };
    AuditEvent {
        at: noted.uses.first_at,
        actor,
        kind: "client.first_used",
        object_kind: client_kind(&owner),
        object_id: noted.client.to_string(),
        details: json!({"peer": noted.first_from.to_string()}),
        request_id: None,
    }
}
