//! Who may make, change, take over and end a client. Nobody gets, by any of it, what their own token,
//! session or client lacks.

use crate::domain::authority::Reach;
use crate::domain::becoming::{self, With};
use crate::domain::{Authority, DomainError};
use crate::model::audit::{Actor, ActorKind};
use crate::model::client::Client;
use crate::model::granted_scopes::GrantedScopes;
use crate::model::scope::{Role, Scope, ScopeSet};
use crate::model::user::User;
use crate::store::{AnyConnection, users};

/// What a key gets that is made for this user by a token, and asks for nothing else: what the token
/// can do, as far as the user's role allows it.
pub fn inherited_scope(authority: &Authority, owner: &User) -> ScopeSet {
    authority.scope & owner.role.scopes()
}

/// How long the tokens of a client live that asks for no lifetime, in seconds: as long as those of the
/// client that makes it.
pub fn inherited_lifetime(authority: &Authority) -> i64 {
    authority.longest_lifetime()
}

/// Whose hand it is.
pub(super) fn hand(authority: &Authority, client: &Client) -> ActorKind {
    match client.owner.is_some() && authority.user() == client.owner {
        true => ActorKind::Owner,
        false => ActorKind::Administrator,
    }
}

/// That a new client is within what its maker has.
pub(super) fn check_may_make(
    c: &mut AnyConnection,
    authority: &Authority,
    client: &Client,
) -> Result<(), DomainError> {
    if client.owner.is_none() {
        check_is_administrator(authority)?;
    }
    if client.provisions_users {
        authority.check_gives_mark()?;
    }
    check_may_take_over(c, authority, client)
}

/// That whoever lets a client do more, in whatever way, has all that it can do then, and lets it live
/// and reach no further than what they act with: to widen somebody's client is to use it. Whoever only
/// renames it, or takes from it, needs no more than to end it: so that an owner who may less than before
/// can narrow a key that still says more.
pub(super) fn check_may_change(
    c: &mut AnyConnection,
    authority: &Authority,
    before: &Client,
    after: &Client,
) -> Result<(), DomainError> {
    if after.provisions_users && !before.provisions_users {
        authority.check_gives_mark()?;
    }
    match gives_more(before, after) {
        true => check_may_take_over(c, authority, after),
        false => check_acts_on_owner(c, authority, before),
    }
}

/// Whether a client can do anything that it could not before.
fn gives_more(before: &Client, after: &Client) -> bool {
    let lives_on = match (before.expires_at, after.expires_at) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(before), Some(after)) => before < after,
    };
    let networks = &after.allowed_networks;
    let granted = &after.application_scopes;
    let is_new = |uri: &String| !before.audiences.contains(uri);
    lives_on
        || !networks.allow_no_more_than(&before.allowed_networks)
        || !after.scope.is_subset(before.scope)
        || after.audiences.iter().any(is_new)
        || !granted.without(&before.application_scopes).is_empty()
        || after.lifetime > before.lifetime
        || after.provisions_users && !before.provisions_users
}

/// That whoever takes a client over, by a secret of it, or brings it back gains nothing.
pub(super) fn check_may_take_over(
    c: &mut AnyConnection,
    authority: &Authority,
    client: &Client,
) -> Result<(), DomainError> {
    check_acts_on_owner(c, authority, client)?;
    authority.check_has(client.scope)?;
    check_may_give(authority, &client.audiences, &client.application_scopes)?;
    check_has_owners_applications(c, authority, client)?;
    check_outlives_not(authority, client)?;
    check_reaches_no_further(authority, client)?;
    authority.check_lifetime(client.lifetime)?;
    match client.provisions_users {
        true => authority.check_has_mark(),
        false => Ok(()),
    }
}

/// Who may switch a client off, cut it off or delete it. That only takes away, so it asks for less.
pub(super) fn check_may_end(
    c: &mut AnyConnection,
    authority: &Authority,
    client: &Client,
) -> Result<(), DomainError> {
    check_acts_on_owner(c, authority, client)
}

fn check_is_administrator(authority: &Authority) -> Result<(), DomainError> {
    match authority.reach {
        Reach::Everything => Ok(()),
        Reach::Own { .. } => Err(DomainError::forbidden(
            "service clients are an administrator's affair",
        )),
    }
}

/// That an administrator's key is acted on by somebody else only with every scope.
fn check_acts_on_owner(
    c: &mut AnyConnection,
    authority: &Authority,
    client: &Client,
) -> Result<(), DomainError> {
    let Some(owner) = client
        .owner
        .filter(|owner| authority.user() != Some(*owner))
    else {
        return Ok(());
    };
    let owner = users::find(c, owner)?.ok_or(DomainError::NotFound("user"))?;
    match owner.role {
        Role::Administrator => authority.check_acts_on(owner.role),
        Role::Member => Ok(()),
    }
}

/// That applications are opened to a client only by who may connect applications, or whose own
/// client they are open to. In person somebody gives away what their applications offer to them;
/// whether they are connected to these is asked with the values.
fn check_may_give(
    authority: &Authority,
    audiences: &[String],
    scopes: &GrantedScopes,
) -> Result<(), DomainError> {
    let is_in_person = matches!(authority.actor, Actor::User(_));
    if authority.scope.contains(Scope::ApplicationsWrite) || is_in_person {
        return Ok(());
    }
    let (has_audiences, has_scopes) = match &authority.bounds {
        None => (audiences.is_empty(), scopes.is_empty()),
        Some(ours) => (
            audiences.iter().all(|uri| ours.audiences.contains(uri)),
            scopes.without(&ours.application_scopes).is_empty(),
        ),
    };
    if has_audiences && has_scopes {
        return Ok(());
    }
    Err(DomainError::Forbidden {
        needed: ScopeSet::of(&[Scope::ApplicationsWrite]),
        reason: "it opens applications that are not open to the client that asks".to_owned(),
    })
}

/// That an access key reaches no application, by who owns it, that whoever acts does not reach.
fn check_has_owners_applications(
    c: &mut AnyConnection,
    authority: &Authority,
    client: &Client,
) -> Result<(), DomainError> {
    let Some(owner) = client.owner else {
        return Ok(());
    };
    let owner = users::find(c, owner)?.ok_or(DomainError::NotFound("user"))?;
    let owner = becoming::viewer(&owner);
    becoming::check_has_applications_of(c, authority, owner, With::TokensAlone)
}

fn check_outlives_not(authority: &Authority, client: &Client) -> Result<(), DomainError> {
    match authority.bound_expiry(client.expires_at)? == client.expires_at {
        true => Ok(()),
        false => Err(DomainError::forbidden(
            "it would outlive the client that asks for it",
        )),
    }
}

fn check_reaches_no_further(authority: &Authority, client: &Client) -> Result<(), DomainError> {
    let asked = client.allowed_networks.clone();
    match authority.bound_networks(asked)? == client.allowed_networks {
        true => Ok(()),
        false => Err(DomainError::forbidden(
            "it could be used from networks from which the client that asks cannot",
        )),
    }
}
