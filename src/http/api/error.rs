//! The errors of the resource API: the console's flat envelope, with the RFC 6750 challenge on 401
//! and 403, and their one mapping to HTTP.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;

use crate::domain::refusals::Refused;
use crate::domain::write_budget::Overspent;
use crate::domain::{DomainError, StoreError};
use crate::http::body::BodyError;
use crate::model::ids::ClientId;
use crate::model::scope::{Scope, ScopeSet};

/// gRPC's codes, which console clients know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Code {
    InvalidArgument,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    FailedPrecondition,
    ResourceExhausted,
    OutOfRange,
    Internal,
    Unavailable,
    Unauthenticated,
}

impl Code {
    /// Number, name, and HTTP status unless another is given.
    const fn row(self) -> (u8, &'static str, u16) {
        match self {
            Code::InvalidArgument => (3, "INVALID_ARGUMENT", 400),
            Code::NotFound => (5, "NOT_FOUND", 404),
            Code::AlreadyExists => (6, "ALREADY_EXISTS", 409),
            Code::PermissionDenied => (7, "PERMISSION_DENIED", 403),
            Code::ResourceExhausted => (8, "RESOURCE_EXHAUSTED", 429),
            Code::FailedPrecondition => (9, "FAILED_PRECONDITION", 400),
            Code::OutOfRange => (11, "OUT_OF_RANGE", 400),
            Code::Internal => (13, "INTERNAL", 500),
            Code::Unavailable => (14, "UNAVAILABLE", 503),
            Code::Unauthenticated => (16, "UNAUTHENTICATED", 401),
        }
    }
}

/// Why a call was not answered as asked.
#[derive(Debug)]
pub struct ApiError {
    code: Code,
    /// Where the code alone does not tell the HTTP status.
    status: Option<u16>,
    message: String,
    details: String,
    /// `WWW-Authenticate`.
    challenge: Option<String>,
    /// In how many seconds the same call can succeed, where that is known.
    retry_after: Option<u32>,
    /// For the log only; it holds nothing of what the caller sent.
    cause: String,
    /// Who was refused, if it is known from the token.
    refused: Option<Box<Refused>>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: u8,
    status: &'static str,
    message: &'a str,
    details: &'a str,
}

const REALM: &str = "Bearer realm=\"console\"";

