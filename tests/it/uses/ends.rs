//! Several processes on one database, and how they end.

use std::time::Duration;

use serde_json::Value;

use crate::storage::{create_client, token, until};
use crate::support::{Credentials, Process, TestDatabase, query_at};

struct Service {
    folder: tempfile::TempDir,
    url: String,
    // Last, so that it outlives the servers.
    _database: TestDatabase,
}

impl Service {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create();
        Self {
            folder,
            url: database.url_text(),
            _database: database,
        }
    }

    fn start(&self) -> Process {
        let args = ["--public-url", "http://localhost:9090"];
        Process::start(self.folder.path(), &self.url, &args)
    }

    fn create_client(&self) -> Credentials {
        let args = ["--user", "admin", "--scope", "openid"];
        create_client(self.folder.path(), &self.url, &args)
    }

    /// How many tokens of a client are written down, over all days.
    fn counted(&self, client: &Credentials) -> i64 {
        let query = format!(
            "SELECT days AS text FROM client_uses WHERE client_id = '{}'",
            client.client_id
        );
        let days = query_at(&self.url, &query).pop().unwrap_or("{}".to_owned());
        let days: Value = serde_json::from_str(&days).unwrap();
        let counts = days.as_object().unwrap().values();
        counts.map(|count| count.as_i64().unwrap()).sum()
    }
}

fn tokens(server: &Process, client: &Credentials, times: usize) {
    for _ in 0..times {
        token(server, client);
    }
}

fn stop(mut server: Process) {
    server.signal("TERM");
    let ended = server.wait(Duration::from_secs(20)).expect("it ends");
    assert!(ended.success());
}

#[test]
fn the_counts_of_two_servers_add_up_and_a_server_that_stops_writes_its_last_batch() {
    let service = Service::new();
    let one = service.start();
    let other = service.start();
    let key = service.create_client();
    tokens(&one, &key, 5);
    tokens(&other, &key, 7);
    until("one has written", || service.counted(&key) > 0);
    tokens(&one, &key, 11);
    tokens(&other, &key, 13);
    stop(one);
    stop(other);
    assert_eq!(service.counted(&key), 36);
    let events = format!(
        "SELECT kind AS text FROM audit_events WHERE kind = 'client.first_used' \
         AND object_id = '{}'",
        key.client_id
    );
    assert_eq!(query_at(&service.url, &events).len(), 1);
}

#[test]
fn a_server_that_is_killed_loses_the_batch_that_was_not_written_and_no_other() {
    let service = Service::new();
    let server = service.start();
    let key = service.create_client();
    tokens(&server, &key, 3);
    until("the first batch is written", || service.counted(&key) > 0);
    let written = service.counted(&key);
    tokens(&server, &key, 4);
    server.signal("KILL");
    drop(server);
    let kept = service.counted(&key);
    assert!((written..=7).contains(&kept), "{written} {kept}");
    let server = service.start();
    tokens(&server, &key, 2);
    stop(server);
    assert_eq!(service.counted(&key), kept + 2);
}
