//! Keys and metadata (RFC 7517, RFC 8414, OpenID Connect Discovery).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::{RunQueryDsl, sql_query};
use mintmark::http::ROUTES;
use mintmark::model::change::Change;
use mintmark::store::changes;
use openssl::sha::sha256;
use serde_json::Value;

use crate::support::{Request, Response, TestApp};

const JWKS: &str = "/.well-known/jwks.json";
const SERVER: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

fn fetch(app: &TestApp, path: &str) -> Response {
    app.send(Request::new("GET", path))
}

/// The headers of an answer, but those that differ in each.
fn headers(response: &Response) -> Vec<(String, String)> {
    let mut headers = response.headers.clone();
    headers.retain(|(name, _)| !["date", "x-request-id", "connection"].contains(&name.as_str()));
    headers.sort();
    headers
}

/// Every name of a member, at any depth.
fn names(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            into.push(name.clone());
            names(value, into);
        }),
        Value::Array(items) => items.iter().for_each(|item| names(item, into)),
        _ => {}
    }
}

#[test]
fn the_key_set_has_the_public_members_of_each_key_and_nothing_else() {
    let app = TestApp::start();
    let response = fetch(&app, JWKS);
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("application/json"));
    let keys = response.json()["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 2, "the one that signs and the next");
    let mut written = Vec::new();
    for key in &keys {
        let text = |name: &str| key[name].as_str().unwrap();
        let n = URL_SAFE_NO_PAD.decode(text("n")).unwrap();
        assert_eq!(
            (n.len(), n[0] & 0x80),
            (256, 0x80),
            "2048 bits, no zero before"
        );
        assert_eq!(text("e"), "AQAB");
        // RFC 7638: the required members in order, without white space.
        let members = format!(
            "{{\"e\":\"{}\",\"kty\":\"RSA\",\"n\":\"{}\"}}",
            text("e"),
            text("n")
        );
        let thumbprint = URL_SAFE_NO_PAD.encode(sha256(members.as_bytes()));
        assert_eq!(text("kid"), thumbprint);
        written.push(format!(
            "{{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS512\",\"kid\":\"{thumbprint}\",\
             \"n\":\"{}\",\"e\":\"AQAB\"}}",
            text("n")
        ));
    }
    assert_eq!(
        response.text(),
        format!("{{\"keys\":[{}]}}", written.join(","))
    );
    assert_ne!(keys[0]["n"], keys[1]["n"]);
}

#[test]
fn nothing_private_stands_in_any_public_document() {
    let app = TestApp::start();
    for path in [JWKS, SERVER, OPENID] {
        let document = fetch(&app, path).json();
        let mut found = Vec::new();
        names(&document, &mut found);
        for private in [
            "d", "p", "q", "dp", "dq", "qi", "oth", "k", "sealed", "priv",
        ] {
            assert!(!found.contains(&private.to_owned()), "{path}: {private}");
        }
    }
    // Nor a factor of the modulus under another name.
    let private = app.app.directory.keyring().active().to_pkcs8_der().unwrap();
    let private = openssl::pkey::PKey::private_key_from_pkcs8(private.expose()).unwrap();
    let rsa = private.rsa().unwrap();
    let text = fetch(&app, JWKS).text();
    for secret in [
        rsa.d(),
        rsa.p().unwrap(),
        rsa.q().unwrap(),
        rsa.iqmp().unwrap(),
    ] {
        assert!(!text.contains(&URL_SAFE_NO_PAD.encode(secret.to_vec())));
    }
}

#[test]
fn a_token_names_the_first_key_of_the_set() {
    let app = TestApp::start();
    let token = app.token(&app.first).access_token;
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap());
    let header: Value = serde_json::from_slice(&header.unwrap()).unwrap();
    assert_eq!(header["kid"], fetch(&app, JWKS).json()["keys"][0]["kid"]);
}

#[test]
fn the_authorization_server_says_what_it_does_and_no_more() {
    let app = TestApp::start();
    let response = fetch(&app, SERVER);
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.text(), format!("{{{}}}", server_metadata(&app)));
    // RECOMMENDED, and harmful: Python's mcp asks for all of it, whatever the client may have.
    assert_eq!(response.json().get("scopes_supported"), None);
}

