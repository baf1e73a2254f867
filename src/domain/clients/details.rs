//! Clients as they are shown: with what is known of their living secrets and of their use.

use std::collections::HashMap;

use serde_json::json;

use super::{find, summary};
use crate::domain::{Authority, DomainError};
use crate::model::client::{Client, ClientSecret};
use crate::model::ids::ClientId;
use crate::model::timestamp::Timestamp;
use crate::model::uses::{LastUse, Uses};
use crate::signing::content_hash;
use crate::store::{AnyConnection, client_secrets, client_uses};

/// A client, its living secrets, oldest first, and when it was last used.
#[derive(Clone, Debug)]
pub struct ClientDetails {
    pub client: Client,
    pub secrets: Vec<SecretDetails>,
    pub last_used: Option<LastUse>,
}

/// What may be known of a secret.
#[derive(Clone, Debug)]
pub struct SecretDetails {
    pub id: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// For how many seconds it must be unused to be called safe to remove: chosen when a newer one
    /// was made.
    pub quiet_for: Option<i64>,
    pub last_used: Option<LastUse>,
}

/// How long the minute is in which something was last used, in seconds: only that is known.
const MINUTE: i64 = 60;

impl ClientDetails {
    /// Whether this is the secret that a newer one replaces.
    pub fn is_older(&self, secret: &SecretDetails) -> bool {
        self.secrets
            .last()
            .is_some_and(|newest| newest.id != secret.id)
    }

    /// Whether an older secret was not used for as long as was chosen when it was replaced; its last
    /// use counts to the end of its minute.
    pub fn is_safe_to_remove(&self, secret: &SecretDetails, now: Timestamp) -> bool {
        let newest = self.secrets.last().filter(|newest| newest.id != secret.id);
        let (Some(newest), Some(quiet_for)) = (newest, secret.quiet_for) else {
            return false;
        };
        let used = secret.last_used.map(|last| last.at.plus_seconds(MINUTE));
        let since = used.map_or(newest.created_at, |used| used.max(newest.created_at));
        now >= since.plus_seconds(quiet_for)
    }

    /// Names the state of the client: another one after every change, and the same however much it
    /// is used.
    pub fn version(&self) -> String {
        let secrets: Vec<&str> = self.secrets.iter().map(|s| s.id.as_str()).collect();
        let disabled = self.client.disabled.map(|disabled| disabled.by.as_str());
        let state = json!([summary(&self.client), disabled, secrets]);
        content_hash(state.to_string().as_bytes())
    }
}

/// What is known of these clients, in their order.
pub fn details(
    c: &mut AnyConnection,
    clients: Vec<Client>,
    now: Timestamp,
) -> Result<Vec<ClientDetails>, DomainError> {
    let ids: Vec<&str> = clients.iter().map(|client| client.id.as_str()).collect();
    let mut secrets: HashMap<ClientId, Vec<ClientSecret>> = HashMap::new();
    for secret in client_secrets::list_of(c, &ids)? {
        if secret.is_alive(now) {
            let of = secrets.entry(secret.client_id.clone()).or_default();
            of.push(secret);
        }
    }
    let ids: Vec<&ClientId> = clients.iter().map(|client| &client.id).collect();
    let uses = client_uses::list(c, &ids)?;
    let one = |client: Client| {
        let secrets = secrets.remove(&client.id).unwrap_or_default();
        let uses = uses.get(client.id.as_str());
        ClientDetails {
            secrets: secrets
                .into_iter()
                .map(|s| secret_details(s, uses))
                .collect(),
            last_used: uses.map(|uses| uses.last),
            client,
        }
    };
    Ok(clients.into_iter().map(one).collect())
}

/// What is known of one client.
pub fn one(
    c: &mut AnyConnection,
    client: Client,
    now: Timestamp,
) -> Result<ClientDetails, DomainError> {
    let found = details(c, vec![client], now)?.pop();
    found.ok_or_else(|| DomainError::Internal("a client lost its details".to_owned()))
}

fn secret_details(secret: ClientSecret, uses: Option<&Uses>) -> SecretDetails {
    SecretDetails {
        last_used: uses.and_then(|uses| uses.secrets.get(&secret.id)).copied(),
        id: secret.id,
        created_at: secret.created_at,
        expires_at: secret.expires_at,
        quiet_for: secret.quiet_for,
    }
}

/// Does `work` to a client, if that was in one of these states before; nothing asked for is always
/// so. What is wrong with the work itself is told first (RFC 9110 section 13.2.1).
pub fn only_if<T>(
    c: &mut AnyConnection,
    authority: &Authority,
    id: &ClientId,
    now: Timestamp,
    versions: Option<&[String]>,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, DomainError>,
) -> Result<T, DomainError> {
    let Some(versions) = versions else {
        return work(c);
    };
    let before = find(c, authority, id)?;
    let before = details(c, vec![before], now)?;
    let done = work(c)?;
    match before
        .iter()
        .any(|before| versions.contains(&before.version()))
    {
        true => Ok(done),
        false => Err(DomainError::Changed),
    }
}
