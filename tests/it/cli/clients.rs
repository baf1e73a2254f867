//! `client`: made, listed, changed, switched off and on, deleted.

use std::thread;

use serde_json::json;

use super::{Shell, credentials, members};

const ALL: &str = "openid applications:read applications:write users:read users:write keys:read \
    keys:write audit:read introspect";

#[test]
fn a_key_is_made_as_json_and_as_text_and_its_secret_is_shown_once() {
    let shell = Shell::new();
    let made = shell.json(
        &["client", "create", "--user", "admin", "--scope", "openid"],
        "",
    );
    let key = credentials(&made);
    assert_eq!(
        made,
        json!({"client_id": key.client_id, "client_secret": key.client_secret, "scope": "openid"})
    );
    assert!(key.client_id.starts_with("mmk_") && key.client_id.len() == 26);
    assert!(key.client_secret.starts_with("mms_") && key.client_secret.len() == 53);
    assert_eq!(shell.app.token(&key).answer["scope"], "openid");

    let text = shell.text(
        &[
            "client",
            "create",
            "--service",
            "ci",
            "--scope",
            "users:read",
        ],
        "",
    );
    let members = members(&text);
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["client_id", "client_secret", "scope"]);
    assert_eq!(members[2].1, "users:read");

    let listed = shell.text(&["client", "list"], "")
        + &shell.text(&["client", "list", "--output", "json"], "");
    assert!(listed.contains(&key.client_id) && listed.contains(&members[0].1));
    for secret in [
        &key.client_secret,
        &members[1].1,
        &shell.app.first.client_secret,
    ] {
        assert!(!listed.contains(secret.as_str()));
    }
    assert!(!listed.contains("digest") && !listed.contains("mms_"));
}

#[test]
fn a_key_without_scope_may_do_all_that_its_owner_may_and_the_answer_says_so() {
    let shell = Shell::new();
    shell.create_user("second", "member");
    let whole = [
        ("admin", ALL),
        (
            "second",
            "openid applications:read users:read keys:read keys:write",
        ),
    ];
    for (login, scope) in whole {
        let output = shell.run(
            &["client", "create", "--user", login, "--output", "json"],
            "",
        );
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "Without --scope the key may do all that its owner may.\n"
        );
        let made = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(shell.app.token(&credentials(&made)).answer["scope"], scope);
    }
    // A service client has only what was ticked.
    let service = shell.create_client(&["--service", "ci"]);
    let refused = shell
        .app
        .post_token(&service, "grant_type=client_credentials");
    assert_eq!(refused.json()["error"], "invalid_target");
}

