//! Cookies (RFC 6265): which there are, read from a request and written into an answer.
//!
//! A browser sends whatever any program on this host name set, on any port and in any bytes. So the
//! header is read as bytes, pair by pair: ours are found by their names, and no other pair, however
//! strange, keeps one of ours from being read.

use actix_web::HttpRequest;
use actix_web::http::header::COOKIE;

use crate::model::public_url::PublicUrl;

/// Below how many parts of a path planted cookies are looked for: no page of ours lies deeper.
const DEEPEST: usize = 8;
/// How long a browser may keep what it should keep, in seconds: 400 days, the most that it does.
const KEPT: i64 = 400 * 24 * 3600;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cookie {
    /// What opens the session of somebody who signed in.
    Session,
    /// What the forms of somebody who did not are bound to.
    Visit,
    /// That somebody signed in here before.
    Browser,
    /// The language that was chosen.
    Language,
    /// What is to be said once, on the next page.
    Notice,
}

use Cookie::*;

impl Cookie {
    const ALL: [Cookie; 5] = [Session, Visit, Browser, Language, Notice];

    const fn name(self) -> &'static str {
        match self {
            Session => "mintmark_session",
            Visit => "mintmark_visit",
            Browser => "mintmark_browser",
            Language => "mintmark_language",
            Notice => "mintmark_notice",
        }
    }

    /// How long it is kept, in seconds; until the browser ends unless this says otherwise.
    const fn max_age(self) -> Option<i64> {
        match self {
            Session | Visit => None,
            Browser | Language => Some(KEPT),
            Notice => Some(60),
        }
    }
}

/// The cookies of a request, and how an answer sets them.
#[derive(Clone, Debug)]
pub struct Cookies {
    is_secure: bool,
    /// What every name ends in: browsers keep cookies by host, whatever the port (RFC 6265 section
    /// 8.5), so two servers on one host would overwrite each other's. It separates them by accident
    /// only: each is still sent the other's.
    suffix: String,
    values: Vec<(Cookie, String)>,
    /// The path of the request.
    path: String,
}

