//! Applications: registered, listed, read, deleted. Who may see which is decided in the query.

use serde_json::json;

use super::authority::Reach;
use super::{Act, Authority, DomainError};
use crate::ambient::random_uuid;
use crate::model::application::{
    Application, ApplicationSource, ApplicationStatus, DbmsType, is_application_name,
};
use crate::model::change::Change;
use crate::model::ids::{ApplicationId, UserListId};
use crate::model::page::{WHOLE_LIST, Window};
use crate::model::public_url::PublicUrl;
use crate::model::text::{check_name, check_text};
use crate::store::applications::Wanted;
use crate::store::{AnyConnection, applications, user_lists};

/// How many lists one application can be connected to in one request.
const LISTS: usize = 1000;

/// What a new application is to be: the console's create body.
#[derive(Clone, Debug)]
pub struct NewApplication {
    /// `publication-context`; becomes the name.
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub source: ApplicationSource,
    pub space_id: Option<String>,
    pub technology_version: String,
    pub development_mode: bool,
    pub autostarting_scheduled_jobs: bool,
    pub autostarting_esb: bool,
    pub default_time_zone: Option<String>,
    pub default_locale: Option<String>,
    pub dbms_type: DbmsType,
    pub default_user_list: Option<UserListId>,
    pub user_lists: Vec<UserListId>,
}

/// Whose applications may be seen: all of them (nothing), or those connected to one list.
fn visible_to(authority: &Authority) -> Option<UserListId> {
    match authority.reach {
        Reach::Everything => None,
        Reach::Own { user_list, .. } => Some(user_list),
    }
}

/// Registers an application.
pub fn create(
    c: &mut AnyConnection,
    act: &Act,
    public_url: &PublicUrl,
    new: NewApplication,
) -> Result<Application, DomainError> {
    check(&new)?;
    let uri = public_url.join(&format!("/applications/{}", new.name));
    if applications::was_ever_used(c, &new.name, &uri)? {
        return Err(DomainError::AlreadyExists(
            "an application has, or had, this publication context: a name is never used twice"
                .to_owned(),
        ));
    }
    let mut lists = Vec::new();
    for id in new.default_user_list.iter().chain(&new.user_lists) {
        if lists.contains(id) {
            continue;
        }
        if user_lists::find(c, *id)?.is_none() {
            return Err(DomainError::invalid("user-lists", "no such user list"));
        }
        lists.push(*id);
    }
    let application = Application {
        id: ApplicationId::new(random_uuid()),
        name: new.name,
        display_name: new.display_name,
        description: new.description,
        uri,
        status: ApplicationStatus::Running,
        source: new.source,
        space_id: new.space_id,
        technology_version: new.technology_version,
        development_mode: new.development_mode,
        autostarting_scheduled_jobs: new.autostarting_scheduled_jobs,
        autostarting_esb: new.autostarting_esb,
        default_time_zone: new.default_time_zone,
        default_locale: new.default_locale,
        dbms_type: new.dbms_type,
        default_user_list: new.default_user_list,
        user_lists: lists,
        created_at: act.now,
        deleted_at: None,
    };
    applications::create(c, &application)?;
    record(c, act, &application, "application.created")?;
    Ok(application)
}

/// One application, deleted or not.
pub fn find(
    c: &mut AnyConnection,
    authority: &Authority,
    id: ApplicationId,
) -> Result<Application, DomainError> {
    applications::find(c, id, visible_to(authority))?.ok_or(DomainError::NotFound("application"))
}

/// Part of the applications that may be seen, and how many there are.
pub fn list(
    c: &mut AnyConnection,
    authority: &Authority,
    deleted: bool,
    window: Window,
) -> Result<(Vec<Application>, i64), DomainError> {
    let wanted = Wanted {
        user_list: visible_to(authority),
        deleted,
    };
    let found = applications::list(c, wanted, window)?;
    if window == Window::Whole {
        let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
        if total > WHOLE_LIST {
            let reason = format!("the list has more than {WHOLE_LIST} entries: ask for a page");
            return Err(DomainError::OutOfRange {
                field: "page",
                reason,
            });
        }
        return Ok((found, total));
    }
    Ok((found, applications::count(c, wanted)?))
}

/// Deletes an application: it is no audience any more, and its name and uri stay taken.
pub fn delete(
    c: &mut AnyConnection,
    act: &Act,
    id: ApplicationId,
) -> Result<Application, DomainError> {
    let application = find(c, &act.authority, id)?;
    if application.deleted_at.is_some() {
        let reason = "the application is deleted already".to_owned();
        return Err(DomainError::FailedPrecondition(reason));
    }
    applications::delete(c, id, act.now)?;
    record(c, act, &application, "application.deleted")?;
    find(c, &act.authority, id)
}

fn check(new: &NewApplication) -> Result<(), DomainError> {
    if !is_application_name(&new.name) {
        let reason =
            "has 1 to 100 of the characters A-Z a-z 0-9 - _ . and begins with a letter or digit";
        return Err(DomainError::invalid("publication-context", reason));
    }
    check_name(&new.display_name, 100).map_err(|e| DomainError::invalid("display-name", e))?;
    check_text(&new.description, 1000).map_err(|e| DomainError::invalid("description", e))?;
    check_text(&new.technology_version, 100)
        .map_err(|e| DomainError::invalid("technology-version", e))?;
    for (field, value) in [
        ("default-time-zone", &new.default_time_zone),
        ("default-locale", &new.default_locale),
    ] {
        check_text(value.as_deref().unwrap_or_default(), 100)
            .map_err(|e| DomainError::invalid(field, e))?;
    }
    if new.user_lists.len() > LISTS {
        return Err(DomainError::invalid(
            "user-lists",
            format!("at most {LISTS}"),
        ));
    }
    Ok(())
}

fn record(
    c: &mut AnyConnection,
    act: &Act,
    application: &Application,
    kind: &'static str,
) -> Result<(), DomainError> {
    let changed = [Change::Application(application.uri.clone())];
    let object = ("application", application.id.to_string());
    let details = json!({"name": application.name, "uri": application.uri});
    Ok(act.record(c, &changed, kind, object, details)?)
}
