//! Service clients as they are answered, member by member, and what their tokens are good for.

use serde_json::{Value, json};

use super::{CLIENTS, Desk, credentials, one, shown};

/// An application, as it was answered.
pub fn application(desk: &Desk, name: &str) -> Value {
    super::super::create(&desk.app, &desk.admin, &super::super::minimal(name))
}

/// An application that defines these scopes.
pub fn application_with(desk: &Desk, name: &str, scopes: &[&str]) -> Value {
    let made = application(desk, name);
    let path = format!(
        "/console/api/v2/applications/{}",
        made["id"].as_str().unwrap()
    );
    let scopes: Vec<Value> = scopes.iter().map(|name| json!({"name": name})).collect();
    desk.change(&path, &desk.admin, &json!({"scopes": scopes}))
}

#[test]
fn a_service_client_made_with_every_member_is_answered_whole_with_its_secret_once() {
    let desk = Desk::new();
    let crm = application_with(&desk, "crm", &["deals:read", "deals:write"]);
    let (id, uri) = (crm["id"].as_str().unwrap(), crm["uri"].as_str().unwrap());
    let made = desk.post(
        CLIENTS,
        &desk.admin,
        &json!({
            "name": "Экспорт",
            "description": "every night",
            "scopes": ["users:read", "applications:read"],
            "application-scopes": [{"application-id": id, "scopes": ["deals:write", "deals:read"]}],
            "audiences": [uri],
            "token-lifetime": 60,
            "expires-at": "2100-01-02T03:04:05Z",
            "allowed-networks": ["127.0.0.1"],
        }),
    );
    let body = made.json();
    let (client, secret) = (
        body["client-id"].as_str().unwrap(),
        body["client-secret"].as_str().unwrap(),
    );
    let secret_id = body["secrets"][0]["id"].as_str().unwrap();
    let now = desk.at(0);
    let rest = format!(
        "\"name\":\"Экспорт\",\"description\":\"every night\",\
         \"scopes\":[\"applications:read\",\"users:read\"],\
         \"application-scopes\":[{{\"application-id\":\"{id}\",\"scopes\":[\"deals:write\",\"deals:read\"]}}],\
         \"audiences\":[\"{uri}\"],\"default-audience\":null,\"token-lifetime\":60,\"expires-at\":\"2100-01-02T03:04:05.000Z\",\
         \"allowed-networks\":[\"127.0.0.1/32\"],\
         \"provisions-users\":false,\"created-at\":\"{now}\",\"last-used-at\":null,\
         \"disabled\":false,\"disabled-by\":null,\"expired\":false,\
         \"secrets\":[{{\"id\":\"{secret_id}\",\"created-at\":\"{now}\",\"expires-at\":null,\
         \"last-used-at\":null,\"last-used-from\":null}}]}}"
    );
    let expected = format!("{{\"client-id\":\"{client}\",\"client-secret\":\"{secret}\",{rest}");
    assert_eq!((made.status, made.text()), (201, expected));
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let expected = format!("{{\"client-id\":\"{client}\",{rest}");
    let found = desk.app.get(&one(CLIENTS, &body), &desk.admin);
    assert_eq!((found.status, found.text()), (200, expected.clone()));
    assert_eq!(found.header("etag"), made.header("etag"));
    assert_eq!(
        desk.app.get(CLIENTS, &desk.admin).text(),
        format!("[{expected}]")
    );

    // Its tokens are good for what it says, and live as long as it says.
    let tokens = desk.app.token(&credentials(&body)).answer;
    assert_eq!(
        (&tokens["scope"], &tokens["expires_in"]),
        (&json!("applications:read users:read"), &json!(60))
    );
    let form = format!("{}&resource={uri}", super::ANY);
    let tokens = desk.app.token_for(&credentials(&body), &form).answer;
    assert_eq!(
        (&tokens["scope"], &tokens["id_token"]),
        (&json!("deals:read deals:write"), &json!(null))
    );
}

#[test]
fn a_service_client_with_its_name_alone_can_do_nothing() {
    let desk = Desk::new();
    let made = desk.make(CLIENTS, &desk.admin, &json!({"name": "CI"}));
    for (member, value) in [
        ("name", json!("CI")),
        ("description", json!("")),
        ("scopes", json!([])),
        ("application-scopes", json!([])),
        ("audiences", json!([])),
        ("default-audience", json!(null)),
        ("token-lifetime", json!(3600)),
        ("expires-at", json!(null)),
        ("allowed-networks", json!([])),
    ] {
        assert_eq!(made[member], value, "{member}");
    }
    let answer = desk.app.post_token(&credentials(&made), super::ANY);
    assert_eq!(
        (answer.status, answer.json()["error"].clone()),
        (400, json!("invalid_target"))
    );
}

