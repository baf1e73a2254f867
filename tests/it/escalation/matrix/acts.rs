//! What can be done: every verb that gives, brings back or takes over, on everything that there is.

use mintmark::domain::clients::{self, ClientUpdate, NewClient, Rotation};
use mintmark::domain::user_changes::{self, UserUpdate};
use mintmark::domain::{Act, DomainError, application_user_lists, application_users};
use mintmark::domain::{second_factor, users};
use mintmark::model::ids::ClientId;
use mintmark::model::network::Networks;
use mintmark::model::scope::{Role, ScopeSet};
use mintmark::model::user::User;
use mintmark::store::AnyConnection;

use super::Principal;
use super::world::{HERE, HOUR, World, granted, hash, new_client, new_user};

type Run = Box<dyn Fn(&mut AnyConnection, &Act, &World) -> Result<Vec<Principal>, DomainError>>;

/// One deed; what it wins is whom somebody can act as afterwards.
pub struct Deed {
    pub name: String,
    run: Run,
}

impl Deed {
    pub fn run(
        &self,
        c: &mut AnyConnection,
        act: &Act,
        world: &World,
    ) -> Result<Vec<Principal>, DomainError> {
        (self.run)(c, act, world)
    }
}

fn deed(
    name: String,
    run: impl Fn(&mut AnyConnection, &Act, &World) -> Result<Vec<Principal>, DomainError> + 'static,
) -> Deed {
    Deed {
        name,
        run: Box::new(run),
    }
}

pub fn deeds(world: &World) -> Vec<Deed> {
    let mut deeds = Vec::new();
    making(world, &mut deeds);
    changing(world, &mut deeds);
    people(world, &mut deeds);
    deeds
}

/// New clients: as the maker is, with everything, and with one thing each.
fn making(world: &World, deeds: &mut Vec<Deed>) {
    type Adjust = fn(&mut NewClient, &Act, &World);
    let wanted: [(&str, Adjust); 9] = [
        ("as they are", |new, act, _| new.scope = act.authority.scope),
        ("with every scope", |new, _, _| new.scope = ScopeSet::all()),
        ("with a member's scopes", |new, _, _| {
            new.scope = Role::Member.scopes()
        }),
        ("that is bound", |new, act, world| {
            new.scope = act.authority.scope;
            new.expires_at = Some(world.now.plus_seconds(HOUR));
            new.allowed_networks = Networks::parse(HERE).unwrap();
            new.lifetime = 300;
        }),
        ("that ends later", |new, _, world| {
            new.expires_at = Some(world.now.plus_seconds(2 * HOUR));
        }),
        ("from elsewhere", |new, _, _| {
            new.allowed_networks = Networks::parse("192.0.2.0/24").unwrap();
        }),
        ("for an application", |new, _, world| {
            new.audiences = vec![world.open.1.clone()]
        }),
        ("with an application's scope", |new, _, world| {
            new.application_scopes = granted(world.open.0);
        }),
        ("with the mark", |new, _, _| new.provisions_users = true),
    ];
    let mut owners = vec![None];
    owners.extend(world.people.iter().map(|user| Some(user.clone())));
    for owner in owners {
        for (what, adjust) in wanted {
            let owner = owner.clone();
            let whose = owner
                .as_ref()
                .map_or("a service client", |user| user.login.as_str());
            let name = format!("makes one {what} for {whose}");
            deeds.push(deed(name, move |c, act, world| {
                let mut new = new_client(owner.as_ref().map(|user| user.id), ScopeSet::EMPTY);
                adjust(&mut new, act, world);
                if owner.is_none() {
                    new.scope = new.scope - ScopeSet::parse("openid").unwrap();
                }
                let (client, _) = clients::create(c, act, &world.keys, new)?;
                Ok(vec![Principal::Client(client.id)])
            }));
        }
    }
}

