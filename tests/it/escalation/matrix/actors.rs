//! Who acts: clients of every kind of owner, with every kind of scope, bound in every way.

use std::fmt;
use std::sync::Arc;

use mintmark::directory::{KnownClient, KnownUser};
use mintmark::domain::authenticate::Authenticated;
use mintmark::domain::bearer::Caller;
use mintmark::domain::token::effective_scope;
use mintmark::domain::{Act, Authority, clients};
use mintmark::model::audit::Actor as Who;
use mintmark::model::ids::ClientId;
use mintmark::model::network::Networks;
use mintmark::model::scope::{Role, Scope, ScopeSet};
use mintmark::store::clients::{self as stored_clients, Whose};
use mintmark::store::{AnyConnection, users as stored_users};

use super::Principal;
use super::world::{HERE, HOUR, World, granted, new_client};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Owner {
    Nobody,
    /// By their place among the world's people.
    Person(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bound {
    Nothing,
    End,
    Networks,
    Lifetime,
}

pub struct Actor {
    owner: Owner,
    scope: ScopeSet,
    bound: Bound,
    mark: bool,
    /// Whether a service client lists the open application, with its scope.
    reaches: bool,
}

pub fn actors() -> Vec<Actor> {
    let mut actors = Vec::new();
    let all = ScopeSet::all();
    let without = |scopes: &[Scope]| all - ScopeSet::of(scopes);
    let member = Role::Member.scopes();
    for (owner, scopes) in [
        (
            Owner::Nobody,
            vec![
                without(&[Scope::OpenId]),
                without(&[Scope::OpenId, Scope::ApplicationsWrite]),
                ScopeSet::of(&[Scope::KeysRead, Scope::KeysWrite]),
            ],
        ),
        (
            Owner::Person(0),
            vec![
                all,
                without(&[Scope::ApplicationsWrite]),
                without(&[Scope::OpenId, Scope::ApplicationsWrite]),
                without(&[Scope::KeysWrite]),
                ScopeSet::of(&[Scope::KeysRead, Scope::KeysWrite]),
            ],
        ),
        (Owner::Person(1), vec![member]),
        (
            Owner::Person(2),
            vec![member, ScopeSet::of(&[Scope::KeysRead, Scope::KeysWrite])],
        ),
    ] {
        for scope in scopes {
            for bound in [Bound::Nothing, Bound::End, Bound::Networks, Bound::Lifetime] {
                for mark in [false, true] {
                    let reaching: &[bool] = match owner {
                        Owner::Nobody => &[false, true],
                        Owner::Person(_) => &[false],
                    };
                    for &reaches in reaching {
                        actors.push(Actor {
                            owner,
                            scope,
                            bound,
                            mark,
                            reaches,
                        });
                    }
                }
            }
        }
    }
    actors
}

impl Actor {
    /// Makes the client.
    pub fn put(&self, c: &mut AnyConnection, world: &World) -> ClientId {
        let owner = match self.owner {
            Owner::Nobody => None,
            Owner::Person(at) => Some(world.people[at].id),
        };
        let mut new = new_client(owner, self.scope);
        match self.bound {
            Bound::Nothing => {}
            Bound::End => new.expires_at = Some(world.now.plus_seconds(HOUR)),
            Bound::Networks => new.allowed_networks = Networks::parse(HERE).unwrap(),
            Bound::Lifetime => new.lifetime = 300,
        }
        new.provisions_users = self.mark;
        if self.reaches {
            new.audiences = vec![world.open.1.clone()];
            new.application_scopes = granted(world.open.0);
        }
        let act = Act {
            authority: Authority::unlimited(Who::Server),
            now: world.now,
            request_id: None,
        };
        let (client, _) = clients::create(c, &act, &world.keys, new).unwrap();
        client.id
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owner = match self.owner {
            Owner::Nobody => "a service client",
            Owner::Person(0) => "an administrator's key",
            Owner::Person(1) => "a member's key",
            Owner::Person(_) => "a customer's key",
        };
        let bound = format!("bound by {:?}", self.bound).to_lowercase();
        let mark = if self.mark { ", marked" } else { "" };
        let reaches = if self.reaches {
            ", for the application"
        } else {
            ""
        };
        write!(f, "{owner} [{}; {bound}{mark}{reaches}]", self.scope)
    }
}

/// What somebody acts with: a client's whole token, or a session. Nothing, if they cannot act.
pub fn authority(c: &mut AnyConnection, by: &Principal) -> Option<Authority> {
    match by {
        Principal::Person(id) => {
            let user = stored_users::find(c, *id).unwrap()?;
            user.disabled
                .is_none()
                .then(|| Authority::of_session(&user))
        }
        Principal::Client(id) => {
            let client = stored_clients::find(c, id, Whose::Any).unwrap()?;
            if client.disabled.is_some() {
                return None;
            }
            let owner = match client.owner {
                None => None,
                Some(owner) => {
                    let user = stored_users::find(c, owner).unwrap()?;
                    if user.disabled.is_some() {
                        return None;
                    }
                    Some(Arc::new(KnownUser {
                        user,
                        second_factor: false,
                        keys: Vec::new(),
                    }))
                }
            };
            let secrets = Vec::new();
            let authenticated = Authenticated {
                client: Arc::new(KnownClient { client, secrets }),
                owner,
                secret: None,
            };
            let scope = effective_scope(&authenticated);
            let caller = Caller {
                authenticated,
                scope,
            };
            Some(caller.authority())
        }
    }
}
