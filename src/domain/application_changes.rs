//! What is changed of an application by itself: what it says of itself, its uri, its scopes, the
//! status that its operator sets.

use serde_json::{Value, json};

use super::application_uris::{self, Follower};
use super::applications::{
    check_description, check_display_name, find, find_to_change, record_changes,
};
use super::{Act, DomainError, Obstacle, difference};
use crate::model::application::Application;
use crate::model::application_scope::{ApplicationScope, check_scopes};
use crate::model::application_status::{ApplicationStatus, StatusAct};
use crate::model::change::Change;
use crate::model::ids::{ApplicationId, ClientId};
use crate::model::public_url::PublicUrl;
use crate::model::text::{tidy, without_blanks};
use crate::store::{AnyConnection, applications};

/// What is to become of an application; what is absent stays.
#[derive(Clone, Default, Debug)]
pub struct ApplicationUpdate {
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub uri: Option<String>,
    /// Instead of all that it defines.
    pub scopes: Option<Vec<ApplicationScope>>,
    /// The clients that are to name the new uri instead of the one before.
    pub move_clients: Vec<ClientId>,
}

/// What an update left behind.
#[derive(Clone, Debug)]
pub struct Updated {
    pub application: Application,
    /// Of a changed uri: the clients that named the one before.
    pub followers: Option<Vec<Follower>>,
}

/// Changes what is given, and answers what stands then.
pub fn update(
    c: &mut AnyConnection,
    act: &Act,
    public_url: &PublicUrl,
    id: ApplicationId,
    update: ApplicationUpdate,
) -> Result<Updated, DomainError> {
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
        ..update
    };
    check(&update)?;
    let seen = find(c, &act.authority, id)?;
    if let Some(uri) = update.uri.as_ref().filter(|uri| **uri != seen.uri) {
        application_uris::check(uri, public_url, &seen.name)?;
    }
    let before = find_to_change(c, act, id)?;
    let mut after = before.clone();
    after.display_name = update.display_name.unwrap_or(after.display_name);
    after.description = update.description.unwrap_or(after.description);
    after.uri = update.uri.unwrap_or(after.uri);
    after.scopes = update.scopes.unwrap_or(after.scopes);
    if update.move_clients.len() > application_uris::NAMED {
        let reason = format!("at most {}", application_uris::NAMED);
        return Err(DomainError::invalid("move-clients", reason));
    }
    let is_moved = after.uri != before.uri;
    if !is_moved && !update.move_clients.is_empty() {
        let reason = "only goes with another uri";
        return Err(DomainError::invalid("move-clients", reason));
    }
    let Some(more) = difference(summary(&before), summary(&after)) else {
        return Ok(Updated {
            application: before,
            followers: None,
        });
    };
    let mut read_again = vec![Change::Application(after.uri.clone())];
    if is_moved {
        application_uris::replace(c, act, &before, &after)?;
        read_again.push(Change::Application(before.uri.clone()));
    }
    applications::update(c, &after)?;
    record_changes(c, act, &after, &read_again, "application.updated", more)?;
    let followers = match is_moved {
        true => application_uris::follow(c, act, &before.uri, &after.uri, &update.move_clients)?,
        false => None,
    };
    Ok(Updated {
        application: after,
        followers,
    })
}

fn check(update: &ApplicationUpdate) -> Result<(), DomainError> {
    if let Some(text) = &update.display_name {
        check_display_name(text)?;
    }
    if let Some(text) = &update.description {
        check_description(text)?;
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
