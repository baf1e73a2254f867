//! `/console/api/v2/applications`: the registry of applications.

use actix_web::HttpResponse;
use serde::Deserialize;

use super::application_body::Body;
use super::application_changes::there;
use super::query::ListQuery;
use super::{ApiCall, ApiError, ok};
use crate::domain::Reading;
use crate::domain::applications::{self, NewApplication};
use crate::model::application::{ApplicationSource, DbmsType};
use crate::model::ids::{ApplicationId, UserListId};
use crate::model::object::Object;
use crate::model::page::Page;
use crate::model::text::check_text;

/// The console's create body. What it does not name is refused.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct CreateBody {
    source: Object<CreateSource>,
    display_name: String,
    publication_context: String,
    /// Chosen instead of the one that comes from the name.
    #[serde(default, deserialize_with = "there")]
    uri: Option<String>,
    development_mode: bool,
    #[serde(default)]
    technology_version: String,
    default_user_list: Option<String>,
    #[serde(default)]
    user_lists: Vec<String>,
    space_id: Option<String>,
    /// Where the console would publish the application. Mintmark publishes none.
    domain_name: Option<String>,
    #[serde(default)]
    autostarting_scheduled_jobs: bool,
    #[serde(default)]
    autostarting_esb: bool,
    default_time_zone: Option<String>,
    default_locale: Option<String>,
    dbms_type: Option<String>,
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct CreateSource {
    r#type: String,
    project_version_id: Option<String>,
    image_id: Option<String>,
}

impl CreateBody {
    fn into_new(self) -> Result<NewApplication, ApiError> {
        let list =
            |text: &String| UserListId::parse(text).ok_or_else(|| ApiError::not_a_uuid(text));
        check_text(self.domain_name.as_deref().unwrap_or_default(), 253)
            .map_err(|e| ApiError::invalid("domain-name", e))?;
        let dbms_type = match &self.dbms_type {
            None => DbmsType::File,
            Some(text) => DbmsType::parse(text)
                .ok_or_else(|| ApiError::invalid("dbms-type", "is File, Postgres or MSSQL"))?,
        };
        Ok(NewApplication {
            source: self.source.0.read()?,
            name: self.publication_context,
            uri: self.uri,
            display_name: self.display_name,
            description: self.description,
            space_id: self.space_id.map(uuid_text).transpose()?,
            technology_version: self.technology_version,
            development_mode: self.development_mode,
            autostarting_scheduled_jobs: self.autostarting_scheduled_jobs,
            autostarting_esb: self.autostarting_esb,
            default_time_zone: self.default_time_zone,
            default_locale: self.default_locale,
            dbms_type,
            default_user_list: self.default_user_list.as_ref().map(list).transpose()?,
            user_lists: self.user_lists.iter().map(list).collect::<Result<_, _>>()?,
        })
    }
}

impl CreateSource {
    fn read(self) -> Result<ApplicationSource, ApiError> {
        if self.r#type != "repository" {
            return Err(ApiError::invalid("source.type", "is repository"));
        }
        let project_version_id = self.project_version_id.map(uuid_text).transpose()?;
        let image_id = self.image_id.map(uuid_text).transpose()?;
        let kind = match (&project_version_id, &image_id) {
            (_, Some(_)) => "image",
            (Some(_), None) => "repository",
            (None, None) => {
                let why = "needs project-version-id or image-id";
                return Err(ApiError::invalid("source", why));
            }
        };
        Ok(ApplicationSource {
            kind: kind.to_owned(),
            project_version_id,
            image_id,
        })
    }
}

/// An id of the console's builder, which is only kept: it must be a UUID, written in lower case.
fn uuid_text(text: String) -> Result<String, ApiError> {
    let id = ApplicationId::parse(&text).ok_or_else(|| ApiError::not_a_uuid(&text))?;
    Ok(id.to_string())
}

pub async fn list(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let query = ListQuery::read(&call.http)?;
    let deleted = query.flag("deleted")?;
    let (search, window) = (query.text("search"), query.window);
    let reading = Reading::list(search.as_deref());
    let found = call.read_as(reading, move |c, authority| {
        applications::list(c, authority, deleted, search, window)
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
    let new = body.into_new()?;
    let created = call.write(move |c, act, app| applications::create(c, act, &app.public_url, new));
    Ok(ok(&Body::from(created.await?)))
}

pub async fn find(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let found = call.read(move |c, authority| applications::find(c, authority, id));
    Ok(ok(&Body::from(found.await?)))
}

pub async fn delete(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("id", ApplicationId::parse)?;
    let deleted = call.write(move |c, act, _| applications::delete(c, act, id));
    Ok(ok(&Body::from(deleted.await?)))
}
