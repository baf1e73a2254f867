//! `/user-lists`: made, listed, read; who sees which.

use serde_json::{Value, json};

use super::{
    CREATED, LISTS, NOTHING, administration, answer, call, create_list, create_member, error,
    events_of, first_list, invalid, not_a_uuid, not_found, state,
};
use crate::support::{Request, TestApp};

const POLICY: &str = "\"confirmations\":[],\"password-policy-enabled\":true,\"password-policy\":\
    {\"min-length\":12,\"max-length\":512,\"must-contain-lower-case\":false,\
    \"must-contain-upper-case\":false,\"must-contain-symbol\":false,\"allowed-alphabet\":\"\",\
    \"must-contain-digit\":false,\"prohibit-previous-passwords\":false}";

/// A list by itself: `rest` are its three texts, the flags of registration, and that of messages.
fn body(id: &str, presentation: &str, space: &Value, flags: [bool; 4]) -> String {
    let [enabled, phone, email, personal] = flags;
    format!(
        "{{\"id\":\"{id}\",\"presentation\":{},\"space-id\":{space},\"self-registration\":\
         {{\"enabled\":{enabled},\"phone-required\":{phone},\"email-required\":{email}}},{POLICY},\
         \"include-personal-data-in-messages\":{personal}}}",
        Value::from(presentation)
    )
}

fn entry(id: &str, presentation: &str, space: &Value) -> String {
    let presentation = Value::from(presentation);
    format!("{{\"id\":\"{id}\",\"presentation\":{presentation},\"space-id\":{space}}}")
}

/// Makes a list by the API.
fn make(app: &TestApp, token: &str, body: &Value) -> (String, String) {
    let response = app.send(Request::json("POST", LISTS, body).bearer(token));
    assert_eq!(response.status, 201, "{}", response.text());
    let id = response.json()["id"].as_str().unwrap().to_owned();
    (id, response.whole())
}

#[test]
fn a_list_is_made_with_what_the_body_says_and_read_back() {
    let (app, admin) = administration();
    let space = app.send(
        Request::json("POST", "/console/api/v2/spaces", &json!({"name": "S"})).bearer(&admin),
    );
    let space = space.json()["id"].clone();
    let none = [false; 4];
    for (asked, presentation, in_space, flags) in [
        (
            json!({"presentation": "Клиенты"}),
            "Клиенты",
            Value::Null,
            none,
        ),
        (
            json!({"presentation": "Null", "space-id": null, "self-registration": null}),
            "Null",
            Value::Null,
            none,
        ),
        (
            json!({"presentation": "All", "space-id": space,
                   "include-personal-data-in-messages": true,
                   "self-registration": {"enabled": true, "phone-required": true, "email-required": true}}),
            "All",
            space.clone(),
            [true; 4],
        ),
        (
            json!({"presentation": "All", "self-registration": {"email-required": true}}),
            "All",
            Value::Null,
            [false, false, true, false],
        ),
    ] {
        let (id, made) = make(&app, &admin, &asked);
        let expected = body(&id, presentation, &in_space, flags);
        assert_eq!(made, answer(CREATED, &expected));
        let read = app.get(&format!("{LISTS}/{id}"), &admin).whole();
        assert_eq!(read, answer(200, &expected));
        // In capitals it is the same id.
        let read = app.get(&format!("{LISTS}/{}", id.to_uppercase()), &admin);
        assert_eq!(read.whole(), answer(200, &expected));
        let details = json!({"presentation": presentation, "space-id": in_space});
        assert_eq!(
            events_of(&app, "user_list", &id),
            [format!("user_list.created {details}")]
        );
    }
}

#[test]
fn lists_are_listed_the_first_made_first_searched_and_paged() {
    let (app, admin) = administration();
    let first = first_list(&app).to_string();
    let mut entries = vec![entry(&first, "Users", &Value::Null)];
    for presentation in ["Клиенты", "100%", "клиенты, старые"] {
        app.advance(1);
        let id = create_list(&app, presentation).to_string();
        entries.push(entry(&id, presentation, &Value::Null));
    }
    let get = |query: &str| app.get(&format!("{LISTS}{query}"), &admin).whole();
    let list = |of: &[&String]| {
        let of: Vec<&str> = of.iter().map(|entry| entry.as_str()).collect();
        format!("[{}]", of.join(","))
    };
    let e = &entries;
    assert_eq!(get(""), answer(200, &list(&[&e[0], &e[1], &e[2], &e[3]])));
    assert_eq!(get("?page=1&size=3"), answer(200, &list(&[&e[3]])));
    let found: String = url::form_urlencoded::byte_serialize("КЛИЕНТЫ".as_bytes()).collect();
    assert_eq!(
        get(&format!("?search={found}")),
        answer(200, &list(&[&e[1], &e[3]]))
    );
    assert_eq!(get("?search=%25"), answer(200, &list(&[&e[2]])));
    let page = format!(
        "{{\"totalElements\":2,\"totalPages\":2,\"last\":true,\"first\":false,\"size\":1,\"number\":1,\
         \"numberOfElements\":1,\"content\":{}}}",
        list(&[&e[3]])
    );
    assert_eq!(
        get(&format!("?result=page&size=1&page=1&search={found}")),
        answer(200, &page)
    );
    let long = "x".repeat(101);
    assert_eq!(
        get(&format!("?search={long}")),
        invalid("search", "has at most 100 characters")
    );
}

