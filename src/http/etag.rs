//! Answers that the caller may have already (RFC 9110 section 13.1.2).

use actix_web::HttpRequest;
use actix_web::http::header::IF_NONE_MATCH;

/// Whether `If-None-Match` names this tag: then the answer is 304.
pub fn is_known(http: &HttpRequest, etag: &str) -> bool {
    http.headers().get_all(IF_NONE_MATCH).any(|value| {
        let names = value.to_str().unwrap_or_default().split(',');
        let mut names = names.map(|name| name.trim().trim_start_matches("W/"));
        names.any(|name| name == etag || name == "*")
    })
}
