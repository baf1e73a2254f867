//! Access keys and service clients over the resource API.

mod at_once;
mod bodies;
mod conditions;
mod create;
mod ended;
mod expired;
mod granted;
mod grants_refused;
mod limits;
mod list;
mod rotate;
mod services;
mod services_refused;
mod switch;
mod take_over;
mod update;
mod used;

use mintmark::config::ServerSettings;
use mintmark::model::ids::UserListId;
use mintmark::model::scope::{Role, ScopeSet};
use mintmark::model::timestamp::Timestamp;
use mintmark::model::user::User;
use serde_json::{Value, json};

use super::{error, failed_precondition, first_list, invalid};
use crate::support::{Credentials, Request, Response, TestApp, settings};

const CLIENTS: &str = "/console/api/v2/clients";
const ANY: &str = "grant_type=client_credentials";

/// A server with a member, and an administrator's token for everything.
struct Desk {
    app: TestApp,
    admin: String,
    list: UserListId,
    member: User,
}

impl Desk {
    fn new() -> Self {
        Self::with(settings())
    }

    fn with(settings: ServerSettings) -> Self {
        let app = TestApp::with(settings);
        let key = app.create_key("admin", &ScopeSet::all().to_string());
        Self {
            admin: app.token(&key).access_token,
            list: first_list(&app),
            member: app.create_user("member", Role::Member),
            app,
        }
    }

    /// The member's keys.
    fn keys(&self) -> String {
        self.keys_of(&self.member)
    }

    fn keys_of(&self, user: &User) -> String {
        let (list, user) = (user.user_list_id, user.id);
        format!("/console/api/v2/user-lists/{list}/users/{user}/access-tokens")
    }

    /// A token of a new key of the member's, for all that it may do.
    fn member_token(&self, scope: &str) -> String {
        let key = self.app.create_key("member", scope);
        self.app.token(&key).access_token
    }

    /// The moment in so many seconds, as it is written.
    fn at(&self, seconds: i64) -> String {
        self.now().plus_seconds(seconds).to_string()
    }

    fn now(&self) -> Timestamp {
        self.app.act().now
    }

    fn send(&self, method: &str, path: &str, token: &str, body: &Value) -> Response {
        let request = Request::json(method, path, body).bearer(token);
        self.app.send(request)
    }

    /// A call without a body.
    fn call(&self, method: &str, path: &str, token: &str) -> Response {
        self.app.send(Request::new(method, path).bearer(token))
    }

    fn post(&self, path: &str, token: &str, body: &Value) -> Response {
        self.send("POST", path, token, body)
    }

    fn patch(&self, path: &str, token: &str, body: &Value) -> Response {
        self.send("PATCH", path, token, body)
    }

    /// Makes a key or a client, and answers it as it was answered.
    fn make(&self, path: &str, token: &str, body: &Value) -> Value {
        let response = self.post(path, token, body);
        assert_eq!(response.status, 201, "{}", response.text());
        response.json()
    }

    /// Changes something that must succeed.
    fn change(&self, path: &str, token: &str, body: &Value) -> Value {
        let response = self.patch(path, token, body);
        assert_eq!(response.status, 200, "{}", response.text());
        response.json()
    }

    /// What the token endpoint answers to these credentials.
    fn status(&self, credentials: &Credentials) -> u16 {
        self.app.post_token(credentials, ANY).status
    }

    fn state(&self) -> Vec<String> {
        super::state(&self.app)
    }
}

/// A path below another.
fn one(path: &str, client: &Value) -> String {
    format!("{path}/{}", client["client-id"].as_str().unwrap())
}

fn credentials(made: &Value) -> Credentials {
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    Credentials {
        client_id: text("client-id"),
        client_secret: text("client-secret"),
    }
}

/// What is shown of something made, afterwards.
fn shown(made: &Value) -> Value {
    let mut shown = made.clone();
    shown.as_object_mut().unwrap().remove("client-secret");
    shown
}

/// The status of an answer that must be an error, and what it says.
fn why(response: &Response) -> (u16, u64, String) {
    let body = response.json();
    let details = body["details"].as_str().unwrap();
    let said = match details {
        "" => body["message"].as_str().unwrap(),
        details => details,
    };
    let code = body["code"].as_u64().unwrap();
    (response.status, code, said.to_owned())
}

/// A refusal because the token or its client lacks something.
fn forbidden(reason: &str) -> (u16, u64, String) {
    (403, 7, reason.to_owned())
}

fn bad(reason: &str) -> (u16, u64, String) {
    (400, 3, reason.to_owned())
}

fn lacks(scope: &str) -> (u16, u64, String) {
    forbidden(&format!("the token or session lacks: {scope}"))
}

/// The least that makes a key.
fn named(name: &str) -> Value {
    json!({"description": name})
}
