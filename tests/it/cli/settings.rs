//! `config show`: every setting, its value with secrets hidden, and where it came from.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Shell;
use crate::support::{self, command};

/// What is shown with these variables and arguments, of which nothing is wrong: a setting's value
/// and source by its name.
fn shown(variables: &[(&str, &str)], args: &[&str]) -> BTreeMap<String, (String, String)> {
    let (is_right, shown) = shown_anyway(variables, args);
    assert!(is_right, "{variables:?} {args:?}");
    shown
}

/// As [`shown`], and whether the server would start with it.
fn shown_anyway(
    variables: &[(&str, &str)],
    args: &[&str],
) -> (bool, BTreeMap<String, (String, String)>) {
    let folder = tempfile::tempdir().unwrap();
    let all = [args, &["config", "show", "--output", "json"]].concat();
    let mut show = command(folder.path(), "", &all);
    show.env_remove("MINTMARK_DATABASE_URL")
        .envs(variables.iter().copied());
    let output = show.output().unwrap();
    let list: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let shown = list
        .iter()
        .map(|row| {
            assert_eq!(row.as_object().unwrap().len(), 3);
            (
                text(&row["setting"]),
                (text(&row["value"]), text(&row["source"])),
            )
        })
        .collect();
    (output.status.success(), shown)
}

#[test]
fn without_anything_given_every_setting_has_its_default() {
    let expected = [
        ("audit-kept", "365d"),
        ("bodies-in-flight", "64"),
        ("check-database", "quick"),
        ("database-connections", "8"),
        ("database-url", "sqlite:data/mintmark.db"),
        ("database-url-file", ""),
        ("directory-capacity", "100000"),
        ("guard-per-client", "10"),
        ("guard-per-peer", "100"),
        ("init", "no"),
        ("keys-dir", "keys"),
        ("listen", "127.0.0.1:9090"),
        ("log-format", "text"),
        ("log-level", "info"),
        ("max-connections", "10000"),
        ("max-connections-per-peer", ""),
        ("outage-grace", "5m"),
        ("public-url", ""),
        ("refuse-id-tokens", "false"),
        ("sign-in-places", "128"),
        ("sign-ins-per-second", "20"),
        ("signing-key-bits", "2048"),
        ("tls-cert", ""),
        ("tls-key", ""),
        ("trusted-proxy", ""),
        ("workers", "0"),
        ("writes-per-caller", "12000"),
        ("writes-per-member", "30"),
    ];
    let shown = shown(&[], &[]);
    let found: Vec<(&str, &str)> = shown
        .iter()
        .map(|(n, (v, _))| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(found, expected);
    assert!(shown.values().all(|(_, source)| source == "default"));
}

#[test]
fn a_setting_names_the_variable_or_option_that_it_came_from() {
    let variables = [
        ("MINTMARK_LISTEN", "127.0.0.1:7070"),
        ("MINTMARK_KEYS_DIR", "/by/variable"),
        ("MINTMARK_AUDIT_KEPT", "90d"),
        ("MINTMARK_REFUSE_ID_TOKENS", "true"),
        ("MINTMARK_TRUSTED_PROXY", "10.0.0.0/8,192.0.2.7"),
    ];
    let shown = shown(&variables, &["--keys-dir", "/by/option"]);
    let at = |name: &str| {
        let (value, source) = &shown[name];
        [value.clone(), source.clone()]
    };
    assert_eq!(at("listen"), ["127.0.0.1:7070", "MINTMARK_LISTEN"]);
    assert_eq!(at("keys-dir"), ["/by/option", "--keys-dir"]);
    assert_eq!(
        at("refuse-id-tokens"),
        ["true", "MINTMARK_REFUSE_ID_TOKENS"]
    );
    assert_eq!(at("trusted-proxy")[1], "MINTMARK_TRUSTED_PROXY");
    assert!(at("trusted-proxy")[0].contains("10.0.0.0/8"));
    assert_eq!(at("audit-kept"), ["90d", "MINTMARK_AUDIT_KEPT"]);
    assert_eq!(at("workers"), ["0", "default"]);
}

#[test]
fn a_password_in_the_database_url_is_hidden_wherever_it_stands() {
    let urls = [
        (
            "postgres://u:hush@db:5432/x",
            "postgres://u:hidden@db:5432/x",
        ),
        (
            "postgres://u:hush@h1:5432,h2:5433/x",
            "postgres://u:hidden@h1:5432,h2:5433/x",
        ),
        (
            "postgres://db/x?user=u&password=hush",
            "postgres://db/x?user=u&password=hidden",
        ),
        (
            "postgres://h1,h2:1/x?password=hush",
            "postgres://h1,h2:1/x?password=hidden",
        ),
        ("postgres://u:p%40hush@db/x", "postgres://u:hidden@db/x"),
        (
            "postgres://u@db/x?pass%77ord=hush",
            "postgres://u@db/x?pass%77ord=hidden",
        ),
        (
            "postgres://u@db/x?sslmode=require",
            "postgres://u@db/x?sslmode=require",
        ),
        ("sqlite:data/a.db", "sqlite:data/a.db"),
    ];
    for (url, expected) in urls {
        let (is_right, shown) = shown_anyway(&[("MINTMARK_DATABASE_URL", url)], &[]);
        // The others lead to another host without a word on TLS.
        let is_said = url.contains("sslmode") || url.starts_with("sqlite:");
        assert_eq!(is_right, is_said, "{url}");
        let (value, source) = &shown["database-url"];
        assert_eq!(
            (value.as_str(), source.as_str()),
            (expected, "MINTMARK_DATABASE_URL")
        );
    }
}

#[test]
fn as_text_it_is_a_table_that_says_what_the_server_would_refuse() {
    let shell = Shell::new();
    let table = shell.text(&["config", "show"], "");
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 29);
    let words: Vec<&str> = lines[0].split_whitespace().collect();
    assert_eq!(words, ["setting", "value", "source"]);
    let why = "listening on 0.0.0.0:9090 in plain HTTP would send secrets unprotected: give \
        --tls-cert and --tls-key, or name the proxy that speaks TLS for this server with \
        --trusted-proxy";
    // It is shown all the same: that is when it has to be looked at.
    let args = [
        "config",
        "show",
        "--listen",
        "0.0.0.0:9090",
        "--public-url",
        "https://auth.example.org",
    ];
    let shown = shell.run(&args, "");
    assert_eq!(shown.status.code(), Some(1));
    let said = String::from_utf8(shown.stderr).unwrap();
    assert_eq!(said, format!("mintmark: {why}\n"));
    assert!(
        String::from_utf8(shown.stdout)
            .unwrap()
            .contains("0.0.0.0:9090")
    );
}

