//! `/applications/{id}/users`: who cannot be connected, and every other refusal.

use mintmark::model::application::ConnectedUser;
use mintmark::model::ids::{ApplicationId, UserId};
use mintmark::model::scope::Role;
use mintmark::model::user::User;
use mintmark::store::application_users;
use serde_json::{Value, json};

use super::{
    NOTHING, answer, call, create, create_for, create_list, create_member, delete, error,
    failed_precondition, first_list, id, invalid, minimal, no_such_application, not_a_uuid, path,
    setup, state,
};

fn body(user: &User, name: &str, value: impl Into<Value>) -> Value {
    let mut body = json!({
        "user-list-id": user.user_list_id.to_string(), "user-id": user.id.to_string(),
    });
    body[name] = value.into();
    body
}

#[test]
fn a_user_who_is_not_in_the_list_cannot_be_connected() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let at = format!("{}/users", path(&made));
    let (anna, _) = create_member(&app, "anna", first_list(&app));
    let other = create_list(&app, "Other").to_string();
    let stood = state(&app);
    let unknown = invalid("user-id", "no such user in this list");
    for (name, value) in [
        ("user-list-id", other.as_str()),
        ("user-list-id", NOTHING),
        ("user-id", NOTHING),
    ] {
        let mut wrong = body(&anna, "presentation", "x");
        wrong[name] = value.into();
        assert_eq!(call(&app, &token, "POST", &at, &wrong), unknown);
        let check = format!("{at}/check-can-connect-user");
        let cannot = answer(200, "{\"can-connect\":false}");
        assert_eq!(call(&app, &token, "POST", &check, &wrong), cannot);
        let mut wrong = body(&anna, "enable-access", true);
        wrong[name] = value.into();
        let access = format!("{at}/change-token-access");
        assert_eq!(call(&app, &token, "PUT", &access, &wrong), unknown);
    }
    let gone = error(404, 5, "NOT_FOUND", "No such connected user.", "");
    for who in [
        format!("{}/{}", anna.user_list_id, anna.id),
        format!("{other}/{}", anna.id),
        format!("{}/{NOTHING}", anna.user_list_id),
        format!("{NOTHING}/{}", anna.id),
    ] {
        let one = format!("{at}/{who}");
        assert_eq!(delete(&app, &token, &one).whole(), gone, "{who}");
        let admin = json!({"is-admin": true});
        assert_eq!(call(&app, &token, "PUT", &one, &admin), gone, "{who}");
    }
    let access = format!("{at}/change-token-access");
    let not = failed_precondition("the user is not connected to the application");
    for enable in [true, false] {
        let change = body(&anna, "enable-access", enable);
        assert_eq!(call(&app, &token, "PUT", &access, &change), not);
    }
    assert_eq!(state(&app), stood);
    assert_eq!(app.get(&at, &token).text(), "[]");
}

#[test]
fn what_is_malformed_is_named() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let at = format!("{}/users", path(&made));
    let (anna, _) = create_member(&app, "anna", first_list(&app));
    let stood = state(&app);
    for path in [at.clone(), format!("{at}/check-can-connect-user")] {
        let send = |body: &Value| call(&app, &token, "POST", &path, body);
        for (presentation, reason) in [
            ("", "must not be empty"),
            ("\ta", "must not hold control characters"),
            ("a\u{202e}b", "must not hold control characters"),
            (&"я".repeat(201), "has at most 200 characters"),
        ] {
            let refused = send(&body(&anna, "presentation", presentation));
            assert_eq!(refused, invalid("presentation", reason));
        }
        for name in ["user-list-id", "user-id"] {
            let mut wrong = body(&anna, "presentation", "x");
            wrong[name] = "1111".into();
            assert_eq!(send(&wrong), not_a_uuid("1111"));
            wrong.as_object_mut().unwrap().remove(name);
            assert!(send(&wrong).contains(&format!("missing field `{name}`")));
        }
        assert!(send(&body(&anna, "is-admin", true)).contains("unknown field `is-admin`"));
        assert!(send(&body(&anna, "x", 1)).contains("unknown field `x`"));
    }
    let access = format!("{at}/change-token-access");
    for wrong in [json!(null), json!("true"), json!(1)] {
        let wrong = body(&anna, "enable-access", wrong);
        let refused = call(&app, &token, "PUT", &access, &wrong);
        assert!(refused.contains("The body is not valid."), "{refused}");
    }
    for (who, text) in [
        (format!("1111/{}", anna.id), "1111"),
        (format!("{}/x", anna.user_list_id), "x"),
    ] {
        let one = format!("{at}/{who}");
        assert_eq!(delete(&app, &token, &one).whole(), not_a_uuid(text));
    }
    assert_eq!(state(&app), stood);
}

