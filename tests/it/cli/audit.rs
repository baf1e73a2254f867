//! What the command line leaves in the audit log: every act, under the operating system's user.

use serde_json::{Value, json};

use super::Shell;
use crate::support::{TestDatabase, command, os_user};

/// What was done at the command line, but not by the test itself.
const EVENTS: &str = "SELECT actor || ' ' || kind || ' ' || object_kind || ' ' || object_id AS text \
    FROM audit_events WHERE actor LIKE 'cli:%' AND actor <> 'cli:test' ORDER BY at, id";

#[test]
fn every_act_stands_in_the_audit_log_under_the_operating_systems_user() {
    let shell = Shell::new();
    let user = shell.create_user("second", "member");
    let user = format!("user {}", user["id"].as_str().unwrap());
    let last = || shell.app.database.query(EVENTS);
    let me = os_user();
    let mut expected = vec![format!("cli:{me} user.created {user}")];
    let mut step = |args: &[&str], stdin: &str, event: &str| {
        shell.text(args, stdin);
        expected.push(format!("cli:{me} {event}"));
        let mut found = last();
        let mut wanted = expected.clone();
        // Two events of one millisecond have no order.
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{args:?}");
    };
    let password = "correct horse battery\n";
    let set_password = [
        "user",
        "set-password",
        "--login",
        "second",
        "--password-stdin",
    ];
    step(
        &set_password,
        password,
        &format!("user.password_set {user}"),
    );
    step(
        &["user", "disable", "--login", "second"],
        "",
        &format!("user.disabled {user}"),
    );
    step(
        &["user", "enable", "--login", "second"],
        "",
        &format!("user.enabled {user}"),
    );
    let import = [
        "client",
        "import",
        "--id",
        "old",
        "--secret-stdin",
        "--service",
        "ci",
    ];
    step(
        &import,
        &"x".repeat(40),
        "client.imported service_client old",
    );
    step(
        &["client", "update", "--id", "old", "--scope", "users:read"],
        "",
        "client.updated service_client old",
    );
    step(
        &["client", "rotate", "--id", "old"],
        "",
        "client.rotated service_client old",
    );
    step(
        &["client", "disable", "--id", "old"],
        "",
        "client.disabled service_client old",
    );
    step(
        &["client", "enable", "--id", "old"],
        "",
        "client.enabled service_client old",
    );
    step(
        &["client", "cut-off", "--id", "old"],
        "",
        "client.cut_off service_client old",
    );
    step(
        &["client", "delete", "--id", "old"],
        "",
        "client.deleted service_client old",
    );
    step(
        &["user", "delete", "--login", "second"],
        "",
        &format!("user.deleted {user}"),
    );
    if !TestDatabase::is_postgresql() {
        step(
            &["database", "backup", "copy.db"],
            "",
            "database.backed_up database ",
        );
    }
    // What changes nothing leaves nothing, and neither does what is refused.
    let before = last();
    shell.json(&["user", "enable", "--login", "admin"], "");
    shell.refused(&["user", "disable", "--login", "admin"], "");
    shell.refused(&["client", "delete", "--id", "old"], "");
    shell.json(&["client", "list"], "");
    assert_eq!(last(), before);
}

#[test]
fn no_variable_says_who_acts_and_what_sudo_says_is_told_apart() {
    let shell = Shell::new();
    let me = os_user();
    for (number, (sudo, claimed)) in [
        ("anna", " (sudo: anna)"),
        ("", ""),
        ("anna) or (root", ""),
        ("a\u{1b}[31m", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("sudo-{number}");
        let keys = shell.app.keys_dir.to_str().unwrap();
        let args = ["--keys-dir", keys, "client", "create", "--service", &name];
        let mut create = command(shell.folder.path(), &shell.app.database.url_text(), &args);
        for name in ["USER", "LOGNAME", "USERNAME"] {
            create.env(name, "mallory");
        }
        let created = create.env("SUDO_USER", sudo).output().unwrap();
        assert!(created.status.success(), "{created:?}");
        let actor =
            format!("SELECT actor AS text FROM audit_events WHERE details LIKE '%\"{name}\"%'");
        let actor = shell.app.database.query(&actor);
        assert_eq!(actor, [format!("cli:{me}{claimed}")]);
    }
}

#[test]
fn an_event_says_what_was_before_and_after_and_holds_no_secret() {
    let shell = Shell::new();
    let args = [
        "--service",
        "ci",
        "--scope",
        "users:read audit:read",
        "--lifetime",
        "10m",
    ];
    let client = shell.create_client(&args);
    let id = client.client_id.as_str();
    shell.json(
        &["client", "update", "--id", id, "--scope", "users:read"],
        "",
    );
    let details = format!(
        "SELECT details AS text FROM audit_events WHERE object_id = '{id}' ORDER BY at, kind"
    );
    let details = shell.app.database.query(&details);
    let created: Value = serde_json::from_str(&details[0]).unwrap();
    let updated: Value = serde_json::from_str(&details[1]).unwrap();
    assert_eq!(created["scope"], "users:read audit:read");
    // What changed, and nothing of what stayed.
    assert_eq!(
        updated,
        json!({
            "name": "ci",
            "before": {"scope": "users:read audit:read"},
            "after": {"scope": "users:read"},
        })
    );
    let all = shell
        .app
        .database
        .query("SELECT details AS text FROM audit_events")
        .concat();
    assert!(
        !all.contains(&client.client_secret) && !all.contains("mms_"),
        "{all}"
    );
}
