//! `/console/api/v2/spaces`: what applications and user lists are gathered in.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};

use super::query::ListQuery;
use super::{ApiCall, ApiError, ok};
use crate::domain::Reading;
use crate::domain::spaces::{self, NewSpace, SpaceDetails};
use crate::model::ids::{SpaceId, UserId};
use crate::model::page::Page;
use crate::model::timestamp::Timestamp;

/// A space as console clients know one.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Body {
    id: SpaceId,
    owner: Option<UserId>,
    name: String,
    date_created: Timestamp,
    applications_count: i64,
    projects_count: i64,
    user_lists_count: i64,
    applications_quota: Option<i64>,
    users_quota: Option<i64>,
    project_creation_allowed: bool,
}

impl From<SpaceDetails> for Body {
    fn from(of: SpaceDetails) -> Self {
        let space = of.space;
        Self {
            id: space.id,
            owner: space.owner,
            name: space.name,
            date_created: space.created_at,
            applications_count: of.applications,
            // Mintmark has none.
            projects_count: 0,
            user_lists_count: of.user_lists,
            applications_quota: space.applications_quota,
            users_quota: space.users_quota,
            project_creation_allowed: space.project_creation_allowed,
        }
    }
}

/// The console's create body. What it does not name is refused.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct CreateBody {
    name: String,
    applications_quota: Option<i64>,
    users_quota: Option<i64>,
    #[serde(default)]
    project_creation_allowed: bool,
}

pub async fn list(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let query = ListQuery::read(&call.http)?;
    let (search, window) = (query.text("search"), query.window);
    let reading = Reading::list(search.as_deref());
    let found = call.read_as(reading, move |c, authority| {
        spaces::list(c, authority, search, window)
    });
    let (found, total) = found.await?;
    let bodies: Vec<Body> = found.into_iter().map(Body::from).collect();
    Ok(match query.as_page {
        true => ok(&Page::new(bodies, window, total)),
        false => ok(&bodies),
    })
}

pub async fn create(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let body: CreateBody = call.body().await?;
    let new = NewSpace {
        name: body.name,
        applications_quota: body.applications_quota,
        users_quota: body.users_quota,
        project_creation_allowed: body.project_creation_allowed,
    };
    let made = call.write(move |c, act, _| spaces::create(c, act, new));
    Ok(ok(&Body::from(made.await?)))
}

pub async fn find(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", SpaceId::parse)?;
    let found = call.read(move |c, authority| spaces::find(c, authority, id));
    Ok(ok(&Body::from(found.await?)))
}
