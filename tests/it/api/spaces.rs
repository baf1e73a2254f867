//! `/spaces`: made, listed, read; names that are unique.

use mintmark::model::ids::UserId;
use serde_json::{Value, json};

use super::many::in_parallel;
use super::{
    LISTS, NOTHING, administration, answer, call, create, create_member, delete, error, events_of,
    first_list, invalid, minimal, not_a_uuid, not_found, path, state, stored,
};
use crate::support::{Request, TestApp};

const SPACES: &str = "/console/api/v2/spaces";

/// A space as it is answered. `numbers` are those of applications and user lists, then the quotas.
fn body(
    id: &str,
    owner: Option<UserId>,
    name: &str,
    made_at: &str,
    numbers: [Value; 4],
    allowed: bool,
) -> String {
    let [applications, lists, application_quota, user_quota] = numbers;
    let owner = owner.map_or(Value::Null, |owner| owner.to_string().into());
    format!(
        "{{\"id\":\"{id}\",\"owner\":{owner},\"name\":{},\"date-created\":\"{made_at}\",\
         \"applications-count\":{applications},\"projects-count\":0,\"user-lists-count\":{lists},\
         \"applications-quota\":{application_quota},\"users-quota\":{user_quota},\
         \"project-creation-allowed\":{allowed}}}",
        Value::from(name)
    )
}

fn make(app: &TestApp, token: &str, asked: &Value) -> (String, String) {
    let response = app.send(Request::json("POST", SPACES, asked).bearer(token));
    assert_eq!(response.status, 200, "{}", response.text());
    let id = response.json()["id"].as_str().unwrap().to_owned();
    (id, response.whole())
}

#[test]
fn a_space_is_made_with_what_the_body_says_and_read_back() {
    let (app, admin) = administration();
    let service = app
        .token(&app.create_service("applications:read applications:write"))
        .access_token;
    let owner = Some(stored(&app, "admin").id);
    let null = || Value::Null;
    for (token, owner, asked, name, quotas, allowed) in [
        (
            &admin,
            owner,
            json!({"name": "Продажи"}),
            "Продажи",
            [null(), null()],
            false,
        ),
        (
            &admin,
            owner,
            json!({"name": "All", "applications-quota": 0, "users-quota": 1_000_000_000,
                   "project-creation-allowed": true}),
            "All",
            [json!(0), json!(1_000_000_000)],
            true,
        ),
        (
            &service,
            None,
            json!({"name": "Null", "applications-quota": null, "users-quota": null}),
            "Null",
            [null(), null()],
            false,
        ),
    ] {
        app.advance(1);
        let (id, made) = make(&app, token, &asked);
        let [applications, users] = quotas.clone();
        let at = app.act().now.to_string();
        let numbers = [json!(0), json!(0), applications, users];
        let expected = answer(200, &body(&id, owner, name, &at, numbers, allowed));
        assert_eq!(made, expected);
        assert_eq!(app.get(&format!("{SPACES}/{id}"), token).whole(), expected);
        let details =
            json!({"name": name, "applications-quota": quotas[0], "users-quota": quotas[1]});
        assert_eq!(
            events_of(&app, "space", &id),
            [format!("space.created {details}")]
        );
    }
}

