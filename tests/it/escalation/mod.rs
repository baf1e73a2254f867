//! Nobody gets more than they have: each way by which a token could win a scope that it lacks, a key
//! that outlives its own, or a network that is not its own. Each attempt is refused and changes
//! nothing, and is then made with a token for everything, which shows that nothing else was wrong.

mod applications;
mod at_once;
mod clients;
mod keys;
mod limits;
mod matrix;
mod people;
mod sessions;
mod users;
mod widened;

use mintmark::domain::users as user_acts;
use mintmark::model::scope::{Role, ScopeSet};
use mintmark::model::user::User;
use serde_json::Value;

use crate::support::{Credentials, Request, Response, TestApp};

const API: &str = "/console/api/v2";

/// A server with an administrator, a second one, and a member.
struct Stage {
    app: TestApp,
    /// A token of the first administrator's for everything.
    all: String,
    admin: User,
    second: User,
    member: User,
}

/// An attempt: what it is, and the call.
struct Attempt<'a> {
    what: &'a str,
    method: &'a str,
    path: String,
    body: Option<Value>,
}

impl<'a> Attempt<'a> {
    fn new(what: &'a str, method: &'a str, path: String, body: Option<Value>) -> Self {
        Self {
            what,
            method,
            path,
            body,
        }
    }

    fn post(what: &'a str, path: String, body: Value) -> Self {
        Self::new(what, "POST", path, Some(body))
    }

    fn patch(what: &'a str, path: String, body: Value) -> Self {
        Self::new(what, "PATCH", path, Some(body))
    }

    fn delete(what: &'a str, path: String) -> Self {
        Self::new(what, "DELETE", path, None)
    }
}

impl Stage {
    fn set() -> Self {
        let app = TestApp::start();
        let second = app.create_user("second", Role::Administrator);
        let member = app.create_user("member", Role::Member);
        let admin = app
            .app
            .read(|c| user_acts::find_by_login(c, "admin"))
            .unwrap();
        let key = app.create_key("admin", &ScopeSet::all().to_string());
        let all = app.token(&key).access_token;
        Self {
            app,
            all,
            admin,
            second,
            member,
        }
    }

    /// A token of this key's for these scopes alone.
    fn token(&self, key: &Credentials, scope: &str) -> String {
        let form = format!(
            "grant_type=client_credentials&scope={}",
            scope.replace(' ', "+")
        );
        self.app.token_for(key, &form).access_token
    }

    /// A token for these scopes of a key of this user's that has no others.
    fn narrow(&self, login: &str, scope: &str) -> String {
        self.token(&self.app.create_key(login, scope), scope)
    }

    fn call(&self, token: &str, attempt: &Attempt<'_>) -> Response {
        let request = match &attempt.body {
            Some(body) => Request::json(attempt.method, &attempt.path, body),
            None => Request::new(attempt.method, &attempt.path),
        };
        self.app.send(request.bearer(token))
    }

    /// Holds an attempt to fail with `token` for want of a right, and to succeed with every right.
    fn only_with_more(&self, token: &str, attempt: &Attempt<'_>) -> Response {
        let before = self.app.database.state();
        let refused = self.call(token, attempt);
        let what = format!("{}: {} {}", attempt.what, attempt.method, attempt.path);
        assert_eq!(refused.status, 403, "{what}: {}", refused.text());
        assert_eq!(refused.json()["code"], 7, "{what}: {}", refused.text());
        let challenge = refused.header("www-authenticate").unwrap_or_default();
        let expected = "Bearer realm=\"console\", error=\"insufficient_scope\"";
        assert!(challenge.starts_with(expected), "{what}: {challenge}");
        assert_eq!(
            self.app.database.state(),
            before,
            "{what}: it was refused, and changed something"
        );
        let allowed = self.call(&self.all, attempt);
        assert!(allowed.status < 300, "{what}: {}", allowed.whole());
        allowed
    }

    fn user_path(user: &User) -> String {
        format!("{API}/user-lists/{}/users/{}", user.user_list_id, user.id)
    }

    fn keys_path(user: &User) -> String {
        format!("{}/access-tokens", Self::user_path(user))
    }

    fn key_path(user: &User, key: &Credentials) -> String {
        format!("{}/{}", Self::keys_path(user), key.client_id)
    }
}