#[test]
fn every_member_of_a_client_can_be_given_and_changed_and_what_is_omitted_stays() {
    let shell = Shell::new();
    let all = [
        "client",
        "create",
        "--service",
        "ci",
        "--description",
        "builds",
        "--scope",
        "users:read audit:read",
        "--lifetime",
        "10m",
        "--expires-in",
        "90d",
        "--allow-ip",
        "127.0.0.0/8",
        "--allow-ip",
        "2001:db8::1",
    ];
    let made = shell.json(&all, "");
    let id = made["client_id"].as_str().unwrap();
    let listed = || {
        let clients = shell.json(&["client", "list"], "");
        let mine = clients
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["client_id"] == id);
        mine.unwrap().clone()
    };
    let before = listed();
    let expected = json!({
        "allowed_networks": "127.0.0.0/8 2001:db8::1/128",
        "application_scopes": [],
        "audiences": [],
        "client_id": id,
        "created_at": before["created_at"],
        "default_audience": null,
        "description": "builds",
        "disabled": false,
        "expires_at": before["expires_at"],
        "kind": "service_client",
        "lifetime": 600,
        "name": "ci",
        "provisions_users": false,
        "scope": "users:read audit:read",
        "user_id": null,
    });
    assert_eq!(before, expected);
    let lives =
        "SELECT CAST(expires_at - created_at AS TEXT) AS text FROM clients WHERE name = 'ci'";
    assert_eq!(shell.app.database.query(lives), ["7776000000"]);

    let changes: [(&[&str], &str, serde_json::Value); 5] = [
        (&["--description", "ships"], "description", json!("ships")),
        (&["--scope", "users:read"], "scope", json!("users:read")),
        (&["--lifetime", "60s"], "lifetime", json!(60)),
        (
            &["--allow-ip", "127.0.0.1"],
            "allowed_networks",
            json!("127.0.0.1/32"),
        ),
        (&["--scope", ""], "scope", json!("")),
    ];
    let mut expected = before;
    for (args, name, value) in changes {
        expected[name] = value;
        let shown = shell.json(&[&["client", "update", "--id", id], args].concat(), "");
        assert_eq!(shown, expected);
        assert_eq!(listed(), expected);
    }
    let shown = shell.json(&["client", "update", "--id", id, "--expires-in", "1h"], "");
    assert_ne!(shown["expires_at"], expected["expires_at"]);
    expected["expires_at"] = shown["expires_at"].clone();
    assert_eq!(listed(), expected);
    // What was given can be taken away again.
    let update = ["client", "update", "--id", id];
    let taken = [&update[..], &["--no-expiry", "--any-ip", "--no-audience"]].concat();
    let shown = shell.json(&taken, "");
    expected["expires_at"] = serde_json::Value::Null;
    expected["allowed_networks"] = "".into();
    expected["audiences"] = serde_json::json!([]);
    assert_eq!(shown, expected);
    let why = "nothing to change: give at least one option";
    assert_eq!(shell.refused(&update, ""), why);
    assert_eq!(listed(), expected);
}

#[test]
fn an_access_keys_description_is_its_name() {
    let shell = Shell::new();
    let key = shell.create_client(&[
        "--user",
        "admin",
        "--scope",
        "openid",
        "--description",
        "Laptop",
    ]);
    let shown = shell.json(
        &[
            "client",
            "update",
            "--id",
            &key.client_id,
            "--description",
            "Desk",
        ],
        "",
    );
    assert_eq!(
        (&shown["name"], &shown["description"]),
        (&json!("Desk"), &json!(""))
    );
    let list = shell.json(&["client", "list", "--user", "admin"], "");
    let names: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["First key", "Desk"]);
}

#[test]
fn a_client_that_cannot_be_is_refused_with_what_to_do() {
    let shell = Shell::new();
    shell.create_user("second", "member");
    let before = shell.json(&["client", "list"], "");
    let cases: [(&[&str], &str); 13] = [
        (&["--user", "nobody"], "user not found"),
        (
            &["--user", "second", "--scope", "users:write"],
            "scope: more than a member may have",
        ),
        (
            &["--service", "x", "--scope", "openid"],
            "scope: a service client acts for itself and cannot have the scope openid",
        ),
        (
            &[
                "--user",
                "admin",
                "--scope",
                "openid",
                "--audience",
                "https://a.example",
            ],
            "audience: an access key's audiences are those of its user: it cannot list any",
        ),
        (
            &["--service", "x", "--audience", "https://a.example"],
            "audience: there is no application with this uri",
        ),
        (
            &["--service", "x", "--lifetime", "59s"],
            "lifetime: a token lives 60 seconds at least and 1 hour at most",
        ),
        (
            &["--service", "x", "--lifetime", "2h"],
            "lifetime: a token lives 60 seconds at least and 1 hour at most",
        ),
        (
            &["--service", "x", "--expires-in", "0s"],
            "expires-at: expires in the past",
        ),
        (
            &["--service", "x", "--expires-in", "4000000d"],
            "expires-at: is 9999-12-31T23:59:59.999Z at most",
        ),
        (&["--service", ""], "name: must not be empty"),
        (
            &["--service", "\tx"],
            "name: must not hold control characters",
        ),
        (
            &["--service", "a\u{1b}[2Jb"],
            "name: must not hold control characters",
        ),
        (
            &["--service", &"x".repeat(101)],
            "name: has at most 100 characters",
        ),
    ];
    for (args, why) in cases {
        let create = [&["client", "create"], args].concat();
        assert_eq!(shell.refused(&create, ""), why, "{args:?}");
    }
    let misuses: [&[&str]; 7] = [
        &["client", "create"],
        &["client", "create", "--user", "admin", "--service", "x"],
        &["client", "create", "--service", "x", "--lifetime", "ten"],
        &[
            "client",
            "create",
            "--service",
            "x",
            "--allow-ip",
            "10.0.0.0/33",
        ],
        &[
            "client",
            "create",
            "--service",
            "x",
            "--scope",
            "everything",
        ],
        &["client", "disable"],
        &["client", "mint"],
    ];
    for args in misuses {
        shell.misused(args);
    }
    for act in ["update", "rotate", "disable", "enable", "delete"] {
        assert_eq!(
            shell.refused(&["client", act, "--id", "mmk_x"], ""),
            "client not found"
        );
        assert_eq!(
            shell.refused(&["client", act, "--id", "a:b"], ""),
            "--id: a client id has printable ASCII characters only, and no ':', '%' or '+'"
        );
    }
    assert_eq!(
        shell.json(&["client", "list"], ""),
        before,
        "nothing was made"
    );
}

