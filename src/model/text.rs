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
    if text.chars().any(|c| c.is_control() || is_hidden(c)) {
        return Err(TextError::Control);
    }
    Ok(())
}

/// Whether a character shows nothing itself. Direction marks and line separators would let a name
/// rewrite the line it stands in; what is blank and has no width would let two names look the same.
/// Joiners stay: there are alphabets that cannot do without.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Checks a name: as [`check_text`], and neither empty nor padded with spaces.
pub fn check_name(text: &str, limit: usize) -> Result<(), TextError> {
    check_text(text, limit)?;
    if text.chars().all(|c| matches!(c, '\u{200c}' | '\u{200d}')) {
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
        for blank in [
            "\u{200b}",
            "a\u{feff}",
            "admin\u{2060}",
            "\u{3164}",
            "a\u{ad}",
        ] {
            assert_eq!(check_name(blank, 100), Err(TextError::Control), "{blank:?}");
        }
        assert_eq!(check_name("\u{200d}", 100), Err(TextError::Empty));
        assert_eq!(check_name("می\u{200c}خواهم", 100), Ok(()));
        assert_eq!(check_name(&"я".repeat(100), 100), Ok(()));
        assert_eq!(
            check_name(&"я".repeat(101), 100),
            Err(TextError::TooLong(100))
        );
    }
}
