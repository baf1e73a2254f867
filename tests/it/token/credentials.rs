//! Credentials: how they look, and every way in which they can be sent (RFC 6749 section 2.3.1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mintmark::domain::clients::{self, NewClient};
use mintmark::domain::users;
use mintmark::model::granted_scopes::GrantedScopes;
use mintmark::model::ids::ClientId;
use mintmark::model::scope::ScopeSet;
use mintmark::model::secret::Secret;

use super::{GRANT, INVALID_CLIENT, assert_error, invalid_request};
use crate::support::{Credentials, Request, TestApp, basic};

/// A pair as the old console makes them: padded base64url.
const OLD_ID: &str = "vQBFm9ZCcVfaWfOfvPNunkZgpocpIA1xfMnlnip6duk=";
const OLD_SECRET: &str = "u3TPYS1ZeE_STRIxT8T8zGsPbuQqqIl9QmHCvRT9wys=";

/// Takes a pair over from another system, as the administrator's access key.
fn import(app: &TestApp, id: &str, secret: &str) {
    app.write(|c, act| {
        let new = NewClient {
            owner: Some(users::find_by_login(c, "admin")?.id),
            name: "imported".to_owned(),
            description: String::new(),
            scope: ScopeSet::parse("openid").unwrap(),
            application_scopes: GrantedScopes::default(),
            audiences: Vec::new(),
            default_audience: None,
            lifetime: 3600,
            allowed_networks: Default::default(),
            expires_at: None,
            provisions_users: false,
        };
        let id = ClientId::parse(id).unwrap();
        let secret = Secret::new(secret.to_owned());
        clients::import(c, act, &app.app.digest_keys, id, &secret, new)
    });
}

/// Every byte that form-encoding knows how to write, written in its longest form.
fn form_encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'*');
    text.bytes()
        .map(|b| match plain(b) {
            true => char::from(b).to_string(),
            false => format!("%{b:02X}"),
        })
        .collect()
}

fn by_basic(app: &TestApp, id: &str, secret: &str) -> u16 {
    let request = Request::token(GRANT).header("authorization", &basic(id, secret));
    app.send(request).status
}

fn by_body(app: &TestApp, id: &str, secret: &str) -> u16 {
    let form = format!("{GRANT}&client_id={id}&client_secret={secret}");
    app.send(Request::token(&form)).status
}

#[test]
fn an_id_and_a_secret_made_here_need_no_encoding_and_can_be_recognised() {
    let app = TestApp::start();
    let Credentials {
        client_id,
        client_secret,
    } = app.create_service("");
    let base62 = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric());
    let random = client_id.strip_prefix("mmk_").unwrap();
    assert!(random.len() == 22 && base62(random), "{client_id}");
    let random = client_secret.strip_prefix("mms_").unwrap();
    assert!(random.len() == 49 && base62(random));
    let (random, check) = random.split_at(43);
    let digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let value = check.bytes().fold(0_u64, |value, digit| {
        let digit = digits.find(char::from(digit)).unwrap();
        value * 62 + u64::try_from(digit).unwrap()
    });
    assert_eq!(value, u64::from(crc32(random.as_bytes())));
}

/// The checksum of PNG and gzip, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| match crc & 1 {
            0 => crc >> 1,
            _ => crc >> 1 ^ 0xEDB8_8320,
        })
    })
}

#[test]
fn an_imported_pair_works_raw_and_form_encoded() {
    let app = TestApp::start();
    import(&app, OLD_ID, OLD_SECRET);
    let (id, secret) = (form_encoded(OLD_ID), form_encoded(OLD_SECRET));
    assert!(id.ends_with("%3D") && secret.ends_with("%3D"));
    assert_eq!(by_basic(&app, OLD_ID, OLD_SECRET), 200);
    assert_eq!(by_basic(&app, &id, &secret), 200);
    assert_eq!(by_basic(&app, &id, OLD_SECRET), 200);
    assert_eq!(by_basic(&app, OLD_ID, &secret), 200);
    assert_eq!(by_body(&app, &id, &secret), 200);
    assert_eq!(by_body(&app, OLD_ID, OLD_SECRET), 200);
    assert_eq!(by_basic(&app, &form_encoded(&id), OLD_SECRET), 401);
}