#[test]
fn the_openid_configuration_adds_what_libraries_look_for_there() {
    let app = TestApp::start();
    let response = fetch(&app, OPENID);
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("application/json"));
    let expected = format!(
        "{{{},\"subject_types_supported\":[\"public\"],\"scopes_supported\":[\"openid\"],\
         \"claims_supported\":[\"iss\",\"sub\",\"aud\",\"iat\",\"exp\",\"at_hash\",\"jti\",\"scope\",\"gen\"]}}",
        server_metadata(&app)
    );
    assert_eq!(response.text(), expected);
}

fn server_metadata(app: &TestApp) -> String {
    let url = app.url("");
    format!(
        "\"issuer\":\"{url}\",\"authorization_endpoint\":\"{url}/console/sys/authorize\",\
         \"token_endpoint\":\"{url}/console/sys/token\",\
         \"jwks_uri\":\"{url}/.well-known/jwks.json\",\
         \"response_types_supported\":[],\"grant_types_supported\":[\"client_credentials\"],\
         \"token_endpoint_auth_methods_supported\":[\"client_secret_basic\",\"client_secret_post\"],\
         \"code_challenge_methods_supported\":[\"S256\"],\
         \"id_token_signing_alg_values_supported\":[\"RS512\"]"
    )
}

#[test]
fn what_the_metadata_names_is_there_and_the_issuer_is_the_tokens() {
    let app = TestApp::start();
    let document = fetch(&app, OPENID).json();
    let below = |name: &str| {
        let url = document[name].as_str().unwrap().to_owned();
        let path = url.strip_prefix(document["issuer"].as_str().unwrap());
        path.unwrap().to_owned()
    };
    assert_eq!(fetch(&app, &below("jwks_uri")).status, 200);
    assert_eq!(fetch(&app, &below("token_endpoint")).status, 405);
    assert_eq!(fetch(&app, &below("authorization_endpoint")).status, 400);
    let tokens = app.token(&app.first);
    for token in [tokens.access_token, tokens.id_token.unwrap()] {
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap());
        let claims: Value = serde_json::from_slice(&claims.unwrap()).unwrap();
        assert_eq!(claims["iss"], document["issuer"]);
    }
    let claims = document["claims_supported"].as_array().unwrap();
    let id_token = app.token(&app.first).id_token.unwrap();
    let payload = URL_SAFE_NO_PAD.decode(id_token.split('.').nth(1).unwrap());
    let payload: Value = serde_json::from_slice(&payload.unwrap()).unwrap();
    let mut found: Vec<&str> = payload
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut named: Vec<&str> = claims.iter().map(|c| c.as_str().unwrap()).collect();
    found.sort_unstable();
    named.sort_unstable();
    assert_eq!(found, named);
}

#[test]
fn the_public_urls_come_from_the_setting_and_never_from_the_host_header() {
    let app = TestApp::start();
    for path in [SERVER, OPENID] {
        let plain = fetch(&app, path).text();
        for (name, value) in [
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "host=evil.example;proto=https"),
        ] {
            let response = app.send(Request::new("GET", path).header(name, value));
            assert_eq!(response.text(), plain, "{name}");
        }
    }
}

#[test]
fn a_document_that_the_caller_has_is_not_sent_again() {
    let app = TestApp::start();
    for path in [JWKS, SERVER, OPENID] {
        let full = fetch(&app, path);
        let etag = full.header("etag").unwrap().to_owned();
        assert_eq!(fetch(&app, path).header("etag"), Some(etag.as_str()));
        assert_eq!(full.header("cache-control"), Some("public, max-age=300"));
        assert_eq!(full.header("access-control-allow-origin"), Some("*"));
        for known in [
            etag.clone(),
            format!("W/{etag}"),
            format!("\"other\", {etag}"),
            "*".to_owned(),
        ] {
            let response = app.send(Request::new("GET", path).header("if-none-match", &known));
            let expected = format!(
                "304\naccess-control-allow-origin: *\ncache-control: public, max-age=300\n\
                 etag: {etag}\n\n"
            );
            assert_eq!(response.whole(), expected, "{known}");
        }
        for other in [
            "\"other\"",
            "W/\"other\"",
            etag.trim_matches('"'),
            "",
            "\"*\"",
        ] {
            let response = app.send(Request::new("GET", path).header("if-none-match", other));
            assert_eq!(response.whole(), full.whole(), "{other}");
        }
    }
}

