//! Reads a request's body within a bound and a time.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use futures_util::StreamExt;
use zeroize::Zeroizing;

/// Why there is no body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BodyError {
    /// Not of the media type that is read here, or under a content coding.
    UnsupportedMediaType,
    TooLarge,
    /// It did not arrive in time.
    TooSlow,
    /// The connection ended, or its framing is broken.
    Broken,
}

/// The body of a request whose media type must be `media_type`: at most `limit` bytes, within
/// `time`. It may hold a secret, so it wipes itself.
pub async fn read(
    http: &HttpRequest,
    mut payload: Payload,
    media_type: &str,
    limit: usize,
    time: Duration,
) -> Result<Zeroizing<Vec<u8>>, BodyError> {
    if !is_of(http, media_type) {
        return Err(BodyError::UnsupportedMediaType);
    }
    let declared = http.headers().get(CONTENT_LENGTH);
    let declared = declared.and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit as u64) {
        return Err(BodyError::TooLarge);
    }
    let reading = async {
        // What grows leaves copies behind.
        let room = declared.map_or(1024, |length| length.min(4096) as usize);
        let mut body = Zeroizing::new(Vec::with_capacity(room));
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| BodyError::Broken)?;
            if body.len() + chunk.len() > limit {
                return Err(BodyError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    match actix_web::rt::time::timeout(time, reading).await {
        Ok(read) => read,
        Err(_elapsed) => Err(BodyError::TooSlow),
    }
}

/// Whether the request says that its body is of this media type, without a content coding.
pub fn is_of(http: &HttpRequest, media_type: &str) -> bool {
    let mut types = http.headers().get_all(CONTENT_TYPE);
    let (first, second) = (types.next(), types.next());
    let essence = first
        .and_then(|value| value.to_str().ok())
        .map(|value| value.split(';').next().unwrap_or_default().trim());
    let is_right = essence.is_some_and(|e| e.eq_ignore_ascii_case(media_type));
    let mut codings = http.headers().get_all(CONTENT_ENCODING);
    let is_plain = codings.all(|c| c.as_bytes().eq_ignore_ascii_case(b"identity"));
    is_right && second.is_none() && is_plain
}
