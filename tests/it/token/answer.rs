//! A success, whole: its members in their order, its headers, and what the tokens hold.

use mintmark::model::scope::Role;
use serde_json::{Value, json};

use super::{GRANT, assert_error, assert_headers, claims};
use crate::support::{Response, TestApp};

/// That the answer is this success, byte for byte; answers its tokens.
#[track_caller]
fn assert_success(response: &Response, lifetime: i64, scope: &str, openid: bool) -> [Value; 2] {
    assert_eq!(response.status, 200, "{}", response.text());
    assert_headers(response, &[]);
    let answer = response.json();
    let access_token = answer["access_token"].as_str().unwrap();
    let id_token = answer["id_token"].as_str();
    assert_eq!(id_token.is_some(), openid);
    let last = id_token.map_or(String::new(), |id| format!(r#","id_token":"{id}""#));
    let scope = match scope {
        "" => String::new(),
        scope => format!(r#","scope":"{scope}""#),
    };
    let expected = format!(
        r#"{{"access_token":"{access_token}","token_type":"Bearer","expires_in":{lifetime}{scope}{last}}}"#
    );
    assert_eq!(response.text(), expected);
    [claims(access_token), id_token.map_or(Value::Null, claims)]
}

#[test]
fn an_access_key_with_openid_gets_both_tokens_in_the_documented_order() {
    let app = TestApp::start();
    let user = app.create_user("anna", Role::Member);
    let key = app.create_key("anna", "openid applications:read");
    let response = app.post_token(&key, GRANT);
    let [access, id] = assert_success(&response, 3600, "openid applications:read", true);

    let now = app.act().now.seconds();
    let jti = access["jti"].as_str().unwrap();
    let stem = jti.strip_suffix(".a").unwrap();
    assert_eq!(stem.len(), 22);
    let issuer = app.url("");
    let expected = json!({
        "iss": issuer, "sub": user.id.to_string(), "aud": format!("{issuer}/console/api/v2"),
        "client_id": key.client_id, "iat": now, "exp": now + 3600, "jti": jti,
        "scope": "openid applications:read", "gen": 1,
    });
    assert_eq!(access, expected);
    let expected = json!({
        "iss": issuer, "sub": id["sub"], "aud": key.client_id, "iat": now, "exp": now + 3600,
        "at_hash": id["at_hash"], "jti": format!("{stem}.i"),
        "scope": "openid applications:read", "gen": 1,
    });
    assert_eq!(id, expected);
    let subject = format!(
        "{{\r\n  \"user-id\" : \"{}\",\r\n  \"user-list-id\" : \"{}\",\r\n  \
         \"user-presentation\" : \"anna\",\r\n  \"auth-identity\" : {{\r\n    \
         \"name\" : \"{}\",\r\n    \"domain\" : \"user_tokens\"\r\n  }}\r\n}}",
        user.id, user.user_list_id, key.client_id
    );
    assert_eq!(id["sub"], subject);
}

#[test]
fn an_access_key_without_openid_gets_no_id_token() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read");
    let response = app.post_token(&key, &format!("{GRANT}&scope=applications:read"));
    let [access, _] = assert_success(&response, 3600, "applications:read", false);
    assert_eq!(access["scope"], "applications:read");
    let without = app.create_key("admin", "users:read");
    assert_success(&app.post_token(&without, GRANT), 3600, "users:read", false);
}

#[test]
fn a_service_client_acts_for_itself_and_never_gets_an_id_token() {
    let app = TestApp::start();
    let service = app.create_service("applications:read");
    let response = app.post_token(&service, GRANT);
    let [access, _] = assert_success(&response, 3600, "applications:read", false);
    let id = service.client_id.as_str();
    assert_eq!(access["sub"], id);
    assert_eq!(access["client_id"], id);
    assert_eq!(access["gen"], 1);
}

/// RFC 6749 section 3.3 knows no empty scope, and Kafka's clients refuse one.
#[test]
fn a_client_that_may_do_nothing_gets_a_token_without_a_scope() {
    let app = TestApp::start();
    let key = app.create_key("admin", "");
    let [access, _] = assert_success(&app.post_token(&key, GRANT), 3600, "", false);
    assert_eq!(access.get("scope"), None);
    let mut names: Vec<&str> = access
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    let expected = ["aud", "client_id", "exp", "gen", "iat", "iss", "jti", "sub"];
    assert_eq!(names, expected);
}

#[test]
fn a_clients_shorter_lifetime_shows_in_the_answer_and_in_both_tokens() {
    let app = TestApp::start();
    let key = app.create_client(Some("admin"), "openid", |new| new.lifetime = 60);
    let [access, id] = assert_success(&app.post_token(&key, GRANT), 60, "openid", true);
    let now = app.act().now.seconds();
    for token in [access, id] {
        assert_eq!(
            (&token["iat"], &token["exp"]),
            (&json!(now), &json!(now + 60))
        );
    }
}

#[test]
fn the_grant_is_taken_in_two_spellings_and_no_other() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    for grant in [
        "client_credentials",
        "CLIENT_CREDENTIALS",
        "client%5Fcredentials",
    ] {
        let response = app.post_token(&key, &format!("grant_type={grant}"));
        assert_success(&response, 3600, "openid", true);
    }
    let unsupported = r#"{"error":"unsupported_grant_type","error_description":"The grant type must be client_credentials."}"#;
    for grant in [
        "Client_Credentials",
        "clientcredentials",
        "client-credentials",
        "client_credentials+",
        "client_credentials%20",
        "refresh_token",
        "authorization_code",
        "password",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ] {
        let response = app.post_token(&key, &format!("grant_type={grant}"));
        assert_error(&response, 400, unsupported);
    }
}

#[test]
fn two_tokens_of_one_second_are_different() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let first = claims(&app.token(&key).access_token);
    let second = claims(&app.token(&key).access_token);
    assert_eq!(first["iat"], second["iat"]);
    assert_ne!(first["jti"], second["jti"]);
}
