//! What somebody can do, read from the tables: independent of the code that decides it.

use std::collections::{BTreeSet, HashMap};

use mintmark::model::audit::ActorKind;
use mintmark::model::client::{Client, TOKEN_LIFETIME};
use mintmark::model::ids::{ClientId, UserId};
use mintmark::model::network::Networks;
use mintmark::model::page::Window;
use mintmark::model::scope::{Role, Scope, ScopeSet};
use mintmark::model::timestamp::Timestamp;
use mintmark::model::user::User;
use mintmark::store::applications::Wanted;
use mintmark::store::clients::Whose;
use mintmark::store::{AnyConnection, StoreError, application_users, applications, clients, users};

/// What somebody can do at most.
#[derive(Clone, Debug)]
pub struct Rights {
    scope: ScopeSet,
    /// Over what is everybody's, not only over one's own.
    pub reaches_everything: bool,
    /// Every application and scope, for those who may connect anybody to any.
    every_application: bool,
    applications: BTreeSet<String>,
    /// Each with the application's id before it.
    application_scopes: BTreeSet<String>,
    ends: Option<Timestamp>,
    networks: Networks,
    lifetime: i64,
    mark: bool,
    is_service: bool,
    /// Whose things it reaches, if not everybody's.
    whose: Option<UserId>,
}

impl Rights {
    fn none() -> Self {
        Self {
            scope: ScopeSet::EMPTY,
            reaches_everything: false,
            every_application: false,
            applications: BTreeSet::new(),
            application_scopes: BTreeSet::new(),
            ends: Some(Timestamp::from_millis(0)),
            networks: Networks::default(),
            lifetime: 0,
            mark: false,
            is_service: false,
            whose: None,
        }
    }

    /// Whether there is no scope that they lack.
    pub fn is_everything(&self) -> bool {
        self.scope == ScopeSet::all()
    }

    fn is_nothing(&self) -> bool {
        self.lifetime == 0
    }

    /// Whether they could do no more as a person than they can already, for what their scopes are.
    fn provisions(&self) -> bool {
        let is_free = self.ends.is_none() && self.networks.is_empty();
        self.mark || is_free && self.lifetime == TOKEN_LIFETIME
    }

    /// What they may have through a person: by the mark, or since nothing binds them, no bound of theirs
    /// counts there. A service client cannot have `openid`, which is not asked of it.
    pub fn as_a_person(&self) -> Self {
        let mut rights = self.clone();
        if self.provisions() {
            rights.ends = None;
            rights.networks = Networks::default();
            rights.lifetime = TOKEN_LIFETIME;
            rights.mark = true;
        }
        if self.is_service {
            rights.scope = self.scope | ScopeSet::of(&[Scope::OpenId]);
        }
        rights
    }

    /// What these have and `others` have not.
    pub fn beyond(&self, others: &Self) -> Vec<String> {
        let mut lacks = Vec::new();
        if self.is_nothing() {
            return lacks;
        }
        if !self.scope.is_subset(others.scope) {
            lacks.push(format!("the scope {}", self.scope - others.scope));
        }
        // With no scope there is nothing to do with it.
        if self.reaches_everything && !self.scope.is_empty() && !others.reaches_everything {
            lacks.push("everybody's things".to_owned());
        }
        if self.whose != others.whose && !self.scope.is_empty() && !others.reaches_everything {
            lacks.push("somebody else's things".to_owned());
        }
        if !others.every_application {
            let more = self.applications.difference(&others.applications);
            lacks.extend(more.map(|uri| format!("the application {uri}")));
            let more = self
                .application_scopes
                .difference(&others.application_scopes);
            lacks.extend(more.map(|scope| format!("the application's scope {scope}")));
        }
        let outlives = match (self.ends, others.ends) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(ours), Some(theirs)) => ours > theirs,
        };
        if outlives {
            lacks.push(format!("the end {:?}", self.ends));
        }
        if !self.networks.allow_no_more_than(&others.networks) {
            lacks.push(format!("the networks {}", self.networks));
        }
        if self.lifetime > others.lifetime {
            lacks.push(format!("the lifetime {}", self.lifetime));
        }
        if self.mark && !others.mark {
            lacks.push("the mark".to_owned());
        }
        lacks
    }
}

