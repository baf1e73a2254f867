//! Tokens are issued without a trace: the database is afterwards what it was before.

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use mintmark::store::{AnyConnection, StoreError};

use super::{GRANT, create_application, first_user_list};
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

/// Every row of every table, with the table's name before it.
fn dump(app: &TestApp) -> Vec<String> {
    let dumped = app.app.read(|c| {
        let is_sqlite = matches!(c, AnyConnection::Sqlite(_));
        let tables = match is_sqlite {
            true => "SELECT name AS value FROM sqlite_schema WHERE type = 'table' ORDER BY 1",
            false => "SELECT tablename::text AS value FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
        };
        let mut rows = Vec::new();
        for table in lines(c, tables) {
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

/// The size of SQLite's write-ahead log; PostgreSQL has one for all its databases.
fn wal_size(app: &TestApp) -> Option<u64> {
    let TestDatabase::Sqlite(folder) = &app.database else {
        return None;
    };
    let wal = folder.path().join("test.db-wal");
    Some(wal.metadata().unwrap().len())
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
    let (before, size) = (dump(&app), wal_size(&app));
    assert!(
        before.iter().any(|row| row.contains(&key.client_id)),
        "{before:?}"
    );

    let mut connection = KeptConnection::open(app.address);
    for request in requests.iter().cycle().take(count(500, 100_000)) {
        let response = connection.send(request);
        assert_eq!(response.status, 200, "{}", response.text());
    }
    assert_eq!(dump(&app), before);
    assert_eq!(wal_size(&app), size);
}
