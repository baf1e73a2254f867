//! Applications: registered, listed, read, deleted. Who may see which is decided in the query.

use serde_json::{Value, json};

use super::authority::Reach;
use super::lists::{check_search, check_whole};
use super::{Act, Authority, DomainError, Obstacle, Taken, application_uris, spaces, with};
use crate::ambient::random_uuid;
use crate::model::application::{Application, ApplicationSource, DbmsType, is_application_name};
use crate::model::application_status::ApplicationStatus;
use crate::model::change::Change;
use crate::model::ids::{ApplicationId, UserListId};
use crate::model::page::{WHOLE_LIST, Window};
use crate::model::public_url::PublicUrl;
use crate::model::scope::{Scope, ScopeSet};
use crate::model::text::{check_name, check_text, tidy, without_blanks};
use crate::store::applications::{Viewer, Wanted};
use crate::store::{AnyConnection, applications, user_lists};

/// How many lists one application can be connected to.
pub const LISTS: usize = 1000;
/// How long a display name may be, in characters.
const DISPLAY_NAME_LENGTH: usize = 100;
/// How long a description may be, in characters.
const DESCRIPTION_LENGTH: usize = 1000;

/// What a new application is to be: the console's create body.
#[derive(Clone, Debug)]
pub struct NewApplication {
    /// `publication-context`; becomes the name.
    pub name: String,
    /// The one that is assigned by the name, unless another is chosen.
    pub uri: Option<String>,
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

/// Who sees only what is connected to them; nobody in particular, for those who see everything.
fn viewer(authority: &Authority) -> Option<Viewer> {
    match authority.reach {
        Reach::Everything => None,
        Reach::Own { user, user_list } => Some(Viewer { user, user_list }),
    }
}

/// Registers an application.
pub fn create(
    c: &mut AnyConnection,
    act: &Act,
    public_url: &PublicUrl,
    new: NewApplication,
) -> Result<Application, DomainError> {
    check_may_write(act)?;
    let new = NewApplication {
        name: without_blanks(&new.name).to_owned(),
        uri: new.uri.map(|uri| without_blanks(&uri).to_owned()),
        display_name: tidy(&new.display_name),
        description: tidy(&new.description),
        ..new
    };
    check(&new)?;
    if applications::was_ever_named(c, &new.name)? {
        return Err(DomainError::AlreadyExists(Taken::ApplicationName));
    }
    let uri = match new.uri {
        None => application_uris::assigned(public_url, &new.name),
        Some(uri) => {
            application_uris::check(&uri, public_url, &new.name)?;
            uri
        }
    };
    application_uris::check_is_free(c, &uri, None)?;
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
    spaces::check_application_quota(c, new.space_id.as_deref())?;
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
        scopes: Vec::new(),
        created_at: act.now,
        deleted_at: None,
    };
    applications::create(c, &application)?;
    let more = json!({
        "display-name": application.display_name,
        "user-lists": application.user_lists,
        "default-user-list": application.default_user_list,
        "space-id": application.space_id,
    });
    record(c, act, &application, "application.created", more)?;
    Ok(application)
}

/// One application, deleted or not.
pub fn find(
    c: &mut AnyConnection,
    authority: &Authority,
    id: ApplicationId,
) -> Result<Application, DomainError> {
    applications::find(c, id, viewer(authority))?.ok_or(DomainError::NotFound("application"))
}

/// One application that is to be changed: the actor may do so, and it is not deleted.
pub(super) fn find_to_change(
    c: &mut AnyConnection,
    act: &Act,
    id: ApplicationId,
) -> Result<Application, DomainError> {
    check_may_write(act)?;
    let application = find(c, &act.authority, id)?;
    match application.deleted_at {
        None => Ok(application),
        Some(_) => Err(DomainError::FailedPrecondition(Obstacle::Deleted)),
    }
}

/// Part of the applications that may be seen, and how many there are: those with `search` in their
/// name, display name or uri, or all.
pub fn list(
    c: &mut AnyConnection,
    authority: &Authority,
    deleted: bool,
    search: Option<String>,
    window: Window,
) -> Result<(Vec<Application>, i64), DomainError> {
    check_search(search.as_deref())?;
    let wanted = Wanted {
        viewer: viewer(authority),
        deleted,
        search,
    };
    if window == Window::Whole {
        check_whole(applications::are_more_than(c, &wanted, WHOLE_LIST)?)?;
    }
    let found = applications::list(c, &wanted, window)?;
    let total = match window {
        Window::Whole => i64::try_from(found.len()).unwrap_or(i64::MAX),
        Window::Page { .. } => applications::count(c, &wanted)?,
    };
    Ok((found, total))
}

/// Deletes an application: it is no audience any more, and its name and uri stay taken.
pub fn delete(
    c: &mut AnyConnection,
    act: &Act,
    id: ApplicationId,
) -> Result<Application, DomainError> {
    check_may_write(act)?;
    let application = find(c, &act.authority, id)?;
    if application.deleted_at.is_some() {
        return Err(DomainError::FailedPrecondition(Obstacle::DeletedAlready));
    }
    applications::delete(c, id, act.now)?;
    record(c, act, &application, "application.deleted", json!({}))?;
    find(c, &act.authority, id)
}

fn check(new: &NewApplication) -> Result<(), DomainError> {
    if !is_application_name(&new.name) {
        let reason =
            "has 1 to 100 of the characters A-Z a-z 0-9 - _ . and begins with a letter or digit";
        return Err(DomainError::invalid("publication-context", reason));
    }
    check_display_name(&new.display_name)?;
    check_description(&new.description)?;
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

pub(super) fn check_display_name(text: &str) -> Result<(), DomainError> {
    check_name(text, DISPLAY_NAME_LENGTH).map_err(|e| DomainError::invalid("display-name", e))
}

pub(super) fn check_description(text: &str) -> Result<(), DomainError> {
    check_text(text, DESCRIPTION_LENGTH).map_err(|e| DomainError::invalid("description", e))
}

fn check_may_write(act: &Act) -> Result<(), DomainError> {
    let needed = ScopeSet::of(&[Scope::ApplicationsWrite]);
    act.authority.check_has(needed)
}

/// Leaves the event behind, and has the application read again wherever it is known.
pub(super) fn record(
    c: &mut AnyConnection,
    act: &Act,
    application: &Application,
    kind: &'static str,
    more: Value,
) -> Result<(), DomainError> {
    let changed = [Change::Application(application.uri.clone())];
    record_changes(c, act, application, &changed, kind, more)
}

/// Leaves the event behind, with what else is known, and these changes.
pub(super) fn record_changes(
    c: &mut AnyConnection,
    act: &Act,
    application: &Application,
    changed: &[Change],
    kind: &'static str,
    more: Value,
) -> Result<(), DomainError> {
    let details = with(
        json!({"name": application.name, "uri": application.uri}),
        more,
    );
    let object = ("application", application.id.to_string());
    Ok(act.record(c, changed, kind, object, details)?)
}
