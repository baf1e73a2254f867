//! Lists of keys and of service clients: paged, searched, in order.

use serde_json::{Value, json};

use super::{CLIENTS, Desk, error, named, shown};

fn names(list: &Value, name: &str) -> Vec<String> {
    let one = |entry: &Value| entry[name].as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(one).collect()
}

#[test]
fn a_list_is_in_the_order_of_making_whole_or_in_pages() {
    let desk = Desk::new();
    for (list, name) in [(desk.keys(), "description"), (CLIENTS.to_owned(), "name")] {
        let mut made = Vec::new();
        for at in 0..5 {
            desk.app.advance(1);
            let body = json!({ name: format!("number {at}") });
            made.push(shown(&desk.make(&list, &desk.admin, &body)));
        }
        let get = |query: &str| desk.app.get(&format!("{list}{query}"), &desk.admin);
        assert_eq!(get("").json(), json!(made));
        assert_eq!(get("?page=1&size=2").json(), json!(made[2..4]));
        assert_eq!(get("?page=9").json(), json!([]));
        let page = get("?result=page&page=2&size=2");
        let expected = json!({
            "totalElements": 5, "totalPages": 3, "last": true, "first": false, "size": 2,
            "number": 2, "numberOfElements": 1, "content": made[4..],
        });
        assert_eq!(page.json(), expected);
        assert!(
            page.text()
                .starts_with("{\"totalElements\":5,\"totalPages\":3,\"last\":true,")
        );
        assert_eq!(get("?size=1001").status, 400);
        assert_eq!(get("?page=1&page=2").status, 400);
    }
}

#[test]
fn a_search_knows_every_alphabet_and_takes_no_wildcard() {
    let desk = Desk::new();
    let keys = ["Ключ Сборки", "key 100%", "key_1", "Key 1"];
    for name in keys {
        desk.app.advance(1);
        desk.make(&desk.keys(), &desk.admin, &named(name));
    }
    desk.app.advance(1);
    let service = json!({"name": "CI", "description": "Сборка ночью"});
    let service = desk.make(CLIENTS, &desk.admin, &service);
    let found = |search: &str| {
        let path = format!("{}?search={search}", desk.keys());
        names(&desk.app.get(&path, &desk.admin).json(), "description")
    };
    assert_eq!(found("%D0%BA%D0%BB%D1%8E%D1%87"), ["Ключ Сборки"]);
    assert_eq!(found("%D0%A1%D0%91%D0%9E%D0%A0%D0%9A"), ["Ключ Сборки"]);
    assert_eq!(found("KEY"), ["key 100%", "key_1", "Key 1"]);
    assert_eq!(found("%25"), ["key 100%"]);
    assert_eq!(found("y_1"), ["key_1"]);
    assert_eq!(found("%5C"), [""; 0]);
    assert_eq!(found(""), keys);
    let services = |search: &str| {
        let path = format!("{CLIENTS}?result=page&search={search}");
        desk.app.get(&path, &desk.admin).json()["totalElements"].clone()
    };
    assert_eq!(services("%D1%81%D0%B1%D0%BE%D1%80%D0%BA%D0%B0"), json!(1));
    assert_eq!(
        services(&service["client-id"].as_str().unwrap()[4..]),
        json!(1)
    );
    assert_eq!(services("key"), json!(0), "keys are no service clients");
    // A renamed key is found by its new name.
    let path = super::one(
        &desk.keys(),
        &desk.make(&desk.keys(), &desk.admin, &named("before")),
    );
    desk.change(&path, &desk.admin, &named("Afterwards"));
    assert_eq!(
        (found("before"), found("AFTER")),
        (vec![], vec!["Afterwards".to_owned()])
    );
    let long = format!("{CLIENTS}?search={}", "x".repeat(101));
    for token in [&desk.admin, &desk.member_token("keys:read")] {
        let refused = desk.app.get(&long, token);
        assert_eq!(
            refused.whole(),
            super::invalid("search", "has at most 100 characters")
        );
    }
}

#[test]
fn a_whole_list_has_ten_thousand_entries_at_most() {
    let desk = Desk::new();
    let now = desk.now().millis();
    let made = |from: i64, to: i64| {
        // Numbered rows, as both databases make them.
        let digits = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL \
                      SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 \
                      UNION ALL SELECT 9)";
        let number = "a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d";
        desk.app.database.execute(&format!(
            "INSERT INTO clients (id, name, description, search, scope, application_scopes, audiences, \
             lifetime, allowed_networks, generation, created_at) \
             SELECT 'many-' || ({number}), 'many', '', 'many', '', '{{}}', '', 3600, '', 1, {now} + {number} \
             FROM {digits} a, {digits} b, {digits} c, {digits} e, {digits} f \
             WHERE {number} >= {from} AND {number} < {to}"
        ));
    };
    made(0, 10_000);
    let whole = desk.app.get(CLIENTS, &desk.admin);
    assert_eq!(
        (whole.status, whole.json().as_array().unwrap().len()),
        (200, 10_000)
    );
    made(10_000, 10_001);
    let message = "page is out of range.";
    let details = "the list has more than 10000 entries: ask for a page";
    let refused = error(400, 11, "OUT_OF_RANGE", message, details);
    assert_eq!(desk.app.get(CLIENTS, &desk.admin).whole(), refused);
    let last = desk
        .app
        .get(
            &format!("{CLIENTS}?result=page&page=10&size=1000"),
            &desk.admin,
        )
        .json();
    assert_eq!(
        (&last["totalElements"], &last["numberOfElements"]),
        (&json!(10_001), &json!(1))
    );
    assert_eq!(last["content"][0]["client-id"], "many-10000");
}

#[test]
fn a_member_sees_their_own_keys_and_no_service_client() {
    let desk = Desk::new();
    let token = desk.member_token("keys:read");
    desk.make(CLIENTS, &desk.admin, &json!({"name": "CI"}));
    let own = desk.app.get(&desk.keys(), &token).json();
    assert_eq!(names(&own, "description"), ["test"]);
    assert_eq!(desk.app.get(CLIENTS, &token).text(), "[]");
    let page = desk
        .app
        .get(&format!("{CLIENTS}?result=page"), &token)
        .json();
    assert_eq!(
        (&page["totalElements"], &page["content"]),
        (&json!(0), &json!([]))
    );
}
