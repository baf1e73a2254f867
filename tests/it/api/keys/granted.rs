//! Access keys with scopes that applications define for themselves.

use mintmark::domain::clients::{self, NewClient};
use mintmark::domain::{Act, Authority};
use mintmark::model::granted_scopes::GrantedScopes;
use mintmark::model::ids::ApplicationId;
use serde_json::{Value, json};

use super::services::application_with;
use super::{Desk, credentials, one};
use crate::support::Credentials;

/// An application of the member's list with three scopes.
pub fn crm(desk: &Desk) -> Value {
    let made = application_with(desk, "crm", &["deals:read", "deals:write", "reports"]);
    let path = format!(
        "/console/api/v2/applications/{}/userlists",
        made["id"].as_str().unwrap()
    );
    let connected = desk.post(
        &path,
        &desk.admin,
        &json!({"user-lists": [desk.list.to_string()]}),
    );
    assert_eq!(connected.status, 200, "{}", connected.text());
    made
}

pub fn granted(application: &Value, scopes: &[&str]) -> Value {
    json!([{"application-id": application["id"], "scopes": scopes}])
}

/// The scope of a token for the application.
fn scope_for(desk: &Desk, key: &Credentials, application: &Value) -> Value {
    let form = format!(
        "{}&resource={}",
        super::ANY,
        application["uri"].as_str().unwrap()
    );
    desk.app.token_for(key, &form).answer["scope"].clone()
}

#[test]
fn a_key_has_at_an_application_the_scopes_that_it_was_given_and_no_others() {
    let desk = Desk::new();
    let crm = crm(&desk);
    let mut body = super::named("key");
    body["application-scopes"] = granted(&crm, &["reports", "deals:read", "reports"]);
    let made = desk.make(&desk.keys(), &desk.admin, &body);
    assert_eq!(
        made["application-scopes"],
        granted(&crm, &["reports", "deals:read"])
    );
    assert_eq!(
        scope_for(&desk, &credentials(&made), &crm),
        "deals:read reports"
    );
    let path = one(&desk.keys(), &made);
    desk.change(
        &path,
        &desk.admin,
        &json!({"application-scopes": granted(&crm, &["deals:read"])}),
    );
    assert_eq!(scope_for(&desk, &credentials(&made), &crm), "deals:read");
    let changed = desk.change(
        &path,
        &desk.admin,
        &json!({"application-scopes": granted(&crm, &[])}),
    );
    assert_eq!(changed["application-scopes"], json!([]));
    assert_eq!(scope_for(&desk, &credentials(&made), &crm), json!(null));
    // A key that asks for none has none.
    let plain = desk.make(&desk.keys(), &desk.admin, &super::named("plain"));
    assert_eq!(scope_for(&desk, &credentials(&plain), &crm), json!(null));
}

#[test]
fn a_key_gives_on_the_applications_scopes_that_it_has_itself() {
    let desk = Desk::new();
    let crm = crm(&desk);
    let id = ApplicationId::parse(crm["id"].as_str().unwrap()).unwrap();
    let key = desk
        .app
        .create_client(Some("member"), "keys:read keys:write", |new| {
            let scopes = vec!["deals:read".to_owned(), "reports".to_owned()];
            new.application_scopes = GrantedScopes::new(vec![(id, scopes)]).unwrap();
        });
    let token = desk.app.token(&key).access_token;
    let mut body = super::named("given");
    body["application-scopes"] = granted(&crm, &["deals:read"]);
    let made = desk.make(&desk.keys(), &token, &body);
    assert_eq!(scope_for(&desk, &credentials(&made), &crm), "deals:read");
    let path = one(&desk.keys(), &made);
    let more = json!({"application-scopes": granted(&crm, &["reports"])});
    desk.change(&path, &token, &more);
    assert_eq!(scope_for(&desk, &credentials(&made), &crm), "reports");
}

#[test]
fn in_person_a_member_gives_what_the_applications_of_theirs_offer() {
    let desk = Desk::new();
    let crm = crm(&desk);
    let theirs = application_with(&desk, "theirs", &["secrets"]);
    let id =
        |application: &Value| ApplicationId::parse(application["id"].as_str().unwrap()).unwrap();
    let act = Act {
        authority: Authority::of_session(&desk.member),
        now: desk.now(),
        request_id: None,
    };
    let make = |application: &Value, scope: &str| {
        let new = NewClient {
            owner: Some(desk.member.id),
            name: "key".to_owned(),
            description: String::new(),
            scope: Default::default(),
            application_scopes: GrantedScopes::new(vec![(id(application), vec![scope.to_owned()])])
                .unwrap(),
            audiences: Vec::new(),
            default_audience: None,
            lifetime: 3600,
            allowed_networks: Default::default(),
            expires_at: None,
            provisions_users: false,
        };
        desk.app
            .app
            .write(|c| clients::create(c, &act, &desk.app.app.digest_keys, new))
    };
    let (key, secret) = make(&crm, "deals:write").unwrap();
    let key = Credentials {
        client_id: key.id.to_string(),
        client_secret: secret.expose().to_owned(),
    };
    assert_eq!(scope_for(&desk, &key, &crm), "deals:write");
    for (application, scope, reason) in [
        (
            &crm,
            "deals:delete",
            "a scope that the application does not define",
        ),
        (
            &theirs,
            "secrets",
            "an application that does not exist, or that is not open to the key's user",
        ),
    ] {
        let refused = make(application, scope).unwrap_err();
        assert_eq!(refused.to_string(), format!("application-scopes: {reason}"));
    }
}
