//! Damage that the check after the start finds.

use std::fs;

use super::SetUp;
use crate::storage::until;
use crate::support::{Process, Request, TestDatabase};

#[test]
fn damage_that_is_found_after_the_start_is_an_alarm() {
    if TestDatabase::is_postgresql() {
        return;
    }
    let set_up = SetUp::new();
    let warnings = |server: &Process| {
        let ready = server.send(&Request::new("GET", "/readyz?verbose"));
        assert_eq!(ready.status, 200, "it serves, and is ready");
        ready.json()["warnings"].to_string()
    };
    // A page that nothing reads before the server listens: one of a table that is too long for that.
    let event = "INSERT INTO audit_events (id, at, actor, kind, object_kind, object_id, details, \
                 search) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
                 SELECT printf('%08d', i), i, 'server', 'x', 'client', 'x', '{}', 'rare words' FROM n";
    set_up.database.execute(event);
    set_up.database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    let file = set_up.database.file().unwrap();
    let mut bytes = fs::read(&file).unwrap();
    let of_events =
        |page: &&mut [u8]| page.windows(10).filter(|at| *at == b"rare words").count() > 9;
    let mut pages: Vec<&mut [u8]> = bytes.chunks_mut(4096).filter(of_events).collect();
    let middle = pages.len() / 2;
    pages[middle][..8].fill(0xff);
    fs::write(&file, &bytes).unwrap();
    let server = set_up.start();
    until("the alarm is shown", || {
        warnings(&server).contains("\"database-damaged\"")
    });
    let shown = warnings(&server);
    assert!(shown.contains("restore a backup"), "{shown}");
    assert!(
        !shown.contains("audit_events"),
        "the cause is for the log: {shown}"
    );
    let told = |line: &String| line.contains("database-damaged") && line.contains("audit_events");
    until("it is told", || server.log().iter().any(told));
}
