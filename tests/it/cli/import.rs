//! `client import`: a client from another system, with its id and secret as they are.

use serde_json::json;

use super::Shell;
use crate::support::Credentials;

const ID: &str = "vQBFm9ZCcVfaWfOfvPNunkZgpocpIA1xfMnlnip6duk=";
const SECRET: &str = "old~secret/with+signs=and&others%21#1234";

fn import(id: &str) -> [&str; 9] {
    [
        "client",
        "import",
        "--id",
        id,
        "--secret-stdin",
        "--user",
        "admin",
        "--scope",
        "openid applications:read",
    ]
}

#[test]
fn an_imported_pair_works_as_it_is() {
    let shell = Shell::new();
    let more = ["--description", "Old console"];
    let shown = shell.json(&[&import(ID)[..], &more].concat(), &format!("{SECRET}\n"));
    let expected = json!({
        "allowed_networks": "",
        "application_scopes": [],
        "audiences": [],
        "client_id": ID,
        "created_at": shown["created_at"],
        "default_audience": null,
        "description": "",
        "disabled": false,
        "expires_at": null,
        "kind": "access_key",
        "lifetime": 3600,
        "name": "Old console",
        "provisions_users": false,
        "scope": "openid applications:read",
        "user_id": shown["user_id"],
    });
    assert_eq!(shown, expected);
    let client = Credentials {
        client_id: ID.to_owned(),
        client_secret: SECRET.to_owned(),
    };
    let issued = shell.app.token(&client);
    assert_eq!(issued.answer["scope"], "openid applications:read");
    assert_eq!(
        shell
            .app
            .get("/console/api/v2/me", &issued.access_token)
            .status,
        200
    );
    // As text, from a file with no line end, for a service client.
    let file = shell.folder.path().join("secret");
    std::fs::write(&file, SECRET).unwrap();
    let file = file.to_str().unwrap();
    let args = [
        "client",
        "import",
        "--id",
        "old-ci",
        "--secret-file",
        file,
        "--service",
        "ci",
        "--scope",
        "users:read",
    ];
    let text = shell.text(&args, "");
    assert!(!text.contains(SECRET), "{text}");
    let client = Credentials {
        client_id: "old-ci".to_owned(),
        ..client
    };
    assert_eq!(shell.status(&client), 200);
}

#[test]
fn an_id_is_never_used_twice() {
    let shell = Shell::new();
    let why = "this client id is, or was, in use: an id is never used twice";
    shell.json(&import("old"), SECRET);
    assert_eq!(shell.refused(&import("old"), SECRET), why);
    shell.text(&["client", "delete", "--id", "old"], "");
    assert_eq!(
        shell.refused(&import("old"), SECRET),
        why,
        "nor after it was deleted"
    );
    // Nor one of our own.
    assert_eq!(
        shell.refused(&import(&shell.app.first.client_id), SECRET),
        why
    );
    // Nor that of a user who is gone.
    shell.create_user("second", "member");
    let args = [
        "client",
        "import",
        "--id",
        "theirs",
        "--secret-stdin",
        "--user",
        "second",
        "--scope",
        "openid",
    ];
    shell.json(&args, SECRET);
    shell.text(&["user", "delete", "--login", "second"], "");
    assert_eq!(shell.refused(&import("theirs"), SECRET), why);
}

#[test]
fn an_id_that_could_be_taken_for_something_else_is_refused() {
    let shell = Shell::new();
    let shape = "--id: a client id must not look like a UUID or a URI: a token's subject would be \
        ambiguous";
    let character = "--id: a client id has printable ASCII characters only, and no ':', '%' or '+'";
    let length = "--id: a client id has 1 to 256 characters";
    let long = "x".repeat(257);
    let cases = [
        ("25d2757d-ed6b-48ae-9abf-a563d00052ae", shape),
        ("25D2757D-ED6B-48AE-9ABF-A563D00052AE", shape),
        ("25d2757ded6b48ae9abfa563d00052ae", shape),
        ("{25d2757d-ed6b-48ae-9abf-a563d00052ae}", shape),
        ("//host/path", shape),
        ("https://host/path", character),
        ("urn:uuid:25d2757d-ed6b-48ae-9abf-a563d00052ae", character),
        ("a%41", character),
        ("a+b", character),
        ("a b", character),
        ("ключ", character),
        ("", length),
        (long.as_str(), length),
    ];
    for (id, why) in cases {
        assert_eq!(shell.refused(&import(id), SECRET), why, "{id}");
    }
}

#[test]
fn a_secret_that_is_too_weak_to_take_is_refused_and_not_shown() {
    let shell = Shell::new();
    let why = "secret: a secret has 32 to 256 printable ASCII characters";
    let secrets = [
        "x".repeat(31),
        "x".repeat(257),
        format!("{} {}", "x".repeat(20), "y".repeat(20)),
        format!("{}\t", "x".repeat(40)),
        "ключ".repeat(10),
    ];
    for secret in secrets {
        assert_eq!(shell.refused(&import("old"), &secret), why);
    }
    assert_eq!(
        shell.refused(&import("old"), "\r\n"),
        "standard input holds no secret"
    );
    // None of these took the id.
    shell.json(&import("old"), &"x".repeat(32));
    let both = [
        "client",
        "import",
        "--id",
        "z",
        "--secret-stdin",
        "--secret-file",
        "f",
        "--user",
        "admin",
    ];
    shell.misused(&both);
    shell.misused(&["client", "import", "--id", "z", "--user", "admin"]);
    shell.misused(&[
        "client", "import", "--id", "z", "--user", "admin", "--secret", "s",
    ]);
}
