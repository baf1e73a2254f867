//! Every cause of `invalid_client`, byte for byte the same answer (RFC 6749 section 5.2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mintmark::domain::clients::Rotation;
use mintmark::domain::{clients, users};
use mintmark::model::ids::ClientId;
use mintmark::model::network::Networks;
use mintmark::model::scope::Role;

use super::{GRANT, INVALID_CLIENT, assert_error, headers, unknown_client, with_wrong_secret};
use crate::support::{Credentials, Request, Response, TestApp, basic};

fn id(credentials: &Credentials) -> ClientId {
    ClientId::parse(&credentials.client_id).unwrap()
}

/// Clients with their right secrets that are refused all the same, each with its cause.
fn refused_clients(app: &TestApp) -> Vec<(&'static str, Credentials)> {
    let expired = app.create_client(Some("admin"), "openid", |new| {
        new.expires_at = Some(app.act().now.plus_seconds(100));
    });
    assert_eq!(app.post_token(&expired, GRANT).status, 200);
    let rotated = app.create_key("admin", "openid");
    app.write(|c, act| {
        clients::rotate(
            c,
            act,
            &app.app.digest_keys,
            &id(&rotated),
            Rotation::of(100),
        )
    });
    assert_eq!(app.post_token(&rotated, GRANT).status, 200);
    app.advance(100);

    let disabled = app.create_key("admin", "openid");
    app.write(|c, act| clients::disable(c, act, &id(&disabled)));
    let deleted = app.create_key("admin", "openid");
    app.write(|c, act| clients::delete(c, act, &id(&deleted)));
    let owner = app.create_user("anna", Role::Member);
    let of_disabled = app.create_key("anna", "openid");
    app.write(|c, act| users::disable(c, act, &owner));
    let owner = app.create_user("boris", Role::Member);
    let of_deleted = app.create_key("boris", "openid");
    app.write(|c, act| users::delete(c, act, &owner));
    let elsewhere = app.create_client(Some("admin"), "openid", |new| {
        new.allowed_networks = Networks::parse("192.0.2.0/24 2001:db8::/32").unwrap();
    });
    let service = app.create_service("");
    app.write(|c, act| clients::disable(c, act, &id(&service)));
    vec![
        ("expired client", expired),
        ("ended secret", rotated),
        ("disabled client", disabled),
        ("deleted client", deleted),
        ("disabled owner", of_disabled),
        ("deleted owner", of_deleted),
        ("forbidden network", elsewhere),
        ("disabled service client", service),
    ]
}

/// Authorization headers that are no credentials.
fn headers_without_credentials(right: &Credentials) -> Vec<Vec<u8>> {
    let pair = format!("{}:{}", right.client_id, right.client_secret);
    let encoded = STANDARD.encode(&pair);
    let texts = [
        String::new(),
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic !!!!".to_owned(),
        format!("Basic{encoded}"),
        format!("Basic {encoded}x"),
        format!("Basic {encoded} {encoded}"),
        format!("Basic {encoded}, Basic {encoded}"),
        format!("Basic {pair}"),
        format!("Basic {}", STANDARD.encode("no colon")),
        format!("Basic {}", STANDARD.encode(":")),
        format!("Basic {}", STANDARD.encode(format!("{}:", right.client_id))),
        format!(
            "Basic {}",
            STANDARD.encode(format!(":{}", right.client_secret))
        ),
        format!("Basic {}", STANDARD.encode(format!("{pair}\0"))),
        format!("Basic {}", STANDARD.encode(format!("{pair}\n"))),
        format!(
            "Basic {}",
            STANDARD.encode([pair.as_bytes(), b"\xff"].concat())
        ),
        format!("Bearer {encoded}"),
        format!("Digest {encoded}"),
        "Negotiate abc".to_owned(),
        "Bearer".to_owned(),
    ];
    let mut headers: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    headers.push([b"Basic ", encoded.as_bytes(), b"\xff"].concat());
    headers
}

/// All of an answer but what is told apart by nothing.
fn whole(response: &Response) -> (u16, Vec<(&str, &str)>, &[u8]) {
    (response.status, headers(response), &response.body)
}

