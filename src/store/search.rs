//! Searching: a term becomes a pattern for `LIKE` over a column that was folded by us, since SQLite
//! folds ASCII only.

use crate::model::text::fold;

/// The pattern that finds `term` anywhere, in whatever case. `LIKE` must be told that `\` escapes.
pub(super) fn containing(term: &str) -> String {
    holding(&fold(term))
}

/// The pattern that finds `text` anywhere as it is written.
pub(super) fn holding(text: &str) -> String {
    let mut pattern = String::from("%");
    for sign in text.chars() {
        if matches!(sign, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(sign);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_like_would_take_for_a_wildcard_is_itself() {
        assert_eq!(containing("100%_\\"), "%100\\%\\_\\\\%");
        assert_eq!(containing("Ключ"), "%ключ%");
    }
}
