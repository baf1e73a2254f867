//! `/applications/{id}/userlists`: connecting whole lists, and ending that.

use mintmark::ambient::Clock;
use mintmark::model::ids::UserListId;
use serde_json::{Value, json};

use super::{
    NOTHING, answer, call, create, create_for, create_list, create_member, delete, error, events,
    failed_precondition, first_list, invalid, minimal, no_such_application, not_a_uuid, path,
    reaches, setup, state,
};
use crate::support::TestApp;

fn lists(lists: &[UserListId]) -> String {
    let texts: Vec<String> = lists.iter().map(ToString::to_string).collect();
    answer(200, &json!({ "user-lists": texts }).to_string())
}

fn send(
    app: &TestApp,
    token: &str,
    method: &str,
    application: &Value,
    some: &[UserListId],
) -> String {
    let texts: Vec<String> = some.iter().map(ToString::to_string).collect();
    let path = format!("{}/userlists", path(application));
    call(app, token, method, &path, &json!({ "user-lists": texts }))
}

#[test]
fn lists_are_connected_and_disconnected_and_count_at_once() {
    let (app, token) = setup();
    let (a, b, c) = (
        first_list(&app),
        create_list(&app, "B"),
        create_list(&app, "C"),
    );
    let (_, anna) = create_member(&app, "anna", a);
    let key = app.create_key("anna", "openid");
    let made = create(&app, &token, &minimal("crm"));
    let at = format!("{}/userlists", path(&made));
    let began = app.clock.now().millis();
    assert_eq!(app.get(&at, &token).whole(), lists(&[]));
    assert!(!reaches(&app, &key, &made));
    assert_eq!(app.get(&path(&made), &anna).whole(), no_such_application());

    app.advance(1);
    assert_eq!(
        send(&app, &token, "POST", &made, &[b, a, b]),
        lists(&[b, a])
    );
    assert!(reaches(&app, &key, &made));
    assert_eq!(app.get(&path(&made), &anna).status, 200);
    assert_eq!(app.get(&at, &token).whole(), lists(&[b, a]));
    // A member sees their own only.
    assert_eq!(app.get(&at, &anna).whole(), lists(&[a]));
    let stood = state(&app);
    assert_eq!(send(&app, &token, "POST", &made, &[a]), lists(&[a]));
    assert_eq!(send(&app, &token, "POST", &made, &[]), lists(&[]));
    assert_eq!(send(&app, &token, "DELETE", &made, &[c]), lists(&[]));
    assert_eq!(state(&app), stood);

    app.advance(1);
    assert_eq!(send(&app, &token, "DELETE", &made, &[c, a]), lists(&[a]));
    assert!(!reaches(&app, &key, &made));
    assert_eq!(app.get(&path(&made), &anna).whole(), no_such_application());
    assert_eq!(app.get(&at, &token).whole(), lists(&[b]));
    app.advance(1);
    assert_eq!(send(&app, &token, "POST", &made, &[c, a]), lists(&[c, a]));
    assert_eq!(app.get(&at, &token).whole(), lists(&[b, c, a]));
    app.advance(1);
    let one = format!("{at}/{a}");
    assert_eq!(delete(&app, &token, &one).whole(), lists(&[a]));
    assert!(!reaches(&app, &key, &made));
    let gone = error(404, 5, "NOT_FOUND", "No such connected user list.", "");
    let stood = state(&app);
    assert_eq!(delete(&app, &token, &one).whole(), gone);
    assert_eq!(state(&app), stood);
    assert_eq!(app.get(&at, &token).whole(), lists(&[b, c]));

    let uri = made["uri"].as_str().unwrap();
    let event = |kind: &str, some: &[UserListId]| {
        format!(
            "application.user_lists_{kind} {{\"name\":\"crm\",\"uri\":\"{uri}\",\"user-lists\":{}}}",
            json!(some)
        )
    };
    assert_eq!(
        events(&app, &made, began),
        [
            event("connected", &[b, a]),
            event("disconnected", &[a]),
            event("connected", &[c, a]),
            event("disconnected", &[a]),
        ]
    );
}

