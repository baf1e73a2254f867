//! Making and becoming people, who are bound by no end and to no network: by the mark *provisions
//! users*, which no client gives.

use mintmark::domain::clients::NewClient;
use mintmark::model::network::Networks;
use mintmark::model::scope::{Role, ScopeSet};
use mintmark::model::user::User;
use serde_json::{Value, json};

use super::{API, Attempt, Stage};
use crate::support::Credentials;

const PASSWORD: &str = "correct horse battery";
const MEMBERS: &str =
    "openid applications:read users:read users:write keys:read keys:write applications:write";

type Bind = fn(&mut NewClient, &Stage);

/// Each way to be less than a person.
const BOUND: [(&str, Bind); 3] = [
    ("ends", |new, stage| {
        new.expires_at = Some(stage.app.act().now.plus_seconds(86_400));
    }),
    ("here", |new, _| {
        new.allowed_networks = Networks::parse("127.0.0.0/8").unwrap();
    }),
    ("short", |new, _| new.lifetime = 3599),
];

fn client(stage: &Stage, scope: &str, bind: Bind, mark: bool) -> String {
    let key = stage.app.create_client(Some("admin"), scope, |new| {
        bind(new, stage);
        new.provisions_users = mark;
    });
    stage.app.token(&key).access_token
}

/// What makes a person of this role, or lets in this one, each of whom has the role.
fn attempts(stage: &Stage, name: &str, role: &str, person: &User) -> Vec<Attempt<'static>> {
    let list = format!("{API}/user-lists/{}/users", stage.admin.user_list_id);
    let path = Stage::user_path(person);
    let put = |what, body: Value| Attempt::new(what, "PUT", path.clone(), Some(body));
    let new = json!({"login": format!("new-{name}"), "role": role, "temporary-password": PASSWORD});
    let other = if role == "member" {
        "administrator"
    } else {
        "member"
    };
    let mut attempts = vec![
        Attempt::post("makes one", list, new),
        Attempt::post(
            "sets a password",
            format!("{path}/reset-password"),
            json!({"temporary-password": PASSWORD}),
        ),
        put("enables", json!({"is-active": true})),
    ];
    // A change to administrator takes every scope.
    if role == "administrator" {
        attempts.push(put("demotes", json!({"role": other})));
        attempts.push(put("promotes", json!({"role": role})));
    }
    attempts
}

fn disabled(stage: &Stage, login: &str, role: Role) -> User {
    let person = stage.app.create_user(login, role);
    let off = json!({"is-active": false});
    let off = Attempt::new("", "PUT", Stage::user_path(&person), Some(off));
    assert_eq!(stage.call(&stage.all, &off).status, 204);
    person
}

#[test]
fn a_client_that_ends_or_is_bound_makes_and_lets_in_nobody_without_the_mark() {
    let stage = Stage::set();
    let all = ScopeSet::all().to_string();
    for (bound, bind) in BOUND {
        for (role, text, scope) in [
            (Role::Member, "member", MEMBERS),
            (Role::Administrator, "administrator", all.as_str()),
        ] {
            let name = format!("{bound}-{text}");
            let plain = client(&stage, scope, bind, false);
            let marked = client(&stage, scope, bind, true);
            let person = disabled(&stage, &name, role);
            for attempt in attempts(&stage, &name, text, &person) {
                let refused = stage.only_with_more(&plain, &attempt);
                drop(refused);
            }
            // The refusal says what lets it.
            let again = disabled(&stage, &format!("{name}-again"), role);
            for attempt in attempts(&stage, &format!("{name}-again"), text, &again) {
                let refused = stage.call(&plain, &attempt);
                let why = refused.json()["details"].to_string();
                assert!(
                    why.contains("'provisions users'"),
                    "{}: {why}",
                    attempt.what
                );
                assert!(why.contains("--provisions-users"), "{why}");
                let done = stage.call(&marked, &attempt);
                assert!(done.status < 300, "{} {}", attempt.what, done.whole());
            }
            // What takes away, and what changes nothing of it, is not held up.
            let path = Stage::user_path(&again);
            for (method, body) in [
                ("PUT", Some(json!({"presentation": "Renamed"}))),
                ("PUT", Some(json!({"is-active": true}))),
                ("PUT", Some(json!({"is-active": false}))),
                ("DELETE", None),
            ] {
                let done = stage.call(&plain, &Attempt::new("", method, path.clone(), body));
                assert_eq!(done.status, 204, "{}", done.whole());
            }
        }
    }
}