impl Cookies {
    /// Over HTTPS every name has the prefix that lets no other host and no plain HTTP set it. The
    /// port of the public URL ends the name: over plain HTTP always, over HTTPS where it is not the
    /// default one.
    pub fn read(http: &HttpRequest, public_url: &PublicUrl) -> Self {
        let is_secure = public_url.is_https();
        let suffix = match public_url.port() {
            443 if is_secure => String::new(),
            port => format!("_{port}"),
        };
        let mut cookies = Self {
            is_secure,
            suffix,
            values: Vec::new(),
            path: http.path().to_owned(),
        };
        let lines = http.headers().get_all(COOKIE);
        for pair in lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')) {
            let at = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = pair.split_at(at.unwrap_or(pair.len()));
            let name = name.trim_ascii();
            let known = Cookie::ALL.into_iter();
            let mut known = known.filter(|cookie| cookies.name(*cookie).as_bytes() == name);
            if let Some(cookie) = known.next() {
                let value = value.get(1..).unwrap_or_default().trim_ascii();
                // What is no text is none of ours, but it came under our name.
                let value = String::from_utf8_lossy(value).into_owned();
                cookies.values.push((cookie, value));
            }
        }
        cookies
    }

    /// The value of a cookie. Of two with different values one was put there by another program on
    /// this host, and nobody knows which: neither counts.
    pub fn value(&self, cookie: Cookie) -> Option<&str> {
        let mut values = self.values_of(cookie);
        let value = values.next()?;
        values.all(|other| other == value).then_some(value)
    }

    fn values_of(&self, cookie: Cookie) -> impl Iterator<Item = &str> {
        let of = self.values.iter().filter(move |(c, _)| *c == cookie);
        of.map(|(_, value)| value.as_str())
    }

    /// What ends the cookies that another program set under one of our names for a part of our paths:
    /// they would shut the browser's user out until they end by themselves. Ours are set for `/`.
    /// Over HTTPS the prefix of the name allows no other path.
    pub fn clear_planted(&self) -> Vec<String> {
        let is_planted = |cookie: &Cookie| {
            self.values_of(*cookie).next().is_some() && self.value(*cookie).is_none()
        };
        let mut paths: Vec<&str> = Vec::new();
        for (at, _) in self.path.match_indices('/').skip(1).take(DEEPEST) {
            paths.extend([&self.path[..at], &self.path[..=at]]);
        }
        paths.push(&self.path);
        let allowed =
            |path: &&str| path.len() > 1 && path.bytes().all(|b| b.is_ascii_graphic() && b != b';');
        paths.retain(allowed);
        let planted = Cookie::ALL.into_iter().filter(is_planted);
        let clear = |cookie: Cookie| {
            let name = self.name(cookie);
            let clear = move |path: &&str| format!("{name}=; Path={path}; Max-Age=0");
            paths.iter().map(clear).collect::<Vec<_>>()
        };
        match self.is_secure {
            true => Vec::new(),
            false => planted.flat_map(clear).collect(),
        }
    }

    /// A `Set-Cookie` that keeps `value`, which has only letters, digits, `-`, `_` and `.`.
    pub fn set(&self, cookie: Cookie, value: &str) -> String {
        self.header(cookie, value, cookie.max_age())
    }

    /// A `Set-Cookie` that ends it.
    pub fn clear(&self, cookie: Cookie) -> String {
        self.header(cookie, "", Some(0))
    }

    fn header(&self, cookie: Cookie, value: &str, max_age: Option<i64>) -> String {
        let secure = if self.is_secure { "; Secure" } else { "" };
        let name = self.name(cookie);
        let max_age = max_age.map_or(String::new(), |seconds| format!("; Max-Age={seconds}"));
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{max_age}")
    }

    fn name(&self, cookie: Cookie) -> String {
        let prefix = if self.is_secure { "__Host-" } else { "" };
        format!("{prefix}{}{}", cookie.name(), self.suffix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;
    use actix_web::test::TestRequest;

    const PLAIN: &str = "http://127.0.0.1:9090";

    fn read_lines(public_url: &str, lines: &[&[u8]]) -> Cookies {
        let mut http = TestRequest::with_uri("/console/sign-in");
        for line in lines {
            http = http.append_header((COOKIE, HeaderValue::from_bytes(line).unwrap()));
        }
        let url = PublicUrl::parse(public_url).unwrap();
        Cookies::read(&http.to_http_request(), &url)
    }

    fn read(public_url: &str, header: &str) -> Cookies {
        read_lines(public_url, &[header.as_bytes()])
    }

    #[test]
    fn over_https_only_a_cookie_of_this_very_host_is_read_and_set() {
        let cookies = read(
            "https://auth.example.org",
            "mintmark_session=a; __Host-mintmark_visit=b",
        );
        assert_eq!(cookies.value(Session), None);
        assert_eq!(cookies.value(Visit), Some("b"));
        assert_eq!(
            cookies.set(Session, "x"),
            "__Host-mintmark_session=x; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        let plain = read(PLAIN, "x=y; mintmark_session_9090=a");
        assert_eq!(plain.value(Session), Some("a"));
        assert_eq!(
            plain.clear(Session),
            "mintmark_session_9090=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
    }

    #[test]
    fn another_port_of_the_same_host_has_cookies_of_its_own() {
        let sent = "mintmark_session=a; mintmark_session_80=b; mintmark_session_9091=c; \
            __Host-mintmark_session_8443=d; __Host-mintmark_session=e";
        for (public_url, value) in [
            (PLAIN, None),
            ("http://localhost", Some("b")),
            ("http://localhost:9091", Some("c")),
            ("https://localhost:8443", Some("d")),
            ("https://localhost:443", Some("e")),
        ] {
            assert_eq!(read(public_url, sent).value(Session), value, "{public_url}");
        }
    }

    #[test]
    fn whatever_other_programs_set_ours_are_read() {
        let name = "имя=Иван".as_bytes();
        let ours = b"mintmark_session_9090=a";
        let line = |parts: &[&[u8]]| parts.join(&b"; "[..]);
        for lines in [
            vec![line(&[name, ours])],
            vec![line(&[ours, name])],
            vec![name.to_vec(), ours.to_vec()],
            vec![line(&[
                b"\xff\xfe=\x80",
                b"",
                b"=",
                b"==;",
                b"a",
                ours,
                b"b=\"c",
            ])],
            vec![line(&[b"mintmark_session=other", ours, ours])],
        ] {
            let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
            let cookies = read_lines(PLAIN, &lines);
            assert_eq!(cookies.value(Session), Some("a"), "{lines:?}");
            assert_eq!(cookies.clear_planted(), [""; 0]);
        }
    }

    #[test]
    fn of_two_values_neither_counts_and_what_another_program_planted_is_ended() {
        for planted in [&b"b"[..], b"\xff", b""] {
            let pair = [b"mintmark_visit_9090=", planted].concat();
            let cookies = read_lines(PLAIN, &[b"mintmark_visit_9090=a", &pair]);
            assert_eq!(cookies.value(Visit), None);
            assert_eq!(
                cookies.clear_planted(),
                [
                    "mintmark_visit_9090=; Path=/console; Max-Age=0",
                    "mintmark_visit_9090=; Path=/console/; Max-Age=0",
                    "mintmark_visit_9090=; Path=/console/sign-in; Max-Age=0",
                ]
            );
        }
    }
}
