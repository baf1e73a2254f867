//! Tokens are issued without a trace: but for the batched counters the database is afterwards what
//! it was before.

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use mintmark::store::{AnyConnection, StoreError};

use serde_json::{Map, Value};

use super::{GRANT, create_application, first_user_list};
use crate::storage::until;
use crate::support::{KeptConnection, Request, TestApp, TestDatabase, basic, count};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    value: String,
}

fn lines(c: &mut AnyConnection, query: &str) -> Vec<String> {
    let lines: Vec<Line> = match c {
        AnyConnection::Sqlite(c) => sql_query(query).load(c).unwrap(),
        AnyConnection::Postgresql(c) => sql_query(query).load(c).unwrap(),
    };
    lines.into_iter().map(|line| line.value).collect()
}

/// The table of the batched counters.
const COUNTERS: &str = "client_uses";

/// Every row of these tables, with the table's name before it.
fn dump(app: &TestApp, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let dumped = app.app.read(|c| {
        let is_sqlite = matches!(c, AnyConnection::Sqlite(_));
        let tables = match is_sqlite {
            true => "SELECT name AS value FROM sqlite_schema WHERE type = 'table' ORDER BY 1",
            false => "SELECT tablename::text AS value FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
        };
        let mut rows = Vec::new();
        let tables = lines(c, tables);
        for table in tables.into_iter().filter(|table| wanted(table)) {
            let whole = match is_sqlite {
                true => {
                    let columns = format!("SELECT name AS value FROM pragma_table_info('{table}')");
                    let quoted = lines(c, &columns).into_iter().map(|name| format!("quote({name})"));
                    quoted.collect::<Vec<_>>().join(" || '|' || ")
                }
                false => "t::text".to_owned(),
            };
            rows.push(format!("{table}:"));
            rows.extend(lines(c, &format!("SELECT {whole} AS value FROM {table} t ORDER BY 1")));
        }
        Ok::<_, StoreError>(rows)
    });
    dumped.unwrap()
}

/// What one page takes in the log.
const FRAME: u64 = 24 + 4096;

/// The size of SQLite's write-ahead log; PostgreSQL has one for all its databases.
fn wal_size(app: &TestApp) -> Option<u64> {
    let TestDatabase::Sqlite(folder) = &app.database else {
        return None;
    };
    let wal = folder.path().join("test.db-wal");
    Some(wal.metadata().unwrap().len())
}

/// How many tokens the counters say were issued.
fn counted(app: &TestApp) -> usize {
    let all = app.database.query("SELECT days AS text FROM client_uses");
    let days = all.iter().flat_map(|days| {
        let days: Map<String, Value> = serde_json::from_str(days).unwrap();
        days.into_iter().map(|(_, count)| count.as_u64().unwrap())
    });
    usize::try_from(days.sum::<u64>()).unwrap()
}

#[test]
fn tokens_leave_every_table_and_the_write_ahead_log_as_they_were() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read");
    let service = app.create_service("users:read");
    let list = first_user_list(&app);
    let (_, uri) = create_application(&app, "crm", &[list]);
    let requests = [
        (&key, GRANT.to_owned()),
        (&key, format!("{GRANT}&scope=applications:read")),
        (&service, GRANT.to_owned()),
        (&key, format!("{GRANT}&resource={uri}")),
    ];
    let requests = requests.map(|(client, form)| {
        let header = basic(&client.client_id, &client.client_secret);
        let request = Request::token(&form).header("authorization", &header);
        request.to_kept_bytes()
    });
    let mut connection = KeptConnection::open(app.address);
    let mut issue = |tokens: usize| {
        for request in requests.iter().cycle().take(tokens) {
            let response = connection.send(request);
            assert_eq!(response.status, 200, "{}", response.text());
        }
    };
    // The first use of a client makes its row and leaves an event; what made the application
    // was a client too.
    issue(4);
    let rows = || dump(&app, |table| table == COUNTERS);
    until("every client has its row", || rows().len() == 1 + 3);
    let others = || dump(&app, |table| table != COUNTERS);
    let (before, counters, size) = (others(), rows(), wal_size(&app));
    assert!(
        before.iter().any(|row| row.contains(&key.client_id)),
        "{before:?}"
    );

    let tokens = count(500, 100_000);
    issue(tokens);
    assert_eq!(others(), before);
    // By the clock no time has passed since the last batch, so nothing at all is written.
    assert_eq!(rows(), counters);
    assert_eq!(wal_size(&app), size);

    // One batch, however many tokens: a row for each client, in a few pages of the log.
    app.advance(10);
    until("they are counted", || counted(&app) == 1 + 4 + tokens);
    assert_eq!(others(), before);
    assert_eq!(rows().len(), counters.len());
    if let (Some(before), Some(now)) = (size, wal_size(&app)) {
        assert!(now <= before + 3 * 3 * FRAME, "{before} {now}");
    }
}
