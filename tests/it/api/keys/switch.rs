//! Keys switched off and on, and by whom.

use mintmark::model::scope::Role;
use serde_json::{Value, json};

use super::{CLIENTS, Desk, credentials, failed_precondition, named, one, shown};

const ONLY_AN_ADMINISTRATOR: &str =
    "an administrator disabled this key: only an administrator can enable it";

fn off() -> Value {
    json!({"disabled": true})
}

fn on() -> Value {
    json!({"disabled": false})
}

#[test]
fn what_its_owner_switched_off_its_owner_switches_on() {
    let desk = Desk::new();
    let token = desk.member_token("openid keys:read keys:write");
    let made = desk.make(&desk.keys(), &token, &named("key"));
    let path = one(&desk.keys(), &made);
    let old = desk.app.token(&credentials(&made)).access_token;
    let mut expected = shown(&made);
    expected["disabled"] = json!(true);
    expected["disabled-by"] = json!("owner");
    assert_eq!(desk.change(&path, &token, &off()), expected);
    assert_eq!(desk.app.get(&path, &token).json(), expected);
    assert_eq!(desk.status(&credentials(&made)), 401);
    assert_eq!(desk.app.get("/console/api/v2/me", &old).status, 401);
    let before = desk.state();
    assert_eq!(desk.change(&path, &token, &off()), expected);
    assert_eq!(desk.state(), before, "it is off already");

    assert_eq!(desk.change(&path, &token, &on()), shown(&made));
    assert_eq!(desk.status(&credentials(&made)), 200);
    assert_eq!(
        desk.app.get("/console/api/v2/me", &old).status,
        401,
        "old tokens do not come back"
    );
}

#[test]
fn what_an_administrator_switched_off_its_owner_cannot_bring_back() {
    let desk = Desk::new();
    let token = desk.member_token("openid keys:read keys:write");
    let made = desk.make(&desk.keys(), &token, &named("key"));
    let path = one(&desk.keys(), &made);
    let disabled = desk.change(&path, &desk.admin, &off());
    assert_eq!(disabled["disabled-by"], json!("administrator"));
    let before = desk.state();
    // Neither directly, nor by switching it off in their own name first, nor beside another change.
    assert_eq!(
        desk.patch(&path, &token, &on()).whole(),
        failed_precondition(ONLY_AN_ADMINISTRATOR)
    );
    assert_eq!(
        desk.change(&path, &token, &off())["disabled-by"],
        json!("administrator")
    );
    let both = json!({"description": "mine", "disabled": false});
    assert_eq!(
        desk.patch(&path, &token, &both).whole(),
        failed_precondition(ONLY_AN_ADMINISTRATOR)
    );
    assert_eq!(desk.state(), before);
    assert_eq!(desk.status(&credentials(&made)), 401);
    // A new secret does not wake it either.
    let rotated = desk.post(
        &format!("{path}/rotate"),
        &token,
        &json!({"old-ends-in": 0}),
    );
    assert_eq!(desk.status(&credentials(&rotated.json())), 401);
    assert_eq!(
        desk.change(&path, &desk.admin, &on())["disabled"],
        json!(false)
    );
    assert_eq!(desk.status(&credentials(&rotated.json())), 200);
}

#[test]
fn an_administrator_switches_off_for_good_what_its_owner_had_switched_off() {
    let desk = Desk::new();
    let token = desk.member_token("openid keys:read keys:write");
    let path = one(
        &desk.keys(),
        &desk.make(&desk.keys(), &token, &named("key")),
    );
    assert_eq!(
        desk.change(&path, &token, &off())["disabled-by"],
        json!("owner")
    );
    assert_eq!(
        desk.change(&path, &desk.admin, &off())["disabled-by"],
        json!("administrator")
    );
    assert_eq!(
        desk.patch(&path, &token, &on()).whole(),
        failed_precondition(ONLY_AN_ADMINISTRATOR)
    );
    // The command line's hand is an administrator's, and an administrator's own hand is an owner's.
    let boss = desk.app.create_user("boss", Role::Administrator);
    let keys = desk.keys_of(&boss);
    let own = desk
        .app
        .token(&desk.app.create_key("boss", "keys:read keys:write"))
        .access_token;
    let path = one(&keys, &desk.make(&keys, &own, &named("key")));
    assert_eq!(
        desk.change(&path, &own, &off())["disabled-by"],
        json!("owner")
    );
    desk.change(&path, &own, &on());
    desk.app.write(|c, act| {
        let id = path.rsplit('/').next().unwrap();
        let id = mintmark::model::ids::ClientId::parse(id).unwrap();
        mintmark::domain::clients::disable(c, act, &id)
    });
    assert_eq!(
        desk.app.get(&path, &own).json()["disabled-by"],
        json!("administrator")
    );
    assert_eq!(
        desk.change(&path, &own, &on())["disabled"],
        json!(false),
        "they are an administrator"
    );
}

#[test]
fn a_key_may_switch_off_cut_off_and_delete_itself() {
    let desk = Desk::new();
    let service = |scope: &str| desk.app.create_service(scope);
    for act in ["off", "cut off", "delete"] {
        for (key, list) in [
            (desk.app.create_key("member", "keys:write"), desk.keys()),
            (service("keys:write"), CLIENTS.to_owned()),
        ] {
            let path = format!("{list}/{}", key.client_id);
            let token = desk.app.token(&key).access_token;
            let done = match act {
                "off" => desk.patch(&path, &token, &off()),
                "cut off" => desk.call("POST", &format!("{path}/cut-off"), &token),
                _ => desk.call("DELETE", &path, &token),
            };
            assert!(done.status < 300, "{act} {path}: {}", done.whole());
            assert_eq!(desk.patch(&path, &token, &on()).status, 401, "{act} {path}");
            let works = act == "cut off";
            assert_eq!(
                desk.status(&key),
                if works { 200 } else { 401 },
                "{act} {path}"
            );
        }
    }
}
