//! Where settings and secrets may come from: variables, files, standard input, never an argument.

use std::process::{Command, Output};

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
fn every_option_is_a_variable_too_and_the_option_wins() {
    let shell = Shell::new();
    let url = shell.app.database.url_text();
    let keys = shell.app.keys_dir.to_str().unwrap();
    let variables = [
        ("MINTMARK_DATABASE_URL", url.as_str()),
        ("MINTMARK_KEYS_DIR", keys),
        ("MINTMARK_OUTPUT", "json"),
        ("MINTMARK_SERVICE", "by variable"),
        ("MINTMARK_SCOPE", "users:read"),
    ];
    let made = bare(&shell, &variables, &["client", "create"]);
    assert_eq!(said(&made), (Some(0), String::new()));
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(made["scope"], "users:read");
    let made = bare(
        &shell,
        &variables,
        &[
            "client",
            "create",
            "--scope",
            "audit:read",
            "--output",
            "text",
        ],
    );
    let text = String::from_utf8(made.stdout).unwrap();
    assert!(text.ends_with("scope:         audit:read\n"), "{text}");
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
