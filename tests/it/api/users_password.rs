//! `POST .../reset-password`, and that no password nor what is kept of one ever leaves.

use mintmark::config::ServerSettings;
use mintmark::model::scope::{Role, ScopeSet};
use serde_json::{Value, json};

use super::{
    ME, administration, call, create_list, create_member, error, events_of, first_list, invalid,
    not_found, state, stored, user_path, users_path,
};
use crate::support::{Browser, FullLine, Request, TestApp, settings};

const OLD: &str = "correct horse battery";
const NEW: &str = "another horse battery";

fn reset(app: &TestApp, token: &str, path: &str, password: &str) -> String {
    let body = json!({"temporary-password": password});
    call(app, token, "POST", &format!("{path}/reset-password"), &body)
}

fn hashes(app: &TestApp) -> Vec<String> {
    app.database.query(
        "SELECT password_hash || CASE WHEN password_temporary THEN ' temporary' ELSE ' own' END \
         AS text FROM users WHERE password_hash <> '' ORDER BY login",
    )
}

#[test]
fn a_temporary_password_replaces_the_old_one_and_ends_the_sessions() {
    let (app, admin) = administration();
    let (anna, token) = create_member(&app, "anna", first_list(&app));
    let mut browser = Browser::signed_in(&app, "anna", OLD);
    assert_eq!(browser.get("/console/profile").status, 200);
    let before = hashes(&app);
    app.advance(1);
    let whole = reset(&app, &admin, &user_path(&anna), NEW);
    assert_eq!(whole, "200\ncache-control: no-store\n\n");
    let after = hashes(&app);
    assert_eq!(after[0], before[0], "of nobody else");
    assert_ne!(after[1], before[1]);
    assert!(
        after[1].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{}",
        after[1]
    );
    assert!(after[1].ends_with(" temporary"), "{}", after[1]);
    assert_eq!(
        browser.get("/console/profile").status,
        303,
        "the session ended"
    );
    // The old password is no use, and the new one must be changed first.
    assert_ne!(Browser::new(&app).sign_in("anna", OLD).status, 303);
    let mut browser = Browser::signed_in(&app, "anna", NEW);
    assert_eq!(
        browser.get("/console/profile").header("location"),
        Some("/console/profile/password")
    );
    // Keys are no matter of the password.
    assert_eq!(app.get(ME, &token).status, 200);
    let events = events_of(&app, "user", &anna.id.to_string());
    assert!(
        events.contains(&"user.password_set {\"login\":\"anna\",\"temporary\":true}".to_owned()),
        "{events:?}"
    );
}

#[test]
fn nothing_is_hashed_for_what_is_refused() {
    // Whoever asks for a hash is told that there is no place for it.
    let app = TestApp::with(ServerSettings {
        sign_in_places: 0,
        ..settings()
    });
    let list = first_list(&app);
    let (anna, member) = create_member(&app, "anna", list);
    let [weak, admin] = [
        "users:read users:write".to_owned(),
        ScopeSet::all().to_string(),
    ]
    .map(|scope| app.token(&app.create_key("admin", &scope)).access_token);
    let statuses = |token: &str, login: &str, role: &str| {
        let body = json!({"login": login, "temporary-password": NEW, "role": role});
        let made = Request::json("POST", &users_path(list), &body).bearer(token);
        let body = json!({"temporary-password": NEW});
        let path = format!("{}/reset-password", user_path(&anna));
        let reset = Request::json("POST", &path, &body).bearer(token);
        [app.send(made).status, app.send(reset).status]
    };
    let before = state(&app);
    for token in [&member, &weak] {
        assert_eq!(statuses(token, "boris", "administrator"), [403, 403]);
    }
    assert_eq!(statuses(&admin, "ANNA", "member")[0], 409);
    assert_eq!(statuses(&admin, "bo\u{200b}ris", "member")[0], 400);
    assert_eq!(statuses(&admin, "boris", "member"), [503, 503]);
    assert_eq!(state(&app), before);
}

