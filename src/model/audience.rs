//! Resource indicators (RFC 8707): which protected resource a token is meant for.

use url::Url;

/// The absolute path of the console API below the public URL.
pub const CONSOLE_API_PATH: &str = "/console/api/v2";

/// Whether `text` can be a resource: an absolute URI without a fragment (RFC 8707 section 2).
pub fn is_resource(text: &str) -> bool {
    !text.contains('#') && text.is_ascii() && Url::parse(text).is_ok()
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
}
