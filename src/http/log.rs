//! The access log: one line for each request, and what handlers add to it. Never a path, a query,
//! a body, a header or a token as it was sent: any of them can hold a secret in the wrong place.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::{HttpMessage, HttpRequest};

/// The log line of the request at hand; it travels in the request's extensions.
#[derive(Clone)]
pub struct LogLine(Rc<RefCell<Fields>>);

struct Fields {
    request_id: String,
    peer: IpAddr,
    client: Option<String>,
    cause: Option<String>,
}

impl LogLine {
    pub fn new(request_id: String, peer: IpAddr) -> Self {
        Self(Rc::new(RefCell::new(Fields {
            request_id,
            peer,
            client: None,
            cause: None,
        })))
    }

    /// The line of `http`.
    ///
    /// # Panics
    /// Never below `dispatch`, which puts the line there.
    pub fn of(http: &HttpRequest) -> Self {
        let line = http.extensions().get::<Self>().cloned();
        line.expect("dispatch gives every request its line")
    }

    pub fn request_id(&self) -> String {
        self.0.borrow().request_id.clone()
    }

    pub fn peer(&self) -> IpAddr {
        self.0.borrow().peer
    }

    /// Names the client, or `user:` and the id of whoever is signed in, when they are known; else it is
    /// a keyed hash of what was sent.
    pub fn client(&self, client: impl Into<String>) {
        self.0.borrow_mut().client = Some(client.into());
    }

    /// Says why the request was not served. The first cause counts.
    pub fn cause(&self, cause: impl ToString) {
        self.0
            .borrow_mut()
            .cause
            .get_or_insert_with(|| cause.to_string());
    }

    /// Writes the line. `path` is the pattern of a route, if one was met.
    pub(super) fn write(&self, method: &Method, path: Option<&str>, status: u16, took: Duration) {
        let fields = self.0.borrow();
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    request_id = fields.request_id,
                    method = shown(method),
                    path,
                    status,
                    micros,
                    peer = %fields.peer,
                    client = fields.client,
                    cause = fields.cause,
                    "request"
                )
            };
        }
        match status {
            500.. => line!(error),
            _ => line!(info),
        }
    }
}

/// The method, when it is one that HTTP knows: any other was made up by the caller.
fn shown(method: &Method) -> &str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    match known.contains(method) {
        true => method.as_str(),
        false => "another",
    }
}