/// The tables that rights come from, as they stand at one moment.
pub struct Book {
    clients: HashMap<ClientId, Client>,
    users: HashMap<UserId, User>,
    applications: Vec<Application>,
}

struct Application {
    id: String,
    uri: String,
    scopes: Vec<String>,
    lists: Vec<String>,
    named: Vec<application_users::Setting>,
}

impl Book {
    pub fn read(c: &mut AnyConnection) -> Result<Self, StoreError> {
        let wanted = Wanted {
            viewer: None,
            deleted: false,
            search: None,
        };
        let mut found = Vec::new();
        for one in applications::list(c, &wanted, Window::Whole)? {
            found.push(Application {
                named: application_users::list_settings(c, one.id)?,
                id: one.id.to_string(),
                uri: one.uri,
                scopes: one.scopes.into_iter().map(|scope| scope.name).collect(),
                lists: one.user_lists.iter().map(ToString::to_string).collect(),
            });
        }
        let all = clients::list_all(c, Whose::Any)?;
        Ok(Self {
            clients: all.into_iter().map(|one| (one.id.clone(), one)).collect(),
            users: users::list_all(c)?
                .into_iter()
                .map(|one| (one.id, one))
                .collect(),
            applications: found,
        })
    }

    /// What a client can do now; nothing, if it cannot be used.
    pub fn of_client(&self, id: &ClientId) -> Rights {
        let Some(client) = self
            .clients
            .get(id)
            .filter(|client| client.disabled.is_none())
        else {
            return Rights::none();
        };
        let owner = match client.owner {
            None => None,
            Some(owner) => match self.users.get(&owner) {
                Some(owner) if owner.disabled.is_none() => Some(owner),
                _ => return Rights::none(),
            },
        };
        let scope = owner.map_or(client.scope, |owner| client.scope & owner.role.scopes());
        let open = |one: &&Application| match owner {
            Some(owner) => one.lets_in(owner),
            None => client.audiences.contains(&one.uri),
        };
        let open: Vec<&Application> = self.applications.iter().filter(open).collect();
        let mut own = BTreeSet::new();
        for (id, names) in client.application_scopes.iter() {
            let id = id.to_string();
            let there = open.iter().find(|one| one.id == id);
            let names = names
                .iter()
                .filter(|name| there.is_some_and(|there| there.scopes.contains(name)));
            own.extend(names.map(|name| format!("{id} {name}")));
        }
        Rights {
            scope,
            reaches_everything: owner.is_none_or(|owner| owner.role == Role::Administrator),
            every_application: scope.contains(Scope::ApplicationsWrite),
            applications: open.iter().map(|one| one.uri.clone()).collect(),
            application_scopes: own,
            ends: client.expires_at,
            networks: client.allowed_networks.clone(),
            lifetime: client.lifetime,
            mark: client.provisions_users,
            is_service: owner.is_none(),
            whose: owner.map(|owner| owner.id),
        }
    }

    /// What somebody can do in person: all that they could give to a key of theirs.
    pub fn of_person(&self, id: UserId) -> Rights {
        let Some(user) = self.users.get(&id).filter(|user| user.disabled.is_none()) else {
            return Rights::none();
        };
        let open = self.applications.iter().filter(|one| one.lets_in(user));
        let open: Vec<&Application> = open.collect();
        let of = |one: &&Application| {
            let id = one.id.clone();
            let scopes = one.scopes.clone().into_iter();
            scopes
                .map(move |name| format!("{id} {name}"))
                .collect::<Vec<_>>()
        };
        let scope = user.role.scopes();
        Rights {
            scope,
            reaches_everything: user.role == Role::Administrator,
            every_application: scope.contains(Scope::ApplicationsWrite),
            applications: open.iter().map(|one| one.uri.clone()).collect(),
            application_scopes: open.iter().flat_map(of).collect(),
            ends: None,
            networks: Networks::default(),
            lifetime: TOKEN_LIFETIME,
            // Whoever has every scope can give it to a key of theirs.
            mark: scope == ScopeSet::all(),
            is_service: false,
            whose: Some(id),
        }
    }

