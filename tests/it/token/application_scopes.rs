//! Scopes that applications define for themselves: what is granted is what the client was given, cut
//! by what the application defines now.

use mintmark::model::granted_scopes::GrantedScopes;
use mintmark::model::ids::ApplicationId;
use serde_json::{Value, json};

use super::{
    GRANT, INVALID_SCOPE, assert_error, assert_headers, claims, create_application, first_user_list,
};
use crate::support::{Credentials, Request, TestApp};

/// Has the application define these, and no others.
fn define(app: &TestApp, id: &str, names: &[&str]) {
    let key = app.create_key("admin", "applications:write");
    let token = app.token(&key).access_token;
    let scopes: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    let path = format!("/console/api/v2/applications/{id}");
    let request = Request::json("PATCH", &path, &json!({ "scopes": scopes }));
    let response = app.send(request.bearer(&token));
    assert_eq!(response.status, 200, "{}", response.text());
}

/// A client that was given these scopes of these applications.
fn create(
    app: &TestApp,
    owner: Option<&str>,
    scope: &str,
    audiences: &[&str],
    given: &[(&str, &[&str])],
) -> Credentials {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let given = given
        .iter()
        .map(|(id, names)| (ApplicationId::parse(id).unwrap(), owned(names)));
    let given = GrantedScopes::new(given.collect()).unwrap();
    app.create_client(owner, scope, |new| {
        new.application_scopes = given;
        new.audiences = owned(audiences);
    })
}

fn form(uri: &str, scope: &str) -> String {
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("{GRANT}&resource={}&scope={}", encode(uri), encode(scope))
}

/// What is granted when `scope` is asked for; it stands in the answer, which has no id_token, and in
/// the token, or in neither when it is nothing.
#[track_caller]
fn granted(app: &TestApp, client: &Credentials, uri: &str, scope: &str) -> String {
    let response = app.post_token(client, &form(uri, scope));
    assert_eq!(response.status, 200, "{}", response.text());
    assert_headers(&response, &[]);
    let answer = response.json();
    let token = answer["access_token"].as_str().unwrap();
    let granted = answer.get("scope");
    let mut expected = json!({
        "access_token": token, "token_type": "Bearer", "expires_in": 3600,
    });
    if let Some(granted) = granted {
        assert_ne!(granted, "");
        expected["scope"] = granted.clone();
    }
    assert_eq!(response.text(), expected.to_string());
    let claims = claims(token);
    assert_eq!(
        (claims.get("scope"), &claims["aud"]),
        (granted, &json!(uri))
    );
    granted
        .map_or("", |granted| granted.as_str().unwrap())
        .to_owned()
}

#[track_caller]
fn assert_refused(app: &TestApp, client: &Credentials, uri: &str, scope: &str) {
    let response = app.post_token(client, &form(uri, scope));
    println!("{scope}");
    assert_error(&response, 400, INVALID_SCOPE);
}

#[test]
fn a_client_gets_the_applications_scopes_that_it_was_given_or_some_of_them() {
    let app = TestApp::start();
    let list = first_user_list(&app);
    let (id, uri) = create_application(&app, "crm", &[list]);
    define(
        &app,
        &id,
        &["deals:read", "deals:write", "deals:delete", "!#"],
    );
    let given: &[&str] = &["!#", "deals:write", "deals:read"];
    let of_crm = &[(id.as_str(), given)];
    let console = "openid applications:read";
    for client in [
        create(&app, Some("admin"), console, &[], of_crm),
        create(&app, None, "applications:read", &[&uri], of_crm),
    ] {
        for (asked, is_granted) in [
            ("", "deals:read deals:write !#"),
            ("deals:read", "deals:read"),
            ("!# deals:read", "deals:read !#"),
            ("deals:read deals:read", "deals:read"),
            (" deals:read", "deals:read"),
            ("deals:read ", "deals:read"),
            ("deals:read  deals:write", "deals:read deals:write"),
            ("deals:read deals:write !#", "deals:read deals:write !#"),
        ] {
            assert_eq!(granted(&app, &client, &uri, asked), is_granted, "{asked:?}");
        }
        for scope in [
            "deals:delete",
            "deals:read deals:delete",
            "deals",
            "DEALS:READ",
            "openid",
            "deals:read openid",
            "applications:read",
            "deals:read applications:read",
            " ",
            "deals:read,deals:write",
            "ключ",
        ] {
            assert_refused(&app, &client, &uri, scope);
        }
        // And none of them is the console's.
        let response = app.post_token(&client, &format!("{GRANT}&scope=deals:read"));
        assert_error(&response, 400, INVALID_SCOPE);
    }
}

#[test]
fn a_scope_counts_as_long_as_the_application_defines_it() {
    let app = TestApp::start();
    let list = first_user_list(&app);
    let (id, uri) = create_application(&app, "crm", &[list]);
    let given: &[(&str, &[&str])] = &[(&id, &["read", "write"])];
    define(&app, &id, &["read", "write"]);
    let key = create(&app, Some("admin"), "openid", &[], given);
    define(&app, &id, &[]);
    assert_eq!(granted(&app, &key, &uri, ""), "");
    assert_refused(&app, &key, &uri, "read");
    define(&app, &id, &["read", "write", "delete"]);
    assert_eq!(granted(&app, &key, &uri, ""), "read write");
    assert_eq!(granted(&app, &key, &uri, "write"), "write");
    define(&app, &id, &["delete", "read"]);
    assert_eq!(granted(&app, &key, &uri, ""), "read");
    assert_refused(&app, &key, &uri, "write");
    assert_refused(&app, &key, &uri, "read write");
    define(&app, &id, &["write", "read"]);
    assert_eq!(granted(&app, &key, &uri, ""), "write read");
    define(&app, &id, &[]);
    assert_eq!(granted(&app, &key, &uri, ""), "");
}

#[test]
fn a_scope_of_one_application_means_nothing_at_another() {
    let app = TestApp::start();
    let list = first_user_list(&app);
    let (crm, crm_uri) = create_application(&app, "crm", std::slice::from_ref(&list));
    let (wiki, wiki_uri) = create_application(&app, "wiki", &[list]);
    define(&app, &crm, &["read", "write"]);
    define(&app, &wiki, &["read", "write"]);
    let given: &[(&str, &[&str])] = &[(&crm, &["read"]), (&wiki, &["write"])];
    let key = create(&app, Some("admin"), "openid", &[], given);
    assert_eq!(granted(&app, &key, &crm_uri, ""), "read");
    assert_eq!(granted(&app, &key, &wiki_uri, ""), "write");
    assert_refused(&app, &key, &crm_uri, "write");
    assert_refused(&app, &key, &wiki_uri, "read");
    // Whoever was given none gets a token that is good for nothing in particular.
    let plain = create(&app, Some("admin"), "openid", &[], &[]);
    assert_eq!(granted(&app, &plain, &crm_uri, ""), "");
    assert_refused(&app, &plain, &crm_uri, "read");
}

#[test]
fn as_many_and_as_long_scopes_as_can_be_defined_fit_into_a_token() {
    let app = TestApp::start();
    let list = first_user_list(&app);
    let (id, uri) = create_application(&app, "crm", &[list]);
    let names: Vec<String> = (0..50).map(|at| format!("{at:-<64}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    define(&app, &id, &names);
    let key = create(&app, Some("admin"), "openid", &[], &[(&id, &names)]);
    assert_eq!(granted(&app, &key, &uri, ""), names.join(" "));
    let token = app.token_for(&key, &form(&uri, "")).access_token;
    assert!(token.len() <= 8 * 1024, "{}", token.len());
}
