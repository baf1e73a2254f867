//! The page at the authorization endpoint, for a person whom a program sent there.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;
use maud::{DOCTYPE, html};

use super::assets::{ICON, STYLE};
use super::text::Language;

/// One page for everybody: it reads no cookie and no preference, so it speaks every language.
pub fn no_authorization() -> HttpResponse {
    let page = html! {
        (DOCTYPE)
        html lang=(Language::English.code()) {
            head {
                meta charset="utf-8";
                title { (Language::English.text().errors.no_authorization_title) " · Mintmark" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href=(ICON.address()) type="image/svg+xml";
                link rel="stylesheet" href=(STYLE.address());
            }
            body {
                header.top {
                    a.brand href="/console" {
                        img src=(ICON.address()) alt="" width="24" height="24";
                        "Mintmark"
                    }
                }
                main {
                    @for language in Language::ALL {
                        @let errors = &language.text().errors;
                        section lang=(language.code()) {
                            h1 { (errors.no_authorization_title) }
                            p.lead { (errors.no_authorization) }
                        }
                    }
                }
            }
        }
    };
    HttpResponse::BadRequest()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .body(page.into_string())
}
