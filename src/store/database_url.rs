//! Where the database is: a URL, and what of it is secret (libpq's connection URIs).

use std::net::IpAddr;
use std::path::PathBuf;

use crate::model::secret::Secret;

/// Where the database is. A PostgreSQL URL can hold a password, so the text is a secret.
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgresql(Secret),
}

/// A database URL whose scheme is not known.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseUrlError {
    #[error("a database URL begins with sqlite: (then a path) or with postgres://")]
    Scheme,
    #[error("a database URL has no control characters: look for a newline or a tab in it")]
    Control,
}

impl DatabaseUrl {
    pub fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        if text.chars().any(char::is_control) {
            return Err(DatabaseUrlError::Control);
        }
        if is_postgresql(text) {
            return Ok(Self::Postgresql(Secret::new(text.to_owned())));
        }
        let path = text
            .strip_prefix("sqlite://")
            .or_else(|| text.strip_prefix("sqlite:"))
            .filter(|path| !path.is_empty() && !path.starts_with(':'))
            .ok_or(DatabaseUrlError::Scheme)?;
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    /// Whether it leads to another host without a word on TLS: libpq would try it, and go on
    /// without.
    pub fn is_unprotected(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgresql(url) => leaves_the_host(url.expose()),
        }
    }
}

/// Whether a PostgreSQL URL names a host that is not this one, and no `sslmode`.
fn leaves_the_host(url: &str) -> bool {
    let (before, parameters) = split_parameters(url);
    let parameters: Vec<(String, String)> = parameters
        .into_iter()
        .flat_map(|all| all.split('&'))
        .map(|one| one.split_once('=').unwrap_or((one, "")))
        .map(|(name, value)| (percent_decoded(name), percent_decoded(value)))
        .collect();
    let given = |name: &str| parameters.iter().any(|(n, v)| n == name && !v.is_empty());
    if given("sslmode") {
        return false;
    }
    let rest = before.split_once("://").map_or("", |(_, rest)| rest);
    let rest = user_ends(rest).map_or(rest, |at| &rest[at + 1..]);
    let authority = rest.split('/').next().unwrap_or_default();
    let in_url = authority
        .split(',')
        .map(|host| percent_decoded(without_port(host)));
    // A parameter stands in for what the URL names; `hostaddr` is where libpq goes in the end.
    let by_name = |name: &str| {
        let found = parameters.iter().rev().find(|(n, _)| n == name);
        let hosts = found.map(|(_, value)| value.split(',').map(str::to_owned));
        hosts.map(Iterator::collect::<Vec<String>>)
    };
    let hosts = by_name("hostaddr")
        .or_else(|| by_name("host"))
        .unwrap_or_else(|| in_url.collect());
    hosts.iter().any(|host| !is_this_host(host))
}

