//! Lost history on PostgreSQL, as it really comes: a backup restored beside a running server, and a
//! standby promoted that lacked the last changes. The server is stopped where it stands meanwhile, so that
//! it reads again only when the lost numbers have been given to other changes.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::cluster::Cluster;
use super::history::{keep, lose};
use super::{create_client, max_and_median, run, token_request, until};
use crate::support::{Credentials, Process, Response, TestDatabase, cli, count, is_full, query_at};

const FORM: &str = "grant_type=client_credentials";
/// The promise. It is asserted under the full counts only, which are for a machine that has nothing
/// else to do.
const PROMISE: Duration = Duration::from_secs(1);

/// What one round is about: clients that the server knows, each served by the history that is lost, and
/// refused by the one that comes after.
struct Round<'a> {
    folder: &'a Path,
    url: &'a str,
    server: &'a Process,
    number: usize,
    disabled: Credentials,
    deleted: Credentials,
    rotated: Credentials,
    narrowed: Credentials,
    owned: Credentials,
    /// Disabled before, and enabled only in what is lost.
    enabled: Credentials,
}

impl<'a> Round<'a> {
    fn new(folder: &'a Path, url: &'a str, server: &'a Process, number: usize) -> Self {
        // Of the round alone: one person has fifty keys at most.
        let login = format!("owner-{number}");
        let admin = format!("admin-{number}");
        for (login, role) in [(&login, "member"), (&admin, "administrator")] {
            let create = ["user", "create", "--login", login, "--role", role];
            let create = [&create[..], &["--password-stdin"]].concat();
            let made = cli(folder, url, &create, "correct horse battery");
            assert!(made.status.success(), "{made:?}");
        }
        let key = |args: &[&str]| create_client(folder, url, args);
        let admin = || key(&["--user", &admin, "--scope", "openid applications:read"]);
        let round = Self {
            disabled: admin(),
            deleted: admin(),
            rotated: admin(),
            narrowed: admin(),
            owned: key(&["--user", &login, "--scope", "openid"]),
            enabled: admin(),
            folder,
            url,
            server,
            number,
        };
        let known = [
            &round.disabled,
            &round.deleted,
            &round.rotated,
            &round.narrowed,
            &round.owned,
            &round.enabled,
        ];
        for client in known {
            assert_eq!(round.ask(client).status, 200);
        }
        round.run(&["client", "disable", "--id", &round.enabled.client_id]);
        until("it is disabled", || round.ask(&round.enabled).status == 401);
        round
    }

    fn run(&self, args: &[&str]) {
        run(self.folder, self.url, args);
    }

    fn ask(&self, client: &Credentials) -> Response {
        self.server.send(&token_request(client, FORM))
    }

    fn head(&self) -> i64 {
        let head = "SELECT CAST(number AS TEXT) AS text FROM change_head";
        query_at(self.url, head)[0].parse().unwrap()
    }

    /// Changes that will be lost, all of them known to the server. Answers the client that is made, and
    /// the number of the last.
    fn lost(&self) -> (Credentials, i64) {
        self.run(&["client", "enable", "--id", &self.enabled.client_id]);
        let admin = format!("admin-{}", self.number);
        let args = ["--user", &admin, "--scope", "openid"];
        let made = create_client(self.folder, self.url, &args);
        until("what is to be lost is known", || {
            [&made, &self.enabled].map(|k| self.ask(k).status) == [200, 200]
        });
        // What was read is kept once the log has come to rest.
        std::thread::sleep(Duration::from_millis(600));
        assert_eq!(
            [&made, &self.enabled].map(|k| self.ask(k).status),
            [200, 200]
        );
        (made, self.head())
    }

    /// Changes of the history that comes after, up to the number of the last one that was lost, or
    /// beyond it.
    fn after(&self, lost: i64) {
        let id = |client: &Credentials| client.client_id.clone();
        self.run(&["client", "disable", "--id", &id(&self.disabled)]);
        self.run(&["client", "delete", "--id", &id(&self.deleted)]);
        let old = ["--old-ends-in", "0s"];
        self.run(&[&["client", "rotate", "--id", &id(&self.rotated)], &old[..]].concat());
        let scope = ["--scope", "openid"];
        self.run(
            &[
                &["client", "update", "--id", &id(&self.narrowed)],
                &scope[..],
            ]
            .concat(),
        );
        self.run(&[
            "user",
            "disable",
            "--login",
            &format!("owner-{}", self.number),
        ]);
        let beyond = i64::try_from(self.number % 3).unwrap();
        while self.head() < lost + beyond {
            create_client(self.folder, self.url, &["--service", "x"]);
        }
    }

