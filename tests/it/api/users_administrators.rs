//! Administrators: who may make one, act on one, and that one stays.

use mintmark::model::scope::{Role, Scope, ScopeSet};
use serde_json::json;

use super::{
    NO_CONTENT, administration, call, create_member, delete, failed_precondition, first_list,
    forbidden, state, stored, user_path, users_path,
};
use crate::support::{TestApp, count};

const PASSWORD: &str = "correct horse battery";

fn last() -> String {
    failed_precondition("this is the last administrator: make another one first")
}

/// A token with these scopes, of an administrator's key that has no others.
fn token(app: &TestApp, scope: ScopeSet) -> String {
    app.token(&app.create_key("admin", &scope.to_string()))
        .access_token
}

/// What is tried on an administrator: it needs every scope.
fn attempts(path: &str, list: &str) -> Vec<(&'static str, String, serde_json::Value)> {
    let new = json!({"login": "new", "temporary-password": PASSWORD, "role": "administrator"});
    let password = json!({"temporary-password": PASSWORD});
    vec![
        ("POST", list.to_owned(), new),
        ("POST", format!("{path}/reset-password"), password),
        ("PUT", path.to_owned(), json!({"presentation": "x"})),
        ("PUT", path.to_owned(), json!({"email": "x@example.org"})),
        ("PUT", path.to_owned(), json!({"is-active": false})),
        ("PUT", path.to_owned(), json!({"role": "member"})),
        ("PUT", path.to_owned(), json!({})),
    ]
}

#[test]
fn an_administrator_is_acted_on_with_every_scope_only() {
    let (app, admin) = administration();
    let second = app.create_user("second", Role::Administrator);
    let (anna, _) = create_member(&app, "anna", first_list(&app));
    let (path, list) = (user_path(&second), users_path(first_list(&app)));
    let all = ScopeSet::all().to_string();
    let lacking = [
        Scope::OpenId,
        Scope::KeysRead,
        Scope::AuditRead,
        Scope::Introspect,
    ];
    let mut tokens: Vec<(String, String)> = lacking
        .into_iter()
        .map(|scope| {
            let token = token(&app, ScopeSet::all() - ScopeSet::of(&[scope]));
            (token, scope.as_str().to_owned())
        })
        .collect();
    // A service client never has openid, so it never acts on an administrator.
    let service = ScopeSet::all() - ScopeSet::of(&[Scope::OpenId]);
    let service = app
        .token(&app.create_service(&service.to_string()))
        .access_token;
    tokens.push((service, "openid".to_owned()));
    let before = state(&app);
    for (token, lacks) in &tokens {
        for (method, path, body) in attempts(&path, &list) {
            let whole = call(&app, token, method, &path, &body);
            assert_eq!(whole, forbidden(&all, lacks), "{method} {path} {body}");
        }
        let whole = delete(&app, token, &path).whole();
        assert_eq!(whole, forbidden(&all, lacks));
        // To make one of somebody is no less.
        let whole = call(
            &app,
            token,
            "PUT",
            &user_path(&anna),
            &json!({"role": "administrator"}),
        );
        assert_eq!(whole, forbidden(&all, lacks));
    }
    assert_eq!(state(&app), before);
    for (method, path, body) in attempts(&path, &list) {
        let status = call(&app, &admin, method, &path, &body);
        assert!(status.starts_with('2'), "{method} {path} {body}: {status}");
    }
    assert_eq!(delete(&app, &admin, &path).whole(), NO_CONTENT);
}

