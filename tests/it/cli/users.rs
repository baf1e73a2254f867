//! `user`: made, listed, switched off and on, given a password, deleted.

use std::thread;

use serde_json::json;

use super::{Shell, members};
use crate::support::count;

const PASSWORD: &str = "correct horse battery\n";

#[test]
fn a_user_is_made_and_listed_as_text_and_as_json() {
    let shell = Shell::new();
    let made = shell.json(
        &[
            "user",
            "create",
            "--login",
            "Иван.Петров",
            "--presentation",
            "Ivan P.",
            "--password-stdin",
        ],
        PASSWORD,
    );
    let admin = shell.json(&["user", "list"], "")[0].clone();
    let id = made["id"].as_str().unwrap();
    assert_eq!(id.len(), 36);
    let expected = json!({
        "created_at": made["created_at"],
        "disabled": false,
        "email": null,
        "id": id,
        "login": "Иван.Петров",
        "phone": null,
        "presentation": "Ivan P.",
        "role": "member",
        "temporary_password_ends_at": made["temporary_password_ends_at"],
        "user_list_id": admin["user_list_id"],
    });
    assert!(made["temporary_password_ends_at"].as_str() > made["created_at"].as_str());
    assert_eq!(made, expected);
    assert_eq!(shell.json(&["user", "list"], ""), json!([admin, made]));

    let password = shell.folder.path().join("password");
    std::fs::write(&password, PASSWORD).unwrap();
    let list = admin["user_list_id"].as_str().unwrap();
    let text = shell.text(
        &[
            "user",
            "create",
            "--login",
            "second",
            "--role",
            "administrator",
            "--user-list",
            list,
            "--password-file",
            password.to_str().unwrap(),
        ],
        "",
    );
    let members = members(&text);
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "id",
        "login",
        "presentation",
        "role",
        "user_list_id",
        "disabled",
        "created_at",
        "temporary_password_ends_at",
    ];
    assert_eq!(names, expected);
    let value = |name: &str| members.iter().find(|(n, _)| n == name).unwrap().1.as_str();
    assert_eq!(
        [value("login"), value("presentation"), value("role")],
        ["second", "second", "administrator"]
    );
    let table = shell.text(&["user", "list"], "");
    let logins: Vec<&str> = table
        .lines()
        .map(|l| l.split_whitespace().nth(1).unwrap())
        .collect();
    assert_eq!(logins, ["login", "admin", "second", "Иван.Петров"]);
    assert!(!table.contains("argon2"));
}

#[test]
fn a_user_that_cannot_be_is_refused_with_what_to_do() {
    let shell = Shell::new();
    let before = shell.json(&["user", "list"], "");
    let with = |login: &str, more: &[&str], stdin: &str| {
        let args = ["user", "create", "--login", login, "--password-stdin"];
        shell.refused(&[&args, more].concat(), stdin)
    };
    // The login is taken in whatever case.
    assert_eq!(
        with("ADMIN", &[], PASSWORD),
        "there is a user with this login already"
    );
    assert_eq!(
        with("x", &[], "short\n"),
        "password: a password has 12 characters at least"
    );
    assert_eq!(with("x", &[], "\n"), "standard input holds no secret");
    let long = "x".repeat(513);
    assert_eq!(
        with("x", &[], &long),
        "password: a password has 512 bytes at most"
    );
    assert_eq!(
        with("a b", &[], PASSWORD),
        "login: begins with a letter or a digit and has neither white space nor ':'"
    );
    assert_eq!(
        with("x", &["--user-list", "7"], PASSWORD),
        "--user-list: 7 is not a valid UUID"
    );
    let list = "25d2757d-ed6b-48ae-9abf-a563d00052ae";
    assert_eq!(
        with("x", &["--user-list", list], PASSWORD),
        "user list not found"
    );
    assert_eq!(
        with("x", &["--presentation", ""], PASSWORD),
        "presentation: must not be empty"
    );
    shell.misused(&["user", "create", "--login", "x"]);
    shell.misused(&["user", "create", "--password-stdin"]);
    shell.misused(&[
        "user",
        "create",
        "--login",
        "x",
        "--password-stdin",
        "--role",
        "root",
    ]);
    for act in ["disable", "enable", "delete"] {
        assert_eq!(
            shell.refused(&["user", act, "--login", "nobody"], ""),
            "user not found"
        );
    }
    let file = [
        "user",
        "set-password",
        "--login",
        "admin",
        "--password-file",
        "nowhere",
    ];
    assert_eq!(
        shell.refused(&file, ""),
        "nowhere: No such file or directory (os error 2)"
    );
    assert_eq!(shell.json(&["user", "list"], ""), before, "nothing changed");
}

