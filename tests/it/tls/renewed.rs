//! A certificate that is renewed under a running server, and one whose end is near.

use std::fs;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode};

use super::certificate::Certificate;
use crate::support::{Process, Request, TestDatabase};

/// How long a loaded machine may take to act on a signal.
const PATIENCE: Duration = Duration::from_secs(20);

fn start(folder: &std::path::Path, database: &TestDatabase, certificate: &Certificate) -> Process {
    let mut args = vec!["--public-url", "https://localhost:9443"];
    args.extend(certificate.options());
    Process::start(folder, &database.url_text(), &args)
}

/// The certificate that the server shows, as PEM.
fn shown(server: &Process) -> Vec<u8> {
    let mut client = SslConnector::builder(SslMethod::tls_client()).unwrap();
    client.set_verify(SslVerifyMode::NONE);
    let stream = TcpStream::connect(server.address).unwrap();
    let stream = client.build().connect("localhost", stream).unwrap();
    stream.ssl().peer_certificate().unwrap().to_pem().unwrap()
}

/// Waits until the log has `count` lines with `text`.
fn told(server: &Process, text: &str, count: usize) -> Vec<String> {
    let began = Instant::now();
    loop {
        let lines: Vec<String> = server.log();
        let found: Vec<String> = lines.into_iter().filter(|l| l.contains(text)).collect();
        if found.len() >= count {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{text}: {:?}", server.log());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_renewed_certificate_is_served_after_sighup_and_a_wrong_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let used = Certificate::create(folder.path(), "server");
    let mut server = start(folder.path(), &database, &used);
    let first = fs::read(&used.certificate).unwrap();
    assert_eq!(shown(&server), first);

    let next = Certificate::create(folder.path(), "next");
    fs::copy(&next.certificate, &used.certificate).unwrap();
    // The key of before does not belong to it.
    server.signal("HUP");
    let lines = told(
        &server,
        "SIGHUP: the TLS certificate of before stays in use",
        1,
    );
    assert!(lines[0].contains("do not belong together"), "{}", lines[0]);
    assert_eq!(shown(&server), first);

    fs::copy(&next.key, &used.key).unwrap();
    server.signal("HUP");
    told(&server, "SIGHUP: the TLS certificate was read again", 1);
    assert_eq!(shown(&server), fs::read(&next.certificate).unwrap());

    fs::remove_file(&used.key).unwrap();
    server.signal("HUP");
    told(
        &server,
        "SIGHUP: the TLS certificate of before stays in use",
        2,
    );
    assert_eq!(shown(&server), fs::read(&next.certificate).unwrap());
    server.signal("TERM");
    assert!(server.wait(PATIENCE).unwrap().success());
}

#[test]
fn without_tls_sighup_ends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let mut server = Process::start(folder.path(), &database.url_text(), &[]);
    server.signal("HUP");
    told(
        &server,
        "SIGHUP: there is no TLS certificate to read again",
        1,
    );
    let alive = server.send(&Request::new("GET", "/healthz"));
    assert_eq!(alive.status, 200);
    assert_eq!(alive.header("strict-transport-security"), None);
    server.signal("TERM");
    assert!(server.wait(PATIENCE).unwrap().success());
}

#[test]
fn the_end_of_a_certificate_is_told_at_the_start_from_two_weeks_before() {
    for (days, said) in [
        (13, Some(("WARN", "the TLS certificate expires soon"))),
        (-1, Some(("ERROR", "the TLS certificate has expired"))),
        (20, None),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create();
        let certificate = Certificate::ending_in(folder.path(), "server", days);
        let server = start(folder.path(), &database, &certificate);
        match said {
            Some((level, text)) => {
                let line = told(&server, text, 1).remove(0);
                let path = certificate.certificate.display().to_string();
                assert!(line.contains(level) && line.contains(&path), "{line}");
                assert!(line.contains("renew it, then send SIGHUP"), "{line}");
                assert!(line.contains("ends_at"), "{line}");
            }
            None => {
                server.signal("HUP");
                told(&server, "SIGHUP: the TLS certificate was read again", 1);
                let told = server.log().iter().any(|line| line.contains("expire"));
                assert!(!told, "{:?}", server.log());
            }
        }
    }
}
