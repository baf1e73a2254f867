//! `database`: check, and a back-up while the server writes, which can be restored.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;

use super::{Shell, members};
use crate::support::{Process, Request, TestDatabase, basic};

#[test]
fn a_sound_database_checks_well() {
    let shell = Shell::new();
    let expected = json!({
        "integrity": "ok", "master_key": "ok", "schema": "current", "signing_keys": 2,
    });
    assert_eq!(shell.json(&["database", "check"], ""), expected);
    let text = members(&shell.text(&["database", "check"], ""));
    let expected = [
        ("schema", "current"),
        ("integrity", "ok"),
        ("master_key", "ok"),
        ("signing_keys", "2"),
    ];
    assert_eq!(
        text,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    assert_eq!(
        shell.json(&["database", "migrate"], ""),
        json!({"migrations_run": 0})
    );
}

#[test]
fn a_damaged_file_is_found_by_the_check() {
    if TestDatabase::is_postgresql() {
        // PostgreSQL checks its own files.
        return;
    }
    let shell = Shell::new();
    for _ in 0..40 {
        shell.app.create_key("admin", "openid");
    }
    shell
        .app
        .database
        .execute("PRAGMA wal_checkpoint(TRUNCATE)");
    let copy = shell.folder.path().join("copy.db");
    let mut bytes = std::fs::read(shell.app.database.file().unwrap()).unwrap();
    // The last entry of an index is lost: its table has a row that it does not name.
    let root: usize = shell
        .app
        .database
        .query("SELECT CAST(rootpage AS TEXT) AS text FROM sqlite_master WHERE name = 'clients_by_user'")
        .remove(0)
        .parse()
        .unwrap();
    let page = &mut bytes[(root - 1) * 4096..root * 4096];
    // The number of cells stands at offset 3 of a page's header, in two bytes.
    page[4] -= 1;
    std::fs::write(&copy, bytes).unwrap();
    let url = format!("sqlite:{}", copy.display());
    let args = ["--database-url", url.as_str(), "database", "check"];
    let output = shell.run(&args, "");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), output.stdout.len()),
        (Some(1), 0),
        "{said}"
    );
    let why = said
        .strip_prefix("mintmark: the database is damaged: ")
        .unwrap();
    assert!(why.contains("missing from index clients_by_user"), "{why}");
    assert!(why.ends_with(": restore it from a back-up\n"), "{why}");
}

/// Loads a back-up into a database of its own.
fn restore(backup: &Path) -> TestDatabase {
    let database = TestDatabase::create();
    match database.file() {
        Some(file) => {
            std::fs::copy(backup, file).unwrap();
        }
        None => {
            let mut restore = Command::new("pg_restore");
            restore.args([
                "--exit-on-error",
                "--no-owner",
                "--dbname",
                &database.url_text(),
            ]);
            let output = restore.arg(backup).output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
    }
    database
}

#[test]
fn a_backup_while_the_server_writes_can_be_restored_with_the_keys() {
    let shell = Shell::new();
    let key = shell.create_client(&["--user", "admin", "--scope", "openid applications:read"]);
    let writer = shell.app.create_key("admin", "applications:write");
    let token = shell.app.token(&writer).access_token;
    let stop = AtomicBool::new(false);
    let backup = shell.folder.path().join("backup");
    let (shown, before, after) = thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut made = 0;
            while !stop.load(Ordering::Relaxed) {
                let body = application(made);
                let request = Request::json("POST", "/console/api/v2/applications", &body);
                let answer = shell.app.send(request.bearer(&token));
                assert_eq!(answer.status, 200, "{}", answer.text());
                made += 1;
            }
            made
        });
        while applications(&shell.app.database) < 5 {
            thread::yield_now();
        }
        let before = applications(&shell.app.database);
        let shown = shell.json(&["database", "backup", backup.to_str().unwrap()], "");
        stop.store(true, Ordering::Relaxed);
        (shown, before, writing.join().unwrap())
    });
    let meta = backup.metadata().unwrap();
    assert_eq!(meta.permissions().mode() & 0o7777, 0o600);
    assert_eq!(
        shown,
        json!({"file": backup.to_str().unwrap(), "bytes": meta.len()})
    );
    let mut entries = crate::start::names(shell.folder.path());
    entries.retain(|name| name != "backup");
    assert_eq!(entries, [""; 0], "nothing is left beside it");

    let restored = restore(&backup);
    let kept = applications(&restored);
    assert!((before..=after).contains(&kept), "{before} {kept} {after}");
    let folder = shell.app.keys_dir.parent().unwrap();
    let server = Process::start(folder, &restored.url_text(), &[]);
    let basic = basic(&key.client_id, &key.client_secret);
    let form = Request::token("grant_type=client_credentials");
    let answer = server.send(&form.header("authorization", &basic));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let page = "/console/api/v2/applications?result=page&size=1";
    let list = server.send(&Request::new("GET", page).bearer(&token));
    assert_eq!(list.status, 200, "{}", list.text());
}

