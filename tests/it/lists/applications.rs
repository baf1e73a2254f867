//! Lists of applications: an administrator's, and a member's, and the users of one.

use mintmark::model::scope::Role;
use serde_json::json;

use super::seed::{NUMBER, multiply, users, uuid};
use super::{MANY, hold, statements};
use crate::support::{Request, TestApp};

const APPLICATIONS: &str = "/console/api/v2/applications";

/// A server with ten thousand applications, connected to the first list.
fn setup() -> (TestApp, String) {
    statements::listen();
    let app = TestApp::start();
    let key = app.create_key("admin", "applications:read applications:write");
    let admin = app.token(&key).access_token;
    let list = app.database.query("SELECT id AS text FROM user_lists");
    let body = json!({
        "publication-context": "first",
        "display-name": "First",
        "development-mode": false,
        "user-lists": list,
        "source": {"type": "repository", "image-id": "1eeb5447-c4f8-635e-b776-199d8903fded"},
    });
    let made = app.send(Request::json("POST", APPLICATIONS, &body).bearer(&admin));
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let id = format!("id = '{id}'");
    multiply(
        &app,
        "applications",
        &id,
        MANY - 1,
        &[
            ("id", uuid(NUMBER)),
            ("name", format!("name || {NUMBER}")),
            ("uri", format!("uri || {NUMBER}")),
            ("created_at", "created_at + n * 1000".to_owned()),
        ],
    );
    multiply(
        &app,
        "application_user_lists",
        &format!("application_{id}"),
        MANY - 1,
        &[("application_id", uuid(NUMBER))],
    );
    (app, admin)
}

#[test]
fn the_last_page_of_an_administrators_applications_sorts_nothing_and_costs_little() {
    let (app, admin) = setup();
    hold(&app, &format!("{APPLICATIONS}?result=page"), &admin);
    hold(
        &app,
        &format!("{APPLICATIONS}?result=page&search=First"),
        &admin,
    );
}

#[test]
fn the_last_page_of_a_members_applications_sorts_nothing_and_costs_little() {
    let (app, _) = setup();
    app.create_user("member", Role::Member);
    let key = app.create_key("member", "applications:read");
    let member = app.token(&key).access_token;
    hold(&app, &format!("{APPLICATIONS}?result=page"), &member);
    hold(
        &app,
        &format!("{APPLICATIONS}?result=page&search=First"),
        &member,
    );
}

#[test]
fn the_last_page_of_an_applications_users_sorts_nothing_and_costs_little() {
    let (app, admin) = setup();
    let user = app.create_user("user", Role::Member);
    let path = app.get(APPLICATIONS, &admin).json()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("{APPLICATIONS}/{path}/users");
    let body = json!({
        "user-list-id": user.user_list_id,
        "user-id": user.id,
        "presentation": "A user",
    });
    let made = app.send(Request::json("POST", &path, &body).bearer(&admin));
    assert_eq!(made.status, 201, "{}", made.text());
    users(&app, &user);
    multiply(
        &app,
        "application_users",
        &format!("user_id = '{}'", user.id),
        MANY - 1,
        &[
            ("user_id", uuid(NUMBER)),
            ("connected_at", "connected_at + n".to_owned()),
        ],
    );
    hold(&app, &format!("{path}?result=page"), &admin);
    hold(&app, &format!("{path}?result=page&search=User"), &admin);
}
