//! `GET /.well-known/jwks.json`: the public keys (RFC 7517 section 5).

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::public_document;
use crate::http::dispatch::app;
use crate::signing::Jwk;

#[derive(Serialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

pub async fn jwks(http: HttpRequest, _: Payload) -> HttpResponse {
    let keys = app(&http).directory.keyring().jwks();
    public_document(&http, &Jwks { keys })
}
