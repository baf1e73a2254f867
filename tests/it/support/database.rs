//! A database of a test's own: an SQLite file, or one on the server that `TEST_DATABASE_URL` names.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use mintmark::ambient::random_uuid;
use mintmark::domain::Act;
use mintmark::domain::first_start::{FirstSignIn, first_start};
use mintmark::domain::installation::{Init, Place};
use mintmark::store::{Database, DatabaseUrl};

use super::{on_disk, quick};

pub enum TestDatabase {
    Sqlite(tempfile::TempDir),
    Postgresql {
        server: String,
        url: String,
        name: String,
    },
}

impl TestDatabase {
    /// An empty database of the kind that this run is for; where a file does not wait for a disk, if
    /// there is such a place.
    pub fn create() -> Self {
        Self::create_in(quick)
    }

    /// As [`TestDatabase::create`], on a disk: for what is said of faults and durability.
    pub fn create_on_disk() -> Self {
        Self::create_in(on_disk)
    }

    fn create_in(folder: fn() -> tempfile::TempDir) -> Self {
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            return Self::Sqlite(folder());
        };
        let name = format!("mintmark_{}", random_uuid().simple());
        admin(&server, &format!("CREATE DATABASE {name}"));
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&format!("/{name}"));
        Self::Postgresql {
            server,
            url: url.to_string(),
            name,
        }
    }

    /// Whether this run is for PostgreSQL.
    pub fn is_postgresql() -> bool {
        std::env::var("TEST_DATABASE_URL").is_ok()
    }

    pub fn url_text(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite:{}", folder.path().join("test.db").display()),
            Self::Postgresql { url, .. } => url.clone(),
        }
    }

    pub fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.url_text()).unwrap()
    }

    /// Makes a new installation there.
    pub fn set_up(&self, opened: &Database, keys_dir: &Path, act: &Act) -> FirstSignIn {
        let url = self.url();
        let place = Place {
            database: &url,
            keys_dir,
            is_default: false,
            init: Init::New,
        };
        let first = first_start(opened, &place, 2048, act, |_| Ok(())).unwrap();
        first.expect("the database is new")
    }

    /// The file, for SQLite.
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(folder) => Some(folder.path().join("test.db")),
            Self::Postgresql { .. } => None,
        }
    }

    /// What a query answers in its one column, which is named `text`.
    pub fn query(&self, query: &str) -> Vec<String> {
        query_at(&self.url_text(), query)
    }

    /// What every change moves: the head of the change log, and the number of audit events, but for
    /// those that the batched noting of uses and of refusals leaves behind when its time comes.
    pub fn state(&self) -> Vec<String> {
        self.query(
            "SELECT CAST((SELECT number FROM change_head) AS TEXT) || '/' || \
             CAST((SELECT count(*) FROM audit_events WHERE kind NOT IN ('client.first_used', \
             'call.forbidden', 'refusals.dropped') AND kind NOT LIKE '%refused') AS TEXT) AS text",
        )
    }

    /// Runs statements beside whoever else is at work there.
    pub fn execute(&self, statements: &str) {
        match self {
            Self::Sqlite(_) => sqlite(&self.url_text()).batch_execute(statements).unwrap(),
            Self::Postgresql { url, .. } => admin(url, statements),
        }
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

/// As [`TestDatabase::query`], for the database at `url`.
pub fn query_at(url: &str, query: &str) -> Vec<String> {
    let lines: Vec<Line> = match url.starts_with("sqlite:") {
        true => sql_query(query).load(&mut sqlite(url)).unwrap(),
        false => sql_query(query)
            .load(&mut PgConnection::establish(url).unwrap())
            .unwrap(),
    };
    lines.into_iter().map(|line| line.text).collect()
}

fn sqlite(url: &str) -> SqliteConnection {
    let path = url.strip_prefix("sqlite:").unwrap();
    let mut connection = SqliteConnection::establish(path).unwrap();
    connection
        .batch_execute("PRAGMA busy_timeout = 10000")
        .unwrap();
    connection
}

fn admin(server: &str, statement: &str) {
    let mut connection = PgConnection::establish(server).unwrap();
    connection.batch_execute(statement).unwrap();
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Self::Postgresql { server, name, .. } = self {
            admin(
                server,
                &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            );
        }
    }
}
