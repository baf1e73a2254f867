//! `GET /.well-known/jwks.json`: the public keys (RFC 7517 section 5).

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::{MAX_AGE, OAuthError, public_document};
use crate::directory::Freshness;
use crate::http::awake;
use crate::http::dispatch::app;
use crate::http::log::LogLine;

#[derive(Serialize)]
struct Jwks<K: Serialize> {
    keys: K,
}

pub async fn jwks(http: HttpRequest, _: Payload) -> HttpResponse {
    let app = app(&http);
    if let Err(e) = awake(&app).await {
        LogLine::of(&http).cause(e);
        return OAuthError::Unavailable.into_response();
    }
    let directory = &app.directory;
    if directory.freshness() == Freshness::Lost {
        LogLine::of(&http).cause("the keys may be others by now");
        return OAuthError::Unavailable.into_response();
    }
    // Nobody keeps the set for longer than this process would.
    let max_age = directory.grace_left().as_secs().min(MAX_AGE);
    let keys = directory.keyring().jwks();
    public_document(&http, &Jwks { keys }, max_age)
}
