//! `PATCH /applications/{id}`: what can be changed, and what is refused as a whole.

use mintmark::ambient::Clock;
use serde_json::{Value, json};

use super::applications_uri::NOT_A_URI;
use super::{
    APPLICATIONS, NOTHING, answer, call, create, delete, error, events, failed_precondition,
    invalid, minimal, no_such_application, not_a_uuid, path, setup, state,
};
use crate::support::Request;

#[test]
fn what_is_given_changes_and_the_rest_stays() {
    let (app, token) = setup();
    let mut made = create(&app, &token, &minimal("crm"));
    let path = path(&made);
    let began = app.clock.now().millis();
    let mut left = Vec::new();
    for (at, body) in [
        json!({"display-name": "Клиенты"}),
        json!({"description": "Customers <and> deals"}),
        json!({"scopes": [{"name": "deals:read", "description": "See deals"}, {"name": "x"}]}),
        json!({"description": "", "display-name": "CRM", "scopes": [{"name": "y"}]}),
        json!({"scopes": []}),
    ]
    .iter()
    .enumerate()
    {
        app.advance(1);
        let before = made.clone();
        for (name, value) in body.as_object().unwrap() {
            made[name] = value.clone();
        }
        for scope in made["scopes"].as_array_mut().unwrap() {
            if scope.get("description").is_none() {
                scope["description"] = "".into();
            }
        }
        let expected = answer(200, &made.to_string());
        assert_eq!(call(&app, &token, "PATCH", &path, body), expected, "{at}");
        assert_eq!(app.get(&path, &token).whole(), expected);
        left.push(updated(&before, &made));
        // A second time it changes nothing, and leaves nothing behind.
        let stood = state(&app);
        assert_eq!(call(&app, &token, "PATCH", &path, body), expected);
        assert_eq!(call(&app, &token, "PATCH", &path, &json!({})), expected);
        assert_eq!(state(&app), stood);
    }
    assert_eq!(events(&app, &made, began), left);
}

/// The event of an update, with what differs as it was and as it is.
fn updated(before: &Value, after: &Value) -> String {
    let (mut was, mut is) = (json!({}), json!({}));
    for name in ["display-name", "description", "uri", "scopes"] {
        if before[name] != after[name] {
            was[name] = before[name].clone();
            is[name] = after[name].clone();
        }
    }
    let details = json!({
        "name": after["name"], "uri": after["uri"], "before": was, "after": is,
    });
    format!("application.updated {details}")
}

#[test]
fn whatever_else_a_body_holds_is_refused_and_nothing_changes() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let path = path(&made);
    let stood = state(&app);
    for name in [
        "name",
        "id",
        "status",
        "user-lists",
        "default-user-list",
        "date-created",
        "space-id",
        "dbms-type",
        "Description",
        "displayName",
    ] {
        let body = json!({"description": "x", name: "x"});
        let refused = call(&app, &token, "PATCH", &path, &body);
        let unknown = format!("\"details\":\"unknown field `{name}`");
        assert!(
            refused.starts_with("400\n") && refused.contains(&unknown),
            "{refused}"
        );
    }
    for body in [
        json!({"description": null}),
        json!({"display-name": null}),
        json!({"uri": null}),
        json!({"scopes": null}),
        json!({"description": 1}),
        json!({"scopes": {}}),
        json!({"scopes": ["deals:read"]}),
        json!({"scopes": [["deals:read", ""]]}),
        json!({"scopes": [{"description": "no name"}]}),
        json!({"scopes": [{"name": "x", "description": null}]}),
        json!({"scopes": [{"name": "x", "id": 1}]}),
        json!([null, "x"]),
        json!(null),
    ] {
        let refused = call(&app, &token, "PATCH", &path, &body);
        assert!(
            refused.contains("\"code\":3,") && refused.contains("The body is not valid."),
            "{body}: {refused}"
        );
    }
    let request = Request::new("PATCH", &path).bearer(&token);
    let twice = request
        .header("content-type", "application/json")
        .body(b"{\"description\":\"a\",\"description\":\"b\"}");
    assert!(
        app.send(twice)
            .text()
            .contains("duplicate field `description`")
    );
    assert_eq!(state(&app), stood);
    assert_eq!(app.get(&path, &token).json(), made);
}

