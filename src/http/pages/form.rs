//! Forms that pages send: read strictly, and only if a page of this very session sent them.
//!
//! Two things must hold for an unsafe request (OWASP's "Cross-Site Request Forgery Prevention"):
//! the browser does not say that another site sent it, and it carries the token of the session, or
//! of the visit of somebody who is not signed in. The token is a keyed digest of what the browser
//! holds, so that it is kept nowhere, and whoever can read a page cannot get to the cookie by it.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::{HOST, ORIGIN};

use super::error::PageError;
use crate::domain::browser::{FormTokenOf, form_token, is_form_token};
use crate::domain::secret::DigestKeys;
use crate::http::bodies::Sender;
use crate::http::body;
use crate::http::form::{Form, names};
use crate::model::public_url::PublicUrl;
use crate::model::secret::Secret;

/// How large a form of somebody who is signed in may be, in bytes.
const BODY_LIMIT: usize = 64 * 1024;
/// How large one may be that anybody may send: a login, a password and a page's address.
const ANYBODYS_LIMIT: usize = 8 * 1024;
/// How long it may take to arrive; less than the deadline of the whole request.
const BODY_TIME: Duration = Duration::from_millis(9500);
/// The field that lets a form do what it does once.
pub const ONCE: &str = "once";
/// The field that carries the token.
pub const TOKEN: &str = "form_token";

/// What a form, or a query, says.
#[derive(Debug)]
pub struct PageForm {
    form: Form,
    names: Vec<String>,
}

impl PageForm {
    /// Of a request that sends none.
    pub fn empty() -> Self {
        Self::parse(b"").unwrap_or_else(|_| unreachable!("nothing is well formed"))
    }

    pub fn parse(text: &[u8]) -> Result<Self, PageError> {
        let form = Form::parse_typed(text).map_err(|_| PageError::FormMalformed)?;
        let names = names(text);
        Ok(Self { form, names })
    }

    /// Reads the form in the body.
    pub async fn read(
        http: &HttpRequest,
        payload: Payload,
        sender: Sender,
    ) -> Result<Self, PageError> {
        let media_type = "application/x-www-form-urlencoded";
        let limit = match sender {
            Sender::Known(_) => BODY_LIMIT,
            Sender::Stranger(_) => ANYBODYS_LIMIT,
        };
        let body = body::read(http, payload, sender, media_type, limit, BODY_TIME).await?;
        Self::parse(&body)
    }

    /// The value of a field that is sent once; the empty text when it is absent.
    pub fn value(&self, name: &str) -> Result<&str, PageError> {
        match self.form.is_repeated(name) {
            true => Err(PageError::FormMalformed),
            false => Ok(self.form.value(name).unwrap_or_default()),
        }
    }

    /// Whether the field was sent at all, be it empty.
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|sent| sent == name)
    }

    /// The values of a field that may be sent several times.
    pub fn values(&self, name: &str) -> Vec<String> {
        self.form.values(name).map(str::to_owned).collect()
    }

    /// The value of a field that must not be seen.
    pub fn secret(&self, name: &str) -> Result<Secret, PageError> {
        Ok(Secret::new(self.value(name)?.to_owned()))
    }

    /// Whether it carries the token of one of these.
    pub fn check_token(
        &self,
        keys: &DigestKeys,
        session: Option<&Secret>,
        visit: Option<&str>,
    ) -> Result<(), PageError> {
        let presented = self.value(TOKEN)?;
        let of_session = session
            .is_some_and(|s| is_form_token(keys, FormTokenOf::Session, s.expose(), presented));
        let of_visit =
            visit.is_some_and(|visit| is_form_token(keys, FormTokenOf::Visit, visit, presented));
        match of_session || of_visit {
            true => Ok(()),
            false => Err(PageError::FormExpired),
        }
    }
}

/// That the browser does not say that another site sent this. Every browser of today says
/// `Sec-Fetch-Site`; under our own `Referrer-Policy` the `Origin` beside it is `null`.
///
/// Another name of the public URL's own place (`localhost` for `127.0.0.1`) is as good, if the request
/// was sent to that name too: then page and form are of one origin, and so are the cookies.
pub fn check_site(http: &HttpRequest, public_url: &PublicUrl) -> Result<(), PageError> {
    let mut sites = http.headers().get_all("sec-fetch-site");
    let site = sites.next().map(|site| site.as_bytes());
    let is_ours = match site {
        None => None,
        Some(b"same-origin" | b"none") if sites.next().is_none() => Some(true),
        Some(_) => Some(false),
    };
    let origin_is_ours = http.headers().get_all(ORIGIN).all(|origin| {
        let origin = origin.as_bytes();
        origin == public_url.issuer().as_bytes()
            || origin == b"null" && is_ours == Some(true)
            || is_twin(http, public_url, origin)
    });
    match is_ours.unwrap_or(true) && origin_is_ours {
        true => Ok(()),
        false => Err(PageError::Foreign(public_url.join("/console"))),
    }
}

fn is_twin(http: &HttpRequest, public_url: &PublicUrl, origin: &[u8]) -> bool {
    let mut hosts = http.headers().get_all(HOST);
    let host = hosts.next().filter(|_| hosts.next().is_none());
    let is_same = host.is_some_and(|host| origin.strip_prefix(b"http://") == Some(host.as_bytes()));
    let mut origins = public_url.origins().into_iter();
    is_same && origins.any(|known| known.as_bytes() == origin)
}

/// The token for the forms of a session, or of a visit.
pub fn token(keys: &DigestKeys, session: Option<&Secret>, visit: &str) -> String {
    match session {
        Some(session) => form_token(keys, FormTokenOf::Session, session.expose()),
        None => form_token(keys, FormTokenOf::Visit, visit),
    }
}
