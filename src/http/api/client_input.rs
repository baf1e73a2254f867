//! What can be said of an access key or a service client in a body, read strictly.

use ipnet::IpNet;
use serde::{Deserialize, Deserializer};

use super::{ApiCall, ApiError};
use crate::domain::DomainError;
use crate::model::granted_scopes::GrantedScopes;
use crate::model::ids::{ApplicationId, ClientId};
use crate::model::network::{Networks, parse_network};
use crate::model::object::Object;
use crate::model::scope::ScopeSet;
use crate::model::timestamp::Timestamp;

/// A member that may be absent; where it is there, `null` is a value like any other, so that it
/// cannot be taken for absent.
pub fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Scopes of one application's own.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ApplicationScopes {
    application_id: String,
    scopes: Vec<String>,
}

/// What bodies for making and for changing, keys and service clients, have in common.
pub struct Limits {
    pub scope: Option<ScopeSet>,
    pub application_scopes: Option<GrantedScopes>,
    pub expires_at: Option<Option<Timestamp>>,
    pub allowed_networks: Option<Networks>,
}

impl Limits {
    pub fn read(
        scopes: Option<Vec<String>>,
        application_scopes: Option<Vec<Object<ApplicationScopes>>>,
        expires_at: Option<Option<String>>,
        allowed_networks: Option<Vec<String>>,
    ) -> Result<Self, ApiError> {
        Ok(Self {
            scope: scopes.map(read_scope).transpose()?,
            application_scopes: application_scopes.map(read_granted).transpose()?,
            expires_at: expires_at.map(read_expiry).transpose()?,
            allowed_networks: allowed_networks.map(read_networks).transpose()?,
        })
    }
}

fn read_scope(names: Vec<String>) -> Result<ScopeSet, ApiError> {
    // An empty name, and one with a space within, are no names.
    let is_name = |name: &&str| !name.is_empty() && !name.contains(' ');
    let names = names.iter().map(|name| name.trim_matches(' '));
    let names = names.map(|name| Some(name).filter(is_name).unwrap_or("?"));
    let text = names.collect::<Vec<_>>().join(" ");
    ScopeSet::parse(&text).map_err(|e| ApiError::invalid("scopes", e))
}

fn read_granted(granted: Vec<Object<ApplicationScopes>>) -> Result<GrantedScopes, ApiError> {
    let read = |Object(granted): Object<ApplicationScopes>| {
        let id = ApplicationId::parse(&granted.application_id);
        let id = id.ok_or_else(|| ApiError::not_a_uuid(&granted.application_id))?;
        Ok((id, granted.scopes))
    };
    let granted: Result<_, ApiError> = granted.into_iter().map(read).collect();
    GrantedScopes::new(granted?).map_err(|e| ApiError::invalid("application-scopes", e))
}

fn read_expiry(text: Option<String>) -> Result<Option<Timestamp>, ApiError> {
    let why = "is null or a date and time with a zone, such as 2024-01-17T14:27:04.383Z, up to \
               9999-12-31T23:59:59.999Z";
    let read = |text: String| Timestamp::parse(&text);
    let read = text.map(|text| read(text).ok_or_else(|| ApiError::invalid("expires-at", why)));
    read.transpose()
}

fn read_networks(texts: Vec<String>) -> Result<Networks, ApiError> {
    let read: Result<Vec<IpNet>, _> = texts.iter().map(|text| parse_network(text)).collect();
    let read = read.map_err(|e| ApiError::invalid("allowed-networks", e))?;
    Ok(Networks::new(read))
}

impl ApiCall {
    /// The client that the path names. What cannot be an id is nobody's.
    pub fn client_id(&self) -> ClientId {
        // actix decodes all but `%`, `+` and `/`, of which only the last can stand in an id.
        let text = self.http.match_info().query("client");
        let text = text.replace("%2F", "/").replace("%2f", "/");
        ClientId::parse(&text).unwrap_or_else(|_| ClientId::nobody())
    }
}

/// The same error by the member's name on the wire; an access key's name is its `description`
/// there.
pub fn on_the_wire(error: DomainError, name: &'static str) -> DomainError {
    let DomainError::Invalid { field, reason } = error else {
        return error;
    };
    let field = match field {
        "name" => name,
        "scope" => "scopes",
        "audience" => "audiences",
        "lifetime" => "token-lifetime",
        other => other,
    };
    DomainError::Invalid { field, reason }
}