#[test]
fn every_cause_of_invalid_client_has_the_same_answer_by_header_and_in_the_body() {
    let app = TestApp::start();
    let right = app.create_key("admin", "openid");
    let other = app.create_key("admin", "openid");
    let mut answers: Vec<(String, Response)> = Vec::new();
    let mut in_body: Vec<(String, Response)> = Vec::new();

    let mut refused = refused_clients(&app);
    refused.push(("wrong secret", with_wrong_secret(&right)));
    let of_another = Credentials {
        client_secret: other.client_secret,
        ..right.clone()
    };
    refused.push(("another client's secret", of_another));
    refused.push(("unknown client", unknown_client()));
    for unlikely in [
        "25d2757d-ed6b-48ae-9abf-a563d00052ae",
        "a b",
        "ключ",
        "/x",
        "%zz",
    ] {
        let never = Credentials {
            client_id: unlikely.to_owned(),
            ..right.clone()
        };
        refused.push((unlikely, never));
    }
    for (cause, credentials) in refused {
        answers.push((cause.to_owned(), app.post_token(&credentials, GRANT)));
        let encode = |text: &str| text.replace('%', "%25").replace(' ', "+");
        let (id, secret) = (encode(&credentials.client_id), &credentials.client_secret);
        let form = format!("{GRANT}&client_id={id}&client_secret={secret}");
        let response = app.send(Request::token(&form));
        in_body.push((format!("{cause}, in the body"), response));
    }
    for header in headers_without_credentials(&right) {
        let cause = String::from_utf8_lossy(&header).into_owned();
        let mut request = Request::token(GRANT);
        request.headers.push(("authorization".to_owned(), header));
        answers.push((cause, app.send(request)));
    }
    let id_alone = format!("{GRANT}&client_id={}", right.client_id);
    let secret_alone = format!("{GRANT}&client_secret={}", right.client_secret);
    let no_id = format!("{secret_alone}&client_id=");
    let no_secret = format!("{id_alone}&client_secret=");
    for form in [
        GRANT,
        "",
        "grant_type=password",
        &id_alone,
        &secret_alone,
        &no_id,
        &no_secret,
    ] {
        answers.push((format!("form {form}"), app.send(Request::token(form))));
    }

    for (cause, response) in &answers {
        println!("{cause}");
        assert_error(response, 401, INVALID_CLIENT);
        assert_eq!(whole(response), whole(&answers[0].1));
    }
    // Spring, google-oauth-client and openid-client show the document of a 400 only.
    for (cause, response) in &in_body {
        println!("{cause}");
        assert_error(response, 400, INVALID_CLIENT);
        assert_eq!(response.header("www-authenticate"), None);
        assert_eq!(whole(response), whole(&in_body[0].1));
    }
    assert_eq!(answers[0].1.body, in_body[0].1.body);
    assert_eq!(app.post_token(&right, GRANT).status, 200);
}

#[test]
fn who_is_not_authenticated_learns_nothing_about_the_rest_of_the_request() {
    let app = TestApp::start();
    let wrong = with_wrong_secret(&app.create_key("admin", "openid"));
    for form in [
        "grant_type=password",
        "scope=openid",
        "grant_type=client_credentials&scope=no+such+scope",
        "grant_type=client_credentials&resource=https://a.example&resource=https://b.example",
    ] {
        assert_error(&app.post_token(&wrong, form), 401, INVALID_CLIENT);
        assert_error(
            &app.post_token(&unknown_client(), form),
            401,
            INVALID_CLIENT,
        );
    }
}

#[test]
fn a_network_is_allowed_by_the_address_that_the_request_comes_from() {
    let app = TestApp::start();
    let key = app.create_client(Some("admin"), "openid", |new| {
        new.allowed_networks = Networks::parse("127.0.0.0/8").unwrap();
    });
    assert_eq!(app.post_token(&key, GRANT).status, 200);
    let elsewhere = app.create_client(Some("admin"), "openid", |new| {
        new.allowed_networks = Networks::parse("192.0.2.0/24").unwrap();
    });
    // No proxy is trusted, so nobody can say that the request comes from elsewhere.
    let basic = basic(&elsewhere.client_id, &elsewhere.client_secret);
    let request = Request::token(GRANT)
        .header("authorization", &basic)
        .header("x-forwarded-for", "192.0.2.1")
        .header("forwarded", "for=192.0.2.1")
        .header("x-real-ip", "192.0.2.1");
    assert_error(&app.send(request), 401, INVALID_CLIENT);
}
