//! Reads a request's body within a bound and a time.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use zeroize::Zeroizing;

use super::bodies::{Bodies, Held, NoRoom, Sender};

/// How much of a body is made room for at first, in bytes: most are shorter.
const FIRST_ROOM: usize = 1024;

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
    /// Too much arrives at once, and others hold less of it.
    NoRoom,
}

/// The body of a request whose media type must be `media_type`: at most `limit` bytes, within
/// `time`. It may hold a secret, so it wipes itself. `sender` shares what all bodies hold with others.
pub async fn read(
    http: &HttpRequest,
    payload: Payload,
    sender: Sender,
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
    let held = bodies(http).begin(sender);
    let expected = declared.map_or(FIRST_ROOM, |length| length.min(limit as u64) as usize);
    let reading = async {
        let reading = pin!(take(payload, &held, expected.min(FIRST_ROOM), limit));
        match select(poll_fn(|context| held.poll_out(context)), reading).await {
            Either::Left(_) => Err(BodyError::NoRoom),
            Either::Right((read, _)) => read,
        }
    };
    match actix_web::rt::time::timeout(time, reading).await {
        Ok(read) => read,
        Err(_elapsed) => Err(BodyError::TooSlow),
    }
}

async fn take(
    mut payload: Payload,
    held: &Held,
    room: usize,
    limit: usize,
) -> Result<Zeroizing<Vec<u8>>, BodyError> {
    held.take(room)?;
    let mut body = Zeroizing::new(Vec::with_capacity(room));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| BodyError::Broken)?;
        let length = body.len() + chunk.len();
        if length > limit {
            return Err(BodyError::TooLarge);
        }
        if length > body.capacity() {
            let room = length.next_power_of_two().min(limit);
            held.take(room - body.capacity())?;
            // A vector that grows by itself leaves a copy behind.
            let mut larger = Zeroizing::new(Vec::with_capacity(room));
            larger.extend_from_slice(&body);
            body = larger;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl From<NoRoom> for BodyError {
    fn from(_: NoRoom) -> Self {
        Self::NoRoom
    }
}

/// What all bodies share.
///
/// # Panics
/// Never in a running server: `server` hands it to every worker before it listens.
fn bodies(http: &HttpRequest) -> Arc<Bodies> {
    let bodies = http.app_data::<web::Data<Bodies>>();
    let bodies = bodies.expect("the server carries what bodies share");
    bodies.clone().into_inner()
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
