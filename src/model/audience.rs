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
    if text.len() > 512 || !is_resource(text) {
        return Err(E::NotAResource);
    }
    let url = Url::parse(text).map_err(|_| E::NotAResource)?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        // What lies below our own public URL is ours to name, whatever its scheme.
        if !text.starts_with(&format!("{public_url}/applications/")) {
            return Err(E::NotHttps);
        }
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(E::HoldsCredentials);
    }
    let bare = text.trim_end_matches('/');
    if bare == public_url || bare == format!("{public_url}{CONSOLE_API_PATH}") {
        return Err(E::Reserved);
    }
    Ok(())
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
        let check = |uri| check_application_uri(uri, ours);
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
        assert_eq!(check("crm"), Err(E::NotAResource));
    }
}
