//! Who acts, and how far that reaches: what a Bearer token, a session or the command line amounts
//! to now. Every act asks here, so that no front end can forget to.

use super::DomainError;
use crate::model::audit::Actor;
use crate::model::client::TOKEN_LIFETIME;
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
    /// How long its tokens live, in seconds.
    pub lifetime: i64,
    /// The applications that a service client may reach, by their `uri`.
    pub audiences: Vec<String>,
    pub application_scopes: GrantedScopes,
    /// Whether it carries the mark of the same name.
    pub provisions_users: bool,
}

impl Bounds {
    /// Whether a person, who knows neither an end nor networks, could do more by that.
    fn is_less_than_a_person(&self) -> bool {
        self.expires_at.is_some() || !self.networks.is_empty() || self.lifetime < TOKEN_LIFETIME
    }
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

    /// That whoever acts has every scope that a user in this role has in person: an administrator is
    /// acted on by nobody who lacks one. `openid` is not asked of service clients, which cannot have
    /// it: of a member it opens `/me` alone, which `users:read` shows as well.
    pub fn check_acts_on(&self, role: Role) -> Result<(), DomainError> {
        let whole = role.scopes();
        self.check_has(match (&self.actor, role) {
            (Actor::ServiceClient(_), Role::Member) => whole - ScopeSet::of(&[Scope::OpenId]),
            _ => whole,
        })
    }

    /// That people are made, let in and given roles by nobody who could do more as one of them: a
    /// session knows neither the end nor the networks of the client that acts, nor how long its
    /// tokens live. The mark lets a client do so all the same.
    pub fn check_provisions(&self) -> Result<(), DomainError> {
        let lacks = |bounds: &Bounds| bounds.is_less_than_a_person() && !bounds.provisions_users;
        match self.bounds.as_ref().is_some_and(lacks) {
            true => Err(DomainError::forbidden(
                "the person could do more than the client that asks, which ends, is bound to networks \
                 or has tokens of less than an hour, and lacks the mark 'provisions users'; a person \
                 with every scope gives it on the client's page, or the command line by `client update \
                 --provisions-users`",
            )),
            false => Ok(()),
        }
    }

    /// That the mark *provisions users* is given by a person with every scope, or on the host; never
    /// by a client.
    pub fn check_gives_mark(&self) -> Result<(), DomainError> {
        match self.bounds {
            None => self.check_has(ScopeSet::all()),
            Some(_) => Err(DomainError::forbidden(
                "the mark 'provisions users' is given by a person with every scope, or by the command \
                 line: never by a client",
            )),
        }
    }

    /// That a client with the mark is taken over, brought back or let do more only by who has it.
    pub fn check_has_mark(&self) -> Result<(), DomainError> {
        match &self.bounds {
            Some(bounds) if !bounds.provisions_users => Err(DomainError::forbidden(
                "it carries the mark 'provisions users', which the client that asks lacks",
            )),
            _ => Ok(()),
        }
    }

    /// How long the tokens of what is made may live at most, in seconds.
    pub fn longest_lifetime(&self) -> i64 {
        let ours = self.bounds.as_ref().map(|bounds| bounds.lifetime);
        ours.map_or(TOKEN_LIFETIME, |ours| ours.min(TOKEN_LIFETIME))
    }

    /// That the tokens of what is made or changed live no longer than those of the client that does so.
    pub fn check_lifetime(&self, lifetime: i64) -> Result<(), DomainError> {
        match lifetime <= self.longest_lifetime() {
            true => Ok(()),
            false => Err(DomainError::forbidden(
                "its tokens would live longer than those of the client that asks",
            )),
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
    use crate::model::ids::ClientId;

    fn key(scope: &str, expires_at: Option<i64>, networks: &str) -> Authority {
        Authority {
            scope: ScopeSet::parse(scope).unwrap(),
            bounds: Some(Bounds {
                expires_at: expires_at.map(Timestamp::from_seconds),
                networks: Networks::parse(networks).unwrap(),
                lifetime: TOKEN_LIFETIME,
                audiences: Vec::new(),
                application_scopes: GrantedScopes::default(),
                provisions_users: false,
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
        // Who has `openid` in person is become only with it, but by those who cannot have it.
        let but_one = "applications:read users:read users:write keys:read keys:write";
        assert!(key(but_one, None, "").check_acts_on(Role::Member).is_err());
        let id = ClientId::parse("mmk_a").unwrap();
        let service = Authority {
            actor: Actor::ServiceClient(id),
            ..key(but_one, None, "")
        };
        assert!(service.check_acts_on(Role::Member).is_ok());
    }

    #[test]
    fn a_client_that_is_less_than_a_person_makes_people_with_the_mark_only() {
        let mark = |mut authority: Authority, mark: bool, lifetime: i64| {
            let bounds = authority.bounds.as_mut().unwrap();
            (bounds.provisions_users, bounds.lifetime) = (mark, lifetime);
            authority
        };
        for (expires_at, networks, lifetime, may) in [
            (None, "", 3600, true),
            (Some(100), "", 3600, false),
            (None, "192.0.2.0/24", 3600, false),
            (None, "", 3599, false),
        ] {
            let bound = key("users:write", expires_at, networks);
            let plain = mark(bound.clone(), false, lifetime);
            assert_eq!(plain.check_provisions().is_ok(), may);
            assert!(plain.check_has_mark().is_err());
            let marked = mark(bound, true, lifetime);
            assert!(marked.check_provisions().is_ok());
            assert!(marked.check_has_mark().is_ok());
            assert!(marked.check_gives_mark().is_err());
        }
        let person = Authority::unlimited(Actor::Server);
        assert!(person.check_provisions().is_ok() && person.check_has_mark().is_ok());
        assert!(person.check_gives_mark().is_ok());
        let less = Authority {
            scope: Role::Member.scopes(),
            ..person
        };
        assert!(less.check_gives_mark().is_err());
    }

    #[test]
    fn tokens_of_what_a_client_makes_live_no_longer_than_its_own() {
        let mut short = key("keys:write", None, "");
        short.bounds.as_mut().unwrap().lifetime = 300;
        assert_eq!(short.longest_lifetime(), 300);
        assert!(short.check_lifetime(300).is_ok() && short.check_lifetime(301).is_err());
        let all = Authority::unlimited(Actor::Server);
        assert_eq!(all.longest_lifetime(), TOKEN_LIFETIME);
    }
}
