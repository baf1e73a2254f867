//! What this server can do: RFC 8414, and OpenID Connect Discovery for the clients that look there.

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::public_document;
use crate::http::dispatch::app;
use crate::model::public_url::PublicUrl;
use crate::model::scope::Scope;

/// Members of RFC 8414 section 2.
#[derive(Serialize)]
struct AuthorizationServer {
    issuer: String,
    token_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<&'static str>,
    response_types_supported: [&'static str; 0],
    grant_types_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 2],
}

/// Members of OpenID Connect Discovery 1.0 section 3.
#[derive(Serialize)]
struct OpenIdConfiguration {
    #[serde(flatten)]
    authorization_server: AuthorizationServer,
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
    claims_supported: [&'static str; 9],
}

impl AuthorizationServer {
    fn new(url: &PublicUrl) -> Self {
        Self {
            issuer: url.issuer().to_owned(),
            token_endpoint: url.join("/console/sys/token"),
            jwks_uri: url.join("/.well-known/jwks.json"),
            scopes_supported: Scope::ALL.map(Scope::as_str).to_vec(),
            // There is no authorization endpoint: nobody is asked for a response type.
            response_types_supported: [],
            grant_types_supported: ["client_credentials"],
            token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
        }
    }
}

pub async fn authorization_server(http: HttpRequest, _: Payload) -> HttpResponse {
    public_document(&http, &AuthorizationServer::new(&app(&http).public_url))
}

pub async fn openid_configuration(http: HttpRequest, _: Payload) -> HttpResponse {
    let document = OpenIdConfiguration {
        authorization_server: AuthorizationServer::new(&app(&http).public_url),
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS512"],
        claims_supported: [
            "iss", "sub", "aud", "iat", "exp", "at_hash", "jti", "scope", "gen",
        ],
    };
    public_document(&http, &document)
}