    /// Every client that can do more than `before`: what it could, if it was there, and what it can.
    pub fn grown_clients(&self, before: &Self) -> Vec<(ClientId, Option<Rights>, Rights)> {
        let grown = self.clients.keys().filter_map(|id| {
            let was = before.clients.get(id).map(|_| before.of_client(id));
            let is = self.of_client(id);
            let none = Rights::none();
            // Its own rights: the application that was opened to its owner is not of its making.
            let mut only = is.clone();
            let gained = before.open_to_owner_differs(self, id);
            if gained {
                only.applications.clear();
                only.application_scopes.clear();
            }
            let more = only.beyond(was.as_ref().unwrap_or(&none));
            (!more.is_empty()).then(|| (id.clone(), was, only))
        });
        grown.collect()
    }

    fn open_to_owner_differs(&self, after: &Self, id: &ClientId) -> bool {
        let open = |book: &Self| {
            let owner = book.clients.get(id)?.owner?;
            let user = book.users.get(&owner)?;
            let open = book.applications.iter().filter(|one| one.lets_in(user));
            Some(open.map(|one| one.uri.clone()).collect::<Vec<_>>())
        };
        let (was, is) = (open(self), open(after));
        is.is_some() && was != is
    }

    /// Whether its owner was brought back, or got another role.
    pub fn owner_grew(&self, before: &Self, id: &ClientId) -> bool {
        let owner = |book: &Self| {
            let owner = book.clients.get(id)?.owner?;
            let user = book.users.get(&owner)?;
            Some((user.role, user.disabled.is_some()))
        };
        before.clients.contains_key(id) && owner(before) != owner(self)
    }

    /// What those can do in person who can do more than `before`, and were there.
    pub fn grown_people(&self, before: &Self) -> Vec<Rights> {
        let grown = before.users.keys().filter_map(|id| {
            let (was, mut is) = (before.of_person(*id), self.of_person(*id));
            if !was.is_nothing() {
                is.applications.clone_from(&was.applications);
                is.application_scopes.clone_from(&was.application_scopes);
            }
            (!is.beyond(&was).is_empty()).then_some(is)
        });
        grown.collect()
    }

    /// Whether somebody else than `actor`'s owner who was an administrator, or a client of theirs, is not
    /// as it was.
    pub fn touches_administrators(&self, before: &Self, actor: &ClientId) -> bool {
        let own = before.clients.get(actor).and_then(|client| client.owner);
        let is_theirs = |user: &UserId| {
            let user = before.users.get(user);
            user.is_some_and(|user| user.role == Role::Administrator && Some(user.id) != own)
        };
        let state = |user: &User| (user.role, user.disabled.is_some(), user.generation);
        let differs = before.users.values().any(|user| {
            let is = self.users.get(&user.id).map(state);
            is_theirs(&user.id) && is != Some(state(user))
        });
        differs
            || before.clients.values().any(|client| {
                client.owner.as_ref().is_some_and(is_theirs)
                    && self.clients.get(&client.id) != Some(client)
            })
    }

    /// Whether a client carries the mark that did not before.
    pub fn marks_more_than(&self, before: &Self) -> bool {
        let had = |id| {
            before
                .clients
                .get(id)
                .is_some_and(|was| was.provisions_users)
        };
        self.clients
            .values()
            .any(|is| is.provisions_users && !had(&is.id))
    }

    pub fn was_disabled_by_administrator(&self, id: &ClientId) -> bool {
        let client = self.clients.get(id);
        let disabled = client.and_then(|client| client.disabled);
        disabled.is_some_and(|disabled| disabled.by == ActorKind::Administrator)
    }
}

impl Application {
    fn lets_in(&self, user: &User) -> bool {
        let through_list = self.lists.contains(&user.user_list_id.to_string());
        match self.named.iter().find(|one| one.user == user.id) {
            None => through_list,
            Some(one) => one.token_access && (one.by_name || through_list),
        }
    }
}
