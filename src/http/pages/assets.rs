//! The pages' style, script and icon, in the binary; their addresses change with their content, so
//! that a browser may keep them for good.

use std::sync::OnceLock;

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse};

use crate::domain::content_hash;
use crate::http::etag::is_known;

/// A file in the binary.
pub struct Asset {
    pub path: &'static str,
    content_type: &'static str,
    content: &'static str,
    version: OnceLock<String>,
}

pub static STYLE: Asset = Asset::new(
    "/console/assets/style.css",
    "text/css; charset=utf-8",
    include_str!("style.css"),
);
pub static SCRIPT: Asset = Asset::new(
    "/console/assets/script.js",
    "text/javascript; charset=utf-8",
    include_str!("script.js"),
);
pub static ICON: Asset = Asset::new(
    "/console/assets/icon.svg",
    "image/svg+xml",
    include_str!("icon.svg"),
);

impl Asset {
    const fn new(path: &'static str, content_type: &'static str, content: &'static str) -> Self {
        Self {
            path,
            content_type,
            content,
            version: OnceLock::new(),
        }
    }

    /// A name of its content.
    fn version(&self) -> &str {
        let hash = || content_hash(self.content.as_bytes())[..16].to_owned();
        self.version.get_or_init(hash)
    }

    /// Where pages find it.
    pub fn address(&self) -> String {
        format!("{}?v={}", self.path, self.version())
    }

    /// The file, or 304. Under another address than the one that pages have, it is asked for anew
    /// each time.
    pub fn answer(&self, http: &HttpRequest) -> HttpResponse {
        let etag = format!("\"{}\"", self.version());
        let is_known = is_known(http, &etag);
        let mut response = match is_known {
            true => HttpResponse::NotModified(),
            false => HttpResponse::Ok(),
        };
        let is_for_good = http.query_string().strip_prefix("v=") == Some(self.version());
        response
            .insert_header(match is_for_good {
                true => (CACHE_CONTROL, "public, max-age=31536000, immutable"),
                false => (CACHE_CONTROL, "no-cache"),
            })
            .insert_header((ETAG, etag))
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
