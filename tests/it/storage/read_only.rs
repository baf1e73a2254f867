//! A PostgreSQL server that became read-only, as after a failover: its connections are dropped.

use std::thread;
use std::time::Duration;

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt,
};

use super::cluster::Cluster;
use super::{assert_unavailable, create_application, create_client, token, token_request, until};
use crate::support::{Process, Request, TestDatabase};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// How many connections the server took since its statistics began.
fn sessions(cluster: &Cluster) -> i64 {
    let mut connection = PgConnection::establish(&cluster.url()).unwrap();
    let query = "SELECT sessions AS number FROM pg_stat_database WHERE datname = 'postgres'";
    sql_query(query)
        .get_result::<Number>(&mut connection)
        .unwrap()
        .number
}

#[test]
fn a_server_that_became_read_only_loses_its_connections_and_gets_new_ones_when_it_is_not() {
    if !TestDatabase::is_postgresql() {
        return;
    }
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(folder.path(), &cluster.url(), &[]);
    let scope = "applications:read applications:write";
    let writer = create_client(
        folder.path(),
        &cluster.url(),
        &["--user", "admin", "--scope", scope],
    );
    let issued = token(&server, &writer);
    let make = |name: &str| server.send(&create_application(&issued, name));
    assert_eq!(make("before").status, 200);
    // Known is who is still in memory once the log has told of all this.
    thread::sleep(Duration::from_secs(1));
    token(&server, &writer);

    cluster.alter("ALTER SYSTEM SET default_transaction_read_only = on");
    // Asked by a read: a write that is made just before memory cannot follow it any more empties
    // the memory.
    let list = Request::new("GET", "/console/api/v2/applications").bearer(&issued);
    until("the server is read-only", || {
        server.send(&list).status == 503
    });
    let before = sessions(&cluster);
    assert_unavailable(&make("x"));
    // What it would read there can be old, so that is not read either.
    assert_unavailable(&server.send(&list));
    let known = server.send(&token_request(&writer, "grant_type=client_credentials"));
    assert_eq!(known.status, 200);
    // It is asked again now and then, not without pause.
    thread::sleep(Duration::from_secs(2));
    let tried = sessions(&cluster) - before;
    println!("{tried} connections were tried meanwhile");
    assert!(tried < 200, "{tried} connections in a few seconds");

    cluster.alter("ALTER SYSTEM RESET default_transaction_read_only");
    let took = until("the server writes again", || make("after").status == 200);
    println!("recovered in {took:?}");
    let found = server.send(&list);
    assert_eq!(
        found.json().as_array().unwrap().len(),
        2,
        "{}",
        found.text()
    );
}
