//! `/user-lists/{list}/users`: users made and read; who sees whom.

use mintmark::model::scope::Role;
use serde_json::{Value, json};

use super::many::in_parallel;
use super::{
    CREATED, NOTHING, administration, answer, call, create_list, create_member, error, events_of,
    first_list, not_found, state, stored, user_body, user_path, users_path,
};
use crate::support::Request;

const PASSWORD: &str = "correct horse battery";

fn conflict() -> String {
    let message = "there is a user with this login already";
    error(409, 6, "ALREADY_EXISTS", message, "")
}

#[test]
fn a_user_is_made_with_what_the_body_says_and_read_back() {
    let (app, admin) = administration();
    let list = create_list(&app, "Customers");
    for (asked, login, presentation, email, phone, role) in [
        (
            json!({"login": "anna"}),
            "anna",
            "anna",
            None,
            None,
            Role::Member,
        ),
        (
            json!({"login": "Иван.Петров", "presentation": "Иван \"П.\"", "email": "i@example.org",
                   "phone": "+7 (495) 123-45-67", "role": "member"}),
            "Иван.Петров",
            "Иван \"П.\"",
            Some("i@example.org"),
            Some("+7 (495) 123-45-67"),
            Role::Member,
        ),
        (
            json!({"login": "none", "presentation": null, "email": null, "phone": null, "role": null}),
            "none",
            "none",
            None,
            None,
            Role::Member,
        ),
        (
            json!({"login": "empty", "presentation": "E", "email": "", "phone": ""}),
            "empty",
            "E",
            None,
            None,
            Role::Member,
        ),
        (
            json!({"login": "root", "role": "administrator"}),
            "root",
            "root",
            None,
            None,
            Role::Administrator,
        ),
    ] {
        app.advance(1);
        let mut body = asked.clone();
        body["temporary-password"] = PASSWORD.into();
        let made = call(&app, &admin, "POST", &users_path(list), &body);
        let user = stored(&app, login);
        assert_eq!((user.user_list_id, user.login.as_str()), (list, login));
        assert_eq!(user.presentation, presentation);
        assert_eq!(
            (user.email.as_deref(), user.phone.as_deref()),
            (email, phone)
        );
        assert_eq!((user.role, user.created_at), (role, app.act().now));
        assert_eq!(made, answer(CREATED, &user_body(&user, &[])));
        let ends_at = app.act().now.plus_seconds(7 * 86_400);
        assert_eq!(
            user.password_ends_at,
            Some(ends_at),
            "somebody else knows it"
        );
        let read = app.get(&user_path(&user), &admin).whole();
        assert_eq!(read, answer(200, &user_body(&user, &[])));
        let details = json!({"login": login, "role": role.as_str(), "user-list-id": list});
        let events = events_of(&app, "user", &user.id.to_string());
        assert_eq!(events, [format!("user.created {details}")]);
    }
}

#[test]
fn a_login_is_unique_among_all_lists_in_whatever_case() {
    let (app, admin) = administration();
    let other = create_list(&app, "Other");
    create_member(&app, "Юлия", first_list(&app));
    let before = state(&app);
    for list in [first_list(&app), other] {
        for login in ["Юлия", "ЮЛИЯ", "юлия", "ADMIN"] {
            let body = json!({"login": login, "temporary-password": PASSWORD});
            let whole = call(&app, &admin, "POST", &users_path(list), &body);
            assert_eq!(whole, conflict(), "{login}");
        }
    }
    assert_eq!(state(&app), before);
}

#[test]
fn of_many_parallel_creations_of_one_login_one_succeeds() {
    let (app, admin) = administration();
    let path = users_path(first_list(&app));
    let mut statuses = in_parallel(20, |at| {
        let login = if at % 2 == 0 { "anna" } else { "ANNA" };
        let body = json!({"login": login, "temporary-password": PASSWORD});
        let request = Request::json("POST", &path, &body);
        app.send(request.bearer(&admin)).status
    });
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (201, &[409; 19][..]));
}

