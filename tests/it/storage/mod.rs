//! The database under faults, several processes and load.

mod away;
pub mod cluster;
mod durable;
mod following;
mod full;
mod history;
mod hung;
mod killed;
mod locked;
mod long_reads;
mod lost;
mod moving;
mod overlooked;
mod promoted;
mod read_only;
mod replaced;
mod secrets;
mod suspended;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Credentials, Process, Request, Response, basic, cli};

/// What a command writes as JSON; it must succeed.
pub fn run(folder: &Path, database_url: &str, args: &[&str]) -> Value {
    let output = cli(
        folder,
        database_url,
        &[args, &["--output", "json"]].concat(),
        "",
    );
    assert!(output.status.success(), "{args:?}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

/// Makes a client by the command line.
pub fn create_client(folder: &Path, database_url: &str, args: &[&str]) -> Credentials {
    credentials(&run(
        folder,
        database_url,
        &[&["client", "create"], args].concat(),
    ))
}

/// The credentials in what `client create` or `client rotate` wrote.
pub fn credentials(made: &Value) -> Credentials {
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    Credentials {
        client_id: text("client_id"),
        client_secret: text("client_secret"),
    }
}

/// `POST /console/sys/token` with this client's credentials.
pub fn token_request(client: &Credentials, form: &str) -> Request {
    let basic = basic(&client.client_id, &client.client_secret);
    Request::token(form).header("authorization", &basic)
}

/// A token for all that the client may do.
pub fn token(server: &Process, client: &Credentials) -> String {
    let answer = server.send(&token_request(client, "grant_type=client_credentials"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// `POST /console/api/v2/applications`.
pub fn create_application(token: &str, name: &str) -> Request {
    let body = json!({
        "source": {"type": "repository", "image-id": "25d2757d-ed6b-48ae-9abf-a563d00052ae"},
        "display-name": "An application",
        "publication-context": name,
        "development-mode": false,
    });
    Request::json("POST", "/console/api/v2/applications", &body).bearer(token)
}

/// That an answer of the resource API says that the database is away, and nothing of why.
pub fn assert_unavailable(answer: &Response) {
    let expected = json!({
        "code": 14,
        "status": "UNAVAILABLE",
        "message": "The service is temporarily unavailable. Try again later.",
        "details": "",
    });
    assert_eq!((answer.status, answer.json()), (503, expected));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

/// That an answer of the token endpoint says so.
pub fn assert_temporarily_unavailable(answer: &Response) {
    let expected = json!({
        "error": "temporarily_unavailable",
        "error_description": "The service is temporarily unavailable. Try again later.",
    });
    assert_eq!((answer.status, answer.json()), (503, expected));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
}

/// Tells those to stop who go on until then, also when the test that it is in fails.
pub struct StopAtEnd<'a>(pub &'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Asks again until it holds, and answers how long that took.
///
/// # Panics
/// When it does not within a minute, which is far beyond every promise.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !holds() {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "{what}: not within a minute"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    began.elapsed()
}

/// The longest and the middle one, for the report.
pub fn max_and_median(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    (times[times.len() - 1], times[times.len() / 2])
}
