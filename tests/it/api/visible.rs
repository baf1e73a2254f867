//! Who sees which applications: what a caller may not see answers like what does not exist.

use mintmark::domain::DomainError;
use mintmark::domain::clients::{self, NewClient};
use mintmark::domain::users;
use mintmark::model::granted_scopes::GrantedScopes;
use mintmark::model::ids::UserListId;
use mintmark::model::network::Networks;
use mintmark::model::scope::ScopeSet;
use serde_json::{Value, json};

use super::{
    APPLICATIONS, NOTHING, create_for, create_list, create_member, delete, first_list, id, minimal,
    no_such_application, path, post, setup,
};
use crate::support::TestApp;

fn ids(app: &TestApp, token: &str, query: &str) -> Vec<Value> {
    let list = app.get(&format!("{APPLICATIONS}{query}"), token).json();
    let list = list.as_array().unwrap().iter();
    list.map(|application| application["id"].clone()).collect()
}

/// The application as a member of this list sees it: of its lists only their own.
fn as_seen_from(application: &Value, list: Option<UserListId>) -> Value {
    let mut seen = application.clone();
    if let Some(list) = list {
        seen["user-lists"] = json!([list.to_string()]);
        if seen["default-user-list"] != list.to_string() {
            seen["default-user-list"] = Value::Null;
        }
    }
    seen
}

#[test]
fn a_member_sees_what_is_connected_to_their_list_and_nothing_else() {
    let (app, admin) = setup();
    let (ours, theirs) = (first_list(&app), create_list(&app, "Theirs"));
    let (_, us) = create_member(&app, "us", ours);
    let (_, them) = create_member(&app, "them", theirs);
    let nobodys = create_for(&app, &admin, "nobodys", &[]);
    app.advance(1);
    let of_us = create_for(&app, &admin, "of-us", &[ours]);
    app.advance(1);
    let of_them = create_for(&app, &admin, "of-them", &[theirs]);
    app.advance(1);
    let of_both = create_for(&app, &admin, "of-both", &[theirs, ours]);

    let all = [&nobodys, &of_us, &of_them, &of_both];
    for (token, list, seen) in [
        (&admin, None, vec![&nobodys, &of_us, &of_them, &of_both]),
        (&us, Some(ours), vec![&of_us, &of_both]),
        (&them, Some(theirs), vec![&of_them, &of_both]),
    ] {
        let expected: Vec<Value> = seen.iter().map(|a| a["id"].clone()).collect();
        assert_eq!(ids(&app, token, ""), expected);
        let page = app
            .get(&format!("{APPLICATIONS}?result=page&size=1"), token)
            .json();
        assert_eq!(page["totalElements"], seen.len());
        for one in all {
            let response = app.get(&path(one), token);
            match seen.contains(&one) {
                true => assert_eq!(
                    (response.status, response.json()),
                    (200, as_seen_from(one, list))
                ),
                false => assert_eq!(response.whole(), no_such_application()),
            }
        }
    }
    let missing = app.get(&format!("{APPLICATIONS}/{NOTHING}"), &us);
    assert_eq!(missing.whole(), no_such_application());
}

#[test]
fn a_deleted_application_stays_visible_to_those_who_saw_it() {
    let (app, admin) = setup();
    let (ours, theirs) = (first_list(&app), create_list(&app, "Theirs"));
    let (_, us) = create_member(&app, "us", ours);
    let (_, them) = create_member(&app, "them", theirs);
    let made = create_for(&app, &admin, "of-us", &[ours]);
    assert_eq!(delete(&app, &admin, &path(&made)).status, 200);
    assert_eq!(app.get(&path(&made), &us).json()["status"], "Deleted");
    assert_eq!(ids(&app, &us, "?deleted=true"), [made["id"].clone()]);
    assert_eq!(app.get(&path(&made), &them).whole(), no_such_application());
    assert_eq!(ids(&app, &them, "?deleted=true"), [""; 0]);
}

#[test]
fn a_service_client_sees_all_that_its_scope_allows() {
    let (app, admin) = setup();
    let made = create_for(&app, &admin, "of-them", &[create_list(&app, "Theirs")]);
    let reader = app
        .token(&app.create_service("applications:read"))
        .access_token;
    assert_eq!(ids(&app, &reader, ""), [made["id"].clone()]);
    assert_eq!(app.get(&path(&made), &reader).json(), made);
    assert_eq!(post(&app, &reader, &minimal("b")).status, 403);
    assert_eq!(delete(&app, &reader, &path(&made)).status, 403);
    let writer = app
        .token(&app.create_service("applications:write"))
        .access_token;
    assert_eq!(app.get(APPLICATIONS, &writer).status, 403);
    assert_eq!(post(&app, &writer, &minimal("b")).status, 200);
    assert_eq!(delete(&app, &writer, &path(&made)).json()["id"], id(&made));
}

#[test]
fn a_members_key_cannot_write_applications() {
    let (app, admin) = setup();
    let (user, token) = create_member(&app, "us", first_list(&app));
    let made = create_for(&app, &admin, "of-us", &[first_list(&app)]);
    assert_eq!(post(&app, &token, &minimal("b")).status, 403);
    assert_eq!(delete(&app, &token, &path(&made)).status, 403);
    assert_eq!(app.get(&path(&made), &token).json()["status"], "Running");
    // No key of theirs can have the scope, and none gets a token for it.
    let new = NewClient {
        owner: Some(user.id),
        name: "wide".to_owned(),
        description: String::new(),
        scope: ScopeSet::parse("openid applications:write").unwrap(),
        application_scopes: GrantedScopes::default(),
        audiences: Vec::new(),
        default_audience: None,
        lifetime: 3600,
        allowed_networks: Networks::default(),
        expires_at: None,
        provisions_users: false,
    };
    let act = app.act();
    let made = app.app.write(|c| {
        assert!(users::find_by_login(c, "us").is_ok());
        clients::create(c, &act, &app.app.digest_keys, new)
    });
    let refused = made.map(|_| ()).unwrap_err();
    assert!(
        matches!(refused, DomainError::Invalid { field: "scope", .. }),
        "{refused}"
    );
    let narrow = app.create_key("us", "openid applications:read");
    let form = "grant_type=client_credentials&scope=applications:write";
    let answer = app.post_token(&narrow, form);
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (400, &json!("invalid_scope"))
    );
}
