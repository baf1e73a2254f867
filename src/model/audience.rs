//! Resource indicators (RFC 8707): which protected resource a token is meant for.

use url::Url;

/// The absolute path of the console API below the public URL.
pub const CONSOLE_API_PATH: &str = "/console/api/v2";

/// Whether `text` can be a resource: an absolute URI without a fragment (RFC 8707 section 2).
pub fn is_resource(text: &str) -> bool {
    !text.contains('#') && text.is_ascii() && Url::parse(text).is_ok()
}

/// Why a URI cannot be an application's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ApplicationUriError {
    #[error("must be an absolute URI without a fragment, of at most 512 ASCII characters")]
    NotAResource,
    #[error("must begin with https://, or with http:// on a loopback host")]
    NotHttps,
    #[error("must not hold a user name or a password")]
    HoldsCredentials,
    #[error("must not be the issuer or the console's own audience")]
    Reserved,
}

/// Checks the `uri` that is to be an application's audience on the server at `public_url`.
pub fn check_application_uri(text: &str, public_url: &str) -> Result<(), ApplicationUriError> {
    use ApplicationUriError as E;
    // What the parser would repair or drop, such as white space or a backslash, is no URI.
    if text.len() > 512 || !is_resource(text) || !is_spelled_as_uri(text) {
        return Err(E::NotAResource);
    }
    let url = Url::parse(text).map_err(|_| E::NotAResource)?;
    let is_safe = match url.scheme() {
        "https" => text.starts_with("https://"),
        "http" => text.starts_with("http://") && is_loopback(&url),
        _ => false,
    };
    // What lies below our own public URL is ours to name, whatever its scheme.
    if !is_safe && !text.starts_with(&format!("{public_url}/applications/")) {
        return Err(E::NotHttps);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(E::HoldsCredentials);
    }
    // However it is spelled: a reader that compares less strictly than we do must not mix them up.
    let is_ours = Url::parse(public_url).is_ok_and(|ours| ours.origin() == url.origin());
    let bare = url.path().trim_end_matches('/');
    if is_ours && (bare.is_empty() || bare.eq_ignore_ascii_case(CONSOLE_API_PATH)) {
        return Err(E::Reserved);
    }
    Ok(())
}

/// Whether `text` has only characters that a URI can hold: no other can be an application's, and need
/// be looked for.
pub fn is_spelled_as_uri(text: &str) -> bool {
    text.bytes().all(is_uri_character)
}

/// A character that a URI can hold (RFC 3986 section 2), but for the one that begins a fragment.
fn is_uri_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&byte)
}

/// Whether the URL's host is this machine itself.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_absolute_and_has_no_fragment() {
        assert!(is_resource("https://api.example.org/v1"));
        assert!(is_resource("urn:example:thing"));
        for wrong in [
            "",
            "/v1",
            "api.example.org",
            "https://a.example/#",
            "https://a.example/#x",
        ] {
            assert!(!is_resource(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_application_cannot_take_the_consoles_own_audience() {
        let ours = "https://auth.example.org";
        let check = |uri: &str| check_application_uri(uri, ours);
        assert_eq!(check("https://crm.example.org/api"), Ok(()));
        assert_eq!(check("http://127.0.0.1:8080/x"), Ok(()));
        use ApplicationUriError as E;
        assert_eq!(check("http://crm.example.org/"), Err(E::NotHttps));
        assert_eq!(
            check("https://a:b@crm.example.org/"),
            Err(E::HoldsCredentials)
        );
        assert_eq!(check("https://auth.example.org/"), Err(E::Reserved));
        assert_eq!(
            check("https://auth.example.org/console/api/v2"),
            Err(E::Reserved)
        );
        for ours in [
            "HTTPS://auth.example.org",
            "https://AUTH.example.org:443/?x",
            "https://auth.example.org/console/./api/v2/",
            "https://auth.example.org/x/../CONSOLE/api/v2?x=y",
        ] {
            assert!(check(ours).is_err(), "{ours}");
        }
        for wrong in [
            "crm",
            "",
            "/crm",
            " https://crm.example.org/",
            "https://crm.example.org/ x",
            "https://crm.example.org/\n",
            "https:\\\\crm.example.org",
            "https://crm.example.org/\"",
            "https://ключ.example.org/",
            "https://crm.example.org/#x",
            &format!("https://crm.example.org/{}", "x".repeat(500)),
        ] {
            assert_eq!(check(wrong), Err(E::NotAResource), "{wrong:?}");
        }
        for wrong in [
            "https:crm.example.org",
            "https:/crm.example.org",
            "HTTPS://crm.example.org/",
            "http://10.0.0.1/",
            "ftp://127.0.0.1/",
            "urn:example:crm",
        ] {
            assert_eq!(check(wrong), Err(E::NotHttps), "{wrong:?}");
        }
        assert_eq!(check("https://auth.example.org/applications/a"), Ok(()));
    }
}