#[test]
fn a_change_of_a_service_client_is_of_what_it_names_alone_and_counts_at_once() {
    let desk = Desk::new();
    let crm = application_with(&desk, "crm", &["deals:read"]);
    let uri = crm["uri"].as_str().unwrap();
    let made = desk.make(CLIENTS, &desk.admin, &json!({"name": "CI"}));
    let path = one(CLIENTS, &made);
    let granted = json!([{"application-id": crm["id"], "scopes": ["deals:read"]}]);
    let mut expected = shown(&made);
    for (member, value) in [
        ("name", json!("Сборка")),
        ("description", json!("for the builds")),
        ("description", json!("")),
        ("scopes", json!(["users:read"])),
        ("audiences", json!([uri])),
        ("application-scopes", granted),
        ("token-lifetime", json!(600)),
        ("expires-at", json!(desk.at(500))),
        ("allowed-networks", json!(["127.0.0.0/8"])),
        ("application-scopes", json!([])),
        ("audiences", json!([])),
    ] {
        expected[member] = value.clone();
        assert_eq!(
            desk.change(&path, &desk.admin, &json!({ member: value })),
            expected,
            "{member}"
        );
        let form = format!("{}&resource={uri}", super::ANY);
        let for_crm = desk.app.post_token(&credentials(&made), &form);
        let reaches = expected["audiences"] == json!([uri]);
        assert_eq!(for_crm.status, if reaches { 200 } else { 400 }, "{member}");
        if reaches {
            let granted = expected["application-scopes"] != json!([]);
            assert_eq!(
                for_crm.json().get("scope"),
                granted.then_some(&json!("deals:read"))
            );
        }
    }
    let before = desk.state();
    let same = json!({"audiences": [], "token-lifetime": 600, "name": "Сборка"});
    assert_eq!(desk.change(&path, &desk.admin, &same), expected);
    assert_eq!(desk.state(), before);
}

#[test]
fn what_was_given_once_stays_though_it_could_not_be_given_now() {
    let desk = Desk::new();
    let crm = application_with(&desk, "crm", &["deals:read", "deals:write"]);
    let path = format!(
        "/console/api/v2/applications/{}",
        crm["id"].as_str().unwrap()
    );
    let granted = json!([{"application-id": crm["id"], "scopes": ["deals:read", "deals:write"]}]);
    let body = json!({"name": "CI", "audiences": [crm["uri"]], "application-scopes": granted});
    let made = desk.make(CLIENTS, &desk.admin, &body);
    let client = one(CLIENTS, &made);
    let form = format!("{}&resource={}", super::ANY, crm["uri"].as_str().unwrap());
    let scope = || desk.app.token_for(&credentials(&made), &form).answer["scope"].clone();
    assert_eq!(scope(), "deals:read deals:write");
    desk.change(
        &path,
        &desk.admin,
        &json!({"scopes": [{"name": "deals:read"}]}),
    );
    assert_eq!(scope(), "deals:read");
    let renamed = desk.change(&client, &desk.admin, &json!({"name": "CD"}));
    assert_eq!(renamed["application-scopes"], granted);
    // Taken away, it cannot be given again.
    let less = json!([{"application-id": crm["id"], "scopes": ["deals:read"]}]);
    desk.change(&client, &desk.admin, &json!({"application-scopes": less}));
    let refused = desk.patch(
        &client,
        &desk.admin,
        &json!({"application-scopes": granted}),
    );
    let reason = "a scope that the application does not define";
    assert_eq!(
        refused.whole(),
        super::invalid("application-scopes", reason)
    );
    // An application that is gone is no audience, and no obstacle either.
    assert_eq!(desk.call("DELETE", &path, &desk.admin).status, 200);
    assert_eq!(desk.app.post_token(&credentials(&made), &form).status, 400);
    let renamed = desk.change(&client, &desk.admin, &json!({"name": "CE"}));
    assert_eq!(renamed["audiences"], json!([crm["uri"]]));
}