    /// Waits until nothing is served any more that the new history refuses, and answers how long that
    /// took.
    fn until_refused(&self, made_lost: &Credentials) -> Duration {
        let began = Instant::now();
        let refused = [
            &self.disabled,
            &self.deleted,
            &self.rotated,
            &self.owned,
            &self.enabled,
            made_lost,
        ];
        let is_right = || {
            refused.iter().all(|client| self.ask(client).status == 401)
                && self.ask(&self.narrowed).json()["scope"] == "openid"
        };
        until("the new history is in force", is_right);
        let took = began.elapsed();
        // It was no passing outage.
        std::thread::sleep(Duration::from_millis(300));
        assert!(is_right());
        let ready = self
            .server
            .send(&crate::support::Request::new("GET", "/readyz"));
        assert_eq!(ready.status, 200);
        took
    }
}

/// Stops the server where it stands, at a moment when it is not inside a transaction, whose locks it
/// would keep.
fn stop(server: &Process, url: &str) {
    loop {
        server.signal("STOP");
        let busy = "SELECT CAST(count(*) AS TEXT) AS text FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid() \
                    AND state <> 'idle'";
        if query_at(url, busy) == ["0"] {
            return;
        }
        server.signal("CONT");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn program(name: &str, args: &[&str]) {
    let output = Command::new(name).args(args).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

const MANY: [&str; 6] = [
    "--guard-per-peer",
    "1000000",
    "--guard-per-client",
    "1000000",
    "--public-url",
    "http://localhost:9090",
];

fn report(what: &str, times: Vec<Duration>) {
    let number = times.len();
    let (max, median) = max_and_median(times);
    println!("{what}: {number} rounds, in force after {median:?}, at most {max:?}");
    if is_full() {
        assert!(max <= PROMISE, "{max:?}");
    }
}

/// Makes a copy of the database under another name; nobody may be connected to it meanwhile.
fn copy(database: &TestDatabase, server: &str, name: &str, copy: &str) {
    let cut = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    );
    database.execute(&cut);
    let mut admin = PgConnection::establish(server).unwrap();
    admin
        .batch_execute(&format!("CREATE DATABASE {copy} TEMPLATE {name}"))
        .unwrap();
}

#[test]
fn after_a_restore_beside_a_running_server_the_new_history_is_in_force() {
    if !TestDatabase::is_postgresql() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let TestDatabase::Postgresql {
        server: admin,
        url,
        name,
    } = &database
    else {
        unreachable!("this run is for PostgreSQL");
    };
    let server = Process::start(folder.path(), url, &MANY);
    let dump = folder.path().join("dump");
    let dump = dump.to_str().unwrap();
    let mut times = Vec::new();
    for number in 0..count(3, 50) {
        let round = Round::new(folder.path(), url, &server, number);
        let way = number % 3;
        let kept = format!("{name}_kept");
        match way {
            // The database is made anew under its name.
            0 => {
                stop(&server, url);
                copy(&database, admin, name, &kept);
                server.signal("CONT");
            }
            // Its tables are, and no connection is cut off.
            1 => program(
                "pg_dump",
                &["--format=custom", "--file", dump, "--dbname", url],
            ),
            // Neither: only rows are others.
            _ => keep(&database),
        }
        let (made_lost, lost) = round.lost();
        stop(&server, url);
        match way {
            0 => {
                let mut admin = PgConnection::establish(admin).unwrap();
                let drop = format!("DROP DATABASE {name} WITH (FORCE)");
                let rename = format!("ALTER DATABASE {kept} RENAME TO {name}");
                admin.batch_execute(&drop).unwrap();
                admin.batch_execute(&rename).unwrap();
            }
            1 => {
                let how = [
                    "--clean",
                    "--if-exists",
                    "--single-transaction",
                    "--dbname",
                    url,
                ];
                program("pg_restore", &[&how[..], &[dump]].concat());
                std::fs::remove_file(dump).unwrap();
            }
            _ => lose(&database),
        }
        round.after(lost);
        server.signal("CONT");
        times.push(round.until_refused(&made_lost));
    }
    report("a restore beside a running server", times);
}

#[test]
fn after_the_promotion_of_a_standby_that_lacked_changes_its_history_is_in_force() {
    if !TestDatabase::is_postgresql() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut primary = Cluster::start();
    let other_port = Cluster::free_port();
    let url = format!(
        "postgres://postgres@127.0.0.1:{},127.0.0.1:{other_port}/postgres?target_session_attrs=read-write",
        primary.port
    );
    let mut port = other_port;
    let server = Process::start(folder.path(), &url, &MANY);
    let mut times = Vec::new();
    for number in 0..count(3, 50) {
        let round = Round::new(folder.path(), &url, &server, number);
        let standby = primary.standby(port);
        let (made_lost, lost) = round.lost();
        server.signal("STOP");
        port = primary.port;
        primary.kill();
        standby.promote();
        primary = standby;
        round.after(lost);
        server.signal("CONT");
        times.push(round.until_refused(&made_lost));
    }
    report("a promotion", times);
}
