//! The proxy that `token` asks through: chosen by the URL's scheme, never for loopback, with the
//! exceptions of `NO_PROXY` as curl reads them.

use std::net::IpAddr;

use ipnet::IpNet;
use ureq::{Proxy, ProxyProtocol};
use url::{Host, Url};

use super::CliError;

/// What the environment says of proxies.
#[derive(Clone, Default, Debug)]
pub struct ProxyVariables {
    /// `http_proxy`, in lower case alone: a web server sets `HTTP_PROXY` from a request's header.
    pub http: Option<String>,
    /// `https_proxy` or `HTTPS_PROXY`.
    pub https: Option<String>,
    /// `all_proxy` or `ALL_PROXY`.
    pub all: Option<String>,
    /// `no_proxy` or `NO_PROXY`.
    pub none: Option<String>,
}

impl ProxyVariables {
    /// Reads them by `variable`, the lower case first; an empty one counts as absent.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let either = |name: &str| given(name).or_else(|| given(&name.to_uppercase()));
        Self {
            http: given("http_proxy"),
            https: either("https_proxy"),
            all: either("all_proxy"),
            none: either("no_proxy"),
        }
    }

    /// The proxy for `url`, if it is to be asked through one.
    pub fn proxy(&self, url: &Url) -> Result<Option<Proxy>, CliError> {
        let of_scheme = match url.scheme() {
            "https" => &self.https,
            _ => &self.http,
        };
        let given = of_scheme.as_ref().or(self.all.as_ref());
        let Some(given) = given.filter(|_| !is_loopback(url) && !self.excepts(url)) else {
            return Ok(None);
        };
        // What was given may hold a password: it is not shown.
        let wrong = |why: &str| CliError::Other(format!("the proxy of the environment {why}"));
        let proxy = Proxy::new(given).map_err(|_| wrong("is no URL such as http://HOST:PORT"))?;
        match proxy.protocol() {
            ProxyProtocol::Http | ProxyProtocol::Https => Ok(Some(proxy)),
            _ => Err(wrong(
                "is not one for HTTP: only http:// and https:// are known",
            )),
        }
    }

    /// Whether `NO_PROXY` names the URL's host: `*`, a name and all below it, an address, a network.
    fn excepts(&self, url: &Url) -> bool {
        let Some(none) = self.none.as_deref() else {
            return false;
        };
        let mut entries = none
            .split([',', ' ', '\t'])
            .filter(|entry| !entry.is_empty());
        let Some(host) = url.host() else {
            return false;
        };
        entries.any(|entry| entry == "*" || is_named(entry, &host))
    }
}

fn is_named(entry: &str, host: &Host<&str>) -> bool {
    let address: IpAddr = match host {
        Host::Ipv4(address) => (*address).into(),
        Host::Ipv6(address) => (*address).into(),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let entry = entry.trim_matches('.').to_ascii_lowercase();
            let above = name.strip_suffix(&entry);
            return !entry.is_empty() && above.is_some_and(|a| a.is_empty() || a.ends_with('.'));
        }
    };
    let entry = entry.trim_start_matches('[').trim_end_matches(']');
    let is_address = entry.parse::<IpAddr>().is_ok_and(|named| named == address);
    let is_within = |network: IpNet| network.contains(&address);
    is_address || entry.parse::<IpNet>().is_ok_and(is_within)
}

/// Whether a URL leads to this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(variables: &[(&str, &str)], url: &str) -> Option<String> {
        let read = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let proxy = ProxyVariables::read(read).proxy(&Url::parse(url).unwrap());
        proxy.unwrap().map(|proxy| proxy.host().to_owned())
    }

    #[test]
    fn the_scheme_chooses_and_loopback_is_asked_itself() {
        let both = [("http_proxy", "plain:1"), ("HTTPS_PROXY", "http://tls:1")];
        assert_eq!(chosen(&both, "http://a.example").unwrap(), "plain");
        assert_eq!(chosen(&both, "https://a.example").unwrap(), "tls");
        for near in ["https://localhost", "http://127.0.0.2:90", "https://[::1]"] {
            assert_eq!(chosen(&both, near), None, "{near}");
        }
        assert_eq!(chosen(&both[1..], "http://a.example"), None);
        // A web server makes a header `Proxy` into this variable.
        assert_eq!(chosen(&[("HTTP_PROXY", "x:1")], "http://a.example"), None);
        let all = [("ALL_PROXY", "http://all:1"), ("https_proxy", "")];
        assert_eq!(chosen(&all, "https://a.example").unwrap(), "all");
        let lower = [("https_proxy", "low:1"), ("HTTPS_PROXY", "up:1")];
        assert_eq!(chosen(&lower, "https://a.example").unwrap(), "low");
    }

    #[test]
    fn exceptions_are_names_with_all_below_them_addresses_and_networks() {
        let none = ".corp.example, Other.example 192.0.2.7,10.0.0.0/8,[2001:db8::1]";
        let with = [("https_proxy", "p:1"), ("no_proxy", none)];
        for direct in [
            "https://corp.example",
            "https://a.b.CORP.example",
            "https://other.example.",
            "https://192.0.2.7",
            "https://10.1.2.3",
            "https://[2001:db8::1]",
        ] {
            assert_eq!(chosen(&with, direct), None, "{direct}");
        }
        for other in [
            "https://xcorp.example",
            "https://example",
            "https://192.0.2.8",
            "https://11.0.0.1",
        ] {
            assert!(chosen(&with, other).is_some(), "{other}");
        }
        let all = [("https_proxy", "p:1"), ("NO_PROXY", "*")];
        assert_eq!(chosen(&all, "https://a.example"), None);
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_refused_without_being_shown() {
        for wrong in ["socks5://u:hush@p:1", "ftp://u:hush@p", "http://u:hush@"] {
            let variables = ProxyVariables {
                https: Some(wrong.to_owned()),
                ..ProxyVariables::default()
            };
            let url = Url::parse("https://a.example").unwrap();
            let why = variables.proxy(&url).unwrap_err().to_string();
            assert!(
                why.starts_with("the proxy of the environment is no"),
                "{why}"
            );
            assert!(!why.contains("hush"), "{why}");
        }
    }
}