/// Changes of what is there, each in one way.
fn changing(world: &World, deeds: &mut Vec<Deed>) {
    type Update = fn(&World) -> ClientUpdate;
    let updates: [(&str, Update); 10] = [
        ("gives all scopes to", |_| ClientUpdate {
            scope: Some(ScopeSet::all() - ScopeSet::parse("openid").unwrap()),
            ..ClientUpdate::default()
        }),
        ("gives a scope to", |_| ClientUpdate {
            scope: Some(ScopeSet::parse("keys:read keys:write users:read").unwrap()),
            ..ClientUpdate::default()
        }),
        ("takes the scopes from", |_| ClientUpdate {
            scope: Some(ScopeSet::EMPTY),
            ..ClientUpdate::default()
        }),
        ("gives an application to", |world| ClientUpdate {
            audiences: Some(vec![world.open.1.clone(), world.shut.1.clone()]),
            ..ClientUpdate::default()
        }),
        ("gives an application's scope to", |world| ClientUpdate {
            application_scopes: Some(granted(world.open.0)),
            ..ClientUpdate::default()
        }),
        ("takes the end from", |_| ClientUpdate {
            expires_at: Some(None),
            ..ClientUpdate::default()
        }),
        ("frees the networks of", |_| ClientUpdate {
            allowed_networks: Some(Networks::default()),
            ..ClientUpdate::default()
        }),
        ("gives longer tokens to", |_| ClientUpdate {
            lifetime: Some(HOUR),
            ..ClientUpdate::default()
        }),
        ("binds", |world| ClientUpdate {
            expires_at: Some(Some(world.now.plus_seconds(HOUR))),
            allowed_networks: Some(Networks::parse(HERE).unwrap()),
            lifetime: Some(300),
            ..ClientUpdate::default()
        }),
        ("marks", |_| ClientUpdate {
            provisions_users: Some(true),
            ..ClientUpdate::default()
        }),
    ];
    for (at, (id, _)) in world.targets.iter().enumerate() {
        for (what, update) in updates {
            let id = id.clone();
            deeds.push(deed(format!("{what} client {at}"), move |c, act, world| {
                clients::update(c, act, &id, update(world)).map(|_| Vec::new())
            }));
        }
        for what in ["enables", "rotates"] {
            let id = id.clone();
            deeds.push(deed(format!("{what} client {at}"), move |c, act, world| {
                take(c, act, world, &id, what == "rotates")
            }));
        }
    }
}

fn take(
    c: &mut AnyConnection,
    act: &Act,
    world: &World,
    id: &ClientId,
    rotates: bool,
) -> Result<Vec<Principal>, DomainError> {
    if !rotates {
        return clients::enable(c, act, id).map(|_| Vec::new());
    }
    clients::rotate(c, act, &world.keys, id, Rotation::of(0))?;
    Ok(vec![Principal::Client(id.clone())])
}

fn people(world: &World, deeds: &mut Vec<Deed>) {
    for (list, whom) in [(0, "a user"), (1, "a customer")] {
        for role in [Role::Member, Role::Administrator] {
            let name = format!("makes {whom} who is {}", role.as_str());
            deeds.push(deed(name, move |c, act, world| {
                let login = format!("made-{}", mintmark::ambient::random_uuid().simple());
                let new = new_user(&login, role, world.lists[list]);
                let user = users::create(c, act, new, &hash())?;
                Ok(vec![Principal::Person(user.id)])
            }));
        }
    }
    for user in world.people.iter().chain(&world.off) {
        person(user, deeds);
    }
    for list in 0..2 {
        deeds.push(deed(
            format!("connects list {list}"),
            move |c, act, world| {
                let lists = vec![world.lists[list]];
                application_user_lists::connect(c, act, world.shut.0, lists).map(|_| Vec::new())
            },
        ));
    }
    let user = world.people[1].clone();
    deeds.push(deed(
        "connects a member".to_owned(),
        move |c, act, world| {
            let new = application_users::NewConnection {
                user_list: user.user_list_id,
                user: user.id,
                presentation: "x".to_owned(),
            };
            application_users::connect(c, act, world.shut.0, new).map(|_| Vec::new())
        },
    ));
}

fn person(user: &User, deeds: &mut Vec<Deed>) {
    type Work = fn(&mut AnyConnection, &Act, &User) -> Result<bool, DomainError>;
    let works: [(&str, Work); 6] = [
        ("sets the password of", |c, act, user| {
            users::set_password(c, act, user, &hash()).map(|()| true)
        }),
        ("takes the second factor of", |c, act, user| {
            second_factor::turn_off(c, act, user.id).map(|()| true)
        }),
        ("enables", |c, act, user| {
            users::enable(c, act, user).map(|()| false)
        }),
        ("disables", |c, act, user| {
            users::disable(c, act, user).map(|()| false)
        }),
        ("promotes", |c, act, user| {
            role(c, act, user, Role::Administrator)
        }),
        ("demotes", |c, act, user| role(c, act, user, Role::Member)),
    ];
    for (what, work) in works {
        let user = user.clone();
        deeds.push(deed(format!("{what} {}", user.login), move |c, act, _| {
            let now = users::find(c, &act.authority, (user.user_list_id, user.id))?;
            let becomes = work(c, act, &now)?;
            Ok(Vec::from_iter(
                becomes.then_some(Principal::Person(user.id)),
            ))
        }));
    }
}

fn role(c: &mut AnyConnection, act: &Act, user: &User, role: Role) -> Result<bool, DomainError> {
    let update = UserUpdate {
        role: Some(role),
        ..UserUpdate::default()
    };
    let of = (user.user_list_id, user.id);
    user_changes::update(c, act, of, update).map(|_| false)
}
