//! Many rows from one that the server made itself: whatever a column is for, a copy has it.

use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use mintmark::model::user::User;

use super::MANY;
use crate::support::{TestApp, TestDatabase};

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

/// A number that differs in each copy, padded to twelve digits, as SQL.
pub const NUMBER: &str = "substr(CAST(1000000000000 + n AS TEXT), 2)";

/// The same, in an order that has nothing to do with that in which the rows are written.
pub const SHUFFLED: &str = "substr(CAST(1000000000000 + n * 7919 % 10007 AS TEXT), 2)";

/// A UUID made of it, as SQL.
pub fn uuid(number: &str) -> String {
    format!("'00000000-0000-4000-8000-' || {number}")
}

/// Writes `copies` copies of the row of `table` for which `one` holds. `changed` are the columns
/// that differ, each with an expression in which `n` counts from 1.
pub fn multiply(app: &TestApp, table: &str, one: &str, copies: i64, changed: &[(&str, String)]) {
    let names = columns(app, table);
    for (name, _) in changed {
        assert!(
            names.iter().any(|known| known == name),
            "{table} has no {name}"
        );
    }
    let values: Vec<&str> = names
        .iter()
        .map(
            |name| match changed.iter().find(|(changed, _)| changed == name) {
                Some((_, expression)) => expression.as_str(),
                None => name.as_str(),
            },
        )
        .collect();
    app.database.execute(&format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {copies}) \
         INSERT INTO {table} ({}) SELECT {} FROM numbers, {table} WHERE {one}",
        names.join(", "),
        values.join(", "),
    ));
    // What autovacuum does by itself some time after.
    if TestDatabase::is_postgresql() {
        app.database.execute(&format!("VACUUM ANALYZE {table}"));
    }
}

/// Writes copies of a user until there are ten thousand of the same list.
pub fn users(app: &TestApp, one: &User) {
    multiply(
        app,
        "users",
        &format!("id = '{}'", one.id),
        MANY - 1,
        &[
            ("id", uuid(NUMBER)),
            ("login", format!("login || {SHUFFLED}")),
            ("login_folded", format!("login_folded || {SHUFFLED}")),
        ],
    );
}

fn columns(app: &TestApp, table: &str) -> Vec<String> {
    let columns: Vec<Column> = match &app.database {
        TestDatabase::Sqlite(folder) => {
            let path = folder.path().join("test.db").display().to_string();
            let mut connection = SqliteConnection::establish(&path).unwrap();
            let query = format!("SELECT name FROM pragma_table_info('{table}')");
            sql_query(query).load(&mut connection).unwrap()
        }
        TestDatabase::Postgresql { url, .. } => {
            let mut connection = PgConnection::establish(url).unwrap();
            let query = format!(
                "SELECT column_name::text AS name FROM information_schema.columns \
                 WHERE table_name = '{table}' AND table_schema = 'public'"
            );
            sql_query(query).load(&mut connection).unwrap()
        }
    };
    columns.into_iter().map(|column| column.name).collect()
}
