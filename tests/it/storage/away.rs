//! PostgreSQL stopped and started under a running service.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::cluster::Cluster;
use super::{
    StopAtEnd, assert_temporarily_unavailable, assert_unavailable, create_application,
    create_client, token, token_request, until,
};
use crate::support::{
    Credentials, KeptConnection, Process, Request, Response, TestDatabase, count,
};

const FORM: &str = "grant_type=client_credentials";

pub(super) struct Service {
    pub folder: tempfile::TempDir,
    pub cluster: Cluster,
    pub server: Process,
    pub known: Credentials,
    pub token: String,
}

impl Service {
    pub fn start(args: &[&str]) -> Self {
        let cluster = Cluster::start();
        let folder = tempfile::tempdir().unwrap();
        let server = Process::start(folder.path(), &cluster.url(), args);
        let scope = "openid applications:read applications:write";
        let known = create_client(
            folder.path(),
            &cluster.url(),
            &["--user", "admin", "--scope", scope],
        );
        // What was made a moment ago is read again once the log tells of it; then it is known.
        thread::sleep(Duration::from_secs(1));
        let token = token(&server, &known);
        Self {
            folder,
            cluster,
            server,
            known,
            token,
        }
    }

    pub fn ask(&self, client: &Credentials) -> Response {
        self.server.send(&token_request(client, FORM))
    }

    pub fn get(&self, path: &str) -> Response {
        self.server
            .send(&Request::new("GET", path).bearer(&self.token))
    }
}

#[test]
fn while_postgresql_is_stopped_known_clients_are_served_and_the_rest_is_503() {
    if !TestDatabase::is_postgresql() {
        return;
    }
    let service = Service::start(&[]);
    let unknown = create_client(
        service.folder.path(),
        &service.cluster.url(),
        &["--service", "x", "--scope", "applications:read"],
    );
    service.cluster.stop();
    until("the change log is missed", || {
        service.ask(&service.known).json()["expires_in"] == 300
    });
    let answer = service.ask(&service.known);
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json()["scope"],
        "openid applications:read applications:write"
    );
    assert_eq!(service.get("/console/api/v2/me").status, 200);
    assert_eq!(service.get("/healthz").status, 200);
    assert_eq!(service.get("/.well-known/jwks.json").status, 200);
    // One that is not in memory, a wrong secret, an id that nobody has: never invalid_client.
    let wrong = Credentials {
        client_secret: "wrong".to_owned(),
        ..service.known.clone()
    };
    let nobody = Credentials {
        client_id: "mmk_nobody".to_owned(),
        client_secret: "wrong".to_owned(),
    };
    for client in [&unknown, &wrong, &nobody] {
        assert_temporarily_unavailable(&service.ask(client));
    }
    assert_unavailable(&service.get("/console/api/v2/applications"));
    assert_unavailable(
        &service
            .server
            .send(&create_application(&service.token, "a")),
    );
    let ready = service.get("/readyz?verbose");
    assert_eq!(ready.status, 503);
    assert_eq!(ready.json()["checks"]["database"], "unavailable");

    service.cluster.again();
    let began = Instant::now();
    until("the service is ready", || {
        service.get("/readyz").status == 200
    });
    until("it is written", || {
        service
            .server
            .send(&create_application(&service.token, "a"))
            .status
            == 200
    });
    println!("recovered in {:?}", began.elapsed());
    assert_eq!(service.ask(&unknown).status, 200);
    assert_eq!(service.ask(&wrong).status, 401);
    assert_eq!(service.ask(&service.known).json()["expires_in"], 3600);
}

