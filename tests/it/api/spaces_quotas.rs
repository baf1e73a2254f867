//! The quotas of spaces: they hold whatever is made in them, also when much is made at once.

use serde_json::{Value, json};

use super::many::in_parallel;
use super::{
    APPLICATIONS, LISTS, NOTHING, administration, call, create, delete, failed_precondition,
    minimal, path, post, state,
};
use crate::support::{Request, TestApp};

const SPACES: &str = "/console/api/v2/spaces";

fn make(app: &TestApp, token: &str, path: &str, body: &Value) -> String {
    let response = app.send(Request::json("POST", path, body).bearer(token));
    assert!(response.status < 300, "{}", response.text());
    response.json()["id"].as_str().unwrap().to_owned()
}

fn application(name: &str, space: &str) -> Value {
    let mut body = minimal(name);
    body["space-id"] = space.into();
    body
}

fn user(login: &str) -> Value {
    json!({"login": login, "temporary-password": "correct horse battery"})
}

fn full(of: &str, quota: i64) -> String {
    let why = format!("the space has as many {of} as its quota allows: {quota}");
    failed_precondition(&why)
}

#[test]
fn no_more_applications_are_made_than_the_quota_allows() {
    let (app, admin) = administration();
    let space = make(
        &app,
        &admin,
        SPACES,
        &json!({"name": "S", "applications-quota": 2}),
    );
    let none = make(
        &app,
        &admin,
        SPACES,
        &json!({"name": "N", "applications-quota": 0}),
    );
    let open = make(
        &app,
        &admin,
        SPACES,
        &json!({"name": "O", "users-quota": 0}),
    );
    let first = create(&app, &admin, &application("a", &space));
    create(&app, &admin, &application("b", &space));
    let before = state(&app);
    for asked in [space.clone(), space.to_uppercase()] {
        let whole = post(&app, &admin, &application("c", &asked)).whole();
        assert_eq!(whole, full("applications", 2));
    }
    let whole = post(&app, &admin, &application("c", &none)).whole();
    assert_eq!(whole, full("applications", 0));
    assert_eq!(state(&app), before);
    // The name was not used up; elsewhere there is room, and so there is without a space.
    for (name, space) in [
        ("c", json!(open)),
        ("d", json!(NOTHING)),
        ("e", Value::Null),
    ] {
        let mut body = minimal(name);
        body["space-id"] = space;
        create(&app, &admin, &body);
    }
    // What is deleted leaves its place to another.
    assert_eq!(delete(&app, &admin, &path(&first)).status, 200);
    create(&app, &admin, &application("f", &space));
    let whole = post(&app, &admin, &application("g", &space)).whole();
    assert_eq!(whole, full("applications", 2));
}

#[test]
fn no_more_users_are_made_in_its_lists_together_than_the_quota_allows() {
    let (app, admin) = administration();
    let space = make(
        &app,
        &admin,
        SPACES,
        &json!({"name": "S", "users-quota": 2}),
    );
    let lists = ["One", "Two"].map(|presentation| {
        let list = json!({"presentation": presentation, "space-id": space});
        format!("{LISTS}/{}/users", make(&app, &admin, LISTS, &list))
    });
    let elsewhere = make(&app, &admin, LISTS, &json!({"presentation": "Elsewhere"}));
    let first = make(&app, &admin, &lists[0], &user("a"));
    make(&app, &admin, &lists[1], &user("b"));
    let before = state(&app);
    for list in &lists {
        let whole = call(&app, &admin, "POST", list, &user("c"));
        assert_eq!(whole, full("users", 2));
    }
    assert_eq!(state(&app), before);
    make(
        &app,
        &admin,
        &format!("{LISTS}/{elsewhere}/users"),
        &user("c"),
    );
    assert_eq!(
        delete(&app, &admin, &format!("{}/{first}", lists[0])).status,
        204
    );
    make(&app, &admin, &lists[1], &user("d"));
    assert_eq!(
        call(&app, &admin, "POST", &lists[0], &user("e")),
        full("users", 2)
    );
}

#[test]
fn a_quota_holds_when_much_is_made_at_once() {
    let (app, admin) = administration();
    let quotas = json!({"name": "S", "applications-quota": 3, "users-quota": 3});
    let space = make(&app, &admin, SPACES, &quotas);
    let list = json!({"presentation": "In it", "space-id": space});
    let list = format!("{LISTS}/{}/users", make(&app, &admin, LISTS, &list));
    let statuses = |path: &str, body: &(dyn Fn(usize) -> Value + Sync)| {
        let make = |at| {
            app.send(Request::json("POST", path, &body(at)).bearer(&admin))
                .status
        };
        let mut statuses = in_parallel(12, make);
        statuses.sort_unstable();
        statuses
    };
    let made = statuses(APPLICATIONS, &|at| application(&format!("a{at}"), &space));
    assert_eq!(made, [[200; 3].as_slice(), &[400; 9]].concat());
    let made = statuses(&list, &|at| user(&format!("u{at}")));
    assert_eq!(made, [[201; 3].as_slice(), &[400; 9]].concat());
}
