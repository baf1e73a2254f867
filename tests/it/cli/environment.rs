//! Where settings and secrets may come from: variables, files, standard input, never an argument.

use std::process::{Command, Output};

use mintmark::model::scope::Role;

use super::Shell;
use crate::support::command;

/// The command line without any variable but those given.
fn bare(shell: &Shell, variables: &[(&str, &str)], args: &[&str]) -> Output {
    let mut bare: Command = command(shell.folder.path(), "", args);
    bare.env_remove("MINTMARK_DATABASE_URL")
        .envs(variables.iter().copied());
    bare.output().unwrap()
}

fn said(output: &Output) -> (Option<i32>, String) {
    (
        output.status.code(),
        String::from_utf8(output.stderr.clone()).unwrap(),
    )
}

#[test]
fn a_setting_is_a_variable_too_and_the_option_wins() {
    let shell = Shell::new();
    let url = shell.app.database.url_text();
    let variables = [
        ("MINTMARK_DATABASE_URL", url.as_str()),
        ("MINTMARK_KEYS_DIR", "/nowhere"),
    ];
    let keys = shell.app.keys_dir.to_str().unwrap();
    let create = ["client", "create", "--service", "x"];
    let made = bare(&shell, &variables, &create);
    assert!(said(&made).1.contains("/nowhere"), "{made:?}");
    let made = bare(
        &shell,
        &variables,
        &[&create[..], &["--keys-dir", keys]].concat(),
    );
    assert_eq!(said(&made), (Some(0), String::new()));
}

#[test]
fn what_a_command_acts_on_and_changes_comes_from_its_command_line_alone() {
    let shell = Shell::new();
    let url = shell.app.database.url_text();
    let keys = shell.app.keys_dir.to_str().unwrap();
    shell.app.create_user("ivan", Role::Member);
    let whole = "openid applications:read users:read";
    let key = shell.create_client(&["--user", "admin", "--scope", whole]);
    let variables = [
        ("MINTMARK_DATABASE_URL", url.as_str()),
        ("MINTMARK_KEYS_DIR", keys),
        ("MINTMARK_SCOPE", "openid"),
        ("MINTMARK_ALLOW_IP", "192.0.2.1"),
        ("MINTMARK_NO_EXPIRY", "true"),
        ("MINTMARK_USER", "nobody"),
        ("MINTMARK_LOGIN", "ivan"),
        ("MINTMARK_ID", key.client_id.as_str()),
        ("MINTMARK_SERVICE", "by variable"),
        ("MINTMARK_OUTPUT", "json"),
    ];
    let id = ["--id", key.client_id.as_str()];
    let update = ["client", "update", "--description", "x"];
    let updated = bare(&shell, &variables, &[&update[..], &id].concat());
    assert_eq!(said(&updated), (Some(0), String::new()));
    let client = shell.app.client(&key);
    assert_eq!(
        (client.name.as_str(), client.scope.to_string().as_str()),
        ("x", whole)
    );
    assert!(client.allowed_networks.is_empty());
    let listed = bare(&shell, &variables, &["client", "list"]);
    let text = String::from_utf8(listed.stdout).unwrap();
    assert!(text.contains(&key.client_id), "{text}");
    // Without an argument nothing is named.
    for args in [
        &["user", "disable"][..],
        &["user", "delete"],
        &["client", "delete"],
        &["client", "create"],
    ] {
        let refused = bare(&shell, &variables, args);
        assert_eq!(refused.status.code(), Some(2), "{args:?}: {refused:?}");
    }
    let users = shell.json(&["user", "list"], "");
    assert_eq!(users.as_array().unwrap().len(), 2);
    assert!(users[1]["disabled"] == false && users[0]["disabled"] == false);
}

