//! The use of clients: noted in memory where a token is issued or checked, written in batches, read
//! by whoever wants to know what a key is still good for.

mod counters;

pub use counters::{Due, UseCounters};

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
    let living = clients::list_owners(c, &ids)?;
    let mut known = client_uses::list(c, &ids)?;
    for noted in batch {
        let id = &noted.client;
        let Some(owner) = living.get(id.as_str()) else {
            continue;
        };
        match known.remove(id.as_str()) {
            Some(mut uses) => {
                uses.add(&noted.uses);
                client_uses::update(c, id, &uses)?;
            }
            None => {
                client_uses::create(c, id, &noted.uses)?;
                audit_events::create(c, &first_use(noted, *owner))?;
            }
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
