//! The OAuth endpoints: tokens, keys, metadata.

mod credentials;
mod error;
pub mod jwks;
pub mod metadata;
mod query;
pub mod token;

pub use error::OAuthError;

use actix_web::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::domain::content_hash;
use crate::http::etag::is_known;

/// How long a public document may be kept, in seconds.
pub const MAX_AGE: u64 = 300;

/// A document that anybody may read and keep for `max_age` seconds; 304 when the caller has it already
/// (RFC 9110 section 13.1.2).
fn public_document(http: &HttpRequest, document: &impl Serialize, max_age: u64) -> HttpResponse {
    let Ok(body) = serde_json::to_vec(document) else {
        return OAuthError::ServerError.into_response();
    };
    let etag = format!("\"{}\"", content_hash(&body));
    let is_known = is_known(http, &etag);
    let mut response = match is_known {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    response
        .insert_header((CACHE_CONTROL, format!("public, max-age={max_age}")))
        .insert_header((ETAG, etag))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    match is_known {
        true => response.finish(),
        false => response
            .insert_header((CONTENT_TYPE, "application/json"))
            .body(body),
    }
}
