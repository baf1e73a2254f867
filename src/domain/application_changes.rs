//! What is changed of an application by itself: what it says of itself, its uri, its scopes, the
//! status that its operator sets.

use serde_json::{Value, json};

use super::applications::{
    check_description, check_display_name, find_to_change, record_changes, uri_holder, uri_is_taken,
};
use super::{Act, DomainError, Obstacle, difference};
use crate::model::application::Application;
use crate::model::application_scope::{ApplicationScope, check_scopes};
use crate::model::application_status::{ApplicationStatus, StatusAct};
use crate::model::audience::check_application_uri;
use crate::model::change::Change;
use crate::model::ids::ApplicationId;
use crate::model::public_url::PublicUrl;
use crate::model::text::{tidy, without_blanks};
use crate::store::{AnyConnection, application_uris, applications};

/// What is to become of an application; what is absent stays.
#[derive(Clone, Default, Debug)]
pub struct ApplicationUpdate {
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub uri: Option<String>,
    /// Instead of all that it defines.
    pub scopes: Option<Vec<ApplicationScope>>,
}

/// Changes what is given, and answers what stands then.
pub fn update(
    c: &mut AnyConnection,
    act: &Act,
    public_url: &PublicUrl,
    id: ApplicationId,
    update: ApplicationUpdate,
) -> Result<Application, DomainError> {
    let scope = |scope: ApplicationScope| ApplicationScope {
        name: without_blanks(&scope.name).to_owned(),
        description: tidy(&scope.description),
    };
    let update = ApplicationUpdate {
        display_name: update.display_name.map(|text| tidy(&text)),
        description: update.description.map(|text| tidy(&text)),
        uri: update.uri.map(|uri| without_blanks(&uri).to_owned()),
        scopes: update
            .scopes
            .map(|scopes| scopes.into_iter().map(scope).collect()),
    };
    check(&update, public_url)?;
    let before = find_to_change(c, act, id)?;
    let mut after = before.clone();
    after.display_name = update.display_name.unwrap_or(after.display_name);
    after.description = update.description.unwrap_or(after.description);
    after.uri = update.uri.unwrap_or(after.uri);
    after.scopes = update.scopes.unwrap_or(after.scopes);
    let Some(more) = difference(summary(&before), summary(&after)) else {
        return Ok(before);
    };
    let mut read_again = vec![Change::Application(after.uri.clone())];
    if after.uri != before.uri {
        replace_uri(c, act, &before, &after)?;
        read_again.push(Change::Application(before.uri));
    }
    applications::update(c, &after)?;
    record_changes(c, act, &after, &read_again, "application.updated", more)?;
    Ok(after)
}

fn check(update: &ApplicationUpdate, public_url: &PublicUrl) -> Result<(), DomainError> {
    if let Some(text) = &update.display_name {
        check_display_name(text)?;
    }
    if let Some(text) = &update.description {
        check_description(text)?;
    }
    if let Some(uri) = &update.uri {
        check_application_uri(uri, public_url.issuer())
            .map_err(|e| DomainError::invalid("uri", e))?;
    }
    if let Some(scopes) = &update.scopes {
        check_scopes(scopes).map_err(|e| DomainError::invalid("scopes", e))?;
    }
    Ok(())
}

/// What an update can change.
fn summary(application: &Application) -> Value {
    json!({
        "display-name": application.display_name,
        "description": application.description,
        "uri": application.uri,
        "scopes": application.scopes,
    })
}

/// The uri that is left stays the application's own, which can take it back; no other gets it.
fn replace_uri(
    c: &mut AnyConnection,
    act: &Act,
    before: &Application,
    after: &Application,
) -> Result<(), DomainError> {
    match uri_holder(c, &after.uri)? {
        None => {}
        Some(holder) if holder == after.id.to_string() => application_uris::delete(c, &after.uri)?,
        Some(_) => return Err(uri_is_taken()),
    }
    Ok(application_uris::create(
        c,
        before.id,
        &before.uri,
        act.now,
    )?)
}

/// Records the status that an act leads to. Nothing is run, and an application that is not running
/// stays an audience: only a deletion ends that.
pub fn set_status(
    c: &mut AnyConnection,
    act: &Act,
    id: ApplicationId,
    status_act: StatusAct,
) -> Result<ApplicationStatus, DomainError> {
    let application = find_to_change(c, act, id)?;
    let from = application.status;
    let Some(to) = status_act.from(from) else {
        return Err(DomainError::FailedPrecondition(Obstacle::Status {
            act: status_act,
            status: from,
        }));
    };
    applications::update_status(c, id, to)?;
    let more = json!({"from": from.as_str(), "to": to.as_str()});
    record_changes(c, act, &application, &[], status_act.event(), more)?;
    Ok(to)
}
