//! `DELETE /user-lists/{list}`: what stands in its way, and what goes with it.

use serde_json::{Value, json};

use super::{
    LISTS, NO_CONTENT, NOTHING, administration, answer, call, create_for, create_list,
    create_member, delete, events_of, failed_precondition, first_list, invalid, minimal, not_found,
    path, reaches, state, user_path, users_path,
};
use crate::support::count;

fn list_path(list: impl std::fmt::Display) -> String {
    format!("{LISTS}/{list}")
}

#[test]
fn a_list_with_users_and_the_last_list_stay() {
    let (app, admin) = administration();
    let before = state(&app);
    let whole = delete(&app, &admin, &list_path(first_list(&app))).whole();
    let users = "there are users in the list: delete them first";
    assert_eq!(whole, failed_precondition(users));
    assert_eq!(state(&app), before);

    app.advance(1);
    let list = create_list(&app, "Another");
    let (anna, _) = create_member(&app, "anna", list);
    assert_eq!(
        delete(&app, &admin, &list_path(list)).whole(),
        failed_precondition(users)
    );
    assert_eq!(delete(&app, &admin, &user_path(&anna)).whole(), NO_CONTENT);
    // Who was in it, and is deleted, does not hold it.
    assert_eq!(delete(&app, &admin, &list_path(list)).whole(), NO_CONTENT);

    // Without the administrator, who is acting, the first list could go too; it is the last.
    let moved = "UPDATE users SET user_list_id = ";
    app.database
        .execute(&format!("{moved}'{list}' WHERE login = 'admin'"));
    let whole = delete(&app, &admin, &list_path(first_list(&app))).whole();
    let last = "this is the last user list: make another one first";
    assert_eq!(whole, failed_precondition(last));
}

#[test]
fn a_deleted_list_is_disconnected_at_once_and_gone_everywhere() {
    let (app, admin) = administration();
    let list = create_list(&app, "Another");
    app.advance(1);
    let (anna, _) = create_member(&app, "anna", list);
    let key = app.create_key("admin", "openid");
    let mut body = minimal("crm");
    body["default-user-list"] = json!(list.to_string());
    let crm = super::create(&app, &admin, &body);
    let both = create_for(&app, &admin, "both", &[list, first_list(&app)]);
    assert_eq!(crm["user-lists"], json!([list.to_string()]));
    assert!(reaches(&app, &app.create_key("anna", "openid"), &crm));
    assert!(reaches(&app, &key, &both));
    assert_eq!(delete(&app, &admin, &user_path(&anna)).whole(), NO_CONTENT);

    app.advance(1);
    assert_eq!(delete(&app, &admin, &list_path(list)).whole(), NO_CONTENT);
    let changes = "SELECT kind || ' ' || subject AS text FROM changes ORDER BY number DESC LIMIT 2";
    let mut changes = app.database.query(changes);
    changes.sort();
    let changed =
        |application: &Value| format!("application {}", application["uri"].as_str().unwrap());
    let mut expected = [changed(&crm), changed(&both)];
    expected.sort();
    assert_eq!(changes, expected);
    let details = json!({"presentation": "Another"});
    assert_eq!(
        events_of(&app, "user_list", &list.to_string())[1],
        format!("user_list.deleted {details}")
    );
    let read = |application: &Value| app.get(&path(application), &admin).json();
    assert_eq!(read(&crm)["user-lists"], json!([]));
    assert_eq!(read(&crm)["default-user-list"], Value::Null);
    assert_eq!(
        read(&both)["user-lists"],
        json!([first_list(&app).to_string()])
    );
    assert!(reaches(&app, &key, &both));

    let gone = not_found("user list");
    assert_eq!(delete(&app, &admin, &list_path(list)).whole(), gone);
    assert_eq!(delete(&app, &admin, &list_path(NOTHING)).whole(), gone);
    assert_eq!(app.get(&list_path(list), &admin).whole(), gone);
    assert_eq!(app.get(&users_path(list), &admin).whole(), gone);
    assert!(!app.get(LISTS, &admin).text().contains(&list.to_string()));
    let new = json!({"login": "boris", "temporary-password": "correct horse battery"});
    assert_eq!(call(&app, &admin, "POST", &users_path(list), &new), gone);
    let connect = json!({"user-lists": [list.to_string()]});
    let at = format!("{}/userlists", path(&crm));
    let whole = call(&app, &admin, "POST", &at, &connect);
    assert_eq!(whole, invalid("user-lists", "no such user list"));
    let whole = call(&app, &admin, "DELETE", &at, &connect);
    assert_eq!(whole, answer(200, "{\"user-lists\":[]}"));
}

#[test]
fn new_users_without_a_list_join_the_first_that_is_left() {
    let (app, admin) = administration();
    let first = first_list(&app);
    app.advance(1);
    let second = create_list(&app, "Second");
    app.database
        .execute(&format!("UPDATE users SET user_list_id = '{second}'"));
    assert_eq!(delete(&app, &admin, &list_path(first)).whole(), NO_CONTENT);
    let user = app.create_user("anna", mintmark::model::scope::Role::Member);
    assert_eq!(user.user_list_id, second);
}

#[test]
fn of_two_last_lists_that_are_deleted_at_once_one_stays() {
    let (app, admin) = administration();
    let nowhere = create_list(&app, "Nowhere");
    // Nobody is in either of the two that are left, and the third does not count.
    app.database.execute(&format!(
        "UPDATE users SET user_list_id = '{nowhere}'; \
         UPDATE user_lists SET deleted_at = 1 WHERE id = '{nowhere}'"
    ));
    for round in 0..count(5, 50) {
        let pair = [first_list(&app), create_list(&app, "Another")];
        let mut answers = std::thread::scope(|scope| {
            let end = |list| delete(&app, &admin, &list_path(list)).whole();
            let threads = pair.map(|list| scope.spawn(move || end(list)));
            threads.map(|thread| thread.join().unwrap())
        });
        answers.sort();
        let last = "this is the last user list: make another one first";
        assert_eq!(
            answers,
            [NO_CONTENT.to_owned(), failed_precondition(last)],
            "round {round}"
        );
    }
}
