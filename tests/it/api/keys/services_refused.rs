//! What a service client may not be, and who may not make one.

use serde_json::{Value, json};

use super::{CLIENTS, Desk, error, forbidden, invalid, lacks, one, why};

fn with(member: &str, value: Value) -> Value {
    let mut body = json!({"name": "service"});
    body[member] = value;
    body
}

#[test]
fn a_value_that_is_not_as_it_must_be_is_refused_by_its_name_and_makes_nothing() {
    let desk = Desk::new();
    let made = desk.make(CLIENTS, &desk.admin, &json!({"name": "there"}));
    let path = one(CLIENTS, &made);
    let uri = super::services::application(&desk, "crm")["uri"].clone();
    let before = desk.state();
    let many: Vec<String> = (0..51)
        .map(|at| format!("https://x.example/{at}"))
        .collect();
    let openid = "a service client acts for itself and cannot have the scope openid";
    let lifetime = "a token lives 60 seconds at least and 1 hour at most";
    for (member, value, reason) in [
        ("name", json!(""), "must not be empty"),
        ("name", json!("я".repeat(101)), "has at most 100 characters"),
        ("name", json!("a\tb"), "must not hold control characters"),
        (
            "description",
            json!("я".repeat(501)),
            "has at most 500 characters",
        ),
        ("scopes", json!(["openid"]), openid),
        ("token-lifetime", json!(59), lifetime),
        ("token-lifetime", json!(3601), lifetime),
        (
            "audiences",
            json!(["https://nowhere.example/"]),
            "there is no application with this uri",
        ),
        // Nor one with what PostgreSQL cannot store, or with what no uri has.
        (
            "audiences",
            json!(["https://a.example/\u{0}"]),
            "there is no application with this uri",
        ),
        (
            "audiences",
            json!([""]),
            "there is no application with this uri",
        ),
        ("audiences", json!([uri, uri]), "stands there twice"),
        ("audiences", json!(many), "lists more than 50 audiences"),
        ("expires-at", json!(desk.at(-1)), "expires in the past"),
    ] {
        let refused = desk.post(CLIENTS, &desk.admin, &with(member, value.clone()));
        assert_eq!(refused.whole(), invalid(member, reason), "{value}");
        let refused = desk.patch(&path, &desk.admin, &json!({ member: value }));
        assert_eq!(refused.whole(), invalid(member, reason), "{value}");
    }
    for member in [
        "client-id",
        "client-secret",
        "disabled-by",
        "created-at",
        "secrets",
        "user-id",
    ] {
        let (status, code, details) =
            why(&desk.post(CLIENTS, &desk.admin, &with(member, json!("x"))));
        assert_eq!((status, code), (400, 3));
        assert!(
            details.starts_with(&format!("unknown field `{member}`")),
            "{details}"
        );
    }
    assert_eq!(desk.state(), before);
}

#[test]
fn a_service_client_gets_no_more_than_whoever_makes_it_has() {
    let desk = Desk::new();
    let uri = super::services::application(&desk, "crm")["uri"].clone();
    let service = |scope: &str| desk.app.token(&desk.app.create_service(scope)).access_token;
    let (narrow, wide) = (
        service("keys:write"),
        service("keys:write applications:write"),
    );
    let peer = desk.app.create_client(None, "keys:write", |new| {
        new.audiences = vec![uri.as_str().unwrap().to_owned()];
    });
    let peer = desk.app.token(&peer).access_token;
    let scopes = with("scopes", json!(["users:read"]));
    let audience = with("audiences", json!([uri]));
    let before = desk.state();
    assert_eq!(
        why(&desk.post(CLIENTS, &narrow, &scopes)),
        lacks("users:read")
    );
    let closed = "it opens applications that are not open to the client that asks";
    assert_eq!(
        why(&desk.post(CLIENTS, &narrow, &audience)),
        forbidden(closed)
    );
    assert_eq!(desk.state(), before);
    desk.make(CLIENTS, &wide, &audience);
    // A client gives what is its own, and what it does not have it cannot give later either.
    let given = desk.make(CLIENTS, &peer, &audience);
    let other = super::services::application(&desk, "other")["uri"].clone();
    let path = one(CLIENTS, &given);
    let more = json!({"audiences": [uri, other]});
    assert_eq!(why(&desk.patch(&path, &peer, &more)), forbidden(closed));
    assert_eq!(why(&desk.patch(&path, &narrow, &more)), forbidden(closed));
    // To change something else of it takes none of it over.
    desk.change(&path, &narrow, &json!({"description": "mine"}));
    desk.change(&path, &narrow, &json!({"audiences": []}));
}

#[test]
fn a_service_client_is_no_access_key_and_an_access_key_no_service_client() {
    let desk = Desk::new();
    let service = desk.make(CLIENTS, &desk.admin, &json!({"name": "service"}));
    let key = desk.make(&desk.keys(), &desk.admin, &super::named("key"));
    let missing = |what: &str| error(404, 5, "NOT_FOUND", &format!("No such {what}."), "");
    let path = one(&desk.keys(), &service);
    assert_eq!(
        desk.app.get(&path, &desk.admin).whole(),
        missing("access key")
    );
    assert_eq!(
        desk.call("DELETE", &path, &desk.admin).whole(),
        missing("access key")
    );
    let path = one(CLIENTS, &key);
    assert_eq!(
        desk.app.get(&path, &desk.admin).whole(),
        missing("service client")
    );
    assert_eq!(
        desk.call("DELETE", &path, &desk.admin).whole(),
        missing("service client")
    );
    let other = desk
        .app
        .create_user("other", mintmark::model::scope::Role::Member);
    let path = one(&desk.keys_of(&other), &key);
    assert_eq!(
        desk.app.get(&path, &desk.admin).whole(),
        missing("access key")
    );
}