#[test]
fn a_token_is_asked_for_with_variables_too() {
    let shell = Shell::new();
    let server = shell.app.url("");
    let key = shell.create_client(&["--user", "admin", "--scope", "openid users:read"]);
    let secret = shell.folder.path().join("secret");
    std::fs::write(&secret, &key.client_secret).unwrap();
    let variables = [
        ("MINTMARK_SERVER", server.as_str()),
        ("MINTMARK_CLIENT_ID", key.client_id.as_str()),
        ("MINTMARK_SECRET_FILE", secret.to_str().unwrap()),
        ("MINTMARK_SCOPE", "users:read"),
        // A proxy is not for loopback, and one for https not for http.
        ("https_proxy", "http://127.0.0.1:1"),
        ("ALL_PROXY", "http://127.0.0.1:1"),
    ];
    let asked = bare(&shell, &variables, &["token", "--decode"]);
    assert_eq!(said(&asked), (Some(0), String::new()));
    let decoded: serde_json::Value = serde_json::from_slice(&asked.stdout).unwrap();
    assert_eq!(decoded["access_token"]["claims"]["scope"], "users:read");
}

#[test]
fn a_database_on_another_host_needs_a_word_on_tls() {
    let shell = Shell::new();
    let why = "mintmark: the database is on another host, and its URL does not say how the way \
        there is protected: add sslmode=verify-full (with sslrootcert=FILE, or \
        sslrootcert=system), or sslmode=disable where nobody can listen\n";
    let url = "postgres://u:hush@db.invalid/x";
    let commands: [&[&str]; 3] = [&["user", "list"], &["serve"], &["database", "check"]];
    for args in commands {
        let refused = bare(&shell, &[("MINTMARK_DATABASE_URL", url)], args);
        assert_eq!(said(&refused), (Some(1), why.to_owned()), "{args:?}");
    }
    let said_so = format!("{url}?sslmode=disable");
    let tried = bare(
        &shell,
        &[("MINTMARK_DATABASE_URL", &said_so)],
        &["user", "list"],
    );
    let (code, text) = said(&tried);
    assert_eq!(code, Some(1));
    assert!(
        text.starts_with("mintmark: the database is unavailable: "),
        "{text}"
    );
}

#[test]
fn a_database_url_with_a_password_is_taken_from_a_variable_or_a_file_and_refused_as_an_argument() {
    let shell = Shell::new();
    let why = "mintmark: a password in --database-url shows in every list of processes: put the \
        URL into MINTMARK_DATABASE_URL, or into a file for --database-url-file\n";
    let urls = [
        "postgres://u:hush@127.0.0.1:1/db",
        "postgresql://u:hush@127.0.0.1:1/db",
        "postgres://u@127.0.0.1:1/db?password=hush",
        "postgres://u@127.0.0.1:1/db?sslmode=disable&password=hush",
        // libpq takes several hosts, which is no URL to others.
        "postgres://u:hush@127.0.0.1:1,127.0.0.1:2/db",
        "postgres://u@127.0.0.1:1,127.0.0.1:2/db?password=hush",
        "postgres://u@127.0.0.1:1/db?pass%77ord=hush",
    ];
    for url in urls {
        let commands: [&[&str]; 3] = [&["user", "list"], &["serve"], &["database", "migrate"]];
        for args in commands {
            let refused = bare(&shell, &[], &[&["--database-url", url], args].concat());
            assert_eq!(said(&refused), (Some(1), why.to_owned()), "{url} {args:?}");
        }
        let file = shell.folder.path().join("url");
        std::fs::write(&file, format!("{url}\n")).unwrap();
        let by_file = bare(
            &shell,
            &[("MINTMARK_DATABASE_URL_FILE", "url")],
            &["user", "list"],
        );
        let by_variable = bare(&shell, &[("MINTMARK_DATABASE_URL", url)], &["user", "list"]);
        for tried in [by_file, by_variable] {
            // It was tried, and nobody is there.
            let (code, text) = said(&tried);
            assert_eq!(code, Some(1));
            assert!(
                text.starts_with("mintmark: the database is unavailable: "),
                "{text}"
            );
            assert!(!text.contains("hush"), "{text}");
        }
    }
    let without = bare(
        &shell,
        &[],
        &[
            "--database-url",
            "postgres://u@127.0.0.1:1/db",
            "user",
            "list",
        ],
    );
    assert!(
        said(&without)
            .1
            .starts_with("mintmark: the database is unavailable: ")
    );
}

