//! `/applications/{id}/userlists`: the user lists that an application is connected to.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};

use super::{ApiCall, ApiError, ok};
use crate::domain::{application_user_lists, applications};
use crate::model::ids::{ApplicationId, UserListId};

/// The lists of a request.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ReadLists {
    user_lists: Vec<String>,
}

/// The lists of an answer.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Lists {
    user_lists: Vec<UserListId>,
}

impl ReadLists {
    fn ids(&self) -> Result<Vec<UserListId>, ApiError> {
        let id = |text: &String| UserListId::parse(text).ok_or_else(|| ApiError::not_a_uuid(text));
        self.user_lists.iter().map(id).collect()
    }
}

pub async fn list(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let found = call.read(move |c, authority| applications::find(c, authority, id));
    Ok(lists(found.await?.user_lists))
}

pub async fn connect(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let body: ReadLists = call.body().await?;
    let wanted = body.ids()?;
    let connected =
        call.write(move |c, act, _| application_user_lists::connect(c, act, id, wanted));
    Ok(lists(connected.await?))
}

pub async fn disconnect(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let body: ReadLists = call.body().await?;
    let wanted = body.ids()?;
    let disconnected =
        call.write(move |c, act, _| application_user_lists::disconnect(c, act, id, wanted));
    Ok(lists(disconnected.await?))
}

pub async fn disconnect_one(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let list = call.id("list", UserListId::parse)?;
    let disconnected =
        call.write(move |c, act, _| application_user_lists::disconnect_one(c, act, id, list));
    Ok(lists(disconnected.await?))
}

fn lists(user_lists: Vec<UserListId>) -> HttpResponse {
    ok(&Lists { user_lists })
}
