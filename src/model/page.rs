//! Pages of lists, as the console counts them: from 0.

use serde::Serialize;

/// How many entries a whole, unpaged list may have.
pub const WHOLE_LIST: i64 = 10_000;
/// How many entries a page has unless asked otherwise.
pub const PAGE_SIZE: i64 = 25;
/// How many entries a page may have.
pub const LARGEST_PAGE: i64 = 1000;

/// Which part of a list is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Window {
    /// All of it, as long as it is no longer than [`WHOLE_LIST`].
    Whole,
    /// Page `number`, from 0, of `size` entries.
    Page { number: i64, size: i64 },
}

impl Window {
    pub fn limit(self) -> i64 {
        match self {
            // One more than allowed, so that a longer list shows.
            Window::Whole => WHOLE_LIST + 1,
            Window::Page { size, .. } => size,
        }
    }

    pub fn offset(self) -> i64 {
        match self {
            Window::Whole => 0,
            Window::Page { number, size } => number.saturating_mul(size),
        }
    }
}

/// The page form of a list; its keys are camelCase, unlike all others.
#[derive(Serialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub total_elements: i64,
    pub total_pages: i64,
    pub last: bool,
    pub first: bool,
    pub size: i64,
    pub number: i64,
    pub number_of_elements: i64,
    pub content: Vec<T>,
}

impl<T> Page<T> {
    /// The page that `window` cut out of a list of `total` entries.
    pub fn new(content: Vec<T>, window: Window, total: i64) -> Self {
        let (number, size) = match window {
            Window::Whole => (0, total.max(1)),
            Window::Page { number, size } => (number, size),
        };
        let total_pages = (total + size - 1) / size;
        Self {
            total_elements: total,
            total_pages,
            last: number + 1 >= total_pages,
            first: number == 0,
            size,
            number,
            number_of_elements: i64::try_from(content.len()).unwrap_or(i64::MAX),
            content,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_where_it_stands() {
        let window = Window::Page { number: 2, size: 2 };
        assert_eq!(window.offset(), 4);
        let page = Page::new(vec!['e'], window, 5);
        assert_eq!(
            serde_json::to_string(&page).unwrap(),
            r#"{"totalElements":5,"totalPages":3,"last":true,"first":false,"size":2,"number":2,"numberOfElements":1,"content":["e"]}"#
        );
        let empty = Page::<char>::new(
            vec![],
            Window::Page {
                number: 0,
                size: 25,
            },
            0,
        );
        assert!(empty.first && empty.last && empty.total_pages == 0);
    }
}
