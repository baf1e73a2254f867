//! `client rotate`: two secrets for a time, so that nobody is without one.

use super::{Shell, credentials};
use crate::support::Credentials;

fn rotate(shell: &Shell, id: &str, more: &[&str]) -> Credentials {
    credentials(&shell.json(&[&["client", "rotate", "--id", id], more].concat(), ""))
}

#[test]
fn both_secrets_work_until_the_older_one_ends_by_itself() {
    let shell = Shell::new();
    let old = shell.create_client(&["--user", "admin", "--scope", "openid"]);
    let token = shell.app.token(&old).access_token;
    // A day is what is meant unless something else is said.
    for ends_in in [&["--old-ends-in", "24h"][..], &[]] {
        let key = shell.create_client(&["--user", "admin", "--scope", "openid"]);
        let new = rotate(&shell, &key.client_id, ends_in);
        assert_eq!(new.client_id, key.client_id);
        assert_ne!(new.client_secret, key.client_secret);
        let ends = format!(
            "SELECT CAST(expires_at - (SELECT max(created_at) FROM client_secrets WHERE client_id = \
             '{0}') AS TEXT) AS text FROM client_secrets WHERE client_id = '{0}' AND expires_at > 0",
            key.client_id
        );
        assert_eq!(shell.app.database.query(&ends), ["86400000"]);
    }
    let new = rotate(&shell, &old.client_id, &["--old-ends-in", "1h"]);
    assert_eq!([shell.status(&old), shell.status(&new)], [200, 200]);
    shell.app.advance(3500);
    assert_eq!([shell.status(&old), shell.status(&new)], [200, 200]);
    shell.app.advance(200);
    assert_eq!([shell.status(&old), shell.status(&new)], [401, 200]);
    // A rotation cuts nothing off that was issued.
    let again = shell.app.token(&new).access_token;
    assert_eq!(shell.app.get("/console/api/v2/me", &again).status, 200);
    assert_eq!(
        shell.app.get("/console/api/v2/me", &token).status,
        401,
        "an hour is over"
    );
}

#[test]
fn with_zero_the_old_secret_ends_at_once_and_its_tokens_go_on() {
    let shell = Shell::new();
    let old = shell.create_client(&["--user", "admin", "--scope", "openid"]);
    let token = shell.app.token(&old).access_token;
    let mut newest = old.clone();
    // Again and again, since nothing that lives is in the way.
    for _ in 0..3 {
        // The command line's clock is the real one; the server's stands still unless it is moved.
        shell.app.advance(60);
        let new = rotate(&shell, &old.client_id, &["--old-ends-in", "0s"]);
        shell.app.advance(60);
        assert_eq!([shell.status(&newest), shell.status(&new)], [401, 200]);
        newest = new;
    }
    assert_eq!(shell.app.get("/console/api/v2/me", &token).status, 200);
}

#[test]
fn a_third_secret_is_refused_while_two_live() {
    let shell = Shell::new();
    let old = shell.create_client(&["--user", "admin", "--scope", "openid"]);
    let new = rotate(&shell, &old.client_id, &["--old-ends-in", "24h"]);
    let args = ["client", "rotate", "--id", &old.client_id];
    let why = "the client has two secrets already: wait until the older one ends";
    assert_eq!(shell.refused(&args, ""), why);
    assert_eq!([shell.status(&old), shell.status(&new)], [200, 200]);
    // Both may have leaked: then both end at once.
    let newest = rotate(&shell, &old.client_id, &["--old-ends-in", "0s"]);
    let all = [&old, &new, &newest].map(|credentials| shell.status(credentials));
    assert_eq!(all, [401, 401, 200]);
    let misused = [
        "client",
        "rotate",
        "--id",
        &old.client_id,
        "--old-ends-in",
        "soon",
    ];
    assert!(shell.misused(&misused).contains("90s, 10m, 24h, 90d"));
}

#[test]
fn a_rotation_is_written_for_people_too() {
    let shell = Shell::new();
    let old = shell.create_client(&["--user", "admin", "--scope", "openid"]);
    let text = shell.text(&["client", "rotate", "--id", &old.client_id], "");
    let members = super::members(&text);
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["client_id", "client_secret", "scope"]);
    assert_eq!(
        (members[0].1.as_str(), members[2].1.as_str()),
        (old.client_id.as_str(), "openid")
    );
}

#[test]
fn the_older_secret_goes_on_for_seven_days_at_most() {
    let shell = Shell::new();
    let old = shell.create_client(&["--user", "admin", "--scope", "openid"]);
    let args = ["client", "rotate", "--id", &old.client_id, "--old-ends-in"];
    let refused = shell.refused(&[&args[..], &["8d"]].concat(), "");
    let why = "old-ends-in: is 0 to 604800 seconds: 7 days at most";
    assert_eq!(refused, why);
    let new = rotate(&shell, &old.client_id, &["--old-ends-in", "7d"]);
    assert_eq!([shell.status(&old), shell.status(&new)], [200, 200]);
}

#[test]
fn a_cut_off_refuses_every_token_issued_so_far_and_the_client_goes_on() {
    let shell = Shell::new();
    let key = shell.create_client(&["--user", "admin", "--scope", "openid"]);
    let me = |token: &str| shell.app.get("/console/api/v2/me", token).status;
    let old = shell.app.token(&key).access_token;
    assert_eq!(me(&old), 200);
    let shown = shell.json(&["client", "cut-off", "--id", &key.client_id], "");
    assert_eq!(
        (&shown["client_id"], &shown["disabled"]),
        (&key.client_id.clone().into(), &false.into())
    );
    // The other process has followed the log a moment later.
    shell.app.advance(1);
    assert_eq!(me(&old), 401);
    assert_eq!(me(&shell.app.token(&key).access_token), 200);
}
