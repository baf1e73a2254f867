//! Bodies of users that are not as they must be: refused, and nothing changes.

use serde_json::{Value, json};

use super::{
    administration, call, create_member, error, first_list, invalid, state, user_path, users_path,
};
use crate::support::Request;

const PASSWORD: &str = "correct horse battery";

/// What is wrong with the details of a user, and how it is answered.
fn wrong_details() -> Vec<(Value, String)> {
    let email = "is a name, '@' and a host, without white space";
    let phone = "has digits, spaces and '+', '-', '(', ')' only, and a digit at least";
    let control = "must not hold control characters";
    vec![
        (
            json!({"presentation": ""}),
            invalid("presentation", "must not be empty"),
        ),
        (
            json!({"presentation": "a\u{202e}b"}),
            invalid("presentation", control),
        ),
        (
            json!({"presentation": "я".repeat(201)}),
            invalid("presentation", "has at most 200 characters"),
        ),
        (json!({"email": "x"}), invalid("email", email)),
        (json!({"email": "a b@c"}), invalid("email", email)),
        (json!({"email": "a@b\n"}), invalid("email", control)),
        (
            json!({"email": format!("{}@b", "a".repeat(253))}),
            invalid("email", "has at most 254 characters"),
        ),
        (json!({"phone": "112a"}), invalid("phone", phone)),
        (json!({"phone": "()"}), invalid("phone", phone)),
        (json!({"phone": "1\t2"}), invalid("phone", control)),
        (
            json!({"phone": "1".repeat(41)}),
            invalid("phone", "has at most 40 characters"),
        ),
        (
            json!({"role": "owner"}),
            invalid("role", "is administrator or member"),
        ),
        (
            json!({"role": ""}),
            invalid("role", "is administrator or member"),
        ),
    ]
}

fn with(mut body: Value, more: &Value) -> Value {
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

#[test]
fn a_body_that_is_not_as_it_must_be_makes_no_user() {
    let (app, admin) = administration();
    let path = users_path(first_list(&app));
    let before = state(&app);
    let good = json!({"login": "anna", "temporary-password": PASSWORD});
    let shape = "begins with a letter or a digit and has neither white space nor ':'";
    let mut wrong = wrong_details();
    wrong.extend([
        (json!({"login": ""}), invalid("login", "must not be empty")),
        (json!({"login": "a b"}), invalid("login", shape)),
        (json!({"login": "#x"}), invalid("login", shape)),
        // It would look like another's.
        (
            json!({"login": "admin\u{200b}"}),
            invalid("login", "must not hold control characters"),
        ),
        (
            json!({"login": "x".repeat(101)}),
            invalid("login", "has at most 100 characters"),
        ),
        (
            json!({"temporary-password": "x".repeat(11)}),
            invalid(
                "temporary-password",
                "a password has 12 characters at least",
            ),
        ),
        (
            json!({"temporary-password": "x".repeat(513)}),
            invalid("temporary-password", "a password has 512 bytes at most"),
        ),
        (
            json!({"temporary-password": "correct\u{0}horse battery"}),
            invalid("temporary-password", "a password has no control characters"),
        ),
    ]);
    for (more, expected) in wrong {
        let whole = call(&app, &admin, "POST", &path, &with(good.clone(), &more));
        assert_eq!(whole, expected, "{more}");
    }
    for (body, missing) in [
        (json!({"temporary-password": PASSWORD}), "login"),
        (json!({"login": "anna"}), "temporary-password"),
    ] {
        let whole = call(&app, &admin, "POST", &path, &body);
        assert!(
            whole.contains(&format!("missing field `{missing}`")),
            "{whole}"
        );
        // Nor does a refusal say what was sent.
        assert!(!whole.contains(PASSWORD), "{whole}");
    }
    assert_eq!(state(&app), before);
}

#[test]
fn what_is_not_to_be_changed_of_a_user_is_refused_and_nothing_changes() {
    let (app, admin) = administration();
    let (anna, _) = create_member(&app, "anna", first_list(&app));
    let path = user_path(&anna);
    let before = state(&app);
    for (body, expected) in wrong_details() {
        // What is right beside it is not done either.
        let body = with(
            json!({"is-active": false, "email": "right@example.org"}),
            &body,
        );
        let whole = call(&app, &admin, "PUT", &path, &body);
        assert_eq!(whole, expected, "{body}");
    }
    let unread = error(400, 3, "INVALID_ARGUMENT", "The body is not valid.", "");
    let unread = unread.split_once("\"details\"").unwrap().0;
    for body in [
        json!({"login": "boris"}),
        json!({"id": anna.id}),
        json!({"user-list-id": anna.user_list_id}),
        json!({"email-confirmed": true}),
        json!({"access-tokens": []}),
        json!({"created-at": "2024-01-17T14:27:04.383Z"}),
        json!({"temporary-password": PASSWORD}),
        json!({"password-hash": "x"}),
        json!({"generation": 0}),
        json!({"presentation": null}),
        json!({"email": null}),
        json!({"role": null}),
        json!({"is-active": "false"}),
        json!([]),
    ] {
        let whole = call(&app, &admin, "PUT", &path, &body);
        assert!(whole.starts_with(unread), "{body}: {whole}");
    }
    // The whole of what was read cannot be sent back: most of it is read-only.
    let read = app.get(&path, &admin).json();
    let response = app.send(Request::json("PUT", &path, &read).bearer(&admin));
    assert_eq!(response.status, 400);
    assert_eq!(state(&app), before);
}
