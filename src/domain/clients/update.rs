//! Changes of a client: its name, what it may do, from where and until when.

use super::{find, record, rules, summary, values};
use crate::domain::{Act, DomainError, difference};
use crate::model::client::Client;
use crate::model::granted_scopes::GrantedScopes;
use crate::model::ids::ClientId;
use crate::model::network::Networks;
use crate::model::scope::ScopeSet;
use crate::model::text::tidy;
use crate::model::timestamp::Timestamp;
use crate::store::{AnyConnection, clients};

/// What is to change; what is absent stays.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ClientUpdate {
    pub name: Option<String>,
    pub description: Option<String>,
    pub scope: Option<ScopeSet>,
    pub application_scopes: Option<GrantedScopes>,
    pub audiences: Option<Vec<String>>,
    /// `Some(None)` leaves the client without.
    pub default_audience: Option<Option<String>>,
    pub lifetime: Option<i64>,
    pub allowed_networks: Option<Networks>,
    /// `Some(None)` lets it live for ever.
    pub expires_at: Option<Option<Timestamp>>,
    pub provisions_users: Option<bool>,
}

impl ClientUpdate {
    fn applied_to(self, client: &Client) -> Client {
        let client = client.clone();
        Client {
            name: self.name.map_or(client.name, |name| tidy(&name)),
            description: self
                .description
                .map_or(client.description, |description| tidy(&description)),
            scope: self.scope.unwrap_or(client.scope),
            application_scopes: self.application_scopes.unwrap_or(client.application_scopes),
            audiences: self.audiences.unwrap_or(client.audiences),
            default_audience: self.default_audience.unwrap_or(client.default_audience),
            lifetime: self.lifetime.unwrap_or(client.lifetime),
            allowed_networks: self.allowed_networks.unwrap_or(client.allowed_networks),
            expires_at: self.expires_at.unwrap_or(client.expires_at),
            provisions_users: self.provisions_users.unwrap_or(client.provisions_users),
            ..client
        }
    }
}

/// Changes what `update` names; tokens issued so far are cut to the new scope at the console API.
pub fn update(
    c: &mut AnyConnection,
    act: &Act,
    id: &ClientId,
    update: ClientUpdate,
) -> Result<Client, DomainError> {
    let before = find(c, &act.authority, id)?;
    let after = update.applied_to(&before);
    if after == before {
        return Ok(before);
    }
    values::check(c, Some(&before), &after, act.now)?;
    rules::check_may_change(c, &act.authority, &before, &after)?;
    clients::update(c, &after)?;
    let details = difference(summary(&before), summary(&after)).unwrap_or_default();
    record(c, act, &after, "client.updated", details)?;
    Ok(after)
}
