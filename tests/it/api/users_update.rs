//! `PUT` and `DELETE /user-lists/{list}/users/{user}`: what changes, and what follows from it at once.

use mintmark::model::scope::Role;
use serde_json::{Value, json};

use super::{
    ME, NO_CONTENT, NOTHING, administration, call, create_list, create_member, delete, events_of,
    first_list, not_found, reaches, state, stored, user_path, users_path,
};
use crate::support::TestApp;

fn put(app: &TestApp, token: &str, path: &str, body: &Value) -> String {
    call(app, token, "PUT", path, body)
}

#[test]
fn what_is_given_changes_and_the_rest_stays() {
    let (app, admin) = administration();
    let (anna, token) = create_member(&app, "anna", first_list(&app));
    let path = user_path(&anna);
    let mut expected = app.get(&path, &admin).json();
    for (body, changed) in [
        (json!({"presentation": "Анна"}), json!(["presentation"])),
        (
            json!({"email": "a@example.org", "phone": "112"}),
            json!(["email", "phone"]),
        ),
        (
            json!({"email": "", "presentation": "Анна"}),
            json!(["email"]),
        ),
        (json!({"phone": ""}), json!(["phone"])),
    ] {
        app.advance(1);
        let before = events_of(&app, "user", &anna.id.to_string()).len();
        assert_eq!(put(&app, &admin, &path, &body), NO_CONTENT, "{body}");
        for (name, value) in body.as_object().unwrap() {
            expected[name] = value.clone();
        }
        assert_eq!(app.get(&path, &admin).json(), expected, "{body}");
        // Memory follows before the answer.
        assert_eq!(app.get(ME, &token).json()["presentation"], "Анна");
        let events = events_of(&app, "user", &anna.id.to_string());
        let details = json!({"login": "anna", "changed": changed});
        assert_eq!(
            events[before..],
            [format!("user.updated {details}")],
            "{body}"
        );
    }
}

#[test]
fn what_is_so_already_leaves_no_trace() {
    let (app, admin) = administration();
    let (anna, _) = create_member(&app, "anna", first_list(&app));
    let before = state(&app);
    for body in [
        json!({}),
        json!({"presentation": "anna", "email": "", "phone": "", "role": "member", "is-active": true}),
    ] {
        assert_eq!(put(&app, &admin, &user_path(&anna), &body), NO_CONTENT);
    }
    assert_eq!(state(&app), before);
}

#[test]
fn a_disabled_users_tokens_end_at_once_and_enabling_does_not_bring_them_back() {
    let (app, admin) = administration();
    let (anna, token) = create_member(&app, "anna", first_list(&app));
    let key = app.create_key("anna", "openid");
    let path = user_path(&anna);
    let off = json!({"is-active": false});
    app.advance(1);
    assert_eq!(put(&app, &admin, &path, &off), NO_CONTENT);
    assert_eq!(app.get(&path, &admin).json()["is-active"], false);
    assert_eq!(app.get(ME, &token).status, 401);
    assert_eq!(
        app.post_token(&key, "grant_type=client_credentials").status,
        401
    );
    let by = "SELECT disabled_by AS text FROM users WHERE login = 'anna'";
    assert_eq!(app.database.query(by), ["administrator"]);
    let after = state(&app);
    assert_eq!(put(&app, &admin, &path, &off), NO_CONTENT, "once more");
    assert_eq!(state(&app), after);

    app.advance(1);
    assert_eq!(
        put(&app, &admin, &path, &json!({"is-active": true})),
        NO_CONTENT
    );
    assert_eq!(app.get(ME, &token).status, 401);
    assert_eq!(
        app.get(ME, &app.token(&key).access_token).json()["is-active"],
        true
    );
    let events = events_of(&app, "user", &anna.id.to_string());
    assert_eq!(
        events[1..],
        [
            "user.disabled {\"login\":\"anna\"}",
            "user.enabled {\"login\":\"anna\"}"
        ]
    );
}

#[test]
fn a_role_counts_at_once_for_tokens_that_are_out() {
    let (app, admin) = administration();
    let list = first_list(&app);
    let user = app.create_user("second", Role::Administrator);
    let path = user_path(&user);
    let key = app.create_key("second", "openid users:read users:write");
    let token = app.token(&key).access_token;
    let others = || {
        app.get(&users_path(list), &token)
            .json()
            .as_array()
            .unwrap()
            .len()
    };
    let write = || {
        put(&app, &token, &path, &json!({}))
            .split('\n')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        (others(), write().as_str()),
        (2, "403"),
        "an administrator, with too little"
    );

    app.advance(1);
    assert_eq!(
        put(&app, &admin, &path, &json!({"role": "member"})),
        NO_CONTENT
    );
    assert_eq!(others(), 1, "only themselves");
    let refused = app.send(crate::support::Request::json("PUT", &path, &json!({})).bearer(&token));
    assert_eq!(refused.json()["details"], "needed: users:write");
    // The token lives, and so does the key's scope, of which less is left.
    assert_eq!(app.get(ME, &token).json()["role"], "member");
    assert_eq!(app.token(&key).answer["scope"], "openid users:read");

    app.advance(1);
    assert_eq!(
        put(&app, &admin, &path, &json!({"role": "administrator"})),
        NO_CONTENT
    );
    assert_eq!(others(), 2);
    let events = events_of(&app, "user", &user.id.to_string());
    let changed = |from: &str, to: &str| {
        format!(
            "user.role_changed {}",
            json!({"login": "second", "from": from, "to": to})
        )
    };
    assert_eq!(
        events[1..],
        [
            changed("administrator", "member"),
            changed("member", "administrator")
        ]
    );
}

#[test]
fn a_deleted_user_is_gone_with_their_keys_and_connections_and_the_login_is_free() {
    let (app, admin) = administration();
    let list = create_list(&app, "Customers");
    let (anna, token) = create_member(&app, "anna", list);
    let key = app.create_key("anna", "openid");
    let crm = super::create_for(&app, &admin, "crm", &[]);
    let connect = json!({"user-list-id": list, "user-id": anna.id, "presentation": "A"});
    let at = format!("{}/users", super::path(&crm));
    assert!(call(&app, &admin, "POST", &at, &connect).starts_with("201\n"));
    assert!(reaches(&app, &key, &crm));

    assert_eq!(delete(&app, &admin, &user_path(&anna)).whole(), NO_CONTENT);
    assert_eq!(app.get(ME, &token).status, 401);
    assert_eq!(
        app.post_token(&key, "grant_type=client_credentials").status,
        401
    );
    assert_eq!(app.get(&at, &admin).text(), "[]");
    let gone = not_found("user");
    for path in [user_path(&anna), format!("{}/{NOTHING}", users_path(list))] {
        assert_eq!(app.get(&path, &admin).whole(), gone);
        assert_eq!(delete(&app, &admin, &path).whole(), gone);
        assert_eq!(put(&app, &admin, &path, &json!({})), gone);
        let reset = json!({"temporary-password": "correct horse battery"});
        let at = format!("{path}/reset-password");
        assert_eq!(call(&app, &admin, "POST", &at, &reset), gone);
    }
    let (again, _) = create_member(&app, "anna", list);
    assert_ne!(again.id, anna.id);
    assert_eq!(stored(&app, "anna").id, again.id);
}
