//! Becoming somebody who may more: by a role, a password, or a user that one makes.

use mintmark::model::scope::{Role, Scope, ScopeSet};
use serde_json::json;

use super::{API, Attempt, Stage};

const PASSWORD: &str = "correct horse battery";

/// Every scope but this one, as an administrator's key can have them.
fn all_but(scope: Scope) -> String {
    (ScopeSet::all() - ScopeSet::of(&[scope])).to_string()
}

#[test]
fn an_administrator_is_made_and_acted_on_only_with_every_scope() {
    let stage = Stage::set();
    let list = format!("{API}/user-lists/{}/users", stage.admin.user_list_id);
    for lacking in ScopeSet::all().iter().filter(|s| *s != Scope::UsersWrite) {
        let token = stage.narrow("admin", &all_but(lacking));
        let name = format!("without-{}", lacking.as_str().replace(':', "-"));
        let target = stage.app.create_user(&name, Role::Administrator);
        let path = Stage::user_path(&target);
        let new = json!({"login": format!("new-{name}"), "presentation": "New",
            "role": "administrator", "temporary-password": PASSWORD});
        let password = json!({"temporary-password": PASSWORD});
        let member = Stage::user_path(&stage.app.create_user(&format!("m-{name}"), Role::Member));
        for (what, method, path, body) in [
            ("makes one", "POST", list.clone(), Some(new)),
            (
                "promotes",
                "PUT",
                member,
                Some(json!({"role": "administrator"})),
            ),
            (
                "sets a password",
                "POST",
                format!("{path}/reset-password"),
                Some(password),
            ),
            (
                "renames",
                "PUT",
                path.clone(),
                Some(json!({"presentation": "Mallory"})),
            ),
            (
                "writes to",
                "PUT",
                path.clone(),
                Some(json!({"email": "mallory@example.org"})),
            ),
            (
                "disables",
                "PUT",
                path.clone(),
                Some(json!({"is-active": false})),
            ),
            (
                "enables",
                "PUT",
                path.clone(),
                Some(json!({"is-active": true})),
            ),
            (
                "demotes",
                "PUT",
                path.clone(),
                Some(json!({"role": "member"})),
            ),
            (
                "promotes again",
                "PUT",
                path.clone(),
                Some(json!({"role": "administrator"})),
            ),
            ("deletes", "DELETE", path, None),
        ] {
            let what = format!("{what}, without {}", lacking.as_str());
            stage.only_with_more(&token, &Attempt::new(&what, method, path, body));
        }
    }
}

#[test]
fn a_member_is_made_and_becomes_reachable_only_with_what_a_member_has_in_person() {
    let stage = Stage::set();
    let path = Stage::user_path(&stage.member);
    let list = format!("{API}/user-lists/{}/users", stage.member.user_list_id);
    for lacking in Role::Member.scopes().iter() {
        let token = stage.narrow("admin", &all_but(lacking));
        let login = format!("without-{}", lacking.as_str().replace(':', "-"));
        let new = json!({"login": login, "presentation": "New", "temporary-password": PASSWORD});
        let password = json!({"temporary-password": PASSWORD});
        for (what, path, body) in [
            ("makes one", list.clone(), new),
            (
                "sets a password",
                format!("{path}/reset-password"),
                password,
            ),
        ] {
            let what = format!("{what}, without {}", lacking.as_str());
            stage.only_with_more(&token, &Attempt::post(&what, path, body));
        }
    }
}

#[test]
fn a_demotion_counts_at_once_for_live_tokens_and_a_promotion_brings_nothing_back_to_them() {
    let stage = Stage::set();
    let key = stage.app.create_key("second", &ScopeSet::all().to_string());
    let tokens = stage.app.token(&key);
    let live = [tokens.access_token, tokens.id_token.unwrap()];
    let path = Stage::user_path(&stage.second);
    let role = |role: &str| Attempt::new("", "PUT", path.clone(), Some(json!({"role": role})));
    let lists = format!("{API}/user-lists");
    let new = Attempt::post("", lists.clone(), json!({"presentation": "New"}));
    let read = Attempt::new(
        "",
        "GET",
        format!("{lists}/{}", stage.second.user_list_id),
        None,
    );
    for token in &live {
        assert_eq!(stage.call(token, &new).status, 201);
    }
    assert_eq!(stage.call(&stage.all, &role("member")).status, 204);
    for token in &live {
        assert_eq!(stage.call(token, &new).status, 403);
        assert_eq!(stage.call(token, &read).status, 200);
    }
    // Not even their own way back.
    assert_eq!(stage.call(&live[0], &role("administrator")).status, 403);
    let narrowed = stage.app.token(&key);
    assert_eq!(narrowed.answer["scope"], Role::Member.scopes().to_string());
    assert_eq!(stage.call(&stage.all, &role("administrator")).status, 204);
    assert_eq!(stage.call(&narrowed.access_token, &new).status, 403);
}
