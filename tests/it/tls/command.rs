//! The command line's `token` over TLS: whom it trusts.

use std::path::Path;
use std::process::{Output, Stdio};

use super::certificate::Certificate;
use super::claims;
use crate::support::{Process, TestDatabase, command};

/// Asks the server at this URL for a token, on a machine that trusts `roots`; this one's own roots
/// without.
fn ask(process: &Process, url: &str, roots: Option<&Path>) -> Output {
    let key = process.first_key();
    let secret = process.folder.join("secret");
    std::fs::write(&secret, &key.client_secret).unwrap();
    let args = ["token", "--server", url, "--client-id", &key.client_id];
    let mut command = command(&process.folder, "sqlite:none", &args);
    command.arg("--secret-file").arg(secret);
    if let Some(roots) = roots {
        command.env("SSL_CERT_FILE", roots);
    }
    command.stdin(Stdio::null()).output().unwrap()
}

#[test]
fn the_command_line_trusts_the_machines_roots_for_the_servers_name_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let [own, another] = ["server", "another"].map(|name| Certificate::create(folder.path(), name));
    let database = TestDatabase::create();
    let mut args = vec!["--public-url", "https://localhost:9443"];
    args.extend(own.options());
    let process = Process::start(folder.path(), &database.url_text(), &args);
    let port = process.address.port();
    let url = format!("https://localhost:{port}");

    let right = ask(&process, &url, Some(&own.certificate));
    let said = String::from_utf8_lossy(&right.stderr);
    assert!(right.status.success(), "{said}");
    let token = String::from_utf8(right.stdout).unwrap();
    assert_eq!(claims(token.trim_end())["iss"], "https://localhost:9443");

    let elsewhere = format!("https://127.0.0.1:{port}");
    for (url, roots) in [
        (&url, Some(&another.certificate)),
        (&url, None),
        (&elsewhere, Some(&own.certificate)),
    ] {
        let refused = ask(&process, url, roots.map(|path| path.as_path()));
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.contains("certificate verify failed"), "{said}");
        assert!(refused.stdout.is_empty());
    }
    // The secret was sent to none of those.
    let log = process.log();
    let asked = |line: &&String| line.contains("/console/sys/token");
    assert_eq!(log.iter().filter(asked).count(), 1, "{log:?}");
}
