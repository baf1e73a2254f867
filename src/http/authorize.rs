//! `GET, POST /console/sys/authorize`: the authorization endpoint (RFC 6749 section 3.1) that the
//! metadata must name, since many clients take no document without one. There is no flow behind it: it
//! says so, to everybody alike.

use actix_web::dev::Payload;
use actix_web::http::ConnectionType;
use actix_web::http::header::{ACCEPT, CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING, VARY};
use actix_web::{HttpRequest, HttpResponse};

use super::oauth::OAuthError;
use super::pages;

/// 400, and never a redirect: whatever `redirect_uri` names, nobody registered it (RFC 9700 section
/// 4.11). No cookie, parameter or body is read, and nothing of the request stands in the answer.
pub async fn authorize(http: HttpRequest, _: Payload) -> HttpResponse {
    let mut response = match prefers_page(&http) {
        true => pages::no_authorization(),
        false => OAuthError::UnsupportedResponseType.into_response(),
    };
    pages::protect(response.headers_mut());
    response
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("Accept"));
    if has_body(&http) {
        // It is not read, so nothing can follow it.
        response
            .head_mut()
            .set_connection_type(ConnectionType::Close);
    }
    response
}

fn has_body(http: &HttpRequest) -> bool {
    let headers = http.headers();
    let length = headers.get(CONTENT_LENGTH);
    headers.contains_key(TRANSFER_ENCODING) || length.is_some_and(|length| length != "0")
}

/// Whether HTML is asked for more than JSON (RFC 9110 section 12.5.1). Programs, which say `*/*` or
/// nothing, get JSON.
fn prefers_page(http: &HttpRequest) -> bool {
    let accepted = http.headers().get_all(ACCEPT);
    let accepted: Vec<&str> = accepted.filter_map(|value| value.to_str().ok()).collect();
    prefers_html(&accepted.join(","))
}

fn prefers_html(accepted: &str) -> bool {
    let html = quality(accepted, ["text/html", "text/*", "*/*"]);
    let json = quality(accepted, ["application/json", "application/*", "*/*"]);
    html > json
}

/// How much a type is wanted, in thousandths, by the most specific of the ranges that name it.
fn quality(accepted: &str, ranges: [&str; 3]) -> u16 {
    let of = |range: &str| {
        let ranges = accepted.split(',');
        let weights = ranges.filter_map(|one| {
            let mut parts = one.split(';').map(str::trim);
            let is_it = parts.next()?.eq_ignore_ascii_case(range);
            let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
            is_it.then(|| weight.map_or(1000, thousandths))
        });
        weights.max()
    };
    ranges.into_iter().find_map(of).unwrap_or(0)
}

/// A weight such as `0.8`; what is none counts as not wanted.
fn thousandths(weight: &str) -> u16 {
    let weight = weight.parse::<f32>().ok();
    let weight = weight.filter(|weight| (0.0..=1.0).contains(weight));
    weight.map_or(0, |weight| (weight * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_a_page_and_programs_json() {
        for browser in [
            "text/html",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "TEXT/HTML ; q=0.5, application/json;q=0.4",
            "text/*",
            "application/json;q=0, */*",
            "text/html;level=1",
        ] {
            assert!(prefers_html(browser), "{browser}");
        }
        for program in [
            "",
            "*/*",
            "application/json",
            "application/json, text/html",
            "application/json, text/plain, */*",
            "text/html;q=0",
            "text/html;q=x",
            "text/html;q=NaN, */*",
            "text/html;q=2",
            "image/png",
            ",;,;q=,",
        ] {
            assert!(!prefers_html(program), "{program}");
        }
    }
}