#[test]
fn everything_that_keeps_the_server_from_starting_is_told_at_once_by_both() {
    let shell = Shell::new();
    let folder = shell.folder.path();
    let wrong = [
        "--database-url",
        "mysql://x/y",
        "--listen",
        "192.0.2.1:9090",
        "--public-url",
        "https://auth.example.org/path",
        "--log-level",
        "mintmark=loud",
        "--tls-cert",
        "nowhere.crt",
        "--tls-key",
        "nowhere.key",
    ];
    let expected = [
        "a database URL begins with sqlite: (then a path) or with postgres://",
        "--log-level: ",
        "cannot read nowhere.crt: No such file or directory (os error 2)",
        "--public-url must have no path",
        "cannot listen on 192.0.2.1:9090: ",
    ];
    for command in [&["config", "show"][..], &["serve"]] {
        let told = support::command(folder, "", &[command, &wrong].concat())
            .env_remove("MINTMARK_DATABASE_URL")
            .output()
            .unwrap();
        assert_eq!(told.status.code(), Some(1), "{command:?}");
        let said = String::from_utf8(told.stderr).unwrap();
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), expected.len(), "{said}");
        for (line, begins) in lines.iter().zip(expected) {
            let begins = format!("mintmark: {begins}");
            assert!(line.starts_with(&begins), "{line}: {begins}");
        }
    }
    let plain = ["config", "show", "--listen", "0.0.0.0:9090"];
    let told = shell.run(&plain, "");
    let said = String::from_utf8(told.stderr).unwrap();
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(
        said.contains("needs --public-url") && said.contains("in plain HTTP"),
        "{said}"
    );
    // An address at which a server listens is that server's: nothing is wrong with it.
    let taken = shell.app.address.to_string();
    let beside = shell.run(&["config", "show", "--listen", &taken], "");
    assert!(beside.status.success(), "{beside:?}");
}

#[test]
fn audit_events_are_kept_for_a_day_at_least() {
    let shell = Shell::new();
    for (kept, why) in [
        ("23h", "at least 1d"),
        ("0s", "at least 1d"),
        ("year", "a time is a number and a unit: 90s, 10m, 24h, 90d"),
    ] {
        let refused = shell.run(&["config", "show", "--audit-kept", kept], "");
        assert_eq!(refused.status.code(), Some(2), "{kept}");
        let said = String::from_utf8(refused.stderr).unwrap();
        let expected = format!("invalid value '{kept}' for '--audit-kept <TIME>': {why}");
        assert!(said.contains(&expected), "{said}");
    }
    let taken = shell.run(&["config", "show", "--audit-kept", "24h"], "");
    assert!(taken.status.success());
}

#[test]
fn a_cap_of_one_address_above_half_of_the_connections_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let said = |per_peer: &[&str]| {
        let show = ["config", "show", "--max-connections", "10"];
        let output = command(folder.path(), "", &[&show, per_peer].concat()).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let warned = said(&["--max-connections-per-peer", "6"]);
    assert!(
        warned.contains("--max-connections-per-peer 6 is more than half of --max-connections 10"),
        "{warned}"
    );
    for fine in [&[][..], &["--max-connections-per-peer", "5"]] {
        assert!(!said(fine).contains("warning"), "{fine:?}");
    }
}
