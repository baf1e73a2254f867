//! What is done with an access key and with a service client alike; which of both a path means is
//! its [`Place`].

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Deserialize;

use super::client_body::{body, one};
use super::client_input::on_the_wire;
use super::query::ListQuery;
use super::{ApiCall, ApiError, no_content, ok};
use crate::domain::clients::{self, ClientUpdate, NewClient, OVERLAP, Rotation, only_if};
use crate::domain::{Act, AnyConnection, Authority, DomainError, Reading};
use crate::http::etag;
use crate::model::client::Client;
use crate::model::ids::{ClientId, UserId, UserListId};
use crate::model::page::Page;

/// Among which clients a path looks.
#[derive(Clone, Copy)]
pub enum Place {
    /// The access keys of this user of this list.
    Key(UserListId, UserId),
    Service,
}

impl Place {
    fn find(
        self,
        c: &mut AnyConnection,
        authority: &Authority,
        id: &ClientId,
    ) -> Result<Client, DomainError> {
        match self {
            Place::Key(list, user) => clients::find_key(c, authority, (list, user), id),
            Place::Service => clients::find_service(c, authority, id),
        }
    }

    /// What a client's name is called here.
    fn name(self) -> &'static str {
        match self {
            Place::Key(..) => "description",
            Place::Service => "name",
        }
    }
}

/// How long the older secret lives on; a day unless it says something else.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RotateBody {
    old_ends_in: Option<i64>,
}

/// Does `work` to the client that the path means, if it is as `If-Match` says.
async fn change<T: Send + 'static>(
    call: &ApiCall,
    place: Place,
    work: impl FnOnce(&mut AnyConnection, &Act, &ClientId) -> Result<T, DomainError> + Send + 'static,
) -> Result<T, ApiError> {
    let id = call.client_id();
    let versions = etag::expected(&call.http).map_err(|e| ApiError::invalid("If-Match", e))?;
    let done = call.write(move |c, act, _| {
        let authority = &act.authority;
        place.find(c, authority, &id)?;
        let done = only_if(c, authority, &id, act.now, versions.as_deref(), |c| {
            work(c, act, &id)
        });
        done.map_err(|e| on_the_wire(e, place.name()))
    });
    done.await
}

pub async fn list(call: &ApiCall, place: Place) -> Result<HttpResponse, ApiError> {
    let query = ListQuery::read(&call.http)?;
    let (search, window, now) = (query.text("search"), query.window, call.now);
    let reading = Reading::list(search.as_deref());
    let found = call.read_as(reading, move |c, authority| {
        let (found, total) = match place {
            Place::Key(list, user) => {
                clients::list_keys(c, authority, (list, user), search, window)?
            }
            Place::Service => clients::list_services(c, authority, search, window)?,
        };
        Ok((clients::details(c, found, now)?, total))
    });
    let (found, total) = found.await?;
    let bodies: Vec<_> = found.iter().map(|of| body(of, None, now)).collect();
    Ok(match query.as_page {
        true => ok(&Page::new(bodies, window, total)),
        false => ok(&bodies),
    })
}

/// Makes what `new` says.
pub async fn create(
    call: &ApiCall,
    place: Place,
    new: impl FnOnce(&mut AnyConnection, &Act) -> Result<NewClient, DomainError> + Send + 'static,
) -> Result<HttpResponse, ApiError> {
    let made = call.write(move |c, act, app| {
        let new = new(c, act)?;
        let made = clients::create(c, act, &app.digest_keys, new);
        let (client, secret) = made.map_err(|e| on_the_wire(e, place.name()))?;
        Ok((clients::one(c, client, act.now)?, secret))
    });
    let (made, secret) = made.await?;
    Ok(one(StatusCode::CREATED, &made, Some(&secret), call.now))
}

pub async fn find(call: &ApiCall, place: Place) -> Result<HttpResponse, ApiError> {
    let (id, now) = (call.client_id(), call.now);
    let found = call.read(move |c, authority| {
        let found = place.find(c, authority, &id)?;
        clients::one(c, found, now)
    });
    Ok(one(StatusCode::OK, &found.await?, None, call.now))
}

/// Changes what `update` names, and switches the client off or on.
pub async fn update(
    call: &ApiCall,
    place: Place,
    update: ClientUpdate,
    disabled: Option<bool>,
) -> Result<HttpResponse, ApiError> {
    let changed = change(call, place, move |c, act, id| {
        let updated = clients::update(c, act, id, update)?;
        let client = match disabled {
            None => updated,
            Some(true) => clients::disable(c, act, id)?,
            Some(false) => clients::enable(c, act, id)?,
        };
        clients::one(c, client, act.now)
    });
    Ok(one(StatusCode::OK, &changed.await?, None, call.now))
}

pub async fn delete(call: &ApiCall, place: Place) -> Result<HttpResponse, ApiError> {
    change(call, place, clients::delete).await?;
    Ok(no_content())
}

pub async fn rotate(mut call: ApiCall, place: Place) -> Result<HttpResponse, ApiError> {
    let body: RotateBody = call.body().await?;
    let old_ends_in = body.old_ends_in.unwrap_or(OVERLAP);
    let keys = call.app.digest_keys.clone();
    let rotated = change(&call, place, move |c, act, id| {
        let (client, secret) = clients::rotate(c, act, &keys, id, Rotation::of(old_ends_in))?;
        Ok((clients::one(c, client, act.now)?, secret))
    });
    let (rotated, secret) = rotated.await?;
    Ok(one(StatusCode::OK, &rotated, Some(&secret), call.now))
}

pub async fn cut_off(call: &ApiCall, place: Place) -> Result<HttpResponse, ApiError> {
    let done = change(call, place, |c, act, id| {
        let client = clients::cut_off(c, act, id)?;
        clients::one(c, client, act.now)
    });
    Ok(one(StatusCode::OK, &done.await?, None, call.now))
}

pub async fn remove_secret(call: &ApiCall, place: Place) -> Result<HttpResponse, ApiError> {
    let secret = call.http.match_info().query("secret").to_owned();
    change(call, place, move |c, act, id| {
        clients::remove_secret(c, act, id, &secret)
    })
    .await?;
    Ok(no_content())
}
