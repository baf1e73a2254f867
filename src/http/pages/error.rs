//! Why a page is not shown, and the one mapping of that to an answer. It is an HTML page like any
//! other, in the reader's language; the cause stands only in the log.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use maud::html;

use super::layout::Shell;
use super::notice::{Notice, Said};
use super::sign_in::way;
use super::text::Text;
use crate::domain::write_budget::Overspent;
use crate::domain::{DomainError, StoreError};
use crate::http::body::BodyError;

#[derive(Debug)]
pub enum PageError {
    NotFound,
    MethodNotAllowed,
    Forbidden(String),
    /// Nobody is signed in any more.
    SignedOut,
    /// What was sent cannot be done; the text, in the reader's language, is shown.
    Invalid(String),
    Conflict(String),
    /// What was asked for cannot be done, or not now; the page says why.
    Refused(DomainError),
    /// The user's budget of changes is spent.
    Overspent(Overspent),
    /// The form was sent before, and what it makes was made then.
    MadeBefore,
    /// It is no form of ours.
    FormMalformed,
    /// Its token is of another session, or of none.
    FormExpired,
    /// Another site sent it, or a page of ours under another address than the one named.
    Foreign(String),
    TooLarge,
    TooSlow,
    /// Not over HTTPS, and not from this machine.
    PlainHttp,
    Unavailable(String),
    Internal(String),
}

use PageError as E;

impl PageError {
    /// Why, for the log.
    pub fn cause(&self) -> String {
        match self {
            E::NotFound => "not found".to_owned(),
            E::MethodNotAllowed => "another method".to_owned(),
            E::SignedOut => "not signed in".to_owned(),
            E::MadeBefore => "a form that was sent before".to_owned(),
            E::FormMalformed => "a malformed form".to_owned(),
            E::FormExpired => "a form without this session's token".to_owned(),
            E::Foreign(_) => "a form from another site".to_owned(),
            E::TooLarge => "a body that is too large".to_owned(),
            E::TooSlow => "a body that is too slow".to_owned(),
            E::PlainHttp => "plain HTTP from elsewhere".to_owned(),
            E::Forbidden(cause)
            | E::Invalid(cause)
            | E::Conflict(cause)
            | E::Unavailable(cause)
            | E::Internal(cause) => cause.clone(),
            E::Refused(error) => error.to_string(),
            E::Overspent(over) => over.to_string(),
        }
    }

    /// Status, title, and what is said.
    fn face<'a>(&'a self, text: &'static Text) -> (u16, &'static str, Cow<'a, str>) {
        let errors = &text.errors;
        let (status, title, sentence) = match self {
            E::Refused(error) => {
                let (status, title) = match error {
                    DomainError::Invalid { .. } | DomainError::OutOfRange { .. } => {
                        (400, errors.invalid_title)
                    }
                    _ => (409, errors.conflict_title),
                };
                return (status, title, text.refusal(error).into());
            }
            E::Overspent(Overspent(seconds)) => {
                return (
                    429,
                    errors.conflict_title,
                    (errors.overspent)(*seconds).into(),
                );
            }
            E::NotFound => (404, errors.not_found_title, errors.not_found),
            E::MethodNotAllowed => (405, errors.method_title, errors.method),
            E::Forbidden(_) => (403, errors.forbidden_title, errors.forbidden),
            E::SignedOut => (303, errors.form_expired_title, errors.form_expired),
            E::Invalid(why) => (400, errors.invalid_title, why.as_str()),
            E::Conflict(why) => (409, errors.conflict_title, why.as_str()),
            E::MadeBefore => (409, errors.made_before_title, errors.made_before),
            E::FormMalformed => (400, errors.invalid_title, errors.form_malformed),
            E::FormExpired => (403, errors.form_expired_title, errors.form_expired),
            E::Foreign(address) => {
                let says = (errors.foreign)(address);
                return (403, errors.forbidden_title, says.into());
            }
            E::TooLarge => (413, errors.invalid_title, errors.too_large),
            E::TooSlow => (408, errors.invalid_title, errors.too_slow),
            E::PlainHttp => (403, errors.forbidden_title, errors.plain_http),
            E::Unavailable(_) => (503, errors.unavailable_title, errors.unavailable),
            E::Internal(_) => (500, errors.internal_title, errors.internal),
        };
        (status, title, sentence.into())
    }

    pub fn into_response(self, shell: &Shell) -> HttpResponse {
        if matches!(self, E::SignedOut) {
            // To the page again whose form was sent, if it is one.
            let to = way("/console/sign-in", &shell.address);
            return shell.redirect(&to, Some(Said::of(Notice::SignInAgain)));
        }
        let text = shell.text;
        let (status, title, sentence) = self.face(text);
        let back = match (shell.is_signed_in(), shell.nearest()) {
            (true, Some((back, name))) => html! { a href=(back) { "← " (name) } },
            (true, None) => html! { a href="/console/profile" { (text.errors.back_to_profile) } },
            (false, _) => html! { a href="/console/sign-in" { (text.errors.back_to_sign_in) } },
        };
        let body = html! {
            h1 { (title) }
            p.lead { (sentence) }
            p { (back) }
            p.muted { (text.errors.request_id) " " code { (shell.request_id) } }
        };
        // The numbers above are statuses.
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = shell.answer(status, title, &body);
        if let E::Overspent(Overspent(seconds)) = &self {
            let seconds = HeaderValue::from(*seconds);
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        match status.as_u16() {
            503 => {
                let second = HeaderValue::from_static("1");
                response.headers_mut().insert(RETRY_AFTER, second);
            }
            // The rest of the body is not read, so nothing can follow it.
            408 | 413 => {
                let head = response.head_mut();
                head.set_connection_type(actix_web::http::ConnectionType::Close);
            }
            _ => {}
        }
        response
    }
}

impl From<DomainError> for PageError {
    fn from(error: DomainError) -> Self {
        match error {
            DomainError::NotFound(_) => E::NotFound,
            DomainError::Forbidden { reason, .. } => E::Forbidden(reason),
            DomainError::Invalid { .. }
            | DomainError::OutOfRange { .. }
            | DomainError::AlreadyExists(_)
            | DomainError::FailedPrecondition(_)
            | DomainError::Changed => E::Refused(error),
            DomainError::Store(error) => error.into(),
            DomainError::Internal(cause) => E::Internal(cause),
        }
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => E::Unavailable(error.to_string()),
            StoreError::Conflict(_) => E::Refused(error.into()),
            StoreError::Broken(_) | StoreError::Refused(_) => E::Internal(error.to_string()),
        }
    }
}

impl From<BodyError> for PageError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::UnsupportedMediaType | BodyError::Broken => E::FormMalformed,
            BodyError::TooLarge => E::TooLarge,
            BodyError::TooSlow => E::TooSlow,
            BodyError::NoRoom => E::Unavailable("too many bodies at once".to_owned()),
        }
    }
}