fn application(number: usize) -> serde_json::Value {
    json!({
        "source": {"type": "repository", "image-id": "25d2757d-ed6b-48ae-9abf-a563d00052ae"},
        "display-name": "An application",
        "publication-context": format!("a{number}"),
        "development-mode": false,
    })
}

fn applications(database: &TestDatabase) -> usize {
    let count = "SELECT CAST(count(*) AS TEXT) AS text FROM applications";
    database.query(count)[0].parse().unwrap()
}

#[test]
fn a_backup_is_private_under_any_umask_and_overwrites_nothing() {
    let shell = Shell::new();
    let there = shell.folder.path().join("there");
    std::fs::write(&there, "kept").unwrap();
    let path = there.to_str().unwrap();
    let why = format!("cannot back up into {path}: it exists: choose a new name");
    assert_eq!(shell.refused(&["database", "backup", path], ""), why);
    assert_eq!(std::fs::read_to_string(&there).unwrap(), "kept");
    let nowhere = shell.folder.path().join("no/where");
    let path = nowhere.to_str().unwrap();
    let why = format!("cannot back up into {path}: No such file or directory (os error 2)");
    assert_eq!(shell.refused(&["database", "backup", path], ""), why);
    for umask in ["000", "077"] {
        let name = format!("backup-{umask}");
        let args = ["database", "backup", &name];
        let backup =
            crate::support::command(shell.folder.path(), &shell.app.database.url_text(), &args);
        let mut shell_command = Command::new("sh");
        shell_command
            .args(["-c", "umask $0 && exec \"$@\"", umask])
            .arg(backup.get_program())
            .args(backup.get_args())
            .envs(backup.get_envs().filter_map(|(n, v)| Some((n, v?))))
            .current_dir(shell.folder.path());
        let output = shell_command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let made = shell.folder.path().join(&name).metadata().unwrap();
        assert_eq!(made.permissions().mode() & 0o7777, 0o600, "umask {umask}");
        assert!(made.len() > 0);
    }
}

#[test]
fn a_backup_that_fails_leaves_no_file_and_shows_no_password() {
    if !TestDatabase::is_postgresql() {
        // An SQLite back-up calls no other program.
        return;
    }
    let shell = Shell::new();
    let url = shell.app.database.url_text();
    let folder = shell.folder.path();
    let run = |url: &str, path: &str| {
        let mut backup = crate::support::command(folder, url, &["database", "backup", "copy"]);
        let output = backup.env("PATH", path).output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, said) = run(&url, "/nowhere");
    assert_eq!(code, Some(1));
    let why = "mintmark: cannot run pg_dump (No such file or directory \
        (os error 2)): install PostgreSQL's client programs\n";
    assert_eq!(said, why);
    assert!(!folder.join("copy").exists());

    // A pg_dump that tells what it was called with.
    let tool = folder.join("bin/pg_dump");
    std::fs::create_dir(folder.join("bin")).unwrap();
    std::fs::write(
        &tool,
        "#!/bin/sh\necho \"args: $*\" >&2; echo \"env: $PGPASSWORD\" >&2; exit 3\n",
    )
    .unwrap();
    std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}/bin:/usr/bin:/bin", folder.display());
    // The server trusts everybody from here, whatever password they bring.
    let with_user = url.replacen("postgres@", "postgres:hu%20sh@", 1);
    let separator = if url.contains('?') { '&' } else { '?' };
    let with_query = format!("{url}{separator}password=hu%20sh");
    for with_password in [with_user, with_query] {
        let (code, said) = run(&with_password, &path);
        assert_eq!(code, Some(1), "{said}");
        let (args, env) = said.split_once("\nmintmark: env: ").unwrap();
        assert!(
            !args.contains("hu%20sh") && !args.contains("hu sh"),
            "{args}"
        );
        assert_eq!(env, "hu sh\n");
        assert!(!folder.join("copy").exists());
    }
}
