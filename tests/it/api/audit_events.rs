//! `GET /audit-events`: what an event says, and which are found by what.

use mintmark::ambient::Clock;
use mintmark::domain::{Act, Authority, DomainError, users};
use mintmark::model::ids::ClientId;
use mintmark::model::scope::Role;
use serde_json::{Value, json};

use super::{answer, create, delete, error, id, invalid, minimal, path};
use crate::support::{Credentials, Request, TestApp};

pub const EVENTS: &str = "/console/api/v2/audit-events";

/// A server, an administrator's key, and a token for all that these tests do.
pub fn setup() -> (TestApp, Credentials, String) {
    let app = TestApp::start();
    let key = app.create_key(
        "admin",
        "applications:read applications:write audit:read users:read",
    );
    let token = app.token(&key).access_token;
    (app, key, token)
}

/// The events for a query, as they are answered.
pub fn events(app: &TestApp, token: &str, query: &str) -> Vec<Value> {
    let response = app.get(&format!("{EVENTS}?{query}"), token);
    assert_eq!(response.status, 200, "{}", response.text());
    response.json().as_array().unwrap().clone()
}

/// Kind and object of each event.
fn shown(events: &[Value]) -> Vec<String> {
    let text = |event: &Value, name: &str| event[name].as_str().unwrap().to_owned();
    let one = |event| format!("{} {}", text(event, "kind"), text(event, "object-id"));
    events.iter().map(one).collect()
}

fn admin(app: &TestApp) -> String {
    app.client(&app.first).owner.unwrap().to_string()
}

#[test]
fn an_event_says_who_did_what_to_what_by_which_key_and_on_which_request() {
    let (app, key, token) = setup();
    let request = Request::json("POST", "/console/api/v2/applications", &minimal("crm"));
    let made = app.send(request.bearer(&token));
    let request_id = made.header("x-request-id").unwrap().to_owned();
    let made = made.json();
    let found = app.get(&format!("{EVENTS}?object-id={}", id(&made)), &token);
    let event = &found.json()[0];
    let event_id = event["id"].as_str().unwrap();
    assert_eq!(event_id.len(), 36);
    let expected = format!(
        "[{{\"id\":\"{event_id}\",\"at\":\"{}\",\"actor\":\"user:{}\",\"key\":\"{}\",\
         \"kind\":\"application.created\",\"object-kind\":\"application\",\"object-id\":\"{}\",\
         \"details\":{},\"request-id\":\"{request_id}\"}}]",
        app.clock.now(),
        admin(&app),
        key.client_id,
        id(&made),
        event["details"],
    );
    assert_eq!(found.whole(), answer(200, &expected));
    assert_eq!(event["details"]["name"], "crm");
    assert_eq!(event["details"]["uri"], made["uri"]);

    // Without a key, and without a request.
    let client = app.create_service("users:read");
    let found = events(&app, &token, &format!("object-id={}", client.client_id));
    assert_eq!(found.len(), 1);
    let members = ["actor", "key", "kind", "object-kind", "request-id"];
    let values: Vec<&Value> = members.iter().map(|name| &found[0][name]).collect();
    let expected = json!(["cli:test", null, "client.created", "service_client", null]);
    assert_eq!(json!(values), expected);
}

