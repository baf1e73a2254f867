//! `GET /user-lists/{list}/users`: the order, searching, paging, and the bound.

use serde_json::{Value, json};

use super::{
    administration, answer, call, create_list, create_member, delete, error, first_list, invalid,
    user_body, user_path, users_path,
};
use crate::support::TestApp;

const PASSWORD: &str = "correct horse battery";

fn logins(app: &TestApp, token: &str, path: &str) -> Vec<String> {
    let answer = app.get(path, token).json();
    let list = answer.as_array().unwrap().iter();
    list.map(|user| user["login"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn users_come_by_login_in_whatever_case_and_without_the_deleted() {
    let (app, admin) = administration();
    let list = create_list(&app, "Customers");
    let names = ["vera", "Anna", "boris", "anna2", "юлия", "Яна"];
    let users: Vec<_> = names.map(|name| create_member(&app, name, list).0).into();
    let path = users_path(list);
    assert_eq!(
        logins(&app, &admin, &path),
        ["Anna", "anna2", "boris", "vera", "юлия", "Яна"]
    );
    delete(&app, &admin, &user_path(&users[2]));
    assert_eq!(
        logins(&app, &admin, &path),
        ["Anna", "anna2", "vera", "юлия", "Яна"]
    );
    // The first list has others.
    assert_eq!(
        logins(&app, &admin, &users_path(first_list(&app))),
        ["admin"]
    );
}

#[test]
fn users_are_found_by_login_presentation_email_and_phone_in_any_case() {
    let (app, admin) = administration();
    let list = create_list(&app, "Customers");
    let path = users_path(list);
    for (login, presentation, email, phone) in [
        ("anna", "Анна Каренина", "anna@Example.org", "+7 495 1"),
        ("boris", "50% of_it", "boris@example.com", ""),
        ("vera", "a\\b", "", "8-800"),
    ] {
        let body = json!({"login": login, "presentation": presentation, "email": email,
                          "phone": phone, "temporary-password": PASSWORD});
        assert!(call(&app, &admin, "POST", &path, &body).starts_with("201\n"));
    }
    let find = |term: &str| {
        let term: String = url::form_urlencoded::byte_serialize(term.as_bytes()).collect();
        logins(&app, &admin, &format!("{path}?search={term}"))
    };
    assert_eq!(find(""), ["anna", "boris", "vera"]);
    assert_eq!(find("КАРЕН"), ["anna"]);
    assert_eq!(find("ORI"), ["boris"]);
    assert_eq!(find("EXAMPLE.o"), ["anna"]);
    assert_eq!(find("+7"), ["anna"]);
    assert_eq!(find("%"), ["boris"]);
    assert_eq!(find("_"), ["boris"]);
    assert_eq!(find("\\"), ["vera"]);
    assert_eq!(find("8-8"), ["vera"]);
    // From the end of one into the beginning of the other there is no way.
    assert_eq!(find("annaанна"), [""; 0]);
    assert_eq!(find("correct"), [""; 0]);
    assert_eq!(find("argon2"), [""; 0]);
    // After a change it is the new name that is found.
    let user = super::stored(&app, "anna");
    let moved = json!({"presentation": "Anna", "email": "", "phone": "112"});
    call(&app, &admin, "PUT", &user_path(&user), &moved);
    assert_eq!(find("КАРЕН"), [""; 0]);
    assert_eq!(find("EXAMPLE.o"), [""; 0]);
    assert_eq!(find("112"), ["anna"]);
    // And nothing of one who is deleted.
    delete(&app, &admin, &user_path(&user));
    assert_eq!(find("112"), [""; 0]);
    let left =
        "SELECT search || login || presentation AS text FROM users WHERE deleted_at IS NOT NULL";
    assert_eq!(app.database.query(left), [""]);
}

#[test]
fn users_are_paged() {
    let (app, admin) = administration();
    let list = create_list(&app, "Customers");
    let users = ["a", "b", "c"].map(|name| create_member(&app, name, list).0);
    let get = |query: &str| {
        app.get(&format!("{}{query}", users_path(list)), &admin)
            .json()
    };
    let body = |at: usize| -> Value { serde_json::from_str(&user_body(&users[at], &[])).unwrap() };
    let mut page = get("?result=page&size=2&page=1");
    for one in page["content"].as_array_mut().unwrap() {
        one["access-tokens"] = json!([]);
    }
    let expected = json!({
        "totalElements": 3, "totalPages": 2, "last": true, "first": false, "size": 2, "number": 1,
        "numberOfElements": 1, "content": [body(2)],
    });
    assert_eq!(page, expected);
    assert_eq!(get("?size=2").as_array().unwrap().len(), 2);
    assert_eq!(get("?page=7"), json!([]));
    for (query, expected) in [
        (
            "?size=0",
            error(
                400,
                11,
                "OUT_OF_RANGE",
                "size is out of range.",
                "1 to 1000",
            ),
        ),
        ("?page=x", invalid("page", "is a whole number")),
        ("?result=all", invalid("result", "is array or page")),
    ] {
        let whole = app
            .get(&format!("{}{query}", users_path(list)), &admin)
            .whole();
        assert_eq!(whole, expected, "{query}");
    }
}

#[test]
fn a_list_beyond_ten_thousand_users_is_answered_in_pages_only() {
    let (app, admin) = administration();
    let list = create_list(&app, "Customers");
    let write = |from: i64, to: i64| {
        app.database.execute(&format!(
            "INSERT INTO users (id, user_list_id, login, login_folded, presentation, search, role, \
             password_hash, password_temporary, generation, created_at) \
             WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to}) \
             SELECT '00000000-0000-4000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2), '{list}', \
             'n' || CAST(i AS TEXT), 'n' || CAST(i AS TEXT), 'n', 'n', 'member', 'none', FALSE, 0, 0 FROM n"
        ));
    };
    let path = users_path(list);
    write(1, 10_000);
    assert_eq!(
        app.get(&path, &admin).json().as_array().unwrap().len(),
        10_000
    );
    write(10_001, 10_001);
    let why = "the list has more than 10000 entries: ask for a page";
    let expected = error(400, 11, "OUT_OF_RANGE", "page is out of range.", why);
    assert_eq!(app.get(&path, &admin).whole(), expected);
    assert_eq!(
        app.get(&format!("{path}?search=N"), &admin).whole(),
        expected
    );
    assert_eq!(
        app.get(&format!("{path}?search=n10001"), &admin).whole(),
        answer(200, "[]")
    );
    let page = app
        .get(&format!("{path}?result=page&size=1000&page=10"), &admin)
        .json();
    assert_eq!(
        (&page["totalElements"], &page["numberOfElements"]),
        (&json!(10_001), &json!(1))
    );
}