#[test]
fn what_is_named_changes_of_a_user_and_the_rest_stays() {
    let shell = Shell::new();
    let create = [
        "user", "create", "--login", "anna", "--email", "a@b", "--phone", "112",
    ];
    let mut expected = shell.json(
        &[create.as_slice(), &["--password-stdin"]].concat(),
        PASSWORD,
    );
    assert_eq!(
        (&expected["email"], &expected["phone"]),
        (&json!("a@b"), &json!("112"))
    );
    for (name, value) in [
        ("presentation", json!("Анна")),
        ("email", json!("anna@example.org")),
        ("phone", json!(null)),
        ("role", json!("administrator")),
    ] {
        let option = format!("--{name}");
        let args = [
            "user",
            "update",
            "--login",
            "ANNA",
            &option,
            value.as_str().unwrap_or(""),
        ];
        expected[name] = value.clone();
        assert_eq!(shell.json(&args, ""), expected, "{name}");
    }
    assert_eq!(shell.json(&["user", "list"], "")[1], expected);
    for (args, why) in [
        (
            ["--login", "anna", "--email", "x"],
            "email: is a name, '@' and a host, without white space",
        ),
        (["--login", "nobody", "--email", ""], "user not found"),
    ] {
        let args = [["user", "update"].as_slice(), &args].concat();
        assert_eq!(shell.refused(&args, ""), why);
    }
    let last = "this is the last administrator: make another one first";
    let demote = |login| ["user", "update", "--login", login, "--role", "member"];
    assert_eq!(shell.json(&demote("admin"), "")["role"], "member");
    assert_eq!(shell.refused(&demote("anna"), ""), last);
}

#[test]
fn a_disabled_users_keys_are_refused_and_enabling_does_not_bring_tokens_back() {
    let shell = Shell::new();
    shell.create_user("second", "member");
    let key = shell.create_client(&["--user", "second", "--scope", "openid"]);
    let before = shell.app.token(&key).access_token;
    let me = |token: &str| shell.app.get("/console/api/v2/me", token).status;
    assert_eq!(me(&before), 200);

    let disabled = shell.json(&["user", "disable", "--login", "SECOND"], "");
    assert_eq!(
        (&disabled["login"], &disabled["disabled"]),
        (&json!("second"), &json!(true))
    );
    assert_eq!((shell.status(&key), me(&before)), (401, 401));
    // Once more changes nothing.
    assert_eq!(
        shell.json(&["user", "disable", "--login", "second"], ""),
        disabled
    );

    let enabled = shell.json(&["user", "enable", "--login", "second"], "");
    assert_eq!(enabled["disabled"], false);
    assert_eq!(me(&before), 401);
    assert_eq!(me(&shell.app.token(&key).access_token), 200);
}

#[test]
fn a_deleted_user_is_gone_with_all_keys_and_the_login_is_free() {
    let shell = Shell::new();
    let first = shell.create_user("second", "member");
    let key = shell.create_client(&["--user", "second", "--scope", "openid"]);
    let token = shell.app.token(&key).access_token;
    assert_eq!(shell.text(&["user", "delete", "--login", "second"], ""), "");
    assert_eq!(shell.status(&key), 401);
    assert_eq!(shell.app.get("/console/api/v2/me", &token).status, 401);
    assert_eq!(
        shell.refused(&["client", "disable", "--id", &key.client_id], ""),
        "client not found"
    );
    let again = shell.create_user("second", "member");
    assert_ne!(again["id"], first["id"]);
    assert_eq!(
        shell.json(&["client", "list", "--user", "second"], ""),
        json!([])
    );
}

#[test]
fn the_last_administrator_stays() {
    let shell = Shell::new();
    let why = "this is the last administrator: make another one first";
    shell.create_user("member", "member");
    let disabled = shell.create_user("second", "administrator");
    shell.json(&["user", "disable", "--login", "second"], "");
    for act in ["disable", "delete"] {
        assert_eq!(shell.refused(&["user", act, "--login", "admin"], ""), why);
    }
    assert_eq!(disabled["role"], "administrator");
    shell.json(&["user", "enable", "--login", "second"], "");
    shell.text(&["user", "delete", "--login", "admin"], "");
    assert_eq!(
        shell.refused(&["user", "delete", "--login", "second"], ""),
        why
    );
}

#[test]
fn of_two_administrators_that_are_switched_off_at_once_one_stays() {
    let shell = Shell::new();
    shell.create_user("second", "administrator");
    for round in 0..count(5, 100) {
        let outputs = thread::scope(|scope| {
            let disable = |login| shell.run(&["user", "disable", "--login", login], "");
            let threads = ["admin", "second"].map(|login| scope.spawn(move || disable(login)));
            threads.map(|thread| thread.join().unwrap())
        });
        let refused: Vec<String> = outputs
            .into_iter()
            .filter(|output| !output.status.success())
            .map(|output| String::from_utf8(output.stderr).unwrap())
            .collect();
        let why = "mintmark: this is the last administrator: make another one first\n";
        assert_eq!(refused, [why], "round {round}");
        for login in ["admin", "second"] {
            shell.json(&["user", "enable", "--login", login], "");
        }
    }
}

#[test]
fn a_new_password_replaces_the_old_hash() {
    let shell = Shell::new();
    let hash = || {
        let query = "SELECT password_hash || ' ' || CASE WHEN password_temporary THEN 'temporary' \
                     ELSE 'own' END AS text FROM users";
        shell.app.database.query(query).remove(0)
    };
    let before = hash();
    let set = [
        "user",
        "set-password",
        "--login",
        "admin",
        "--password-stdin",
    ];
    let shown = shell.json(&set, "another password\n");
    assert_eq!(shown["login"], "admin");
    let after = hash();
    assert_ne!(after, before);
    assert!(
        after.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{after}"
    );
    assert!(after.ends_with(" temporary"), "{after}");
    assert!(!after.contains("another"), "{after}");
    assert_eq!(
        shell.refused(&set, "short\n"),
        "password: a password has 12 characters at least"
    );
    assert_eq!(hash(), after);
}
