//! `/console/api/v2/clients`: service clients, for administrators.

use actix_web::HttpResponse;
use serde::Deserialize;

use super::client_acts::{self as acts, Place};
use super::client_input::{ApplicationScopes, Limits, present};
use super::{ApiCall, ApiError};
use crate::domain::clients::{self, ClientUpdate, NewClient};
use crate::model::object::Object;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct CreateBody {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default, deserialize_with = "present")]
    scopes: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    application_scopes: Option<Vec<Object<ApplicationScopes>>>,
    #[serde(default)]
    audiences: Vec<String>,
    #[serde(default, deserialize_with = "present")]
    default_audience: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    token_lifetime: Option<i64>,
    #[serde(default, deserialize_with = "present")]
    expires_at: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    allowed_networks: Option<Vec<String>>,
}

/// What is absent stays as it is.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct UpdateBody {
    #[serde(default, deserialize_with = "present")]
    name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    description: Option<String>,
    #[serde(default, deserialize_with = "present")]
    scopes: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    application_scopes: Option<Vec<Object<ApplicationScopes>>>,
    #[serde(default, deserialize_with = "present")]
    audiences: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    default_audience: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    token_lifetime: Option<i64>,
    #[serde(default, deserialize_with = "present")]
    expires_at: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    allowed_networks: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    disabled: Option<bool>,
}

pub async fn list(call: ApiCall) -> Result<HttpResponse, ApiError> {
    acts::list(&call, Place::Service).await
}

pub async fn create(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let body: CreateBody = call.body().await?;
    let limits = Limits::read(
        body.scopes,
        body.application_scopes,
        body.expires_at,
        body.allowed_networks,
    )?;
    let make = acts::create(&call, Place::Service, move |_, act| {
        let inherited = clients::inherited_lifetime(&act.authority);
        Ok(NewClient {
            owner: None,
            name: body.name,
            description: body.description,
            scope: limits.scope.unwrap_or_default(),
            application_scopes: limits.application_scopes.unwrap_or_default(),
            audiences: body.audiences,
            default_audience: body.default_audience,
            lifetime: body.token_lifetime.unwrap_or(inherited),
            allowed_networks: limits.allowed_networks.unwrap_or_default(),
            expires_at: limits.expires_at.flatten(),
            provisions_users: false,
        })
    });
    make.await
}

pub async fn find(call: ApiCall) -> Result<HttpResponse, ApiError> {
    acts::find(&call, Place::Service).await
}

pub async fn update(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let body: UpdateBody = call.body().await?;
    let limits = Limits::read(
        body.scopes,
        body.application_scopes,
        body.expires_at,
        body.allowed_networks,
    )?;
    let update = ClientUpdate {
        name: body.name,
        description: body.description,
        scope: limits.scope,
        application_scopes: limits.application_scopes,
        audiences: body.audiences,
        default_audience: body.default_audience,
        lifetime: body.token_lifetime,
        allowed_networks: limits.allowed_networks,
        expires_at: limits.expires_at,
        provisions_users: None,
    };
    acts::update(&call, Place::Service, update, body.disabled).await
}

pub async fn delete(call: ApiCall) -> Result<HttpResponse, ApiError> {
    acts::delete(&call, Place::Service).await
}

pub async fn rotate(call: ApiCall) -> Result<HttpResponse, ApiError> {
    acts::rotate(call, Place::Service).await
}

pub async fn cut_off(call: ApiCall) -> Result<HttpResponse, ApiError> {
    acts::cut_off(&call, Place::Service).await
}

pub async fn remove_secret(call: ApiCall) -> Result<HttpResponse, ApiError> {
    acts::remove_secret(&call, Place::Service).await
}
