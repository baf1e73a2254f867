//! Resource indicators (RFC 8707): one audience for each token, and only one that is the client's.

use mintmark::ambient::random_uuid;
use mintmark::model::ids::UserListId;
use mintmark::model::scope::Role;
use mintmark::model::user_list::{SelfRegistration, UserList};
use mintmark::store::{user_lists, users};
use serde_json::json;

use super::{GRANT, INVALID_SCOPE, INVALID_TARGET, assert_error, claims, create_application};
use super::{assert_headers, first_user_list};
use crate::support::{Credentials, Request, TestApp};

fn form(resource: &str) -> String {
    let resource: String = url::form_urlencoded::byte_serialize(resource.as_bytes()).collect();
    format!("{GRANT}&resource={resource}")
}

#[track_caller]
fn assert_refused(app: &TestApp, client: &Credentials, resource: &str) {
    let response = app.post_token(client, &form(resource));
    println!("{resource}");
    assert_error(&response, 400, INVALID_TARGET);
}

/// That a token for the application at `uri` comes, with nothing of the console in it.
#[track_caller]
fn assert_reached(app: &TestApp, client: &Credentials, subject: &str, uri: &str) {
    let response = app.post_token(client, &form(uri));
    assert_eq!(response.status, 200, "{}", response.text());
    assert_headers(&response, &[]);
    let answer = response.json();
    let token = answer["access_token"].as_str().unwrap();
    let expected =
        format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600}}"#);
    assert_eq!(response.text(), expected);
    let claims = claims(token);
    let now = app.act().now.seconds();
    let expected = json!({
        "iss": app.url(""), "sub": subject, "aud": uri, "client_id": client.client_id,
        "iat": now, "exp": now + 3600, "jti": claims["jti"], "gen": claims["gen"],
    });
    assert_eq!(claims, expected);
}

/// Makes a user list of its own.
fn create_user_list(app: &TestApp) -> UserListId {
    let id = UserListId::new(random_uuid());
    app.write(|c, act| {
        let list = UserList {
            id,
            presentation: "another".to_owned(),
            space_id: None,
            include_personal_data: false,
            self_registration: SelfRegistration::default(),
            // Later than the first, which new users join.
            created_at: act.now.plus_seconds(1),
        };
        Ok(user_lists::create(c, &list)?)
    });
    id
}

#[test]
fn none_and_the_console_api_itself_mean_the_console_api() {
    let app = TestApp::start();
    let console = app.url("/console/api/v2");
    for client in [
        app.create_key("admin", "openid users:read"),
        app.create_service("users:read"),
    ] {
        for form in [
            GRANT.to_owned(),
            form(&console),
            format!("{GRANT}&resource="),
        ] {
            let tokens = app.token_for(&client, &form);
            assert_eq!(claims(&tokens.access_token)["aud"], console.as_str());
            let whole = tokens.answer["scope"].as_str().unwrap();
            assert!(whole.ends_with("users:read"), "{whole}");
            assert_eq!(tokens.id_token.is_some(), whole.starts_with("openid"));
        }
    }
}

#[test]
fn an_access_key_reaches_the_applications_that_its_users_list_is_connected_to() {
    let app = TestApp::start();
    let anna = app.create_user("anna", Role::Member);
    let key = app.create_key("anna", "openid applications:read");
    let mine = anna.user_list_id.to_string();
    let another = create_user_list(&app).to_string();
    let (id, uri) = create_application(&app, "crm", std::slice::from_ref(&mine));
    let (_, both) = create_application(&app, "wiki", &[another.clone(), mine]);
    let (_, theirs) = create_application(&app, "theirs", &[another]);
    let (_, nobodys) = create_application(&app, "nobodys", &[]);
    assert_eq!(uri, app.url("/applications/crm"));

    let subject = anna.id.to_string();
    assert_reached(&app, &key, &subject, &uri);
    assert_reached(&app, &key, &subject, &uri);
    assert_reached(&app, &key, &subject, &both);
    assert_refused(&app, &key, &theirs);
    assert_refused(&app, &key, &nobodys);
    // To be an administrator connects nobody.
    let administrator = app.create_key("admin", "openid");
    assert_refused(&app, &administrator, &theirs);
    assert_refused(&app, &administrator, &nobodys);

    // Console scopes are not granted for an application, whoever asks.
    for scope in [
        "openid",
        "applications:read",
        "openid+applications:read",
        "x",
    ] {
        let response = app.post_token(&key, &format!("{}&scope={scope}", form(&uri)));
        assert_error(&response, 400, INVALID_SCOPE);
    }

    let deleter = app.token(&app.create_key("admin", "applications:write"));
    let path = format!("/console/api/v2/applications/{id}");
    let deleted = app.send(Request::new("DELETE", &path).bearer(&deleter.access_token));
    assert_eq!(deleted.status, 200);
    assert_refused(&app, &key, &uri);
    assert_reached(&app, &key, &subject, &both);
}

