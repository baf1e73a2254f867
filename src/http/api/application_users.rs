//! `/applications/{id}/users`: the users who are connected to an application, and their access.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};

use super::query::ListQuery;
use super::{ApiCall, ApiError, created, no_content, ok};
use crate::domain::Reading;
use crate::domain::application_users::{self, NewConnection};
use crate::model::application::ConnectedUser;
use crate::model::ids::{ApplicationId, UserId, UserListId};
use crate::model::page::Page;

/// A connected user as console clients know one.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Body {
    user_list_id: UserListId,
    user_id: UserId,
    presentation: String,
    is_admin: bool,
    token_access_enabled: bool,
}

impl From<ConnectedUser> for Body {
    fn from(user: ConnectedUser) -> Self {
        Self {
            user_list_id: user.user_list_id,
            user_id: user.user_id,
            presentation: user.presentation,
            is_admin: user.is_admin,
            token_access_enabled: user.token_access,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ConnectBody {
    user_list_id: String,
    user_id: String,
    presentation: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct TokenAccessBody {
    user_list_id: String,
    user_id: String,
    enable_access: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct UpdateBody {
    is_admin: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct CanConnect {
    can_connect: bool,
}

impl ConnectBody {
    fn read(self) -> Result<NewConnection, ApiError> {
        let (user_list, user) = who(&self.user_list_id, &self.user_id)?;
        Ok(NewConnection {
            user_list,
            user,
            presentation: self.presentation,
        })
    }
}

/// A list and a user as a body names them.
fn who(list: &str, user: &str) -> Result<(UserListId, UserId), ApiError> {
    let list = UserListId::parse(list).ok_or_else(|| ApiError::not_a_uuid(list))?;
    let user = UserId::parse(user).ok_or_else(|| ApiError::not_a_uuid(user))?;
    Ok((list, user))
}

/// A list and a user as a path names them.
fn who_in_path(call: &ApiCall) -> Result<(UserListId, UserId), ApiError> {
    let list = call.id("list", UserListId::parse)?;
    Ok((list, call.id("user", UserId::parse)?))
}

pub async fn list(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let query = ListQuery::read(&call.http)?;
    let (search, window) = (query.text("search"), query.window);
    let reading = Reading::list(search.as_deref());
    let found = call.read_as(reading, move |c, authority| {
        application_users::list(c, authority, id, search, window)
    });
    let (found, total) = found.await?;
    let bodies: Vec<Body> = found.into_iter().map(Body::from).collect();
    Ok(match query.as_page {
        true => ok(&Page::new(bodies, window, total)),
        false => ok(&bodies),
    })
}

pub async fn connect(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let body: ConnectBody = call.body().await?;
    let new = body.read()?;
    let connected = call.write(move |c, act, _| application_users::connect(c, act, id, new));
    Ok(created(&Body::from(connected.await?)))
}

pub async fn can_connect(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let body: ConnectBody = call.body().await?;
    let new = body.read()?;
    let can = call.read(move |c, authority| application_users::can_connect(c, authority, id, &new));
    let can_connect = can.await?;
    Ok(ok(&CanConnect { can_connect }))
}

pub async fn change_token_access(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let body: TokenAccessBody = call.body().await?;
    let who = who(&body.user_list_id, &body.user_id)?;
    let enable = body.enable_access;
    let changed = call
        .write(move |c, act, _| application_users::change_token_access(c, act, id, who, enable));
    Ok(ok(&Body::from(changed.await?)))
}

pub async fn update(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let who = who_in_path(&call)?;
    let body: UpdateBody = call.body().await?;
    let is_admin = body.is_admin;
    let updated =
        call.write(move |c, act, _| application_users::set_admin(c, act, id, who, is_admin));
    Ok(ok(&Body::from(updated.await?)))
}

pub async fn disconnect(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let who = who_in_path(&call)?;
    let done = call.write(move |c, act, _| application_users::disconnect(c, act, id, who));
    done.await?;
    Ok(no_content())
}
