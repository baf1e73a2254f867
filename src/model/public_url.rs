//! The public URL: how the world reaches this server. Everything that names the server is made
//! from it, never from a request's `Host`.

use std::fmt;

use url::Url;

use crate::model::audience::{CONSOLE_API_PATH, is_loopback};

/// An origin without a path: `https://auth.example.org`, or plain HTTP on loopback or behind a
/// proxy that speaks TLS for us.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicUrl {
    text: String,
    console_audience: String,
    is_loopback: bool,
}

/// Why a text cannot be the public URL.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PublicUrlError {
    #[error("must be https://HOST[:PORT], or http:// on a loopback host")]
    NotHttps,
    #[error("must have no path, query, fragment, user name or password")]
    NotAnOrigin,
}

impl PublicUrl {
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let url = Url::parse(text).map_err(|_| PublicUrlError::NotHttps)?;
        let is_loopback = is_loopback(&url);
        if !(url.scheme() == "https" || url.scheme() == "http" && is_loopback) || !url.has_host() {
            return Err(PublicUrlError::NotHttps);
        }
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(PublicUrlError::NotAnOrigin);
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self {
            console_audience: format!("{text}{CONSOLE_API_PATH}"),
            text,
            is_loopback,
        })
    }

    /// `iss` of every token, and `issuer` of the metadata (RFC 8414 section 2).
    pub fn issuer(&self) -> &str {
        &self.text
    }

    /// `aud` of an access token for the console API.
    pub fn console_audience(&self) -> &str {
        &self.console_audience
    }

    /// The URL of an absolute `path` below this one.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// Whether it is reached over TLS, by this server's own or by a proxy's.
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// Whether only this machine can mean it.
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_url_is_an_origin_that_can_be_trusted() {
        let url = PublicUrl::parse("https://auth.example.org/").unwrap();
        assert_eq!(url.issuer(), "https://auth.example.org");
        assert_eq!(
            url.console_audience(),
            "https://auth.example.org/console/api/v2"
        );
        assert!(url.is_https());
        assert!(
            !PublicUrl::parse("http://127.0.0.1:9090")
                .unwrap()
                .is_https()
        );
        assert!(PublicUrl::parse("http://[::1]:9090").is_ok());
        use PublicUrlError as E;
        for (wrong, why) in [
            ("http://auth.example.org", E::NotHttps),
            ("auth.example.org", E::NotHttps),
            ("ftp://127.0.0.1", E::NotHttps),
            ("https://auth.example.org/x", E::NotAnOrigin),
            ("https://auth.example.org/?x", E::NotAnOrigin),
            ("https://a:b@auth.example.org/", E::NotAnOrigin),
        ] {
            assert_eq!(PublicUrl::parse(wrong), Err(why), "{wrong}");
        }
    }
}