#[test]
fn an_imported_secret_with_signs_of_form_encoding_works_in_both_readings() {
    let app = TestApp::start();
    let secrets = [
        "a+b+c/0123456789abcdefghijklmnopqrst==",
        "50%41%2B%zz%+0123456789abcdefghijklmno",
        "with:a:colon&an=ampersand+0123456789abc",
    ];
    for (n, secret) in secrets.into_iter().enumerate() {
        let id = format!("imported-{n}");
        import(&app, &id, secret);
        assert_eq!(by_basic(&app, &id, secret), 200, "{secret}");
        let encoded = form_encoded(secret);
        assert_eq!(by_basic(&app, &id, &encoded), 200, "{encoded}");
        assert_eq!(by_body(&app, &id, &encoded), 200, "{encoded}");
        // Decoded or encoded once more, it is another secret.
        let twice = form_encoded(&encoded);
        assert_eq!(by_basic(&app, &id, &twice), 401, "{twice}");
        let decoded = secret.replace('+', " ").replace("%41", "A");
        assert_eq!(by_basic(&app, &id, &decoded), 401, "{decoded}");
    }
}

#[test]
fn a_clients_own_credentials_work_by_basic_and_in_the_body() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let (id, secret) = (key.client_id.as_str(), key.client_secret.as_str());
    assert_eq!(by_basic(&app, id, secret), 200);
    assert_eq!(by_body(&app, id, secret), 200);
    let pair = STANDARD.encode(format!("{id}:{secret}"));
    for header in [
        format!("basic {pair}"),
        format!("BASIC {pair}"),
        format!("Basic   {pair}"),
    ] {
        let request = Request::token(GRANT).header("authorization", &header);
        assert_eq!(app.send(request).status, 200, "{header}");
    }
    let both = Request::token(&format!("{GRANT}&client_id={id}&client_secret="));
    let both = both.header("authorization", &basic(id, secret));
    assert_eq!(app.send(both).status, 200, "the same id, an empty secret");
}

#[test]
fn credentials_in_the_query_are_never_read() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let (id, secret) = (&key.client_id, &key.client_secret);
    let path = format!(
        "/console/sys/token?client_id={id}&client_secret={secret}&scope=bad&resource=bad&{GRANT}"
    );
    let mut request = Request::token(GRANT);
    request.path.clone_from(&path);
    let refused =
        invalid_request("Parameters must be sent in the body: the query of the URL is not read.");
    assert_error(&app.send(request), 400, &refused);

    // It is said whoever asks, and nothing is said of who asks.
    for secret in [secret.as_str(), "wrong"] {
        let mut request = Request::token(GRANT).header("authorization", &basic(id, secret));
        request.path.clone_from(&path);
        assert_error(&app.send(request), 400, &refused);
    }
    for name in [
        "resource",
        "audience",
        "scope",
        "client_id",
        "client_secret",
        "subject_token",
        "assertion",
    ] {
        for query in [
            format!("{name}=x"),
            name.to_owned(),
            format!("a=b&{name}=%zz"),
        ] {
            let mut request = Request::token(GRANT).header("authorization", &basic(id, secret));
            request.path = format!("/console/sys/token?{query}");
            assert_error(&app.send(request), 400, &refused);
        }
    }
    // Anything else there is ignored (RFC 6749 section 3.2).
    let mut request = Request::token(GRANT).header("authorization", &basic(id, secret));
    request.path = "/console/sys/token?tenant=a&grant_type=password&client_id%00=x".to_owned();
    let response = app.send(request);
    assert_eq!(response.status, 200);
    assert_eq!(response.json()["scope"], "openid");

    // Without credentials the rest of the query is no way to send any.
    let mut request = Request::token(GRANT);
    request.path = "/console/sys/token?user=a&password=b".to_owned();
    assert_error(&app.send(request), 401, INVALID_CLIENT);
}
