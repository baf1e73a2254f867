//! Allowed networks and expiry, at the token endpoint and at the Bearer check.

use super::Shell;
use crate::support::Credentials;

fn update(shell: &Shell, client: &Credentials, more: &[&str]) {
    shell.json(
        &[&["client", "update", "--id", &client.client_id], more].concat(),
        "",
    );
}

/// What an unknown client gets: every refusal must be the same.
fn unknown(shell: &Shell) -> (u16, String) {
    let nobody = Credentials {
        client_id: "mmk_0000000000000000000000".to_owned(),
        client_secret: "nothing".to_owned(),
    };
    let answer = shell
        .app
        .post_token(&nobody, "grant_type=client_credentials");
    (answer.status, answer.text())
}

#[test]
fn a_client_is_used_from_its_networks_only_for_tokens_and_for_calls() {
    let shell = Shell::new();
    let elsewhere = [
        "--allow-ip",
        "10.0.0.0/8,2001:db8::/32",
        "--allow-ip",
        "127.0.0.2",
    ];
    let key =
        shell.create_client(&[&["--user", "admin", "--scope", "openid"][..], &elsewhere].concat());
    let token = || shell.app.post_token(&key, "grant_type=client_credentials");
    let me = |token: &str| shell.app.get("/console/api/v2/me", token);
    let refused = token();
    assert_eq!((refused.status, refused.text()), unknown(&shell));

    update(&shell, &key, &["--allow-ip", "127.0.0.0/8"]);
    let issued = shell.app.token(&key).access_token;
    assert_eq!(me(&issued).status, 200);

    update(&shell, &key, &elsewhere);
    assert_eq!(token().status, 401);
    let refused = me(&issued);
    let flipped = me("a.b.c");
    assert_eq!((refused.status, refused.text()), (401, flipped.text()));
    assert_eq!(
        refused.header("www-authenticate"),
        flipped.header("www-authenticate")
    );

    update(&shell, &key, &["--allow-ip", "127.0.0.1"]);
    assert_eq!((token().status, me(&issued).status), (200, 200));
}

#[test]
fn an_expired_client_gets_no_token_and_its_tokens_end_with_it() {
    let shell = Shell::new();
    let key = shell.create_client(&[
        "--user",
        "admin",
        "--scope",
        "openid",
        "--expires-in",
        "10m",
    ]);
    let issued = shell.app.token(&key).access_token;
    let me = |token: &str| shell.app.get("/console/api/v2/me", token).status;
    shell.app.advance(530);
    assert_eq!((shell.status(&key), me(&issued)), (200, 200));
    // What it would get now would end within a minute.
    shell.app.advance(60);
    assert_eq!((shell.status(&key), me(&issued)), (401, 200));
    // The command line's clock went on while the server's stood still.
    shell.app.advance(70);
    let refused = shell.app.post_token(&key, "grant_type=client_credentials");
    assert_eq!((refused.status, refused.text()), unknown(&shell));
    assert_eq!(me(&issued), 401);
    // Given more time, counted from now on.
    update(&shell, &key, &["--expires-in", "1d"]);
    assert_eq!((shell.status(&key), me(&issued)), (200, 401));
}

#[test]
fn a_shorter_lifetime_is_a_tokens_whole_life() {
    let shell = Shell::new();
    let key = shell.create_client(&["--user", "admin", "--scope", "openid", "--lifetime", "60s"]);
    let issued = shell.app.token(&key);
    assert_eq!(issued.answer["expires_in"], 60);
    let me = |token: &str| shell.app.get("/console/api/v2/me", token).status;
    shell.app.advance(60);
    assert_eq!(me(&issued.access_token), 200, "within the skew");
    shell.app.advance(11);
    assert_eq!(me(&issued.access_token), 401);
}

#[test]
fn a_narrower_scope_cuts_tokens_that_were_issued_before() {
    let shell = Shell::new();
    let key = shell.create_client(&["--user", "admin", "--scope", "openid applications:read"]);
    let issued = shell.app.token(&key).access_token;
    let list = || {
        shell
            .app
            .get("/console/api/v2/applications", &issued)
            .status
    };
    assert_eq!(list(), 200);
    update(&shell, &key, &["--scope", "openid"]);
    assert_eq!(list(), 403);
    assert_eq!(shell.app.token(&key).answer["scope"], "openid");
    let wider = shell.app.post_token(
        &key,
        "grant_type=client_credentials&scope=applications:read",
    );
    assert_eq!(
        (wider.status, wider.json()["error"].clone()),
        (400, "invalid_scope".into())
    );
    update(&shell, &key, &["--scope", "openid applications:read"]);
    assert_eq!(list(), 200);
}