#[test]
fn another_key_set_has_another_etag() {
    let app = TestApp::start();
    let before = fetch(&app, JWKS);
    app.write(|c, act| {
        sql_query(
            "UPDATE signing_keys SET state = CASE state WHEN 'next' THEN 'active' ELSE 'next' END",
        )
        .execute(c)
        .unwrap();
        changes::create(c, &Change::SigningKeys, act.now)?;
        Ok(())
    });
    let etag = before.header("etag").unwrap();
    let after = app.send(Request::new("GET", JWKS).header("if-none-match", etag));
    assert_eq!(after.status, 200);
    assert_ne!(after.header("etag").unwrap(), etag);
    let (before, after) = (before.json(), after.json());
    assert_eq!(
        (&after["keys"][0], &after["keys"][1]),
        (&before["keys"][1], &before["keys"][0])
    );
}

#[test]
fn the_documents_are_answered_while_the_database_is_away() {
    let app = TestApp::start();
    let paths = [SERVER, OPENID];
    let before = paths.map(|path| fetch(&app, path).whole());
    let keys = fetch(&app, JWKS).whole();
    let max_age = |seconds: u64| keys.replace("max-age=300", &format!("max-age={seconds}"));
    app.without_database(|| {
        // Nobody keeps the keys for longer than this server would.
        for (seconds, left) in [(2, 300), (1, 297), (290, 7), (7, 0)] {
            app.pass_away(seconds);
            assert_eq!(fetch(&app, JWKS).whole(), max_age(left));
        }
        app.pass_away(1);
        let answer = app.send(Request::new("GET", JWKS));
        assert_eq!(
            (answer.status, answer.header("retry-after")),
            (503, Some("1"))
        );
        assert_eq!(answer.json()["error"], "temporarily_unavailable");
        assert_eq!(paths.map(|path| fetch(&app, path).whole()), before);
    });
    assert_eq!(fetch(&app, JWKS).whole(), keys);
}

/// The headers of an answer; of a cookie, which is new in each, its name and its attributes.
fn without_values(response: &Response) -> Vec<(String, String)> {
    let cut = |(name, value): (String, String)| match name == "set-cookie" {
        true => {
            let (pair, attributes) = value.split_once(';').unwrap();
            (
                name,
                format!("{};{attributes}", pair.split_once('=').unwrap().0),
            )
        }
        false => (name, value),
    };
    headers(response).into_iter().map(cut).collect()
}

#[test]
fn head_answers_like_get_without_a_body() {
    let app = TestApp::start();
    let token = app.token(&app.first).access_token;
    for route in ROUTES.iter().filter(|route| route.method == "GET") {
        let path = route
            .path
            .replace("{id}", "1eeb5447-c4f8-635e-b776-199d8903fded");
        let ask = |method: &str| {
            let request = Request::new(method, &path);
            match route.path.starts_with("/console/api/v2/") {
                true => app.send(request.bearer(&token)),
                false => app.send(request),
            }
        };
        let (get, head) = (ask("GET"), ask("HEAD"));
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(without_values(&head), without_values(&get), "{path}");
        assert!(head.body.is_empty(), "{path}");
    }
}

#[test]
fn another_origin_may_read_the_public_documents_and_nothing_else() {
    let app = TestApp::start();
    let token = app.token(&app.first).access_token;
    for route in ROUTES {
        let path = route
            .path
            .replace("{id}", "1eeb5447-c4f8-635e-b776-199d8903fded");
        let open = [JWKS, SERVER, OPENID].contains(&path.as_str());
        for request in [
            Request::new(route.method.as_str(), &path),
            Request::new(route.method.as_str(), &path).bearer(&token),
            Request::new("OPTIONS", &path).header("access-control-request-method", "GET"),
            Request::new("PUT", &path),
        ] {
            let is_served = request.method == route.method.as_str();
            let response = app.send(request.header("origin", "https://evil.example"));
            let cors = response
                .headers
                .iter()
                .filter(|(name, _)| name.starts_with("access-control-"));
            let cors: Vec<_> = cors.map(|(n, v)| (n.as_str(), v.as_str())).collect();
            match open && is_served {
                true => assert_eq!(cors, [("access-control-allow-origin", "*")], "{path}"),
                false => assert_eq!(cors, [], "{path}"),
            }
        }
    }
}
