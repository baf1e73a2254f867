//! What the server speaks in TLS, and what it refuses.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::certificate::Certificate;
use super::claims;
use crate::support::{Credentials, Process, Request, Response, TestDatabase, basic};
use openssl::error::ErrorStack;
use openssl::ssl::{
    HandshakeError, SslConnector, SslConnectorBuilder, SslMethod, SslStream, SslVersion,
};

struct Served {
    process: Process,
    certificate: Certificate,
    _database: TestDatabase,
    _folder: tempfile::TempDir,
}

impl Served {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificate = Certificate::create(folder.path(), "server");
        let database = TestDatabase::create();
        let mut args = vec!["--public-url", "https://localhost:9443"];
        args.extend(certificate.options());
        let process = Process::start(folder.path(), &database.url_text(), &args);
        Self {
            process,
            certificate,
            _database: database,
            _folder: folder,
        }
    }

    /// A handshake of a client that trusts the certificate and is set up by `set_up`.
    fn connect(
        &self,
        set_up: impl FnOnce(&mut SslConnectorBuilder) -> Result<(), ErrorStack>,
    ) -> Result<SslStream<TcpStream>, HandshakeError<TcpStream>> {
        let mut client = SslConnector::builder(SslMethod::tls_client()).unwrap();
        client.set_ca_file(&self.certificate.certificate).unwrap();
        set_up(&mut client).unwrap();
        client
            .build()
            .connect("localhost", tcp(self.process.address))
    }
}

fn tcp(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(90)))
        .unwrap();
    stream
}

/// What OpenSSL's default would not let the client even try.
const ANYTHING: &str = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";

fn only(version: SslVersion, client: &mut SslConnectorBuilder) -> Result<(), ErrorStack> {
    client.set_min_proto_version(Some(version))?;
    client.set_max_proto_version(Some(version))
}

fn request(stream: &mut SslStream<TcpStream>, request: &Request) -> Response {
    stream.write_all(&request.to_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    Response::parse(&answer).unwrap()
}

fn token_request(key: &Credentials) -> Request {
    Request::token("grant_type=client_credentials")
        .header("authorization", &basic(&key.client_id, &key.client_secret))
}

/// Why the server ended the handshake, in the words of the alert that it sent.
fn refusal(result: Result<SslStream<TcpStream>, HandshakeError<TcpStream>>) -> String {
    match result {
        Ok(stream) => panic!(
            "{} {:?}",
            stream.ssl().version_str(),
            stream.ssl().current_cipher().map(|c| c.name())
        ),
        Err(HandshakeError::Failure(stream)) => stream.error().to_string(),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_token_is_had_over_tls_1_2_and_1_3_and_names_the_https_issuer() {
    let served = Served::start();
    let key = served.process.first_key();
    for (version, name) in [
        (SslVersion::TLS1_2, "TLSv1.2"),
        (SslVersion::TLS1_3, "TLSv1.3"),
    ] {
        let mut stream = served.connect(|client| only(version, client)).unwrap();
        assert_eq!(stream.ssl().version_str(), name);
        let answer = request(&mut stream, &token_request(&key));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let hsts = answer.header("strict-transport-security");
        assert_eq!(hsts, Some("max-age=31536000"));
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        let claims = claims(&token);
        assert_eq!(claims["iss"], "https://localhost:9443");
        assert_eq!(claims["aud"], "https://localhost:9443/console/api/v2");
        let mut stream = served.connect(|client| only(version, client)).unwrap();
        let me = Request::new("GET", "/console/api/v2/me").bearer(&token);
        assert_eq!(request(&mut stream, &me).status, 200);
    }
}

#[test]
fn tls_1_2_is_spoken_with_ecdhe_and_aead_alone() {
    let served = Served::start();
    for cipher in [
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-CHACHA20-POLY1305",
    ] {
        let stream = served.connect(|client| {
            only(SslVersion::TLS1_2, client)?;
            client.set_cipher_list(cipher)
        });
        let stream = stream.unwrap();
        assert_eq!(stream.ssl().current_cipher().unwrap().name(), cipher);
    }
    for cipher in [
        "AES128-GCM-SHA256",
        "AES256-SHA256",
        "DHE-RSA-AES128-GCM-SHA256",
        "DHE-RSA-CHACHA20-POLY1305",
        "ECDHE-RSA-AES128-SHA",
        "ECDHE-RSA-AES128-SHA256",
        "ECDHE-RSA-AES256-SHA384",
        "AECDH-AES128-SHA",
        "NULL-SHA256",
    ] {
        let refused = served.connect(|client| {
            only(SslVersion::TLS1_2, client)?;
            client.set_cipher_list(&format!("{cipher}:@SECLEVEL=0"))
        });
        let why = refusal(refused);
        assert!(why.contains("handshake failure"), "{cipher}: {why}");
    }
}

#[test]
fn older_versions_are_refused() {
    let served = Served::start();
    for version in [SslVersion::TLS1, SslVersion::TLS1_1] {
        let refused = served.connect(|client| {
            only(version, client)?;
            client.set_cipher_list(ANYTHING)
        });
        let why = refusal(refused);
        assert!(why.contains("alert protocol version"), "{why}");
    }
}

#[test]
fn a_handshake_that_does_not_come_to_its_end_is_closed() {
    let served = Served::start();
    let silent = tcp(served.process.address);
    let mut begun = tcp(served.process.address);
    // The first bytes of a client's hello, which says that 512 follow.
    begun.write_all(b"\x16\x03\x01\x02\x00\x01").unwrap();
    for mut stream in [silent, begun] {
        let mut answer = Vec::new();
        let ended = stream.read_to_end(&mut answer);
        let still_open = ended.is_err_and(|e| e.kind() == std::io::ErrorKind::WouldBlock);
        assert!(!still_open, "it was not closed");
    }
    // A client of plain HTTP gets no answer that it could take for one.
    let mut plain = tcp(served.process.address);
    plain
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(Response::parse(&answer).is_none());
    assert!(served.connect(|_| Ok(())).is_ok());
}

#[test]
fn http_1_1_is_what_is_agreed_on_and_nothing_else() {
    let served = Served::start();
    for (offered, agreed) in [
        (&b"\x02h2\x08http/1.1"[..], Some(&b"http/1.1"[..])),
        (b"\x02h2", None),
    ] {
        let stream = served.connect(|client| client.set_alpn_protos(offered));
        let mut stream = stream.unwrap();
        assert_eq!(stream.ssl().selected_alpn_protocol(), agreed);
        let answer = request(&mut stream, &Request::new("GET", "/healthz"));
        assert_eq!(answer.status, 200);
    }
}
