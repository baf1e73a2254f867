//! `/console/api/v2/user-lists/{list}/users/{user}/access-tokens`: a user's access keys.

use actix_web::HttpResponse;
use serde::Deserialize;

use super::client_acts::{self as acts, Place};
use super::client_input::{ApplicationScopes, Limits, present};
use super::{ApiCall, ApiError};
use crate::domain::clients::{self, ClientUpdate, NewClient};
use crate::model::ids::{UserId, UserListId};
use crate::model::object::Object;

/// The console's create body, with our additions.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct CreateBody {
    description: String,
    #[serde(default, deserialize_with = "present")]
    scopes: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    application_scopes: Option<Vec<Object<ApplicationScopes>>>,
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
    description: Option<String>,
    #[serde(default, deserialize_with = "present")]
    scopes: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    application_scopes: Option<Vec<Object<ApplicationScopes>>>,
    #[serde(default, deserialize_with = "present")]
    expires_at: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    allowed_networks: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    disabled: Option<bool>,
}

fn place(call: &ApiCall) -> Result<Place, ApiError> {
    let list = call.id("list", UserListId::parse)?;
    let user = call.id("user", UserId::parse)?;
    Ok(Place::Key(list, user))
}

pub async fn list(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let place = place(&call)?;
    acts::list(&call, place).await
}

pub async fn create(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let list = call.id("list", UserListId::parse)?;
    let user = call.id("user", UserId::parse)?;
    let body: CreateBody = call.body().await?;
    let limits = Limits::read(
        body.scopes,
        body.application_scopes,
        body.expires_at,
        body.allowed_networks,
    )?;
    let make = acts::create(&call, Place::Key(list, user), move |c, act| {
        let owner = clients::find_owner(c, &act.authority, (list, user))?;
        let inherited = clients::inherited_scope(&act.authority, &owner);
        Ok(NewClient {
            owner: Some(owner.id),
            name: body.description,
            description: String::new(),
            scope: limits.scope.unwrap_or(inherited),
            application_scopes: limits.application_scopes.unwrap_or_default(),
            audiences: Vec::new(),
            default_audience: None,
            lifetime: clients::inherited_lifetime(&act.authority),
            allowed_networks: limits.allowed_networks.unwrap_or_default(),
            expires_at: limits.expires_at.flatten(),
            provisions_users: false,
        })
    });
    make.await
}

pub async fn find(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let place = place(&call)?;
    acts::find(&call, place).await
}

pub async fn update(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let place = place(&call)?;
    let body: UpdateBody = call.body().await?;
    let limits = Limits::read(
        body.scopes,
        body.application_scopes,
        body.expires_at,
        body.allowed_networks,
    )?;
    let update = ClientUpdate {
        name: body.description,
        scope: limits.scope,
        application_scopes: limits.application_scopes,
        allowed_networks: limits.allowed_networks,
        expires_at: limits.expires_at,
        ..ClientUpdate::default()
    };
    acts::update(&call, place, update, body.disabled).await
}

pub async fn delete(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let place = place(&call)?;
    acts::delete(&call, place).await
}

pub async fn rotate(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let place = place(&call)?;
    acts::rotate(call, place).await
}

pub async fn cut_off(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let place = place(&call)?;
    acts::cut_off(&call, place).await
}

pub async fn remove_secret(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let place = place(&call)?;
    acts::remove_secret(&call, place).await
}
