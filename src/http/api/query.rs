//! Query parameters of lists, read strictly: each from a fixed set, each at most once.

use actix_web::HttpRequest;

use super::ApiError;
use crate::http::form::Form;
use crate::model::page::{LARGEST_PAGE, PAGE_SIZE, Window};
use crate::model::timestamp::Timestamp;

/// The furthest page: beyond it the place in the list would not be a number any more.
const LAST_PAGE: i64 = 1_000_000_000;

/// Which part of a list is wanted, and in which form.
pub struct ListQuery {
    pub window: Window,
    /// The page form rather than a bare array.
    pub as_page: bool,
    form: Form,
}

impl ListQuery {
    pub fn read(http: &HttpRequest) -> Result<Self, ApiError> {
        let form = Form::parse(http.query_string().as_bytes())
            .map_err(|_| ApiError::invalid("query", "it is not well formed"))?;
        if form.has_repeated_besides(&[]) {
            return Err(ApiError::invalid("query", "a parameter is repeated"));
        }
        let as_page = match form.value("result") {
            None | Some("array") => false,
            Some("page") => true,
            Some(_) => return Err(ApiError::invalid("result", "is array or page")),
        };
        let number = number(&form, "page", 0, LAST_PAGE)?;
        let size = number_of_entries(&form)?;
        let window = match (number, size) {
            (None, None) if !as_page => Window::Whole,
            (number, size) => Window::Page {
                number: number.unwrap_or(0),
                size: size.unwrap_or(PAGE_SIZE),
            },
        };
        Ok(Self {
            window,
            as_page,
            form,
        })
    }

    /// A parameter that is any text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.form.value(name).map(str::to_owned)
    }

    /// A parameter that is a moment, as RFC 3339 writes it.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, ApiError> {
        let read = |text: &str| {
            Timestamp::parse(text).ok_or_else(|| {
                ApiError::invalid(name, "is a time such as 2024-01-17T14:27:04.383Z")
            })
        };
        self.form.value(name).map(read).transpose()
    }

    /// A parameter that is `true` or `false`; `false` when it is absent.
    pub fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.form.value(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(ApiError::invalid(name, "is true or false")),
        }
    }
}

fn number_of_entries(form: &Form) -> Result<Option<i64>, ApiError> {
    number(form, "size", 1, LARGEST_PAGE)
}

fn number(form: &Form, name: &str, least: i64, most: i64) -> Result<Option<i64>, ApiError> {
    let Some(text) = form.value(name) else {
        return Ok(None);
    };
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ApiError::invalid(name, "is a whole number"));
    }
    let range = format!("{least} to {most}");
    match text.parse::<i64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
        _ => Err(ApiError::out_of_range(name, &range)),
    }
}