#[test]
fn an_application_of_another_list_is_reached_by_that_lists_users_only() {
    let app = TestApp::start();
    let list = create_user_list(&app);
    let anna = app.create_user("anna", Role::Member);
    let key = app.create_key("anna", "openid");
    let (_, uri) = create_application(&app, "crm", &[list.to_string()]);
    assert_refused(&app, &key, &uri);
    // Moved to the list: what is known of the user is read again, and so is nothing else.
    app.write(|c, act| {
        use diesel::RunQueryDsl;
        use mintmark::model::change::Change;
        use mintmark::store::{AnyConnection, changes};
        let statement = format!(
            "UPDATE users SET user_list_id = '{list}' WHERE id = '{}'",
            anna.id
        );
        let changed = match c {
            AnyConnection::Sqlite(c) => diesel::sql_query(statement).execute(c),
            AnyConnection::Postgresql(c) => diesel::sql_query(statement).execute(c),
        };
        assert_eq!(changed, Ok(1));
        changes::create(c, &Change::User(anna.id), act.now)?;
        assert_eq!(users::find(c, anna.id)?.unwrap().user_list_id, list);
        Ok(())
    });
    assert_reached(&app, &key, &anna.id.to_string(), &uri);
}

#[test]
fn a_service_client_reaches_the_audiences_that_it_lists() {
    let app = TestApp::start();
    let list = first_user_list(&app);
    let (id, uri) = create_application(&app, "crm", &[]);
    let (_, connected) = create_application(&app, "wiki", &[list]);
    let service = app.create_client(None, "applications:read", |new| {
        new.audiences = vec![uri.clone()];
    });
    assert_reached(&app, &service, &service.client_id, &uri);
    // A connected list is for the users of that list.
    assert_refused(&app, &service, &connected);
    let response = app.post_token(&service, &format!("{}&scope=applications:read", form(&uri)));
    assert_error(&response, 400, INVALID_SCOPE);

    let deleter = app.token(&app.create_key("admin", "applications:write"));
    let path = format!("/console/api/v2/applications/{id}");
    let deleted = app.send(Request::new("DELETE", &path).bearer(&deleter.access_token));
    assert_eq!(deleted.status, 200);
    assert_refused(&app, &service, &uri);
    assert_eq!(app.post_token(&service, GRANT).status, 200);
}

#[test]
fn what_is_no_resource_or_not_exactly_one_that_is_known_is_refused() {
    let app = TestApp::start();
    let list = first_user_list(&app);
    let (_, uri) = create_application(&app, "crm", &[list]);
    let console = app.url("/console/api/v2");
    let clients = [
        app.create_key("admin", "openid"),
        app.create_client(None, "", |new| new.audiences = vec![uri.clone()]),
    ];
    for resource in [
        "/console/api/v2".to_owned(),
        "console/api/v2".to_owned(),
        "//127.0.0.1/console/api/v2".to_owned(),
        "crm".to_owned(),
        "?".to_owned(),
        "#".to_owned(),
        format!("{uri}#"),
        format!("{uri}#fragment"),
        format!("{console}#"),
        format!("{console}/"),
        format!("{console}?a=b"),
        format!("{uri}/"),
        format!("{uri}?"),
        format!("{uri} {uri}"),
        uri.replace("http://", "HTTP://"),
        uri.replace("crm", "CRM"),
        uri.replace("crm", "%63rm"),
        app.url(""),
        app.url("/"),
        "https://unknown.example/api".to_owned(),
        "urn:example:unknown".to_owned(),
        "https://ключ.example/".to_owned(),
        "http://[".to_owned(),
        "https://".to_owned(),
        "x".repeat(3000),
    ] {
        for client in &clients {
            assert_refused(&app, client, &resource);
        }
    }
}

#[test]
fn a_token_for_an_application_is_no_use_at_the_console_api() {
    let app = TestApp::start();
    let list = first_user_list(&app);
    let (_, uri) = create_application(&app, "crm", &[list]);
    let key = app.create_key("admin", "openid applications:read");
    let tokens = app.token_for(&key, &form(&uri));
    assert_eq!(
        app.get("/console/api/v2/me", &tokens.access_token).status,
        401
    );
}
