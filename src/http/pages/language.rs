//! `POST /console/language`: the language that somebody chose, and back to where they were.

use actix_web::http::header::{HeaderValue, SET_COOKIE};

use super::cookies::Cookie;
use super::text::Language;
use super::{PageError, PageResult, Visit};
use crate::http::addresses::{is_open_address, is_page_address};

pub async fn choose(visit: Visit) -> PageResult {
    let language = Language::parse(visit.form.value("language")?);
    let language = language.ok_or(PageError::FormMalformed)?;
    let back = visit.form.value("back")?;
    let back = match is_page_address(back) || is_open_address(back) {
        true => back,
        false => "/console",
    };
    let mut response = visit.lead(back)?;
    let cookie = visit.shell.cookies.set(Cookie::Language, language.code());
    // Made of what cookies are made of.
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}
