//! Settings that would put secrets at risk: the server says what to do and does not start.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::certificate::Certificate;
use crate::support::{Process, TestDatabase, command};

/// What a server that is started like this says before it ends.
fn refusal(args: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let mut all = vec!["serve"];
    all.extend(args);
    let mut child = command(folder.path(), &database.url_text(), &all)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("it started: {args:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{args:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    // Nothing was set up for a server that does not start.
    assert!(!folder.path().join("keys").exists(), "{args:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn an_address_that_others_reach_needs_a_public_url() {
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let proxied = ["--listen", listen, "--trusted-proxy", "10.0.0.0/8"];
        let said = refusal(&proxied);
        assert!(said.contains("needs --public-url"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn plain_http_that_others_reach_needs_a_proxy_that_speaks_tls() {
    let url = "https://auth.example.org";
    let said = refusal(&["--listen", "0.0.0.0:0", "--public-url", url]);
    assert!(
        said.contains("in plain HTTP would send secrets unprotected"),
        "{said}"
    );
    assert!(
        said.contains("--tls-cert") && said.contains("--trusted-proxy"),
        "{said}"
    );

    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let allowed = [
        "--listen",
        "0.0.0.0:0",
        "--public-url",
        url,
        "--trusted-proxy",
        "10.0.0.0/8",
    ];
    drop(Process::start(
        folder.path(),
        &database.url_text(),
        &allowed,
    ));
}

#[test]
fn the_public_url_must_be_an_https_origin() {
    for (url, why) in [
        ("https://auth.example.org/login", "must have no path"),
        ("https://auth.example.org?a", "must have no path, query"),
        ("https://a:b@auth.example.org", "user name or password"),
        ("http://auth.example.org", "must be https://"),
        ("auth.example.org", "must be https://"),
    ] {
        let said = refusal(&["--listen", "127.0.0.1:0", "--public-url", url]);
        assert!(
            said.contains("--public-url") && said.contains(why),
            "{said}"
        );
    }
}

#[test]
fn files_that_are_no_certificate_and_key_that_belong_together_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let one = Certificate::create(folder.path(), "one");
    let other = Certificate::create(folder.path(), "other");
    let rubbish = folder.path().join("rubbish.pem");
    std::fs::write(&rubbish, "rubbish").unwrap();
    let rubbish = rubbish.to_str().unwrap();
    let [_, certificate, _, key] = one.options();
    let missing = folder.path().join("missing.pem");
    let missing = missing.to_str().unwrap();
    let start = |certificate: &str, key: &str| {
        let listen = ["--listen", "127.0.0.1:0"];
        let tls = ["--tls-cert", certificate, "--tls-key", key];
        refusal(&[&listen[..], &tls[..]].concat())
    };
    let pem = std::fs::read(key).unwrap();
    let locked = folder.path().join("locked.key");
    let aes = openssl::symm::Cipher::aes_256_cbc();
    let parsed = openssl::pkey::PKey::private_key_from_pem(&pem).unwrap();
    let pem = parsed.private_key_to_pem_pkcs8_passphrase(aes, b"hush");
    std::fs::write(&locked, pem.unwrap()).unwrap();
    let locked = locked.to_str().unwrap();
    let no_certificate =
        "holds no certificate in PEM: --tls-cert takes the server's own, then its chain";
    let no_key = "holds no private key in PEM that opens without a passphrase";
    let not_found = "No such file or directory (os error 2)";
    let foreign = other.options()[3];
    for (certificate, key, said) in [
        (missing, key, format!("cannot read {missing}: {not_found}")),
        (
            certificate,
            missing,
            format!("cannot read {missing}: {not_found}"),
        ),
        (rubbish, key, format!("{rubbish} {no_certificate}")),
        (key, certificate, format!("{key} {no_certificate}")),
        (certificate, rubbish, format!("{rubbish} {no_key}")),
        (certificate, certificate, format!("{certificate} {no_key}")),
        (certificate, locked, format!("{locked} {no_key}")),
        (
            certificate,
            foreign,
            format!(
                "{certificate} and {foreign} do not belong together: --tls-key takes the key of \
                 the first certificate"
            ),
        ),
    ] {
        let text = start(certificate, key);
        assert_eq!(text, format!("mintmark: {said}\n"));
    }
}

#[test]
fn a_private_key_that_everybody_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::create(folder.path(), "server");
    let options = certificate.options();
    let args = [&["--listen", "127.0.0.1:0"][..], &options[..]].concat();
    let path = options[3];
    for mode in [0o644, 0o604, 0o666, 0o602] {
        certificate.let_read(mode);
        let said = format!(
            "mintmark: {path} can be read by others (mode {mode:04o}): run `chmod o= {path}`, and \
             consider that somebody may have copied the key\n"
        );
        assert_eq!(refusal(&args), said);
    }
    // The group can be the one that keeps certificates.
    certificate.let_read(0o640);
    let (database, home) = (TestDatabase::create(), tempfile::tempdir().unwrap());
    Process::start(home.path(), &database.url_text(), &options);
}
