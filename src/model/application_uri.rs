//! An application's `uri`: what can be one, and which are as good as one to whoever compares less
//! strictly than we do.

use url::Url;

use crate::model::audience::{is_loopback, is_resource, is_spelled_as_uri};

/// How long one can be, in bytes.
const LENGTH: usize = 512;
/// The first segments of this server's own addresses; whatever lies below them is ours too.
/// `/applications` is not among them: it is where the assigned ones lie.
const OWN: [&str; 10] = [
    ".well-known",
    "api",
    "console",
    "docs",
    "execute",
    "healthz",
    "json-api",
    "metrics",
    "openapi.yaml",
    "readyz",
];
/// Where the assigned ones lie.
const ASSIGNED: &str = "applications";

/// Why a URI cannot be an application's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ApplicationUriError {
    #[error(
        "must be an absolute URI, spelled as RFC 3986 has it, without a fragment, of at most 512 \
         ASCII characters"
    )]
    NotAUri,
    #[error("must not hold a user name or a password")]
    HoldsCredentials,
    #[error(
        "must not be an address of this server; below /applications/ there is the assigned one alone"
    )]
    Reserved,
}

/// Checks the `uri` that an application is to have on the server at `public_url`. It is a name, which
/// nobody here fetches, so plain HTTP is no risk in it. `assigned` is the one that it has if none is
/// chosen.
pub fn check(text: &str, public_url: &str, assigned: &str) -> Result<(), ApplicationUriError> {
    use ApplicationUriError as E;
    if text.len() > LENGTH || !is_spelled_as_uri(text) || !is_resource(text) {
        return Err(E::NotAUri);
    }
    let parts = Parts::split(text).ok_or(E::NotAUri)?;
    let url = Url::parse(text).map_err(|_| E::NotAUri)?;
    if parts.authority.is_some_and(|text| text.contains('@')) || !url.username().is_empty() {
        return Err(E::HoldsCredentials);
    }
    // What the parser repairs would be another URI to whoever parses it.
    if !parts.is_well_spelled() || form(url.as_str()) != form(text) {
        return Err(E::NotAUri);
    }
    let is_ours = Url::parse(public_url).is_ok_and(|ours| parts.is_at(&ours));
    match is_ours && text != assigned && is_reserved(parts.path) {
        true => Err(E::Reserved),
        false => Ok(()),
    }
}

/// Whether a path is the bare address of this server, or an address of its own.
pub fn is_reserved(path: &str) -> bool {
    // What stands behind these characters, some servers take away, or read as a slash.
    let first = path.split(['/', ';', '%']).find(|part| !part.is_empty());
    first.is_none_or(|first| {
        let first = first.to_ascii_lowercase();
        OWN.contains(&first.as_str()) || first == ASSIGNED || first.starts_with("cpsess")
    })
}

/// Whether two are one but for the case of scheme and host, the default port and a slash at the end.
pub fn are_alike(one: &str, other: &str) -> bool {
    let bare = |text: &str| {
        let form = form(text);
        match form.split_once('?') {
            Some((path, query)) => format!("{}?{query}", path.trim_end_matches('/')),
            None => form.trim_end_matches('/').to_owned(),
        }
    };
    bare(one) == bare(other)
}

/// The spellings of one, in lower case, under which another that is alike can be found.
pub fn lowercase_spellings(text: &str) -> Vec<String> {
    let form = form(text);
    let Some(parts) = Parts::split(&form) else {
        return vec![form.to_ascii_lowercase()];
    };
    let mut authorities = vec![parts.authority.map(str::to_owned)];
    if let Some((host, port)) = parts.host_and_port() {
        let default = default_port(parts.scheme).filter(|_| port.is_none());
        for host in [host.to_owned(), format!("{host}.")] {
            authorities.push(Some(match port {
                Some(port) => format!("{host}:{port}"),
                None => host.clone(),
            }));
            authorities.extend(default.map(|default| Some(format!("{host}:{default}"))));
        }
    }
    let bare = parts.path.strip_suffix('/').unwrap_or(parts.path);
    let paths = [bare.to_owned(), format!("{bare}/"), format!("{bare}//")];
    let mut found = Vec::new();
    for authority in &authorities {
        for path in &paths {
            let spelled = parts.with(authority.as_deref(), path).to_ascii_lowercase();
            if !found.contains(&spelled) {
                found.push(spelled);
            }
        }
    }
    found
}

