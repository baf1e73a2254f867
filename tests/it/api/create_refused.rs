//! `POST /applications`: every body that is refused, and that nothing is made by it.

use serde_json::{Value, json};

use super::{APPLICATIONS, IMAGE, NOTHING, error, invalid, minimal, not_a_uuid, post, setup};
use crate::support::{Request, TestApp};

pub const JSON: &str = "application/json";

pub fn raw(token: &str, kind: &str, body: &[u8]) -> Request {
    Request::new("POST", APPLICATIONS)
        .header("content-type", kind)
        .bearer(token)
        .body(body)
}

/// Nothing was made, and nothing was made and deleted.
pub fn assert_nothing_made(app: &TestApp, token: &str) {
    for query in ["", "?deleted=true"] {
        let list = app.get(&format!("{APPLICATIONS}{query}"), token);
        assert_eq!(list.text(), "[]");
    }
}

fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut body = minimal("a");
    body[name] = value.into();
    body
}

#[test]
fn a_member_that_is_not_listed_or_is_there_twice_is_refused() {
    let (app, token) = setup();
    for name in [
        "x",
        "id",
        "name",
        "status",
        "date-created",
        "Display-Name",
        "displayName",
    ] {
        let response = post(&app, &token, &with(name, NOTHING));
        let details = response.json()["details"].as_str().unwrap().to_owned();
        assert!(
            details.starts_with(&format!("unknown field `{name}`")),
            "{details}"
        );
        let expected = error(
            400,
            3,
            "INVALID_ARGUMENT",
            "The body is not valid.",
            &details,
        );
        assert_eq!(response.whole(), expected);
    }
    let mut body = minimal("a");
    body["source"]["project-name"] = "x".into();
    assert_eq!(post(&app, &token, &body).status, 400);
    let text = minimal("a").to_string();
    for (name, value) in [
        ("development-mode", "false"),
        ("display-name", "\"b\""),
        ("publication-context", "\"b\""),
        ("\\u0064isplay-name", "\"b\""),
        ("source", &minimal("a")["source"].to_string()),
    ] {
        let twice = format!("{{\"{name}\":{value},{}", &text[1..]);
        let response = app.send(raw(&token, JSON, twice.as_bytes()));
        assert_eq!(response.status, 400, "{twice}");
        assert!(response.text().contains("duplicate field"), "{twice}");
    }
    let twice = text.replace("\"type\"", "\"type\":\"repository\",\"type\"");
    assert_eq!(app.send(raw(&token, JSON, twice.as_bytes())).status, 400);
    assert_nothing_made(&app, &token);
}

#[test]
fn a_member_that_is_missing_or_of_another_type_is_refused() {
    let (app, token) = setup();
    let whole = minimal("a");
    for name in whole.as_object().unwrap().keys() {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(name);
        let response = post(&app, &token, &body);
        assert_eq!(response.status, 400, "{name}");
        assert!(response.text().contains(&format!("missing field `{name}`")));
    }
    let wrong = |name: &str, others: &[Value]| {
        for other in others {
            let response = post(&app, &token, &with(name, other.clone()));
            let what = format!("{name}: {other}: {}", response.text());
            assert_eq!(response.status, 400, "{what}");
            assert_eq!(response.json()["code"], 3, "{what}");
            assert_eq!(
                response.json()["message"],
                "The body is not valid.",
                "{what}"
            );
        }
    };
    let (text, number, yes) = (json!("x"), json!(1), json!(true));
    let (list, object) = (json!(["x"]), json!({"x": 1}));
    let not_text = [number.clone(), yes.clone(), list.clone(), object.clone()];
    let not_bool = [
        json!(null),
        text.clone(),
        number.clone(),
        list.clone(),
        json!("true"),
    ];
    for name in [
        "display-name",
        "publication-context",
        "technology-version",
        "default-user-list",
        "space-id",
        "domain-name",
        "default-time-zone",
        "default-locale",
        "dbms-type",
        "description",
    ] {
        wrong(name, &not_text);
    }
    for name in [
        "display-name",
        "publication-context",
        "source",
        "user-lists",
    ] {
        wrong(name, &[json!(null)]);
    }
    for name in [
        "development-mode",
        "autostarting-scheduled-jobs",
        "autostarting-esb",
    ] {
        wrong(name, &not_bool);
    }
    wrong(
        "user-lists",
        &[
            text.clone(),
            number,
            yes.clone(),
            object,
            json!([1]),
            json!([null]),
        ],
    );
    let positional = json!(["repository", null, IMAGE]);
    wrong(
        "source",
        &[
            text,
            yes,
            json!({}),
            json!([]),
            positional,
            json!({"image-id": IMAGE}),
        ],
    );
    assert_nothing_made(&app, &token);
}

