//! Whom and what there is to act on.

use mintmark::domain::clients::{self, NewClient};
use mintmark::domain::secret::DigestKeys;
use mintmark::domain::user_lists::{self, NewUserList};
use mintmark::domain::users::{self, NewUser, PasswordHash};
use mintmark::model::granted_scopes::GrantedScopes;
use mintmark::model::ids::{ApplicationId, ClientId, UserId, UserListId};
use mintmark::model::network::Networks;
use mintmark::model::scope::{Role, ScopeSet};
use mintmark::model::timestamp::Timestamp;
use mintmark::model::user::User;
use serde_json::json;

use crate::support::{Request, TestApp};

/// Within these networks and until this end are those who are bound.
pub const HERE: &str = "127.0.0.0/8";
pub const HOUR: i64 = 3600;

pub struct World {
    pub now: Timestamp,
    pub keys: DigestKeys,
    /// A list to which no application is open, and one to which `open` is.
    pub lists: [UserListId; 2],
    /// The application that is open to the second list, and one that is open to nobody.
    pub open: (ApplicationId, String),
    pub shut: (ApplicationId, String),
    /// An administrator and a member of the first list, a member of the second; each with a key.
    pub people: [User; 3],
    /// Those of them who are switched off.
    pub off: [User; 2],
    /// What clients there are to act on, with their owners.
    pub targets: Vec<(ClientId, Option<UserId>)>,
}

pub fn hash() -> PasswordHash {
    PasswordHash {
        hash: "none".to_owned(),
        temporary: false,
        ends_at: None,
    }
}

pub fn new_user(login: &str, role: Role, list: UserListId) -> NewUser {
    NewUser {
        login: login.to_owned(),
        presentation: None,
        email: None,
        phone: None,
        role,
        user_list: Some(list),
    }
}

pub fn new_client(owner: Option<UserId>, scope: ScopeSet) -> NewClient {
    NewClient {
        owner,
        name: "made".to_owned(),
        description: String::new(),
        scope,
        application_scopes: GrantedScopes::default(),
        audiences: Vec::new(),
        default_audience: None,
        lifetime: HOUR,
        allowed_networks: Networks::default(),
        expires_at: None,
        provisions_users: false,
    }
}

pub fn granted(id: ApplicationId) -> GrantedScopes {
    GrantedScopes::new(vec![(id, vec!["orders:read".to_owned()])]).unwrap()
}

impl World {
    pub fn build(app: &TestApp) -> Self {
        let list = app.write(|c, act| {
            let new = NewUserList {
                presentation: "Customers".to_owned(),
                ..NewUserList::default()
            };
            user_lists::create(c, act, new)
        });
        let first = app.app.read(mintmark::store::user_lists::find_first);
        let lists = [first.unwrap().unwrap().id, list.id];
        let application = |name: &str, lists: &[String]| {
            let (id, uri) = crate::token::create_application(app, name, lists);
            let key = app.create_key("admin", "applications:write");
            let token = app.token(&key).access_token;
            let body = json!({"scopes": [{"name": "orders:read", "description": "see orders"}]});
            let path = format!("/console/api/v2/applications/{id}");
            let done = app.send(Request::json("PATCH", &path, &body).bearer(&token));
            assert_eq!(done.status, 200, "{}", done.text());
            (ApplicationId::parse(&id).unwrap(), uri)
        };
        let open = application("open", &[list.id.to_string()]);
        let shut = application("shut", &[]);
        let make = |login: &str, role, list| {
            app.write(|c, act| users::create(c, act, new_user(login, role, list), &hash()))
        };
        let people = [
            make("boss", Role::Administrator, lists[0]),
            make("member", Role::Member, lists[0]),
            make("customer", Role::Member, lists[1]),
        ];
        let off = [
            make("off-boss", Role::Administrator, lists[0]),
            make("off-member", Role::Member, lists[1]),
        ];
        let mut targets = Vec::new();
        let mut target = |owner: Option<&User>, scope: &str, adjust: &dyn Fn(&mut NewClient)| {
            let made = app.create_client(owner.map(|user| user.login.as_str()), scope, adjust);
            let id = ClientId::parse(&made.client_id).unwrap();
            targets.push((id.clone(), owner.map(|user| user.id)));
            id
        };
        let end = app.act().now.plus_seconds(HOUR);
        let bind = |new: &mut NewClient| {
            new.expires_at = Some(end);
            new.allowed_networks = Networks::parse(HERE).unwrap();
            new.lifetime = 300;
        };
        let services = "users:read keys:read keys:write";
        target(None, "keys:read", &|_| {});
        target(None, services, &bind);
        target(None, services, &|new| {
            bind(new);
            new.provisions_users = true;
        });
        target(None, "", &|new| {
            new.audiences = vec![open.1.clone()];
            new.application_scopes = granted(open.0);
        });
        let mut disabled = vec![target(None, "keys:read keys:write", &|_| {})];
        for user in people.iter().chain(&off) {
            target(Some(user), "openid", &|_| {});
            target(Some(user), "keys:read keys:write", &bind);
            disabled.push(target(Some(user), "keys:read keys:write", &|_| {}));
        }
        target(Some(&people[0]), &ScopeSet::all().to_string(), &|new| {
            new.provisions_users = true;
        });
        target(Some(&people[2]), "openid", &|new| {
            new.application_scopes = granted(open.0);
        });
        for id in &disabled {
            app.write(|c, act| clients::disable(c, act, id));
        }
        for user in &off {
            app.write(|c, act| users::disable(c, act, user));
        }
        Self {
            now: app.act().now,
            keys: app.app.digest_keys.clone(),
            lists,
            open,
            shut,
            people,
            off,
            targets,
        }
    }
}
