//! A panic is an answer, and says nothing.

use std::process::Command;
use std::time::{Duration, Instant};

use mintmark::domain::clients;
use mintmark::model::ids::ClientId;
use mintmark::store::Database;
use serde_json::{Value, json};

use super::{open, read_to_close, wait_for_line};
use crate::support::{Fault, Process, Request, Response, TestApp, TestDatabase, Thread, basic};

const MESSAGE: &str = "a value of the request: mms_hush";

fn assert_says_nothing(answer: &Response) {
    assert_eq!(answer.status, 500);
    assert_eq!(answer.header("x-request-id").unwrap().len(), 32);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let text = answer.text();
    assert!(
        !text.contains("mms_hush") && !text.contains("panic"),
        "{text}"
    );
}

fn api_internal() -> Value {
    json!({
        "code": 13,
        "status": "INTERNAL",
        "message": "Something went wrong here.",
        "details": "",
    })
}

#[test]
fn a_panic_at_the_token_endpoint_is_a_500_of_its_own_form() {
    let app = TestApp::start();
    let request = Request::token("grant_type=client_credentials").header(
        "authorization",
        &basic(&app.first.client_id, &app.first.client_secret),
    );
    let answer = app.send_to_panic(Thread::Worker, MESSAGE, request.clone());
    assert_says_nothing(&answer);
    assert_eq!(
        answer.text(),
        r#"{"error":"server_error","error_description":"Something went wrong here."}"#
    );
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    assert_eq!(app.send(request).status, 200);
}

#[test]
fn a_panic_at_the_resource_api_is_a_500_of_its_own_form() {
    let app = TestApp::start();
    let token = app.token(&app.first).access_token;
    let request = Request::new("GET", "/console/api/v2/me").bearer(&token);
    let answer = app.send_to_panic(Thread::Worker, MESSAGE, request.clone());
    assert_says_nothing(&answer);
    assert_eq!(answer.json(), api_internal());
    assert_eq!(app.send(request).status, 200);
}

#[test]
fn a_panic_in_work_that_waits_for_the_database_is_a_500() {
    let app = TestApp::start();
    let answer = app.send_to_panic(Thread::Blocking, MESSAGE, Request::new("GET", "/readyz"));
    assert_says_nothing(&answer);
    assert_eq!(answer.json(), api_internal());
}

#[test]
fn the_connection_of_a_panic_is_closed_after_the_answer_not_before() {
    let app = TestApp::start();
    app.clock
        .fail(Thread::Blocking, Fault::Panic(MESSAGE.to_owned()));
    let stream = open(app.address, b"GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n");
    let answer = Response::parse(&read_to_close(&stream)).unwrap();
    assert_says_nothing(&answer);
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(app.send(Request::new("GET", "/readyz")).status, 200);
}

/// The binary panics when it gets no thread for what waits for the database; so none is let it
/// have.
#[test]
fn the_log_tells_where_a_panic_was_and_in_which_request_but_not_its_message() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let args = ["--workers", "1", "--log-level", "trace"];
    let process = Process::start(folder.path(), &database.url_text(), &args);
    assert_eq!(process.send(&Request::new("GET", "/healthz")).status, 200);
    let pid = process.child.id().to_string();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let size: u64 = size
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    let limit = format!("--as={}", (size + 1024) * 1024);
    let limited = Command::new("prlimit")
        .args(["--pid", &pid, &limit])
        .status();
    assert!(limited.unwrap().success());

    let answer = process.send(&Request::new("GET", "/readyz"));
    assert_says_nothing(&answer);
    let id = answer.header("x-request-id").unwrap();
    // The last line of a request is the one that every request has.
    wait_for_line(&process, |line| {
        line.contains(id) && line.contains(r#""message":"request""#)
    });
    let lines = process.log();
    let of_it: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["request_id"] == id)
        .collect();
    let messages: Vec<&Value> = of_it.iter().map(|line| &line["message"]).collect();
    assert_eq!(messages, ["panic", "request"]);
    assert!(of_it[0]["place"].as_str().unwrap().contains(".rs:"));
    assert_eq!(of_it[1]["cause"], "a panic");
    for line in &lines {
        assert!(
            !line.contains("os error") && !line.contains("OS can't"),
            "{line}"
        );
    }
}

#[test]
fn a_job_that_panics_goes_on_with_its_next_round() {
    let app = TestApp::start();
    let service = app.create_service("applications:read");
    app.token(&service);
    let message = "as planned: a job".to_owned();
    app.clock.fail(Thread::Follower, Fault::Panic(message));
    let patience = Instant::now();
    let wait = |is_over: &dyn Fn() -> bool| {
        while !is_over() {
            assert!(patience.elapsed() < super::PATIENCE);
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    wait(&|| !app.clock.is_armed());
    // What another process changes is noticed all the same.
    let beside = Database::open(&app.database.url(), 1).unwrap();
    let id = ClientId::parse(&service.client_id).unwrap();
    let act = app.act();
    let disabled = beside.write(|c| clients::disable(c, &act, &id));
    disabled.unwrap();
    wait(&|| {
        app.post_token(&service, "grant_type=client_credentials")
            .status
            == 401
    });
}