/// One spelling for all that differ only in the case of scheme, host and percent-encodings, by the
/// default port, or by a path that is left out before the query.
fn form(text: &str) -> String {
    let Some(parts) = Parts::split(text) else {
        return text.to_owned();
    };
    let scheme = parts.scheme.to_ascii_lowercase();
    let default = default_port(&scheme);
    let authority = parts.host_and_port().map(|(host, port)| {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let is_default = |port: &str| default.is_some_and(|default| default.to_string() == port);
        match port.filter(|port| !is_default(port)) {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    });
    let path = match parts.path {
        "" if default.is_some() => "/",
        path => path,
    };
    let parts = Parts {
        scheme: &scheme,
        ..parts
    };
    with_capital_encodings(&parts.with(authority.as_deref(), path))
}

/// With the digits of its percent-encodings in upper case (RFC 3986 section 6.2.2.1).
fn with_capital_encodings(text: &str) -> String {
    let mut left = 0_u8;
    let capital = |c: char| {
        let is_digit = left > 0;
        left = match c {
            '%' => 2,
            _ => left.saturating_sub(1),
        };
        if is_digit { c.to_ascii_uppercase() } else { c }
    };
    text.chars().map(capital).collect()
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        _ => None,
    }
}

/// A URI without a fragment, in its parts (RFC 3986 section 3).
#[derive(Clone, Copy)]
struct Parts<'a> {
    scheme: &'a str,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Some(authority), path)
            }
            None => (None, rest),
        };
        Some(Self {
            scheme,
            authority,
            path,
            query,
        })
    }

    fn with(self, authority: Option<&str>, path: &str) -> String {
        let slashes = if authority.is_some() { "//" } else { "" };
        let authority = authority.unwrap_or_default();
        let mark = if self.query.is_some() { "?" } else { "" };
        let query = self.query.unwrap_or_default();
        format!("{}:{slashes}{authority}{path}{mark}{query}", self.scheme)
    }

    fn host_and_port(self) -> Option<(&'a str, Option<&'a str>)> {
        let authority = self.authority?;
        // The colons of an IPv6 address stand in brackets.
        let from = authority.rfind(']').unwrap_or(0);
        Some(match authority[from..].rfind(':') {
            Some(at) => (&authority[..from + at], Some(&authority[from + at + 1..])),
            None => (authority, None),
        })
    }

    /// What the grammar asks for beyond its characters, and that nothing is encoded that needs no
    /// encoding (section 6.2.2.2).
    fn is_well_spelled(self) -> bool {
        let needs_authority = default_port(&self.scheme.to_ascii_lowercase()).is_some();
        let has_authority = self
            .authority
            .is_some_and(|authority| !authority.is_empty());
        let rest = [self.authority, Some(self.path), self.query];
        let has_brackets = |text: &str| text.contains(['[', ']']);
        (has_authority || !needs_authority)
            && rest.into_iter().flatten().all(is_well_encoded)
            && !has_brackets(self.path)
            && !self.query.is_some_and(has_brackets)
    }

    /// Whether it lies on the host and port of `ours`, under whatever scheme and spelling.
    fn is_at(self, ours: &Url) -> bool {
        let Some((host, port)) = self.host_and_port() else {
            return false;
        };
        let host = host.strip_suffix('.').unwrap_or(host);
        let Ok(there) = Url::parse(&format!("http://{host}/")) else {
            return false;
        };
        // Every name of loopback is this machine.
        let is_host =
            there.host_str() == ours.host_str() || is_loopback(&there) && is_loopback(ours);
        let default = default_port(&self.scheme.to_ascii_lowercase());
        let port = port.map_or(default, |port| port.parse().ok());
        // Where neither names a port, the scheme alone tells them apart.
        let are_default = ours.port().is_none() && port == default;
        is_host && (are_default || port.is_some() && port == ours.port_or_known_default())
    }
}

fn is_well_encoded(text: &str) -> bool {
    text.split('%').skip(1).all(|behind| {
        let digits = behind
            .get(..2)
            .filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        byte.is_some_and(|byte| !byte.is_ascii_alphanumeric() && !b"-._~".contains(&byte))
    })
}

#[cfg(test)]
mod tests;
