//! Deadlines: of a request's head, its body, the whole of it, and of a connection without one.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use mintmark::domain::clients;
use mintmark::domain::user_changes::{self, UserUpdate};
use mintmark::model::audit::AuditEvent;
use mintmark::model::ids::ClientId;
use mintmark::model::scope::Role;
use mintmark::model::user::User;
use mintmark::store::audit_events;
use serde_json::json;
use socket2::{Domain, Socket, Type};

use super::{open, read_answer, read_to_close};
use crate::support::{Browser, Credentials, Fault, Request, Response, TestApp, Thread, send};

/// Everything of a request but the end of its body.
fn without_the_end(request: &Request) -> Vec<u8> {
    let mut bytes = request.to_bytes();
    bytes.truncate(bytes.len() - 5);
    bytes
}

/// Sends one byte after the other until the server has had enough.
fn trickle(stream: &TcpStream) {
    let mut stream = stream.try_clone().unwrap();
    std::thread::spawn(move || {
        while stream.write_all(b"a").is_ok() {
            std::thread::sleep(Duration::from_millis(200));
        }
    });
}

fn assert_body_too_slow(answer: &Response) {
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (
            408,
            r#"{"error":"invalid_request","error_description":"The body did not arrive in time."}"#
        )
    );
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
}

#[test]
fn a_slow_body_at_the_token_endpoint_is_answered_408_and_the_connection_closed() {
    let app = TestApp::start();
    let request = Request::token("grant_type=client_credentials");
    let stream = open(app.address, &without_the_end(&request));
    let answer = Response::parse(&read_to_close(&stream)).unwrap();
    assert_body_too_slow(&answer);
    app.record(&request, &answer);
}

#[test]
fn a_body_that_comes_byte_by_byte_wins_no_time() {
    let app = TestApp::start();
    let form = "a=".to_owned() + &"a".repeat(4000);
    let request = Request::token(&form);
    let head = request.to_bytes();
    let stream = open(app.address, &head[..head.len() - 4000]);
    trickle(&stream);
    assert_body_too_slow(&Response::parse(&read_to_close(&stream)).unwrap());
}

#[test]
fn a_slow_body_at_the_resource_api_is_answered_408_later_than_at_the_token_endpoint() {
    let app = TestApp::start();
    let key = app.create_key("admin", "applications:write");
    let token = app.token(&key).access_token;
    let body = json!({"publication-context": "a"});
    let api = Request::json("POST", "/console/api/v2/applications", &body).bearer(&token);
    let api_stream = open(app.address, &without_the_end(&api));
    let token_request = Request::token("grant_type=client_credentials");
    let token_stream = open(app.address, &without_the_end(&token_request));
    let waited = |stream: &TcpStream| {
        let answer = read_to_close(stream);
        (Instant::now(), Response::parse(&answer).unwrap())
    };
    let ((api_at, answer), (token_at, _)) = std::thread::scope(|scope| {
        let api = scope.spawn(|| waited(&api_stream));
        let token = scope.spawn(|| waited(&token_stream));
        (api.join().unwrap(), token.join().unwrap())
    });
    assert!(token_at < api_at);
    assert_eq!(answer.status, 408);
    assert_eq!(
        answer.json(),
        json!({
            "code": 3,
            "status": "INVALID_ARGUMENT",
            "message": "The body did not arrive in time.",
            "details": "",
        })
    );
    assert_eq!(answer.header("connection"), Some("close"));
    app.record(&api, &answer);
}

