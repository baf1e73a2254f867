//! Access keys and service clients as they are answered: the console's keys first, then ours.

use std::net::IpAddr;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG};
use serde::Serialize;

use crate::domain::clients::{ClientDetails, SecretDetails};
use crate::model::client::Client;
use crate::model::ids::{ApplicationId, ClientId};
use crate::model::secret::Secret;
use crate::model::timestamp::Timestamp;

/// An access key: `access-token`, as the console calls it.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct AccessToken<'a> {
    client_id: &'a ClientId,
    /// Only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    /// Its name.
    description: &'a str,
    #[serde(flatten)]
    may: May<'a>,
    #[serde(flatten)]
    rest: Rest<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ServiceClient<'a> {
    client_id: &'a ClientId,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    name: &'a str,
    description: &'a str,
    #[serde(flatten)]
    may: May<'a>,
    audiences: &'a [String],
    default_audience: Option<&'a str>,
    token_lifetime: i64,
    #[serde(flatten)]
    rest: Rest<'a>,
}

/// What a client may do.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct May<'a> {
    scopes: Vec<&'static str>,
    application_scopes: Vec<ApplicationScopes<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ApplicationScopes<'a> {
    application_id: ApplicationId,
    scopes: &'a [String],
}

/// What else there is to say of a client.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Rest<'a> {
    expires_at: Option<Timestamp>,
    allowed_networks: Vec<String>,
    /// Given and taken by people only: read here.
    provisions_users: bool,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    disabled: bool,
    disabled_by: Option<&'static str>,
    expired: bool,
    secrets: Vec<KnownSecret<'a>>,
}

/// What may be told of a secret.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct KnownSecret<'a> {
    id: &'a str,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    last_used_from: Option<IpAddr>,
}

fn may(client: &Client) -> May<'_> {
    let granted = client.application_scopes.iter();
    May {
        scopes: client.scope.iter().map(|scope| scope.as_str()).collect(),
        application_scopes: granted
            .map(|(application_id, scopes)| ApplicationScopes {
                application_id,
                scopes,
            })
            .collect(),
    }
}

fn rest(of: &ClientDetails, now: Timestamp) -> Rest<'_> {
    let client = &of.client;
    Rest {
        expires_at: client.expires_at,
        allowed_networks: client
            .allowed_networks
            .iter()
            .map(ToString::to_string)
            .collect(),
        provisions_users: client.provisions_users,
        created_at: client.created_at,
        last_used_at: of.last_used.map(|last| last.at),
        disabled: client.disabled.is_some(),
        disabled_by: client.disabled.map(|disabled| disabled.by.as_str()),
        expired: client.expires_at.is_some_and(|at| at <= now),
        secrets: of.secrets.iter().map(known_secret).collect(),
    }
}

fn known_secret(secret: &SecretDetails) -> KnownSecret<'_> {
    KnownSecret {
        id: &secret.id,
        created_at: secret.created_at,
        expires_at: secret.expires_at,
        last_used_at: secret.last_used.map(|last| last.at),
        last_used_from: secret.last_used.map(|last| last.from),
    }
}

/// An access key, or a service client.
pub fn body<'a>(
    of: &'a ClientDetails,
    secret: Option<&'a Secret>,
    now: Timestamp,
) -> impl Serialize + 'a {
    let client = &of.client;
    let client_secret = secret.map(Secret::expose);
    match client.owner {
        Some(_) => Either::AccessToken(AccessToken {
            client_id: &client.id,
            client_secret,
            description: &client.name,
            may: may(client),
            rest: rest(of, now),
        }),
        None => Either::ServiceClient(ServiceClient {
            client_id: &client.id,
            client_secret,
            name: &client.name,
            description: &client.description,
            may: may(client),
            audiences: &client.audiences,
            default_audience: client.default_audience.as_deref(),
            token_lifetime: client.lifetime,
            rest: rest(of, now),
        }),
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Either<'a> {
    AccessToken(AccessToken<'a>),
    ServiceClient(ServiceClient<'a>),
}

/// One client, with the tag that names its state; nobody may keep it.
pub fn one(
    status: StatusCode,
    of: &ClientDetails,
    secret: Option<&Secret>,
    now: Timestamp,
) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((ETAG, format!("\"{}\"", of.version())))
        .json(body(of, secret, now))
}