#[test]
fn a_client_is_switched_off_and_on_and_deleted_for_good() {
    let shell = Shell::new();
    let key = shell.create_client(&["--user", "admin", "--scope", "openid"]);
    let id = key.client_id.as_str();
    let token = shell.app.token(&key).access_token;
    let me = |token: &str| shell.app.get("/console/api/v2/me", token).status;

    assert_eq!(
        shell.json(&["client", "disable", "--id", id], "")["disabled"],
        true
    );
    assert_eq!((shell.status(&key), me(&token)), (401, 401));
    assert_eq!(
        shell.json(&["client", "enable", "--id", id], "")["disabled"],
        false
    );
    assert_eq!(me(&token), 401, "what was issued before stays refused");
    let token = shell.app.token(&key).access_token;
    assert_eq!(me(&token), 200);

    assert_eq!(shell.text(&["client", "delete", "--id", id], ""), "");
    assert_eq!((shell.status(&key), me(&token)), (401, 401));
    assert_eq!(
        shell.refused(&["client", "enable", "--id", id], ""),
        "client not found"
    );
    assert!(!shell.text(&["client", "list"], "").contains(id));
}

#[test]
fn a_user_has_fifty_keys_at_most_also_when_the_last_two_come_at_once() {
    let shell = Shell::new();
    let create = ["client", "create", "--user", "admin", "--scope", "openid"];
    // The first start made one.
    for _ in 1..49 {
        shell.app.create_key("admin", "openid");
    }
    let outputs = thread::scope(|scope| {
        let threads = [(); 2].map(|()| scope.spawn(|| shell.run(&create, "")));
        threads.map(|thread| thread.join().unwrap())
    });
    let made = outputs
        .iter()
        .filter(|output| output.status.success())
        .count();
    assert_eq!(made, 1);
    let why = "a user has at most 50 access keys";
    assert_eq!(shell.refused(&create, ""), why);
    let import = [
        "client",
        "import",
        "--id",
        "old",
        "--user",
        "admin",
        "--secret-stdin",
    ];
    assert_eq!(shell.refused(&import, &"x".repeat(40)), why);
    let list = shell.json(&["client", "list", "--user", "admin"], "");
    let keys = list.as_array().unwrap();
    assert_eq!(keys.len(), 50);
    let id = keys[7]["client_id"].as_str().unwrap();
    shell.text(&["client", "delete", "--id", id], "");
    shell.json(&create, "");
}