#[test]
fn the_default_list_is_none_once_it_is_not_connected() {
    let (app, token) = setup();
    let (a, b) = (first_list(&app), create_list(&app, "B"));
    for at in 0..2 {
        let mut body = minimal(&format!("crm{at}"));
        body["default-user-list"] = a.to_string().into();
        body["user-lists"] = json!([b.to_string()]);
        let mut made = create(&app, &token, &body);
        assert_eq!(made["default-user-list"], a.to_string());
        match at {
            0 => {
                let done = send(&app, &token, "DELETE", &made, &[a]);
                assert_eq!(done, lists(&[a]));
            }
            _ => {
                let one = format!("{}/userlists/{a}", path(&made));
                assert_eq!(delete(&app, &token, &one).whole(), lists(&[a]));
            }
        }
        made["default-user-list"] = Value::Null;
        made["user-lists"] = json!([b.to_string()]);
        assert_eq!(app.get(&path(&made), &token).json(), made);
    }
}

#[test]
fn a_list_that_does_not_exist_connects_none() {
    let (app, token) = setup();
    let list = first_list(&app);
    let made = create(&app, &token, &minimal("crm"));
    let at = format!("{}/userlists", path(&made));
    let stood = state(&app);
    let send = |method: &str, body: &Value| call(&app, &token, method, &at, body);
    let both = json!({"user-lists": [list.to_string(), NOTHING]});
    let unknown = invalid("user-lists", "no such user list");
    assert_eq!(send("POST", &both), unknown);
    // What does not exist is not connected.
    assert_eq!(send("DELETE", &both), lists(&[]));
    for method in ["POST", "DELETE"] {
        assert_eq!(
            send(method, &json!({"user-lists": [list.to_string(), "1111"]})),
            not_a_uuid("1111")
        );
        let many = json!({"user-lists": vec![list.to_string(); 1001]});
        assert_eq!(send(method, &many), invalid("user-lists", "at most 1000"));
    }
    assert_eq!(state(&app), stood);
    let missing = format!("{}/userlists", path(&json!({ "id": NOTHING })));
    assert_eq!(app.get(&missing, &token).whole(), no_such_application());
    let there = json!({"user-lists": [list.to_string()]});
    for method in ["POST", "DELETE"] {
        let refused = call(&app, &token, method, &missing, &there);
        assert_eq!(refused, no_such_application());
    }
}

#[test]
fn a_deleted_application_keeps_its_lists_as_they_were() {
    let (app, token) = setup();
    let list = first_list(&app);
    let made = create_for(&app, &token, "crm", &[list]);
    assert_eq!(delete(&app, &token, &path(&made)).status, 200);
    let stood = state(&app);
    let deleted = failed_precondition("the application is deleted");
    assert_eq!(send(&app, &token, "POST", &made, &[list]), deleted);
    assert_eq!(send(&app, &token, "DELETE", &made, &[list]), deleted);
    let one = format!("{}/userlists/{list}", path(&made));
    assert_eq!(delete(&app, &token, &one).whole(), deleted);
    assert_eq!(state(&app), stood);
    let at = format!("{}/userlists", path(&made));
    assert_eq!(app.get(&at, &token).whole(), lists(&[list]));
}

#[test]
fn an_application_is_connected_to_at_most_a_thousand_lists() {
    let (app, token) = setup();
    let one = |_| create_list(&app, "one of many");
    let mut many: Vec<UserListId> = (0..1001).map(one).collect();
    let beyond = many.pop().unwrap();
    let made = create(&app, &token, &minimal("crm"));
    assert_eq!(send(&app, &token, "POST", &made, &many), lists(&many));
    let stood = state(&app);
    let full = failed_precondition("an application is connected to at most 1000 user lists");
    assert_eq!(send(&app, &token, "POST", &made, &[beyond]), full);
    assert_eq!(
        send(&app, &token, "POST", &made, &many[..3]),
        lists(&many[..3])
    );
    assert_eq!(state(&app), stood);
}
