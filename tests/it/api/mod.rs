//! The resource API: applications, users and their lists, spaces, and the caller.

mod applications_access;
mod applications_search;
mod applications_status;
mod applications_update;
mod applications_uri;
mod applications_user_lists;
mod applications_users;
mod applications_users_refused;
mod audit_events;
mod audit_events_kept;
mod audit_events_pages;
mod create;
mod create_body;
mod create_refused;
mod keys;
mod list;
mod many;
mod me;
mod one;
mod paths;
mod spaces;
mod spaces_quotas;
mod user_lists;
mod user_lists_delete;
mod users;
mod users_administrators;
mod users_list;
mod users_password;
mod users_refused;
mod users_update;
mod visible;

use mintmark::domain::user_lists::{self as list_acts, NewUserList};
use mintmark::domain::{password, users as user_acts};
use mintmark::model::ids::UserListId;
use mintmark::model::scope::{Role, ScopeSet};
use mintmark::model::secret::Secret;
use mintmark::model::user::User;
use mintmark::store::user_lists as stored_lists;
use serde_json::{Value, json};

use crate::support::{Credentials, Request, Response, TestApp};

const APPLICATIONS: &str = "/console/api/v2/applications";
const LISTS: &str = "/console/api/v2/user-lists";
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

/// A server and a token of its administrator's with every scope.
fn administration() -> (TestApp, String) {
    let app = TestApp::start();
    let key = app.create_key("admin", &ScopeSet::all().to_string());
    let token = app.token(&key).access_token;
    (app, token)
}

/// The least that makes an application.
pub fn minimal(name: &str) -> Value {
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
pub fn create(app: &TestApp, token: &str, body: &Value) -> Value {
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

/// What the audit log says of anything, in its order: kind and details. Later things come at later
/// times.
fn events_of(app: &TestApp, object_kind: &str, id: &str) -> Vec<String> {
    app.database.query(&format!(
        "SELECT kind || ' ' || details AS text FROM audit_events WHERE object_id = '{id}' \
         AND object_kind = '{object_kind}' ORDER BY at"
    ))
}

/// The path of a list's users.
fn users_path(list: UserListId) -> String {
    format!("{LISTS}/{list}/users")
}

fn user_path(user: &User) -> String {
    format!("{}/{}", users_path(user.user_list_id), user.id)
}

/// A user as the API answers one who has not been changed since, with these keys.
fn user_body(user: &User, keys: &[(&str, &str)]) -> String {
    let key = |(id, name): &(&str, &str)| {
        let (id, name) = (Value::from(*id), Value::from(*name));
        format!("{{\"client-id\":{id},\"description\":{name}}}")
    };
    let keys: Vec<String> = keys.iter().map(key).collect();
    let text = |text: &str| Value::from(text);
    let ends_at = user.password_ends_at.map_or(String::new(), |end| {
        format!(",\"temporary-password-ends-at\":\"{end}\"")
    });
    format!(
        "{{\"id\":\"{}\",\"login\":{},\"presentation\":{},\"email\":{},\"phone\":{},\
         \"email-confirmed\":false,\"phone-confirmed\":false,\"is-active\":{},\
         \"user-list-id\":\"{}\",\"accounts\":[],\
         \"second-factor-authentication\":{{\"priority-list\":[],\"use-always\":false}},\
         \"access-tokens\":[{}],\"esia-account\":[],\"role\":\"{}\",\"created-at\":\"{}\"{ends_at}}}",
        user.id,
        text(&user.login),
        text(&user.presentation),
        text(user.email.as_deref().unwrap_or_default()),
        text(user.phone.as_deref().unwrap_or_default()),
        user.disabled.is_none(),
        user.user_list_id,
        keys.join(","),
        user.role.as_str(),
        user.created_at,
    )
}

/// A user as they stand in the database.
fn stored(app: &TestApp, login: &str) -> User {
    app.app
        .read(|c| user_acts::find_by_login(c, login))
        .unwrap()
}

fn failed_precondition(message: &str) -> String {
    error(400, 9, "FAILED_PRECONDITION", message, "")
}

fn delete(app: &TestApp, token: &str, path: &str) -> Response {
    app.send(Request::new("DELETE", path).bearer(token))
}

/// The list that the first start made.
fn first_list(app: &TestApp) -> UserListId {
    let found = app.app.read(stored_lists::find_first);
    found.unwrap().unwrap().id
}

fn create_list(app: &TestApp, presentation: &str) -> UserListId {
    let new = NewUserList {
        presentation: presentation.to_owned(),
        ..NewUserList::default()
    };
    // Later than the first, which new users join.
    app.advance(1);
    app.write(|c, act| list_acts::create(c, act, new)).id
}

/// A member of this list, and a token of theirs.
fn create_member(app: &TestApp, login: &str, list: UserListId) -> (User, String) {
    let secret = Secret::new("correct horse battery".to_owned());
    let hash = password::hash(&secret, false).unwrap();
    let new = user_acts::NewUser {
        login: login.to_owned(),
        presentation: None,
        email: None,
        phone: None,
        role: Role::Member,
        user_list: Some(list),
    };
    let user = app.write(|c, act| user_acts::create(c, act, new, &hash));
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

fn not_found(what: &str) -> String {
    error(404, 5, "NOT_FOUND", &format!("No such {what}."), "")
}

fn no_such_application() -> String {
    not_found("application")
}

/// A token that has the route's scope, and lacks some of what the act needs.
fn forbidden(needed: &str, lacking: &str) -> String {
    let details = format!("the token or session lacks: {lacking}");
    let whole = error(
        403,
        7,
        "PERMISSION_DENIED",
        "The token does not allow this.",
        &details,
    );
    let challenge = format!(
        "\nwww-authenticate: Bearer realm=\"console\", error=\"insufficient_scope\", scope=\"{needed}\"\n\n"
    );
    whole.replacen("\n\n", &challenge, 1)
}

const NO_CONTENT: &str = "204\ncache-control: no-store\n\n";
const CREATED: u16 = 201;

fn not_a_uuid(text: &str) -> String {
    let message = format!("{text} is not a valid UUID.");
    error(400, 3, "INVALID_ARGUMENT", &message, "")
}
