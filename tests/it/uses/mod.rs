//! Last use and daily counts: noted in memory, written in batches.

mod batches;
mod ends;
mod rows;

use mintmark::ambient::Clock;
use mintmark::config::ServerSettings;
use mintmark::domain::uses::Due;
use mintmark::jobs;
use mintmark::model::ids::ClientId;
use mintmark::model::network::Networks;
use mintmark::model::timestamp::Timestamp;
use mintmark::store::client_secrets;

use crate::support::{Credentials, Request, Response, TestApp, basic, settings};

const GRANT: &str = "grant_type=client_credentials";

/// A server whose uses are written when the test says so, early in a minute, which believes what a
/// proxy here says of the peer.
fn start() -> TestApp {
    let mut app = TestApp::with(ServerSettings {
        trusted_proxies: Networks::parse("127.0.0.1").unwrap(),
        ..settings()
    });
    app.end_jobs();
    let second = app.clock.now().seconds().rem_euclid(60);
    app.advance(65 - second as u64);
    app
}

/// Writes what is due.
fn flush(app: &TestApp) {
    jobs::uses::write(&app.app, Due::Now).unwrap();
}

fn token_from(app: &TestApp, peer: &str, client: &Credentials, form: &str) -> Response {
    let basic = basic(&client.client_id, &client.client_secret);
    let request = Request::token(form).header("authorization", &basic);
    app.send(request.header("x-forwarded-for", peer))
}

fn get_from(app: &TestApp, peer: &str, path: &str, token: &str) -> Response {
    let request = Request::new("GET", path).bearer(token);
    app.send(request.header("x-forwarded-for", peer))
}

/// The ids of a client's secrets, oldest first.
fn secrets(app: &TestApp, client: &Credentials) -> Vec<String> {
    let id = ClientId::parse(&client.client_id).unwrap();
    let secrets = app.app.read(|c| client_secrets::list(c, &id)).unwrap();
    secrets.into_iter().map(|secret| secret.id).collect()
}

/// A client's row as it stands in the table.
fn row(app: &TestApp, client: &Credentials) -> Option<String> {
    let query = format!(
        "SELECT CAST(first_used_at AS TEXT) || ' ' || CAST(last_used_at AS TEXT) || ' ' || \
         last_used_from || ' ' || secrets || ' ' || scopes || ' ' || days AS text \
         FROM client_uses WHERE client_id = '{}'",
        client.client_id
    );
    app.database.query(&query).pop()
}

/// How a row is written.
struct Row<'a> {
    first_at: Timestamp,
    last: (Timestamp, &'a str),
    secrets: &'a [(&'a str, Timestamp, &'a str)],
    scopes: &'a str,
    days: &'a [(Timestamp, i64)],
}

impl Row<'_> {
    fn text(&self) -> String {
        let secret = |(id, at, from): &(&str, Timestamp, &str)| {
            let at = at.minute().millis();
            format!("\"{id}\":{{\"at\":{at},\"from\":\"{from}\"}}")
        };
        let mut secrets: Vec<String> = self.secrets.iter().map(secret).collect();
        secrets.sort();
        let day = |(at, issued): &(Timestamp, i64)| format!("\"{}\":{issued}", at.day());
        let days: Vec<String> = self.days.iter().map(day).collect();
        format!(
            "{} {} {} {{{}}} {} {{{}}}",
            self.first_at.millis(),
            self.last.0.minute().millis(),
            self.last.1,
            secrets.join(","),
            self.scopes,
            days.join(",")
        )
    }
}