#[test]
fn a_body_that_is_held_back_does_nothing_by_a_right_that_was_taken_meanwhile() {
    let app = TestApp::start();
    let second = app.create_user("second", Role::Administrator);
    let lists = "/console/api/v2/user-lists";
    let request =
        |token: &str| Request::json("POST", lists, &json!({"presentation": "New"})).bearer(token);
    // Each is taken after the request was let in, and before its body is there.
    type Take = fn(&TestApp, &Credentials, &User);
    let taken: [(u16, Take); 4] = [
        (401, |app, key, _| {
            let id = ClientId::parse(&key.client_id).unwrap();
            app.write(|c, act| clients::disable(c, act, &id).map(drop));
        }),
        (401, |app, key, _| {
            let id = ClientId::parse(&key.client_id).unwrap();
            app.write(|c, act| clients::cut_off(c, act, &id).map(drop));
        }),
        (403, |app, _, second| set_role(app, second, Role::Member)),
        // Nothing is taken: it is the body that was missing.
        (201, |app, _, second| {
            set_role(app, second, Role::Administrator)
        }),
    ];
    for (status, take) in taken {
        set_role(&app, &second, Role::Administrator);
        let key = app.create_key("second", "users:write");
        let request = request(&app.token(&key).access_token);
        let bytes = request.to_bytes();
        let (begun, rest) = bytes.split_at(bytes.len() - 5);
        let mut stream = open(app.address, begun);
        // The server has one worker: when it answers others, it has begun with this one.
        for _ in 0..3 {
            assert_eq!(app.get("/healthz", "").status, 200);
        }
        take(&app, &key, &second);
        stream.write_all(rest).unwrap();
        let answer = read_answer(&stream);
        assert_eq!(answer.status, status, "{}", answer.text());
        app.record(&request, &answer);
    }
}

fn set_role(app: &TestApp, user: &User, role: Role) {
    let update = UserUpdate {
        role: Some(role),
        ..UserUpdate::default()
    };
    app.write(|c, act| {
        user_changes::update(c, act, (user.user_list_id, user.id), update).map(drop)
    });
}

#[test]
fn a_head_that_does_not_come_to_its_end_is_not_waited_for() {
    let app = TestApp::start();
    let begun = b"POST /console/sys/token HTTP/1.1\r\nhost: a\r\nx: ";
    let silent = open(app.address, begun);
    let trickling = open(app.address, begun);
    trickle(&trickling);
    for stream in [silent, trickling] {
        let answer = Response::parse(&read_to_close(&stream)).unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (408, ""));
        assert_eq!(answer.header("connection"), Some("close"));
    }
}

#[test]
fn a_connection_without_a_request_is_closed() {
    let app = TestApp::start();
    let answer = Response::parse(&read_to_close(&open(app.address, b""))).unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (408, ""));
}

/// Each of these takes half a minute: they wait together.
#[test]
fn no_connection_is_held_without_a_request_at_work_for_ever() {
    let app = TestApp::start();
    std::thread::scope(|scope| {
        scope.spawn(|| a_connection_that_has_had_its_answer_is_kept_a_while_and_then_closed(&app));
        scope.spawn(|| a_connection_that_is_held_after_an_answer_is_closed(&app));
        scope.spawn(|| a_client_that_does_not_read_its_answers_is_let_go(&app));
    });
}

#[test]
fn a_long_answer_is_sent_as_slowly_as_it_is_read_and_to_nobody_who_does_not_read() {
    let app = TestApp::start();
    let olga = app.create_user("olga", Role::Administrator);
    let text = "x".repeat(4000);
    app.write(|c, act| {
        for at in 0..1000 {
            let event = AuditEvent {
                at: act.now,
                actor: act.authority.actor.clone(),
                kind: "thing.counted",
                object_kind: "thing",
                object_id: at.to_string(),
                details: json!({"text": text}),
                request_id: None,
            };
            audit_events::create(c, &event)?;
        }
        Ok(())
    });
    let cookie = Browser::of(&app, &olga).cookies["mintmark_session"].clone();
    let cookie = format!("mintmark_session{}={cookie}", app.cookie_suffix());
    let key = app.create_key("admin", "audit:read");
    let token = app.token(&key).access_token;
    // Written as it is read from the database, and put together beforehand.
    let file =
        Request::new("GET", "/console/admin/audit.csv?object_kind=thing").header("cookie", &cookie);
    let page = "/console/api/v2/audit-events?object-kind=thing&page=0&size=1000";
    let array = Request::new("GET", page).bearer(&token);
    std::thread::scope(|scope| {
        for request in [&file, &array] {
            let whole = send(app.address, request);
            assert_eq!(whole.status, 200);
            assert!(whole.body.len() > 4_000_000, "{}", whole.body.len());
            let address = app.address;
            scope.spawn(move || assert_can_be_read_slowly(address, request, &whole));
            let deaf = narrow(address);
            (&deaf).write_all(&request.to_bytes()).unwrap();
            scope.spawn(move || assert_is_let_go(deaf));
        }
    });
}

