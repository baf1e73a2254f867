//! The resource API: applications and the caller.

mod applications_access;
mod applications_search;
mod applications_status;
mod applications_update;
mod applications_uri;
mod applications_user_lists;
mod applications_users;
mod applications_users_refused;
mod create;
mod create_body;
mod create_refused;
mod keys;
mod list;
mod many;
mod me;
mod one;
mod paths;
mod visible;

use mintmark::ambient::random_uuid;
use mintmark::domain::{password, users};
use mintmark::model::ids::UserListId;
use mintmark::model::scope::Role;
use mintmark::model::secret::Secret;
use mintmark::model::user::{User, UserList};
use mintmark::store::user_lists;
use serde_json::{Value, json};

use crate::support::{Credentials, Request, Response, TestApp};

const APPLICATIONS: &str = "/console/api/v2/applications";
const ME: &str = "/console/api/v2/me";
/// A UUID that names nothing.
const NOTHING: &str = "1eeb5447-c5bb-6867-b776-199d8903fded";
const IMAGE: &str = "1eeb5447-c4f8-635e-b776-199d8903fded";
const VERSION: &str = "1eeb5447-c51f-6466-b776-199d8903fded";
const SPACE: &str = "1eeb5437-b8d7-655d-b776-199d8903fded";

/// A server and a token of its administrator's for everything.
fn setup() -> (TestApp, String) {
    let app = TestApp::start();
    let key = app.create_key(
        "admin",
        "openid applications:read applications:write keys:read",
    );
    let token = app.token(&key).access_token;
    (app, token)
}

/// The least that makes an application.
fn minimal(name: &str) -> Value {
    json!({
        "source": {"type": "repository", "image-id": IMAGE},
        "display-name": name,
        "publication-context": name,
        "development-mode": false,
    })
}

fn post(app: &TestApp, token: &str, body: &Value) -> Response {
    app.send(Request::json("POST", APPLICATIONS, body).bearer(token))
}

/// Makes an application and answers it as it was answered.
fn create(app: &TestApp, token: &str, body: &Value) -> Value {
    let response = post(app, token, body);
    assert_eq!(response.status, 200, "{}", response.text());
    response.json()
}

/// An application that is connected to these lists.
fn create_for(app: &TestApp, token: &str, name: &str, lists: &[UserListId]) -> Value {
    let mut body = minimal(name);
    body["user-lists"] = lists.iter().map(ToString::to_string).collect();
    create(app, token, &body)
}

fn id(application: &Value) -> &str {
    application["id"].as_str().unwrap()
}

fn path(application: &Value) -> String {
    format!("{APPLICATIONS}/{}", id(application))
}

/// A call with a JSON body, answered as a whole.
fn call(app: &TestApp, token: &str, method: &str, path: &str, body: &Value) -> String {
    let request = Request::json(method, path, body);
    app.send(request.bearer(token)).whole()
}

/// Whether a key of this user's gets a token for the application now; the refusal is the one that
/// every resource out of reach gets.
#[track_caller]
fn reaches(app: &TestApp, key: &Credentials, application: &Value) -> bool {
    let uri = application["uri"].as_str().unwrap();
    let uri: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
    let form = format!("grant_type=client_credentials&resource={uri}");
    let response = app.post_token(key, &form);
    if response.status == 200 {
        return true;
    }
    assert_eq!(response.status, 400, "{}", response.text());
    assert_eq!(response.json()["error"], "invalid_target");
    false
}

/// What every change moves.
fn state(app: &TestApp) -> Vec<String> {
    app.database.state()
}

/// What the audit log says of an application since `millis`, in its order: kind and details.
fn events(app: &TestApp, application: &Value, millis: i64) -> Vec<String> {
    app.database.query(&format!(
        "SELECT kind || ' ' || details AS text FROM audit_events WHERE object_id = '{}' \
         AND object_kind = 'application' AND at > {millis} ORDER BY at",
        id(application)
    ))
}

fn failed_precondition(message: &str) -> String {
    error(400, 9, "FAILED_PRECONDITION", message, "")
}

fn delete(app: &TestApp, token: &str, path: &str) -> Response {
    app.send(Request::new("DELETE", path).bearer(token))
}

/// The list that the first start made.
fn first_list(app: &TestApp) -> UserListId {
    let found = app.app.read(user_lists::find_first);
    found.unwrap().unwrap().id
}

fn create_list(app: &TestApp, presentation: &str) -> UserListId {
    app.write(|c, act| {
        let list = UserList {
            id: UserListId::new(random_uuid()),
            presentation: presentation.to_owned(),
            created_at: act.now,
        };
        user_lists::create(c, &list)?;
        Ok(list.id)
    })
}

/// A member of this list, and a token of theirs.
fn create_member(app: &TestApp, login: &str, list: UserListId) -> (User, String) {
    let secret = Secret::new("correct horse battery".to_owned());
    let hash = password::hash(&secret, false).unwrap();
    let new = users::NewUser {
        login: login.to_owned(),
        presentation: None,
        role: Role::Member,
        user_list: Some(list),
    };
    let user = app.write(|c, act| users::create(c, act, new, &hash));
    let key = app.create_key(login, "openid applications:read");
    (user, app.token(&key).access_token)
}

/// A whole answer without further headers of note.
fn answer(status: u16, body: &str) -> String {
    format!("{status}\ncache-control: no-store\ncontent-type: application/json\n\n{body}")
}

/// A whole error of the console's form.
fn error(status: u16, code: u8, name: &str, message: &str, details: &str) -> String {
    let message = Value::from(message);
    let details = Value::from(details);
    let body = format!(
        "{{\"code\":{code},\"status\":\"{name}\",\"message\":{message},\"details\":{details}}}"
    );
    answer(status, &body)
}

/// A value that is not as it must be.
fn invalid(field: &str, reason: &str) -> String {
    let message = format!("{field} is not valid.");
    let details = format!("{field}: {reason}");
    error(400, 3, "INVALID_ARGUMENT", &message, &details)
}

fn no_such_application() -> String {
    error(404, 5, "NOT_FOUND", "No such application.", "")
}

fn not_a_uuid(text: &str) -> String {
    let message = format!("{text} is not a valid UUID.");
    error(400, 3, "INVALID_ARGUMENT", &message, "")
}
