//! `GET /openapi.yaml`: the contract, as it stands in the repository.

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse};

const DOCUMENT: &str = include_str!("../../openapi/openapi.yaml");

pub async fn document(_: HttpRequest, _: Payload) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/yaml")
        .body(DOCUMENT)
}