impl ApiError {
    fn new(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code,
            status: None,
            cause: message.clone(),
            message,
            details: String::new(),
            challenge: None,
            retry_after: None,
            refused: None,
        }
    }

    fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    fn because(mut self, cause: impl ToString) -> Self {
        self.cause = cause.to_string();
        self
    }

    /// Whether the same call can succeed later.
    pub fn is_unavailable(&self) -> bool {
        self.code == Code::Unavailable
    }

    /// Says who was refused.
    pub fn of(mut self, whom: Refused) -> Self {
        self.refused = Some(Box::new(whom));
        self
    }

    /// Who was refused, for the audit log: whoever was said, or else the caller, where the answer is
    /// that they may not do it.
    pub fn refused(&self, caller: Option<ClientId>) -> Option<Refused> {
        let is_forbidden = self.code == Code::PermissionDenied;
        let caller = caller.filter(|_| is_forbidden).map(Refused::Forbidden);
        self.refused.as_deref().cloned().or(caller)
    }

    /// Why, for the log.
    pub fn cause(&self) -> &str {
        &self.cause
    }

    pub fn not_found(message: &str) -> Self {
        Self::new(Code::NotFound, message)
    }

    pub fn method_not_allowed() -> Self {
        let message = "This path does not know the method; see Allow.";
        Self::new(Code::InvalidArgument, message).with_status(405)
    }

    pub fn internal(cause: impl ToString) -> Self {
        Self::new(Code::Internal, "Something went wrong here.").because(cause)
    }

    pub fn unavailable(cause: impl ToString) -> Self {
        let message = "The service is temporarily unavailable. Try again later.";
        Self::new(Code::Unavailable, message).because(cause)
    }

    /// The caller's budget of changes is spent.
    pub fn overspent(Overspent(seconds): Overspent) -> Self {
        let message = "Too many changes within a short time. Try again later.";
        let mut error = Self::new(Code::ResourceExhausted, message);
        error.retry_after = u32::try_from(seconds).ok();
        error
    }

    /// No token at all: the challenge carries no error (RFC 6750 section 3.1).
    pub fn no_token() -> Self {
        let mut error = Self::new(Code::Unauthenticated, "A Bearer token is required.");
        error.challenge = Some(REALM.to_owned());
        error
    }

    /// One and the same answer for whatever is wrong with a token.
    pub fn invalid_token(cause: impl ToString) -> Self {
        let message = "The token is invalid or has expired.";
        let mut error = Self::new(Code::Unauthenticated, message).because(cause);
        error.challenge = Some(format!("{REALM}, error=\"invalid_token\""));
        error
    }

    pub fn insufficient_scope(needed: Scope) -> Self {
        let needed = needed.as_str();
        let message = "The token does not have the scope that this call needs.";
        let mut error = Self::new(Code::PermissionDenied, message);
        error.details = format!("needed: {needed}");
        error.challenge = Some(format!(
            "{REALM}, error=\"insufficient_scope\", scope=\"{needed}\""
        ));
        error
    }

    /// The act is beyond what the token can do, or beyond what any token can do for this caller.
    fn forbidden(needed: ScopeSet, reason: String) -> Self {
        let mut error = Self::new(Code::PermissionDenied, "The token does not allow this.");
        error.cause.clone_from(&reason);
        error.details = reason;
        error.challenge = Some(match needed.is_empty() {
            true => format!("{REALM}, error=\"insufficient_scope\""),
            false => format!("{REALM}, error=\"insufficient_scope\", scope=\"{needed}\""),
        });
        error
    }

    pub fn two_tokens() -> Self {
        let message = "The token must be sent once, in the Authorization header.";
        Self::new(Code::InvalidArgument, message)
    }

    pub fn not_a_uuid(text: &str) -> Self {
        Self::new(
            Code::InvalidArgument,
            format!("{} is not a valid UUID.", printable(text)),
        )
        .because("an id that is no UUID")
    }

    pub fn invalid(field: &str, reason: impl ToString) -> Self {
        let mut error = Self::new(Code::InvalidArgument, format!("{field} is not valid."));
        error.details = format!("{field}: {}", reason.to_string());
        error.cause.clone_from(&error.details);
        error
    }

    pub fn out_of_range(field: &str, reason: &str) -> Self {
        let mut error = Self::new(Code::OutOfRange, format!("{field} is out of range."));
        error.details = reason.to_owned();
        error
    }

    /// What the parser says of the body: which member is missing or unknown, or where one is not
    /// of its type. A value, which can be a secret, is not quoted.
    pub fn malformed_json(error: &serde_json::Error) -> Self {
        let mut malformed = Self::new(Code::InvalidArgument, "The body is not valid.");
        let said = error.to_string();
        let names_a_member = ["missing field", "unknown field", "duplicate field"]
            .iter()
            .any(|beginning| said.starts_with(beginning));
        malformed.details = match names_a_member {
            true => printable(&said),
            false => format!("at line {}, column {}", error.line(), error.column()),
        };
        malformed
    }

    pub fn into_response(self) -> HttpResponse {
        let (code, name, status) = self.code.row();
        let status = self.status.unwrap_or(status);
        // The numbers above are statuses.
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(challenge) = self.challenge {
            response.insert_header((WWW_AUTHENTICATE, challenge));
        }
        match status.as_u16() {
            503 => {
                response.insert_header((RETRY_AFTER, "1"));
            }
            429 => {
                let seconds = self.retry_after.unwrap_or(1);
                response.insert_header((RETRY_AFTER, seconds.to_string()));
                // Its body is not read.
                response.force_close();
            }
            // The rest of the body is not read, so nothing can follow it.
            408 | 413 | 415 => {
                response.force_close();
            }
            _ => {}
        }
        response.json(Body {
            code,
            status: name,
            message: &self.message,
            details: &self.details,
        })
    }
}

/// At most 200 characters of what a caller sent, without those that could do harm where it is
/// shown.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !matches!(c, '<' | '>' | '&' | '"'))
        .take(200)
        .collect()
}

impl From<DomainError> for ApiError {
    fn from(error: DomainError) -> Self {
        match error {
            DomainError::Invalid { field, reason } => Self::invalid(field, reason),
            DomainError::OutOfRange { field, reason } => Self::out_of_range(field, &reason),
            DomainError::Forbidden { needed, reason } => Self::forbidden(needed, reason),
            DomainError::NotFound(what) => Self::not_found(&format!("No such {what}.")),
            DomainError::AlreadyExists(taken) => Self::new(Code::AlreadyExists, taken.to_string()),
            DomainError::FailedPrecondition(obstacle) => {
                Self::new(Code::FailedPrecondition, obstacle.to_string())
            }
            DomainError::Changed => {
                let message = "It was changed since it was read: read it again.";
                Self::new(Code::FailedPrecondition, message).with_status(412)
            }
            DomainError::Store(error) => error.into(),
            DomainError::Internal(cause) => Self::internal(cause),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::unavailable(error),
            StoreError::Conflict(_) => {
                Self::new(Code::AlreadyExists, "It exists already.").because(error)
            }
            StoreError::Broken(_) | StoreError::Refused(_) => Self::internal(error),
        }
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        let (message, status) = match error {
            BodyError::UnsupportedMediaType => (
                "The body must be application/json, without a content coding.",
                415,
            ),
            BodyError::TooLarge => ("The body is larger than 64 KiB.", 413),
            BodyError::TooSlow => ("The body did not arrive in time.", 408),
            BodyError::Broken => ("The body is incomplete.", 400),
            BodyError::NoRoom => return Self::unavailable("too many bodies at once"),
        };
        Self::new(Code::InvalidArgument, message).with_status(status)
    }
}
