//! `GET /docs`: the contract as a page to read and to try, by Swagger UI. All of it is in the binary.

use std::sync::OnceLock;

use actix_web::dev::Payload;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse};

use super::etag::is_known;
use crate::domain::content_hash;

/// Scripts and styles are files of ours; nothing comes from elsewhere, goes elsewhere, or stands
/// inside another page. The pictures in Swagger UI's style are `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// A file in the binary.
struct Asset {
    content_type: &'static str,
    content: &'static str,
    etag: OnceLock<String>,
}

static PAGE: Asset = Asset::new("text/html; charset=utf-8", include_str!("page.html"));
static START: Asset = Asset::new("text/javascript; charset=utf-8", include_str!("start.js"));
static STYLE: Asset = Asset::new("text/css; charset=utf-8", include_str!("page.css"));
static SWAGGER_STYLE: Asset = Asset::new(
    "text/css; charset=utf-8",
    include_str!(concat!(env!("OUT_DIR"), "/swagger-ui.css")),
);
static SWAGGER_SCRIPT: Asset = Asset::new(
    "text/javascript; charset=utf-8",
    include_str!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js")),
);

impl Asset {
    const fn new(content_type: &'static str, content: &'static str) -> Self {
        Self {
            content_type,
            content,
            etag: OnceLock::new(),
        }
    }

    /// The file, or 304; a browser keeps it, and asks each time whether it still holds.
    fn answer(&'static self, http: &HttpRequest) -> HttpResponse {
        let hash = || format!("\"{}\"", content_hash(self.content.as_bytes()));
        let etag = self.etag.get_or_init(hash);
        let is_known = is_known(http, etag);
        let mut response = match is_known {
            true => HttpResponse::NotModified(),
            false => HttpResponse::Ok(),
        };
        response
            .insert_header((CACHE_CONTROL, "no-cache"))
            .insert_header((ETAG, etag.as_str()))
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((REFERRER_POLICY, "no-referrer"));
        match is_known {
            true => response.finish(),
            false => response
                .insert_header((CONTENT_TYPE, self.content_type))
                .body(self.content),
        }
    }
}

pub async fn page(http: HttpRequest, _: Payload) -> HttpResponse {
    PAGE.answer(&http)
}

pub async fn start(http: HttpRequest, _: Payload) -> HttpResponse {
    START.answer(&http)
}

pub async fn style(http: HttpRequest, _: Payload) -> HttpResponse {
    STYLE.answer(&http)
}

pub async fn swagger_style(http: HttpRequest, _: Payload) -> HttpResponse {
    SWAGGER_STYLE.answer(&http)
}

pub async fn swagger_script(http: HttpRequest, _: Payload) -> HttpResponse {
    SWAGGER_SCRIPT.answer(&http)
}
