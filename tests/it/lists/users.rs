//! Lists of users, of their lists, and of spaces.

use mintmark::model::scope::Role;
use serde_json::{Value, json};

use super::seed::{NUMBER, multiply, users, uuid};
use super::{MANY, hold, statements};
use crate::support::{Request, TestApp};

const API: &str = "/console/api/v2";

fn setup() -> (TestApp, String) {
    statements::listen();
    let app = TestApp::start();
    let scope = "applications:read applications:write users:read users:write keys:read";
    let key = app.create_key("admin", scope);
    let admin = app.token(&key).access_token;
    (app, admin)
}

#[test]
fn the_last_page_of_a_lists_users_sorts_nothing_and_costs_little() {
    let (app, admin) = setup();
    let user = app.create_user("user", Role::Member);
    app.create_key("user", "openid");
    // The administrator is in the list too.
    users(&app, &user);
    app.database
        .execute("DELETE FROM users WHERE login = 'user000000000001'");
    let path = format!("{API}/user-lists/{}/users", user.user_list_id);
    let page = app.get(&format!("{path}?result=page"), &admin).json();
    assert_eq!(page["totalElements"], MANY);
    hold(&app, &format!("{path}?result=page"), &admin);
}

#[test]
fn the_last_page_of_user_lists_sorts_nothing_and_costs_little() {
    let (app, admin) = setup();
    let first = app
        .database
        .query("SELECT id AS text FROM user_lists")
        .remove(0);
    multiply(
        &app,
        "user_lists",
        &format!("id = '{first}'"),
        MANY - 1,
        &[
            ("id", uuid(NUMBER)),
            ("created_at", "created_at + n".to_owned()),
        ],
    );
    let path = format!("{API}/user-lists?result=page");
    hold(&app, &path, &admin);
    hold(&app, &format!("{path}&search=uSER"), &admin);
    whole(
        &app,
        "user-lists",
        &admin,
        &json!({"presentation": "One more"}),
    );
}

#[test]
fn the_last_page_of_spaces_sorts_nothing_and_costs_little() {
    let (app, admin) = setup();
    let path = format!("{API}/spaces");
    let body = json!({"name": "Space"});
    let made = app.send(Request::json("POST", &path, &body).bearer(&admin));
    let id = made.json()["id"].as_str().unwrap().to_owned();
    multiply(
        &app,
        "spaces",
        &format!("id = '{id}'"),
        MANY - 1,
        &[
            ("id", uuid(NUMBER)),
            ("name_folded", format!("name_folded || {NUMBER}")),
            ("created_at", "created_at + n".to_owned()),
        ],
    );
    hold(&app, &format!("{path}?result=page"), &admin);
    hold(&app, &format!("{path}?result=page&search=sPace"), &admin);
    whole(&app, "spaces", &admin, &json!({"name": "One more"}));
}

/// Ten thousand are answered whole; with `more` they are not, and a search that leaves few is.
fn whole(app: &TestApp, list: &str, token: &str, more: &Value) {
    let path = format!("{API}/{list}");
    let all = app.get(&path, token).json();
    assert_eq!(all.as_array().unwrap().len(), 10_000);
    // The copies are of the next ten seconds.
    app.advance(60);
    let made = app.send(Request::json("POST", &path, more).bearer(token));
    assert!(made.status < 300, "{}", made.text());
    let refused = app.get(&path, token);
    assert_eq!(refused.status, 400);
    let expected = json!({
        "code": 11, "status": "OUT_OF_RANGE", "message": "page is out of range.",
        "details": "the list has more than 10000 entries: ask for a page",
    });
    assert_eq!(refused.json(), expected);
    let last = app.get(&format!("{path}?page=10&size=1000"), token).json();
    assert_eq!(last.as_array().unwrap().len(), 1);
    let found = app.get(&format!("{path}?search=one%20MORE"), token).json();
    assert_eq!(found, last);
}
