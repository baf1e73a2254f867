//! Applications in the administration: registered, shown, changed, connected, deleted.

pub mod change;
pub mod connect;
pub mod create;
pub mod end;
pub mod list;
pub mod scopes;
pub mod show;
pub mod users;

use maud::{Markup, html};

use crate::domain::{DomainError, Obstacle, Taken, applications};
use crate::http::pages::text::{Applications, Text};
use crate::http::pages::{PageCall, PageError};
use crate::model::application::Application;
use crate::model::application_status::ApplicationStatus;
use crate::model::ids::ApplicationId;

/// Where the list is.
const HERE: &str = "/console/admin/applications";

/// Where one application is, or what is done with it.
fn path(id: ApplicationId, act: &str) -> String {
    let slash = if act.is_empty() { "" } else { "/" };
    format!("{HERE}/{id}{slash}{act}")
}

/// The application that the path means, deleted or not.
async fn find(call: &PageCall) -> Result<Application, PageError> {
    let id = call.id("id", ApplicationId::parse)?;
    call.read(move |c, authority| applications::find(c, authority, id))
        .await
}

/// What an application is doing, as its operator says.
fn status(text: &Text, application: &Application) -> Markup {
    let class = match application.status {
        _ if application.deleted_at.is_some() => "badge bad",
        ApplicationStatus::Running => "badge good",
        _ => "badge warn",
    };
    let says = &text.applications;
    let word = match application.deleted_at {
        Some(_) => (says.status_of)(ApplicationStatus::Deleted),
        None => (says.status_of)(application.status),
    };
    html! { span class=(class) { (word) } }
}

/// Stands for the field whose value another application has, or had.
const TAKEN: &str = "taken";
/// Stands for a uri that another application has, or had.
const URI_TAKEN: &str = "uri-taken";
/// Stands for a uri that the application gave up a moment ago.
const URI_GIVEN_UP: &str = "uri-given-up";

/// Tells the field whose value is refused, so that it can be mended, from what no form can mend.
fn refused<T>(done: Result<T, DomainError>) -> Result<Result<T, &'static str>, DomainError> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(DomainError::Invalid { field, .. }) => Ok(Err(field)),
        Err(DomainError::AlreadyExists(Taken::ApplicationUri | Taken::ApplicationUriAlike)) => {
            Ok(Err(URI_TAKEN))
        }
        Err(DomainError::AlreadyExists(_)) => Ok(Err(TAKEN)),
        Err(DomainError::FailedPrecondition(Obstacle::UriGivenUp)) => Ok(Err(URI_GIVEN_UP)),
        Err(other) => Err(other),
    }
}

/// What is wrong with a value that an act does not take, as the page says it.
fn wrong(says: &Applications, field: &str) -> &'static str {
    match field {
        "publication-context" => says.name_wrong,
        "display-name" => says.display_name_wrong,
        "description" => says.description_wrong,
        "uri" => says.uri_wrong,
        "user-lists" => says.list_wrong,
        _ => says.cannot,
    }
}
