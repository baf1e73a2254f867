//! What a token is worth: its scope, cut by what the client and its owner may do now.

use diesel::{RunQueryDsl, sql_query};
use mintmark::domain::clients::{self, ClientUpdate};
use mintmark::http::{Needs, ROUTES};
use mintmark::model::change::Change;
use mintmark::model::scope::{Role, Scope, ScopeSet};
use mintmark::store::changes;

use super::{APPLICATIONS, ME};
use crate::support::{Credentials, Request, Response, TestApp};

/// The answer to a valid token without the scope that a call needs.
fn forbidden(scope: &str) -> String {
    let body = format!(
        "{{\"code\":7,\"status\":\"PERMISSION_DENIED\",\"message\":\"The token does not have the \
         scope that this call needs.\",\"details\":\"needed: {scope}\"}}"
    );
    format!(
        "403\ncache-control: no-store\ncontent-type: application/json\nwww-authenticate: Bearer \
         realm=\"console\", error=\"insufficient_scope\", scope=\"{scope}\"\n\n{body}",
    )
}

/// Every call of the resource API that needs a scope, without a body.
fn scoped_calls() -> Vec<(Request, Scope)> {
    let calls = ROUTES.iter().filter_map(|route| match route.needs {
        Needs::Scope(scope) => {
            let path = route
                .path
                .replace("{id}", "1eeb5447-c4f8-635e-b776-199d8903fded");
            Some((Request::new(route.method.as_str(), &path), scope))
        }
        _ => None,
    });
    let calls: Vec<_> = calls.collect();
    assert!(calls.len() >= 4);
    calls
}

fn list(app: &TestApp, token: &str) -> Response {
    app.get(APPLICATIONS, token)
}

/// A token for one scope only.
fn token_for(app: &TestApp, key: &Credentials, scope: &str) -> String {
    let form = format!("grant_type=client_credentials&scope={scope}");
    app.token_for(key, &form).access_token
}

fn narrow(app: &TestApp, key: &Credentials, scope: &str) {
    let id = app.client(key).id;
    let update = ClientUpdate {
        scope: Some(ScopeSet::parse(scope).unwrap()),
        ..ClientUpdate::default()
    };
    app.write(|c, act| clients::update(c, act, &id, update));
}

/// Gives a user another role, as a later command will.
fn set_role(app: &TestApp, login: &str, role: Role) {
    app.write(|c, act| {
        let user = mintmark::domain::users::find_by_login(c, login)?;
        sql_query(format!(
            "UPDATE users SET role = '{}' WHERE login = '{login}'",
            role.as_str()
        ))
        .execute(c)
        .unwrap();
        changes::create(c, &Change::User(user.id), act.now)?;
        Ok(())
    });
}

#[test]
fn each_call_asks_for_its_scope_and_takes_no_other_in_its_place() {
    let app = TestApp::start();
    let key = app.create_key("admin", &ScopeSet::all().to_string());
    for (request, needed) in scoped_calls() {
        for scope in Scope::ALL {
            let token = token_for(&app, &key, scope.as_str());
            let response = app.send(request.clone().bearer(&token));
            let what = format!("{} {} with {scope:?}", request.method, request.path);
            if scope == needed {
                assert!(![401, 403].contains(&response.status), "{what}");
            } else {
                assert_eq!(response.whole(), forbidden(needed.as_str()), "{what}");
            }
        }
    }
}

#[test]
fn an_id_token_for_openid_alone_reads_nothing_but_me() {
    let app = TestApp::start();
    let key = app.create_key("admin", &ScopeSet::all().to_string());
    let tokens = app.token_for(&key, "grant_type=client_credentials&scope=openid");
    for token in [tokens.id_token.unwrap(), tokens.access_token] {
        let me = app.get(ME, &token);
        assert_eq!((me.status, &me.json()["login"]), (200, &"admin".into()));
        // Nor the keys on it, which need a scope of their own.
        assert_eq!(me.json()["access-tokens"], serde_json::json!([]));
        for (request, needed) in scoped_calls() {
            let response = app.send(request.clone().bearer(&token));
            assert_eq!(response.whole(), forbidden(needed.as_str()));
        }
    }
}

#[test]
fn both_tokens_of_an_answer_are_taken_and_worth_the_same() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read");
    let tokens = app.token(&key);
    let [access, id] = [tokens.access_token, tokens.id_token.unwrap()];
    assert_eq!(app.get(ME, &access).whole(), app.get(ME, &id).whole());
    assert_eq!(list(&app, &access).whole(), list(&app, &id).whole());
}

#[test]
fn a_scope_that_the_client_lost_is_lost_to_its_tokens_at_once() {
    let app = TestApp::start();
    for key in [
        app.create_key("admin", "openid applications:read"),
        app.create_service("applications:read users:read"),
    ] {
        let token = app.token(&key).access_token;
        assert_eq!(list(&app, &token).status, 200);
        narrow(&app, &key, "users:read");
        assert_eq!(list(&app, &token).whole(), forbidden("applications:read"));
        narrow(&app, &key, "applications:read");
        assert_eq!(list(&app, &token).status, 200);
    }
}

#[test]
fn a_scope_that_the_client_gained_is_not_in_the_tokens_that_it_has() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let tokens = app.token(&key);
    narrow(&app, &key, "openid applications:read");
    for token in [tokens.access_token, tokens.id_token.unwrap()] {
        assert_eq!(list(&app, &token).whole(), forbidden("applications:read"));
    }
    assert_eq!(list(&app, &app.token(&key).access_token).status, 200);
}

#[test]
fn a_demotion_counts_at_once_for_live_tokens_and_a_promotion_widens_no_key() {
    let app = TestApp::start();
    app.create_user("second", Role::Administrator);
    let scope = "openid applications:read applications:write keys:read";
    let key = app.create_key("second", scope);
    let tokens = app.token(&key);
    let [access, id] = [tokens.access_token, tokens.id_token.unwrap()];
    let write = |token: &str| app.send(Request::new("POST", APPLICATIONS).bearer(token));
    assert_eq!(write(&access).status, 415);

    set_role(&app, "second", Role::Member);
    for token in [&access, &id] {
        assert_eq!(write(token).whole(), forbidden("applications:write"));
        assert_eq!(list(&app, token).status, 200);
        assert_eq!(app.get(ME, token).status, 200);
    }
    assert_eq!(
        app.token(&key).answer["scope"],
        "openid applications:read keys:read"
    );

    app.create_user("third", Role::Member);
    let modest = app.create_key("third", "openid");
    set_role(&app, "third", Role::Administrator);
    let token = app.token(&modest);
    assert_eq!(token.answer["scope"], "openid");
    assert_eq!(
        write(&token.access_token).whole(),
        forbidden("applications:write")
    );
}