#[test]
fn a_missing_application_has_no_users_and_a_deleted_ones_stay_as_they_were() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let (anna, _) = create_member(&app, "anna", first_list(&app));
    let (boris, _) = create_member(&app, "boris", first_list(&app));
    let at = format!("{}/users", path(&made));
    let connect = body(&anna, "presentation", "Anna");
    assert!(call(&app, &token, "POST", &at, &connect).starts_with("201\n"));
    let users = app.get(&at, &token).whole();
    assert_eq!(delete(&app, &token, &path(&made)).status, 200);
    let stood = state(&app);
    let missing = path(&json!({ "id": NOTHING }));
    for (application, refused) in [
        (missing, no_such_application()),
        (
            path(&made),
            failed_precondition("the application is deleted"),
        ),
    ] {
        let at = format!("{application}/users");
        let one = format!("{at}/{}/{}", anna.user_list_id, anna.id);
        let connect = body(&boris, "presentation", "Boris");
        assert_eq!(call(&app, &token, "POST", &at, &connect), refused);
        let access = body(&anna, "enable-access", false);
        let change = format!("{at}/change-token-access");
        assert_eq!(call(&app, &token, "PUT", &change, &access), refused);
        let admin = json!({"is-admin": true});
        assert_eq!(call(&app, &token, "PUT", &one, &admin), refused);
        assert_eq!(delete(&app, &token, &one).whole(), refused);
    }
    let check = format!("{at}/check-can-connect-user");
    let connect = body(&boris, "presentation", "Boris");
    let cannot = answer(200, "{\"can-connect\":false}");
    assert_eq!(call(&app, &token, "POST", &check, &connect), cannot);
    assert_eq!(state(&app), stood);
    assert_eq!(app.get(&at, &token).whole(), users);
}

#[test]
fn an_application_has_at_most_ten_thousand_users_by_name() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let application = ApplicationId::parse(id(&made)).unwrap();
    let users: Vec<User> = (0..2)
        .map(|at| app.create_user(&format!("user{at}"), Role::Member))
        .collect();
    let list = users[0].user_list_id;
    // Below the API, and without the people: they are rows of their own here.
    app.database.execute(&format!(
        "INSERT INTO users (id, user_list_id, login, login_folded, presentation, search, role, \
         password_hash, password_temporary, generation, created_at) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) \
         SELECT '00000000-0000-4000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2), '{list}', \
         'n' || CAST(i AS TEXT), 'n' || CAST(i AS TEXT), 'n', '', 'member', 'none', FALSE, 0, 0 FROM n"
    ));
    app.write(|c, act| {
        for at in 1..10_000 {
            let connected = ConnectedUser {
                user_id: UserId::parse(&format!("00000000-0000-4000-8000-{at:012}")).unwrap(),
                user_list_id: list,
                by_name: true,
                presentation: "n".to_owned(),
                is_admin: false,
                token_access: true,
                connected_at: act.now,
            };
            application_users::create(c, application, &connected, "n")?;
        }
        Ok(())
    });
    let at = format!("{}/users", path(&made));
    let check = format!("{at}/check-can-connect-user");
    let [last, beyond] = [&users[0], &users[1]].map(|user| body(user, "presentation", "x"));
    let send = |path: &str, body: &Value| call(&app, &token, "POST", path, body);
    assert_eq!(send(&check, &last), answer(200, "{\"can-connect\":true}"));
    assert!(send(&at, &last).starts_with("201\n"));
    let stood = state(&app);
    let full = failed_precondition("an application has at most 10000 users by name");
    assert_eq!(send(&at, &beyond), full);
    assert_eq!(
        send(&check, &beyond),
        answer(200, "{\"can-connect\":false}")
    );
    assert_eq!(state(&app), stood);
    assert_eq!(
        app.get(&at, &token).json().as_array().unwrap().len(),
        10_000
    );
    // A cut through the list needs no place, and makes the list longer than one answer is.
    let lists = json!({"user-lists": [list.to_string()]});
    call(
        &app,
        &token,
        "POST",
        &format!("{}/userlists", path(&made)),
        &lists,
    );
    app.advance(1);
    let cut = format!("{at}/{list}/{}", users[1].id);
    assert_eq!(delete(&app, &token, &cut).status, 204);
    let details = "the list has more than 10000 entries: ask for a page";
    let expected = error(400, 11, "OUT_OF_RANGE", "page is out of range.", details);
    assert_eq!(app.get(&at, &token).whole(), expected);
    let page = app.get(&format!("{at}?result=page&size=1&page=10000"), &token);
    assert_eq!(page.json()["totalElements"], 10_001);
    assert_eq!(
        page.json()["content"][0]["user-id"],
        users[1].id.to_string()
    );
}

