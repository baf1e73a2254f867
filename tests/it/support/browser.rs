//! A browser without a window: it keeps cookies, reads forms out of pages, and sends them.

use std::collections::BTreeMap;

use mintmark::domain::{Act, AnyConnection, sessions};
use mintmark::model::session::Stage;
use mintmark::model::user::User;

use super::{Request, Response, TestApp};

pub struct Browser<'a> {
    send: Box<dyn Fn(Request) -> Response + 'a>,
    /// By their names without the port that ends them.
    pub cookies: BTreeMap<String, String>,
    /// What ends their names on the wire.
    pub suffix: String,
    /// Sent with every request.
    pub headers: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    pub fn new(app: &'a TestApp) -> Self {
        let mut browser = Self::by(|request| app.send(request));
        browser.suffix = app.cookie_suffix();
        browser
    }

    /// One whose requests are sent in this way.
    pub fn by(send: impl Fn(Request) -> Response + 'a) -> Self {
        Self {
            send: Box::new(send),
            cookies: BTreeMap::new(),
            suffix: String::new(),
            headers: vec![("sec-fetch-site".to_owned(), "same-origin".to_owned())],
        }
    }

    /// Signed in as this user, whose password is their own.
    pub fn signed_in(app: &'a TestApp, login: &str, password: &str) -> Self {
        let mut browser = Self::new(app);
        let response = browser.sign_in(login, password);
        assert_eq!(response.status, 303, "{}", response.text());
        browser
    }

    /// In a session of this user that was just begun.
    pub fn of(app: &'a TestApp, user: &User) -> Self {
        let here = sessions::Browser {
            peer: "127.0.0.1".to_owned(),
            agent: String::new(),
        };
        let keys = &app.app.digest_keys;
        let begin = |c: &mut AnyConnection, act: &Act| {
            Ok(sessions::create(c, act, keys, user, Stage::Whole, &here)?)
        };
        let (_, token) = app.write(begin);
        let mut browser = Self::new(app);
        let session = "mintmark_session".to_owned();
        browser.cookies.insert(session, token.expose().to_owned());
        browser
    }

    pub fn get(&mut self, path: &str) -> Response {
        self.send(Request::new("GET", path))
    }

    /// Sends these fields and nothing else.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Request::new("POST", path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.as_bytes());
        self.send(request)
    }

    /// Fills the page's form that goes to `action`, and sends it.
    pub fn submit(&mut self, page: &Response, action: &str, typed: &[(&str, &str)]) -> Response {
        let form = form(page, action);
        let mut fields: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !typed.iter().any(|(typed, _)| typed == name))
            .collect();
        fields.extend(typed);
        self.post(action, &fields)
    }

    /// Opens the sign-in and sends it.
    pub fn sign_in(&mut self, login: &str, password: &str) -> Response {
        let page = self.get("/console/sign-in");
        let typed = [("login", login), ("password", password)];
        self.submit(&page, "/console/sign-in", &typed)
    }

    /// Sends a request with the cookies, and keeps those that the answer sets.
    pub fn send(&mut self, mut request: Request) -> Response {
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !self.cookies.is_empty() {
            let suffix = &self.suffix;
            let pair = |(name, value): (&String, &String)| format!("{name}{suffix}={value}");
            let cookies: Vec<String> = self.cookies.iter().map(pair).collect();
            request = request.header("cookie", &cookies.join("; "));
        }
        let response = (self.send)(request);
        for (_, set) in response.headers.iter().filter(|(n, _)| n == "set-cookie") {
            let (pair, attributes) = set.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let name = self.without_suffix(name);
            match attributes.contains("Max-Age=0") {
                true => self.cookies.remove(&name),
                false => self.cookies.insert(name, value.to_owned()),
            };
        }
        response
    }

    /// What a name is but for the port at its end, which is learnt from the first that has one.
    fn without_suffix(&mut self, name: &str) -> String {
        let port = name.rsplit_once('_').map(|(_, port)| port);
        if let Some(port) = port.filter(|port| port.bytes().all(|b| b.is_ascii_digit())) {
            self.suffix = format!("_{port}");
        }
        name.strip_suffix(&self.suffix).unwrap_or(name).to_owned()
    }
}

/// What the page's form that goes to `action` holds before anything is typed: names and values.
///
/// # Panics
/// When there is none.
pub fn form(page: &Response, action: &str) -> Vec<(String, String)> {
    let text = page.text();
    let found = text.split("<form ").skip(1).find_map(|part| {
        let part = &part[..part.find("</form>").unwrap()];
        let is_sent = attribute(part, "method").as_deref() == Some("post");
        (is_sent && attribute(part, "action")? == action).then(|| fields(part))
    });
    found.unwrap_or_else(|| panic!("no form to {action}: {text}"))
}

/// Where the page's forms go, in order.
pub fn actions(page: &Response) -> Vec<String> {
    let text = page.text();
    let forms = text.split("<form ").skip(1);
    forms.filter_map(|part| attribute(part, "action")).collect()
}

fn fields(form: &str) -> Vec<(String, String)> {
    let inputs = form.split("<input ").skip(1).filter_map(|part| {
        let tag = &part[..part.find('>').unwrap()];
        let is_ticked = tag.contains(" checked");
        let kind = attribute(tag, "type").unwrap_or_default();
        let is_sent = !matches!(kind.as_str(), "checkbox" | "radio") || is_ticked;
        let value = attribute(tag, "value").unwrap_or_default();
        Some((attribute(tag, "name").filter(|_| is_sent)?, value))
    });
    inputs.collect()
}

/// The value of the first such attribute, without its escapes.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!("{name}=\""))? + name.len() + 2;
    let value = &tag[start..start + tag[start..].find('"')?];
    let plain = value
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    Some(plain.replace("&amp;", "&"))
}
