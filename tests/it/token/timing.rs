//! An unknown client costs what a wrong secret costs: the time of a refusal tells nothing.

use std::time::{Duration, Instant};

use mintmark::config::ServerSettings;
use mintmark::domain::guard::GuardLimits;
use mintmark::model::scope::Role;

use super::{GRANT, INVALID_CLIENT, assert_error, unknown_client, with_wrong_secret};
use crate::support::{Credentials, KeptConnection, Request, TestApp, basic};
use crate::support::{count, is_full, settings};

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[test]
fn an_unknown_client_is_refused_in_the_time_of_a_wrong_secret() {
    let app = TestApp::with(ServerSettings {
        guard: GuardLimits {
            per_client: u32::MAX,
            per_peer: u32::MAX,
        },
        ..settings()
    });
    app.create_user("anna", Role::Member);
    let key = app.create_key("anna", "openid");
    // The administrator has all the keys that a user can have, and all of them with the user.
    for _ in 0..48 {
        app.create_key("admin", "openid");
    }
    let one_of_50 = app.create_key("admin", "openid");
    let service = app.create_service("");
    let never = Credentials {
        client_id: "25d2757d-ed6b-48ae-9abf-a563d00052ae".to_owned(),
        client_secret: "mms_wrong".to_owned(),
    };
    let kinds = [
        ("wrong secret of an access key", with_wrong_secret(&key)),
        ("unknown client", unknown_client()),
        (
            "wrong secret of a service client",
            with_wrong_secret(&service),
        ),
        (
            "wrong secret of one of 50 keys",
            with_wrong_secret(&one_of_50),
        ),
        ("what can be no client", never),
    ];
    let by_header = kinds.each_ref().map(|(_, client)| {
        let header = basic(&client.client_id, &client.client_secret);
        let request = Request::token(GRANT).header("authorization", &header);
        request.to_kept_bytes()
    });
    measure(&app, &kinds, &by_header, 401);
    let in_body = kinds.each_ref().map(|(_, client)| {
        let (id, secret) = (&client.client_id, &client.client_secret);
        let form = format!("{GRANT}&client_id={id}&client_secret={secret}");
        Request::token(&form).to_kept_bytes()
    });
    measure(&app, &kinds, &in_body, 400);
}

/// Sends the requests in turn, and compares the times of their refusals.
fn measure(app: &TestApp, kinds: &[(&str, Credentials); 5], requests: &[Vec<u8>; 5], status: u16) {
    let mut connection = KeptConnection::open(app.address);
    for request in requests.iter().cycle().take(40) {
        assert_error(&connection.send(request), status, INVALID_CLIENT);
    }
    let mut times: [Vec<Duration>; 5] = Default::default();
    for round in 0..count(300, 20_000) {
        for at in 0..5 {
            // Each is as often first as last, and follows each of the others.
            let kind = match round % 2 {
                0 => (at + round / 2) % 5,
                _ => (5 - at + round / 2) % 5,
            };
            let began_at = Instant::now();
            let response = connection.send(&requests[kind]);
            times[kind].push(began_at.elapsed());
            assert_eq!(response.status, status);
        }
    }
    let medians = times.map(median);
    for ((kind, _), time) in kinds.iter().zip(medians) {
        println!("{status}, {kind}: {time:?}");
    }
    let wrong = medians[0];
    for time in &medians[1..] {
        match is_full() {
            true => assert!(
                time.abs_diff(wrong) < Duration::from_micros(50),
                "{medians:?}"
            ),
            // Few and on a busy machine: only a way that is left out would show.
            false => assert!(*time < wrong * 2 && wrong < *time * 2, "{medians:?}"),
        }
    }
}