#[test]
fn a_member_is_made_or_become_only_with_what_members_can_do() {
    let (app, _) = administration();
    let (anna, _) = create_member(&app, "anna", first_list(&app));
    let needed = Role::Member.scopes();
    let write = ScopeSet::parse("users:write").unwrap();
    let new = json!({"login": "new", "temporary-password": PASSWORD});
    let password = json!({"temporary-password": PASSWORD});
    let reset = format!("{}/reset-password", user_path(&anna));
    let attempts = [(users_path(first_list(&app)), new), (reset, password)];
    let before = state(&app);
    let narrow = token(&app, write);
    let almost = ScopeSet::parse(&format!("users:write {needed}")).unwrap();
    let almost = token(&app, almost - ScopeSet::of(&[Scope::KeysWrite]));
    let unchanged = state(&app);
    for (path, body) in &attempts {
        let needed = needed.to_string();
        let whole = call(&app, &narrow, "POST", path, body);
        assert_eq!(whole, forbidden(&needed, &needed));
        let whole = call(&app, &almost, "POST", path, body);
        assert_eq!(whole, forbidden(&needed, "keys:write"));
    }
    assert_eq!(state(&app), unchanged);
    assert_ne!(before, unchanged, "keys were made");
    // What gives nothing away needs no more than the scope.
    let (path, body) = (
        user_path(&anna),
        json!({"presentation": "Anna", "is-active": false}),
    );
    assert_eq!(call(&app, &narrow, "PUT", &path, &body), NO_CONTENT);
    assert_eq!(delete(&app, &narrow, &path).whole(), NO_CONTENT);
    let enough = token(
        &app,
        ScopeSet::parse(&format!("users:write {needed}")).unwrap(),
    );
    let (path, body) = &attempts[0];
    assert!(call(&app, &enough, "POST", path, body).starts_with("201\n"));
}

#[test]
fn the_last_administrator_who_is_active_stays() {
    let (app, admin) = administration();
    let first = stored(&app, "admin");
    let path = user_path(&first);
    let ends = [json!({"role": "member"}), json!({"is-active": false})];
    let hold = || {
        let before = state(&app);
        for end in &ends {
            assert_eq!(call(&app, &admin, "PUT", &path, end), last(), "{end}");
        }
        // Nor is done what stands beside it.
        let body = json!({"role": "member", "presentation": "x", "email": "x@example.org"});
        assert_eq!(call(&app, &admin, "PUT", &path, &body), last());
        assert_eq!(delete(&app, &admin, &path).whole(), last());
        assert_eq!(state(&app), before);
    };
    create_member(&app, "anna", first_list(&app));
    hold();
    let second = app.create_user("second", Role::Administrator);
    let off = json!({"is-active": false});
    assert_eq!(
        call(&app, &admin, "PUT", &user_path(&second), &off),
        NO_CONTENT
    );
    hold();
    let on = json!({"is-active": true});
    assert_eq!(
        call(&app, &admin, "PUT", &user_path(&second), &on),
        NO_CONTENT
    );
    assert_eq!(
        call(
            &app,
            &admin,
            "PUT",
            &path,
            &json!({"presentation": "First"})
        ),
        NO_CONTENT
    );
    // Somebody may step down as long as another stays.
    assert_eq!(call(&app, &admin, "PUT", &path, &ends[0]), NO_CONTENT);
    assert_eq!(stored(&app, "admin").role, Role::Member);
}

#[test]
fn of_two_administrators_who_go_at_each_other_at_once_one_stays() {
    let app = TestApp::start();
    app.create_user("second", Role::Administrator);
    let all = ScopeSet::all().to_string();
    let both = [stored(&app, "admin"), stored(&app, "second")];
    let ends = [
        ("PUT", json!({"role": "member"})),
        ("PUT", json!({"is-active": false})),
    ];
    for round in 0..count(6, 100) {
        let (method, end) = &ends[round % ends.len()];
        let tokens = both
            .each_ref()
            .map(|user| app.token(&app.create_key(&user.login, &all)).access_token);
        let answers = std::thread::scope(|scope| {
            let go = |at: usize| {
                // Each at the other.
                let path = user_path(&both[1 - at]);
                call(&app, &tokens[at], method, &path, end)
            };
            let threads = [0, 1].map(|at| scope.spawn(move || go(at)));
            threads.map(|thread| thread.join().unwrap())
        });
        let done = answers
            .iter()
            .filter(|answer| *answer == NO_CONTENT)
            .count();
        assert_eq!(done, 1, "round {round}: {answers:?}");
        let active = "SELECT login AS text FROM users WHERE role = 'administrator' \
                      AND disabled_at IS NULL AND deleted_at IS NULL";
        assert_eq!(
            app.database.query(active).len(),
            1,
            "round {round}: {answers:?}"
        );
        // Put right below the API, where no rule is.
        app.database.execute(
            "UPDATE users SET role = 'administrator', disabled_at = NULL, disabled_by = NULL; \
             UPDATE clients SET deleted_at = 1",
        );
        app.app.directory.forget();
        app.app.directory.follow().unwrap();
    }
}
