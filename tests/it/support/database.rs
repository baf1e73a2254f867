//! A database of a test's own: an SQLite file, or one on the server that `TEST_DATABASE_URL` names.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use mintmark::ambient::random_uuid;
use mintmark::store::DatabaseUrl;

pub enum TestDatabase {
    Sqlite(tempfile::TempDir),
    Postgresql {
        server: String,
        url: String,
        name: String,
    },
}

impl TestDatabase {
    /// An empty database of the kind that this run is for.
    pub fn create() -> Self {
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            return Self::Sqlite(tempfile::tempdir().unwrap());
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
