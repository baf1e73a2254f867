//! Access keys and service clients: made, changed, rotated, switched off and on, deleted.

use serde_json::{Value, json};

use super::secret::{DigestKeys, generate, is_acceptable};
use super::{Act, DomainError};
use crate::ambient::random_base62;
use crate::model::audit::ActorKind;
use crate::model::change::Change;
use crate::model::client::{
    Client, ClientRuleError, DESCRIPTION_LENGTH, Disabled, KEYS_PER_USER, NAME_LENGTH,
};
use crate::model::granted_scopes::GrantedScopes;
use crate::model::ids::{ClientId, UserId};
use crate::model::network::Networks;
use crate::model::scope::ScopeSet;
use crate::model::secret::Secret;
use crate::model::text::{check_name, check_text};
use crate::model::timestamp::Timestamp;
use crate::store::{AnyConnection, applications, client_secrets, client_uses, clients, users};

/// How many secrets of one client can live at once: enough to rotate without an outage.
const LIVE_SECRETS: usize = 2;

/// What a new client is to be.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// Whose access key it is to be; a service client without.
    pub owner: Option<UserId>,
    pub name: String,
    pub description: String,
    pub scope: ScopeSet,
    pub application_scopes: GrantedScopes,
    pub audiences: Vec<String>,
    /// In seconds.
    pub lifetime: i64,
    pub allowed_networks: Networks,
    pub expires_at: Option<Timestamp>,
}

/// What is to change; what is absent stays.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ClientUpdate {
    pub name: Option<String>,
    pub description: Option<String>,
    pub scope: Option<ScopeSet>,
    pub application_scopes: Option<GrantedScopes>,
    pub audiences: Option<Vec<String>>,
    pub lifetime: Option<i64>,
    pub allowed_networks: Option<Networks>,
    /// `Some(None)` lets it live for ever.
    pub expires_at: Option<Option<Timestamp>>,
}

/// Makes a client with an id and a secret of our own; this is the only time the secret is seen.
pub fn create(
    c: &mut AnyConnection,
    act: &Act,
    keys: &DigestKeys,
    new: NewClient,
) -> Result<(Client, Secret), DomainError> {
    let id = format!(
        "{}{}",
        ClientId::PREFIX,
        random_base62(ClientId::RANDOM_LENGTH)
    );
    let id = ClientId::parse(&id).map_err(|e| DomainError::Internal(e.to_string()))?;
    let secret = generate();
    let client = add(c, act, keys, id, &secret, new, "client.created")?;
    Ok((client, secret))
}

/// Takes over a client from another system, with its id and secret as they are.
pub fn import(
    c: &mut AnyConnection,
    act: &Act,
    keys: &DigestKeys,
    id: ClientId,
    secret: &Secret,
    new: NewClient,
) -> Result<Client, DomainError> {
    if !is_acceptable(secret) {
        let reason = "a secret has 32 to 256 printable ASCII characters";
        return Err(DomainError::invalid("secret", reason));
    }
    if clients::was_ever_used(c, &id)? {
        return Err(DomainError::AlreadyExists(
            "this client id is, or was, in use: an id is never used twice".to_owned(),
        ));
    }
    add(c, act, keys, id, secret, new, "client.imported")
}

fn add(
    c: &mut AnyConnection,
    act: &Act,
    keys: &DigestKeys,
    id: ClientId,
    secret: &Secret,
    new: NewClient,
    kind: &'static str,
) -> Result<Client, DomainError> {
    if let Some(owner) = new.owner {
        let user = users::find(c, owner)?.ok_or(DomainError::NotFound("user"))?;
        if clients::count_of_user(c, owner)? >= KEYS_PER_USER {
            let reason = format!("a user has at most {KEYS_PER_USER} access keys");
            return Err(DomainError::FailedPrecondition(reason));
        }
        if !new.scope.is_subset(user.role.scopes()) {
            let reason = format!("more than a {} may have", user.role.as_str());
            return Err(DomainError::invalid("scope", reason));
        }
    }
    let client = Client {
        id,
        owner: new.owner,
        name: new.name,
        description: new.description,
        scope: new.scope,
        application_scopes: new.application_scopes,
        audiences: new.audiences,
        lifetime: new.lifetime,
        allowed_networks: new.allowed_networks,
        expires_at: new.expires_at,
        disabled: None,
        generation: 1,
        created_at: act.now,
    };
    check(c, &client, act.now)?;
    clients::create(c, &client)?;
    client_secrets::create(c, &keys.row(&client.id, secret, act.now))?;
    record(c, act, &client, kind, summary(&client))?;
    Ok(client)
}

/// The client with this id.
pub fn find(c: &mut AnyConnection, id: &ClientId) -> Result<Client, DomainError> {
    clients::find(c, id)?.ok_or(DomainError::NotFound("client"))
}

