//! What holds for every list that is asked for.

use super::DomainError;
use crate::model::page::WHOLE_LIST;
use crate::model::text::check_text;

/// How long a search term may be, in characters.
const SEARCH_LENGTH: usize = 100;

pub(super) fn check_search(search: Option<&str>) -> Result<(), DomainError> {
    check_text(search.unwrap_or_default(), SEARCH_LENGTH)
        .map_err(|e| DomainError::invalid("search", e))
}

/// That a list which is asked for whole is not too long to be answered so.
pub(super) fn check_whole(is_longer: bool) -> Result<(), DomainError> {
    match is_longer {
        false => Ok(()),
        true => Err(DomainError::OutOfRange {
            field: "page",
            reason: format!("the list has more than {WHOLE_LIST} entries: ask for a page"),
        }),
    }
}