#[test]
fn the_database_url_comes_from_one_place_and_is_one() {
    let shell = Shell::new();
    let folder = shell.folder.path();
    std::fs::write(
        folder.join("url"),
        format!("  {}\n\n", shell.app.database.url_text()),
    )
    .unwrap();
    let file = ["--database-url-file", "url", "user", "list"];
    assert_eq!(said(&bare(&shell, &[], &file)), (Some(0), String::new()));
    let twice = bare(&shell, &[("MINTMARK_DATABASE_URL", "sqlite:x")], &file);
    let why = "mintmark: give --database-url or --database-url-file, not both\n";
    assert_eq!(said(&twice), (Some(1), why.to_owned()));
    let missing = bare(
        &shell,
        &[],
        &["--database-url-file", "nowhere", "user", "list"],
    );
    let why = "mintmark: cannot read the database URL from nowhere: No such file or directory (os \
        error 2)\n";
    assert_eq!(said(&missing), (Some(1), why.to_owned()));
    let why = "mintmark: a database URL begins with sqlite: (then a path) or with postgres://\n";
    for url in [
        "mysql://x/y",
        "host=db dbname=m password=hush",
        "mintmark.db",
    ] {
        let refused = bare(&shell, &[("MINTMARK_DATABASE_URL", url)], &["user", "list"]);
        assert_eq!(said(&refused), (Some(1), why.to_owned()), "{url}");
    }
    // An empty variable, as compose files leave it, counts as absent.
    let empty = bare(&shell, &[("MINTMARK_DATABASE_URL", "")], &["user", "list"]);
    let why = "mintmark: there is no database at data/mintmark.db: start `mintmark serve` once, or \
        point --database-url to the one that you mean\n";
    assert_eq!(said(&empty), (Some(1), why.to_owned()));
    // A path is never made into a database by asking for what is in it.
    let nowhere = bare(
        &shell,
        &[],
        &["--database-url", "sqlite:nowhere.db", "user", "list"],
    );
    let why = "mintmark: there is no database at nowhere.db: start `mintmark serve` once, or point \
        --database-url to the one that you mean\n";
    assert_eq!(said(&nowhere), (Some(1), why.to_owned()));
    assert!(!folder.join("nowhere.db").exists());
}

#[test]
fn no_option_takes_a_secret() {
    let shell = Shell::new();
    let commands: [&[&str]; 6] = [
        &[
            "user",
            "create",
            "--login",
            "x",
            "--password",
            "correct horse battery",
        ],
        &[
            "user",
            "set-password",
            "--login",
            "admin",
            "--password",
            "correct horse battery",
        ],
        &[
            "client",
            "import",
            "--id",
            "x",
            "--service",
            "x",
            "--secret",
            "s",
        ],
        &[
            "client",
            "import",
            "--id",
            "x",
            "--service",
            "x",
            "--client-secret",
            "s",
        ],
        &[
            "token",
            "--server",
            "http://127.0.0.1:1",
            "--client-id",
            "x",
            "--client-secret",
            "s",
        ],
        &["serve", "--database-password", "s"],
    ];
    for args in commands {
        let said = shell.misused(args);
        assert!(said.contains("unexpected argument"), "{said}");
    }
}

#[test]
fn help_shows_no_value_of_a_variable_that_can_hold_a_secret() {
    let shell = Shell::new();
    let variables = [("MINTMARK_DATABASE_URL", "postgres://u:hush@db/x")];
    for args in [
        &["--help"][..],
        &["user", "list", "--help"],
        &["serve", "--help"],
    ] {
        let output = bare(&shell, &variables, args);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("MINTMARK_DATABASE_URL"), "{text}");
        assert!(!text.contains("hush"), "{text}");
    }
}