#[test]
fn all_that_a_user_did_is_found_by_the_user_and_what_a_key_did_by_the_key() {
    let (app, key, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let other = app.create_key("admin", "applications:write");
    app.advance(1);
    delete(&app, &app.token(&other).access_token, &path(&made));
    app.advance(1);
    let user = app.app.read(|c| users::find_by_login(c, "admin")).unwrap();
    let act = Act {
        authority: Authority::of_session(&user),
        now: app.clock.now(),
        request_id: None,
    };
    let client = ClientId::parse(&other.client_id).unwrap();
    let deleted = |c: &mut _| mintmark::domain::clients::delete(c, &act, &client);
    app.app.write::<(), DomainError>(deleted).unwrap();

    let did = "&from=2000-01-01T00:00:00Z";
    let found = events(&app, &token, &format!("actor=user:{}{did}", user.id));
    let acts = found
        .iter()
        .filter(|event| event["kind"] != "client.first_used");
    let acts: Vec<Value> = acts.cloned().collect();
    let application = id(&made);
    let expected = [
        format!("client.deleted {}", other.client_id),
        format!("application.deleted {application}"),
        format!("application.created {application}"),
    ];
    assert_eq!(shown(&acts), expected);
    let keys: Vec<&Value> = acts.iter().map(|event| &event["key"]).collect();
    let expected = json!([null, other.client_id, key.client_id]);
    assert_eq!(json!(keys), expected);

    let by_key = |key: &Credentials, kind: &str| {
        let query = format!("key={}&kind={kind}", key.client_id);
        shown(&events(&app, &token, &query))
    };
    let deleted = [format!("application.deleted {application}")];
    assert_eq!(by_key(&other, "application.deleted"), deleted);
    assert!(by_key(&key, "application.deleted").is_empty());
    let service = events(&app, &token, "actor=client:nobody");
    assert!(service.is_empty());
}

#[test]
fn each_filter_lets_through_what_it_says_and_all_together_what_all_say() {
    let (app, _, token) = setup();
    let began = app.clock.now();
    let mut made = Vec::new();
    for name in ["one", "two", "three"] {
        app.advance(10);
        made.push(create(&app, &token, &minimal(name)));
    }
    app.advance(10);
    delete(&app, &token, &path(&made[1]));
    let ids: Vec<&str> = made.iter().map(id).collect();
    let created = |at: usize| format!("application.created {}", ids[at]);
    let deleted = format!("application.deleted {}", ids[1]);
    let find = |query: &str| shown(&events(&app, &token, query));

    let all = [deleted.clone(), created(2), created(1), created(0)];
    assert_eq!(find("object-kind=application"), all);
    assert_eq!(find("kind=application.created"), all[1..]);
    assert_eq!(
        find(&format!("object-id={}", ids[1])),
        [deleted.clone(), created(1)]
    );
    // From a moment on, and before another one.
    let at = |seconds: i64| began.plus_seconds(seconds).to_string();
    let time = |query: &str| find(&format!("object-kind=application&{query}"));
    assert_eq!(time(&format!("from={}", at(20))), all[..3]);
    assert_eq!(time(&format!("until={}", at(20))), all[3..]);
    assert_eq!(
        time(&format!("from={}&until={}", at(20), at(40))),
        all[1..3]
    );
    assert!(time(&format!("from={}&until={}", at(20), at(20))).is_empty());
    // The same moment in another zone.
    let zoned = at(20).replace('Z', "%2B00:00");
    assert_eq!(time(&format!("from={zoned}")), all[..3]);

    let all_filters = format!(
        "actor=user:{}&kind=application.created&object-kind=application&object-id={}&from={}&until={}&search=TWO",
        admin(&app),
        ids[1],
        at(20),
        at(21)
    );
    assert_eq!(find(&all_filters), [created(1)]);
    for (right, wrong) in [("=TWO", "=three"), ("created", "deleted"), (ids[1], ids[0])] {
        assert!(find(&all_filters.replacen(right, wrong, 1)).is_empty());
    }
}

#[test]
fn a_search_looks_through_all_that_an_event_says_in_any_alphabet_and_case() {
    let (app, _, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let user = app.create_user("Иванов_100%", Role::Member);
    app.create_user("Петров", Role::Member);
    let find = |search: &str| {
        let search: String = url::form_urlencoded::byte_serialize(search.as_bytes()).collect();
        shown(&events(&app, &token, &format!("search={search}")))
    };
    let created = format!("user.created {}", user.id);
    for search in ["ИВАНОВ", "нов_100%", "в_1", "0%"] {
        assert_eq!(find(search), [created.as_str()], "{search}");
    }
    assert_eq!(find(&user.id.to_string()[4..30].to_uppercase()), [created]);
    let made = format!("application.created {}", id(&made));
    assert_eq!(find("Application.CREATED"), [made.as_str()]);
    assert_eq!(find(&made[made.len() - 12..]), [made]);
    for nothing in ["в%1", "0_", "\\", "crm иванов"] {
        assert_eq!(find(nothing), [""; 0], "{nothing}");
    }
}

#[test]
fn a_filter_that_cannot_be_is_refused() {
    let (app, _, token) = setup();
    let ask = |query: &str| app.get(&format!("{EVENTS}?{query}"), &token).whole();
    let time = "is a time such as 2024-01-17T14:27:04.383Z";
    for name in ["from", "until"] {
        for wrong in [
            "yesterday",
            "2024-01-17",
            "1705501624",
            "2024-01-17T14:27:04",
        ] {
            assert_eq!(ask(&format!("{name}={wrong}")), invalid(name, time));
        }
    }
    let long = "x".repeat(301);
    for name in ["actor", "key", "kind", "object-kind", "object-id"] {
        let refused = invalid(name, "has at most 300 characters");
        assert_eq!(ask(&format!("{name}={long}")), refused);
        assert_eq!(ask(&format!("{name}={}", &long[..300])), answer(200, "[]"));
    }
    let refused = invalid("search", "has at most 100 characters");
    assert_eq!(ask(&format!("search={}", &long[..101])), refused);
    let refused = invalid("query", "a parameter is repeated");
    assert_eq!(ask("kind=a&kind=b"), refused);
    let refused = error(
        400,
        11,
        "OUT_OF_RANGE",
        "size is out of range.",
        "1 to 1000",
    );
    assert_eq!(ask("size=0"), refused);
}
