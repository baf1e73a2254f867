//! Cookies (RFC 6265): which there are, read from a request and written into an answer.

use actix_web::HttpRequest;
use actix_web::http::header::COOKIE;

use crate::model::public_url::PublicUrl;

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
    values: Vec<(Cookie, String)>,
}

impl Cookies {
    /// Over HTTPS every name has the prefix that lets no other host and no plain HTTP set it.
    pub fn read(http: &HttpRequest, public_url: &PublicUrl) -> Self {
        let is_secure = public_url.is_https();
        let mut values = Vec::new();
        let headers = http.headers().get_all(COOKIE);
        for pair in headers
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
        {
            let (name, value) = pair.split_once('=').unwrap_or_default();
            let bare = match is_secure {
                true => name.trim().strip_prefix("__Host-"),
                false => Some(name.trim()),
            };
            let cookie = Cookie::ALL.into_iter().find(|c| Some(c.name()) == bare);
            if let Some(cookie) = cookie {
                values.push((cookie, value.trim().to_owned()));
            }
        }
        Self { is_secure, values }
    }

    /// The value of a cookie that came once: of two, nobody knows which is ours.
    pub fn value(&self, cookie: Cookie) -> Option<&str> {
        let mut values = self.values.iter().filter(|(c, _)| *c == cookie);
        let value = values.next().map(|(_, value)| value.as_str());
        value.filter(|_| values.next().is_none())
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
        let (prefix, secure) = match self.is_secure {
            true => ("__Host-", "; Secure"),
            false => ("", ""),
        };
        let name = cookie.name();
        let max_age = max_age.map_or(String::new(), |seconds| format!("; Max-Age={seconds}"));
        format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{max_age}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn read(public_url: &str, header: &str) -> Cookies {
        let http = TestRequest::get().insert_header((COOKIE, header));
        let url = PublicUrl::parse(public_url).unwrap();
        Cookies::read(&http.to_http_request(), &url)
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
        let plain = read("http://127.0.0.1:9090", "x=y; mintmark_session=a");
        assert_eq!(plain.value(Session), Some("a"));
        assert_eq!(
            plain.clear(Session),
            "mintmark_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
    }

    #[test]
    fn of_two_cookies_with_one_name_neither_counts() {
        let cookies = read(
            "http://127.0.0.1:9090",
            "mintmark_session=a; mintmark_session=b",
        );
        assert_eq!(cookies.value(Session), None);
    }
}
