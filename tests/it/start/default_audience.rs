//! The upgrade stores the default audience of clients that were made for one application.

use super::SetUp;
use crate::support::cli;

#[test]
fn the_upgrade_gives_a_default_to_clients_of_one_application_and_no_console_scope_alone() {
    let set_up = SetUp::new();
    let url = set_up.database.url_text();
    let run = |args: &[&str]| {
        let output = cli(set_up.folder.path(), &url, args, "");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {said}");
    };
    // Each with what it had before: its name says what is to become of it.
    for (name, audiences, scope) in [
        ("one", "https://a.example/x", ""),
        ("two", "https://a.example/x https://b.example/", ""),
        ("scope", "https://a.example/x", "users:read"),
        ("nothing", "", ""),
        ("gone", "https://a.example/x", ""),
    ] {
        run(&["client", "create", "--service", name]);
        set_up.database.execute(&format!(
            "UPDATE clients SET audiences = '{audiences}', scope = '{scope}' WHERE name = '{name}'"
        ));
    }
    set_up
        .database
        .execute("UPDATE clients SET deleted_at = 1 WHERE name = 'gone'");
    set_up
        .database
        .execute("ALTER TABLE clients DROP COLUMN default_audience");
    set_up
        .database
        .execute("DELETE FROM __diesel_schema_migrations WHERE version = '20261201000100'");
    run(&["database", "migrate"]);
    let stored = set_up.database.query(
        "SELECT name || ' ' || default_audience AS text FROM clients \
         WHERE default_audience IS NOT NULL ORDER BY name",
    );
    assert_eq!(stored, ["one https://a.example/x"]);
    set_up.assert_serves();
}