#[test]
fn a_service_client_makes_members_if_nothing_binds_it_or_with_the_mark() {
    let stage = Stage::set();
    let list = format!("{API}/user-lists/{}/users", stage.admin.user_list_id);
    let scope = "applications:read users:read users:write keys:read keys:write";
    let end = stage.app.act().now.plus_seconds(86_400);
    for (login, ends, mark, status) in [
        ("free", None, false, 201),
        ("bound", Some(end), false, 403),
        ("marked", Some(end), true, 201),
    ] {
        let service = stage.app.create_client(None, scope, |new| {
            new.expires_at = ends;
            new.provisions_users = mark;
        });
        let token = stage.app.token(&service).access_token;
        let new = json!({"login": login, "temporary-password": PASSWORD});
        let made = stage.call(&token, &Attempt::post("", list.clone(), new));
        assert_eq!(made.status, status, "{login}: {}", made.text());
    }
}

#[test]
fn no_client_gives_the_mark_and_only_marked_ones_take_over_a_client_that_has_it() {
    let stage = Stage::set();
    let all = ScopeSet::all().to_string();
    let scope = "keys:read keys:write";
    let marked = |owner: Option<&str>| -> (Credentials, String) {
        let made = stage.app.create_client(owner, "keys:read", |new| {
            new.provisions_users = true;
        });
        let path = match owner {
            Some(_) => Stage::key_path(&stage.admin, &made),
            None => format!("{API}/clients/{}", made.client_id),
        };
        (made, path)
    };
    let same = client(&stage, scope, |_, _| {}, true);
    for owner in [None, Some("admin")] {
        let (_, path) = marked(owner);
        let shown = stage.app.get(&path, &stage.all).json();
        assert_eq!(shown["provisions-users"], json!(true));
        let off = Attempt::patch("", path.clone(), json!({"disabled": true}));
        assert_eq!(stage.call(&stage.all, &off).status, 200);
        for attempt in [
            Attempt::post(
                "rotates",
                format!("{path}/rotate"),
                json!({"old-ends-in": 0}),
            ),
            Attempt::patch("enables", path.clone(), json!({"disabled": false})),
            Attempt::patch(
                "widens",
                path.clone(),
                json!({"scopes": ["keys:read", "keys:write"]}),
            ),
        ] {
            // Not even with every scope and without any bound.
            let before = stage.app.database.state();
            let refused = stage.call(&stage.all, &attempt);
            assert_eq!(refused.status, 403, "{}", attempt.what);
            let why = refused.json()["details"].to_string();
            assert!(why.contains("carries the mark 'provisions users'"), "{why}");
            assert_eq!(stage.app.database.state(), before);
            let done = stage.call(&same, &attempt);
            assert_eq!(done.status, 200, "{}: {}", attempt.what, done.text());
        }
        // The API neither gives it nor takes it.
        for (value, token) in [(true, &stage.all), (false, &stage.all), (true, &same)] {
            let body = json!({"provisions-users": value});
            let refused = stage.call(token, &Attempt::patch("", path.clone(), body));
            assert_eq!(refused.status, 400, "{}", refused.text());
        }
        let narrower = Attempt::patch("", path, json!({"scopes": []}));
        assert_eq!(stage.call(&stage.all, &narrower).status, 200);
    }
    let whole = client(&stage, &all, |_, _| {}, true);
    for (path, body) in [
        (
            format!("{API}/clients"),
            json!({"name": "x", "provisions-users": true}),
        ),
        (
            Stage::keys_path(&stage.admin),
            json!({"description": "x", "provisions-users": true}),
        ),
    ] {
        assert_eq!(
            stage.call(&whole, &Attempt::post("", path, body)).status,
            400
        );
    }
    // What a client with the mark makes has none.
    let make = Attempt::post("", format!("{API}/clients"), json!({"name": "made"}));
    assert_eq!(
        stage.call(&whole, &make).json()["provisions-users"],
        json!(false)
    );
}

#[test]
fn the_mark_that_was_taken_away_counts_no_more_for_tokens_that_are_out() {
    let stage = Stage::set();
    let end = stage.app.act().now.plus_seconds(86_400);
    let key = stage.app.create_client(Some("admin"), MEMBERS, |new| {
        new.expires_at = Some(end);
        new.provisions_users = true;
    });
    let token = stage.app.token(&key).access_token;
    let list = format!("{API}/user-lists/{}/users", stage.admin.user_list_id);
    let make = |login: &str| {
        let new = json!({"login": login, "temporary-password": PASSWORD});
        stage
            .call(&token, &Attempt::post("", list.clone(), new))
            .status
    };
    assert_eq!(make("one"), 201);
    stage.app.write(|c, act| {
        let id = mintmark::model::ids::ClientId::parse(&key.client_id).unwrap();
        let update = mintmark::domain::clients::ClientUpdate {
            provisions_users: Some(false),
            ..Default::default()
        };
        mintmark::domain::clients::update(c, act, &id, update)
    });
    assert_eq!(make("two"), 403);
}
