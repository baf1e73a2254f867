//! Access keys and service clients. What is done with them has a file each; who may do it stands in
//! `rules`, what they may be in `values`.

mod create;
mod details;
mod expired;
mod find;
mod rules;
mod secrets;
mod switch;
mod update;
mod values;

pub use create::{NewClient, create, import};
pub use details::{ClientDetails, SecretDetails, details, one, only_if};
pub use expired::{EXPIRED_KEPT, Step, delete_expired, expired_due};
pub use find::{find, find_key, find_owner, find_service, list_keys, list_services};
pub use rules::{inherited_lifetime, inherited_scope};
pub use secrets::{LONGEST_OVERLAP, OVERLAP, Rotation, remove_secret, rotate};
pub use switch::{cut_off, disable, enable};
pub use update::{ClientUpdate, update};

use serde_json::{Value, json};

use super::{Act, DomainError, generations, with};
use crate::model::change::Change;
use crate::model::client::Client;
use crate::model::ids::ClientId;
use crate::store::{AnyConnection, client_secrets, client_uses, clients};

/// Deletes a client and its secrets; its id is never used again.
pub fn delete(c: &mut AnyConnection, act: &Act, id: &ClientId) -> Result<(), DomainError> {
    let client = find(c, &act.authority, id)?;
    rules::check_may_end(c, &act.authority, &client)?;
    end(c, act, &client, summary(&client))
}

fn end(
    c: &mut AnyConnection,
    act: &Act,
    client: &Client,
    details: Value,
) -> Result<(), DomainError> {
    client_secrets::delete_all(c, &client.id)?;
    client_uses::delete(c, &client.id)?;
    let generation = generations::of_client(c, client)?;
    clients::delete(c, &client.id, act.now, generation)?;
    record(c, act, client, "client.deleted", details)
}

fn record(
    c: &mut AnyConnection,
    act: &Act,
    client: &Client,
    kind: &'static str,
    more: Value,
) -> Result<(), DomainError> {
    let details = with(json!({"name": client.name}), more);
    let mut changed = vec![Change::Client(client.id.clone())];
    // The directory keeps the names of a user's keys with the user.
    changed.extend(client.owner.map(Change::User));
    let object = (client.kind(), client.id.to_string());
    Ok(act.record(c, &changed, kind, object, details)?)
}

fn summary(client: &Client) -> Value {
    json!({
        "name": client.name,
        "description": client.description,
        "user": client.owner.map(|id| id.to_string()),
        "scope": client.scope.to_string(),
        "application-scopes": client.application_scopes.to_json(),
        "audiences": client.audiences,
        "default-audience": client.default_audience,
        "lifetime": client.lifetime,
        "allowed-networks": client.allowed_networks.to_string(),
        "expires-at": client.expires_at.map(|at| at.to_string()),
        "provisions-users": client.provisions_users,
    })
}
