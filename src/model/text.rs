//! Texts that people write: names, descriptions, logins; and how they are folded for search.

/// Why a text is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TextError {
    #[error("must not be empty")]
    Empty,
    #[error("has at most {0} characters")]
    TooLong(usize),
    #[error("must not hold control characters")]
    Control,
    #[error("must not begin or end with a space")]
    Padded,
}

/// Checks a text of at most `limit` characters without control characters; it may be empty.
pub fn check_text(text: &str, limit: usize) -> Result<(), TextError> {
    if text.chars().count() > limit {
        return Err(TextError::TooLong(limit));
    }
    // Direction overrides and line separators would let a name rewrite the line it stands in.
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.chars().any(hidden) {
        return Err(TextError::Control);
    }
    Ok(())
}

/// Checks a name: as [`check_text`], and neither empty nor padded with spaces.
pub fn check_name(text: &str, limit: usize) -> Result<(), TextError> {
    check_text(text, limit)?;
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.trim() != text {
        return Err(TextError::Padded);
    }
    Ok(())
}

/// The form in which texts are compared and searched without regard to case.
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_knows_every_alphabet() {
        assert_eq!(fold("Ключ ДОСТУПА Key"), "ключ доступа key");
    }

    #[test]
    fn a_name_that_could_deceive_or_break_a_line_is_refused() {
        assert_eq!(check_name("Ключ для CI", 100), Ok(()));
        assert_eq!(check_name("", 100), Err(TextError::Empty));
        assert_eq!(check_name(" a", 100), Err(TextError::Padded));
        assert_eq!(check_name("a\nb", 100), Err(TextError::Control));
        assert_eq!(check_name("a\u{202e}b", 100), Err(TextError::Control));
        assert_eq!(check_name(&"я".repeat(100), 100), Ok(()));
        assert_eq!(
            check_name(&"я".repeat(101), 100),
            Err(TextError::TooLong(100))
        );
    }
}