#[test]
fn an_application_keeps_something_of_twenty_thousand_users_at_most() {
    let (app, token) = setup();
    let list = first_list(&app);
    let made = create_for(&app, &token, "crm", &[list]);
    let users: Vec<User> = (0..2)
        .map(|at| app.create_user(&format!("user{at}"), Role::Member))
        .collect();
    // Below the API: ten thousand by name and as many with a setting, less one.
    let number = "substr(CAST(1000000000000 + i AS TEXT), 2)";
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 19999)";
    app.database.execute(&format!(
        "INSERT INTO users (id, user_list_id, login, login_folded, presentation, search, role, \
         password_hash, password_temporary, generation, created_at) {numbers} \
         SELECT '00000000-0000-4000-8000-' || {number}, '{list}', \
         'n' || CAST(i AS TEXT), 'n' || CAST(i AS TEXT), 'n', '', 'member', 'none', FALSE, 0, 0 FROM n"
    ));
    app.database.execute(&format!(
        "INSERT INTO application_users (application_id, user_id, user_list_id, login_folded, by_name, \
         presentation, presentation_folded, is_admin, token_access, connected_at) {numbers} \
         SELECT '{}', '00000000-0000-4000-8000-' || {number}, '{list}', 'n', i < 9999, \
         'n', 'n', i >= 9999, TRUE, 0 FROM n",
        id(&made)
    ));
    let at = format!("{}/users", path(&made));
    let access = format!("{at}/change-token-access");
    let check = format!("{at}/check-can-connect-user");
    let one = |user: &User| format!("{at}/{list}/{}", user.id);
    let [last, beyond] = &users[..] else {
        panic!("two");
    };
    let take = |user: &User| {
        call(
            &app,
            &token,
            "PUT",
            &access,
            &body(user, "enable-access", false),
        )
    };
    let can = |user: &User| {
        call(
            &app,
            &token,
            "POST",
            &check,
            &body(user, "presentation", "x"),
        )
    };
    assert_eq!(can(beyond), answer(200, "{\"can-connect\":true}"));
    assert!(take(last).starts_with("200\n"));
    let stood = state(&app);
    let full = failed_precondition(
        "an application has at most 20000 users by name or with a setting of their own: \
         disconnect a list rather than its users",
    );
    assert_eq!(take(beyond), full);
    let is_admin = json!({"is-admin": true});
    assert_eq!(call(&app, &token, "PUT", &one(beyond), &is_admin), full);
    assert_eq!(delete(&app, &token, &one(beyond)).whole(), full);
    let connect = body(beyond, "presentation", "x");
    assert_eq!(call(&app, &token, "POST", &at, &connect), full);
    assert_eq!(can(beyond), answer(200, "{\"can-connect\":false}"));
    assert_eq!(state(&app), stood);
    // Who has a row can be changed, cut off, and connected.
    assert!(call(&app, &token, "PUT", &one(last), &is_admin).starts_with("200\n"));
    assert_eq!(delete(&app, &token, &one(last)).status, 204);
    let connect = body(last, "presentation", "x");
    assert!(call(&app, &token, "POST", &at, &connect).starts_with("201\n"));
    // Where the list is no more, its users' settings take no room.
    let lists = format!("{}/userlists/{list}", path(&made));
    assert_eq!(delete(&app, &token, &lists).status, 200);
    assert_eq!(can(beyond), answer(200, "{\"can-connect\":true}"));
}
