//! The form of the log: one event a line, with the id of its request.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::everything;
use crate::support::{Process, Request, Response, TestDatabase, basic, send};

/// Requests with odd bytes wherever they are taken, and some that are in order.
fn requests() -> Vec<Request> {
    let form = "grant_type=client_credentials";
    let mut odd = Request::new("GET", "/healthz");
    let bytes: Vec<u8> = (0x80..=0xff).chain([b'"', b'\\', b'\t', b'{']).collect();
    odd.headers.push(("user-agent".to_owned(), bytes.clone()));
    odd.headers.push(("x-forwarded-for".to_owned(), bytes));
    let escapes = "%0a%0d%1b[31m%00%7f%c2%85%e2%80%a8";
    vec![
        odd,
        Request::new("GET", "/healthz"),
        Request::new("HEAD", "/healthz"),
        Request::new("GET", &format!("/{escapes}")),
        Request::new("GET", &format!("/healthz?{escapes}")),
        Request::new("GET", "/\u{85}\u{2028}\"\\{}"),
        Request::new("GET", &format!("/console/api/v2/applications/{escapes}")),
        Request::new("BREW", "/healthz"),
        Request::token(form),
        Request::token(form).header("authorization", &basic("mmk_nobody", "x")),
        Request::token(form).header("authorization", &basic("\u{1b}[31m\"no\\body\u{2028}", "x")),
        Request::token(&format!("{form}&client_id=%22%5c%e2%80%a8&client_secret=x")),
        Request::new("PUT", "/console/sys/token"),
    ]
}

fn exchanges(process: &Process) -> Vec<(Request, Response)> {
    let with_answer = |request: Request| {
        let answer = send(process.address, &request);
        (request, answer)
    };
    requests().into_iter().map(with_answer).collect()
}

fn started(format: &str) -> (Process, TestDatabase, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let args = ["--log-format", format, "--log-level", "trace"];
    let process = Process::start(folder.path(), &database.url_text(), &args);
    (process, database, folder)
}

#[test]
fn a_json_line_is_one_event_with_its_request_id_and_nothing_unescaped() {
    let (process, _database, _folder) = started("json");
    let exchanges = exchanges(&process);
    let mut by_id: HashMap<String, Vec<Value>> = HashMap::new();
    for line in everything(&process) {
        let event: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert!(event.is_object() && event["message"].is_string(), "{line}");
        assert!(
            event["timestamp"].as_str().unwrap().ends_with('Z'),
            "{line}"
        );
        assert!(
            ["ERROR", "WARN", "INFO"].contains(&event["level"].as_str().unwrap()),
            "{line}"
        );
        assert!(!line.chars().any(char::is_control), "{line:?}");
        if event["target"]
            .as_str()
            .unwrap()
            .starts_with("mintmark::http")
        {
            let id = event["request_id"]
                .as_str()
                .expect("of a request")
                .to_owned();
            by_id.entry(id).or_default().push(event);
        }
    }
    let mut seen = HashSet::new();
    for (request, answer) in exchanges {
        let Some(id) = answer.header("x-request-id") else {
            // What no parser takes is no request.
            assert_eq!(answer.status, 400, "{request:?}");
            continue;
        };
        assert!(seen.insert(id.to_owned()));
        let [event] = &by_id[id][..] else {
            panic!("{:?}", by_id[id]);
        };
        assert_eq!(event["message"], "request");
        assert_eq!(event["status"], answer.status);
        assert_eq!(event["peer"], "127.0.0.1");
        assert!(event["micros"].is_u64());
        match request.method.as_str() {
            "BREW" => assert_eq!(event["method"], "another"),
            method => assert_eq!(event["method"], method),
        }
        match answer.status {
            404 => assert_eq!(event["path"], Value::Null),
            _ => assert!(event["path"].as_str().unwrap().starts_with('/')),
        }
    }
    assert!(seen.len() > 8);
}

#[test]
fn a_text_line_is_one_event_with_its_request_id_and_nothing_unescaped() {
    let (process, _database, _folder) = started("text");
    let exchanges = exchanges(&process);
    let lines = everything(&process);
    for line in &lines {
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(
            time.len() == 27 && time.starts_with("20") && time.ends_with('Z'),
            "{line}"
        );
        let level = rest.trim_start().split(' ').next().unwrap();
        assert!(["ERROR", "WARN", "INFO"].contains(&level), "{line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
        let ours = line.contains("mintmark::http");
        assert_eq!(ours, line.contains("request_id=\""), "{line}");
    }
    for (_, answer) in exchanges {
        if let Some(id) = answer.header("x-request-id") {
            let field = format!("request_id=\"{id}\"");
            assert_eq!(lines.iter().filter(|line| line.contains(&field)).count(), 1);
        }
    }
}

#[test]
fn an_unknown_client_is_logged_as_a_keyed_hash_alone() {
    let mut hashes = Vec::new();
    for _ in 0..2 {
        let (process, _database, _folder) = started("json");
        let known = process.first_key();
        let mut clients = Vec::new();
        for id in [
            "mmk_nobody",
            "mmk_nobody",
            "mmk_another",
            "no id at all",
            &known.client_id,
        ] {
            let request = Request::token("grant_type=client_credentials")
                .header("authorization", &basic(id, "wrong"));
            let answer = process.send(&request);
            assert_eq!(answer.status, 401);
            let request_id = answer.header("x-request-id").unwrap();
            let line = everything(&process)
                .into_iter()
                .find(|line| line.contains(request_id));
            let line = line.unwrap();
            let event: Value = serde_json::from_str(&line).unwrap();
            let is_known = id == known.client_id;
            assert_eq!(line.contains(id), is_known, "{line}");
            let cause = if is_known {
                "wrong secret"
            } else {
                "unknown client"
            };
            assert_eq!(event["cause"], cause);
            clients.push(event["client"].as_str().unwrap().to_owned());
        }
        let [one, again, another, no_id, named] = &clients[..] else {
            panic!("{clients:?}");
        };
        assert_eq!(one, again);
        assert!(one != another && one != no_id && another != no_id);
        for hash in [one, another, no_id] {
            assert!(hash.starts_with('#') && hash.len() > 10, "{hash}");
        }
        assert_eq!(named, &known.client_id);
        hashes.push(one.clone());
    }
    // Another installation has another key: nobody can look the hash up in a table.
    assert_ne!(hashes[0], hashes[1]);
}
