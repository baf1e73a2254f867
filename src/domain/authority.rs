//! Who acts, and how far that reaches: what a Bearer token, a session or the command line amounts
//! to now. Every act asks here, so that no front end can forget to.

use super::DomainError;
use crate::model::audit::Actor;
use crate::model::granted_scopes::GrantedScopes;
use crate::model::ids::{UserId, UserListId};
use crate::model::network::Networks;
use crate::model::scope::{Role, Scope, ScopeSet};
use crate::model::timestamp::Timestamp;
use crate::model::user::User;

/// Over what somebody's rights extend.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Over everything: administrators, service clients, the command line.
    Everything,
    /// Over what is one member's own.
    Own { user: UserId, user_list: UserListId },
}

/// What the client that acts is bound by, and whatever it makes with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bounds {
    pub expires_at: Option<Timestamp>,
    pub networks: Networks,
    /// The applications that a service client may reach, by their `uri`.
    pub audiences: Vec<String>,
    pub application_scopes: GrantedScopes,
}

/// Who acts, over what, and with which scopes.
#[derive(Clone, Debug)]
pub struct Authority {
    pub actor: Actor,
    pub reach: Reach,
    /// What the token or the session can do now.
    pub scope: ScopeSet,
    /// Those of the client that acts; a person in a session, and the command line, have none.
    pub bounds: Option<Bounds>,
}

impl Authority {
    /// The server itself, or whoever has its database and its keys in hand.
    pub fn unlimited(actor: Actor) -> Self {
        Self {
            actor,
            reach: Reach::Everything,
            scope: ScopeSet::all(),
            bounds: None,
        }
    }

    /// A person who is signed in.
    pub fn of_session(user: &User) -> Self {
        Self {
            actor: Actor::User(user.id),
            reach: Reach::of(user),
            scope: user.role.scopes(),
            bounds: None,
        }
    }

    /// The user who acts, in person or through a key.
    pub fn user(&self) -> Option<UserId> {
        match &self.actor {
            Actor::User(id) | Actor::AccessKey(id, _) => Some(*id),
            Actor::Server | Actor::CommandLine(_) | Actor::ServiceClient(_) => None,
        }
    }

    /// Whether the rights extend over what is this user's own.
    pub fn reaches_user(&self, id: UserId) -> bool {
        match self.reach {
            Reach::Everything => true,
            Reach::Own { user, .. } => user == id,
        }
    }

    /// Whether the rights extend over this list as a whole.
    pub fn reaches_list(&self, id: UserListId) -> bool {
        match self.reach {
            Reach::Everything => true,
            Reach::Own { user_list, .. } => user_list == id,
        }
    }

    /// That nobody gives away, or takes over, a scope that they lack.
    pub fn check_has(&self, scope: ScopeSet) -> Result<(), DomainError> {
        let lacking = scope - self.scope;
        match lacking.is_empty() {
            true => Ok(()),
            false => Err(DomainError::Forbidden {
                needed: scope,
                reason: format!("the token or session lacks: {lacking}"),
            }),
        }
    }

    /// That whoever becomes this user, by a password or a second factor that they set, gains
    /// nothing by it: an administrator is acted on by nobody who lacks a scope. A session never has
    /// `openid` to give, so a member's is left out.
    pub fn check_acts_on(&self, role: Role) -> Result<(), DomainError> {
        self.check_has(match role {
            Role::Administrator => ScopeSet::all(),
            Role::Member => role.scopes() - ScopeSet::of(&[Scope::OpenId]),
        })
    }

    /// The same, where it makes somebody this user or lets them in: an administrator's session knows
    /// neither the end nor the networks of the client that acts, so a client that has either makes none.
    pub fn check_lets_in(&self, role: Role) -> Result<(), DomainError> {
        self.check_acts_on(role)?;
        let is_bound = |bounds: &Bounds| bounds.expires_at.is_some() || !bounds.networks.is_empty();
        match role == Role::Administrator && self.bounds.as_ref().is_some_and(is_bound) {
            true => Err(DomainError::forbidden(
                "an administrator could do more than the client that asks, which ends or is bound \
                 to networks",
            )),
            false => Ok(()),
        }
    }

    /// That what is made does not outlive, nor reach beyond the networks of, the client that makes
    /// it. Without an end of its own it gets the maker's.
    pub fn bound_expiry(&self, asked: Option<Timestamp>) -> Result<Option<Timestamp>, DomainError> {
        let Some(ours) = self.bounds.as_ref().and_then(|bounds| bounds.expires_at) else {
            return Ok(asked);
        };
        match asked {
            None => Ok(Some(ours)),
            Some(asked) if asked <= ours => Ok(Some(asked)),
            Some(_) => Err(DomainError::forbidden(
                "it would outlive the client that asks for it",
            )),
        }
    }

    /// That what is made can be used from no network from which its maker cannot. Without networks
    /// of its own it gets the maker's.
    pub fn bound_networks(&self, asked: Networks) -> Result<Networks, DomainError> {
        let Some(bounds) = self.bounds.as_ref().filter(|b| !b.networks.is_empty()) else {
            return Ok(asked);
        };
        if asked.is_empty() {
            return Ok(bounds.networks.clone());
        }
        match asked.is_within(&bounds.networks) {
            true => Ok(asked),
            false => Err(DomainError::forbidden(
                "it could be used from networks from which the client that asks cannot",
            )),
        }
    }
}

impl Reach {
    pub fn of(user: &User) -> Self {
        match user.role {
            Role::Administrator => Reach::Everything,
            Role::Member => Reach::Own {
                user: user.id,
                user_list: user.user_list_id,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(scope: &str, expires_at: Option<i64>, networks: &str) -> Authority {
        Authority {
            scope: ScopeSet::parse(scope).unwrap(),
            bounds: Some(Bounds {
                expires_at: expires_at.map(Timestamp::from_seconds),
                networks: Networks::parse(networks).unwrap(),
                audiences: Vec::new(),
                application_scopes: GrantedScopes::default(),
            }),
            ..Authority::unlimited(Actor::Server)
        }
    }

    #[test]
    fn a_key_makes_nothing_that_outlives_it_or_reaches_further() {
        let bound = key("keys:write", Some(100), "192.0.2.0/24");
        let at = |seconds| Some(Timestamp::from_seconds(seconds));
        assert_eq!(bound.bound_expiry(None).unwrap(), at(100));
        assert_eq!(bound.bound_expiry(at(99)).unwrap(), at(99));
        assert!(bound.bound_expiry(at(101)).is_err());
        let networks = |text| bound.bound_networks(Networks::parse(text).unwrap());
        assert_eq!(networks("").unwrap().to_string(), "192.0.2.0/24");
        assert!(networks("192.0.2.7").is_ok());
        assert!(networks("198.51.100.1").is_err());
        let free = key("keys:write", None, "");
        assert_eq!(free.bound_expiry(None).unwrap(), None);
        assert!(free.bound_networks(Networks::default()).unwrap().is_empty());
    }

    #[test]
    fn an_administrator_is_acted_on_only_with_every_scope() {
        let almost = key(
            "openid applications:read applications:write users:read users:write keys:read keys:write audit:read",
            None,
            "",
        );
        assert!(almost.check_acts_on(Role::Administrator).is_err());
        assert!(almost.check_acts_on(Role::Member).is_ok());
        assert!(
            key("users:write", None, "")
                .check_acts_on(Role::Member)
                .is_err()
        );
        let all = Authority::unlimited(Actor::Server);
        assert!(all.check_acts_on(Role::Administrator).is_ok());
    }
}
