//! Texts that people write: names, descriptions, logins; and how they are folded for search.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

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

/// Whether a character is ignored where a text is shown (Unicode's Default_Ignorable_Code_Point, and
/// what turns the direction): two words that differ in it look alike.
pub fn is_ignorable(c: char) -> bool {
    is_hidden(c)
        || matches!(
            c,
            '\u{34f}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200c}'..='\u{200d}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{fff0}'..='\u{fff8}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();

/// The same text with every letter and its marks composed: keyboards and programs write one `й` in one
/// code point or in two (Unicode's form NFC).
pub fn composed(text: &str) -> Cow<'_, str> {
    NFC.normalize(text)
}

/// A text without the blanks at its ends. A tab or a line's end is no blank but a control character,
/// which is told to whoever pasted it.
pub fn without_blanks(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() && !c.is_control())
}

/// A name as it is meant: composed, without the blanks that came along at its ends.
pub fn tidy(text: &str) -> String {
    composed(without_blanks(text)).into_owned()
}

/// Wide and narrow forms of letters are those letters (RFC 8265 section 3.3.1, the width mapping).
pub fn same_width(text: &str) -> Cow<'_, str> {
    let is_other = |c: char| matches!(c, '\u{ff01}'..='\u{ffee}');
    if !text.contains(is_other) {
        return text.into();
    }
    let mut mapped = String::with_capacity(text.len());
    for c in text.chars() {
        match is_other(c) {
            true => mapped.push_str(&NFKC.normalize(c.encode_utf8(&mut [0; 4]))),
            false => mapped.push(c),
        }
    }
    mapped.into()
}

/// Which rules [`fold`] follows. A database remembers by which its columns were folded: with other
/// rules, raise it, and the next start folds them again.
pub const FOLDING: i64 = 1;

/// The form in which texts are compared and searched: without regard to case, to width, and to how a
/// letter and its marks are put together.
pub fn fold(text: &str) -> String {
    if text.is_ascii() && !text.contains('\0') {
        return text.to_ascii_lowercase();
    }
    let lower = |c: char| match c {
        // At the end of a word it has a form of its own.
        'ς' => 'σ',
        // PostgreSQL's texts cannot hold it, and nothing that is kept does.
        '\0' => '\u{fffd}',
        other => other,
    };
    let folded: String = composed(&same_width(text))
        .chars()
        .flat_map(char::to_lowercase)
        .map(lower)
        .collect();
    composed(&folded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_knows_every_alphabet() {
        assert_eq!(fold("Ключ ДОСТУПА Key"), "ключ доступа key");
        assert_eq!(fold("Рои\u{306} Е\u{308}лкин"), "рой ёлкин");
        assert_eq!(fold("ＩＶＡＮ ｶﾞ"), "ivan ガ");
        assert_eq!(fold("ΝΊΚΟΣ"), fold("νίκος"));
        assert_eq!(fold("a\0b"), "a\u{fffd}b");
    }

    #[test]
    fn what_is_folded_stays_as_it_is_when_it_is_folded_again() {
        for c in '\0'..='\u{ffff}' {
            for text in [
                c.to_string(),
                format!("и{c}\u{306}"),
                format!("{c}\u{301}A"),
            ] {
                let once = fold(&text);
                assert_eq!(fold(&once), once, "{text:?}");
                assert_eq!(fold(&composed(&text)), once, "{text:?}");
            }
        }
    }

    #[test]
    fn a_name_is_composed_and_loses_the_blanks_at_its_ends() {
        assert_eq!(tidy("  Рои\u{306} CI\u{a0}\u{3000}"), "Рой CI");
        for kept in ["a\tb", "\ta", "a\r\n"] {
            assert_eq!(tidy(kept), kept);
        }
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
