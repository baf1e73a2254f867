//! How the database would answer the statements that were sent: `EXPLAIN`, on both.

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use mintmark::store::{AnyConnection, StoreError};

use serde_json::Value;

use crate::support::TestApp;

#[derive(QueryableByName)]
struct SqliteStep {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct PostgresqlStep {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    detail: String,
}

/// Holds every statement to a plan that sorts nothing, and the one that reads the page to an index.
pub fn hold(app: &TestApp, what: &str, statements: &[String]) {
    let is_page = |text: &String| text.contains("OFFSET");
    assert_eq!(
        statements.iter().filter(|text| is_page(text)).count(),
        1,
        "{statements:#?}"
    );
    for statement in statements {
        let plan = explain(app, statement);
        let shown = format!("{what}\n{statement}\n{}", plan.join("\n"));
        assert!(!plan.iter().any(|step| sorts(step)), "it sorts: {shown}");
        if is_page(statement) {
            assert!(
                plan.iter().any(|step| walks_an_index(step)),
                "no index: {shown}"
            );
        }
    }
}

/// `USE TEMP B-TREE FOR ORDER BY` on SQLite; `Sort`, `Incremental Sort` on PostgreSQL.
fn sorts(step: &str) -> bool {
    step.contains("TEMP B-TREE") || step.contains("Sort")
}

fn walks_an_index(step: &str) -> bool {
    step.starts_with("SCAN") && step.contains("USING") && step.contains("INDEX")
        || step.starts_with("SEARCH") && step.contains("USING") && step.contains("INDEX")
        // `Index Scan using` or `Index Only Scan Backward using`, but not `Bitmap Index Scan on`.
        || step.contains("Index") && step.contains("Scan") && step.contains(" using ")
}

/// Asked on a connection of the server's own, as it is set.
fn explain(app: &TestApp, statement: &str) -> Vec<String> {
    let (query, binds) = statement.rsplit_once(" -- binds: ").unwrap();
    let explained = app.app.database.read(|c| {
        Ok::<_, StoreError>(match c {
            AnyConnection::Sqlite(c) => {
                // The plan is made before the values are known.
                let query = format!("EXPLAIN QUERY PLAN {query}");
                let steps: Vec<SqliteStep> = sql_query(query).load(c)?;
                steps.into_iter().map(|step| step.detail).collect()
            }
            AnyConnection::Postgresql(c) => {
                let query = format!("EXPLAIN {}", with_values(query, binds));
                let steps: Vec<PostgresqlStep> = sql_query(query).load(c)?;
                steps.into_iter().map(|step| step.detail).collect()
            }
        })
    });
    explained.unwrap()
}

/// A PostgreSQL query with its values, which came as `["text", 25]`, in the place of `$1`, `$2`.
fn with_values(query: &str, binds: &str) -> String {
    let binds: Vec<Value> = serde_json::from_str(binds).unwrap();
    let mut query = query.to_owned();
    for (at, value) in binds.iter().enumerate().rev() {
        query = query.replace(&format!("${}", at + 1), &literal(value));
    }
    query
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(literal).collect();
            format!("ARRAY[{}]", values.join(", "))
        }
        number => number.to_string(),
    }
}