/// How many answers of a kind had which status.
type Statuses = Mutex<BTreeMap<(&'static str, u16), usize>>;

/// Asks again and again until it is told to stop.
fn repeat(what: &'static str, stop: &AtomicBool, counted: &Statuses, ask: impl Fn(usize) -> u16) {
    let mut at = 0;
    while !stop.load(Ordering::Relaxed) {
        let status = ask(at);
        *counted.lock().unwrap().entry((what, status)).or_default() += 1;
        at += 1;
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn under_load_postgresql_stopped_and_started_causes_nothing_but_503() {
    if !TestDatabase::is_postgresql() {
        return;
    }
    let service = Service::start(&[
        "--guard-per-peer",
        "1000000",
        "--guard-per-client",
        "1000000",
    ]);
    let service = &service;
    let wrong = Credentials {
        client_secret: "wrong".to_owned(),
        ..service.known.clone()
    };
    let stop = AtomicBool::new(false);
    let counted = Statuses::default();
    let mut recoveries = Vec::new();
    thread::scope(|scope| {
        let (stop, counted, wrong) = (&stop, &counted, &wrong);
        scope.spawn(move || {
            repeat("token", stop, counted, |_| {
                service.ask(&service.known).status
            })
        });
        scope.spawn(move || repeat("wrong", stop, counted, |_| service.ask(wrong).status));
        let list = "/console/api/v2/applications?result=page";
        scope.spawn(move || repeat("read", stop, counted, |_| service.get(list).status));
        let write = |at| {
            let request = create_application(&service.token, &format!("a{at}"));
            service.server.send(&request).status
        };
        scope.spawn(move || repeat("write", stop, counted, write));
        let _stop = StopAtEnd(stop);
        for round in 0..count(1, 10) {
            thread::sleep(Duration::from_millis(500));
            service.cluster.stop();
            // Once shorter, once longer than the change log may be missed.
            thread::sleep(Duration::from_millis(if round % 2 == 0 {
                3000
            } else {
                300
            }));
            service.cluster.again();
            let began = Instant::now();
            until("reads and writes again", || {
                let request = create_application(&service.token, &format!("again{round}"));
                service.get(list).status == 200 && service.server.send(&request).status != 503
            });
            recoveries.push(began.elapsed());
        }
    });
    let counted = counted.into_inner().unwrap();
    println!("answers {counted:?}, recovered in {recoveries:?}");
    for (what, status) in counted.keys() {
        let right: &[u16] = match *what {
            // Not even a write that was just being acknowledged makes a known client unknown.
            "token" => &[200],
            "wrong" => &[401, 503],
            _ => &[200, 503],
        };
        assert!(right.contains(status), "{counted:?}");
    }
    let was_away = counted.keys().any(|(_, status)| *status == 503);
    assert!(was_away, "{counted:?}");
}

#[test]
fn a_postgresql_that_hangs_is_an_outage_too() {
    if !TestDatabase::is_postgresql() {
        return;
    }
    let service = Service::start(&[]);
    let wrong = Credentials {
        client_secret: "wrong".to_owned(),
        ..service.known.clone()
    };
    let frozen = service.cluster.freeze();
    thread::scope(|scope| {
        let ask = |request: Request| {
            let bytes = request.to_kept_bytes();
            let began = Instant::now();
            let answer = KeptConnection::open(service.server.address).send(&bytes);
            println!("{} after {:?}", request.path, began.elapsed());
            answer
        };
        // More than there are connections, and all of one client.
        for _ in 0..12 {
            let request = token_request(&wrong, FORM);
            scope.spawn(move || {
                let answer = ask(request);
                assert_temporarily_unavailable(&answer);
                // It is not the deadline of the whole request that answers.
                assert_eq!(answer.header("connection"), None);
            });
        }
        // Whoever reads more than one thing is answered by that.
        let list = Request::new("GET", "/console/api/v2/applications").bearer(&service.token);
        scope.spawn(move || assert_unavailable(&ask(list)));
        until("the change log is missed", || {
            service.ask(&service.known).json()["expires_in"] == 300
        });
        assert_eq!(service.get("/console/api/v2/me").status, 200);
        assert_temporarily_unavailable(&service.ask(&wrong));
    });
    drop(frozen);
    until("the service is ready", || {
        service.get("/readyz").status == 200
    });
    until("everything is as before", || {
        service.ask(&wrong).status == 401
            && service.ask(&service.known).json()["expires_in"] == 3600
    });
    assert_eq!(service.get("/console/api/v2/applications").status, 200);
}

#[test]
fn after_the_grace_nothing_is_decided_until_the_database_is_back() {
    if !TestDatabase::is_postgresql() {
        return;
    }
    let service = Service::start(&["--outage-grace", "3s"]);
    service.cluster.stop();
    until("the grace is over", || {
        service.ask(&service.known).status == 503
    });
    assert_temporarily_unavailable(&service.ask(&service.known));
    assert_unavailable(&service.get("/console/api/v2/me"));
    assert_eq!(service.get("/healthz").status, 200);
    service.cluster.again();
    until("it is back", || service.ask(&service.known).status == 200);
    assert_eq!(service.get("/console/api/v2/me").status, 200);
}
