//! PostgreSQL that does not answer while its connections stand: nobody waits for it for long, a stop
//! does not at all, and what was acknowledged is there.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::away::Service;
use super::{StopAtEnd, create_application, run, until};
use crate::support::{TestDatabase, count, query_at};

/// The promise is two seconds; the rest is for a machine that has other things to do.
const SOON: Duration = Duration::from_millis(2900);
/// The promise for a stop.
const STOPPED: Duration = Duration::from_secs(10);

const ARGS: [&str; 6] = [
    "--writes-per-caller",
    "1000000",
    "--guard-per-client",
    "1000000",
    "--guard-per-peer",
    "1000000",
];

#[test]
fn while_postgresql_hangs_nobody_waits_and_nothing_acknowledged_is_lost() {
    if !TestDatabase::is_postgresql() {
        return;
    }
    let service = Service::start(&ARGS);
    let service = &service;
    let rounds = count(2, 20);
    let (acknowledged, refused) = (Mutex::new(BTreeSet::new()), Mutex::new(BTreeSet::new()));
    for round in 0..rounds {
        let (stop, longest) = (AtomicBool::new(false), Mutex::new(Duration::ZERO));
        let unavailable = Mutex::new(BTreeSet::new());
        thread::scope(|scope| {
            let (stop, longest, unavailable) = (&stop, &longest, &unavailable);
            let (acknowledged, refused) = (&acknowledged, &refused);
            let repeat = move |what: &'static str, ask: &dyn Fn(usize) -> u16| {
                let mut at = 0;
                while !stop.load(Ordering::SeqCst) {
                    let began = Instant::now();
                    let status = ask(at);
                    let took = began.elapsed();
                    assert!(took < SOON, "{what}: {status} after {took:?}");
                    let mut longest = longest.lock().unwrap();
                    *longest = longest.max(took);
                    drop(longest);
                    match status {
                        200 => {}
                        503 if what != "token" => {
                            unavailable.lock().unwrap().insert(what);
                        }
                        _ => panic!("{what}: {status}"),
                    }
                    at += 1;
                    thread::sleep(Duration::from_millis(5));
                }
            };
            for writer in 0..4 {
                scope.spawn(move || {
                    repeat("write", &|at| {
                        let name = format!("r{round}w{writer}n{at}");
                        let request = create_application(&service.token, &name);
                        let status = service.server.send(&request).status;
                        let names = if status == 200 { acknowledged } else { refused };
                        names.lock().unwrap().insert(name);
                        status
                    });
                });
            }
            let list = "/console/api/v2/applications?result=page";
            scope.spawn(move || repeat("read", &|_| service.get(list).status));
            scope.spawn(move || repeat("ready", &|_| service.get("/readyz").status));
            scope.spawn(move || repeat("token", &|_| service.ask(&service.known).status));
            let _stop = StopAtEnd(stop);
            // Each round meets other things at work.
            let moment = u64::try_from(round).unwrap();
            thread::sleep(Duration::from_millis(300 + moment * 37 % 100));
            let frozen = service.cluster.freeze();
            thread::sleep(Duration::from_secs(4));
            assert_eq!(service.get("/readyz").status, 503);
            assert_eq!(service.get("/healthz").status, 200);
            drop(frozen);
            let thawed = Instant::now();
            until("it is written again", || {
                let name = format!("again{round}n{}", thawed.elapsed().as_micros());
                let request = create_application(&service.token, &name);
                service.server.send(&request).status == 200
            });
        });
        let unavailable = unavailable.into_inner().unwrap();
        assert!(unavailable.contains("ready"), "{unavailable:?}");
        println!("round {round}: {unavailable:?}, at most {longest:?}");
    }
    let url = service.cluster.url();
    let found = query_at(&url, "SELECT name AS text FROM applications");
    let found: BTreeSet<String> = found.into_iter().collect();
    let (acknowledged, refused) = (acknowledged.into_inner(), refused.into_inner());
    let (acknowledged, refused) = (acknowledged.unwrap(), refused.unwrap());
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "acknowledged and not there: {lost:?}");
    // Whether a commit that was under way is made, nobody can know: one change at a time is there.
    let done: Vec<_> = refused.intersection(&found).collect();
    println!(
        "{} acknowledged, {} refused, of which there: {done:?}",
        acknowledged.len(),
        refused.len()
    );
    assert!(done.len() <= rounds, "refused and there: {done:?}");
    let log = service.server.log();
    let told = |word: &str| log.iter().any(|line| line.contains(word));
    assert!(told("database-hangs") && told("so many did not wait"));
}

#[test]
fn what_is_disabled_while_a_servers_own_connections_hang_is_refused_after_it() {
    if !TestDatabase::is_postgresql() {
        return;
    }
    let service = Service::start(&ARGS);
    for round in 0..count(2, 20) {
        assert_eq!(service.ask(&service.known).status, 200);
        let frozen = service.cluster.freeze_connections();
        let id = &service.known.client_id;
        let (folder, url) = (service.folder.path(), service.cluster.url());
        run(folder, &url, &["client", "disable", "--id", id]);
        // Once shorter, once longer than the change log may be missed.
        let time = if round % 2 == 0 { 3000 } else { 700 };
        thread::sleep(Duration::from_millis(time));
        drop(frozen);
        until("it is refused", || {
            service.ask(&service.known).status == 401
        });
        // It stays so, whatever was read before the hang and arrives now.
        for _ in 0..20 {
            assert_eq!(service.ask(&service.known).status, 401);
            thread::sleep(Duration::from_millis(20));
        }
        run(folder, &url, &["client", "enable", "--id", id]);
        until("it is served", || service.ask(&service.known).status == 200);
    }
}

#[test]
fn a_stop_waits_for_no_postgresql_that_hangs() {
    if !TestDatabase::is_postgresql() {
        return;
    }
    for round in 0..count(2, 20) {
        let mut service = Service::start(&ARGS);
        // Uses and refusals wait to be written at the end.
        let mut wrong = service.known.clone();
        wrong.client_secret.push('x');
        assert_eq!(service.ask(&wrong).status, 401);
        let frozen = service.cluster.freeze();
        // Once it shows as a hang before the stop, once it does not.
        thread::sleep(Duration::from_millis(if round % 2 == 0 { 2000 } else { 0 }));
        let bytes = create_application(&service.token, "a").to_bytes();
        let waiting: Vec<_> = (0..8)
            .map(|_| {
                let mut stream = std::net::TcpStream::connect(service.server.address).unwrap();
                std::io::Write::write_all(&mut stream, &bytes).unwrap();
                stream
            })
            .collect();
        let asked = Instant::now();
        service.server.signal("TERM");
        let ended = service.server.wait(STOPPED);
        let took = asked.elapsed();
        assert!(
            ended.is_some_and(|status| status.success()),
            "{ended:?} after {took:?}: {:?}",
            service.server.log()
        );
        println!("ended after {took:?}");
        drop((waiting, frozen));
    }
}
