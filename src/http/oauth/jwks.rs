//! `GET /.well-known/jwks.json`: the public keys (RFC 7517 section 5).

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::public_document;
use crate::http::dispatch::app;

#[derive(Serialize)]
struct Jwks<K: Serialize> {
    keys: K,
}

pub async fn jwks(http: HttpRequest, _: Payload) -> HttpResponse {
    let keys = app(&http).directory.keyring().jwks();
    public_document(&http, &Jwks { keys })
}