#[test]
fn a_password_that_cannot_be_one_changes_nothing() {
    let (app, admin) = administration();
    let (anna, _) = create_member(&app, "anna", first_list(&app));
    let (before, kept) = (state(&app), hashes(&app));
    let path = user_path(&anna);
    for (password, why) in [
        ("", "a password has 12 characters at least"),
        ("пароль", "a password has 12 characters at least"),
        (&"я".repeat(257), "a password has 512 bytes at most"),
        (
            "correct\nhorse battery",
            "a password has no control characters",
        ),
    ] {
        let expected = invalid("temporary-password", why);
        assert_eq!(reset(&app, &admin, &path, password), expected, "{password}");
    }
    for body in [
        json!({}),
        json!({"temporary-password": null}),
        json!({"temporary-password": 123_456_789_012_u64}),
        json!({"temporary-password": NEW, "role": "administrator"}),
        json!({"password": NEW}),
    ] {
        let request = Request::json("POST", &format!("{path}/reset-password"), &body);
        let response = app.send(request.bearer(&admin));
        assert_eq!(
            (response.status, &response.json()["code"]),
            (400, &json!(3)),
            "{body}"
        );
        let text = response.text();
        assert!(
            !text.contains(NEW) && !text.contains("123456789012"),
            "{text}"
        );
    }
    assert_eq!(state(&app), before);
    let other = create_list(&app, "Other");
    let before = state(&app);
    let elsewhere = format!("{}/{}", users_path(other), anna.id);
    assert_eq!(reset(&app, &admin, &elsewhere, NEW), not_found("user"));
    assert_eq!((state(&app), hashes(&app)), (before, kept));
}

#[test]
fn a_line_of_passwords_that_is_full_is_told_to_come_again() {
    let (app, admin) = administration();
    let (anna, _) = create_member(&app, "anna", first_list(&app));
    let before = state(&app);
    let places = FullLine::of(&app);
    let message = "The service is temporarily unavailable. Try again later.";
    let expected = error(503, 14, "UNAVAILABLE", message, "");
    let expected = expected.replacen("\n\n", "\nretry-after: 1\n\n", 1);
    assert_eq!(reset(&app, &admin, &user_path(&anna), NEW), expected);
    let body = json!({"login": "boris", "temporary-password": NEW});
    let list = users_path(first_list(&app));
    assert_eq!(call(&app, &admin, "POST", &list, &body), expected);
    assert_eq!(state(&app), before);
    drop(places);
    assert!(reset(&app, &admin, &user_path(&anna), NEW).starts_with("200\n"));
}

#[test]
fn neither_a_password_nor_its_hash_is_in_any_answer() {
    let (app, admin) = administration();
    let list = first_list(&app);
    let mut answers: Vec<String> = Vec::new();
    let mut send = |method: &str, path: &str, body: &Value, token: &str| {
        let request = match body {
            Value::Null => Request::new(method, path),
            body => Request::json(method, path, body),
        };
        let response = app.send(request.bearer(token));
        answers.push(response.whole());
        response
    };
    let member = app.create_user("member", Role::Member);
    let key = app.create_key("member", &Role::Member.scopes().to_string());
    let member_token = app.token(&key).access_token;
    let service = ScopeSet::all() - ScopeSet::parse("openid").unwrap();
    let service = app
        .token(&app.create_service(&service.to_string()))
        .access_token;
    let new = json!({"login": "anna", "temporary-password": NEW});
    send("POST", &users_path(list), &new, &admin);
    send("POST", &users_path(list), &new, &admin);
    let anna = stored(&app, "anna");
    let reset = format!("{}/reset-password", user_path(&anna));
    let password = json!({"temporary-password": OLD});
    send("POST", &reset, &password, &admin);
    send("POST", &reset, &password, &member_token);
    send(
        "POST",
        &reset,
        &json!({"temporary-password": OLD, "x": 1}),
        &admin,
    );
    for token in [&admin, &member_token, &service] {
        for path in [
            ME.to_owned(),
            users_path(list),
            user_path(&anna),
            user_path(&member),
        ] {
            send("GET", &path, &Value::Null, token);
            send(
                "GET",
                &format!("{path}?result=page&search=argon2"),
                &Value::Null,
                token,
            );
        }
    }
    send(
        "PUT",
        &user_path(&anna),
        &json!({"is-active": false}),
        &admin,
    );
    send("DELETE", &user_path(&anna), &Value::Null, &admin);
    assert!(answers.len() > 25);
    let kept = hashes(&app);
    assert_eq!(kept.len(), 2);
    for answer in &answers {
        assert!(
            !answer.contains("$argon2") && !answer.contains("password-hash"),
            "{answer}"
        );
        assert!(!answer.contains(OLD) && !answer.contains(NEW), "{answer}");
        for hash in &kept {
            assert!(
                !answer.contains(hash.split('$').next_back().unwrap()),
                "{answer}"
            );
        }
    }
    let logged = app
        .database
        .query("SELECT details AS text FROM audit_events");
    assert!(
        !logged
            .iter()
            .any(|line| line.contains(NEW) || line.contains("argon2")),
        "{logged:?}"
    );
}
