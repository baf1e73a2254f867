//! `/console/api/v2/user-lists/{list}/users`: the people who sign in.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use serde::Deserialize;

use super::application_changes::there;
use super::query::ListQuery;
use super::user_body::Body;
use super::{ApiCall, ApiError, created, no_content, ok};
use crate::domain::user_changes::{self, UserUpdate};
use crate::domain::users::{self, NewUser, PasswordHash, UserDetails};
use crate::domain::{Act, AnyConnection, DomainError, Reading, password};
use crate::http::hashing::hashed;
use crate::model::ids::{UserId, UserListId};
use crate::model::page::Page;
use crate::model::scope::Role;
use crate::model::secret::Secret;

/// The console's create body, with our addition.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct CreateBody {
    presentation: Option<String>,
    login: String,
    temporary_password: Secret,
    phone: Option<String>,
    email: Option<String>,
    role: Option<String>,
}

/// What can be changed; a member that is absent stays as it is, and none can be null.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct UpdateBody {
    #[serde(default, deserialize_with = "there")]
    presentation: Option<String>,
    #[serde(default, deserialize_with = "there")]
    phone: Option<String>,
    #[serde(default, deserialize_with = "there")]
    email: Option<String>,
    #[serde(default, deserialize_with = "there")]
    role: Option<String>,
    #[serde(default, deserialize_with = "there")]
    is_active: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ResetBody {
    temporary_password: Secret,
}

/// A text that may be none, and is none when it is empty.
fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn role(text: &str) -> Result<Role, ApiError> {
    let role = Role::parse(text);
    role.ok_or_else(|| ApiError::invalid("role", "is administrator or member"))
}

fn in_path(call: &ApiCall) -> Result<(UserListId, UserId), ApiError> {
    let list = call.id("list", UserListId::parse)?;
    Ok((list, call.id("user", UserId::parse)?))
}

/// Hashes a password that is to be changed at the next sign-in, where that holds nobody up. A hash
/// takes its time, and a place that others wait for: so it is only begun where `check` finds that what
/// it is for would be done.
async fn hash(
    call: &ApiCall,
    password: Secret,
    login: &str,
    check: impl FnOnce(&mut AnyConnection, &Act) -> Result<(), DomainError> + Send + 'static,
) -> Result<PasswordHash, ApiError> {
    password::check(&password, login).map_err(on_the_wire)?;
    let now = call.now;
    let checked = call.read(move |c, authority| {
        let act = Act {
            authority: authority.clone(),
            now,
            request_id: None,
        };
        check(c, &act)
    });
    checked.await?;
    let hash = hashed(&call.app, &call.whom(), move || {
        password::hash(&password, true)
    })
    .await;
    let hash = hash.map_err(ApiError::unavailable)?;
    Ok(hash.map_err(on_the_wire)?)
}

/// The same error by the member's name.
fn on_the_wire(error: DomainError) -> DomainError {
    match error {
        DomainError::Invalid { reason, .. } => DomainError::invalid("temporary-password", reason),
        other => other,
    }
}

pub async fn list(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let list = call.id("list", UserListId::parse)?;
    let query = ListQuery::read(&call.http)?;
    let (search, window) = (query.text("search"), query.window);
    let reading = Reading::list(search.as_deref());
    let found = call.read_as(reading, move |c, authority| {
        let (found, total) = users::list(c, authority, list, search, window)?;
        Ok((users::details(c, authority, found)?, total))
    });
    let (found, total) = found.await?;
    let bodies: Vec<Body<'_>> = found.iter().map(body).collect();
    Ok(match query.as_page {
        true => ok(&Page::new(bodies, window, total)),
        false => ok(&bodies),
    })
}

pub async fn create(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let list = call.id("list", UserListId::parse)?;
    let body: CreateBody = call.body().await?;
    let new = NewUser {
        login: body.login,
        presentation: body.presentation,
        email: body.email.and_then(given),
        phone: body.phone.and_then(given),
        role: body.role.as_deref().map_or(Ok(Role::Member), role)?,
        user_list: Some(list),
    };
    let asked = new.clone();
    let check = move |c: &mut AnyConnection, act: &Act| users::check_can_create(c, act, asked);
    let hash = hash(&call, body.temporary_password, &new.login, check).await?;
    let made = call.write(move |c, act, _| users::create(c, act, new, &hash));
    let made = made.await?;
    Ok(created(&Body::new(&made, false, &[])))
}

pub async fn find(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let of = in_path(&call)?;
    let found = call.read(move |c, authority| users::find_details(c, authority, of));
    Ok(ok(&body(&found.await?)))
}

pub async fn update(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let of = in_path(&call)?;
    let body: UpdateBody = call.body().await?;
    let update = UserUpdate {
        presentation: body.presentation,
        phone: body.phone.map(given),
        email: body.email.map(given),
        role: body.role.as_deref().map(role).transpose()?,
        active: body.is_active,
    };
    let updated = call.write(move |c, act, _| user_changes::update(c, act, of, update));
    updated.await?;
    Ok(no_content())
}

pub async fn delete(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let of = in_path(&call)?;
    let deleted = call.write(move |c, act, _| {
        let user = users::find(c, &act.authority, of)?;
        users::delete(c, act, &user)
    });
    deleted.await?;
    Ok(no_content())
}

pub async fn reset_password(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let of = in_path(&call)?;
    let body: ResetBody = call.body().await?;
    let found = call.read(move |c, authority| users::find(c, authority, of));
    let user = found.await?;
    let login = user.login.clone();
    let check =
        move |c: &mut AnyConnection, act: &Act| users::check_can_set_password(c, act, &user);
    let hash = hash(&call, body.temporary_password, &login, check).await?;
    let reset = call.write(move |c, act, _| {
        let user = users::find(c, &act.authority, of)?;
        users::set_password(c, act, &user, &hash)
    });
    reset.await?;
    // Done, and nothing to say about it: 200, as console clients know it.
    let mut response = HttpResponse::Ok();
    Ok(response.insert_header((CACHE_CONTROL, "no-store")).finish())
}

fn body(of: &UserDetails) -> Body<'_> {
    Body::new(&of.user, of.second_factor, &of.keys)
}
