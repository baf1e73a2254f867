//! Becoming somebody: whoever makes a person, knows a password or takes away a second factor of theirs,
//! lets them in again or changes their role could do in person all that they can. So all of it counts
//! among what whoever acts must have.

use super::{Authority, DomainError};
use crate::model::application::Application;
use crate::model::scope::{Role, Scope, ScopeSet};
use crate::model::user::User;
use crate::store::applications::Viewer;
use crate::store::{AnyConnection, applications, users};

/// That whoever acts could do before what they can do as this person, in this role: its scopes, with no
/// end and from everywhere, and the scopes of every application that lets the person in.
pub(super) fn check_becomes(
    c: &mut AnyConnection,
    authority: &Authority,
    who: Viewer,
    role: Role,
) -> Result<(), DomainError> {
    authority.check_acts_on(role)?;
    authority.check_provisions()?;
    check_has_applications_of(c, authority, who, With::EveryScope)
}

/// A user, as far as applications are open to them.
pub(super) fn viewer(user: &User) -> Viewer {
    Viewer {
        user: user.id,
        user_list: user.user_list_id,
    }
}

/// What of an application is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum With {
    /// Tokens for it, with no scope but those that a key was given.
    TokensAlone,
    /// All that it defines: in person, somebody gives it to a key of theirs.
    EveryScope,
}

/// That the applications that are open to this user are open to whoever acts as well: to those who may
/// connect applications, and so anybody to any; or because the client that acts reaches them.
pub(super) fn check_has_applications_of(
    c: &mut AnyConnection,
    authority: &Authority,
    who: Viewer,
    with: With,
) -> Result<(), DomainError> {
    // In person somebody without that scope acts on nobody but themselves.
    let Some(bounds) = &authority.bounds else {
        return Ok(());
    };
    let is_own = authority.user() == Some(who.user);
    if authority.scope.contains(Scope::ApplicationsWrite) || is_own && with == With::TokensAlone {
        return Ok(());
    }
    let theirs = applications::list_open_to(c, who)?;
    if theirs.is_empty() {
        return Ok(());
    }
    let ours = match authority.user() {
        None => None,
        Some(user) => {
            let user = users::find(c, user)?.ok_or(DomainError::NotFound("user"))?;
            Some(applications::list_open_to(c, viewer(&user))?)
        }
    };
    let is_open = |application: &Application| match &ours {
        Some(ours) => ours.iter().any(|ours| ours.id == application.id),
        None => bounds.audiences.contains(&application.uri),
    };
    let has_scopes = |application: &Application| {
        let given = bounds.application_scopes.of(application.id);
        let defined = &application.scopes;
        with == With::TokensAlone || defined.iter().all(|scope| given.contains(&scope.name))
    };
    match theirs.iter().all(|one| is_open(one) && has_scopes(one)) {
        true => Ok(()),
        false => Err(DomainError::Forbidden {
            needed: ScopeSet::of(&[Scope::ApplicationsWrite]),
            reason:
                "the user gets tokens for applications that are not open to the client that asks"
                    .to_owned(),
        }),
    }
}
