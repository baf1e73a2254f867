//! `GET /me`: whose token this is.

use mintmark::domain::clients;
use mintmark::model::ids::ClientId;
use mintmark::model::scope::Role;
use mintmark::model::user::User;

use super::{ME, answer, create_member, first_list, setup, user_body};
use crate::support::{Credentials, TestApp};

/// The whole answer about a user with these keys.
fn me(user: &User, keys: &[&Credentials]) -> String {
    let keys: Vec<(&str, &str)> = keys
        .iter()
        .map(|key| (key.client_id.as_str(), "test"))
        .collect();
    let body = user_body(user, &keys);
    answer(200, &body)
}

#[test]
fn a_user_is_told_who_they_are_with_keys_only_by_the_scope_for_it() {
    let app = TestApp::start();
    for (login, role) in [("second", Role::Administrator), ("third", Role::Member)] {
        let user = app.create_user(login, role);
        let key = app.create_key(login, "openid keys:read");
        // Later in time: keys come in the order in which they were made.
        app.advance(1);
        let other = app.create_key(login, "openid");
        let with = |scope: &str| {
            let form = format!("grant_type=client_credentials&scope={scope}");
            let tokens = app.token_for(&key, &form);
            let id_token = tokens.id_token.map(|token| app.get(ME, &token).whole());
            let answer = app.get(ME, &tokens.access_token).whole();
            assert!(id_token.is_none_or(|same| same == answer), "{scope}");
            answer
        };
        assert_eq!(with("openid"), me(&user, &[]));
        assert_eq!(with("keys:read"), me(&user, &[&key, &other]));
        assert_eq!(with("openid+keys:read"), me(&user, &[&key, &other]));
    }
}

#[test]
fn the_keys_are_those_of_now_and_of_nobody_else() {
    let (app, _) = setup();
    let user = app.create_user("second", Role::Administrator);
    let key = app.create_key("second", "openid keys:read");
    let token = app.token(&key).access_token;
    assert_eq!(app.get(ME, &token).whole(), me(&user, &[&key]));
    app.advance(1);
    let new = app.create_key("second", "openid");
    assert_eq!(app.get(ME, &token).whole(), me(&user, &[&key, &new]));
    let id = ClientId::parse(&new.client_id).unwrap();
    app.write(|c, act| clients::delete(c, act, &id));
    assert_eq!(app.get(ME, &token).whole(), me(&user, &[&key]));
}

#[test]
fn a_presentation_is_answered_as_it_was_given() {
    let (app, _) = setup();
    let list = first_list(&app);
    let (user, token) = create_member(&app, "Иван-Ключ", list);
    assert_eq!(app.get(ME, &token).whole(), me(&user, &[]));
    assert_eq!(app.get(ME, &token).json()["login"], "Иван-Ключ");
}

#[test]
fn a_service_client_is_no_user() {
    let (app, _) = setup();
    let service = app.create_service("applications:read users:read keys:read");
    let token = app.token(&service).access_token;
    let answer = app.get(ME, &token);
    let message = "The token does not allow this.";
    let details = "a service client acts for itself: it is no user";
    assert_eq!(
        (answer.status, answer.json()["message"].clone()),
        (403, message.into())
    );
    assert_eq!(answer.json()["details"], details);
    let challenge = "Bearer realm=\"console\", error=\"insufficient_scope\"";
    assert_eq!(answer.header("www-authenticate"), Some(challenge));
}

#[test]
fn what_the_query_says_changes_nothing() {
    let (app, token) = setup();
    let plain = app.get(ME, &token).whole();
    for query in ["", "user-id=x", "page=-1&size=x", "%zz", "x=%00", "a=1&a=2"] {
        assert_eq!(app.get(&format!("{ME}?{query}"), &token).whole(), plain);
    }
}