#[test]
fn a_member_sees_their_own_list_without_its_space_and_no_other() {
    let (app, admin) = administration();
    let space = app.send(
        Request::json("POST", "/console/api/v2/spaces", &json!({"name": "S"})).bearer(&admin),
    );
    let space = space.json()["id"].clone();
    let (ours, _) = make(
        &app,
        &admin,
        &json!({"presentation": "Ours", "space-id": space}),
    );
    let theirs = create_list(&app, "Theirs");
    let list = mintmark::model::ids::UserListId::parse(&ours).unwrap();
    create_member(&app, "anna", list);
    let anna = app
        .token(&app.create_key("anna", "users:read"))
        .access_token;

    let own = answer(200, &format!("[{}]", entry(&ours, "Ours", &Value::Null)));
    assert_eq!(app.get(LISTS, &anna).whole(), own);
    assert_eq!(app.get(&format!("{LISTS}?search=OUR"), &anna).whole(), own);
    assert_eq!(
        app.get(&format!("{LISTS}?search=their"), &anna).whole(),
        answer(200, "[]")
    );
    let page = app.get(&format!("{LISTS}?result=page"), &anna).json();
    assert_eq!(page["totalElements"], 1);
    let one = app.get(&format!("{LISTS}/{ours}"), &anna).whole();
    assert_eq!(
        one,
        answer(200, &body(&ours, "Ours", &Value::Null, [false; 4]))
    );
    let missing = app.get(&format!("{LISTS}/{NOTHING}"), &anna).whole();
    assert_eq!(missing, not_found("user list"));
    assert_eq!(
        app.get(&format!("{LISTS}/{theirs}"), &anna).whole(),
        missing
    );
}

#[test]
fn a_body_that_is_not_as_it_must_be_makes_no_list() {
    let (app, admin) = administration();
    let before = state(&app);
    let longest = "я".repeat(200);
    for (asked, expected) in [
        (
            json!({"presentation": ""}),
            invalid("presentation", "must not be empty"),
        ),
        (
            json!({"presentation": "\tx"}),
            invalid("presentation", "must not hold control characters"),
        ),
        (
            json!({"presentation": "a\nb"}),
            invalid("presentation", "must not hold control characters"),
        ),
        (
            json!({"presentation": format!("{longest}я")}),
            invalid("presentation", "has at most 200 characters"),
        ),
        (
            json!({"presentation": "x", "space-id": NOTHING}),
            invalid("space-id", "no such space"),
        ),
        (
            json!({"presentation": "x", "space-id": "1111"}),
            not_a_uuid("1111"),
        ),
    ] {
        assert_eq!(
            call(&app, &admin, "POST", LISTS, &asked),
            expected,
            "{asked}"
        );
    }
    let unread = |details: &str| {
        error(
            400,
            3,
            "INVALID_ARGUMENT",
            "The body is not valid.",
            details,
        )
    };
    for (asked, details) in [
        (json!({}), "missing field `presentation` at line 1 column 2"),
        (json!({"presentation": null}), "at line 1, column 20"),
        (
            json!({"presentation": "x", "include-personal-data-in-messages": null}),
            "at line 1, column 60",
        ),
    ] {
        let whole = call(&app, &admin, "POST", LISTS, &asked);
        assert_eq!(whole, unread(details), "{asked}");
    }
    for asked in [
        json!({"presentation": "x", "id": NOTHING}),
        json!({"presentation": "x", "password-policy": {}}),
        json!({"presentation": "x", "self-registration": {"x": true}}),
        json!({"presentation": "x", "self-registration": [true, true, true]}),
    ] {
        let response = app.send(Request::json("POST", LISTS, &asked).bearer(&admin));
        assert_eq!(
            (response.status, &response.json()["code"]),
            (400, &json!(3)),
            "{asked}"
        );
    }
    assert_eq!(state(&app), before);
    let whole = call(
        &app,
        &admin,
        "POST",
        LISTS,
        &json!({"presentation": longest}),
    );
    assert!(whole.starts_with("201\n"), "{whole}");
}