#[test]
fn a_space_counts_what_is_in_it_and_is_not_deleted() {
    let (app, admin) = administration();
    let (id, _) = make(&app, &admin, &json!({"name": "S"}));
    app.advance(1);
    let (other, _) = make(&app, &admin, &json!({"name": "Other"}));
    let numbers = |id: &str| {
        let space = app.get(&format!("{SPACES}/{id}"), &admin).json();
        (
            space["applications-count"].as_i64().unwrap(),
            space["user-lists-count"].as_i64().unwrap(),
        )
    };
    for name in ["a", "b"] {
        let mut application = minimal(name);
        application["space-id"] = json!(id.to_uppercase());
        let made = create(&app, &admin, &application);
        assert_eq!(made["space-id"], id.as_str());
    }
    let list = json!({"presentation": "In it", "space-id": id});
    let list = app
        .send(Request::json("POST", LISTS, &list).bearer(&admin))
        .json();
    assert_eq!(numbers(&id), (2, 1));
    assert_eq!(numbers(&other), (0, 0));
    let all = app.get(SPACES, &admin).json();
    assert_eq!(
        (&all[0]["applications-count"], &all[0]["user-lists-count"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(
        (&all[1]["applications-count"], &all[1]["user-lists-count"]),
        (&json!(0), &json!(0))
    );
    let first = app.get(super::APPLICATIONS, &admin).json()[0].clone();
    assert_eq!(delete(&app, &admin, &path(&first)).status, 200);
    let list = format!("{LISTS}/{}", list["id"].as_str().unwrap());
    assert_eq!(delete(&app, &admin, &list).status, 204);
    assert_eq!(numbers(&id), (1, 0));
}

#[test]
fn spaces_are_listed_the_first_made_first_searched_and_paged() {
    let (app, admin) = administration();
    for name in ["Продажи", "100%", "склад продаж"] {
        app.advance(1);
        make(&app, &admin, &json!({"name": name}));
    }
    let names = |query: &str| {
        let list = app.get(&format!("{SPACES}?{query}"), &admin).json();
        let content = list.get("content").unwrap_or(&list).clone();
        let content = content.as_array().unwrap().iter();
        content
            .map(|space| space["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let sales: String = url::form_urlencoded::byte_serialize("ПРОДАЖ".as_bytes()).collect();
    assert_eq!(names(""), ["Продажи", "100%", "склад продаж"]);
    assert_eq!(
        names(&format!("search={sales}")),
        ["Продажи", "склад продаж"]
    );
    assert_eq!(names("search=%25"), ["100%"]);
    assert_eq!(names("page=1&size=2"), ["склад продаж"]);
    let page = app.get(
        &format!("{SPACES}?result=page&size=1&page=1&search={sales}"),
        &admin,
    );
    let page = page.json();
    assert_eq!(
        (&page["totalElements"], &page["last"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(page["content"][0]["name"], "склад продаж");
}

#[test]
fn a_member_sees_no_space() {
    let (app, admin) = administration();
    let (id, _) = make(&app, &admin, &json!({"name": "S"}));
    let (_, anna) = create_member(&app, "anna", first_list(&app));
    assert_eq!(app.get(SPACES, &anna).whole(), answer(200, "[]"));
    let page = app.get(&format!("{SPACES}?result=page"), &anna).json();
    assert_eq!(
        (&page["totalElements"], &page["content"]),
        (&json!(0), &json!([]))
    );
    let missing = app.get(&format!("{SPACES}/{NOTHING}"), &anna).whole();
    assert_eq!(missing, not_found("space"));
    assert_eq!(app.get(&format!("{SPACES}/{id}"), &anna).whole(), missing);
    assert_eq!(
        app.get(&format!("{SPACES}/{NOTHING}"), &admin).whole(),
        missing
    );
    assert_eq!(
        app.get(&format!("{SPACES}/1111"), &admin).whole(),
        not_a_uuid("1111")
    );
}

#[test]
fn a_body_that_is_not_as_it_must_be_makes_no_space() {
    let (app, admin) = administration();
    let before = state(&app);
    let quota = "is null or 0 to 1000000000";
    for (asked, expected) in [
        (json!({"name": ""}), invalid("name", "must not be empty")),
        (
            json!({"name": "x\t"}),
            invalid("name", "must not hold control characters"),
        ),
        (
            json!({"name": "я".repeat(101)}),
            invalid("name", "has at most 100 characters"),
        ),
        (
            json!({"name": "x", "applications-quota": -1}),
            invalid("applications-quota", quota),
        ),
        (
            json!({"name": "x", "users-quota": 1_000_000_001}),
            invalid("users-quota", quota),
        ),
    ] {
        assert_eq!(
            call(&app, &admin, "POST", SPACES, &asked),
            expected,
            "{asked}"
        );
    }
    for asked in [
        json!({}),
        json!({"name": null}),
        json!({"name": "x", "users-quota": 1.5}),
        json!({"name": "x", "users-quota": "1"}),
        json!({"name": "x", "users-quota": 9_223_372_036_854_775_808_u64}),
        json!({"name": "x", "owner": NOTHING}),
        json!({"name": "x", "projects-count": 1}),
    ] {
        let response = app.send(Request::json("POST", SPACES, &asked).bearer(&admin));
        assert_eq!(
            (response.status, &response.json()["code"]),
            (400, &json!(3)),
            "{asked}"
        );
    }
    assert_eq!(state(&app), before);
}

#[test]
fn of_a_hundred_parallel_creations_of_one_name_one_succeeds() {
    let (app, admin) = administration();
    let start = std::sync::Barrier::new(100);
    let mut answers = in_parallel(100, |at| {
        let name = ["Продажи", "ПРОДАЖИ", "продажи"][at % 3];
        start.wait();
        call(&app, &admin, "POST", SPACES, &json!({"name": name}))
    });
    answers.sort();
    assert!(answers[0].starts_with("200\n"), "{}", answers[0]);
    let message = "there is a space with this name already";
    let conflict = error(409, 6, "ALREADY_EXISTS", message, "");
    assert!(
        answers[1..].iter().all(|answer| *answer == conflict),
        "{:?}",
        answers[1]
    );
    assert_eq!(answers.len(), 100);
    assert_eq!(app.get(SPACES, &admin).json().as_array().unwrap().len(), 1);
}
