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
    port: u16,
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
            // Both schemes have a port by default.
            port: url.port_or_known_default().unwrap_or_default(),
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

    /// The port that it names, or that its scheme stands for.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The origins, as browsers write them, at which its pages are found. On loopback there are three
    /// names for one place: whoever comes by one of them is at this very server.
    pub fn origins(&self) -> Vec<String> {
        let mut origins = vec![self.text.clone()];
        if self.is_loopback && !self.is_https() {
            let port = match self.port {
                80 => String::new(),
                port => format!(":{port}"),
            };
            let twins = ["127.0.0.1", "localhost", "[::1]"];
            origins.extend(twins.map(|twin| format!("http://{twin}{port}")));
        }
        origins
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
    fn on_loopback_an_origin_has_three_names_and_one_port() {
        let origins = |url: &str| PublicUrl::parse(url).unwrap().origins();
        let mut here = origins("http://localhost:9090");
        here.sort();
        here.dedup();
        let expected = [
            "http://127.0.0.1:9090",
            "http://[::1]:9090",
            "http://localhost:9090",
        ];
        assert_eq!(here, expected);
        assert!(origins("http://localhost:80").contains(&"http://[::1]".to_owned()));
        let other = "http://127.0.0.2:9090";
        assert_eq!(origins(other)[0], other);
        for https in ["https://localhost:9090", "https://auth.example.org"] {
            assert_eq!(origins(https), [https]);
        }
    }

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