fn without_port(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// A Unix socket (no host, a folder, an abstract name), or loopback.
fn is_this_host(host: &str) -> bool {
    let is_loopback = |host: &str| host.parse::<IpAddr>().is_ok_and(|at| at.is_loopback());
    host.is_empty()
        || host.starts_with(['/', '@'])
        || host.eq_ignore_ascii_case("localhost")
        || is_loopback(host)
}

fn is_postgresql(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

/// A database URL and the passwords in it, apart.
pub struct Apart {
    /// The URL without any password.
    pub bare: String,
    /// The URL with a word in the place of each password, to be shown.
    pub shown: String,
    /// The password to the server.
    pub password: Option<Secret>,
    /// Whether there is a password of any kind.
    pub is_secret: bool,
}

/// Takes the passwords out of a database URL. Not every URL of libpq's is one to a URL parser
/// (`postgres://host1:1,host2:2/`), so it is taken apart where libpq does it: the user and the
/// password end at the first `@` before any `/`, parameters follow the first `?` after that.
pub fn take_apart(url: &str) -> Apart {
    let mut apart = Apart {
        bare: String::new(),
        shown: String::new(),
        password: None,
        is_secret: false,
    };
    let after_scheme = url.find("://").filter(|_| is_postgresql(url));
    let Some(start) = after_scheme.map(|at| at + "://".len()) else {
        apart.put(url);
        return apart;
    };
    let (scheme, rest) = url.split_at(start);
    apart.put(scheme);
    let (user, rest) = rest.split_at(user_ends(rest).unwrap_or(0));
    match user.split_once(':') {
        Some((user, password)) => {
            apart.put(user);
            apart.hide(":", password, true);
        }
        None => apart.put(user),
    }
    let (hosts, parameters) = match rest.split_once('?') {
        Some((hosts, parameters)) => (hosts, Some(parameters)),
        None => (rest, None),
    };
    apart.put(hosts);
    let mut sign = "?";
    for parameter in parameters.into_iter().flat_map(|all| all.split('&')) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match percent_decoded(name).as_str() {
            decoded @ ("password" | "sslpassword") => {
                let before = format!("{sign}{name}=");
                // The next parameter, not this one, now follows the `?`.
                apart.hide(&before, value, decoded == "password");
            }
            _ => {
                apart.put_parameter(sign, parameter);
            }
        }
        sign = "&";
    }
    apart
}

impl Apart {
    fn put(&mut self, text: &str) {
        self.bare.push_str(text);
        self.shown.push_str(text);
    }

    fn put_parameter(&mut self, sign: &str, parameter: &str) {
        self.shown.push_str(&format!("{sign}{parameter}"));
        let sign = if self.bare.contains('?') { '&' } else { '?' };
        self.bare.push(sign);
        self.bare.push_str(parameter);
    }

    fn hide(&mut self, before: &str, password: &str, to_server: bool) {
        self.shown.push_str(before);
        self.shown.push_str("hidden");
        self.is_secret = true;
        if to_server {
            self.password = Some(Secret::new(percent_decoded(password)));
        }
    }
}

/// A PostgreSQL URL with these parameters, where it does not set them itself.
pub fn with_parameters(url: &str, parameters: &[(&str, &str)]) -> String {
    let (_, given) = split_parameters(url);
    let names = given.into_iter().flat_map(|all| all.split('&'));
    let names: Vec<String> = names
        .map(|one| percent_decoded(one.split('=').next().unwrap_or_default()))
        .collect();
    let mut url = url.to_owned();
    let mut sign = match given {
        None => "?",
        Some("") => "",
        Some(_) => "&",
    };
    for (name, value) in parameters {
        if !names.iter().any(|given| given == name) {
            url.push_str(&format!("{sign}{name}={value}"));
            sign = "&";
        }
    }
    url
}

/// Where the `@` is that ends the user and the password in what follows the scheme.
fn user_ends(rest: &str) -> Option<usize> {
    rest.find(['@', '/'])
        .filter(|at| rest[*at..].starts_with('@'))
}

/// What stands before the parameters, and they themselves.
fn split_parameters(url: &str) -> (&str, Option<&str>) {
    let start = url.find("://").map_or(0, |at| at + "://".len());
    // A password may hold a `?`.
    let user_ends = user_ends(&url[start..]).unwrap_or(0);
    match url[start + user_ends..].find('?') {
        Some(at) => {
            let at = start + user_ends + at;
            (&url[..at], Some(&url[at + 1..]))
        }
        None => (url, None),
    }
}

fn percent_decoded(text: &str) -> String {
    // A form's `+` is a space, a URL's is itself.
    let form = text.replace('+', "%2B").replace('&', "%26");
    url::form_urlencoded::parse(format!("p={form}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_chosen_by_its_scheme_and_a_conninfo_string_is_refused() {
        let sqlite = |text| match DatabaseUrl::parse(text) {
            Ok(DatabaseUrl::Sqlite(path)) => path.to_string_lossy().into_owned(),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(sqlite("sqlite:data/mintmark.db"), "data/mintmark.db");
        assert_eq!(sqlite("sqlite:///var/lib/m.db"), "/var/lib/m.db");
        let postgresql = DatabaseUrl::parse("postgres://u:hush@db/mintmark").unwrap();
        assert_eq!(format!("{postgresql:?}"), "Postgresql([secret])");
        for wrong in [
            "host=db dbname=tok",
            "mintmark.db",
            "mysql://x",
            "sqlite:",
            "sqlite::memory:",
            "sqlite:m.db\n",
            "sqlite:a\tb.db",
            "postgres://h/x\r",
        ] {
            assert!(DatabaseUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn parameters_are_added_where_libpq_reads_them_and_only_once() {
        let with = |url| with_parameters(url, &[("a", "1"), ("b", "2")]);
        for (url, whole) in [
            ("postgres://db/x", "postgres://db/x?a=1&b=2"),
            ("postgres://db", "postgres://db?a=1&b=2"),
            ("postgres://db?b=3", "postgres://db?b=3&a=1"),
            ("postgres://db?host=/r", "postgres://db?host=/r&a=1&b=2"),
            ("postgres:///x?", "postgres:///x?a=1&b=2"),
            (
                "postgres:///x?%61=9&host=/r",
                "postgres:///x?%61=9&host=/r&b=2",
            ),
            // A `?` or a name in the password is the password's.
            ("postgres://u:p?a=@h/x", "postgres://u:p?a=@h/x?a=1&b=2"),
            ("postgres://u:p?q@h?a=9", "postgres://u:p?q@h?a=9&b=2"),
        ] {
            assert_eq!(with(url), whole);
        }
    }

    #[test]
    fn a_url_that_leaves_the_host_without_a_word_on_tls_is_told_apart() {
        for near in [
            "postgres:///x",
            "postgres://u:p@/x",
            "postgres://localhost/x",
            "postgres://u@127.0.0.1:5432/x",
            "postgres://[::1]:5432/x",
            "postgres://127.0.0.1:1,127.0.0.1:2/x",
            "postgres://%2Fvar%2Frun/x",
            "postgres:///x?host=/run/postgresql",
            "postgres://db/x?hostaddr=127.0.0.1",
            "postgres://db/x?sslmode=disable",
            "postgres://db/x?application_name=m&sslmode=verify-full",
        ] {
            assert!(!leaves_the_host(near), "{near}");
        }
        for far in [
            "postgres://db/x",
            "postgres://db",
            "postgres://u:p@db:5432/x?sslrootcert=system",
            "postgres://u:p%40@192.0.2.1/x",
            "postgres://u@[2001:db8::1]/x",
            "postgres://127.0.0.1,db/x",
            "postgres:///x?host=db",
            "postgres://localhost/x?hostaddr=192.0.2.1",
            "postgres://db/x?sslmode=",
            // A word in the password is the password's.
            "postgres://u:p?sslmode=require@db/x",
        ] {
            assert!(leaves_the_host(far), "{far}");
        }
        assert!(!DatabaseUrl::parse("sqlite:db").unwrap().is_unprotected());
    }

    #[test]
    fn passwords_are_taken_out_wherever_libpq_reads_one() {
        let cases = [
            (
                "postgres://u:a%20b@db:1/x",
                "postgres://u@db:1/x",
                Some("a b"),
            ),
            (
                "postgres://u:p?q@h1:1,h2:2/x",
                "postgres://u@h1:1,h2:2/x",
                Some("p?q"),
            ),
            (
                "postgresql:///x?host=/run&password=p+q&user=u",
                "postgresql:///x?host=/run&user=u",
                Some("p+q"),
            ),
            (
                "postgres://db?pass%77ord=p&user=u",
                "postgres://db?user=u",
                Some("p"),
            ),
            ("postgres://u:@db/x", "postgres://u@db/x", Some("")),
            (
                "postgres://u@db/a:b@c?sslmode=require",
                "postgres://u@db/a:b@c?sslmode=require",
                None,
            ),
            ("postgres://db/x?sslpassword=p", "postgres://db/x", None),
            (
                "sqlite:data/u:p@x?password=y",
                "sqlite:data/u:p@x?password=y",
                None,
            ),
        ];
        for (url, bare, password) in cases {
            let apart = take_apart(url);
            assert_eq!(apart.bare, bare);
            assert_eq!(
                apart.password.as_ref().map(Secret::expose),
                password,
                "{url}"
            );
            assert_eq!(apart.is_secret, apart.bare != url, "{url}");
            assert_eq!(apart.shown.contains("hidden"), apart.is_secret, "{url}");
        }
    }
}
