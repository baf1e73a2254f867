//! A database that is not in UTF-8, and one command that needs no folder for temporary files.

use std::process::{Command, Stdio};

use crate::support::{Process, TestDatabase, cli};

#[test]
fn a_new_database_that_cannot_hold_every_name_is_refused_and_an_old_one_is_told_of() {
    let database = TestDatabase::create();
    // An SQLite file is always in UTF-8, so only the other kind has anything to refuse.
    let encodings: &[&str] = match TestDatabase::is_postgresql() {
        true => &["LATIN1", "SQL_ASCII"],
        false => &[],
    };
    for encoding in encodings {
        let name = format!(
            "mintmark_{}_{}",
            encoding.to_lowercase(),
            std::process::id()
        );
        let mut url = url::Url::parse(&database.url_text()).unwrap();
        url.set_path(&format!("/{name}"));
        database.execute(&format!(
            "CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
        ));
        let folder = tempfile::tempdir().unwrap();
        let why = super::refused(folder.path(), url.as_str(), &[]);
        let begins = format!(
            "the PostgreSQL database has the encoding {encoding}, and cannot hold every name: make \
             it with CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0"
        );
        assert!(why.contains(&begins), "{why}");
        database.execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
    }
    let folder = tempfile::tempdir().unwrap();
    let url = database.url_text();
    drop(Process::start(folder.path(), &url, &[]));
    let checked = cli(folder.path(), &url, &["database", "check"], "");
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn a_long_list_is_sorted_without_a_temporary_file() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let url = database.url_text();
    drop(Process::start(folder.path(), &url, &[]));
    // Enough that a sorter which may use files does: ten megabytes.
    let long = "x".repeat(300);
    let rows = format!(
        "INSERT INTO clients (id, name, description, search, scope, application_scopes, \
         audiences, lifetime, allowed_networks, generation, created_at) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) \
         SELECT 'mmk_filled' || i, 'n', '{long}', 'n', 'users:read', '{{}}', '', 3600, '', 1, \
         60000 - i FROM n"
    );
    database.execute(&rows);
    let trace = folder.path().join("trace");
    let listed = Command::new("strace")
        .args(["-f", "-e", "trace=open,openat", "-o"])
        .arg(&trace)
        .arg(env!("CARGO_BIN_EXE_mintmark"))
        .args(["client", "list", "--output", "json"])
        .current_dir(folder.path())
        .env("MINTMARK_DATABASE_URL", &url)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(listed.status.success(), "{:?}", listed.status);
    let list: Vec<serde_json::Value> = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(list.len(), 30_001);
    let opened = std::fs::read_to_string(&trace).unwrap();
    assert!(opened.contains("openat"), "it was traced");
    let temporary: Vec<&str> = opened.lines().filter(|l| l.contains("etilqs_")).collect();
    assert!(temporary.is_empty(), "{temporary:?}");
}
