//! Where a new installation is made, and where not: a lost database is not replaced by an empty one.

use std::fs;
use std::process::{Command, Stdio};

use super::{SetUp, names, refused, token};
use crate::support::{Process, TestDatabase, cli, command};

/// `serve` without the word that tests give otherwise.
fn serve(folder: &std::path::Path, url: &str, more: &[&str]) -> Command {
    let args = ["serve", "--log-format", "json", "--listen", "127.0.0.1:0"];
    let mut serve = command(folder, url, &[&args[..], more].concat());
    serve.stdin(Stdio::null()).stdout(Stdio::null());
    serve
}

/// Takes away all that the database holds; for SQLite its file.
fn lose(set_up: &SetUp) {
    match set_up.database.file() {
        Some(file) => {
            for end in ["", "-wal", "-shm"] {
                let mut name = file.clone().into_os_string();
                name.push(end);
                let _ = fs::remove_file(name);
            }
        }
        None => set_up
            .database
            .execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public"),
    }
}

#[test]
fn with_a_master_key_a_lost_database_is_not_made_anew() {
    let set_up = SetUp::new();
    let folder = set_up.folder.path();
    let url = set_up.database.url_text();
    lose(&set_up);
    let key = fs::read(folder.join("keys/master.key")).unwrap();
    for more in [&[][..], &["--init"], &["--init=new"]] {
        let why = refused(folder, &url, more);
        let found = match TestDatabase::is_postgresql() {
            true => "has no table",
            false => "is missing",
        };
        assert!(
            why.starts_with(
                "mintmark: keys/master.key is there, so there was an installation, but"
            ) && why.contains(found)
                && why.contains("`mintmark database restore FILE`")
                && why.contains("--init=with-key"),
            "{why}"
        );
    }
    match set_up.database.file() {
        Some(file) => {
            assert!(!file.exists(), "no file is made");
            // One that something left empty is no database, and stays what it is.
            fs::write(&file, "").unwrap();
            let why = refused(folder, &url, &["--init"]);
            assert!(why.contains("has no table"), "{why}");
            assert_eq!(file.metadata().unwrap().len(), 0);
        }
        None => {
            let count = "SELECT CAST(count(*) AS TEXT) AS text FROM pg_tables \
                         WHERE schemaname = 'public'";
            assert_eq!(set_up.database.query(count), ["0"]);
        }
    }
    // Somebody who means it makes a new one, under the same key.
    let server = Process::try_spawn(folder, serve(folder, &url, &["--init=with-key"])).unwrap();
    assert_eq!(token(&server, &server.first_key()).status, 200);
    assert_eq!(token(&server, &set_up.first).status, 401);
    assert_eq!(fs::read(folder.join("keys/master.key")).unwrap(), key);
}

#[test]
fn tables_without_an_installation_beside_a_master_key_are_not_set_up() {
    let set_up = SetUp::new();
    let folder = set_up.folder.path();
    let url = set_up.database.url_text();
    set_up.database.execute("DELETE FROM instance");
    let why = refused(folder, &url, &["--init=with-key"]);
    assert!(why.contains("lacks what every installation has"), "{why}");
    lose(&set_up);
    let made = cli(folder, &url, &["database", "migrate", "--init"], "");
    assert!(made.status.success(), "{made:?}");
    let why = refused(folder, &url, &["--init"]);
    assert!(why.contains("was never set up"), "{why}");
}

#[test]
fn beside_the_default_folder_a_database_is_made_only_when_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    if TestDatabase::is_postgresql() {
        // Somebody made the database, and made it empty: that says it.
        let database = TestDatabase::create();
        let url = database.url_text();
        let server = Process::try_spawn(path, serve(path, &url, &[])).unwrap();
        assert_eq!(token(&server, &server.first_key()).status, 200);
        return;
    }
    for url in ["sqlite:other/mintmark.db", "sqlite:mintmark.db"] {
        let why = refused(path, url, &[]);
        assert!(
            why.contains("is missing, and this is not the default folder, data")
                && why.contains("give --init"),
            "{why}"
        );
        assert_eq!(names(path), [""; 0], "nothing is made");
    }
    let mut said = serve(path, "sqlite:other/mintmark.db", &[]);
    said.env("MINTMARK_INIT", "1");
    let server = Process::try_spawn(path, said).unwrap();
    assert_eq!(token(&server, &server.first_key()).status, 200);
    drop(server);
    // It is there now, and nothing needs to be said again.
    let again = serve(path, "sqlite:other/mintmark.db", &[]);
    assert!(Process::try_spawn(path, again).is_ok());

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for url in ["sqlite:data/mintmark.db", "sqlite:data/mintmark.db"] {
        let server = Process::try_spawn(path, serve(path, url, &[])).unwrap();
        assert_eq!(token(&server, &server.first_key()).status, 200);
    }
}

#[test]
fn the_database_of_somebody_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    database.execute("CREATE TABLE theirs (x BIGINT)");
    let why = refused(folder.path(), &database.url_text(), &["--init"]);
    assert!(
        why.contains("has tables, but none of Mintmark's (theirs)"),
        "{why}"
    );
    assert_eq!(names(folder.path()), [""; 0], "no key was made");
}

#[test]
fn no_command_makes_a_database_that_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let commands: [&[&str]; 4] = [
        &["database", "migrate"],
        &["database", "check"],
        &["database", "backup", "copy"],
        &["user", "list"],
    ];
    for args in commands {
        let output = cli(folder.path(), "sqlite:typo.db", args, "");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(said.contains("typo.db"), "{said}");
        assert_eq!(names(folder.path()), [""; 0], "{args:?}");
    }
}