#[test]
fn a_value_outside_its_rule_is_refused_with_the_rule() {
    let (app, token) = setup();
    let context =
        "has 1 to 100 of the characters A-Z a-z 0-9 - _ . and begins with a letter or digit";
    let too_long = "n".repeat(101);
    for name in [
        "", ".", "..", "-a", "_a", "a/b", "a b", "a%2fb", "a?b", "a#b", "ключ", &too_long,
    ] {
        let response = post(&app, &token, &with("publication-context", name));
        assert_eq!(
            response.whole(),
            invalid("publication-context", context),
            "{name}"
        );
    }
    let control = "must not hold control characters";
    let at_an_end = "must not hold control characters";
    for (field, value, why) in [
        ("display-name", String::new(), "must not be empty"),
        (
            "display-name",
            "я".repeat(101),
            "has at most 100 characters",
        ),
        ("display-name", "\ta".to_owned(), at_an_end),
        ("display-name", "a\u{85}".to_owned(), at_an_end),
        ("display-name", "a\nb".to_owned(), control),
        ("display-name", "a\0b".to_owned(), control),
        ("display-name", "a\u{202e}b".to_owned(), control),
        (
            "description",
            "я".repeat(1001),
            "has at most 1000 characters",
        ),
        ("description", "a\u{7f}".to_owned(), control),
        (
            "technology-version",
            "v".repeat(101),
            "has at most 100 characters",
        ),
        (
            "default-time-zone",
            "z".repeat(101),
            "has at most 100 characters",
        ),
        ("default-locale", "l\r".to_owned(), control),
        ("domain-name", "d".repeat(254), "has at most 253 characters"),
        ("dbms-type", "file".to_owned(), "is File, Postgres or MSSQL"),
        ("dbms-type", String::new(), "is File, Postgres or MSSQL"),
        (
            "dbms-type",
            "Oracle".to_owned(),
            "is File, Postgres or MSSQL",
        ),
    ] {
        let response = post(&app, &token, &with(field, value.clone()));
        assert_eq!(response.whole(), invalid(field, why), "{field}: {value:?}");
    }
    assert_nothing_made(&app, &token);
}

#[test]
fn a_source_is_a_repository_with_one_of_the_two_ids() {
    let (app, token) = setup();
    for kind in ["", "image", "Repository", "git"] {
        let response = post(
            &app,
            &token,
            &with("source", json!({"type": kind, "image-id": IMAGE})),
        );
        assert_eq!(
            response.whole(),
            invalid("source.type", "is repository"),
            "{kind}"
        );
    }
    let needs = invalid("source", "needs project-version-id or image-id");
    for source in [
        json!({"type": "repository"}),
        json!({"type": "repository", "image-id": null, "project-version-id": null}),
    ] {
        assert_eq!(post(&app, &token, &with("source", source)).whole(), needs);
    }
    assert_nothing_made(&app, &token);
}

#[test]
fn an_id_that_is_no_uuid_or_names_no_list_is_refused() {
    let (app, token) = setup();
    let braced = format!("{{{NOTHING}}}");
    let bare = NOTHING.replace('-', "");
    let urn = format!("urn:uuid:{NOTHING}");
    for text in [
        "",
        "1111",
        "x",
        &braced,
        &bare,
        &urn,
        &format!("{NOTHING} "),
    ] {
        for body in [
            with("default-user-list", text),
            with("user-lists", json!([text])),
            with("space-id", text),
            with("source", json!({"type": "repository", "image-id": text})),
            with(
                "source",
                json!({"type": "repository", "project-version-id": text}),
            ),
        ] {
            assert_eq!(
                post(&app, &token, &body).whole(),
                not_a_uuid(text),
                "{body}"
            );
        }
    }
    let list = super::first_list(&app).to_string();
    for body in [
        with("default-user-list", NOTHING),
        with("user-lists", json!([NOTHING])),
        with("user-lists", json!([list, NOTHING])),
    ] {
        let expected = invalid("user-lists", "no such user list");
        assert_eq!(post(&app, &token, &body).whole(), expected);
    }
    let many = vec![list; 1001];
    let expected = invalid("user-lists", "at most 1000");
    assert_eq!(
        post(&app, &token, &with("user-lists", many)).whole(),
        expected
    );
    assert_nothing_made(&app, &token);
}

#[test]
fn what_an_error_shows_of_a_body_is_short_and_without_harm() {
    let (app, token) = setup();
    let hostile = "<script>\"&\r\n\u{1b}[31m</script>";
    let response = post(&app, &token, &with("space-id", hostile));
    assert_eq!(response.whole(), not_a_uuid("script[31m/script"));
    let response = post(&app, &token, &with("space-id", "я".repeat(5000)));
    assert_eq!(response.whole(), not_a_uuid(&"я".repeat(200)));
    let response = post(&app, &token, &with(&"x".repeat(5000), 1));
    assert_eq!(response.status, 400);
    assert!(response.body.len() < 400, "{}", response.text());
}
