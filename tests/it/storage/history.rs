//! Takes a database back to what it was before its last changes.

use crate::support::TestDatabase;

/// The tables of a database but for diesel's and the copies.
fn tables(database: &TestDatabase) -> Vec<String> {
    let names = match TestDatabase::is_postgresql() {
        true => "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public'",
        false => "SELECT name AS text FROM sqlite_master WHERE type = 'table'",
    };
    let mut tables = database.query(names);
    tables.retain(|name| !name.starts_with("__") && !name.starts_with("kept_"));
    tables
}

/// Keeps a copy of every row beside the tables.
pub fn keep(database: &TestDatabase) {
    let keep = |name: &String| {
        format!(
            "DROP TABLE IF EXISTS kept_{name}; CREATE TABLE kept_{name} AS SELECT * FROM {name};"
        )
    };
    let statements: String = tables(database).iter().map(keep).collect();
    database.execute(&statements);
}

/// Puts the kept rows into the place of those that are there. Connections and tables stay; only rows
/// are others.
pub fn lose(database: &TestDatabase) {
    let put = |name: &String| {
        format!("DELETE FROM {name}; INSERT INTO {name} SELECT * FROM kept_{name};")
    };
    let statements: String = tables(database).iter().map(put).collect();
    let (before, after) = match TestDatabase::is_postgresql() {
        true => (
            "BEGIN; SET LOCAL session_replication_role = replica;",
            "COMMIT",
        ),
        false => ("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE;", "COMMIT"),
    };
    database.execute(&format!("{before} {statements} {after}"));
}
