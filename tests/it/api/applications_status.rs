//! `/applications/{id}/status`: which status follows which, and what it leaves behind.

use mintmark::ambient::Clock;

use super::{
    answer, create, create_for, delete, events, failed_precondition, first_list, minimal, path,
    reaches, setup, state,
};
use crate::support::{Request, TestApp};

/// The documented table: the act, from where, to where.
const ACTS: [(&str, &[&str], &str); 4] = [
    ("start", &["Stopped"], "Running"),
    ("stop", &["Running"], "Stopped"),
    ("suspend", &["Running", "Stopped"], "Frozen"),
    ("restore", &["Frozen"], "Running"),
];

fn status(name: &str) -> String {
    answer(
        200,
        &format!("{{\"status\":\"{name}\",\"current-task\":null}}"),
    )
}

fn act(app: &TestApp, token: &str, path: &str, act: &str) -> String {
    let path = format!("{path}/status/{act}");
    app.send(Request::new("PUT", &path).bearer(token)).whole()
}

#[test]
fn a_status_follows_another_as_the_table_says_and_no_other_way() {
    let (app, token) = setup();
    for (from, acts_there) in [
        ("Running", &[][..]),
        ("Stopped", &["stop"]),
        ("Frozen", &["suspend"]),
    ] {
        for (name, allowed, to) in ACTS {
            let made = create(&app, &token, &minimal(&format!("{from}-{name}")));
            let path = path(&made);
            for before in acts_there {
                act(&app, &token, &path, before);
            }
            let at = format!("{path}/status");
            assert_eq!(app.get(&at, &token).whole(), status(from));
            let stood = state(&app);
            let done = act(&app, &token, &path, name);
            let now = match allowed.contains(&from) {
                true => {
                    assert_eq!(done, status(to), "{name} from {from}");
                    to
                }
                false => {
                    let why = format!("{name} is not possible: the application is {from}");
                    assert_eq!(done, failed_precondition(&why));
                    assert_eq!(state(&app), stood);
                    from
                }
            };
            assert_eq!(app.get(&at, &token).whole(), status(now));
            assert_eq!(app.get(&path, &token).json()["status"], now);
        }
    }
}

#[test]
fn a_deletion_is_final() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let path = path(&made);
    assert_eq!(delete(&app, &token, &path).status, 200);
    let stood = state(&app);
    for (name, ..) in ACTS {
        let refused = failed_precondition("the application is deleted");
        assert_eq!(act(&app, &token, &path, name), refused);
    }
    assert_eq!(state(&app), stood);
    let at = format!("{path}/status");
    assert_eq!(app.get(&at, &token).whole(), status("Deleted"));
}

#[test]
fn each_act_leaves_its_event_and_whoever_reached_the_application_still_does() {
    let (app, token) = setup();
    let made = create_for(&app, &token, "crm", &[first_list(&app)]);
    let path = path(&made);
    let key = app.create_key("admin", "openid");
    let began = app.clock.now().millis();
    for name in ["stop", "suspend", "restore", "stop", "start"] {
        app.advance(1);
        act(&app, &token, &path, name);
        assert!(reaches(&app, &key, &made), "{name}");
    }
    let about = format!(
        "\"name\":\"crm\",\"uri\":\"{}\"",
        made["uri"].as_str().unwrap()
    );
    let event = |kind: &str, from: &str, to: &str| {
        format!("application.{kind} {{{about},\"from\":\"{from}\",\"to\":\"{to}\"}}")
    };
    assert_eq!(
        events(&app, &made, began),
        [
            event("stopped", "Running", "Stopped"),
            event("suspended", "Stopped", "Frozen"),
            event("restored", "Frozen", "Running"),
            event("stopped", "Running", "Stopped"),
            event("started", "Stopped", "Running"),
        ]
    );
}
