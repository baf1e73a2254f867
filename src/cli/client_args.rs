//! What can be said of a client on the command line, and how one is shown.

use clap::Args;
use ipnet::IpNet;
use serde::Serialize;

use super::CliError;
use super::desk::Desk;
use crate::domain::DomainError;
use crate::domain::clients::ClientUpdate;
use crate::model::client::Client;
use crate::model::granted_scopes::GrantedScopes;
use crate::model::ids::ApplicationId;
use crate::model::network::{Networks, parse_network};
use crate::model::scope::ScopeSet;
use crate::model::timestamp::{Timestamp, parse_duration};

/// What can be given to a client when it is made, and changed later.
#[derive(Args)]
pub struct LimitArgs {
    /// What it is for; for an access key, its name
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// What it may do, names with a space between
    #[arg(long, value_parser = scope)]
    pub scope: Option<ScopeSet>,
    /// The uri of an application that a service client may reach; may be repeated
    #[arg(long, value_name = "URI", value_delimiter = ' ')]
    pub audience: Vec<String>,
    /// What a service client's tokens are for when a request names no resource: the uri of one of its
    /// audiences. A client that is made with one audience and no scope has that one
    #[arg(long, value_name = "URI")]
    pub default_audience: Option<String>,
    /// What it may do at an application, by the application's id: names that the application
    /// defines, with a space between; may be repeated
    #[arg(long, value_name = "ID=NAMES", value_parser = application_scope)]
    pub application_scope: Vec<(ApplicationId, Vec<String>)>,
    /// How long its tokens live: 60s to 1h
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub lifetime: Option<i64>,
    /// When it ends: a time from now, such as 90d
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub expires_in: Option<i64>,
    /// A network that it may be used from; may be repeated
    #[arg(long, value_name = "CIDR", value_delimiter = ',', value_parser = parse_network)]
    pub allow_ip: Vec<IpNet>,
    /// Let it make people, let them in and change their roles though it ends, is bound to networks or
    /// has tokens of less than an hour: a person is bound by none of these
    #[arg(long)]
    pub provisions_users: bool,
}

/// What can be taken away from a client again.
#[derive(Args)]
pub struct UnlimitedArgs {
    /// Reach no application any more
    #[arg(long, conflicts_with = "audience")]
    pub no_audience: bool,
    /// Have no default audience any more: without a resource its tokens are for the console API
    #[arg(long, conflicts_with = "default_audience")]
    pub no_default_audience: bool,
    /// Have no scope of any application's own any more
    #[arg(long, conflicts_with = "application_scope")]
    pub no_application_scope: bool,
    /// Never end
    #[arg(long, conflicts_with = "expires_in")]
    pub no_expiry: bool,
    /// Be used from any network
    #[arg(long, conflicts_with = "allow_ip")]
    pub any_ip: bool,
    /// Make and let in nobody any more, unless nothing binds it
    #[arg(long, conflicts_with = "provisions_users")]
    pub no_provisions_users: bool,
}

impl LimitArgs {
    pub fn networks(&self) -> Networks {
        Networks::new(self.allow_ip.clone())
    }

    pub fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.expires_in.map(|seconds| now.plus_seconds(seconds))
    }

    /// That an end which is asked for as a time from now can be reckoned.
    pub fn check_time(&self, desk: &Desk) -> Result<(), CliError> {
        match self.expires_in {
            Some(_) => desk.check_time(),
            None => Ok(()),
        }
    }

    pub fn granted(&self) -> Result<GrantedScopes, DomainError> {
        GrantedScopes::new(self.application_scope.clone())
            .map_err(|e| DomainError::invalid("application-scopes", e))
    }

    /// What these arguments change; what was not given stays.
    pub fn to_update(
        &self,
        unlimited: &UnlimitedArgs,
        is_service: bool,
        now: Timestamp,
    ) -> Result<ClientUpdate, DomainError> {
        let description = self.description.clone();
        let (name, description) = match is_service {
            true => (None, description),
            false => (description, None),
        };
        let scopes = unlimited.no_application_scope || !self.application_scope.is_empty();
        Ok(ClientUpdate {
            name,
            description,
            scope: self.scope,
            application_scopes: scopes.then(|| self.granted()).transpose()?,
            audiences: (unlimited.no_audience || !self.audience.is_empty())
                .then(|| self.audience.clone()),
            default_audience: match unlimited.no_default_audience {
                true => Some(None),
                false => self.default_audience.clone().map(Some),
            },
            lifetime: self.lifetime,
            allowed_networks: (unlimited.any_ip || !self.allow_ip.is_empty())
                .then(|| self.networks()),
            expires_at: match unlimited.no_expiry {
                true => Some(None),
                false => self.expires_at(now).map(Some),
            },
            provisions_users: (unlimited.no_provisions_users || self.provisions_users)
                .then_some(self.provisions_users),
        })
    }
}

fn scope(text: &str) -> Result<ScopeSet, CliError> {
    ScopeSet::parse(text).map_err(|e| CliError::Other(e.to_string()))
}

/// Reads an application's id and the names of scopes of its own.
fn application_scope(text: &str) -> Result<(ApplicationId, Vec<String>), CliError> {
    let why = "an application's id, '=' and the names of its scopes with a space between";
    let read = || {
        let (id, names) = text.split_once('=')?;
        let names = names.split_ascii_whitespace().map(str::to_owned);
        Some((ApplicationId::parse(id)?, names.collect()))
    };
    read().ok_or_else(|| CliError::Other(why.to_owned()))
}

/// Reads a length of time, in seconds.
pub fn seconds(text: &str) -> Result<i64, CliError> {
    let why = "a time is a number and a unit: 90s, 10m, 24h, 90d";
    parse_duration(text).ok_or_else(|| CliError::Other(why.to_owned()))
}

/// A client as it is shown.
#[derive(Serialize)]
pub struct Shown {
    pub client_id: String,
    pub kind: &'static str,
    pub name: String,
    pub description: String,
    pub user_id: Option<String>,
    pub scope: String,
    pub audiences: Vec<String>,
    pub default_audience: Option<String>,
    /// As the option `--application-scope` takes each.
    pub application_scopes: Vec<String>,
    pub lifetime: i64,
    pub allowed_networks: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub provisions_users: bool,
    pub disabled: bool,
}

impl From<Client> for Shown {
    fn from(client: Client) -> Self {
        let granted = client.application_scopes.iter();
        Self {
            application_scopes: granted
                .map(|(id, names)| format!("{id}={}", names.join(" ")))
                .collect(),
            kind: client.kind(),
            client_id: client.id.to_string(),
            name: client.name,
            description: client.description,
            user_id: client.owner.map(|id| id.to_string()),
            scope: client.scope.to_string(),
            audiences: client.audiences,
            default_audience: client.default_audience,
            lifetime: client.lifetime,
            allowed_networks: client.allowed_networks.to_string(),
            created_at: client.created_at,
            expires_at: client.expires_at,
            provisions_users: client.provisions_users,
            disabled: client.disabled.is_some(),
        }
    }
}