/// Changes what `update` names; tokens issued so far are cut to the new scope at the console API.
pub fn update(
    c: &mut AnyConnection,
    act: &Act,
    id: &ClientId,
    update: ClientUpdate,
) -> Result<Client, DomainError> {
    let before = find(c, id)?;
    let mut client = before.clone();
    client.name = update.name.unwrap_or(client.name);
    client.description = update.description.unwrap_or(client.description);
    client.scope = update.scope.unwrap_or(client.scope);
    client.application_scopes = update
        .application_scopes
        .unwrap_or(client.application_scopes);
    client.audiences = update.audiences.unwrap_or(client.audiences);
    client.lifetime = update.lifetime.unwrap_or(client.lifetime);
    client.allowed_networks = update.allowed_networks.unwrap_or(client.allowed_networks);
    client.expires_at = update.expires_at.unwrap_or(client.expires_at);
    if let Some(owner) = client.owner.filter(|_| client.scope != before.scope) {
        let user = users::find(c, owner)?.ok_or(DomainError::NotFound("user"))?;
        if !client.scope.is_subset(user.role.scopes()) {
            let reason = format!("more than a {} may have", user.role.as_str());
            return Err(DomainError::invalid("scope", reason));
        }
    }
    // A key that has ended can still be renamed.
    let judged_at = match client.expires_at == before.expires_at {
        true => client.created_at,
        false => act.now,
    };
    check(c, &client, judged_at)?;
    clients::update(c, &client)?;
    let details = json!({"before": summary(&before), "after": summary(&client)});
    record(c, act, &client, "client.updated", details)?;
    Ok(client)
}

/// Adds a second secret and lets the older one end in `old_ends_in` seconds; 0 ends all older ones
/// now.
pub fn rotate(
    c: &mut AnyConnection,
    act: &Act,
    keys: &DigestKeys,
    id: &ClientId,
    old_ends_in: i64,
) -> Result<(Client, Secret), DomainError> {
    let client = find(c, id)?;
    // A secret that has leaked ends at once, however many there are.
    match old_ends_in {
        0 => client_secrets::delete_all(c, id)?,
        _ => client_secrets::delete_expired(c, id, act.now)?,
    }
    let living = client_secrets::list(c, id)?;
    if living.len() >= LIVE_SECRETS {
        return Err(DomainError::FailedPrecondition(
            "the client has two secrets already: wait until the older one ends".to_owned(),
        ));
    }
    let ends_at = act.now.plus_seconds(old_ends_in);
    for old in &living {
        // A secret that ends sooner anyway is not given more time.
        let ends_at = old.expires_at.map_or(ends_at, |sooner| sooner.min(ends_at));
        client_secrets::update_expiry(c, &old.id, ends_at)?;
    }
    let secret = generate();
    client_secrets::create(c, &keys.row(id, &secret, act.now))?;
    let details = json!({"old_ends_at": ends_at.to_string()});
    record(c, act, &client, "client.rotated", details)?;
    Ok((client, secret))
}

/// Switches a client off: from now on it gets no token, and what it has is refused here.
pub fn disable(
    c: &mut AnyConnection,
    act: &Act,
    id: &ClientId,
    by: ActorKind,
) -> Result<Client, DomainError> {
    let client = find(c, id)?;
    if client.disabled.is_some() {
        return Ok(client);
    }
    let disabled = Some(Disabled { at: act.now, by });
    clients::update_disabled(c, id, disabled)?;
    record(c, act, &client, "client.disabled", json!({}))?;
    find(c, id)
}

/// Switches a client on again; tokens issued before stay refused. What an administrator disabled,
/// only an administrator enables.
pub fn enable(
    c: &mut AnyConnection,
    act: &Act,
    id: &ClientId,
    by: ActorKind,
) -> Result<Client, DomainError> {
    let client = find(c, id)?;
    let Some(disabled) = client.disabled else {
        return Ok(client);
    };
    if disabled.by == ActorKind::Administrator && by != ActorKind::Administrator {
        return Err(DomainError::FailedPrecondition(
            "an administrator disabled this key: only an administrator can enable it".to_owned(),
        ));
    }
    clients::update_disabled(c, id, None)?;
    record(c, act, &client, "client.enabled", json!({}))?;
    find(c, id)
}

/// Deletes a client and its secrets; its id is never used again.
pub fn delete(c: &mut AnyConnection, act: &Act, id: &ClientId) -> Result<(), DomainError> {
    let client = find(c, id)?;
    client_secrets::delete_all(c, id)?;
    client_uses::delete(c, id)?;
    clients::delete(c, id, act.now)?;
    record(c, act, &client, "client.deleted", summary(&client))
}

fn check(c: &mut AnyConnection, client: &Client, now: Timestamp) -> Result<(), DomainError> {
    check_name(&client.name, NAME_LENGTH).map_err(|e| DomainError::invalid("name", e))?;
    check_text(&client.description, DESCRIPTION_LENGTH)
        .map_err(|e| DomainError::invalid("description", e))?;
    client.check(now).map_err(|e| match e {
        ClientRuleError::ServiceOpenId => DomainError::invalid("scope", e),
        ClientRuleError::AccessKeyAudience => DomainError::invalid("audience", e),
        ClientRuleError::Lifetime => DomainError::invalid("lifetime", e),
        ClientRuleError::ExpiresInThePast => DomainError::invalid("expires-at", e),
        ClientRuleError::TooMany => DomainError::invalid("allowed-networks", e),
    })?;
    for audience in &client.audiences {
        if applications::find_by_uri(c, audience)?.is_none() {
            let reason = "there is no application with this uri";
            return Err(DomainError::invalid("audience", reason));
        }
    }
    Ok(())
}

fn record(
    c: &mut AnyConnection,
    act: &Act,
    client: &Client,
    kind: &'static str,
    details: Value,
) -> Result<(), DomainError> {
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
        "lifetime": client.lifetime,
        "allowed-networks": client.allowed_networks.to_string(),
        "expires-at": client.expires_at.map(|at| at.to_string()),
    })
}
