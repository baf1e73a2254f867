//! What this server can do: RFC 8414, and OpenID Connect Discovery for the clients that look there.
//!
//! Most of the clients that read this were made for browsers, and many refuse a document that is right
//! by the letter. `tests/clients` runs some of the clients that need a member.

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::{MAX_AGE, public_document};
use crate::http::dispatch::app;
use crate::model::public_url::PublicUrl;

/// Members of RFC 8414 section 2. There is no `scopes_supported`, which is RECOMMENDED there: clients
/// ask for the whole list that they find, and whoever lacks one of it gets `invalid_scope`.
#[derive(Serialize)]
struct AuthorizationServer {
    issuer: String,
    /// REQUIRED only where a grant uses it, and none does. Rust's openidconnect, Ruby's
    /// openid_connect, httpx-oauth, Python's mcp and others take no document without it.
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    /// REQUIRED, and there is nothing to name. Without the member the TypeScript SDKs of MCP take no
    /// document; with a type in it, it would lie.
    response_types_supported: [&'static str; 0],
    grant_types_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 2],
    /// The Go SDK of MCP takes no server without it. No flow without PKCE exists here.
    code_challenge_methods_supported: [&'static str; 1],
    /// Without it openid-client and oauth4webapi take RS256 for granted, and refuse every answer that
    /// holds an id_token.
    id_token_signing_alg_values_supported: [&'static str; 1],
}

/// Members of OpenID Connect Discovery 1.0 section 3.
#[derive(Serialize)]
struct OpenIdConfiguration {
    #[serde(flatten)]
    authorization_server: AuthorizationServer,
    subject_types_supported: [&'static str; 1],
    /// The one scope that the specification wants to see. No other, for the reason above.
    scopes_supported: [&'static str; 1],
    claims_supported: [&'static str; 9],
}

impl AuthorizationServer {
    fn new(url: &PublicUrl) -> Self {
        Self {
            issuer: url.issuer().to_owned(),
            authorization_endpoint: url.join("/console/sys/authorize"),
            token_endpoint: url.join("/console/sys/token"),
            jwks_uri: url.join("/.well-known/jwks.json"),
            response_types_supported: [],
            grant_types_supported: ["client_credentials"],
            token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
            code_challenge_methods_supported: ["S256"],
            id_token_signing_alg_values_supported: ["RS512"],
        }
    }
}

pub async fn authorization_server(http: HttpRequest, _: Payload) -> HttpResponse {
    public_document(
        &http,
        &AuthorizationServer::new(&app(&http).public_url),
        MAX_AGE,
    )
}

pub async fn openid_configuration(http: HttpRequest, _: Payload) -> HttpResponse {
    let document = OpenIdConfiguration {
        authorization_server: AuthorizationServer::new(&app(&http).public_url),
        subject_types_supported: ["public"],
        scopes_supported: ["openid"],
        claims_supported: [
            "iss", "sub", "aud", "iat", "exp", "at_hash", "jti", "scope", "gen",
        ],
    };
    public_document(&http, &document, MAX_AGE)
}
