//! An application on the wire.

use serde::Serialize;

use crate::model::application::Application;
use crate::model::application_scope::ApplicationScope;
use crate::model::ids::{ApplicationId, UserListId};
use crate::model::timestamp::Timestamp;

/// An application as console clients know one: its keys in the console's order, then ours.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Body {
    display_name: String,
    user_lists: Vec<UserListId>,
    current_task: Option<()>,
    description: String,
    project: Project,
    endpoint: Option<()>,
    source: Source,
    error: Option<()>,
    uri: String,
    space_id: Option<String>,
    date_created: Timestamp,
    technology_version: String,
    name: String,
    default_user_list: Option<UserListId>,
    development_mode: bool,
    debugging: bool,
    autostarting_scheduled_jobs: bool,
    id: ApplicationId,
    autostarting_esb: bool,
    status: &'static str,
    dbms_type: &'static str,
    scopes: Vec<ApplicationScope>,
}

#[derive(Serialize)]
struct Project {
    id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Source {
    project_version_id: Option<String>,
    project_name: &'static str,
    r#type: String,
    image_id: Option<String>,
    project_version: &'static str,
}

impl From<Application> for Body {
    fn from(a: Application) -> Self {
        // Console clients count on an id. What was registered on the pages comes from no project, and
        // is taken for one of its own.
        let project = a.source.image_id.clone();
        let project = project.or_else(|| a.source.project_version_id.clone());
        let project = project.unwrap_or_else(|| a.id.to_string());
        Self {
            display_name: a.display_name,
            user_lists: a.user_lists,
            current_task: None,
            description: a.description,
            project: Project { id: project },
            endpoint: None,
            source: Source {
                project_version_id: a.source.project_version_id,
                project_name: "",
                r#type: a.source.kind,
                image_id: a.source.image_id,
                project_version: "",
            },
            error: None,
            uri: a.uri,
            space_id: a.space_id,
            date_created: a.created_at,
            technology_version: a.technology_version,
            name: a.name,
            default_user_list: a.default_user_list,
            development_mode: a.development_mode,
            debugging: a.development_mode,
            autostarting_scheduled_jobs: a.autostarting_scheduled_jobs,
            id: a.id,
            autostarting_esb: a.autostarting_esb,
            status: a.status.as_str(),
            dbms_type: a.dbms_type.as_str(),
            scopes: a.scopes,
        }
    }
}