#[test]
fn keys_are_told_to_who_may_read_keys_and_to_nobody_else() {
    let (app, admin) = administration();
    let (anna, _) = create_member(&app, "anna", first_list(&app));
    app.advance(1);
    let second = app.create_key("anna", "openid users:read keys:read");
    let ids = app.get(&user_path(&anna), &admin).json();
    let first = ids["access-tokens"][0]["client-id"]
        .as_str()
        .unwrap()
        .to_owned();
    let keys = [
        (first.as_str(), "test"),
        (second.client_id.as_str(), "test"),
    ];
    let with = answer(200, &user_body(&anna, &keys));
    let without = answer(200, &user_body(&anna, &[]));
    let narrow = |scope: &str| {
        let form = format!("grant_type=client_credentials&scope={scope}");
        app.token_for(&second, &form).access_token
    };
    let reader = app.token(&app.create_service("users:read")).access_token;
    for (token, expected) in [
        (&admin, &with),
        (&narrow("users:read+keys:read"), &with),
        (&narrow("users:read"), &without),
        (&reader, &without),
    ] {
        assert_eq!(&app.get(&user_path(&anna), token).whole(), expected);
        let list = app.get(&users_path(first_list(&app)), token).json();
        let one: Value = serde_json::from_str(expected.split_once("\n\n").unwrap().1).unwrap();
        assert!(list.as_array().unwrap().contains(&one), "{list}");
    }
}

#[test]
fn a_member_sees_themselves_and_nobody_else() {
    let (app, admin) = administration();
    let (ours, theirs) = (first_list(&app), create_list(&app, "Theirs"));
    let (anna, _) = create_member(&app, "anna", ours);
    let (boris, _) = create_member(&app, "boris", ours);
    let (vera, _) = create_member(&app, "vera", theirs);
    let key = app.create_key("anna", "users:read");
    let token = app.token(&key).access_token;
    let own = user_body(&anna, &[]);
    assert_eq!(
        app.get(&user_path(&anna), &token).whole(),
        answer(200, &own)
    );
    let list = app.get(&users_path(ours), &token).whole();
    assert_eq!(list, answer(200, &format!("[{own}]")));
    let page = app
        .get(&format!("{}?result=page", users_path(ours)), &token)
        .json();
    assert_eq!(
        (&page["totalElements"], &page["content"][0]["login"]),
        (&json!(1), &json!("anna"))
    );
    let search = app
        .get(&format!("{}?search=boris", users_path(ours)), &token)
        .whole();
    assert_eq!(search, answer(200, "[]"));

    let nobody = not_found("user");
    let missing = format!("{}/{NOTHING}", users_path(ours));
    let elsewhere = format!("{}/{}", users_path(theirs), anna.id);
    for path in [&missing, &elsewhere, &user_path(&boris), &user_path(&vera)] {
        assert_eq!(app.get(path, &token).whole(), nobody, "{path}");
    }
    for list in [theirs.to_string(), NOTHING.to_owned()] {
        let path = format!("/console/api/v2/user-lists/{list}/users");
        assert_eq!(
            app.get(&path, &token).whole(),
            not_found("user list"),
            "{path}"
        );
    }
    // In the wrong list nobody is found by those either who see everybody.
    assert_eq!(app.get(&elsewhere, &admin).whole(), nobody);
}

#[test]
fn what_is_known_of_a_user_is_the_same_wherever_it_is_told() {
    let (app, admin) = administration();
    let key = app.create_key("admin", "openid users:read keys:read");
    let token = app.token(&key).access_token;
    let user = stored(&app, "admin");
    let me = app.get(super::ME, &token).whole();
    assert_eq!(app.get(&user_path(&user), &token).whole(), me);
    assert_eq!(app.get(&user_path(&user), &admin).whole(), me);
    let list = app.get(&users_path(user.user_list_id), &token).json();
    let me: Value = serde_json::from_str(me.split_once("\n\n").unwrap().1).unwrap();
    assert_eq!(list, json!([me]));
}
