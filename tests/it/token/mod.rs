//! The token endpoint (RFC 6749 section 4.4, RFC 8707).

mod answer;
mod application_scopes;
mod authentication;
mod body;
mod credentials;
mod default_audience;
mod ends;
mod form;
mod generations;
mod guard;
mod memory;
mod outage;
mod peer;
mod refused;
mod resource;
mod revoked;
mod scope;
mod timing;
mod traceless;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::{Credentials, Request, Response, TestApp};

/// The form of the plainest request.
const GRANT: &str = "grant_type=client_credentials";

const INVALID_CLIENT: &str =
    r#"{"error":"invalid_client","error_description":"Client authentication failed."}"#;
const INVALID_SCOPE: &str = r#"{"error":"invalid_scope","error_description":"The scope is malformed, unknown, or more than the client may have. One space separates two scopes."}"#;
const INVALID_TARGET: &str = r#"{"error":"invalid_target","error_description":"The resource is malformed, unknown, or not one that the client may reach."}"#;
const SLOW_DOWN: &str = r#"{"error":"temporarily_unavailable","error_description":"Too many failed authentications. Try again later."}"#;
const UNAVAILABLE: &str = r#"{"error":"temporarily_unavailable","error_description":"The service is temporarily unavailable. Try again later."}"#;

/// The body of an `invalid_request`.
fn invalid_request(description: &str) -> String {
    format!(r#"{{"error":"invalid_request","error_description":"{description}"}}"#)
}

/// What every answer of the token endpoint carries, and nothing besides `extra`.
#[track_caller]
fn assert_headers(response: &Response, extra: &[(&str, &str)]) {
    let request_id = response.header("x-request-id").unwrap();
    assert!(request_id.len() == 32 && request_id.bytes().all(|b| b.is_ascii_hexdigit()));
    let length = response.body.len().to_string();
    let common = [
        ("cache-control", "no-store"),
        ("content-length", length.as_str()),
        ("content-type", "application/json"),
        ("pragma", "no-cache"),
    ];
    let mut expected: Vec<_> = common.iter().chain(extra).copied().collect();
    expected.sort_unstable();
    assert_eq!(headers(response), expected);
}

/// The headers in alphabetical order, but those that differ with every answer or connection.
fn headers(response: &Response) -> Vec<(&str, &str)> {
    let mut headers: Vec<(&str, &str)> = response
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| !["date", "x-request-id", "connection"].contains(name))
        .collect();
    headers.sort_unstable();
    headers
}

/// That the answer is this error, whole.
#[track_caller]
fn assert_error(response: &Response, status: u16, body: &str) {
    assert_eq!((response.status, response.text().as_str()), (status, body));
    let challenge = (
        "www-authenticate",
        r#"Basic realm="token", charset="UTF-8""#,
    );
    match status {
        401 => assert_headers(response, &[challenge]),
        429 | 503 => {
            let seconds = response.header("retry-after").unwrap_or_default();
            let parsed: u64 = seconds.parse().unwrap();
            assert!((1..=60).contains(&parsed), "{parsed}");
            assert_headers(response, &[("retry-after", seconds)]);
        }
        405 => assert_headers(response, &[("allow", "POST")]),
        _ => assert_headers(response, &[]),
    }
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Registers an application through the API, connected to these user lists; answers its id and
/// its uri.
pub fn create_application(app: &TestApp, name: &str, user_lists: &[String]) -> (String, String) {
    let key = app.create_key("admin", "applications:write");
    let token = app.token(&key).access_token;
    let body = json!({
        "source": {"type": "repository", "image-id": "7b7d7c0e-5d0c-4d8e-8a52-6a2f3f0d9a01"},
        "display-name": name,
        "publication-context": name,
        "development-mode": false,
        "user-lists": user_lists,
    });
    let request = Request::json("POST", "/console/api/v2/applications", &body);
    let response = app.send(request.bearer(&token));
    assert_eq!(response.status, 200, "{}", response.text());
    let application = response.json();
    let text = |name: &str| application[name].as_str().unwrap().to_owned();
    (text("id"), text("uri"))
}

/// The user list that the administrator, and everyone made without another, is in.
fn first_user_list(app: &TestApp) -> String {
    let list = app.app.read(mintmark::store::user_lists::find_first);
    list.unwrap().unwrap().id.to_string()
}

/// The same client with a secret that is not its own.
fn with_wrong_secret(credentials: &Credentials) -> Credentials {
    Credentials {
        client_secret: "mms_wrong".to_owned(),
        ..credentials.clone()
    }
}

/// Credentials that nobody has.
fn unknown_client() -> Credentials {
    Credentials {
        client_id: "mmk_0123456789abcdefghijAB".to_owned(),
        client_secret: "mms_wrong".to_owned(),
    }
}