#[test]
fn a_value_that_breaks_a_rule_is_named_with_the_rule() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let path = path(&made);
    let stood = state(&app);
    let scopes = |names: &[&str]| -> Value {
        let scopes: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
        json!({"scopes": scopes, "description": "x"})
    };
    let many: Vec<String> = (0..51).map(|at| format!("s{at}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let shape = "a name has 1 to 64 printable ASCII characters, and no space, '\"' or '\\'";
    let ours = "a name is not one of the console's own scopes";
    for (body, field, reason) in [
        (
            json!({"display-name": ""}),
            "display-name",
            "must not be empty",
        ),
        (
            json!({"display-name": "\ta"}),
            "display-name",
            "must not hold control characters",
        ),
        (
            json!({"display-name": "я".repeat(101)}),
            "display-name",
            "has at most 100 characters",
        ),
        (
            json!({"description": "я".repeat(1001)}),
            "description",
            "has at most 1000 characters",
        ),
        (
            json!({"description": "a\nb"}),
            "description",
            "must not hold control characters",
        ),
        (scopes(&[""]), "scopes", shape),
        (scopes(&["deals read"]), "scopes", shape),
        (scopes(&["ключ"]), "scopes", shape),
        (scopes(&["\\"]), "scopes", shape),
        (scopes(&[&"x".repeat(65)]), "scopes", shape),
        (scopes(&["x", "openid"]), "scopes", ours),
        (scopes(&["applications:read"]), "scopes", ours),
        (scopes(&["x", "x"]), "scopes", "a name stands there once"),
        (
            scopes(&many),
            "scopes",
            "an application defines at most 50 scopes",
        ),
        (
            json!({"scopes": [{"name": "x", "description": "я".repeat(201)}]}),
            "scopes",
            "a description has at most 200 characters",
        ),
    ] {
        let refused = call(&app, &token, "PATCH", &path, &body);
        assert_eq!(refused, invalid(field, reason), "{body}");
    }
    assert_eq!(state(&app), stood);
    assert_eq!(app.get(&path, &token).json(), made);
    // As long and as many as can be.
    let most = json!({"description": "я".repeat(1000), "display-name": "я".repeat(100)});
    assert!(call(&app, &token, "PATCH", &path, &most).starts_with("200\n"));
    assert!(call(&app, &token, "PATCH", &path, &scopes(&many[..50])).starts_with("200\n"));
}

#[test]
fn what_is_missing_or_deleted_is_not_changed() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let body = json!({"description": "x"});
    let patch = |path: &str| call(&app, &token, "PATCH", path, &body);
    assert_eq!(
        patch(&format!("{APPLICATIONS}/{NOTHING}")),
        no_such_application()
    );
    assert_eq!(patch(&format!("{APPLICATIONS}/1111")), not_a_uuid("1111"));
    assert_eq!(delete(&app, &token, &path(&made)).status, 200);
    let stood = state(&app);
    assert_eq!(
        patch(&path(&made)),
        failed_precondition("the application is deleted")
    );
    assert_eq!(state(&app), stood);
    assert_eq!(app.get(&path(&made), &token).json()["description"], "");
    // Another body is refused as it would be for a living one.
    let wrong = call(&app, &token, "PATCH", &path(&made), &json!({"uri": "x"}));
    assert_eq!(wrong, invalid("uri", NOT_A_URI));
    let name = "display-name is not valid.";
    let expected = error(
        400,
        3,
        "INVALID_ARGUMENT",
        name,
        "display-name: must not be empty",
    );
    let wrong = call(
        &app,
        &token,
        "PATCH",
        &path(&made),
        &json!({"display-name": ""}),
    );
    assert_eq!(wrong, expected);
}
