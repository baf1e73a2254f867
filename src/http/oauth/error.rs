//! The errors of the OAuth endpoints (RFC 6749 section 5.2), and their one mapping to HTTP.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;

use crate::http::body::BodyError;

/// What is wrong with a request to an OAuth endpoint. The texts are fixed: what the caller sent is
/// never echoed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OAuthError {
    InvalidRequest(&'static str),
    InvalidClient,
    /// The same of a client that sent its credentials in the body, and no header: RFC 6749 section 5.2
    /// asks for a challenge only where a header was sent, and several clients never show the document
    /// of a 401.
    InvalidClientInBody,
    /// Too many failures: the seconds to wait.
    SlowDown(u64),
    UnsupportedGrantType,
    /// At the authorization endpoint, whatever is asked of it.
    UnsupportedResponseType,
    InvalidScope,
    InvalidTarget,
    /// Nothing was named, and the client has no default audience and no scope at the console.
    NoAudience,
    /// Here only POST is allowed.
    MethodNotAllowed,
    /// Another method than those that `Allow` names.
    UnknownMethod,
    Timeout,
    TooLarge,
    UnsupportedMediaType,
    Unavailable,
    ServerError,
}

const CLIENT_FAILED: &str = "Client authentication failed.";

#[derive(Serialize)]
struct Body {
    error: &'static str,
    error_description: &'static str,
}

impl OAuthError {
    pub fn into_response(self) -> HttpResponse {
        use OAuthError as E;
        let (status, error, error_description) = match self {
            E::InvalidRequest(why) => (400, "invalid_request", why),
            E::InvalidClient => (401, "invalid_client", CLIENT_FAILED),
            E::InvalidClientInBody => (400, "invalid_client", CLIENT_FAILED),
            E::SlowDown(_) => (
                429,
                "temporarily_unavailable",
                "Too many failed authentications. Try again later.",
            ),
            E::UnsupportedGrantType => (
                400,
                "unsupported_grant_type",
                "The grant type must be client_credentials.",
            ),
            E::UnsupportedResponseType => (
                400,
                "unsupported_response_type",
                "There is no authorization code flow here, only the client credentials grant.",
            ),
            E::InvalidScope => (
                400,
                "invalid_scope",
                "The scope is malformed, unknown, or more than the client may have. One space \
                 separates two scopes.",
            ),
            E::InvalidTarget => (
                400,
                "invalid_target",
                "The resource is malformed, unknown, or not one that the client may reach.",
            ),
            E::NoAudience => (
                400,
                "invalid_target",
                "The client has no default audience and no scope at the console: name an audience \
                 with the parameter resource.",
            ),
            E::MethodNotAllowed => (405, "invalid_request", "The method must be POST."),
            E::UnknownMethod => (
                405,
                "invalid_request",
                "Allow names the methods of this path.",
            ),
            E::Timeout => (408, "invalid_request", "The body did not arrive in time."),
            E::TooLarge => (
                413,
                "invalid_request",
                "The body is larger than 4096 bytes.",
            ),
            E::UnsupportedMediaType => (
                415,
                "invalid_request",
                "The body must be application/x-www-form-urlencoded, without a content coding.",
            ),
            E::Unavailable => (
                503,
                "temporarily_unavailable",
                "The service is temporarily unavailable. Try again later.",
            ),
            E::ServerError => (500, "server_error", "Something went wrong here."),
        };
        // The numbers above are statuses.
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((PRAGMA, "no-cache"));
        match self {
            E::InvalidClient => {
                let challenge = "Basic realm=\"token\", charset=\"UTF-8\"";
                response.insert_header((WWW_AUTHENTICATE, challenge));
            }
            E::SlowDown(seconds) => {
                response.insert_header((RETRY_AFTER, seconds.max(1).to_string()));
            }
            E::Unavailable => {
                response.insert_header((RETRY_AFTER, "1"));
            }
            E::Timeout | E::TooLarge | E::UnsupportedMediaType => {
                // The rest of the body is not read, so nothing can follow it.
                response.force_close();
            }
            _ => {}
        }
        response.json(Body {
            error,
            error_description,
        })
    }
}

impl From<BodyError> for OAuthError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::UnsupportedMediaType => OAuthError::UnsupportedMediaType,
            BodyError::TooLarge => OAuthError::TooLarge,
            BodyError::TooSlow => OAuthError::Timeout,
            BodyError::NoRoom => OAuthError::Unavailable,
            BodyError::Broken => OAuthError::InvalidRequest("The body is incomplete."),
        }
    }
}
