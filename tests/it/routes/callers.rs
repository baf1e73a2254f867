//! Who calls: everybody whom a route could treat differently.

use mintmark::domain::{clients, users};
use mintmark::model::ids::ClientId;
use mintmark::model::scope::{Role, Scope, ScopeSet};

use crate::support::{Credentials, TestApp};

/// What kind of caller it is, which says how far its rights extend.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Anonymous,
    /// Its token was good, until it or its user was disabled or deleted.
    Ended,
    Member,
    OtherMember,
    Administrator,
    Service,
}

pub struct Caller {
    pub name: String,
    pub kind: Kind,
    pub token: Option<String>,
    /// What the token can do.
    pub scope: ScopeSet,
}

pub const MEMBER: &str = "one-member";
pub const OTHER_MEMBER: &str = "other-member";

/// Every caller. The two members must exist.
pub fn callers(app: &TestApp) -> Vec<Caller> {
    let mut callers = vec![Caller {
        name: "anonymous".to_owned(),
        kind: Kind::Anonymous,
        token: None,
        scope: ScopeSet::EMPTY,
    }];
    let members = Role::Member.scopes();
    let mut whole = Vec::new();
    for (login, kind, scope) in [
        (MEMBER, Kind::Member, members),
        (OTHER_MEMBER, Kind::OtherMember, members),
        ("admin", Kind::Administrator, ScopeSet::all()),
    ] {
        let key = app.create_key(login, &scope.to_string());
        callers.push(caller(app, login, kind, &key, scope));
        whole.push((login, kind, key, scope));
    }
    let all = ScopeSet::all() - ScopeSet::of(&[Scope::OpenId]);
    let service = app.create_service(&all.to_string());
    callers.push(caller(app, "service client", Kind::Service, &service, all));
    for (login, kind, key, scope) in whole {
        if kind == Kind::OtherMember {
            continue;
        }
        for scope in scope.iter().map(|scope| ScopeSet::of(&[scope])) {
            callers.push(caller(
                app,
                &format!("{login} for {scope} alone"),
                kind,
                &key,
                scope,
            ));
        }
    }
    callers.extend(ended(app));
    callers
}

fn caller(app: &TestApp, name: &str, kind: Kind, key: &Credentials, scope: ScopeSet) -> Caller {
    let tokens = app.token_for(key, &format!("grant_type=client_credentials&scope={scope}"));
    Caller {
        name: name.to_owned(),
        kind,
        token: Some(tokens.access_token),
        scope,
    }
}

/// Callers whose tokens were good for everything, and whose time is over.
fn ended(app: &TestApp) -> Vec<Caller> {
    let mut ended = Vec::new();
    let mut take = |name: &str, key: &Credentials, scope: ScopeSet| {
        ended.push(caller(app, name, Kind::Ended, key, scope));
    };
    let all = ScopeSet::all();
    for login in ["disabled-user", "deleted-user"] {
        app.create_user(login, Role::Administrator);
        take(login, &app.create_key(login, &all.to_string()), all);
    }
    let disabled = app.create_key("admin", &all.to_string());
    take("disabled key", &disabled, all);
    let deleted = app.create_key("admin", &all.to_string());
    take("deleted key", &deleted, all);
    let services = all - ScopeSet::of(&[Scope::OpenId]);
    let service = app.create_service(&services.to_string());
    take("disabled service client", &service, services);

    let id = |key: &Credentials| ClientId::parse(&key.client_id).unwrap();
    app.write(|c, act| {
        let user = users::find_by_login(c, "disabled-user")?;
        users::disable(c, act, &user)?;
        let user = users::find_by_login(c, "deleted-user")?;
        users::delete(c, act, &user)?;
        for key in [&disabled, &service] {
            clients::disable(c, act, &id(key))?;
        }
        clients::delete(c, act, &id(&deleted))
    });
    ended
}
