//! The schema: newer, older, and migrations that fail half way.

use std::path::Path;

use super::{SetUp, names, refused};
use crate::support::{Process, TestDatabase, cli};

/// Commands that must not work on a schema that is not this version's.
const COMMANDS: [&[&str]; 7] = [
    &["user", "list"],
    &["user", "disable", "--login", "admin"],
    &["client", "list"],
    &["client", "create", "--user", "admin"],
    &["key", "list"],
    &["database", "check"],
    &["database", "backup", "copy"],
];

const VERSIONS: &str = "SELECT version AS text FROM __diesel_schema_migrations ORDER BY version";

fn tables(database: &TestDatabase) -> Vec<String> {
    let query = match TestDatabase::is_postgresql() {
        true => {
            "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        }
        false => "SELECT name AS text FROM sqlite_master WHERE type = 'table' ORDER BY 1",
    };
    database.query(query)
}

/// Every column of every table.
fn columns(database: &TestDatabase) -> Vec<String> {
    let query = match TestDatabase::is_postgresql() {
        true => {
            "SELECT table_name || '.' || column_name AS text FROM information_schema.columns \
             WHERE table_schema = 'public' ORDER BY 1"
        }
        false => {
            "SELECT t.name || '.' || c.name AS text FROM sqlite_master t, pragma_table_info(t.name) c \
             WHERE t.type = 'table' ORDER BY 1"
        }
    };
    database.query(query)
}

/// The folders of the migrations, in their order.
fn migrations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut names = names(&folder);
    names.retain(|name| name != "README.md");
    names
}

/// What takes the last migration back.
fn take_back() -> String {
    let last = migrations().pop().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let down = std::fs::read_to_string(folder.join(&last).join("down.sql")).unwrap();
    let (version, _) = last.split_once('_').unwrap();
    let version = version.replace('-', "");
    format!("{down}; DELETE FROM __diesel_schema_migrations WHERE version = '{version}'")
}

fn assert_commands_refuse(set_up: &SetUp, why: &str) {
    for args in COMMANDS {
        let output = cli(set_up.folder.path(), &set_up.database.url_text(), args, "");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.trim_end(), format!("mintmark: {why}"), "{args:?}");
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    assert_eq!(
        names(set_up.folder.path()),
        ["keys"],
        "no back-up was begun"
    );
}

#[test]
fn a_newer_schema_is_refused_by_all_and_left_alone() {
    let set_up = SetUp::new();
    let newer = "99991231235959";
    set_up.database.execute(&format!(
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('{newer}')"
    ));
    let versions = set_up.database.query(VERSIONS);
    let why = format!(
        "the database's schema ({newer}) is newer than this version knows: use the version of \
         mintmark that migrated it, or restore a back-up from before"
    );
    assert_eq!(set_up.refused(), format!("mintmark: {why}"));
    assert_commands_refuse(&set_up, &why);
    let url = set_up.database.url_text();
    let migrate = cli(set_up.folder.path(), &url, &["database", "migrate"], "");
    let said = String::from_utf8(migrate.stderr).unwrap();
    assert_eq!(said.trim_end(), format!("mintmark: {why}"));
    assert_eq!(migrate.status.code(), Some(1));
    assert_eq!(set_up.database.query(VERSIONS), versions);
    set_up.database.execute(&format!(
        "DELETE FROM __diesel_schema_migrations WHERE version = '{newer}'"
    ));
    set_up.assert_serves();
}

#[test]
fn an_older_schema_is_refused_by_commands_and_migrated_by_the_server() {
    let set_up = SetUp::new();
    let versions = set_up.database.query(VERSIONS);
    let all = columns(&set_up.database);
    let take_back = take_back();
    set_up.database.execute(&take_back);
    let before = columns(&set_up.database);
    assert_commands_refuse(
        &set_up,
        "the database's schema is 1 migrations behind this version: run `mintmark database \
         migrate`, or start `mintmark serve`, which does it",
    );
    assert_eq!(columns(&set_up.database), before);
    set_up.assert_serves();
    assert_eq!(set_up.database.query(VERSIONS), versions);
    assert_eq!(columns(&set_up.database), all);

    set_up.database.execute(&take_back);
    let migrate = ["database", "migrate", "--output", "json"];
    let url = set_up.database.url_text();
    for expected in ["{\"migrations_run\":1}\n", "{\"migrations_run\":0}\n"] {
        let output = cli(set_up.folder.path(), &url, &migrate, "");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
        assert!(output.status.success());
    }
    assert_eq!(columns(&set_up.database), all);
}

#[test]
fn a_database_that_was_migrated_but_never_set_up_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let url = database.url_text();
    let run = |args: &[&str]| cli(folder.path(), &url, args, "");
    let done = run(&["database", "migrate", "--init", "--output", "json"]);
    assert_eq!(
        String::from_utf8(done.stdout).unwrap(),
        format!("{{\"migrations_run\":{}}}\n", migrations().len())
    );
    let refused = run(&["client", "create", "--service", "x"]);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(refused.stderr).unwrap(),
        "mintmark: the database was never set up: start `mintmark serve` once, which does it\n"
    );
    assert_eq!(names(folder.path()), [""; 0], "no key was made");
    let server = Process::start(folder.path(), &url, &[]);
    assert_eq!(super::token(&server, &server.first_key()).status, 200);
}

#[test]
fn a_command_on_a_database_of_somebody_else_leaves_nothing_there() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    database.execute("CREATE TABLE theirs (x BIGINT)");
    let output = cli(folder.path(), &database.url_text(), &["user", "list"], "");
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!(
            "mintmark: the database's schema is {} migrations behind this version: run `mintmark \
             database migrate`, or start `mintmark serve`, which does it\n",
            migrations().len()
        )
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(tables(&database), ["theirs"]);
}

#[test]
fn migrations_are_all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let url = database.url_text();
    // The last migration's table is in the way.
    database.execute("CREATE TABLE audit_events (x BIGINT); INSERT INTO audit_events VALUES (7)");
    let why = refused(folder.path(), &url, &[]);
    assert!(why.contains("none of Mintmark's (audit_events)"), "{why}");
    let migrate = cli(folder.path(), &url, &["database", "migrate"], "");
    assert_eq!(migrate.status.code(), Some(1));
    let why = String::from_utf8(migrate.stderr).unwrap();
    assert!(why.contains("a migration failed"), "{why}");
    assert!(why.contains("audit_events"), "{why}");
    assert_eq!(tables(&database), ["audit_events"]);
    let kept = "SELECT CAST(x AS TEXT) AS text FROM audit_events";
    assert_eq!(database.query(kept), ["7"]);
    assert_eq!(names(folder.path()), [""; 0], "no key was made");

    database.execute("DROP TABLE audit_events");
    let server = Process::start(folder.path(), &url, &[]);
    assert_eq!(super::token(&server, &server.first_key()).status, 200);
}
