//! Reads client credentials from a request (RFC 6749 section 2.3.1, RFC 7617).

use std::net::IpAddr;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::OAuthError;
use crate::domain::authenticate::Presented;
use crate::http::authorization::after_scheme;
use crate::http::form::{Form, decode};
use crate::model::secret::Secret;

/// What was sent to prove who the client is. Nothing, or what cannot be read as credentials, is
/// `invalid_client`; two ways at once are `invalid_request`.
pub fn read(headers: &HeaderMap, form: &Form, peer: IpAddr) -> Result<Presented, OAuthError> {
    let mut authorizations = headers.get_all(AUTHORIZATION);
    let authorization = authorizations.next();
    if authorizations.next().is_some() {
        let why = "There must be one Authorization header at most.";
        return Err(OAuthError::InvalidRequest(why));
    }
    let in_body = (form.value("client_id"), form.value("client_secret"));
    let Some(authorization) = authorization else {
        let (Some(client_id), Some(secret)) = in_body else {
            return Err(OAuthError::InvalidClient);
        };
        return Ok(Presented {
            client_id: client_id.to_owned(),
            secrets: vec![Secret::new(secret.to_owned())],
            peer,
        });
    };
    if in_body.1.is_some() {
        let why = "Client credentials must be sent in one way only.";
        return Err(OAuthError::InvalidRequest(why));
    }
    let presented = read_basic(authorization.as_bytes(), peer).ok_or(OAuthError::InvalidClient)?;
    if in_body.0.is_some_and(|id| id != presented.client_id) {
        let why = "The client_id in the body is not the authenticated client's.";
        return Err(OAuthError::InvalidRequest(why));
    }
    Ok(presented)
}

/// The refusal of a client whose credentials could be read: without a challenge if and only if they
/// came in the body alone (RFC 6749 section 5.2).
pub fn refusal(headers: &HeaderMap) -> OAuthError {
    match headers.contains_key(AUTHORIZATION) {
        true => OAuthError::InvalidClient,
        false => OAuthError::InvalidClientInBody,
    }
}

/// Basic credentials. The RFC has both halves form-encoded; existing clients send them raw. An id
/// holds neither `%` nor `+`, so decoding does not change a raw one; a secret may hold both, so it
/// is tried in both readings.
fn read_basic(authorization: &[u8], peer: IpAddr) -> Option<Presented> {
    let encoded = after_scheme(authorization, "Basic")?;
    let pair = Zeroizing::new(STANDARD.decode(encoded.trim_ascii()).ok()?);
    let pair = std::str::from_utf8(&pair).ok()?;
    let (id, secret) = pair.split_once(':')?;
    if pair.chars().any(char::is_control) || id.is_empty() || secret.is_empty() {
        return None;
    }
    let mut secrets = vec![Secret::new(secret.to_owned())];
    if let Some(decoded) = decode(secret.as_bytes()).map(Secret::new)
        && decoded.expose() != secret
    {
        secrets.push(decoded);
    }
    Some(Presented {
        client_id: decode(id.as_bytes()).unwrap_or_else(|| id.to_owned()),
        secrets,
        peer,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(header: &str) -> Option<(String, Vec<String>)> {
        let peer = IpAddr::from([192, 0, 2, 1]);
        let presented = read_basic(header.as_bytes(), peer)?;
        let secrets = presented.secrets.iter().map(|s| s.expose().to_owned());
        Some((presented.client_id, secrets.collect()))
    }

    fn encoded(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    #[test]
    fn a_raw_pair_and_a_form_encoded_one_are_the_same() {
        let expected = Some(("id=".to_owned(), vec!["s3=".to_owned()]));
        assert_eq!(basic(&encoded("id=:s3=")), expected);
        let (id, secrets) = basic(&encoded("id%3D:s3%3D")).unwrap();
        assert_eq!((id.as_str(), secrets.len()), ("id=", 2));
        assert_eq!(secrets, ["s3%3D", "s3="]);
        assert_eq!(basic(&encoded("id:a:b")).unwrap().1, ["a:b"]);
        assert_eq!(basic("bAsIc aTpz").unwrap().0, "i");
        assert_eq!(basic("Basic   aTpz").unwrap().0, "i");
    }

    #[test]
    fn a_secret_with_signs_that_form_encoding_uses_is_tried_both_ways() {
        assert_eq!(
            basic(&encoded("i:a+b%20c")).unwrap().1,
            ["a+b%20c", "a b c"]
        );
        assert_eq!(basic(&encoded("i:a%zz")).unwrap().1, ["a%zz"]);
    }

    #[test]
    fn what_is_no_basic_header_is_no_credentials() {
        for wrong in [
            "",
            "Basic",
            "Basic ",
            "Basic !!",
            "Bearer aTpz",
            "Basicx",
            "Basic aTo=",
            "Basic OnM=",
        ] {
            assert_eq!(basic(wrong), None, "{wrong}");
        }
        assert_eq!(basic(&encoded("no colon")), None);
        assert_eq!(basic(&encoded("i:a\0b")), None);
        assert_eq!(
            basic(&format!("Basic {}", STANDARD.encode(b"i:\xff"))),
            None
        );
    }
}
