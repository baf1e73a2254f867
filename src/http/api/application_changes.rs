//! `PATCH /applications/{id}`, and the status that an application's operator sets.

use actix_web::HttpResponse;
use serde::{Deserialize, Deserializer, Serialize};

use super::application_body::Body;
use super::{ApiCall, ApiError, ok};
use crate::domain::application_changes::{self, ApplicationUpdate};
use crate::domain::application_uris::Follower;
use crate::domain::applications;
use crate::model::application_scope::ApplicationScope;
use crate::model::application_status::{ApplicationStatus, StatusAct};
use crate::model::ids::{ApplicationId, ClientId};
use crate::model::object::Object;

/// What can be changed; a member that is absent stays as it is, and none can be null.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct UpdateBody {
    #[serde(default, deserialize_with = "there")]
    display_name: Option<String>,
    #[serde(default, deserialize_with = "there")]
    description: Option<String>,
    #[serde(default, deserialize_with = "there")]
    uri: Option<String>,
    #[serde(default, deserialize_with = "there")]
    scopes: Option<Vec<Object<ApplicationScope>>>,
    /// Clients that are to name the new uri instead of the one before.
    #[serde(default, deserialize_with = "there")]
    move_clients: Option<Vec<String>>,
}

/// The application, and after a change of its uri the clients that named the one before.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct UpdatedBody {
    #[serde(flatten)]
    application: Body,
    #[serde(skip_serializing_if = "Option::is_none")]
    former_uri_clients: Option<Vec<FollowerBody>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct FollowerBody {
    client_id: ClientId,
    name: String,
    moved: bool,
}

pub(super) fn there<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct StatusBody {
    status: &'static str,
    current_task: Option<()>,
}

pub async fn update(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let body: UpdateBody = call.body().await?;
    let scopes = body.scopes;
    let update = ApplicationUpdate {
        display_name: body.display_name,
        description: body.description,
        uri: body.uri,
        scopes: scopes.map(|scopes| scopes.into_iter().map(|Object(scope)| scope).collect()),
        move_clients: body
            .move_clients
            .unwrap_or_default()
            .iter()
            // What cannot be an id is nobody's.
            .map(|id| ClientId::parse(id).unwrap_or_else(|_| ClientId::nobody()))
            .collect(),
    };
    let updated = call
        .write(move |c, act, app| application_changes::update(c, act, &app.public_url, id, update));
    let updated = updated.await?;
    let follower = |of: Follower| FollowerBody {
        client_id: of.id,
        name: of.name,
        moved: of.moved,
    };
    Ok(ok(&UpdatedBody {
        application: Body::from(updated.application),
        former_uri_clients: updated
            .followers
            .map(|all| all.into_iter().map(follower).collect()),
    }))
}

pub async fn find_status(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let found = call.read(move |c, authority| applications::find(c, authority, id));
    Ok(status(found.await?.status))
}

pub async fn start(call: ApiCall) -> Result<HttpResponse, ApiError> {
    set_status(call, StatusAct::Start).await
}

pub async fn stop(call: ApiCall) -> Result<HttpResponse, ApiError> {
    set_status(call, StatusAct::Stop).await
}

pub async fn suspend(call: ApiCall) -> Result<HttpResponse, ApiError> {
    set_status(call, StatusAct::Suspend).await
}

pub async fn restore(call: ApiCall) -> Result<HttpResponse, ApiError> {
    set_status(call, StatusAct::Restore).await
}

async fn set_status(call: ApiCall, status_act: StatusAct) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let set = call.write(move |c, act, _| application_changes::set_status(c, act, id, status_act));
    Ok(status(set.await?))
}

fn status(status: ApplicationStatus) -> HttpResponse {
    ok(&StatusBody {
        status: status.as_str(),
        current_task: None,
    })
}