/// A connection that takes little of what is not read.
fn narrow(address: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    socket.connect(&address.into()).unwrap();
    socket.into()
}

fn assert_can_be_read_slowly(address: SocketAddr, request: &Request, whole: &Response) {
    let mut stream = narrow(address);
    stream.set_read_timeout(Some(super::PATIENCE)).unwrap();
    let began = Instant::now();
    stream.write_all(&request.to_bytes()).unwrap();
    let mut answer = Vec::new();
    let mut pieces = 0;
    // 45 s for all of it: much longer than a connection is kept on which nothing is answered.
    loop {
        let share = whole.body.len() as u64 / 90;
        let read = (&stream).take(share).read_to_end(&mut answer).unwrap();
        if read == 0 {
            break;
        }
        pieces += 1;
        std::thread::sleep(Duration::from_millis(500));
    }
    assert!(began.elapsed() > Duration::from_secs(40), "{pieces} pieces");
    let answer = Response::parse(&answer).unwrap();
    assert_eq!(answer.body.len(), whole.body.len());
    assert!(answer.body == whole.body, "it is another answer");
}

fn a_connection_that_has_had_its_answer_is_kept_a_while_and_then_closed(app: &TestApp) {
    let mut stream = open(app.address, b"");
    for _ in 0..2 {
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n")
            .unwrap();
        assert_eq!(read_answer(&stream).status, 200);
    }
    assert_eq!(read_to_close(&stream), b"");
}

#[test]
fn work_that_does_not_end_is_answered_503_at_the_deadline_of_the_whole_request() {
    let app = TestApp::start();
    let key = app.create_key("admin", "applications:write");
    let token = app.token(&key).access_token;
    let path = "/console/api/v2/applications/00000000-0000-4000-8000-000000000001";
    let request = || Request::new("DELETE", path).bearer(&token);
    assert_eq!(app.send(request()).status, 404);
    app.clock.fail(Thread::Blocking, Fault::Hang);
    let answer = app.send(request());
    app.clock.mend();
    assert_eq!(answer.status, 503);
    assert_eq!(
        answer.json(),
        json!({
            "code": 14,
            "status": "UNAVAILABLE",
            "message": "The service is temporarily unavailable. Try again later.",
            "details": "",
        })
    );
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(app.send(Request::new("GET", "/readyz")).status, 200);
}

/// Ways to hold a connection after an answer, for which actix has no limit.
fn a_connection_that_is_held_after_an_answer_is_closed(app: &TestApp) {
    let ask = "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
    let held: Vec<TcpStream> = ["GET /h", "\r\n", "GET /healthz HTTP/1.1\r\nhost: a\r\nx: "]
        .iter()
        .map(|more| {
            let mut stream = open(app.address, ask.as_bytes());
            assert_eq!(read_answer(&stream).status, 200);
            stream.write_all(more.as_bytes()).unwrap();
            stream
        })
        .collect();
    trickle(&held[2]);
    let unread_body = open(
        app.address,
        b"POST /nowhere HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n9\r\na",
    );
    assert_eq!(read_answer(&unread_body).status, 404);
    for stream in held.iter().chain([&unread_body]) {
        assert_eq!(read_to_close(stream), b"");
    }
}

fn a_client_that_does_not_read_its_answers_is_let_go(app: &TestApp) {
    let mut deaf = open(app.address, b"");
    deaf.set_write_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    // More answers than the buffers between here and there hold.
    let ask = b"GET /openapi.yaml HTTP/1.1\r\nhost: a\r\n\r\n".repeat(2000);
    let _ = deaf.write_all(&ask);
    assert_is_let_go(deaf);
}

/// Waits until the server has closed a connection on which nobody reads.
fn assert_is_let_go(mut deaf: TcpStream) {
    let began = Instant::now();
    // Nothing can be written to a connection that is gone.
    deaf.set_write_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    loop {
        match deaf.write(b"\r\n") {
            Err(e) if e.kind() != std::io::ErrorKind::WouldBlock => break,
            _ => std::thread::sleep(Duration::from_millis(500)),
        }
        assert!(began.elapsed() < super::PATIENCE, "it is still held");
    }
}
