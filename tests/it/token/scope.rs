//! Scopes: what is granted is what was asked for, or nothing (RFC 6749 section 3.3).

use diesel::RunQueryDsl;
use mintmark::domain::clients::{self, ClientUpdate};
use mintmark::model::change::Change;
use mintmark::model::ids::ClientId;
use mintmark::model::scope::{Role, ScopeSet};
use mintmark::store::{AnyConnection, changes};

use super::{GRANT, INVALID_SCOPE, assert_error, claims};
use crate::support::{Credentials, TestApp};

/// What is granted when `scope` is asked for; it stands in the answer and in both tokens, or, when it
/// is nothing, in none of them.
#[track_caller]
fn granted(app: &TestApp, client: &Credentials, scope: &str) -> String {
    let tokens = app.token_for(client, &format!("{GRANT}&scope={scope}"));
    let granted = tokens.answer.get("scope");
    assert_eq!(claims(&tokens.access_token).get("scope"), granted);
    assert_ne!(granted, Some(&"".into()));
    let granted = granted
        .map_or("", |granted| granted.as_str().unwrap())
        .to_owned();
    let has_openid = granted.split(' ').any(|name| name == "openid");
    assert_eq!(tokens.id_token.is_some(), has_openid);
    if let Some(id_token) = tokens.id_token {
        assert_eq!(claims(&id_token)["scope"], granted);
    }
    granted
}

#[track_caller]
fn assert_refused(app: &TestApp, client: &Credentials, scope: &str) {
    let response = app.post_token(client, &format!("{GRANT}&scope={scope}"));
    assert_error(&response, 400, INVALID_SCOPE);
}

#[test]
fn what_is_asked_for_is_granted_and_echoed_when_the_client_has_all_of_it() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read users:read");
    for (asked, is_granted) in [
        ("openid", "openid"),
        ("users:read", "users:read"),
        ("users%3Aread+openid", "openid users:read"),
        ("openid%20openid", "openid"),
        ("openid+", "openid"),
        ("+openid", "openid"),
        ("++users:read+++openid++", "openid users:read"),
        ("", "openid applications:read users:read"),
    ] {
        assert_eq!(granted(&app, &key, asked), is_granted);
    }
}

#[test]
fn a_malformed_unknown_or_too_large_scope_is_refused_whole() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read");
    for scope in [
        "users:read",
        "openid+users:read",
        "openid+applications:write",
        "all",
        "OPENID",
        "openid,applications:read",
        "+",
        "+++",
        "openid%C2%A0applications:read",
        "%22openid%22",
        "openid%5C",
        "%D0%B6",
        "profile",
    ] {
        assert_refused(&app, &key, scope);
    }
}

#[test]
fn a_service_client_that_asks_for_openid_is_refused() {
    let app = TestApp::start();
    let service = app.create_service("applications:read users:read");
    assert_refused(&app, &service, "openid");
    assert_refused(&app, &service, "openid+users:read");
    assert_eq!(granted(&app, &service, ""), "applications:read users:read");
}

#[test]
fn a_narrower_scope_of_the_client_counts_for_the_next_token() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid users:read users:write");
    assert_eq!(granted(&app, &key, "users:write"), "users:write");
    let id = ClientId::parse(&key.client_id).unwrap();
    app.write(|c, act| {
        let narrower = ClientUpdate {
            scope: Some(ScopeSet::parse("openid users:read").unwrap()),
            ..ClientUpdate::default()
        };
        clients::update(c, act, &id, narrower)
    });
    assert_refused(&app, &key, "users:write");
    assert_eq!(granted(&app, &key, ""), "openid users:read");
}

/// Gives a user another role, as if an administrator had.
fn set_role(app: &TestApp, login: &str, role: Role) {
    app.write(|c, act| {
        let user = mintmark::domain::users::find_by_login(c, login)?;
        let statement = format!(
            "UPDATE users SET role = '{}' WHERE id = '{}'",
            role.as_str(),
            user.id
        );
        let query = diesel::sql_query(statement);
        let changed = match c {
            AnyConnection::Sqlite(c) => query.execute(c).unwrap(),
            AnyConnection::Postgresql(c) => query.execute(c).unwrap(),
        };
        assert_eq!(changed, 1);
        changes::create(c, &Change::User(user.id), act.now)?;
        Ok(())
    });
}

#[test]
fn a_demotion_narrows_every_key_at_once_and_a_promotion_widens_none() {
    let app = TestApp::start();
    app.create_user("anna", Role::Administrator);
    let all = "openid applications:read applications:write users:read users:write keys:read keys:write audit:read introspect";
    let key = app.create_key("anna", all);
    let small = app.create_key("anna", "applications:write audit:read");
    assert_eq!(granted(&app, &key, ""), all);

    set_role(&app, "anna", Role::Member);
    let of_a_member = "openid applications:read users:read keys:read keys:write";
    assert_eq!(granted(&app, &key, ""), of_a_member);
    assert_eq!(granted(&app, &key, "keys:write"), "keys:write");
    assert_refused(&app, &key, "applications:write");
    assert_refused(&app, &key, "openid+users:write");
    assert_eq!(granted(&app, &small, ""), "");

    set_role(&app, "anna", Role::Administrator);
    assert_eq!(granted(&app, &key, ""), all);
    assert_eq!(granted(&app, &small, ""), "applications:write audit:read");

    app.create_user("boris", Role::Member);
    let key = app.create_key("boris", "openid applications:read");
    set_role(&app, "boris", Role::Administrator);
    assert_eq!(granted(&app, &key, ""), "openid applications:read");
    assert_refused(&app, &key, "users:write");
}
