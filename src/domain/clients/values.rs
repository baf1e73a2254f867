//! What a client may be.

use crate::domain::DomainError;
use crate::model::audience::is_spelled_as_uri;
use crate::model::client::{Client, ClientRuleError, DESCRIPTION_LENGTH, NAME_LENGTH};
use crate::model::granted_scopes::GrantedScopes;
use crate::model::text::{check_name, check_text};
use crate::model::timestamp::Timestamp;
use crate::model::user::User;
use crate::store::applications::Viewer;
use crate::store::{AnyConnection, applications, users};

/// That a client is as one must be. What it had before may stay, though it could not be given now.
pub(super) fn check(
    c: &mut AnyConnection,
    before: Option<&Client>,
    client: &Client,
    now: Timestamp,
) -> Result<(), DomainError> {
    check_name(&client.name, NAME_LENGTH).map_err(|e| DomainError::invalid("name", e))?;
    check_text(&client.description, DESCRIPTION_LENGTH)
        .map_err(|e| DomainError::invalid("description", e))?;
    // A key that has ended, or ends later than can be written, can still be renamed.
    let keeps_its_end = before.is_some_and(|before| before.expires_at == client.expires_at);
    let judged_at = match keeps_its_end {
        true => client.created_at,
        false => now,
    };
    let checked = match client.check(judged_at) {
        Err(ClientRuleError::ExpiresTooLate) if keeps_its_end => Ok(()),
        checked => checked,
    };
    checked.map_err(|e| match e {
        ClientRuleError::ServiceOpenId => DomainError::invalid("scope", e),
        ClientRuleError::AccessKeyAudience | ClientRuleError::TooManyAudiences => {
            DomainError::invalid("audience", e)
        }
        ClientRuleError::AccessKeyDefault => DomainError::invalid("default-audience", e),
        ClientRuleError::Lifetime => DomainError::invalid("lifetime", e),
        ClientRuleError::ExpiresInThePast | ClientRuleError::ExpiresTooLate => {
            DomainError::invalid("expires-at", e)
        }
        ClientRuleError::TooManyNetworks => DomainError::invalid("allowed-networks", e),
    })?;
    if before.is_none_or(|before| before.scope != client.scope) {
        check_owner_may(c, client)?;
    }
    for (at, audience) in client.audiences.iter().enumerate() {
        if client.audiences[..at].contains(audience) {
            return Err(DomainError::invalid("audience", "stands there twice"));
        }
        let is_new = before.is_none_or(|before| !before.audiences.contains(audience));
        let is_there = |c| match is_spelled_as_uri(audience) {
            true => applications::find_by_uri(c, audience).map(|found| found.is_some()),
            false => Ok(false),
        };
        if is_new && !is_there(c)? {
            let reason = "there is no application with this uri";
            return Err(DomainError::invalid("audience", reason));
        }
    }
    check_default(before, client)?;
    check_granted(c, before, client)
}

/// That a default audience is one of the audiences when it is set. It stays though the client lists it
/// no longer: then there is no token for it, and none for anything else in its place.
fn check_default(before: Option<&Client>, client: &Client) -> Result<(), DomainError> {
    let Some(default) = &client.default_audience else {
        return Ok(());
    };
    let was_set = before.is_some_and(|before| before.default_audience.as_ref() == Some(default));
    match was_set || client.audiences.contains(default) {
        true => Ok(()),
        false => Err(DomainError::invalid(
            "default-audience",
            "is not one of the client's audiences",
        )),
    }
}

/// That an application's scopes are defined by it, and a key's user is connected to it.
fn check_granted(
    c: &mut AnyConnection,
    before: Option<&Client>,
    client: &Client,
) -> Result<(), DomainError> {
    let invalid = |reason| Err(DomainError::invalid("application-scopes", reason));
    let nothing = GrantedScopes::default();
    let had = before.map_or(&nothing, |before| &before.application_scopes);
    let new = client.application_scopes.without(had);
    if new.is_empty() {
        return Ok(());
    }
    let viewer = find_owner(c, client)?.map(|owner| Viewer {
        user: owner.id,
        user_list: owner.user_list_id,
    });
    for (id, scopes) in new.iter() {
        let application = applications::find(c, id, viewer)?;
        let Some(application) = application.filter(|a| a.deleted_at.is_none()) else {
            return invalid(
                "an application that does not exist, or that is not open to the key's user",
            );
        };
        let is_defined = |name: &String| application.scopes.iter().any(|s| s.name == *name);
        if !scopes.iter().all(is_defined) {
            return invalid("a scope that the application does not define");
        }
    }
    Ok(())
}

/// That a key has no scope that its owner's role does not have.
fn check_owner_may(c: &mut AnyConnection, client: &Client) -> Result<(), DomainError> {
    let Some(owner) = find_owner(c, client)? else {
        return Ok(());
    };
    match client.scope.is_subset(owner.role.scopes()) {
        true => Ok(()),
        false => Err(DomainError::invalid(
            "scope",
            format!("more than a {} may have", owner.role.as_str()),
        )),
    }
}

fn find_owner(c: &mut AnyConnection, client: &Client) -> Result<Option<User>, DomainError> {
    let Some(owner) = client.owner else {
        return Ok(None);
    };
    let owner = users::find(c, owner)?;
    owner.map(Some).ok_or(DomainError::NotFound("user"))
}
